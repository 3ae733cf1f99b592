//! Slack's message timestamps: `1700000000.000100`, unique within one channel. Used wherever messages are put in order.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

/// A Slack `ts`, ordered as Slack orders messages.
///
/// Two integers, never a float: sixteen digits do not survive one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ts {
    seconds: u32,
    micros: u32,
}

impl Ts {
    /// Reads `seconds.micros`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (seconds, micros) = text.split_once('.')?;
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(seconds) || !digits(micros) || micros.len() > 6 {
            return None;
        }
        Some(Self { seconds: seconds.parse().ok()?, micros: micros.parse().ok()? })
    }

    /// The `ts` of a message.
    #[must_use]
    pub fn of(message: &Value) -> Option<Self> {
        Self::parse(message.get("ts")?.as_str()?)
    }

    /// The first `ts` that a message of this moment may have.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        let micros = time.as_microsecond().max(0);
        let seconds = u32::try_from(micros / 1_000_000).unwrap_or(u32::MAX);
        Self { seconds, micros: u32::try_from(micros % 1_000_000).unwrap_or_default() }
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub fn seconds(self) -> i64 {
        i64::from(self.seconds)
    }

    /// The moment it names.
    #[must_use]
    pub fn as_timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.seconds() * 1_000_000 + i64::from(self.micros)).unwrap_or(Timestamp::MAX)
    }
}

impl fmt::Display for Ts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.seconds, self.micros)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn both_parts_count_as_integers() {
        let ts = |text| Ts::parse(text).unwrap();
        assert!(ts("1700000000.000100") < ts("1700000000.000101"));
        assert!(ts("999999999.999999") < ts("1000000000.000000"));
        assert_eq!(ts("1700000000.000100").to_string(), "1700000000.000100");
        assert_eq!(ts("1700000000.000100").as_timestamp().to_string(), "2023-11-14T22:13:20.0001Z");
    }

    #[test]
    fn anything_else_is_no_ts() {
        for text in ["", ".", "1", "1.", ".1", "1.2.3", "-1.0", "+1.0", "1.0000001", "99999999999999999999.1", "1e3.0"]
        {
            assert_eq!(Ts::parse(text), None, "{text}");
        }
    }
}
