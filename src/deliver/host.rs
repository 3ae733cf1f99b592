//! Calls a host back: one signed POST, as Standard Webhooks 1.0. The delivery worker calls it for callbacks and webhooks;
//! retries and order are its.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use url::Url;

use crate::telemetry::trace;

use super::http;
use super::retry;
use super::sign::Key;

/// A client of the hosts; clones share its connections.
#[derive(Debug, Clone)]
pub struct HostClient {
    http: Client,
}

/// Why a callback did not succeed, without its URL or content: safe to log and to show after "the bot".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HostRefusal {
    /// 410: the host wants no more callbacks at this address.
    #[error("wants no more callbacks (410 Gone)")]
    Gone,
    /// A 3xx, which is not followed: what was signed for one host is not given to another.
    #[error("answered with a redirect ({0})")]
    Redirect(u16),
    /// Any other status that is not 2xx.
    #[error("answered {status}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// What `Retry-After` asked for with 429 or 503, a day at most.
        after: Option<Duration>,
    },
    /// No connection: nothing was sent.
    #[error("cannot be reached")]
    Unreachable,
    /// No complete answer in time.
    #[error("did not answer in time")]
    Timeout,
    /// The connection broke before the answer was complete.
    #[error("broke off the connection")]
    Cut,
}

impl HostRefusal {
    /// As metrics call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Redirect(_) => "redirect",
            Self::Status { status: 500.., .. } => "server_error",
            Self::Status { .. } => "client_error",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Cut => "cut",
        }
    }

    /// How long the host asked us to wait.
    #[must_use]
    pub fn after(self) -> Option<Duration> {
        match self {
            Self::Status { after, .. } => after,
            _ => None,
        }
    }
}

impl HostClient {
    /// A client for all hosts.
    ///
    /// # Errors
    /// When the TLS configuration is refused.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self { http: http::client().build()? })
    }

    /// Posts `body` to `url`, signed with `key` at `now`, and returns the answer's JSON: `Null` when there is none, or it
    /// is longer than 64 kB. `id` stays the same when a callback is repeated. All of it takes `timeout` at most.
    ///
    /// # Errors
    /// A [`HostRefusal`] for anything but a complete 2xx.
    pub async fn call(
        &self,
        url: &Url,
        key: &Key,
        id: &str,
        now: Timestamp,
        body: &Value,
        timeout: Duration,
    ) -> Result<Value, HostRefusal> {
        let body = body.to_string();
        let mut request = self
            .http
            .post(url.clone())
            .timeout(timeout)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", now.as_second())
            .header("webhook-signature", key.webhook(id, now.as_second(), body.as_bytes()))
            .body(body);
        if let Some(trace) = trace::here() {
            request = request.header(trace::TRACEPARENT, trace);
        }
        let mut response = request.send().await.map_err(|error| refusal(&error))?;
        check(response.status(), response.headers(), now)?;
        let answer = read(&mut response, LONGEST_ANSWER).await.map_err(|error| refusal(&error))?;
        Ok(serde_json::from_slice(&answer).unwrap_or_default())
    }
}

impl HostClient {
    /// Posts `body` to a `response_url`, which needs no token and no signature: the address itself is the permission
    /// (<https://docs.slack.dev/interactivity/handling-user-interaction#message_responses>).
    ///
    /// # Errors
    /// A [`HostRefusal`] for anything but a 2xx.
    pub async fn respond(&self, url: Url, body: &Value, timeout: Duration) -> Result<(), HostRefusal> {
        let request =
            self.http.post(url).timeout(timeout).header(CONTENT_TYPE, "application/json").body(body.to_string());
        let response = request.send().await.map_err(|error| refusal(&error))?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(HostRefusal::Status { status: status.as_u16(), after: None }) }
    }
}

const LONGEST_ANSWER: usize = 64 * 1024;

/// The error itself names the URL, which may hold a password: it goes no further.
pub(super) fn refusal(error: &reqwest::Error) -> HostRefusal {
    if error.is_connect() {
        HostRefusal::Unreachable
    } else if error.is_timeout() {
        HostRefusal::Timeout
    } else {
        HostRefusal::Cut
    }
}

pub(super) fn check(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Result<(), HostRefusal> {
    match status {
        _ if status.is_success() => Ok(()),
        _ if status.is_redirection() => Err(HostRefusal::Redirect(status.as_u16())),
        StatusCode::GONE => Err(HostRefusal::Gone),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            let after = headers.get(RETRY_AFTER).and_then(|value| retry_after(value.to_str().ok()?, now));
            Err(HostRefusal::Status { status: status.as_u16(), after })
        }
        _ => Err(HostRefusal::Status { status: status.as_u16(), after: None }),
    }
}

/// Seconds, or a date (RFC 9110, 10.2.3); one that has passed means at once.
fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let wait = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => rfc2822::parse(value).ok()?.timestamp().duration_since(now).try_into().unwrap_or_default(),
    };
    Some(wait.min(retry::LONGEST_PAUSE))
}

