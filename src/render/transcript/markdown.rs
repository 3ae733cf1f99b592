//! mrkdwn as Markdown (`CommonMark`): the marks of Slack become those of Markdown, and everything else means itself.

use crate::render::text::unescape;

use super::plain::{Piece, pieces};

/// What means something in Markdown or HTML.
const SPECIAL: &str = r"\`*_{}[]<>#+-.!|~&";

/// mrkdwn as Markdown.
#[must_use]
pub fn text(mrkdwn: &str) -> String {
    let mut shown = String::new();
    // Odd pieces are fenced code, where no mark counts.
    for (at, piece) in mrkdwn.split("```").enumerate() {
        let is_last = mrkdwn.matches("```").count() == at;
        if at % 2 == 1 && !is_last {
            let code = plain(piece);
            shown.extend(["\n```\n", code.trim_matches('\n'), "\n```\n"]);
        } else if at % 2 == 1 {
            // A fence that nobody closed.
            shown.extend([escape("```"), words(piece)]);
        } else {
            shown.push_str(&words(piece));
        }
    }
    shown
}

/// Text that means itself.
#[must_use]
pub fn escape(text: &str) -> String {
    text.chars().flat_map(|c| SPECIAL.contains(c).then_some('\\').into_iter().chain([c])).collect()
}

fn plain(mrkdwn: &str) -> String {
    super::plain::text(mrkdwn)
}

/// Words without fenced code: line by line, with the quotation marks of Slack.
fn words(mrkdwn: &str) -> String {
    let line = |line: &str| match line.strip_prefix("&gt;") {
        Some(quoted) => format!("> {}", inline(quoted.trim_start())),
        None => inline(line),
    };
    // Two blanks at the end of a line keep the break.
    mrkdwn.split('\n').map(line).collect::<Vec<_>>().join("  \n")
}

fn inline(line: &str) -> String {
    let mut shown = String::new();
    for (at, piece) in line.split('`').enumerate() {
        let is_last = line.matches('`').count() == at;
        match at % 2 {
            1 if !is_last => shown.extend(["`", &plain(piece), "`"]),
            1 => shown.extend(["\\`", &linked(piece)]),
            _ => shown.push_str(&linked(piece)),
        }
    }
    shown
}

fn linked(mrkdwn: &str) -> String {
    pieces(mrkdwn)
        .map(|piece| match piece {
            Piece::Text(text) => marked(text),
            Piece::Special(label) => escape(&unescape(label)),
            Piece::Link { address, label } => {
                let address = unescape(address).replace(['(', ')', ' ', '<', '>'], "");
                let label = if label.is_empty() { address.clone() } else { unescape(label) };
                format!("[{}]({address})", escape(&label))
            }
        })
        .collect()
}

/// `*bold*`, `_italic_`, `~struck~` where Slack would show them so; other marks mean themselves.
fn marked(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['*', '_', '~']) {
        let (before, from) = rest.split_at(at);
        shown.push_str(&escape(&unescape(before)));
        let mark = &from[..1];
        let opens = !before.ends_with(char::is_alphanumeric) || (before.is_empty() && shown.is_empty());
        let inner = from[1..].split_once(mark).filter(|(inner, after)| {
            let is_tight = !inner.is_empty() && !inner.starts_with(' ') && !inner.ends_with(' ');
            opens && is_tight && !after.starts_with(char::is_alphanumeric)
        });
        if let Some((inner, after)) = inner {
            let mark = match mark {
                "*" => "**",
                "~" => "~~",
                other => other,
            };
            shown.extend([mark, &marked(inner), mark]);
            rest = after;
        } else {
            shown.push_str(&escape(mark));
            rest = &from[1..];
        }
    }
    shown.push_str(&escape(&unescape(rest)));
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slacks_marks_become_those_of_markdown() {
        for (mrkdwn, expected) in [
            ("*bold* _it_ ~gone~", "**bold** _it_ ~~gone~~"),
            ("2*3*4 snake_case_name", r"2\*3\*4 snake\_case\_name"),
            ("see <https://a.example/x_y|the *page*>", r"see [the \*page\*](https://a.example/x_y)"),
            ("`a &lt; b*` and ```\nlet x = 1;\n```", "`a < b*` and \n```\nlet x = 1;\n```\n"),
            ("&gt; quoted\nnext", "> quoted  \nnext"),
            ("# no heading\n- no list\n1. none", "\\# no heading  \n\\- no list  \n1\\. none"),
            ("&lt;script&gt; [x](y) ![z](w)", r"\<script\> \[x\](y) \!\[z\](w)"),
            ("a ` b ``` c", "a \\` b \\`\\`\\` c"),
        ] {
            assert_eq!(text(mrkdwn), expected, "{mrkdwn}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_written_without_a_panic(mrkdwn in r"([*_~`<>|&; a-zé\n#-]|```|&lt;){0,40}") {
            let _ = text(&mrkdwn);
        }

        #[test]
        fn no_tag_of_html_comes_out_of_words(mrkdwn in r"([a-z*_ ]|&lt;|&gt;|/){0,30}") {
            let shown = text(&mrkdwn);
            prop_assert!(!shown.replace("\\<", "").contains('<'), "{}", shown);
        }
    }
}
