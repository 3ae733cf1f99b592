//! Which addresses Slack may give for a connection. Whoever answers there is taken for Slack: nothing is signed.

use url::Url;

/// Slack's domains, that of `GovSlack` included.
const DOMAINS: [&str; 2] = ["slack.com", "slack-gov.com"];

/// The address, if it leads to Slack and is encrypted; or else to the host of the Web API, where that is not Slack's.
pub(super) fn admit(address: &str, api: &Url) -> Option<Url> {
    let url = Url::parse(address).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none();
    let is_theirs = url.scheme() == "wss" && url.port().is_none() && is_slacks(&url);
    let is_beside = matches!(url.scheme(), "ws" | "wss") && !is_slacks(api) && url.host() == api.host();
    (is_plain && (is_theirs || is_beside)).then_some(url)
}

fn is_slacks(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let within = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    DOMAINS.into_iter().any(within)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn admits(api: &str, address: &str) -> bool {
        admit(address, &api.parse().unwrap()).is_some()
    }

    #[rstest]
    #[case::usual("wss://wss-primary.slack.com/link/?ticket=1&app_id=2")]
    #[case::government("wss://wss-primary.slack-gov.com/link/?ticket=1")]
    #[case::spelling("WSS://wss.SLACK.com:443/link")]
    fn slacks_hosts_are_admitted(#[case] address: &str) {
        assert!(admits("https://slack.com/api/", address));
    }

    #[rstest]
    #[case::not_encrypted("ws://wss-primary.slack.com/link")]
    #[case::look_alike("wss://evilslack.com/link")]
    #[case::suffix("wss://slack.com.evil.example/link")]
    #[case::user_info("wss://slack.com@evil.example/link")]
    #[case::user_at_slack("wss://me:secret@wss.slack.com/link")]
    #[case::port("wss://wss.slack.com:8443/link")]
    #[case::machine("ws://127.0.0.1/link")]
    #[case::other_scheme("https://wss.slack.com/link")]
    #[case::relative("/link")]
    #[case::nothing("")]
    fn everybody_elses_are_not(#[case] address: &str) {
        assert!(!admits("https://slack.com/api/", address));
    }

    #[test]
    fn the_host_of_a_web_api_that_is_not_slacks_is_admitted_too() {
        let api = "http://127.0.0.1:8099/api/";
        assert!(admits(api, "ws://127.0.0.1:8099/link"));
        assert!(admits(api, "wss://127.0.0.1/link"));
        assert!(admits(api, "wss://wss-primary.slack.com/link"));
        assert!(!admits(api, "ws://localhost:8099/link"));
        assert!(!admits(api, "http://127.0.0.1:8099/link"));
    }
}
