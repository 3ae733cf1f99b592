//! Calls Slack's Web API: one method, one token, one JSON value in, one out, untouched. The delivery worker and `doctor`
//! call it; retries, pace and order are theirs.

use std::fmt;
use std::time::Duration;

use anyhow::ensure;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use slack_morphism::hyper_tokio::SlackClientHyperConnector;
use slack_morphism::{ClientResult, SlackApiToken, SlackApiTokenValue};
use tracing::{Instrument as _, info_span};
use url::Url;

use super::method::{Arguments, Method};
use super::outcome::{self, Refusal};
use super::tls;

/// A client of the Web API; clones share its connections.
#[derive(Clone)]
pub struct SlackClient {
    client: slack_morphism::SlackClient<SlackClientHyperConnector<HttpsConnector<HttpConnector>>>,
    timeout: Duration,
}

impl SlackClient {
    /// A client of the Web API under `api_url`, `http` or `https`, whose calls take `timeout` at most.
    ///
    /// # Errors
    /// When `api_url` is neither `http` nor `https`.
    pub fn new(api_url: &Url, timeout: Duration) -> anyhow::Result<Self> {
        ensure!(matches!(api_url.scheme(), "http" | "https"), "the Slack API URL must be http or https");
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(timeout / 2));
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls::client_config())
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(tcp);
        let connector =
            SlackClientHyperConnector::with_connector(https).with_slack_api_url(api_url.as_str().trim_end_matches('/'));
        Ok(Self { client: slack_morphism::SlackClient::new(connector), timeout })
    }

    /// Calls `method` with the fields of `body`, an object.
    ///
    /// # Errors
    /// A [`Refusal`] for anything but an answer that says `"ok": true`.
    pub async fn call(&self, token: &SecretString, method: Method, body: &Value) -> Result<Value, Refusal> {
        let span = info_span!("slack", slack.method = method.name());
        match tokio::time::timeout(self.timeout, self.send(token, method, body)).instrument(span).await {
            Ok(result) => outcome::read(method, result),
            Err(_) => Err(Refusal::new(method, "no_answer")),
        }
    }

    async fn send(&self, token: &SecretString, method: Method, body: &Value) -> ClientResult<Value> {
        let token = SlackApiToken::new(SlackApiTokenValue(token.expose_secret().to_owned()));
        let api = self.client.open_session(&token).http_session_api;
        match method.arguments() {
            Arguments::Json => api.http_post(method.name(), body, None).await,
            Arguments::Query => api.http_get(method.name(), &query(body), None).await,
        }
    }
}

