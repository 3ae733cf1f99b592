//! Sizes as people write them: `500kB`, `100MB`, `1GB`, in decimal units. Used by the configuration's types and rules.

use serde::{Deserialize, Deserializer, de};

/// No size is larger: Slack takes no larger file.
const LARGEST: u64 = 1_000_000_000;

/// Reads a whole number of kilobytes, megabytes or gigabytes, in bytes; 1 GB at most.
#[must_use]
pub(super) fn parse(text: &str) -> Option<u64> {
    let units = [("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000)];
    let (number, unit) = units.iter().find_map(|(name, bytes)| Some((text.strip_suffix(name)?, bytes)))?;
    if !number.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    number.parse::<u64>().ok()?.checked_mul(*unit).filter(|size| *size <= LARGEST)
}

/// For `#[serde(deserialize_with = "size::deserialize")]`.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| de::Error::custom("expected a size such as 500kB, 100MB or 1GB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_is_read() {
        for (text, bytes) in [("0kB", 0), ("500kB", 500_000), ("100MB", 100_000_000), ("1GB", LARGEST)] {
            assert_eq!(parse(text), Some(bytes), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "MB", "100", "100B", "100 MB", "100mb", "100M", "1.5MB", "-1MB", "+1MB", "2GB", "1001MB"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("99999999999999999999MB"), None);
        assert_eq!(parse("18446744073709551615GB"), None);
    }
}
