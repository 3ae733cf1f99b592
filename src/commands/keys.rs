//! `megatron keys`: fresh secrets, as TOML to paste into a configuration. Called by `main`.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Bytes of randomness in each of the three secrets.
const LENGTH: usize = 32;

/// Fresh secrets, from the operating system's randomness.
///
/// # Errors
/// If the operating system has no randomness to give.
pub fn fresh() -> anyhow::Result<String> {
    let mut random = [[0; LENGTH]; 3];
    for bytes in &mut random {
        getrandom::fill(bytes).map_err(|error| anyhow::anyhow!("no randomness from the operating system: {error}"))?;
    }
    Ok(render(random))
}

/// The bytes as an encryption key, an API key and a callback secret.
fn render([encryption_key, api_key, callback_secret]: [[u8; LENGTH]; 3]) -> String {
    format!(
        "[security]\nencryption_key = \"{}\"\n\n# Below the [[bots]] of the bot:\napi_key = \"{}\"\ncallback_secret = \"whsec_{}\"\n",
        STANDARD.encode(encryption_key),
        // A header carries it: no character that needs care.
        URL_SAFE_NO_PAD.encode(api_key),
        STANDARD.encode(callback_secret),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::config::Config;

    #[test]
    fn the_keys_fit_into_a_configuration() {
        let keys = render([[1; 32], [2; 32], [255; 32]]);
        let bot = "[[bots]]\nid = 'b'\nname = 'B'\ncallback_url = 'http://localhost/'\n";
        let text = keys.replace("# Below the [[bots]] of the bot:\n", bot);
        let config =
            Config::from_toml(&format!("slack = {{ bot_token = 'x', signing_secret = 's' }}\n{text}")).unwrap();
        assert_eq!(STANDARD.decode(config.security.encryption_key.expose_secret()).unwrap(), [1; 32]);
        assert_eq!(config.bots[0].api_key.expose_secret().len(), 43);
        assert!(config.bots[0].callback_secret.expose_secret().starts_with("whsec_/////"));
    }

    #[test]
    fn no_two_keys_are_alike() {
        assert_ne!(fresh().unwrap(), fresh().unwrap());
    }
}
