//! A strict simulated Slack with several workspaces, served over HTTP. The tests turn it step by step with a clock of
//! their own; the demo lets it run.
//!
//! What it refuses, Slack refuses. Where sources disagree about Slack, it takes the harder side or has a switch.
//!
//! `world` and `cast` are what exists; `messages`, `files`, `rooms` and `surfaces` change it and cause `events`; `api` is the Web
//! API over it, `gestures`, `interactions`, `menus` and `home` are the hands of people, `view` their eyes; `server`, `delivery` and
//! `socket_wire` are the wire, `sockets` is who is connected.

mod api;
mod blocks;
mod cast;
mod crowding;
mod delivery;
mod events;
mod faults;
mod files;
mod gestures;
mod home;
mod interactions;
mod menus;
mod messages;
mod pace;
mod payload;
mod response_url;
mod rich_text;
mod rooms;
mod server;
mod setup;
mod socket_wire;
mod sockets;
mod surfaces;
mod view;
mod world;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use url::Url;

use crate::clock::Clock;
use world::World;

pub use cast::{App, AppUrls, User, UserToken};
pub use events::Delivery;
pub use faults::Fault;
pub use files::{FileRequest, NewFile, Spoilt};
pub use interactions::{Answer, CommandAnswer, Spot};
pub use view::{ChannelView, Seen};

/// A running simulated Slack. Clones are the same one; it stops when the last is gone.
#[derive(Clone)]
pub struct Simulator {
    core: Arc<Core>,
    server: Arc<Server>,
}

/// A call of the Web API, as the log keeps it.
#[derive(Debug, Clone)]
pub struct Call {
    /// Method, or `response_url`.
    pub method: String,
    /// Workspace of the token; empty when the token is not known.
    pub team: String,
    /// App of the token; empty when the token is not known.
    pub app_id: String,
    /// When, by the simulator's clock.
    pub at: Timestamp,
    /// The arguments without the token.
    pub args: Value,
    /// The answer as it was made, which a fault may have kept from the caller.
    pub answer: Value,
    /// What went wrong on purpose.
    pub fault: Option<Fault>,
}

/// How an app acknowledged something that was sent to it.
#[derive(Debug, Clone)]
pub struct Ack {
    /// The app.
    pub app_id: String,
    /// Which of its addresses; `socket` for Socket Mode.
    pub url: String,
    /// HTTP status, 200 for what was acknowledged by Socket Mode; none if there was no answer within 3 seconds.
    pub status: Option<u16>,
    /// How long it took, in real time.
    pub took: Duration,
}

impl Ack {
    /// Whether Slack would take it as received.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Switches for what Slack does in different ways, and for what it does on bad days.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "independent switches")]
struct Settings {
    pacing: bool,
    duplicate_events: bool,
    metadata_in_events: bool,
    update_drops_identity: bool,
    takes_back_what_it_shows: bool,
    deliver_before_answer: bool,
    deliver_concurrently: bool,
    both_ways: bool,
    shuffle: Option<faults::Dice>,
    missing_emoji: Vec<String>,
}

/// What the handle, the server and its tasks share.
struct Core {
    world: Mutex<World>,
    http: reqwest::Client,
    address: SocketAddr,
    offline: AtomicBool,
    /// Counts releases of hanging calls.
    releases: watch::Sender<u64>,
    /// Rings when events are queued.
    queued: Notify,
    crowding: crowding::Crowding,
}

impl Core {
    /// The world, locked. Nothing that holds it panics halfway, so a poisoned lock is as good as another.
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Background tasks, stopped with the last handle.
#[derive(Default)]
struct Server(Mutex<Vec<AbortHandle>>);

impl Drop for Server {
    fn drop(&mut self) {
        for task in self.0.get_mut().unwrap_or_else(PoisonError::into_inner).drain(..) {
            task.abort();
        }
    }
}

impl Simulator {
    /// Starts on a free port of the local machine.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start(clock: Clock) -> anyhow::Result<Self> {
        Self::start_on(SocketAddr::from(([127, 0, 0, 1], 0)), clock).await
    }

