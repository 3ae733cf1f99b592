//! Seals customer tokens at rest with XChaCha20-Poly1305. The workspaces table keeps what [`Sealer::seal`] returns; what
//! an earlier key sealed still opens, and is sealed anew when it is next written or by `megatron keys rotate`.

use std::fmt;

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The encryption keys: one seals, all open.
pub struct Sealer {
    current: Key,
    old: Vec<Key>,
}

/// Why something sealed does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It is not of the form that [`Sealer::seal`] returns.
    #[error("not a sealed secret")]
    Malformed,
    /// The key that sealed it is not among the configured ones.
    #[error("sealed with an encryption key that is not configured any more")]
    UnknownKey,
    /// It was changed, or belongs to another context.
    #[error("a sealed secret was changed or moved")]
    Tampered,
}

impl Sealer {
    /// Reads the keys, each 32 bytes in base64.
    ///
    /// # Errors
    /// When one of them is something else; the error does not show it.
    pub fn new(current: &SecretString, old: &[SecretString]) -> anyhow::Result<Self> {
        Ok(Self {
            current: Key::parse(current).context("encryption key")?,
            old: old.iter().map(Key::parse).collect::<Result<_, _>>().context("old encryption key")?,
        })
    }

    /// Seals `plain` with the current key, as `v1.<key id>.<nonce>.<ciphertext>`. It opens only in the same `context`,
    /// such as `bot/team`. The `nonce` must be random and never be used again.
    #[must_use]
    pub fn seal(&self, plain: &SecretString, context: &str, nonce: [u8; NONCE]) -> String {
        let ciphertext = self.current.encrypt(plain.expose_secret().as_bytes(), context.as_bytes(), nonce);
        let (nonce, ciphertext) = (URL_SAFE_NO_PAD.encode(nonce), URL_SAFE_NO_PAD.encode(ciphertext));
        format!("{VERSION}.{}.{nonce}.{ciphertext}", self.current.id)
    }

    /// Opens what was sealed with any of the keys.
    ///
    /// # Errors
    /// [`SealError`] says why not.
    pub fn open(&self, sealed: &str, context: &str) -> Result<SecretString, SealError> {
        let (id, nonce, ciphertext) = parts(sealed).ok_or(SealError::Malformed)?;
        let mut keys = std::iter::once(&self.current).chain(&self.old);
        let key = keys.find(|key| key.id == id).ok_or(SealError::UnknownKey)?;
        let plain = key.decrypt(&ciphertext, context.as_bytes(), nonce).ok_or(SealError::Tampered)?;
        std::str::from_utf8(&plain).map(Into::into).map_err(|_| SealError::Malformed)
    }

    /// Whether the current key sealed it; otherwise it is due to be sealed anew.
    #[must_use]
    pub fn is_current(&self, sealed: &str) -> bool {
        parts(sealed).is_some_and(|(id, ..)| id == self.current.id)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer([REDACTED])")
    }
}

/// A fresh nonce for [`Sealer::seal`].
///
/// # Errors
/// When the system has no randomness to give.
pub fn nonce() -> anyhow::Result<[u8; NONCE]> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).context("no randomness to be had")?;
    Ok(nonce)
}

const VERSION: &str = "v1";

/// Bytes of an `XChaCha20` nonce: long enough to be drawn at random.
pub const NONCE: usize = 24;

struct Key {
    /// First eight hexadecimal digits of the key's SHA-256: tells keys apart and says nothing about them.
    id: String,
    cipher: XChaCha20Poly1305,
}

impl Key {
    fn parse(encoded: &SecretString) -> anyhow::Result<Self> {
        // The decoder's error would show a character of the key.
        let bytes = STANDARD.decode(encoded.expose_secret()).map(Zeroizing::new).ok().context("not base64")?;
        ensure!(bytes.len() == 32, "{} bytes, expected 32", bytes.len());
        let id = hex::encode(&Sha256::digest(&*bytes)[..4]);
        Ok(Self { id, cipher: XChaCha20Poly1305::new_from_slice(&bytes)? })
    }

    #[allow(clippy::expect_used, reason = "fails only beyond 256 GiB of plain text")]
    fn encrypt(&self, msg: &[u8], aad: &[u8], nonce: [u8; NONCE]) -> Vec<u8> {
        self.cipher.encrypt(&XNonce::from(nonce), Payload { msg, aad }).expect("a short plain text")
    }

    fn decrypt(&self, msg: &[u8], aad: &[u8], nonce: [u8; NONCE]) -> Option<Zeroizing<Vec<u8>>> {
        self.cipher.decrypt(&XNonce::from(nonce), Payload { msg, aad }).ok().map(Zeroizing::new)
    }
}

