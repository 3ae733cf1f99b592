//! The configuration: the only module that reads the environment.

pub mod duration;
mod environment;
mod error;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod example;
mod layers;
mod load;
mod queues;
mod rules;
mod schema;
mod settings;
mod size;
mod subscribers;
pub mod texts;

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::render::phrases::{Commands, Phrases};
use crate::render::redact::Redactor;
use crate::takeover::handoff::hours::Hours;

use layers::Layers;

pub use environment::variables;
pub use error::ConfigError;
#[cfg(test)]
pub(crate) use example::example;
pub use load::load;
pub use queues::Queue;
pub(crate) use queues::leads_back;
pub use rules::{Rule, Whose};
pub(crate) use schema::{is_command, is_label, is_person};
pub use settings::{Change, Place, Setting};
pub use subscribers::{OnComplete, Tracker, TrackerKind, Webhook};
pub use texts::{Templates, Text, Texts, Wording, wordings};

/// Everything an operator can set. `config/default.toml` documents each key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address and port of the HTTP server; port 0 picks a free one.
    pub listen: String,
    /// Where conversations are kept.
    pub database: Database,
    /// Keys of the service itself.
    pub security: Security,
    /// The hub app in the support workspace.
    pub slack: Slack,
    /// Who the agents are.
    pub support: Support,
    /// How rooms look and behave.
    pub rooms: Rooms,
    /// What becomes of files.
    pub files: Files,
    /// When people are reminded.
    pub reminders: Reminders,
    /// What people read.
    pub templates: Texts,
    /// What is masked before anything is stored or sent.
    #[serde(deserialize_with = "redactor")]
    pub redaction: Redactor,
    /// Where agents see which conversations need a look.
    pub triage: Triage,
    /// How long things are kept.
    pub retention: Retention,
    /// What is logged, and how.
    pub log: Log,
    /// Where traces go.
    pub telemetry: Telemetry,
    /// How handoffs are handled.
    pub handoff: Handoff,
    /// Where agents find the customers who wait for a human.
    pub queues: Vec<Queue>,
    /// When somebody is there.
    #[serde(deserialize_with = "queues::hours")]
    pub hours: Vec<Hours>,
    /// Where tickets are opened.
    pub tracker: Tracker,
    /// The bots whose customers are relayed.
    pub bots: Vec<Bot>,
    /// Endpoints that are told what happens.
    pub webhooks: Vec<Webhook>,
    /// What is done about what is said and what bots notice, in this order.
    pub rules: Vec<Rule>,
    /// What it was made of.
    #[serde(skip)]
    layers: Layers,
}

impl Config {
    /// The bot of this id.
    #[must_use]
    pub fn bot(&self, id: &str) -> Option<&Bot> {
        self.bots.iter().find(|bot| bot.id == id)
    }

    /// The queue of this label, where the configuration names it.
    #[must_use]
    pub fn queue(&self, label: &str) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.label == label)
    }

    /// The hours of this name.
    #[must_use]
    pub fn hours(&self, name: &str) -> Option<&Hours> {
        self.hours.iter().find(|hours| hours.name == name)
    }

    /// The endpoint of this id.
    #[must_use]
    pub fn webhook(&self, id: &str) -> Option<&Webhook> {
        self.webhooks.iter().find(|endpoint| endpoint.id == id)
    }
}

impl Slack {
    /// Whether there is a token for Socket Mode.
    #[must_use]
    pub fn has_app_token(&self) -> bool {
        !self.app_token.expose_secret().is_empty()
    }

    /// Whether there is a token that may unarchive a room.
    #[must_use]
    pub fn has_user_token(&self) -> bool {
        !self.user_token.expose_secret().is_empty()
    }
}

/// Where conversations are kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite://FILE` or `postgres://USER:PASS@HOST/DB`; secret, since it may hold a password.
    pub url: SecretString,
    /// Connections to the database at most.
    pub max_connections: u32,
}

/// Keys of the service itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Security {
    /// 32 bytes in base64; seals customer tokens at rest.
    pub encryption_key: SecretString,
    /// Earlier keys: still open what they sealed.
    pub old_encryption_keys: Vec<SecretString>,
}

/// The hub app in the support workspace.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slack {
    /// Base URL of every Web API call, of both workspaces; ends in a slash.
    #[serde(deserialize_with = "base_url")]
    pub api_url: Url,
    /// `xoxb-...` of the hub app.
    pub bot_token: SecretString,
    /// Signing secret of the hub app.
    pub signing_secret: SecretString,
    /// `xapp-...`: Socket Mode; empty for HTTP.
    pub app_token: SecretString,
    /// `xoxp-...`: may unarchive rooms; empty when there is none.
    pub user_token: SecretString,
    /// The slash command.
    pub command: String,
    /// How long one Web API call may take.
    #[serde(deserialize_with = "duration::deserialize")]
    pub timeout: Duration,
}

/// Who the agents are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Support {
    /// Users (`U...`) and user groups (`S...`) who may act; empty: everybody of the support workspace who is no guest.
    pub agents: Vec<String>,
    /// Users and user groups who may set things up in Slack; empty: the workspace's own administrators and owners.
    pub admins: Vec<String>,
    /// Those whom these have appointed: they may do the same, but appoint nobody.
    pub further_admins: Vec<String>,
}

/// How handoffs are handled.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handoff {
    /// Whether two queues are made at a start that finds none.
    pub default_queues: bool,
}

