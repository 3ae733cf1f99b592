//! Socket Mode: which apps are connected, and what is on its way to them. `socket_wire` carries the frames.
//!
//! <https://docs.slack.dev/apis/events-api/using-socket-mode>

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use super::Simulator;

/// Most connections of one app.
pub(super) const MOST: usize = 10;

/// The connections of all apps.
#[derive(Default)]
pub(super) struct Sockets {
    tickets: HashMap<String, String>,
    /// By number: the oldest first.
    links: BTreeMap<u64, Link>,
    /// Envelopes that nobody has acknowledged yet, with the connection that they went over.
    waiting: HashMap<String, (u64, oneshot::Sender<Value>)>,
    /// How long connections last, in seconds; none: five hours.
    pub(super) lifetime: Option<u64>,
    /// How long an acknowledgement may take; none: three seconds.
    pub(super) patience: Option<Duration>,
    /// How often apps have asked for a sign of life.
    pub(super) pings: usize,
    /// How often apps have given a sign of life.
    pub(super) pongs: usize,
    turn: usize,
}

struct Link {
    app_id: String,
    orders: mpsc::UnboundedSender<Order>,
}

/// What a connection is to do.
pub(super) enum Order {
    /// Send this.
    Say(Value),
    /// Ask for a sign of life.
    Ping,
    /// Neither read nor write any more, and stay open.
    Hush,
    /// Close as the protocol asks for.
    Close,
}

impl Sockets {
    /// Makes an address that lets its bearer in once.
    pub(super) fn ticket(&mut self, number: u64, app_id: &str) -> String {
        let ticket = format!("secret-ticket-{number}");
        self.tickets.insert(ticket.clone(), app_id.to_owned());
        ticket
    }

    /// Takes a ticket back; answers whose it is.
    pub(super) fn admit(&mut self, ticket: &str) -> Option<String> {
        self.tickets.remove(ticket)
    }

    /// A connection is there; none when the app has as many as it may.
    pub(super) fn enter(&mut self, number: u64, app_id: &str) -> Option<mpsc::UnboundedReceiver<Order>> {
        if self.count(app_id) >= MOST {
            return None;
        }
        let (orders, receiver) = mpsc::unbounded_channel();
        self.links.insert(number, Link { app_id: app_id.to_owned(), orders });
        Some(receiver)
    }

    /// A connection is gone, and what was on its way over it is lost.
    pub(super) fn leave(&mut self, number: u64) {
        self.links.remove(&number);
        self.waiting.retain(|_, (link, _)| *link != number);
    }

    /// How many connections an app has.
    pub(super) fn count(&self, app_id: &str) -> usize {
        self.links.values().filter(|link| link.app_id == app_id).count()
    }

    /// Sends an envelope over any one connection of its app. What comes back is the payload of the acknowledgement, or
    /// nothing when the connection breaks. None when the app has no connection.
    pub(super) fn send(&mut self, app_id: &str, id: &str, envelope: Value) -> Option<oneshot::Receiver<Value>> {
        let links: Vec<_> = self.links.iter().filter(|(_, link)| link.app_id == app_id).collect();
        self.turn += 1;
        let (number, link) = links.get(self.turn.checked_rem(links.len())?)?;
        let (acknowledge, acknowledged) = oneshot::channel();
        self.waiting.insert(id.to_owned(), (**number, acknowledge));
        // A connection that ends just now takes the envelope with it.
        let _ = link.orders.send(Order::Say(envelope));
        Some(acknowledged)
    }

    /// An app has said something. What acknowledges nothing is ignored.
    pub(super) fn hear(&mut self, text: &str) {
        let mut said: Value = serde_json::from_str(text).unwrap_or_default();
        let id = said["envelope_id"].as_str().unwrap_or_default();
        if let Some((_, acknowledge)) = self.waiting.remove(id) {
            let _ = acknowledge.send(said["payload"].take());
        }
    }

    /// Forgets an envelope that nobody acknowledged in time.
    pub(super) fn forget(&mut self, id: &str) {
        self.waiting.remove(id);
    }

    /// Cuts every connection.
    pub(super) fn cut_all(&mut self) {
        self.links.clear();
        self.waiting.clear();
    }

    fn tell(&self, app_id: &str, order: impl Fn() -> Order) {
        for link in self.links.values().filter(|link| link.app_id == app_id) {
            let _ = link.orders.send(order());
        }
    }
}

impl Simulator {
    /// How many connections of Socket Mode an app has.
    #[must_use]
    pub fn sockets(&self, app_id: &str) -> usize {
        self.core.world().sockets.count(app_id)
    }

    /// Tells all connections of an app that they will be closed: `warning`, `refresh_requested`, `link_disabled`. They stay
    /// open until somebody closes them.
    pub fn ask_to_reconnect(&self, app_id: &str, reason: &str) {
        let message = json!({ "type": "disconnect", "reason": reason, "debug_info": { "host": "applink-1" } });
        self.core.world().sockets.tell(app_id, || Order::Say(message.clone()));
    }

    /// Asks all connections of an app for a sign of life, as Slack does every few seconds.
    pub fn ping_sockets(&self, app_id: &str) {
        self.core.world().sockets.tell(app_id, || Order::Ping);
    }

    /// How often apps have asked for a sign of life.
    #[must_use]
    pub fn pings(&self) -> usize {
        self.core.world().sockets.pings
    }

    /// How many signs of life apps have given when they were asked.
    #[must_use]
    pub fn pongs(&self) -> usize {
        self.core.world().sockets.pongs
    }

    /// Sends something over all connections of an app.
    pub fn say_by_socket(&self, app_id: &str, message: &Value) {
        self.core.world().sockets.tell(app_id, || Order::Say(message.clone()));
    }

    /// Closes all connections of an app, without a word before.
    pub fn close_sockets(&self, app_id: &str) {
        self.core.world().sockets.tell(app_id, || Order::Close);
    }

    /// All connections of an app go half-open: they stand, but nothing passes. What is sent over them is lost when the app
    /// gives them up.
    pub fn hush_sockets(&self, app_id: &str) {
        self.core.world().sockets.tell(app_id, || Order::Hush);
    }

    /// How long further connections last, as their greeting says; nothing closes them by itself.
    pub fn sockets_last(&self, seconds: u64) {
        self.core.world().sockets.lifetime = Some(seconds);
    }

    /// How long an acknowledgement by Socket Mode may take, in real time, instead of three seconds.
    pub fn sockets_wait(&self, patience: Duration) {
        self.core.world().sockets.patience = Some(patience);
    }

    /// Sends everything over HTTP besides, where the app has an address, once it was sent by Socket Mode.
    pub fn deliver_both_ways(&self, on: bool) {
        self.core.world().settings.both_ways = on;
    }
}
