//! A tracker of the operator's own: signed requests (Standard Webhooks 1.0). It knows a repeated one by its `webhook-id`.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use crate::config;
use crate::deliver::host::{HostClient, HostRefusal};
use crate::deliver::sign::Key;
use crate::takeover::callback;

use super::{Draft, Opened, Order};

/// How long the tracker may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tells a service of the operator's own.
#[derive(Debug)]
pub struct Webhook {
    host: HostClient,
    url: Url,
    key: Key,
}

impl Webhook {
    /// The tracker of the configuration.
    ///
    /// # Errors
    /// When the secret is none.
    pub fn new(config: &config::Tracker) -> anyhow::Result<Self> {
        Ok(Self { host: HostClient::new()?, url: config.api_url.clone(), key: Key::parse(&config.secret)? })
    }

    /// Whether a request that came in is signed by the tracker; see [`Key::verifies`].
    #[must_use]
    pub fn verifies(&self, id: &str, timestamp: &str, signatures: &str, body: &[u8], now: i64) -> bool {
        self.key.verifies(id, timestamp, signatures, body, now)
    }

    /// An answer without an id means that the tracker knows the ticket by our reference.
    pub(super) async fn open(&self, order: Order<'_>, draft: &Draft) -> Result<Opened, HostRefusal> {
        let Draft { title, text, reference } = draft;
        let data = json!({ "reference": reference, "title": title, "text": text });
        let answer = self.call(order, "ticket.create", data).await?;
        let field = |name: &str| answer[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(Opened { ticket: field("id").unwrap_or_else(|| reference.clone()), url: field("url").unwrap_or_default() })
    }

    pub(super) async fn comment(&self, order: Order<'_>, ticket: &str, text: &str) -> Result<(), HostRefusal> {
        self.call(order, "ticket.comment", json!({ "id": ticket, "text": text })).await.map(drop)
    }

    pub(super) async fn complete(&self, order: Order<'_>, ticket: &str) -> Result<(), HostRefusal> {
        self.call(order, "ticket.complete", json!({ "id": ticket })).await.map(drop)
    }

    async fn call(&self, order: Order<'_>, kind: &str, data: Value) -> Result<Value, HostRefusal> {
        let body = callback::envelope(kind, order.since, data);
        self.host.call(&self.url, &self.key, order.id, order.now, &body, PATIENCE).await
    }
}