/// The whole answer; nothing of one that is longer than `longest` bytes.
pub(super) async fn read(response: &mut Response, longest: usize) -> reqwest::Result<Vec<u8>> {
    let mut answer = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if answer.len() + chunk.len() > longest {
            return Ok(Vec::new());
        }
        answer.extend_from_slice(&chunk);
    }
    Ok(answer)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use axum::Router;
    use axum::body::Bytes;
    use axum::response::{IntoResponse, Redirect};
    use axum::routing::{any, post};
    use serde_json::json;
    use tokio::net::TcpListener;

    use super::*;

    const NOW: i64 = 1_700_000_000;
    const SECOND: Duration = Duration::from_secs(1);

    async fn serve(app: Router) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://user:password@{}/hook", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        url
    }

    async fn call(url: &Url, timeout: Duration) -> Result<Value, HostRefusal> {
        let key = Key::parse(&"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()).unwrap();
        let now = Timestamp::from_second(NOW).unwrap();
        HostClient::new().unwrap().call(url, &key, "msg_1", now, &json!({"n": 1}), timeout).await
    }

    /// Calls a host that answers everything with `answer`.
    async fn call_to<T: IntoResponse + Clone + Send + Sync + 'static>(answer: T) -> Result<Value, HostRefusal> {
        call(&serve(Router::new().fallback(any(move || async move { answer }))).await, SECOND).await
    }

    fn wait(value: &str) -> Option<Duration> {
        retry_after(value, Timestamp::from_second(NOW).unwrap())
    }

    #[tokio::test]
    async fn a_callback_is_signed_json() {
        let check = |headers: HeaderMap, body: Bytes| async move {
            assert_eq!(&body[..], br#"{"n":1}"#);
            let key = Key::parse(&"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()).unwrap();
            assert_eq!(headers["webhook-signature"], key.webhook("msg_1", NOW, &body));
            assert_eq!(headers["webhook-timestamp"], NOW.to_string());
            assert_eq!(headers["webhook-id"], "msg_1");
            assert_eq!(headers["content-type"], "application/json");
            assert_eq!(headers["user-agent"], concat!("megatron/", env!("CARGO_PKG_VERSION")));
            r#"{"channel":"D1","ts":"1.2"}"#
        };
        let url = serve(Router::new().route("/hook", post(check))).await;
        assert_eq!(call(&url, SECOND).await, Ok(json!({"channel": "D1", "ts": "1.2"})));
    }

    #[tokio::test]
    async fn any_2xx_acknowledges() {
        assert_eq!(call_to(StatusCode::NO_CONTENT).await, Ok(Value::Null));
        assert_eq!(call_to((StatusCode::ACCEPTED, "thanks")).await, Ok(Value::Null));
        assert_eq!(
            call_to(format!("\"{}\"", "x".repeat(LONGEST_ANSWER - 2))).await.map(|answer| answer.is_string()),
            Ok(true)
        );
        assert_eq!(
            call_to(format!("\"{}\"", "x".repeat(LONGEST_ANSWER))).await,
            Ok(Value::Null),
            "too long to be read"
        );
    }

    #[tokio::test]
    async fn other_answers_are_told_apart() {
        assert_eq!(call_to(StatusCode::GONE).await, Err(HostRefusal::Gone));
        assert_eq!(call_to(Redirect::temporary("/elsewhere")).await, Err(HostRefusal::Redirect(307)));
        assert_eq!(call_to(StatusCode::NOT_FOUND).await, Err(HostRefusal::Status { status: 404, after: None }));
        let busy = |status| (status, [(RETRY_AFTER, "120")]);
        for (status, after) in [(429, Some(120)), (503, Some(120)), (500, None)] {
            let refusal = call_to(busy(StatusCode::from_u16(status).unwrap())).await.unwrap_err();
            assert_eq!(refusal, HostRefusal::Status { status, after: after.map(Duration::from_secs) });
            assert_eq!(refusal.after(), after.map(Duration::from_secs));
        }
    }

    #[tokio::test]
    async fn a_dead_a_silent_and_a_broken_host_are_told_apart() {
        let silent = serve(Router::new().fallback(any(std::future::pending::<()>))).await;
        assert_eq!(call(&silent, Duration::from_millis(50)).await, Err(HostRefusal::Timeout));

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { drop(listener.accept().await) });
        assert_eq!(call(&url, SECOND).await, Err(HostRefusal::Cut));

        let dead = "http://127.0.0.1:1".parse().unwrap();
        assert_eq!(call(&dead, SECOND).await, Err(HostRefusal::Unreachable));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_a_day_at_most() {
        assert_eq!(wait("120"), Some(Duration::from_mins(2)));
        assert_eq!(wait("Tue, 14 Nov 2023 22:14:20 GMT"), Some(Duration::from_mins(1)));
        assert_eq!(wait("Tue, 14 Nov 2023 22:00:00 GMT"), Some(Duration::ZERO), "it has passed");
        assert_eq!(wait("Fri, 14 Nov 2053 22:00:00 GMT"), Some(retry::LONGEST_PAUSE));
        assert_eq!(wait("99999999"), Some(retry::LONGEST_PAUSE));
        for odd in ["", "soon", "-1", "1.5", "99999999999999999999999"] {
            assert_eq!(wait(odd), None, "{odd:?}");
        }
    }
}
