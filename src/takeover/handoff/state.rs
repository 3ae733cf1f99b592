//! A handoff: the customer, the bot or a rule has asked for a human.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::takeover::conversation::{Actor, Agent};

/// A request for a human, from its beginning to its end. A conversation has one open at most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Handoff {
    /// Its id: that of its conversation, and a number.
    pub id: String,
    /// Who asked.
    pub source: Source,
    /// How it stands.
    pub state: State,
    /// Label of the queue that it is in.
    pub queue: String,
    /// What was said about it when it was asked for.
    pub request: Request,
    /// Who handles it; after a transfer, who did before.
    pub assignee: Option<Agent>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it came to its present queue.
    pub queued_at: Timestamp,
    /// When somebody picked it, last.
    pub accepted_at: Option<Timestamp>,
    /// When an agent answered the customer first.
    pub answered_at: Option<Timestamp>,
    /// Since when the customer waits for an agent's answer; none while it is the customer's turn.
    pub customer_waits_since: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    pub end_reason: String,
    /// What the customer said about how to reach them, when nobody was there.
    pub contact: Option<String>,
    /// Queues that it has been in since an agent had it last, oldest first.
    pub passed: Vec<String>,
    /// What has been done about its waiting.
    pub waited: Waited,
    /// Agents who were asked in person.
    #[serde(default)]
    pub prompts: Vec<Prompt>,
}

/// An agent who was asked in person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// `U...`.
    pub user_id: String,
    /// Their DM with the hub app, `D...`.
    pub dm: String,
}

/// Who asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Source {
    /// The bot, through its API.
    Bot,
    /// The customer, in words that mean it.
    Customer,
    /// A rule of the operator.
    Rule {
        /// Its name.
        name: String,
    },
    /// An agent.
    Agent {
        /// Who.
        agent: Agent,
    },
}

/// How a handoff stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Asked for; not yet shown to anybody.
    Requested,
    /// Shown in the channel of its queue.
    Offered,
    /// Somebody handles it.
    Accepted,
    /// Somebody gave it to another queue, where nobody has accepted it so far.
    Transferred,
    /// Ended: an agent declined it.
    Declined,
    /// Ended: nobody came.
    TimedOut,
    /// Ended: it could not be carried out.
    Failed,
    /// Ended: the agent is done.
    Completed,
    /// Ended: whoever asked for it took it back.
    Cancelled,
}

/// What was said when it was asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// The queue that was named.
    pub queue: Option<String>,
    /// Why.
    pub reason: String,
    /// What happened so far, for the agent.
    pub summary: String,
    /// What the card says instead of the usual text.
    pub request_text: String,
    /// What stands on the button that picks it.
    pub button_title: String,
    /// Such as `high`; shown.
    pub priority: String,
    /// Whatever the bot wants to find again; never read here.
    pub metadata: Value,
    /// How many past messages the room imports; none: as configured.
    pub history_count: Option<u8>,
    /// Names of the rules that have fired.
    pub rules: Vec<String>,
    /// Tags that they have given it.
    pub tags: Vec<String>,
    /// The customer's last messages that nobody answered.
    pub unanswered: Vec<String>,
}

/// What has been done about a handoff that waits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Waited {
    /// Everybody in the channel was told.
    pub widened: bool,
    /// Somebody who is online was looked for, and there was nobody.
    pub nobody_online: bool,
    /// Its queue was warned, and told, that the target for picking it is passing.
    pub accept: Target,
    /// The same for the first answer.
    pub response: Target,
    /// An agent has answered the customer since it came to its queue.
    pub answered: bool,
}

/// What a queue was told about a target.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// Nothing.
    #[default]
    Untold,
    /// That it passes soon.
    Warned,
    /// That it has passed.
    Breached,
}

impl Handoff {
    /// Whether it waits for somebody in this queue.
    #[must_use]
    pub fn waits_in(&self, queue: &str) -> bool {
        self.state.is_waiting() && self.queue == queue
    }

    /// As the HTTP API and webhooks show it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let time = |time: Option<Timestamp>| time.map(|time| format!("{time:.3}"));
        let agent = |agent: &Agent| json!({ "user_id": agent.user_id, "name": agent.name });
        json!({
            "id": self.id,
            "state": self.state.as_str(),
            "source": self.source,
            "queue": self.queue,
            "reason": self.request.reason,
            "summary": self.request.summary,
            "priority": self.request.priority,
            "tags": self.request.tags,
            "metadata": self.request.metadata,
            "assignee": self.assignee.as_ref().map(agent),
            "contact": self.contact,
            "requested_at": time(Some(self.requested_at)),
            "accepted_at": time(self.accepted_at),
            "answered_at": time(self.answered_at),
            "ended_at": time(self.ended_at),
            "end_reason": self.ended_at.map(|_| &self.end_reason),
        })
    }
}

impl Source {
    /// Whether somebody asked in so many words, rather than a rule for them.
    #[must_use]
    pub fn is_explicit(&self) -> bool {
        !matches!(self, Self::Rule { .. })
    }

    /// Whose doing it is.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Bot => Actor::Bot,
            Self::Customer => Actor::Customer,
            Self::Rule { .. } => Actor::Service,
            Self::Agent { agent } => Actor::Agent(agent.clone()),
        }
    }
}

impl State {
    /// For people.
    #[must_use]
    pub fn as_words(self) -> &'static str {
        match self {
            Self::TimedOut => "timed out",
            other => other.as_str(),
        }
    }

    /// As the contract and the database write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Offered => "offered",
            Self::Accepted => "accepted",
            Self::Transferred => "transferred",
            Self::Declined => "declined",
            Self::TimedOut => "timed_out",
            Self::Failed => "failed",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Requested | Self::Offered | Self::Accepted | Self::Transferred)
    }

    /// Whether it waits for somebody to accept it.
    #[must_use]
    pub fn is_waiting(self) -> bool {
        matches!(self, Self::Requested | Self::Offered | Self::Transferred)
    }
}
