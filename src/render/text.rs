//! Small rules of Slack's mrkdwn: escaping, cutting, links. Used by everything in [`super`].

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

/// The longest name of a person, a channel or a speaker that is shown, in characters.
const NAME_LIMIT: usize = 80;

/// Escapes what Slack gives a meaning in mrkdwn: `&`, `<` and `>`, and only these.
///
/// Text that comes from Slack is escaped already; everything else (names, titles, typed configuration) is not.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The inverse of [`escape`]: for `plain_text`, exports and modals.
#[must_use]
pub fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// At most `max_chars` characters of `text`, ending in `…` where something is missing; a grapheme is kept or left out whole.
///
/// Knows nothing of mrkdwn tokens: cut before escaping, or use [`super::split`].
#[must_use]
pub fn cut(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut room = max_chars.saturating_sub(1);
    for grapheme in text.graphemes(true) {
        let length = grapheme.chars().count();
        if length > room {
            break;
        }
        room -= length;
        kept.push_str(grapheme);
    }
    kept.truncate(kept.trim_end().len());
    if max_chars > 0 {
        kept.push('…');
    }
    kept
}

/// A name fit to be shown: one line, without control and direction characters, not endless. Not escaped.
#[must_use]
pub fn name(name: &str) -> String {
    let visible: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !directs(*c)).collect();
    cut(&visible.split_whitespace().collect::<Vec<_>>().join(" "), NAME_LIMIT)
}

/// A mrkdwn link; `label` is mrkdwn already. What is not a URL is shown as text, so that a crafted one cannot become a mention.
#[must_use]
pub fn link(url: &str, label: &str) -> String {
    let is_url = url.starts_with(|c: char| c.is_ascii_alphabetic()) && url.contains(':');
    let label: Cow<str> = if label.contains(['<', '>', '\n']) {
        label.replace(['<', '>'], "").replace('\n', " ").into()
    } else {
        label.into()
    };
    match (is_url, label.trim()) {
        (true, "") => format!("<{}>", address(url)),
        (true, label) => format!("<{}|{label}>", address(url)),
        (false, "") => escape(url),
        (false, label) => label.to_owned(),
    }
}

/// A URL as it may stand in a mrkdwn link.
fn address(url: &str) -> String {
    let url =
        unescape(url).replace('<', "%3C").replace('>', "%3E").replace('|', "%7C").replace(char::is_whitespace, "%20");
    url.replace('&', "&amp;")
}

/// Whether a character changes the direction of the text around it (Unicode UAX #9).
fn directs(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_three_characters_are_escaped() {
        assert_eq!(escape(r#"a < b & c > "d" 'e'"#), r#"a &lt; b &amp; c &gt; "d" 'e'"#);
        assert_eq!(unescape("&amp;lt; &lt;"), "&lt; <");
    }

    #[test]
    fn a_cut_keeps_graphemes_whole() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("longer text", 8), "longer…");
        assert_eq!(cut("ab👩‍👩‍👧‍👦", 4), "ab…");
        assert_eq!(cut("abc", 0), "");
    }

    #[test]
    fn a_name_is_one_clean_line() {
        assert_eq!(name("  Phil\u{202e}\n of  <Sales> "), "Phil of <Sales>");
        assert_eq!(name(&"x".repeat(200)).chars().count(), 80);
    }

    #[test]
    fn a_link_is_never_a_mention() {
        assert_eq!(link("https://a.example/?b=1&c=<2>|", "A"), "<https://a.example/?b=1&amp;c=%3C2%3E%7C|A>");
        assert_eq!(link("!channel", "look"), "look");
        assert_eq!(link("@U1", ""), "@U1");
    }

    proptest! {
        #[test]
        fn unescape_undoes_escape(text: String) {
            prop_assert_eq!(unescape(&escape(&text)), text);
        }

        #[test]
        fn a_cut_is_never_longer_than_asked(text: String, max in 0usize..40) {
            prop_assert!(cut(&text, max).chars().count() <= max);
        }
    }
}
