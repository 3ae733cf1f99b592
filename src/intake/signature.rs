//! Slack's request signature, version `v0` (<https://docs.slack.dev/authentication/verifying-requests-from-slack>).
//! Every endpoint for Slack verifies with it before it reads anything else; the simulator and the tests sign with it.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// Why a request is not believed. All of them are a 401; the difference is for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A header is missing or is not what Slack sends.
    #[error("no Slack signature")]
    Unsigned,
    /// The time stamp is more than five minutes away from now, either way.
    #[error("the signature is too old or from the future")]
    Stale,
    /// The body was not signed with this secret.
    #[error("the signature does not fit")]
    Mismatch,
}

/// Checks that `body`, the raw bytes as received, was signed with `secret` within five minutes of `now`. The headers are
/// `X-Slack-Request-Timestamp` and `X-Slack-Signature`. The comparison takes the same time wherever the difference is.
///
/// # Errors
/// [`Refused`] otherwise.
pub fn verify(
    secret: &str,
    timestamp_header: Option<&str>,
    signature_header: Option<&str>,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Refused> {
    let stamp = timestamp_header.ok_or(Refused::Unsigned)?;
    let signature = signature_header.and_then(|header| header.strip_prefix("v0=")).ok_or(Refused::Unsigned)?;
    let signature = hex::decode(signature).map_err(|_| Refused::Unsigned)?;
    let seconds = seconds(stamp).ok_or(Refused::Unsigned)?;
    if now.as_second().abs_diff(seconds) > MAX_SKEW {
        return Err(Refused::Stale);
    }
    mac(secret, stamp, body).verify_slice(&signature).map_err(|_| Refused::Mismatch)
}

/// The `X-Slack-Signature` that Slack would send with `body` at `timestamp`, in seconds since 1970.
#[must_use]
pub fn sign(secret: &str, timestamp: i64, body: &[u8]) -> String {
    format!("v0={}", hex::encode(mac(secret, &timestamp.to_string(), body).finalize().into_bytes()))
}

/// Seconds that a request may be old, or ahead.
const MAX_SKEW: u64 = 300;

/// Digits only: `i64` alone would take a sign.
fn seconds(stamp: &str) -> Option<i64> {
    stamp.bytes().all(|byte| byte.is_ascii_digit()).then(|| stamp.parse().ok())?
}

#[allow(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104)")]
fn mac(secret: &str, stamp: &str, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(b"v0:");
    mac.update(stamp.as_bytes());
    mac.update(b":");
    mac.update(body);
    mac
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const STAMP: i64 = 1_531_420_618;

    fn check(stamp: Option<&str>, signature: Option<&str>, body: &[u8], now: i64) -> Result<(), Refused> {
        verify(SECRET, stamp, signature, body, Timestamp::from_second(now).unwrap())
    }

    /// The example of Slack's documentation.
    #[test]
    fn the_published_example_is_believed() {
        let body = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V\
            &channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=\
            &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
            &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
        let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
        assert_eq!(check(Some("1531420618"), Some(signature), body, STAMP), Ok(()));
        assert_eq!(sign(SECRET, STAMP, body), signature);
    }

    #[test]
    fn the_window_is_five_minutes_either_way() {
        let signature = sign(SECRET, STAMP, b"{}");
        for (skew, expected) in
            [(-301, Err(Refused::Stale)), (-300, Ok(())), (0, Ok(())), (300, Ok(())), (301, Err(Refused::Stale))]
        {
            assert_eq!(check(Some("1531420618"), Some(&signature), b"{}", STAMP + skew), expected, "{skew}");
        }
    }

    #[test]
    fn another_body_secret_or_stamp_does_not_fit() {
        let signature = sign(SECRET, STAMP, b"{}");
        assert_eq!(check(Some("1531420618"), Some(&signature), b"{ }", STAMP), Err(Refused::Mismatch));
        assert_eq!(check(Some("1531420619"), Some(&signature), b"{}", STAMP), Err(Refused::Mismatch));
        assert_eq!(check(Some("01531420618"), Some(&signature), b"{}", STAMP), Err(Refused::Mismatch));
        let other = sign("another secret", STAMP, b"{}");
        assert_eq!(check(Some("1531420618"), Some(&other), b"{}", STAMP), Err(Refused::Mismatch));
        assert_eq!(
            check(Some("1531420618"), Some(&signature[..35]), b"{}", STAMP),
            Err(Refused::Mismatch),
            "cut short"
        );
        assert_eq!(check(Some("1531420618"), Some("v0="), b"{}", STAMP), Err(Refused::Mismatch), "empty");
    }

    #[test]
    fn odd_headers_count_as_none() {
        let good = sign(SECRET, STAMP, b"{}");
        assert_eq!(check(None, Some(&good), b"{}", STAMP), Err(Refused::Unsigned));
        assert_eq!(check(Some("1531420618"), None, b"{}", STAMP), Err(Refused::Unsigned));
        for stamp in ["", " 1531420618", "+1531420618", "-1", "1531420618.0", "1.5e9", "99999999999999999999", "١٥"] {
            assert_eq!(check(Some(stamp), Some(&good), b"{}", STAMP), Err(Refused::Unsigned), "{stamp:?}");
        }
        for signature in
            ["", "v0", &good[3..], &good.replace("v0", "v1"), &good.replace("v0", "V0"), "v0=zz", "v0=abc", "v0=é"]
        {
            assert_eq!(
                check(Some("1531420618"), Some(signature), b"{}", STAMP),
                Err(Refused::Unsigned),
                "{signature:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_header_and_no_body_panics(stamp in ".*", signature in "(v0=)?.*", body: Vec<u8>, now in -1_000_000_000_i64..4_000_000_000) {
            prop_assert!(check(Some(&stamp), Some(&signature), &body, now).is_err());
        }

        #[test]
        fn what_was_signed_is_believed(body: Vec<u8>, stamp in 0_i64..4_000_000_000) {
            let signature = sign(SECRET, stamp, &body);
            prop_assert_eq!(check(Some(&stamp.to_string()), Some(&signature), &body, stamp), Ok(()));
        }
    }
}