/// How rooms look and behave.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rooms {
    /// What a room's name begins with.
    pub prefix: String,
    /// Who can see a room without being invited.
    pub visibility: Visibility,
    /// Users (`U...`) and user groups (`S...`) added to every new room.
    pub invite: Vec<String>,
    /// How many past messages are imported, 15 at most.
    pub history: u8,
    /// How often the history is looked at for what was missed, while people talk; zero: never.
    #[serde(deserialize_with = "duration::deserialize")]
    pub check_history: Duration,
    /// What an agent's message does while the bot is active.
    pub on_agent_message: OnAgentMessage,
    /// The reaction on an agent's message that the customer has got: an emoji without colons; empty for none.
    pub delivered: String,
}

/// Who can see a room without being invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Members only.
    Private,
    /// Everybody in the support workspace.
    Public,
}

/// What an agent's message does while the bot is active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnAgentMessage {
    /// It goes out, and the agent is reminded to pause.
    Remind,
    /// It takes control, then goes out.
    Pause,
    /// It waits until somebody takes control.
    Hold,
}

/// What becomes of files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// The largest file that is passed on, in bytes.
    #[serde(deserialize_with = "size::deserialize")]
    pub max_size: u64,
}

/// When people are reminded.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reminders {
    /// The pause reminder appears at most this often in one room.
    #[serde(deserialize_with = "duration::deserialize")]
    pub pause_every: Duration,
    /// Idle time, of both sides, of a paused room before the unpause reminder.
    #[serde(deserialize_with = "duration::deserialize")]
    pub unpause_after: Duration,
    /// Idle time, of both sides, before a room is unpaused and closed.
    #[serde(deserialize_with = "duration::deserialize")]
    pub close_after: Duration,
}

/// Where agents see which conversations need a look.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Triage {
    /// The channel, `C...` or `G...`; empty: nowhere.
    pub channel: String,
    /// Whether a customer who writes for the first time is one of them.
    pub new_conversations: bool,
}

impl Triage {
    /// Whether somebody wants to know of customers who write for the first time.
    #[must_use]
    pub fn welcomes(&self) -> bool {
        self.new_conversations && !self.channel.is_empty()
    }
}

/// How long things are kept. Zero: for ever, but transcripts not at all.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// What was said in a room, after it was closed; zero: it is not kept.
    #[serde(deserialize_with = "duration::deserialize")]
    pub transcripts: Duration,
    /// What is known of a conversation and its messages, after anybody had to do with it.
    #[serde(deserialize_with = "duration::deserialize")]
    pub conversations: Duration,
    /// A customer of the directory who has not been seen.
    #[serde(deserialize_with = "duration::deserialize")]
    pub customers: Duration,
    /// Who did what.
    #[serde(deserialize_with = "duration::deserialize")]
    pub journal: Duration,
    /// Deliveries that were given up; until then they can be tried again.
    #[serde(deserialize_with = "duration::deserialize")]
    pub failed: Duration,
    /// Answers to requests with an `Idempotency-Key`.
    #[serde(deserialize_with = "duration::deserialize")]
    pub idempotency: Duration,
    /// What was published, for those who ask for it again.
    #[serde(deserialize_with = "duration::deserialize")]
    pub events: Duration,
}

/// What is logged, and how.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// A filter as of `tracing_subscriber::EnvFilter`, such as `info,megatron=debug`.
    pub filter: String,
    /// How a line is written.
    pub format: LogFormat,
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Traces, and where they go.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    /// Base URL of the collector; empty for none.
    pub otlp_endpoint: String,
    /// What the service is called there.
    pub service_name: String,
    /// `name=value,...`: headers for the collector; secret, since there may be a key among them.
    pub headers: SecretString,
}

impl Telemetry {
    /// Where traces are posted, if anywhere.
    #[must_use]
    pub fn traces_url(&self) -> Option<String> {
        let base = self.otlp_endpoint.trim_end_matches('/');
        (!base.is_empty()).then(|| format!("{base}/v1/traces"))
    }
}

/// A bot whose customers are relayed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bot {
    /// Its id in paths, logs and the database; letters, digits, `-` and `_`.
    pub id: String,
    /// Its name in rooms.
    pub name: String,
    /// Its picture in rooms; empty for none.
    pub icon_url: String,
    /// What the bot presents: `Authorization: Bearer ...`.
    pub api_key: SecretString,
    /// Where callbacks go.
    pub callback_url: Url,
    /// `whsec_...`: signs callbacks.
    pub callback_secret: SecretString,
    /// Signing secret of the bot's own Slack app, when its events are sent here directly; empty for none.
    pub signing_secret: SecretString,
    /// Who sends the agents' words to the customer.
    pub delivery: Delivery,
    /// Whether the customer sees the agent's name.
    pub show_agent_name: bool,
    /// What the bot may do while the customer waits for a human.
    pub while_pending: WhilePending,
    /// Words of a customer that ask for a human.
    pub handoff_phrases: Phrases,
    /// Messages with which a customer ends it.
    pub end_phrases: Commands,
    /// After how many messages in a row without an answer a human is asked for; 0: never.
    pub unanswered_limit: u32,
    /// Below which sentiment of a message a human is asked for; zero: never.
    pub sentiment_below: f64,
}

/// What a bot may do while the customer waits for a human.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhilePending {
    /// Nothing.
    Hold,
    /// Answer.
    Answer,
    /// Nothing where somebody asked in so many words; answer where a rule did.
    HoldIfAsked,
}

/// Who sends the agents' words to the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// The service, with the workspace's bot token.
    Slack,
    /// The bot, asked by the callback `message.agent`.
    Callback,
}

/// The section `redaction`, made ready.
fn redactor<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Redactor, D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Redaction {
        card_numbers: bool,
        patterns: Vec<String>,
    }
    let Redaction { card_numbers, patterns } = Redaction::deserialize(deserializer)?;
    Redactor::new(card_numbers, &patterns).map_err(D::Error::custom)
}

/// A URL to which the names of methods are joined.
fn base_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let mut url = Url::deserialize(deserializer)?;
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}
