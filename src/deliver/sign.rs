//! Signatures of callbacks, as Standard Webhooks 1.0 (<https://www.standardwebhooks.com>). Used by the host client.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

/// A callback secret, ready to sign.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

/// The secret is not what Standard Webhooks expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a callback secret is `whsec_` and a key in base64")]
pub struct BadSecret;

impl Key {
    /// Reads `whsec_<base64>`.
    ///
    /// # Errors
    /// [`BadSecret`] when the prefix is missing, or what follows is empty or not base64.
    pub fn parse(secret: &SecretString) -> Result<Self, BadSecret> {
        let encoded = secret.expose_secret().strip_prefix("whsec_").ok_or(BadSecret)?;
        let key = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| BadSecret)?);
        if key.is_empty() {
            return Err(BadSecret);
        }
        Hmac::new_from_slice(&key).map(Self).map_err(|_| BadSecret)
    }

    /// The `webhook-signature` of a callback: `v1,` and the base64 of HMAC-SHA256 over `{id}.{timestamp}.{body}`;
    /// `timestamp` in seconds since 1970, as in `webhook-timestamp`.
    #[must_use]
    pub fn webhook(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut mac = self.0.clone();
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// Seconds that a signed request may be old, or ahead.
const MAX_SKEW: u64 = 300;

impl Key {
    /// Whether a request that came in is signed with this key, within five minutes of `now` (seconds since 1970): the
    /// headers `webhook-id`, `webhook-timestamp` and `webhook-signature`, of whose signatures one must fit. The comparison
    /// takes the same time wherever the difference is.
    #[must_use]
    pub fn verifies(&self, id: &str, timestamp: &str, signatures: &str, body: &[u8], now: i64) -> bool {
        let digits = timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let Some(seconds) = timestamp.parse::<i64>().ok().filter(|_| digits) else { return false };
        if now.abs_diff(seconds) > MAX_SKEW {
            return false;
        }
        let mut mac = self.0.clone();
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        let given = signatures.split(' ').filter_map(|signature| STANDARD.decode(signature.strip_prefix("v1,")?).ok());
        given.fold(false, |fits, signature| fits | mac.clone().verify_slice(&signature).is_ok())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key([REDACTED])")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn key(secret: &str) -> Result<Key, BadSecret> {
        Key::parse(&secret.into())
    }

    /// The example of the specification's own libraries.
    #[test]
    fn the_published_example_is_reproduced() {
        let signature = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap().webhook(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn what_was_signed_just_now_is_believed_and_nothing_else() {
        let key = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let good = key.webhook("m1", 1_700_000_000, b"{}");
        let verifies = |id: &str, stamp: &str, signatures: &str, body: &[u8], skew: i64| {
            key.verifies(id, stamp, signatures, body, 1_700_000_000 + skew)
        };
        assert!(verifies("m1", "1700000000", &good, b"{}", 300));
        assert!(verifies("m1", "1700000000", &format!("v1,AAAA v1a,xx {good}"), b"{}", -300), "one of several");
        for (id, stamp, signatures, body, skew) in [
            ("m1", "1700000000", good.as_str(), &b"{}"[..], 301),
            ("m1", "1700000000", &good, b"{}", -301),
            ("m2", "1700000000", &good, b"{}", 0),
            ("m1", "1700000001", &good, b"{}", 0),
            ("m1", "+1700000000", &good, b"{}", 0),
            ("m1", "", &good, b"{}", 0),
            ("m1", "1700000000", &good, b"{ }", 0),
            ("m1", "1700000000", "", b"{}", 0),
            ("m1", "1700000000", &good[3..], b"{}", 0),
        ] {
            assert!(!verifies(id, stamp, signatures, body, skew), "{id} {stamp} {signatures} {skew}");
        }
    }

    #[test]
    fn anything_but_a_prefixed_key_is_refused() {
        for secret in ["", "whsec_", "whsec_***", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "WHSEC_MfKQ9r8GKYqrTwjU"] {
            assert_eq!(key(secret).err(), Some(BadSecret), "{secret:?}");
        }
    }

    #[test]
    fn a_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", key("whsec_MfKQ9r8G").unwrap()), "Key([REDACTED])");
    }
}
