//! Durations as people write them: `90s`, `3m`, `36h`, `2d`. Used by the configuration's types and rules.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

/// No duration is longer: ten years of 365 days.
const LONGEST: u64 = 10 * 365 * DAY;
const DAY: u64 = 24 * 60 * 60;

/// Reads a whole number of seconds, minutes, hours or days; ten years at most.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let number = text.strip_suffix(unit)?;
    let seconds_of_unit = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => DAY,
        _ => return None,
    };
    if !number.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let seconds = number.parse::<u64>().ok()?.checked_mul(seconds_of_unit)?;
    (seconds <= LONGEST).then(|| Duration::from_secs(seconds))
}

/// A duration of whole seconds as people write it, in the largest unit that fits.
#[must_use]
pub fn write(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (unit, length) = [("d", DAY), ("h", 60 * 60), ("m", 60)]
        .into_iter()
        .find(|(_, length)| seconds > 0 && seconds.is_multiple_of(*length))
        .unwrap_or(("s", 1));
    format!("{}{unit}", seconds / length)
}

/// For `#[serde(deserialize_with = "duration::deserialize")]`.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| de::Error::custom("expected a duration such as 90s, 3m, 36h or 2d"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_is_read() {
        for (text, seconds) in
            [("0s", 0), ("90s", 90), ("3m", 180), ("36h", 129_600), ("2d", 172_800), ("3650d", LONGEST)]
        {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_written_reads_the_same() {
        for text in ["0s", "90s", "3m", "2h", "2d", "3650d", "61m"] {
            assert_eq!(parse(text).map(write).as_deref(), Some(text));
        }
        assert_eq!(parse("120m").map(write).as_deref(), Some("2h"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "s", "5", "5w", "5 m", " 5m", "+5m", "-5m", "1.5h", "5M", "1h30m", "3651d", "5é", "٣m"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("99999999999999999999s"), None);
        assert_eq!(parse("18446744073709551615d"), None);
    }
}
