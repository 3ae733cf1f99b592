//! Long mrkdwn in postable parts. Slack cuts what is too long wherever it likes, so it is cut here first.
//! Called by [`super::mirror`], [`super::blocks`] and `content`.

use unicode_segmentation::UnicodeSegmentation;

const FENCE: &str = "```";
/// Opens a fence that was cut, at the start of the next part.
const OPENING: &str = "```\n";
/// Closes a fence that is cut, at the end of a part.
const CLOSING: &str = "\n```";

/// Parts of at most `limit_chars` characters, cut between paragraphs, else lines, else sentences, else words, else
/// anywhere; never inside a `<...>` token that fits into a part, an entity or a grapheme. A code fence that is cut is closed
/// and opened again.
///
/// Nothing is lost but the white space at the cuts. A text of white space has no parts.
#[must_use]
pub fn split(text: &str, limit_chars: usize) -> Vec<String> {
    if !text.trim().is_empty() && text.chars().count() <= limit_chars {
        return vec![text.to_owned()];
    }
    let atoms = atoms(text, limit_chars.saturating_sub(OPENING.len() + CLOSING.len()));
    let mut rest = atoms.as_slice();
    let mut fenced = false;
    let mut parts = Vec::new();
    while let Some(first) = rest.first() {
        if first.text == "\n" && !fenced && !parts.is_empty() {
            rest = &rest[1..];
            continue;
        }
        let opening = if fenced { OPENING } else { "" };
        let (taken, left) = rest.split_at(cut_at(rest, limit_chars.saturating_sub(opening.len())));
        let body: String = taken.iter().map(|atom| atom.text).collect();
        fenced = taken.last().is_some_and(|atom| atom.fenced);
        rest = left;
        if body.trim().is_empty() {
            continue;
        }
        parts.push(if fenced {
            format!("{opening}{}{CLOSING}", body.strip_suffix('\n').unwrap_or(&body))
        } else if rest.is_empty() {
            format!("{opening}{body}")
        } else {
            format!("{opening}{}", body.trim_end())
        });
    }
    parts
}

/// What is never cut: a grapheme, a token, an entity or the mark of a fence.
struct Atom<'t> {
    text: &'t str,
    chars: usize,
    /// Whether the text after it stands in a code fence.
    fenced: bool,
}

fn atoms(text: &str, longest_token: usize) -> Vec<Atom<'_>> {
    let borders: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).chain([text.len()]).collect();
    let mut atoms = Vec::new();
    let mut at = 0;
    while at + 1 < borders.len() {
        let (start, rest) = (borders[at], &text[borders[at]..]);
        let length = token_length(rest).filter(|length| rest[..*length].chars().count() <= longest_token.max(5));
        let end = start + length.unwrap_or_default();
        // The next border of a grapheme: a token may be followed by a combining mark.
        let next = borders.partition_point(|border| *border < end).max(at + 1);
        let text = &text[start..borders[next]];
        atoms.push(Atom { text, chars: text.chars().count(), fenced: false });
        at = next;
    }
    let fences: Vec<usize> = (0..atoms.len()).filter(|at| atoms[*at].text.starts_with(FENCE)).collect();
    for pair in fences.chunks_exact(2) {
        atoms[pair[0]..pair[1]].iter_mut().for_each(|atom| atom.fenced = true);
    }
    atoms
}

/// The length in bytes of the token, entity or fence that `text` starts with.
fn token_length(text: &str) -> Option<usize> {
    if let Some(inner) = text.strip_prefix('<') {
        let end = inner.find(['<', '>', '\n'])?;
        return inner[end..].starts_with('>').then_some(end + 2);
    }
    [FENCE, "&amp;", "&lt;", "&gt;"].iter().find(|token| text.starts_with(**token)).map(|token| token.len())
}

