//! The numbers as a picture: who asked for a human, by the day and by the hour. Drawn in memory, with the font in the program.

use std::sync::LazyLock;

use anyhow::{Context as _, Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::{BitMapBackend, DrawingArea, IntoDrawingArea as _, RGBColor, Rectangle, Text, WHITE};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, IntoFont as _, TextStyle, register_font};

use super::{Numbers, card};

/// Pixels: twice what Slack shows, for screens that have as many.
pub const SIZE: (u32, u32) = (1440, 920);
/// From the left edge to the axis, and from the right edge.
const MARGINS: (i32, i32) = (110, 50);
/// The name of the font.
const FONT: &str = "noto-sans";
/// Sizes of letters.
const TITLE: i32 = 48;
const HEADING: i32 = 36;
const LABEL: i32 = 31;
/// Labels below a chart at most, so that they do not touch.
const LABELS: usize = 10;

const INK: RGBColor = RGBColor(29, 28, 29);
const QUIET: RGBColor = RGBColor(97, 96, 97);
const GRID: RGBColor = RGBColor(226, 226, 228);
const PICKED: RGBColor = RGBColor(42, 111, 187);
const MISSED: RGBColor = RGBColor(236, 158, 62);
const BOTH: RGBColor = RGBColor(109, 128, 148);

/// Without it nothing can be written.
static HAS_FONT: LazyLock<bool> =
    LazyLock::new(|| register_font(FONT, FontStyle::Normal, notosans::REGULAR_TTF).is_ok());

type Paper<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// One chart of bars, of two parts each, from the axis up.
struct Chart<'a> {
    heading: &'a str,
    /// Pixels from the upper edge of the picture to the heading, and to the axis.
    top: i32,
    axis: i32,
    bars: Vec<[u64; 2]>,
    colors: [RGBColor; 2],
    labels: Vec<String>,
}

/// The picture, as a PNG file.
///
/// # Errors
///
/// When it cannot be drawn: a fault of the program.
pub fn png(numbers: &Numbers) -> Result<Vec<u8>> {
    let (width, height) = SIZE;
    let mut pixels = vec![0; usize::try_from(width * height * 3)?];
    draw(numbers, &mut pixels)?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels)).context("cannot write a PNG")?;
    Ok(file)
}

fn draw(numbers: &Numbers, pixels: &mut [u8]) -> Result<()> {
    anyhow::ensure!(*HAS_FONT, "the font cannot be read");
    let paper = BitMapBackend::with_buffer(pixels, SIZE).into_drawing_area();
    paper.fill(&WHITE).map_err(|error| anyhow!("cannot draw: {error}"))?;
    let queue = numbers.queue.as_deref().unwrap_or("All queues");
    let (left, right) = (MARGINS.0 - 60, i32::try_from(SIZE.0)? - MARGINS.1);
    write(&paper, &format!("{queue}, {}", card::days(numbers)), (left, 52), TITLE, INK, HPos::Left)?;
    legend(&paper, right)?;
    let by_day = Chart {
        heading: if numbers.bars.len() < usize::from(numbers.days.count) {
            "Asked for a human, by the week"
        } else {
            "Asked for a human, by the day"
        },
        top: 130,
        axis: 430,
        bars: numbers.bars.iter().map(|bar| [bar.picked, bar.missed]).collect(),
        colors: [PICKED, MISSED],
        labels: numbers.bars.iter().map(|bar| card::day(bar.from)).collect(),
    };
    let by_hour = Chart {
        heading: &format!("By the hour of the day ({})", numbers.days.zone_name()),
        top: 540,
        axis: 840,
        bars: numbers.hours.iter().map(|count| [*count, 0]).collect(),
        colors: [BOTH, BOTH],
        labels: (0..24).map(|hour| hour.to_string()).collect(),
    };
    by_day.draw(&paper)?;
    by_hour.draw(&paper)?;
    paper.present().map_err(|error| anyhow!("cannot draw: {error}"))
}

/// What the colours mean.
fn legend(paper: &Paper<'_>, right: i32) -> Result<()> {
    let mut x = right - 410;
    for (color, words, long) in [(PICKED, "picked", 165), (MISSED, "nobody picked", 245)] {
        fill(paper, (x, 142), (x + 24, 166), color)?;
        write(paper, words, (x + 38, 152), LABEL, QUIET, HPos::Left)?;
        x += long;
    }
    Ok(())
}

