//! Decimal digits of every script. Used by [`super::card`] and [`super::words`].

/// The zero of each script (Unicode 17, general category Nd); its nine other digits follow it.
#[rustfmt::skip]
const ZEROS: [u32; 77] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136,
    0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0,
    0x11c50, 0x11d50, 0x11da0, 0x11de0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8,
    0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

/// The value of a decimal digit, 0 to 9.
pub(super) fn value(c: char) -> Option<u8> {
    if c.is_ascii() {
        return c.to_digit(10).and_then(|value| u8::try_from(value).ok());
    }
    let code = u32::from(c);
    let zero = ZEROS.iter().rev().find(|zero| **zero <= code)?;
    u8::try_from(code - zero).ok().filter(|value| *value < 10)
}

/// Whether a character is a decimal digit.
pub(super) fn is_digit(c: char) -> bool {
    value(c).is_some()
}

/// Whether a character glues what stands beside it into one word with digits: another digit, a letter, or a mask. Letters
/// of scripts that write without blanks do not.
pub(super) fn glues(c: char) -> bool {
    is_digit(c) || c.is_lowercase() || c.is_uppercase() || c == super::MASK
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use regex::Regex;

    use super::*;

    #[test]
    fn every_decimal_digit_of_unicode_has_its_value() {
        let decimal = Regex::new(r"^\p{Nd}$").unwrap();
        let mut before = None;
        for c in '\0'..=char::MAX {
            let known = decimal.is_match(c.encode_utf8(&mut [0; 4]));
            assert!(value(c).is_some() || !known, "{:x}", u32::from(c));
            if let Some(value) = value(c) {
                assert_eq!(value, before.map_or(0, |before| (before + 1) % 10), "{c}");
            }
            before = value(c);
        }
    }
}