/// Key id, nonce and ciphertext.
fn parts(sealed: &str) -> Option<(&str, [u8; NONCE], Vec<u8>)> {
    let mut fields = sealed.split('.');
    let (version, id, nonce, ciphertext) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    if version != VERSION || fields.next().is_some() {
        return None;
    }
    let nonce = URL_SAFE_NO_PAD.decode(nonce).ok()?.try_into().ok()?;
    Some((id, nonce, URL_SAFE_NO_PAD.decode(ciphertext).ok()?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(byte: u8) -> SecretString {
        STANDARD.encode([byte; 32]).into()
    }

    fn seal_token(sealer: &Sealer) -> String {
        sealer.seal(&"xoxb-customer".into(), "expenses/T1", [7; NONCE])
    }

    #[test]
    fn what_was_sealed_opens_and_does_not_show() {
        let sealer = Sealer::new(&key(1), &[]).unwrap();
        let kept = seal_token(&sealer);
        assert!(kept.starts_with("v1.72cd6e84."), "{kept}");
        assert!(!kept.contains("xoxb"));
        assert_eq!(sealer.open(&kept, "expenses/T1").unwrap().expose_secret(), "xoxb-customer");
    }

    #[test]
    fn a_token_of_one_workspace_does_not_open_as_that_of_another() {
        let sealer = Sealer::new(&key(1), &[]).unwrap();
        assert_eq!(sealer.open(&seal_token(&sealer), "expenses/T2").unwrap_err(), SealError::Tampered);
    }

    #[test]
    fn an_old_key_opens_but_is_not_current() {
        let before = Sealer::new(&key(1), &[]).unwrap();
        let after = Sealer::new(&key(2), &[key(3), key(1)]).unwrap();
        let kept = seal_token(&before);
        assert!(before.is_current(&kept) && !after.is_current(&kept));
        assert_eq!(after.open(&kept, "expenses/T1").unwrap().expose_secret(), "xoxb-customer");
        let forgotten = Sealer::new(&key(2), &[]).unwrap();
        assert_eq!(forgotten.open(&kept, "expenses/T1").unwrap_err(), SealError::UnknownKey);
    }

    #[test]
    fn a_bad_key_is_refused_without_being_shown() {
        for (bad, reason) in
            [("", "0 bytes, expected 32"), ("c2hvcnQ=", "5 bytes, expected 32"), ("s3cr3t*", "not base64")]
        {
            let error = Sealer::new(&bad.into(), &[]).unwrap_err();
            assert_eq!(format!("{error:#}"), format!("encryption key: {reason}"));
            let error = Sealer::new(&key(1), &[bad.into()]).unwrap_err();
            assert_eq!(format!("{error:#}"), format!("old encryption key: {reason}"));
        }
    }

    #[test]
    fn a_sealer_does_not_show_its_keys() {
        assert_eq!(format!("{:?}", Sealer::new(&key(1), &[key(2)]).unwrap()), "Sealer([REDACTED])");
    }

    #[test]
    fn anything_else_is_malformed() {
        let sealer = Sealer::new(&key(1), &[]).unwrap();
        let kept = seal_token(&sealer);
        for odd in
            ["", "v1", "v1...", "xoxb-plain", &kept.replace("v1", "v2"), &format!("{kept}.x"), &kept.replace('.', "..")]
        {
            assert_eq!(sealer.open(odd, "expenses/T1").unwrap_err(), SealError::Malformed, "{odd}");
            assert!(!sealer.is_current(odd));
        }
    }

    proptest! {
        #[test]
        fn no_changed_character_goes_unnoticed(position in 12_usize..60, replacement in "[A-Za-z0-9_-]") {
            let sealer = Sealer::new(&key(1), &[]).unwrap();
            let original = seal_token(&sealer);
            let position = position.min(original.len() - 1);
            let mut changed = original.clone();
            changed.replace_range(position..=position, &replacement);
            prop_assume!(changed != original);
            prop_assert!(sealer.open(&changed, "expenses/T1").is_err());
        }

        #[test]
        fn any_plain_text_and_context_survive(plain: String, context: String, nonce: [u8; NONCE]) {
            let sealer = Sealer::new(&key(1), &[]).unwrap();
            let kept = sealer.seal(&plain.as_str().into(), &context, nonce);
            let opened = sealer.open(&kept, &context).unwrap();
            prop_assert_eq!(opened.expose_secret(), plain.as_str());
        }
    }
}
