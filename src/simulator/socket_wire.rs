//! Connections of Socket Mode on the wire: the handshake, the greeting, and the frames both ways.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Query, Request, State};
use axum::http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse as _;
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::Core;
use super::sockets::Order;

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// How long a connection lasts, in seconds.
const LIFETIME: u64 = 18_060;

/// Lets in whoever has a ticket.
pub(super) async fn link(
    State(core): State<Arc<Core>>,
    Query(query): Query<HashMap<String, String>>,
    mut request: Request,
) -> Response<Body> {
    let ticket = query.get("ticket").map(String::as_str).unwrap_or_default();
    let Some(app_id) = core.world().sockets.admit(ticket) else { return StatusCode::FORBIDDEN.into_response() };
    let Some(key) = request.headers().get(SEC_WEBSOCKET_KEY) else { return StatusCode::BAD_REQUEST.into_response() };
    let accept = derive_accept_key(key.as_bytes());
    tokio::spawn(serve(core, app_id, hyper::upgrade::on(&mut request)));
    let headers = [(UPGRADE, "websocket"), (CONNECTION, "Upgrade"), (SEC_WEBSOCKET_ACCEPT, accept.as_str())];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

async fn serve(core: Arc<Core>, app_id: String, upgrade: OnUpgrade) {
    let Ok(upgraded) = upgrade.await else { return };
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
    let (number, orders) = {
        let mut world = core.world();
        let number = world.serial();
        (number, world.sockets.enter(number, &app_id))
    };
    let Some(orders) = orders else {
        let refusal = json!({ "type": "disconnect", "reason": "too_many_websockets" });
        let _ = say(&mut socket, &refusal).await;
        let _ = socket.close(None).await;
        return;
    };
    core.queued.notify_one();
    talk(&core, &app_id, socket, orders).await;
    core.world().sockets.leave(number);
    core.queued.notify_one();
}

/// Talks until either side has enough.
async fn talk(core: &Core, app_id: &str, mut socket: Socket, mut orders: UnboundedReceiver<Order>) {
    let (count, lifetime) = {
        let world = core.world();
        (world.sockets.count(app_id), world.sockets.lifetime.unwrap_or(LIFETIME))
    };
    let hello = json!({
        "type": "hello", "num_connections": count, "connection_info": { "app_id": app_id },
        "debug_info": { "host": "applink-1", "build_number": 10, "approximate_connection_time": lifetime },
    });
    if say(&mut socket, &hello).await.is_err() {
        return;
    }
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                None => return,
                Some(Order::Say(message)) => if say(&mut socket, &message).await.is_err() { return },
                Some(Order::Ping) => if socket.send(Message::Ping(Bytes::new())).await.is_err() { return },
                Some(Order::Close) => {
                    let _ = socket.close(None).await;
                    return;
                }
                Some(Order::Hush) => {
                    // Until the other side gives up.
                    let _ = tokio::io::copy(&mut socket.into_inner(), &mut tokio::io::sink()).await;
                    return;
                }
            },
            frame = socket.next() => match frame {
                Some(Ok(Message::Text(text))) => core.world().sockets.hear(&text),
                // The library answers it.
                Some(Ok(Message::Ping(_))) => core.world().sockets.pings += 1,
                Some(Ok(Message::Pong(_))) => core.world().sockets.pongs += 1,
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
        }
    }
}

async fn say(socket: &mut Socket, message: &Value) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    socket.send(Message::text(message.to_string())).await
}
