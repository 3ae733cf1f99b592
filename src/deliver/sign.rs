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