impl Chart<'_> {
    fn draw(&self, paper: &Paper<'_>) -> Result<()> {
        let (left, right) = (MARGINS.0, i32::try_from(SIZE.0)? - MARGINS.1);
        write(paper, self.heading, (left - 60, self.top + 22), HEADING, INK, HPos::Left)?;
        let most = self.bars.iter().map(|[lower, upper]| lower + upper).max().unwrap_or_default();
        let step = step(most);
        let top = most.div_ceil(step).max(1) * step;
        let space = u64::try_from(self.axis - self.top - 80)?;
        let height = |count: u64| i32::try_from(count.saturating_mul(space) / top).unwrap_or_default();
        for line in (0..=top / step).map(|line| line * step) {
            let y = self.axis - height(line);
            fill(paper, (left, y), (right, y + 2), if line == 0 { QUIET } else { GRID })?;
            write(paper, &line.to_string(), (left - 16, y), LABEL, QUIET, HPos::Right)?;
        }
        let count = i32::try_from(self.bars.len().max(1))?;
        let every = self.labels.len().div_ceil(LABELS).max(1);
        for (index, ([lower, upper], label)) in self.bars.iter().zip(&self.labels).enumerate() {
            let nth = i32::try_from(index)?;
            let edge = |nth: i32| left + (right - left) * nth / count;
            let (from, to) = (edge(nth), edge(nth + 1));
            // Neither wider than looks well nor without a gap.
            let half = ((to - from) * 35 / 100).clamp(2, 60);
            let middle = i32::midpoint(from, to);
            let mut foot = self.axis;
            for (part, color) in [*lower, *upper].into_iter().zip(self.colors) {
                let head = self.axis.min(foot) - height(part);
                if part > 0 {
                    fill(paper, (middle - half, head), (middle + half, foot), color)?;
                }
                foot = head;
            }
            if index % every == 0 {
                write(paper, label, (middle, self.axis + 34), LABEL, QUIET, HPos::Center)?;
            }
        }
        Ok(())
    }
}

/// How far apart the lines of a chart are, so that there are four or five: 1, 2 or 5, and zeros.
fn step(most: u64) -> u64 {
    let mut scale: u64 = 1;
    loop {
        for factor in [1, 2, 5] {
            let step = scale * factor;
            if most <= step.saturating_mul(5) {
                return step;
            }
        }
        scale = match scale.checked_mul(10) {
            Some(larger) if larger < u64::MAX / 100 => larger,
            _ => return most,
        };
    }
}

fn fill(paper: &Paper<'_>, from: (i32, i32), to: (i32, i32), color: RGBColor) -> Result<()> {
    let filled = plotters::style::ShapeStyle { color: color.into(), filled: true, stroke_width: 0 };
    paper.draw(&Rectangle::new([from, to], filled)).map_err(|error| anyhow!("cannot draw: {error}"))
}

/// Writes one line; `at` is where it begins, ends, or has its middle, and half its height.
fn write(paper: &Paper<'_>, words: &str, at: (i32, i32), size: i32, color: RGBColor, anchor: HPos) -> Result<()> {
    let style: TextStyle<'_> = (FONT, size).into_font().into();
    let style = style.color(&color).pos(Pos::new(anchor, VPos::Center));
    paper.draw(&Text::new(words, at, style)).map_err(|error| anyhow!("cannot draw: {error}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::render::numbers::{Asked, Days, Facts, Outcome};

    /// How many pixels of a colour the picture has; it must be of the size that is promised.
    fn pixels(numbers: &Numbers, color: RGBColor) -> usize {
        let file = png(numbers).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut bytes).unwrap();
        assert_eq!((frame.width, frame.height), SIZE);
        bytes.chunks_exact(3).filter(|pixel| *pixel == [color.0, color.1, color.2]).count()
    }

    fn numbers(asked: &[(&str, bool)]) -> Numbers {
        let handoff = |(at, picked): &(&str, bool)| {
            let at = at.parse().unwrap();
            let outcome = if *picked { Outcome::Active } else { Outcome::TimedOut };
            let accepted_at = picked.then_some(at);
            Asked { requested_at: at, queued_at: at, accepted_at, answered_at: None, ended_at: None, outcome }
        };
        let facts = Facts { asked: asked.iter().map(handoff).collect(), ..Facts::default() };
        let days = Days { last: "2026-11-20".parse().unwrap(), count: 7, zone: TimeZone::UTC };
        Numbers::of(&facts, Some("support"), days)
    }

    #[test]
    fn a_bar_is_as_high_as_what_it_counts_and_of_two_colours() {
        let one = numbers(&[("2026-11-16T10:00:00Z", true)]);
        let two = numbers(&[("2026-11-16T10:00:00Z", true), ("2026-11-17T10:00:00Z", true)]);
        let legend = pixels(&numbers(&[]), PICKED);
        assert!(legend > 0, "the legend names the colour");
        let [one, two] = [one, two].map(|numbers| pixels(&numbers, PICKED) - legend);
        assert_eq!(two, 2 * one);
        let missed = numbers(&[("2026-11-16T10:00:00Z", false)]);
        assert_eq!((pixels(&missed, PICKED), pixels(&missed, MISSED) - legend), (legend, one));
        assert!(pixels(&missed, BOTH) > 0, "the hour of the day is shown too");
    }

    #[test]
    fn there_are_at_most_six_lines_however_much_there_is() {
        for (most, apart) in [(0, 1), (5, 1), (6, 2), (10, 2), (12, 5), (26, 10), (4999, 1000), (5001, 2000)] {
            assert_eq!(step(most), apart, "{most}");
        }
        assert!(step(u64::MAX) > 0);
    }
}