/// How many atoms the next part takes.
fn cut_at(atoms: &[Atom<'_>], budget: usize) -> usize {
    if atoms.iter().map(|atom| atom.chars).sum::<usize>() <= budget {
        return atoms.len();
    }
    // By rank of the border: the last good place, and behind them the last place of all.
    let mut best = [None; 5];
    let mut anywhere = 1;
    let mut chars = 0;
    for (at, atom) in atoms.iter().enumerate() {
        chars += atom.chars;
        if chars > budget {
            break;
        }
        if chars + if atom.fenced { CLOSING.len() } else { 0 } > budget || opens_fence(&atoms[..=at]) {
            continue;
        }
        anywhere = at + 1;
        match rank(&atoms[..=at]) {
            Some(rank) if chars >= budget / 2 => best[rank] = Some(at + 1),
            Some(_) => best[4] = Some(at + 1),
            None => {}
        }
    }
    let cut = best.into_iter().flatten().next().unwrap_or(anywhere);
    closing_fence(atoms, cut).unwrap_or(cut)
}

/// How good it is to cut behind these atoms: after a paragraph, a line, a sentence, a word, or not good at all.
fn rank(atoms: &[Atom<'_>]) -> Option<usize> {
    let (last, before) = atoms.split_last()?;
    let before = before.last().map_or("", |atom| atom.text);
    match last.text {
        "\n" if before == "\n" && !last.fenced => Some(0),
        "\n" => Some(1),
        space if !space.trim().is_empty() => None,
        _ if before.ends_with(['.', '!', '?', '…', '。']) => Some(2),
        _ => Some(3),
    }
}

/// Whether nothing but the mark that opens a fence would stand at the end.
fn opens_fence(atoms: &[Atom<'_>]) -> bool {
    atoms.iter().rev().find(|atom| !atom.text.trim().is_empty()).is_some_and(|a| a.fenced && a.text.starts_with(FENCE))
}

/// The place behind the mark that closes the fence, when that comes next: better than closing and opening it again.
fn closing_fence(atoms: &[Atom<'_>], cut: usize) -> Option<usize> {
    let line_break = usize::from(atoms.get(cut)?.text == "\n");
    let mark = atoms.get(cut + line_break)?;
    (atoms[cut - 1].fenced && !mark.fenced && mark.text.starts_with(FENCE)).then_some(cut + line_break + 1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_best_border_is_taken() {
        for (text, limit, expected) in [
            ("short", 10, vec!["short"]),
            ("one two.\n\nthree four", 12, vec!["one two.", "three four"]),
            ("one two\n  three four", 14, vec!["one two", "  three four"]),
            ("One two. Three four", 14, vec!["One two.", "Three four"]),
            ("one two three", 10, vec!["one two", "three"]),
            ("abcdefgh", 3, vec!["abc", "def", "gh"]),
            ("   ", 2, vec![]),
            ("", 2, vec![]),
        ] {
            assert_eq!(split(text, limit), expected, "{text:?}");
        }
    }

    #[test]
    fn tokens_entities_and_graphemes_stay_whole() {
        assert_eq!(split("aaaaaaaaa <https://a.example|an a>", 32), ["aaaaaaaaa", "<https://a.example|an a>"]);
        assert_eq!(split("aaaaaaaa&amp;b", 10), ["aaaaaaaa", "&amp;b"]);
        assert_eq!(split("ab👩‍👩‍👧‍👦", 8), ["ab", "👩‍👩‍👧‍👦"]);
    }

    #[test]
    fn a_fence_that_is_cut_is_closed_and_opened_again() {
        assert_eq!(split("```\none\n  two\nthree\n```\nend", 18), ["```\none\n  two\n```", "```\nthree\n```\nend"]);
        assert_eq!(split("some words ```code code```", 16), ["some words", "```code code```"]);
        assert_eq!(split("a ``` b c d e f", 8), ["a ``` b", "c d e f"]);
    }

    /// Everything but white space and the marks of fences.
    fn essence(text: &str) -> String {
        text.replace("```", "").split_whitespace().collect()
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_too_long(text in r"([a-zé.!` \n]|```|&lt;|<@U1\|x y>|👩‍👩‍👧|e\u{301}){0,120}", limit in 24usize..60) {
            let parts = split(&text, limit);
            prop_assert_eq!(essence(&parts.concat()).replace('`', ""), essence(&text).replace('`', ""));
            for part in &parts {
                prop_assert!(part.chars().count() <= limit, "{part:?}");
                prop_assert!(!part.trim().is_empty());
                prop_assert_eq!(part.matches('<').count(), part.matches('>').count());
                prop_assert_eq!(part.matches('&').count(), part.matches(';').count());
            }
        }

        #[test]
        fn plain_text_survives_to_the_letter(text in r"[a-z .\n]{0,200}", limit in 8usize..40) {
            let mut rest = text.as_str();
            for part in split(&text, limit) {
                let (skipped, found) = rest.split_at(rest.find(&part).unwrap());
                prop_assert!(skipped.trim().is_empty());
                rest = &found[part.len()..];
            }
            prop_assert!(rest.trim().is_empty());
        }

        #[test]
        fn any_text_at_any_limit_ends(text: String, limit in 0usize..20) {
            let _ = split(&text, limit);
        }
    }
}