    /// Starts on the given address.
    ///
    /// # Errors
    /// When the address cannot be opened.
    pub async fn start_on(address: SocketAddr, clock: Clock) -> anyhow::Result<Self> {
        // Whoever came first has installed the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(delivery::ACK_WITHIN)
            .build()
            .context("the simulator's HTTP client")?;
        let listener = tokio::net::TcpListener::bind(address).await.context("the simulator's address")?;
        let address = listener.local_addr()?;
        let core = Arc::new(Core {
            world: Mutex::new(World::new(clock, format!("http://{address}"))),
            http,
            address,
            offline: AtomicBool::new(false),
            releases: watch::Sender::new(0),
            queued: Notify::new(),
            crowding: crowding::Crowding::default(),
        });
        let task = tokio::spawn(server::run(listener, Arc::clone(&core)));
        Ok(Self { core, server: Arc::new(Server(Mutex::new(vec![task.abort_handle()]))) })
    }

    /// Base URL of the Web API, for `slack.api_url`.
    ///
    /// # Panics
    /// Never: an address always makes a URL.
    #[must_use]
    #[allow(clippy::expect_used, reason = "an address always makes a URL")]
    pub fn api_url(&self) -> Url {
        Url::parse(&format!("http://{}/api/", self.core.address)).expect("an address makes a URL")
    }

    /// The next call of a method (`*`: of any; `response_url`: of a response URL) goes wrong.
    pub fn fail_next(&self, method: &str, fault: Fault) {
        self.fail_times(method, 1, fault);
    }

    /// The next `times` calls of a method go wrong.
    pub fn fail_times(&self, method: &str, times: u32, fault: Fault) {
        self.core.world().faults.plan(method, times, fault);
    }

    /// From now on calls of a method go wrong with this probability; the same seed gives the same sequence.
    pub fn fail_randomly(&self, method: &str, probability: f64, seed: u64, fault: Fault) {
        self.core.world().faults.plan_randomly(method, probability, seed, fault);
    }

    /// Forgets all planned faults.
    pub fn clear_faults(&self) {
        self.core.world().faults.clear();
    }

    /// Lets hanging calls go on.
    pub fn release_hangs(&self) {
        self.core.releases.send_modify(|count| *count += 1);
    }

    /// How many calls hang right now.
    #[must_use]
    pub fn hanging(&self) -> usize {
        self.core.releases.receiver_count()
    }

    /// While offline, every connection is closed at once.
    pub fn offline(&self, offline: bool) {
        if offline {
            self.core.world().sockets.cut_all();
        }
        self.core.offline.store(offline, Ordering::SeqCst);
    }

    /// Enforces the rate limits of posting and of the method tiers.
    pub fn enforce_pacing(&self, on: bool) {
        self.core.world().settings.pacing = on;
    }

    /// Shows metadata payloads in events, which Slack may or may not do. Off: the type only.
    pub fn metadata_in_events(&self, on: bool) {
        self.core.world().settings.metadata_in_events = on;
    }

    /// `chat.update` loses name and picture of a customised post, which some have seen.
    pub fn update_drops_identity(&self, on: bool) {
        self.core.world().settings.update_drops_identity = on;
    }

    /// Posts may bring what Slack adds when it shows a message (sizes of pictures), and the newest kinds of blocks. Whether
    /// Slack takes them is not known. Off: they are refused.
    pub fn takes_back_what_it_shows(&self, on: bool) {
        self.core.world().settings.takes_back_what_it_shows = on;
    }

    /// Emoji that `reactions.add` does not know.
    pub fn missing_emoji(&self, names: &[&str]) {
        self.core.world().settings.missing_emoji = names.iter().map(|name| (*name).to_owned()).collect();
    }

    /// All calls of the Web API and of response URLs so far, faults included.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.calls_after(0)
    }

    /// The same without the first so many.
    #[must_use]
    pub fn calls_after(&self, known: usize) -> Vec<Call> {
        self.core.world().calls.iter().skip(known).cloned().collect()
    }
}

#[cfg(test)]
pub(crate) mod trial;

#[cfg(test)]
mod tests;
