//! Text for a terminal: inks, word wrap by display width, two columns. Pure; used by `look` and `screen`.

use std::fmt::Write as _;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// How a piece of text looks where there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// As it is.
    Plain,
    /// Bold.
    Bold,
    /// In the background.
    Dim,
    /// The customer's name.
    Customer,
    /// The bot's name.
    Bot,
    /// An agent's name.
    Agent,
    /// The service's name.
    Service,
}

impl Ink {
    /// The parameters of "select graphic rendition" (ECMA-48).
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Customer => "1;36",
            Self::Bot => "1;35",
            Self::Agent => "1;32",
            Self::Service => "1;33",
        }
    }
}

/// Text in one ink.
pub(super) type Piece = (Ink, String);

/// A line that fits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    pieces: Vec<Piece>,
    width: usize,
}

impl Line {
    /// A line of these pieces, however long they are.
    pub(super) fn of(pieces: &[(Ink, &str)]) -> Self {
        let mut line = Self::default();
        for (ink, text) in pieces {
            line.push(*ink, text);
        }
        line
    }

    /// As a terminal wants it, without a line end.
    pub(super) fn paint(&self, colours: bool) -> String {
        let mut painted = String::new();
        for (ink, text) in &self.pieces {
            // Writing to a string does not fail.
            let _ = match ink.code() {
                code if colours && !code.is_empty() => write!(painted, "\x1b[{code}m{text}\x1b[0m"),
                _ => write!(painted, "{text}"),
            };
        }
        painted
    }

    fn push(&mut self, ink: Ink, text: &str) {
        if text.is_empty() {
            return;
        }
        self.width += text.width();
        match self.pieces.last_mut() {
            Some((last, so_far)) if *last == ink => so_far.push_str(text),
            _ => self.pieces.push((ink, text.to_owned())),
        }
    }
}

/// Breaks text at spaces into lines of at most `width` columns; all but the first begin with the margin. A word that does not fit
/// into a line is broken between characters, as Unicode understands them.
pub(super) fn wrap(pieces: &[Piece], width: usize, margin: &Line) -> Vec<Line> {
    let mut lines = vec![Line::default()];
    for (number, paragraph) in paragraphs(pieces).iter().enumerate() {
        if number > 0 {
            lines.push(margin.clone());
        }
        let mut starts_line = true;
        for word in paragraph {
            let word_width: usize = word.iter().map(|(_, text)| text.width()).sum();
            let Some(line) = lines.last_mut() else { continue };
            let space = usize::from(!starts_line);
            if line.width + space + word_width <= width {
                line.push(word.first().map_or(Ink::Plain, |(ink, _)| *ink), &" ".repeat(space));
            } else if !starts_line {
                lines.push(margin.clone());
            }
            lay(word, &mut lines, width, margin);
            starts_line = false;
        }
    }
    lines
}

/// Two blocks of lines beside each other; the left one is `left_width` columns wide.
pub(super) fn beside(left: &[Line], right: &[Line], left_width: usize, colours: bool) -> String {
    let (empty, bar) = (Line::default(), Line::of(&[(Ink::Dim, "│")]).paint(colours));
    let mut page = String::new();
    for row in 0..left.len().max(right.len()) {
        let (left, right) = (left.get(row).unwrap_or(&empty), right.get(row).unwrap_or(&empty));
        let gap = " ".repeat(left_width.saturating_sub(left.width));
        let line = format!("{}{gap} {bar} {}", left.paint(colours), right.paint(colours));
        page.push_str(line.trim_end());
        page.push('\n');
    }
    page
}

/// Puts a word at the end of the last line, and on further ones as long as it does not fit.
fn lay(word: &[Piece], lines: &mut Vec<Line>, width: usize, margin: &Line) {
    for (ink, text) in word {
        for character in text.graphemes(true) {
            let Some(line) = lines.last_mut() else { continue };
            if line.width + character.width() > width && *line != *margin && line.width > 0 {
                lines.push(margin.clone());
            }
            if let Some(line) = lines.last_mut() {
                line.push(*ink, character);
            }
        }
    }
}

/// Paragraphs of words; a word may change its ink within.
fn paragraphs(pieces: &[Piece]) -> Vec<Vec<Vec<Piece>>> {
    let mut paragraphs = vec![vec![Vec::new()]];
    for (ink, text) in pieces {
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                paragraphs.push(vec![Vec::new()]);
            }
            for (number, word) in line.split(' ').enumerate() {
                let Some(paragraph) = paragraphs.last_mut() else { continue };
                if number > 0 {
                    paragraph.push(Vec::new());
                }
                if let Some(last) = paragraph.last_mut().filter(|_| !word.is_empty()) {
                    last.push((*ink, word.to_owned()));
                }
            }
        }
    }
    for paragraph in &mut paragraphs {
        paragraph.retain(|word| !word.is_empty());
    }
    paragraphs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrapped(text: &str, width: usize) -> Vec<String> {
        let margin = Line::of(&[(Ink::Plain, "  ")]);
        wrap(&[(Ink::Plain, text.to_owned())], width, &margin).iter().map(|line| line.paint(false)).collect()
    }

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(wrapped("one two three four", 9), ["one two", "  three", "  four"]);
        assert_eq!(wrapped("one\n\ntwo", 9), ["one", "  ", "  two"]);
        assert_eq!(wrapped("", 9), [""]);
    }

    #[test]
    fn a_word_that_fits_nowhere_is_broken() {
        assert_eq!(wrapped("a https://acme.example", 9), ["a", "  https:/", "  /acme.e", "  xample"]);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(wrapped("経費精算", 6), ["経費精", "  算"]);
        assert_eq!(wrapped("ab 😟😟 c", 5), ["ab", "  😟", "  😟", "  c"]);
    }

    #[test]
    fn an_emoji_of_several_characters_stays_whole() {
        assert_eq!(wrapped("👩‍👩‍👧👩‍👩‍👧", 3), ["👩‍👩‍👧", "  👩‍👩‍👧"]);
    }

    #[test]
    fn a_word_in_two_inks_is_one_word() {
        let pieces = [(Ink::Plain, "by ".to_owned()), (Ink::Bold, "Jane".to_owned()), (Ink::Plain, ".".to_owned())];
        let lines = wrap(&pieces, 7, &Line::default());
        assert_eq!(lines.iter().map(|line| line.paint(false)).collect::<Vec<_>>(), ["by", "Jane."]);
        assert_eq!(lines[1].paint(true), "\x1b[1mJane\x1b[0m.");
    }

    #[test]
    fn the_right_column_stands_below_itself() {
        let left = wrap(&[(Ink::Plain, "費 ab 😟".to_owned())], 5, &Line::default());
        let right = wrap(&[(Ink::Plain, "x y z".to_owned())], 1, &Line::default());
        assert_eq!(beside(&left, &right, 6, false), "費 ab  │ x\n😟     │ y\n       │ z\n");
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_nothing_is_lost(text in "[a-z 費😟\n]{0,80}", width in 4_usize..20) {
            let lines = wrapped(&text, width);
            for line in &lines {
                prop_assert!(line.as_str().width() <= width, "{line:?}");
            }
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
