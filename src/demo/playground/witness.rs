//! Looks at requests on their way, so that the page can show what moves.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::moves::Moves;
use crate::clock::Clock;

/// More than the service takes, which refuses it itself.
const MAX_BODY: usize = 4 << 20;

/// Passes a request on to whoever answers it, and notes both, as moved between the two.
pub(crate) async fn witness(
    moves: &Moves,
    between: (&'static str, &'static str),
    request: Request,
    answer: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(asked) = to_bytes(body, MAX_BODY).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let since = Clock::System.now();
    let path = head.uri.path().to_owned();
    let request = content(&asked);
    let what = name(head.method.as_str(), &path, &request);
    let (head, body) = answer(Request::from_parts(head, Body::from(asked))).await.into_parts();
    let answered = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let took = u64::try_from(Clock::System.now().duration_since(since).as_millis()).unwrap_or_default();
    moves.note(between, what, head.status.as_u16(), took, json!({ "request": request, "answer": content(&answered) }));
    Response::from_parts(head, Body::from(answered))
}

/// A body as people read it: JSON as it is, a form as an object, with what is JSON in it as such.
fn content(body: &Bytes) -> Value {
    if let Ok(json) = serde_json::from_slice(body) {
        return json;
    }
    let text = String::from_utf8_lossy(body);
    if !text.contains('=') {
        return if text.is_empty() { Value::Null } else { json!(text) };
    }
    let field = |(name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
        let json = serde_json::from_str::<Value>(&value).ok().filter(Value::is_object);
        (name.into_owned(), json.unwrap_or_else(|| json!(value)))
    };
    Value::Object(url::form_urlencoded::parse(body).map(field).collect::<Map<_, _>>())
}

/// What a request is about, in a few words.
fn name(method: &str, path: &str, content: &Value) -> String {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let named = match path {
        "/slack/events" => text(&content["event"]["subtype"]).or_else(|| text(&content["event"]["type"])),
        "/slack/commands" => text(&content["command"]).map(|command| {
            let words = content["text"].as_str().unwrap_or_default();
            format!("{command} {words}").trim_end().to_owned()
        }),
        "/slack/interactivity" | "/slack/options" => text(&content["payload"]["type"]),
        "/callbacks" => text(&content["type"]),
        _ => None,
    };
    named.unwrap_or_else(|| format!("{method} {path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_called_what_people_call_it() {
        let of = |path: &str, body: &str| name("POST", path, &content(&Bytes::copy_from_slice(body.as_bytes())));
        assert_eq!(of("/ingest", "{}"), "POST /ingest");
        assert_eq!(of("/callbacks", r#"{"type":"conversation.paused"}"#), "conversation.paused");
        assert_eq!(of("/slack/commands", "command=%2Fmegatron&text=open+phil"), "/megatron open phil");
        assert_eq!(of("/slack/interactivity", "payload=%7B%22type%22%3A%22shortcut%22%7D"), "shortcut");
        assert_eq!(of("/slack/events", r#"{"event":{"type":"message","subtype":"file_share"}}"#), "file_share");
    }
}
