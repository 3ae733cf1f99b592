//! The screen: what Phil sees on the left, what Jane sees on the right, and a line that tells what happens. The story draws on it
//! bit by bit.

use std::io::{self, IsTerminal as _, Write as _};

use unicode_width::UnicodeWidthStr as _;

use super::look;
use super::wrap::{Ink, Line, beside, wrap};
use crate::simulator::Seen;

/// Columns where there is no terminal to ask.
pub(super) const USUAL_WIDTH: usize = 80;
/// Narrower than this, two columns cannot be read; wider than that, lines are too long.
const WIDTHS: std::ops::RangeInclusive<usize> = 50..=124;
/// The bar between the columns, and a space on either side of it.
const GAP: usize = 3;

/// How things are drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    width: usize,
    colours: bool,
    live: bool,
}

/// Draws on standard output; fails when nobody takes it any more.
pub(super) fn show(drawn: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(drawn.as_bytes())?;
    out.flush()
}

impl Screen {
    /// Standard output: colours and its own width if it is a terminal.
    pub(super) fn of_stdout() -> Self {
        let live = io::stdout().is_terminal();
        let size = rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| usize::from(size.ws_col));
        let width = size.filter(|width| live && *width > 0).unwrap_or(USUAL_WIDTH);
        Self { colours: live, live, ..Self::plain(width) }
    }

    /// Without colours.
    pub(super) fn plain(width: usize) -> Self {
        Self { width: width.clamp(*WIDTHS.start(), *WIDTHS.end()), colours: false, live: false }
    }

    /// Whether somebody is watching, who needs time to read.
    pub(super) fn is_live(&self) -> bool {
        self.live
    }

    /// What the columns are: a title and a second line for each.
    pub(super) fn heading(&self, left: [&str; 2], right: [&str; 2]) -> String {
        let lines = |[title, more]: [&str; 2]| [Line::of(&[(Ink::Bold, title)]), Line::of(&[(Ink::Dim, more)])];
        let rule = format!("{}┼{}", "─".repeat(self.left() + 1), "─".repeat(self.right() + 1));
        let rule = Line::of(&[(Ink::Dim, &rule)]).paint(self.colours);
        format!("{}{rule}\n", self.beside(&lines(left), &lines(right)))
    }

    /// A step of the story begins.
    pub(super) fn step(&self, number: usize, what: &str) -> String {
        let title = format!(" {number}. {what} ");
        let rule = "─".repeat(self.width.saturating_sub(2 + title.width()));
        let line = Line::of(&[(Ink::Dim, "──"), (Ink::Bold, &title), (Ink::Dim, &rule)]);
        format!("{}{}\n", self.beside(&[], &[Line::default()]), line.paint(self.colours))
    }

    /// What cannot be seen in a column, in brackets.
    pub(super) fn remark(&self, left: &str, right: &str) -> String {
        let lines = |text: &str, width| match text {
            "" => Vec::new(),
            text => wrap(&[(Ink::Dim, format!("({text})"))], width, &Line::default()),
        };
        self.beside(&lines(left, self.left()), &lines(right, self.right()))
    }

    /// Messages, the first on the left beside the first on the right and so on.
    pub(super) fn exchange(&self, left: &[Seen], right: &[Seen]) -> String {
        let at = |messages: &[Seen], row: usize, width| {
            messages.get(row).map(|message| look::lines(message, width)).unwrap_or_default()
        };
        let rows = 0..left.len().max(right.len());
        rows.map(|row| self.beside(&at(left, row, self.left()), &at(right, row, self.right()))).collect()
    }

    /// Text over both columns.
    pub(super) fn text(&self, ink: Ink, text: &str) -> String {
        let lines = wrap(&[(ink, text.to_owned())], self.width, &Line::default());
        lines.iter().flat_map(|line| [line.paint(self.colours), "\n".to_owned()]).collect()
    }

    fn beside(&self, left: &[Line], right: &[Line]) -> String {
        beside(left, right, self.left(), self.colours)
    }

    fn left(&self) -> usize {
        (self.width - GAP) / 2
    }

    fn right(&self) -> usize {
        self.width - GAP - self.left()
    }
}