impl fmt::Debug for SlackClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlackClient").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// Strings as they are, anything else as its JSON; what is null is left out.
fn query(body: &Value) -> Vec<(&str, Option<String>)> {
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    body.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), text(value))).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use axum::Router;
    use axum::body::Bytes;
    use axum::http::{HeaderMap, StatusCode, Uri, header};
    use axum::response::IntoResponse;
    use axum::routing::{any, get, post};
    use serde_json::json;
    use tokio::net::TcpListener;

    use super::*;
    use crate::deliver::outcome::Class;

    const NUMBERS: &str = r#"{"ok":true,"ts":"1700000000.000100","n":1.50,"big":12345678901234567890123,"z":0,"a":0}"#;

    async fn serve(app: Router) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        url
    }

    fn client(url: &Url) -> SlackClient {
        SlackClient::new(url, Duration::from_secs(5)).unwrap()
    }

    async fn call(client: &SlackClient, method: Method, body: Value) -> Result<Value, Refusal> {
        client.call(&"xoxb-secret".into(), method, &body).await
    }

    /// Posts a message to a server that answers everything with `answer`.
    async fn post_to<T: IntoResponse + Clone + Send + Sync + 'static>(answer: T) -> Result<Value, Refusal> {
        let url = serve(Router::new().fallback(any(move || async move { answer }))).await;
        call(&client(&url), Method::CHAT_POST_MESSAGE, json!({"channel": "C1"})).await
    }

    fn json_answer(status: u16, body: impl Into<String>) -> impl IntoResponse + Clone + Send + Sync + 'static {
        (
            StatusCode::from_u16(status).unwrap(),
            [(header::CONTENT_TYPE, "application/json; charset=utf-8")],
            body.into(),
        )
    }

    #[tokio::test]
    async fn a_write_sends_json_and_the_answer_comes_back_untouched() {
        let echo = |headers: HeaderMap, body: Bytes| async move {
            assert_eq!(headers["authorization"], "Bearer xoxb-secret");
            assert_eq!(headers["content-type"], "application/json; charset=utf-8");
            assert_eq!(&body[..], br#"{"text":"1 < 2","n":1.50}"#);
            json_answer(200, NUMBERS)
        };
        let url = serve(Router::new().route("/api/chat.postMessage", post(echo))).await;
        let body = serde_json::from_str(r#"{"text":"1 < 2","n":1.50}"#).unwrap();
        let answer = call(&client(&url), Method::CHAT_POST_MESSAGE, body).await.unwrap();
        assert_eq!(answer.to_string(), NUMBERS);
    }

    #[tokio::test]
    async fn a_read_sends_a_query() {
        let echo = |headers: HeaderMap, uri: Uri| async move {
            assert_eq!(headers["authorization"], "Bearer xoxb-secret");
            json_answer(200, json!({"ok": true, "query": uri.query()}).to_string())
        };
        let url = serve(Router::new().route("/api/conversations.history", get(echo))).await;
        let body = json!({"channel": "D0&1", "limit": 15, "include_all_metadata": true, "cursor": null});
        let answer = call(&client(&url), Method::CONVERSATIONS_HISTORY, body).await.unwrap();
        assert_eq!(answer["query"], "channel=D0%261&limit=15&include_all_metadata=true");
    }

    #[tokio::test]
    async fn a_base_url_without_its_last_slash_means_the_same() {
        let url = serve(Router::new().route("/api/auth.test", post(|| async { json_answer(200, NUMBERS) }))).await;
        for url in [url.as_str(), url.as_str().trim_end_matches('/')] {
            call(&client(&url.parse().unwrap()), Method::AUTH_TEST, json!({})).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_refusal_keeps_code_scope_and_messages() {
        let body =
            r#"{"ok":false,"error":"missing_scope","needed":"chat:write","response_metadata":{"messages":["m"]}}"#;
        let refusal = post_to(json_answer(200, body)).await.unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.class), ("missing_scope", Class::Permission));
        assert_eq!((refusal.needed.as_deref(), &refusal.messages[..]), (Some("chat:write"), &["m".to_owned()][..]));
    }

    #[tokio::test]
    async fn a_429_says_how_long_to_wait() {
        let limited = |body: &'static str| {
            let headers = [(header::RETRY_AFTER, "30"), (header::CONTENT_TYPE, "application/json")];
            (StatusCode::TOO_MANY_REQUESTS, headers, body)
        };
        let refusal = post_to(limited(r#"{"ok":false,"error":"ratelimited"}"#)).await.unwrap_err();
        assert_eq!(refusal.class, Class::Later { after: Some(Duration::from_secs(30)) });
        for (header, seconds) in [("7", 7), ("18446744073709551615", 86_400)] {
            let plain = (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, header)], "slow down");
            let refusal = post_to(plain).await.unwrap_err();
            assert_eq!(refusal.class, Class::Later { after: Some(Duration::from_secs(seconds)) });
        }
    }

    #[tokio::test]
    async fn what_is_not_an_answer_leaves_us_unsure() {
        let html = ([(header::CONTENT_TYPE, "text/html")], "<p>xoxb-secret</p>");
        assert_eq!(post_to(html).await.unwrap_err().code, "not_json");
        assert_eq!(post_to(json_answer(200, "{\"ok\":tr")).await.unwrap_err().code, "not_json");
        assert_eq!(post_to(json_answer(200, "{\"ok\":false}")).await.unwrap_err().code, "not_json");
        let refusal = post_to(json_answer(503, "{\"ok\":false,\"error\":\"xoxb-secret\"}")).await.unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.class), ("http_503", Class::Unsure));
        assert!(!format!("{refusal} {refusal:?}").contains("secret"));
    }

    #[tokio::test]
    async fn an_odd_field_does_not_turn_success_into_failure() {
        let answer = post_to(json_answer(200, r#"{"ok":true,"ts":"1.2","warnings":"one"}"#)).await.unwrap();
        assert_eq!(answer["ts"], "1.2");
    }

    #[tokio::test]
    async fn a_refused_connection_is_tried_later_because_nothing_was_sent() {
        let url = "http://127.0.0.1:1".parse().unwrap();
        let refusal = call(&client(&url), Method::CHAT_POST_MESSAGE, json!({})).await.unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.class), ("unreachable", Class::Later { after: None }));
    }

    #[tokio::test]
    async fn a_connection_cut_after_the_request_leaves_us_unsure() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        for half_answer in
            ["", "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{\"ok\":true"]
        {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
            tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                assert_ne!(stream.read(&mut [0; 1024]).await.unwrap(), 0);
                stream.write_all(half_answer.as_bytes()).await.unwrap();
            });
            let refusal = call(&client(&url), Method::CHAT_POST_MESSAGE, json!({})).await.unwrap_err();
            assert_eq!((refusal.code.as_str(), refusal.class), ("connection_lost", Class::Unsure), "{half_answer}");
        }
    }

    #[tokio::test]
    async fn no_answer_in_time_leaves_us_unsure() {
        let url = serve(Router::new().fallback(any(std::future::pending::<()>))).await;
        let client = SlackClient::new(&url, Duration::from_millis(50)).unwrap();
        let refusal = call(&client, Method::CHAT_POST_MESSAGE, json!({})).await.unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.class), ("no_answer", Class::Unsure));
    }

    #[tokio::test]
    async fn a_token_that_is_no_header_is_our_bug_and_is_not_shown() {
        let url = serve(Router::new()).await;
        let refusal = client(&url).call(&"xoxb-\nsecret".into(), Method::AUTH_TEST, &json!({})).await.unwrap_err();
        assert_eq!(refusal.class, Class::Bug);
        assert!(!format!("{refusal} {refusal:?} {:?}", client(&url)).contains("secret"));
    }

    #[test]
    fn only_http_is_spoken() {
        assert!(SlackClient::new(&"ftp://slack.com/api/".parse().unwrap(), Duration::from_secs(1)).is_err());
    }
}
