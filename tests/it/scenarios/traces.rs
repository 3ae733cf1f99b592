//! What a collector of OpenTelemetry gets from the program: one trace from the request to Slack, also over a restart, and no
//! word of what was said.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::routing::post;
use megatron::demo::cast::{ACME, API_KEY, HUB, JANE, PHIL, PHILS_DM};
use megatron::simulator::Fault;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use reqwest::StatusCode;
use serde_json::json;

use super::process::{Site, until};
use crate::support::house::SECRETS;
use crate::support::postgres;

/// A trace that the bot began.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// All that was sent to it.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Bytes>>>);

impl Collector {
    async fn listen(&self) -> String {
        let kept = Arc::clone(&self.0);
        let take = move |headers: HeaderMap, body: Bytes| {
            assert_eq!(headers["content-type"], "application/x-protobuf");
            assert_eq!(headers["x-key"], "for the collector");
            kept.lock().unwrap().push(body);
            async { StatusCode::OK }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/v1/traces", post(take))).await });
        url
    }

    fn spans(&self) -> Vec<Span> {
        let bodies = self.0.lock().unwrap();
        let all =
            bodies.iter().flat_map(|body| ExportTraceServiceRequest::decode(body.clone()).unwrap().resource_spans);
        all.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
    }

    /// The names of the spans of a trace, with the value of this attribute.
    fn of(&self, trace: &str, name: &str, attribute: &str) -> Vec<String> {
        let spans = self.spans().into_iter().filter(|span| hex::encode(&span.trace_id) == trace && span.name == name);
        let value = |span: Span| {
            let found = span.attributes.into_iter().find(|one| one.key == attribute)?.value?.value?;
            match found {
                opentelemetry_proto::tonic::common::v1::any_value::Value::StringValue(text) => Some(text),
                _ => None,
            }
        };
        spans.filter_map(value).collect()
    }
}

/// Phil's message and Jane's answer, each of which outlives the process that took it in.
async fn play(database: Option<String>) {
    let (site, collector) = (Site::new().await, Collector::default());
    let endpoint = collector.listen().await;
    let mut variables = vec![
        ("MEGATRON_TELEMETRY__OTLP_ENDPOINT", endpoint.as_str()),
        ("MEGATRON_TELEMETRY__HEADERS", "x-key=for the collector"),
    ];
    if let Some(url) = &database {
        variables.push(("MEGATRON_DATABASE__URL", url));
    }
    let service = site.serve_with(&variables).await;
    site.open_room(&service).await;

    site.slack.fail_times("chat.postMessage", 1000, Fault::Http500Before);
    let body = json!({ "direction": "incoming", "team_id": ACME, "channel_id": PHILS_DM, "user_id": PHIL,
        "message": { "ts": "1700000001.000100", "text": "a word that stays between us" } });
    let request = site.http.post(service.url.join("ingest").unwrap()).bearer_auth(API_KEY).json(&body);
    let answer = request.header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    site.slack.command(HUB, JANE, "cs-phil", "/megatron", "pause").await.unwrap();
    until("the bot is told", async || site.bot.heard_types().contains(&"conversation.paused".to_owned())).await;
    assert_eq!(service.terminate().await.code(), Some(0));
    assert_eq!(collector.of(TRACE, "request", "http.path"), ["/ingest"]);

    site.slack.clear_faults();
    let service = site.serve_with(&variables).await;
    let arrived = async || site.room().contains(&"Phil: a word that stays between us".to_owned());
    until("it arrives", arrived).await;
    assert_eq!(service.terminate().await.code(), Some(0));
    assert!(collector.of(TRACE, "deliver", "effect").contains(&"mirror".to_owned()), "{:#?}", collector.spans());
    assert!(collector.of(TRACE, "slack", "slack.method").contains(&"chat.postMessage".to_owned()));

    let callbacks = site.bot.heard().into_iter().filter(|heard| heard.body["type"] == "conversation.paused");
    for callback in callbacks {
        let trace = callback.trace.expect("a traceparent")[3..35].to_owned();
        assert_eq!(collector.of(&trace, "request", "http.path"), ["/slack/commands"]);
    }
    for body in collector.0.lock().unwrap().iter() {
        let text = String::from_utf8_lossy(body);
        for word in SECRETS.into_iter().chain(["a word that stays", "help!"]) {
            assert!(!text.contains(word), "{word}");
        }
    }
}

#[tokio::test]
async fn one_trace_leads_from_the_request_to_slack_on_sqlite() {
    play(None).await;
}

#[tokio::test]
async fn one_trace_leads_from_the_request_to_slack_on_postgres() {
    let Some(database) = postgres::database().await else { return };
    play(Some(database)).await;
}
