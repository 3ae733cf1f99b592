//! For developers: what the service looks like from outside, as commands for a shell. `megatron demo` prints them.

use url::Url;

use super::cast::{ACME, API_KEY, HUB, JANE, PHIL, PHILS_DM, SIGNING_SECRET};
use super::people::COMMAND;

/// An address without the slash at its end.
pub(super) fn shown(address: &Url) -> &str {
    address.as_str().trim_end_matches('/')
}

/// Headings, and below each a command. `channel` is the id of one in which Jane is.
pub(super) fn guide(address: &Url, channel: &str) -> [(&'static str, String); 3] {
    let service = shown(address);
    [
        (
            "Be the bot: pass on what a customer said, and learn who has control",
            format!(
                r#"curl {service}/ingest \
  -H 'Authorization: Bearer {API_KEY}' \
  -H 'Content-Type: application/json' -d '{{ "direction": "incoming",
  "team_id": "{ACME}", "channel_id": "{PHILS_DM}", "user_id": "{PHIL}",
  "message": {{ "ts": "'$(date +%s)'.999999", "text": "Hi, by curl" }} }}'; echo"#
            ),
        ),
        (
            "Be the bot: ask for a human for Phil; see #helpdesk",
            format!(
                r#"curl {service}/v1/conversations/{ACME}/{PHILS_DM}/handoffs \
  -H 'Authorization: Bearer {API_KEY}' \
  -H 'Content-Type: application/json' -d '{{ "user_id": "{PHIL}" }}'; echo"#
            ),
        ),
        (
            "Be Slack: sign a slash command of Jane's and send it",
            format!(
                r#"body='team_id={HUB}&channel_id={channel}&user_id={JANE}'
body="$body&command={COMMAND}&text=status+{PHIL}"; time=$(date +%s)
signature=$(printf %s "v0:$time:$body" | openssl dgst -sha256 \
  -hmac '{SIGNING_SECRET}' | sed 's/.* //')
curl {service}/slack/commands -d "$body" \
  -H "X-Slack-Request-Timestamp: $time" \
  -H "X-Slack-Signature: v0=$signature"; echo"#
            ),
        ),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_fits_into_a_small_terminal() {
        for (what, command) in guide(&"http://127.0.0.1:65535/".parse().unwrap(), "C0SIM0003") {
            for line in command.lines() {
                assert!(line.len() <= 80, "{what}: {line}");
            }
        }
    }
}
