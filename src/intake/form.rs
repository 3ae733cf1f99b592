//! `application/x-www-form-urlencoded`, strict about UTF-8: the common decoders replace what is not UTF-8 and go on.

use super::problem::Problem;

/// The fields of a form, in order.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Decodes a body (WHATWG URL, section 5.1).
    ///
    /// # Errors
    ///
    /// 400 if a name or a value is not UTF-8.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Problem> {
        let pairs = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
            let equals = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at(equals);
            Ok((decode(name)?, decode(value.get(1..).unwrap_or_default())?))
        });
        pairs.collect::<Result<_, _>>().map(Self)
    }

    /// The first field of that name, unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

fn decode(encoded: &[u8]) -> Result<String, Problem> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((first, after)) = rest.split_first() {
        let escaped = match rest {
            [b'%', high, low, after @ ..] => digit(*high).zip(digit(*low)).map(|(high, low)| (high << 4 | low, after)),
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((if *first == b'+' { b' ' } else { *first }, after));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).map_err(|_| Problem::bad_encoding())
}

fn digit(character: u8) -> Option<u8> {
    char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_decoded_and_broken_ones_stay() {
        let form =
            Form::parse(b"text=open+J%C3%BCrgen%20%2B1&&odd=100%&half=%4&wrong=%zz&flag&empty=&a=1&a=2").unwrap();
        let fields = ["text", "odd", "half", "wrong", "flag", "empty", "a"].map(|name| form.get(name));
        let expected = [Some("open Jürgen +1"), Some("100%"), Some("%4"), Some("%zz"), None, None, Some("1")];
        assert_eq!(fields, expected);
    }

    #[test]
    fn what_is_not_utf8_is_refused() {
        for body in [&b"text=\xff"[..], b"text=%FF", b"%C3=1", b"text=%ED%A0%80"] {
            assert_eq!(Form::parse(body).err(), Some(Problem::bad_encoding()));
        }
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(fields in proptest::collection::vec((".+", ".+"), 0..4)) {
            let body = serde_urlencoded::to_string(&fields).unwrap();
            prop_assert_eq!(Form::parse(body.as_bytes()).unwrap().0, fields);
        }

        #[test]
        fn no_bytes_make_it_panic(body: Vec<u8>) {
            let _ = Form::parse(&body);
        }
    }
}
