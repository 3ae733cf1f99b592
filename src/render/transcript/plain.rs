//! mrkdwn as plain text: links with their address, entities as what they stand for.

use crate::render::text::unescape;

/// mrkdwn as plain text. The marks of bold and the like stay: they are readable.
#[must_use]
pub fn text(mrkdwn: &str) -> String {
    pieces(mrkdwn)
        .map(|piece| match piece {
            Piece::Text(text) => unescape(text),
            Piece::Link { address, label: "" } => unescape(address),
            Piece::Link { address, label } if label == address => unescape(label),
            Piece::Link { address, label } => format!("{} ({})", unescape(label), unescape(address)),
            Piece::Special(label) => unescape(label),
        })
        .collect()
}

/// A piece of mrkdwn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Words and marks.
    Text(&'t str),
    /// A link.
    Link { address: &'t str, label: &'t str },
    /// A date or a mention, as it reads.
    Special(&'t str),
}

/// mrkdwn in pieces: `<...>`, and what is between.
pub(super) fn pieces(mrkdwn: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = mrkdwn;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((token, behind)) = rest.strip_prefix('<').and_then(|inner| inner.split_once('>'))
            && !token.contains('<')
        {
            rest = behind;
            let (address, label) = token.split_once('|').unwrap_or((token, ""));
            let shown = if label.is_empty() { address } else { label };
            return Some(match address.chars().next() {
                Some('!' | '@' | '#') => Piece::Special(shown),
                _ => Piece::Link { address, label },
            });
        }
        let end = rest.char_indices().skip(1).find(|(_, c)| *c == '<').map_or(rest.len(), |(at, _)| at);
        let (text, behind) = rest.split_at(end);
        rest = behind;
        Some(Piece::Text(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_and_links_read_as_what_they_are() {
        for (mrkdwn, expected) in [
            ("1 &lt; 2 &amp;&amp; *bold*", "1 < 2 && *bold*"),
            ("see <https://a.example/?a=1&amp;b=2|the &lt;page&gt;>!", "see the <page> (https://a.example/?a=1&b=2)!"),
            ("<https://a.example>", "https://a.example"),
            ("<mailto:a@b.example|a@b.example>", "a@b.example (mailto:a@b.example)"),
            ("<!date^1700000000^{date}|Nov 14> @Jane", "Nov 14 @Jane"),
            ("a < b", "a < b"),
            ("&amp;lt;", "&lt;"),
        ] {
            assert_eq!(text(mrkdwn), expected, "{mrkdwn}");
        }
    }
}
