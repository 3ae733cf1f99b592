//! A configuration for the tests of other modules.

use super::Config;

/// What every configuration must have, then `more`, then these bots: each is called "Bot", and its key is its id.
pub(crate) fn example(more: &str, bots: &[&str]) -> Config {
    let bot = |id: &&str| {
        format!(
            r#"
            [[bots]]
            id = "{id}"
            name = "Bot"
            api_key = "{id}"
            callback_url = "http://127.0.0.1/"
            callback_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
            "#
        )
    };
    let required = r#"
        security.encryption_key = "bWVnYXRyb24gZGVtbyBlbmNyeXB0aW9uIGtleSAhISE="
        slack = { bot_token = "xoxb-1", signing_secret = "secret" }
    "#;
    let bots: Vec<String> = bots.iter().map(bot).collect();
    Config::from_toml(&format!("{required}{more}{}", bots.concat())).unwrap()
}
