//! Who a token is, and what it may do. Slack tells the scopes in a header, which the Slack client cannot see; hence a call
//! of its own. `megatron doctor` makes it.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::http;
use super::method::Method;
use super::outcome::Refusal;

/// What Slack says of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whoami {
    /// The workspace, `T...`.
    pub team_id: String,
    /// Its name.
    pub team: String,
    /// The name of the token's user, a person or a bot.
    pub user: String,
    /// What the token may do (<https://docs.slack.dev/authentication/installing-with-oauth>, `X-OAuth-Scopes`), where Slack tells.
    pub scopes: Option<BTreeSet<String>>,
    /// What time it is for Slack, where it tells.
    pub date: Option<Timestamp>,
}

/// Asks Slack (`auth.test`).
///
/// # Errors
/// A [`Refusal`] for anything but an answer that says `"ok": true`.
pub async fn whoami(api_url: &Url, token: &SecretString, timeout: Duration) -> Result<Whoami, Refusal> {
    let refusal = |code: &str| Refusal::new(Method::AUTH_TEST, code);
    let url = api_url.join(Method::AUTH_TEST.name()).map_err(|_| refusal("bad_request"))?;
    let http = http::client().timeout(timeout).build().map_err(|_| refusal("bad_request"))?;
    let request = http.post(url).bearer_auth(token.expose_secret());
    let response = request.send().await.map_err(|error| {
        refusal(if error.is_timeout() {
            "no_answer"
        } else if error.is_connect() {
            "unreachable"
        } else {
            "connection_lost"
        })
    })?;
    if !response.status().is_success() {
        return Err(refusal(&format!("http_{}", response.status().as_u16())));
    }
    let (scopes, date) = (scopes(response.headers()), date(response.headers()));
    let body = response.bytes().await.map_err(|_| refusal("connection_lost"))?;
    let answer: Value = serde_json::from_slice(&body).map_err(|_| refusal("not_json"))?;
    if answer["ok"] != true {
        return Err(refusal(answer["error"].as_str().unwrap_or("not_json")));
    }
    let field = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    Ok(Whoami { team_id: field("team_id"), team: field("team"), user: field("user"), scopes, date })
}

fn scopes(headers: &HeaderMap) -> Option<BTreeSet<String>> {
    let list = headers.get("x-oauth-scopes")?.to_str().ok()?;
    Some(list.split(',').map(|scope| scope.trim().to_owned()).filter(|scope| !scope.is_empty()).collect())
}

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    Some(rfc2822::parse(headers.get(DATE)?.to_str().ok()?).ok()?.timestamp())
}
