//! Socket Mode, as an app sees it.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use url::Url;

use super::{HUB, answer, stage};
use crate::simulator::Simulator;

type Socket = WebSocketStream<TcpStream>;

async fn address(slack: &Simulator) -> String {
    let opened = answer(slack, "xapp-hub", "apps.connections.open", &json!({})).await;
    opened["url"].as_str().unwrap().to_owned()
}

async fn enter(address: &str) -> Result<Socket, Error> {
    let url = Url::parse(address).unwrap();
    let stream = TcpStream::connect((url.host_str().unwrap(), url.port().unwrap())).await.unwrap();
    client_async(address, stream).await.map(|(socket, _)| socket)
}

async fn hear(socket: &mut Socket) -> Value {
    let message = socket.next().await.unwrap().unwrap();
    serde_json::from_str(message.to_text().unwrap()).unwrap()
}

/// Connects the hub app.
async fn connect(slack: &Simulator) -> (Socket, Value) {
    let mut socket = enter(&address(slack).await).await.unwrap();
    let hello = hear(&mut socket).await;
    (socket, hello)
}

#[tokio::test]
async fn only_an_app_level_token_opens_a_connection_and_it_does_nothing_else() {
    let (slack, _) = stage().await;
    let refused = "not_allowed_token_type";
    assert_eq!(answer(&slack, HUB, "apps.connections.open", &json!({})).await["error"], refused);
    assert_eq!(answer(&slack, "xapp-hub", "auth.test", &json!({})).await["error"], refused);
    let (_socket, hello) = connect(&slack).await;
    assert_eq!(json!([hello["type"], hello["num_connections"]]), json!(["hello", 1]));
    assert_eq!(hello["connection_info"]["app_id"], "A0HUB");
    assert_eq!(hello["debug_info"]["approximate_connection_time"], 18_060);
}

#[tokio::test]
async fn a_ticket_lets_in_once() {
    let (slack, _) = stage().await;
    let address = address(&slack).await;
    let _socket = enter(&address).await.unwrap();
    assert!(matches!(enter(&address).await, Err(Error::Http(refusal)) if refusal.status() == 403));
}

#[tokio::test]
async fn the_eleventh_connection_is_refused() {
    let (slack, _) = stage().await;
    let mut others = Vec::new();
    for _ in 0..10 {
        others.push(connect(&slack).await);
    }
    let (_, refusal) = connect(&slack).await;
    assert_eq!(json!([refusal["type"], refusal["reason"]]), json!(["disconnect", "too_many_websockets"]));
    assert_eq!(slack.sockets("A0HUB"), 10);
}

#[tokio::test]
async fn what_is_not_acknowledged_comes_again_and_says_so() {
    let (slack, _) = stage().await;
    let (mut socket, _) = connect(&slack).await;
    slack.sockets_wait(std::time::Duration::from_millis(50));
    slack.create_channel("T0SUP", "U0JANE", "help", false).unwrap();
    slack.join_channel("T0SUP", "help", "U0HUB").unwrap();
    let _ = slack.take_events("A0HUB");
    slack.say("T0SUP", "U0JANE", "help", "hello").unwrap();

    assert_eq!(slack.deliver_events().await, 1);
    let first = hear(&mut socket).await;
    assert_eq!(json!([first["type"], first["accepts_response_payload"]]), json!(["events_api", false]));
    assert_eq!(first["payload"]["event"]["text"], "hello");
    assert_eq!(json!([first["retry_attempt"], first["retry_reason"]]), json!([0, ""]));
    assert_eq!(slack.missed_acks().len(), 1);

    let acknowledge = async {
        let again = hear(&mut socket).await;
        let ack = json!({ "envelope_id": again["envelope_id"], "payload": { "ignored": true } });
        socket.send(Message::text(ack.to_string())).await.unwrap();
        again
    };
    let (_, again) = tokio::join!(slack.deliver_events(), acknowledge);
    assert_eq!(json!([again["retry_attempt"], again["retry_reason"]]), json!([1, "http_timeout"]));
    assert_eq!(again["payload"], first["payload"]);
    assert_eq!(slack.missed_acks().len(), 1);
    assert_eq!(slack.deliver_events().await, 0, "it was acknowledged");
}

#[tokio::test]
async fn the_answer_to_a_command_is_in_its_acknowledgement() {
    let (slack, _) = stage().await;
    let (mut socket, _) = connect(&slack).await;
    slack.create_channel("T0SUP", "U0JANE", "help", false).unwrap();
    let answer = async {
        let envelope = hear(&mut socket).await;
        assert_eq!(json!([envelope["type"], envelope["accepts_response_payload"]]), json!(["slash_commands", true]));
        assert_eq!(envelope["payload"]["text"], "open phil");
        let ack = json!({ "envelope_id": envelope["envelope_id"], "payload": { "text": "Opening" } });
        socket.send(Message::text(ack.to_string())).await.unwrap();
    };
    let typed = slack.command("T0SUP", "U0JANE", "help", "/megatron", "open phil");
    let (typed, ()) = tokio::join!(typed, answer);
    assert_eq!(typed.unwrap().body["text"], "Opening");
    assert_eq!(slack.ephemerals("T0SUP", "U0JANE", "help")[0].text, "Opening");
}
