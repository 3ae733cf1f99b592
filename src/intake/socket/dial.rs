//! Opens a connection: asks Slack for an address, connects there, and waits to be greeted.

use futures_util::StreamExt as _;
use hyper::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use tower::ServiceExt as _;
use tracing::info;
use url::Url;

use crate::config;
use crate::deliver::method::Method;
use crate::deliver::slack::SlackClient;
use crate::deliver::tls;

use super::Limits;
use super::address;
use super::frame::Frame;
use super::link::Link;
use super::reason::{Reason, Trouble};

/// What the frames go over.
pub(super) type Socket = WebSocketStream<TokioIo<MaybeHttpsStream<TokioIo<TcpStream>>>>;

/// Opens connections.
#[derive(Debug, Clone)]
pub(super) struct Dialler {
    slack: SlackClient,
    connector: HttpsConnector<HttpConnector>,
}

impl Dialler {
    /// Opens connections for the app of `slack.app_token`.
    ///
    /// # Errors
    ///
    /// When `slack.api_url` is neither `http` nor `https`.
    pub(super) fn new(slack: &config::Slack) -> anyhow::Result<Self> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls::client_config())
            .https_or_http()
            // A web socket begins as HTTP/1.1.
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self { slack: SlackClient::new(&slack.api_url, slack.timeout)?, connector })
    }

    /// Opens a connection. It counts as open when Slack has greeted.
    pub(super) async fn dial(&self, config: &config::Slack, limits: &Limits) -> Result<Link, Trouble> {
        let address = self.ask(config).await?;
        let open = async {
            let mut socket = self.connect(&address, limits).await?;
            loop {
                let text = match socket.next().await {
                    Some(Ok(Message::Text(text))) => text,
                    Some(Ok(Message::Close(_))) | None => return Err(Trouble::Ended(Reason::Closed)),
                    Some(Ok(_)) => continue,
                    Some(Err(_)) => return Err(Trouble::Ended(Reason::Broken)),
                };
                match Frame::read(&text) {
                    Frame::Hello { app_id, lifetime } => {
                        info!(app.id = app_id, "connected with Slack by Socket Mode");
                        return Ok(Link::new(socket, lifetime));
                    }
                    Frame::Disconnect(reason) => return Err(Trouble::Ended(reason)),
                    // An envelope before the greeting is left for Slack to send again.
                    Frame::Envelope(_) | Frame::Noise => {}
                }
            }
        };
        timeout(limits.hello, open).await.unwrap_or(Err(Trouble::NoHello))
    }

    /// <https://docs.slack.dev/reference/methods/apps.connections.open>
    async fn ask(&self, config: &config::Slack) -> Result<Url, Trouble> {
        let answer = self.slack.call(&config.app_token, Method::APPS_CONNECTIONS_OPEN, &json!({})).await;
        let answer = answer.map_err(Trouble::Refused)?;
        address::admit(answer["url"].as_str().unwrap_or_default(), &config.api_url).ok_or(Trouble::Address)
    }

    async fn connect(&self, address: &Url, limits: &Limits) -> Result<Socket, Trouble> {
        let mut http = address.clone();
        let scheme = if address.scheme() == "wss" { "https" } else { "http" };
        http.set_scheme(scheme).map_err(|()| Trouble::Address)?;
        let uri: Uri = http.as_str().parse().map_err(|_| Trouble::Address)?;
        let stream = self.connector.clone().oneshot(uri).await.map_err(|_| Trouble::Unreachable)?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(limits.max_message))
            .max_frame_size(Some(limits.max_message));
        let opened = client_async_with_config(address.as_str(), TokioIo::new(stream), Some(config)).await;
        opened.map(|(socket, _)| socket).map_err(|_| Trouble::Unreachable)
    }
}
