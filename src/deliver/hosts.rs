//! Which hosts files are fetched from and sent to, and where commands are answered: whatever Slack tells us to call.
//! A token goes to these only.

use url::Url;

/// Slack's domains, the last for its service for governments; files are on their subdomains too.
const DOMAINS: [&str; 4] = ["slack.com", "slack-files.com", "slack-edge.com", "slack-gov.com"];

/// The hosts that are Slack's.
#[derive(Debug, Clone)]
pub(super) struct Hosts {
    api: Url,
}

impl Hosts {
    /// Slack's own, and the one of the Web API, wherever that is.
    pub(super) fn new(api: &Url) -> Self {
        Self { api: api.clone() }
    }

    /// The URL, if it leads to one of them. One with a name and a password in it is not Slack's.
    pub(super) fn admit(&self, url: &str) -> Option<Url> {
        let url = Url::parse(url).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        (plain && (url.origin() == self.api.origin() || is_slacks(&url))).then_some(url)
    }
}

fn is_slacks(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let within = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    url.scheme() == "https" && url.port().is_none() && DOMAINS.into_iter().any(within)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn admits(api: &str, url: &str) -> bool {
        Hosts::new(&api.parse().unwrap()).admit(url).is_some()
    }

    #[rstest]
    #[case::files("https://files.slack.com/files-pri/T1-F1/a.pdf")]
    #[case::domain("https://slack.com/x")]
    #[case::upload("https://files.slack.com/upload/v1/abc")]
    #[case::public("https://a.slack-files.com/x")]
    #[case::edge("https://downloads.slack-edge.com/x")]
    #[case::response("https://hooks.slack.com/commands/T1/2/3")]
    #[case::government("https://hooks.slack-gov.com/actions/T1/2/3")]
    #[case::spelling("HTTPS://Files.SLACK.com:443/x")]
    fn slacks_hosts_are_admitted(#[case] url: &str) {
        assert!(admits("https://slack.com/api/", url));
    }

    #[rstest]
    #[case::downgraded("http://files.slack.com/x")]
    #[case::look_alike("https://evilslack.com/x")]
    #[case::suffix("https://slack.com.evil.example/x")]
    #[case::user_info("https://slack.com@evil.example/x")]
    #[case::user_and_password("https://files.slack.com:x@evil.example/x")]
    #[case::user_at_slack("https://me:secret@files.slack.com/x")]
    #[case::backslash("https://evil.example\\.slack.com/x")]
    #[case::port("https://files.slack.com:8443/x")]
    #[case::dot("https://slack.com./x")]
    #[case::machine("http://127.0.0.1/x")]
    #[case::other_scheme("ftp://files.slack.com/x")]
    #[case::scheme_without_host("data:text/plain,slack.com")]
    #[case::relative("/files-pri/T1-F1/a.pdf")]
    #[case::nothing("")]
    fn everybody_elses_are_not(#[case] url: &str) {
        assert!(!admits("https://slack.com/api/", url));
    }

    #[test]
    fn the_host_of_the_api_is_admitted_with_its_port_and_scheme_only() {
        let api = "http://127.0.0.1:8099/api/";
        assert!(admits(api, "http://127.0.0.1:8099/files-pri/T1-F1/a.pdf"));
        assert!(admits(api, "https://files.slack.com/x"));
        for url in
            ["http://127.0.0.1:8098/x", "http://127.0.0.1/x", "https://127.0.0.1:8099/x", "http://localhost:8099/x"]
        {
            assert!(!admits(api, url), "{url}");
        }
    }
}
