//! Which bot a request comes from. The handlers of the bots' API ask it first.

use std::sync::Arc;

use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::problem::Problem;
use crate::config::Bot;

/// The API keys of all bots, as hashes.
#[derive(Clone)]
pub struct BotKeys(Arc<[([u8; 32], Arc<Bot>)]>);

/// Says how many there are, not what they are.
impl std::fmt::Debug for BotKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("BotKeys").field("bots", &self.0.len()).finish()
    }
}

impl BotKeys {
    /// The keys of `bots`. A bot with an empty key cannot be found.
    #[must_use]
    pub fn new(bots: &[Bot]) -> Self {
        let keys = bots.iter().map(|bot| (bot.api_key.expose_secret(), bot)).filter(|(key, _)| !key.is_empty());
        Self(keys.map(|(key, bot)| (Sha256::digest(key).into(), Arc::new(bot.clone()))).collect())
    }

    /// The bot whose key the `Authorization` header presents (RFC 6750, `Bearer KEY`).
    ///
    /// Hashes are compared, all of them, so the time taken tells nothing about a key.
    ///
    /// # Errors
    ///
    /// 401 without such a header, with another scheme or with an unknown key.
    pub fn find(&self, authorization: Option<&str>) -> Result<Arc<Bot>, Problem> {
        let header =
            authorization.ok_or_else(|| Problem::unauthorized("send the header Authorization: Bearer <key>"))?;
        let (scheme, key) = header.trim().split_once(' ').unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Problem::unauthorized("the scheme of the header Authorization must be Bearer"));
        }
        let presented: [u8; 32] = Sha256::digest(key.trim_start()).into();
        let mut found = None;
        for (known, bot) in &*self.0 {
            if bool::from(known.ct_eq(&presented)) {
                found = Some(bot);
            }
        }
        found.cloned().ok_or_else(|| Problem::unauthorized("the key is not known"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config;

    fn bot(id: &str, key: &str) -> Bot {
        Bot { api_key: key.into(), ..config::example("", &[id]).bots.remove(0) }
    }

    #[test]
    fn a_bot_is_found_by_its_key_whatever_the_case_of_the_scheme() {
        let keys = BotKeys::new(&[bot("one", "key-1"), bot("two", "key-2")]);
        for header in ["Bearer key-2", "bearer key-2", "BEARER   key-2 "] {
            assert_eq!(keys.find(Some(header)).unwrap().id, "two", "{header}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let keys = BotKeys::new(&[bot("one", "key-1"), bot("none", "")]);
        let headers = ["", "Bearer", "Bearer ", "Bearer key", "Bearer key-1x", "Basic key-1", "key-1", "Bearerkey-1"];
        for header in headers.map(Some).into_iter().chain([None]) {
            assert_eq!(keys.find(header).unwrap_err().code, "unauthorized", "{header:?}");
        }
    }
}
