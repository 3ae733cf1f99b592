//! Who takes part: the customer, agents, and whoever did something.

use serde::{Deserialize, Serialize};

/// The person who talks with the bot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// `U...` or `W...` in the customer's workspace.
    pub user_id: String,
    /// What is known of them.
    pub profile: Profile,
}

/// What Slack tells of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// The name that people see: display name, else real name, else handle.
    pub name: String,
    /// Full name.
    pub real_name: String,
    /// E-mail address, where the token may read it.
    pub email: String,
    /// Job title.
    pub title: String,
    /// Time zone, such as `Europe/Berlin`.
    pub tz: String,
    /// URL of the picture.
    pub icon_url: String,
    /// Name of the workspace.
    pub workspace: String,
}

impl Customer {
    /// The name that people see; the id where no name is known.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.profile.name.is_empty() { &self.user_id } else { &self.profile.name }
    }
}

/// Who did something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// The service itself: a timer, a rule.
    #[default]
    Service,
    /// The bot, through its API.
    Bot,
    /// The customer.
    Customer,
    /// Somebody in the support workspace.
    Agent(Agent),
}

/// Somebody in the support workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// `U...` or `W...` in the support workspace.
    pub user_id: String,
    /// The name that people see; empty where it is not known yet.
    pub name: String,
}

impl Actor {
    /// An agent by id and name.
    pub fn agent(user_id: impl Into<String>, name: impl Into<String>) -> Self {
        Self::Agent(Agent { user_id: user_id.into(), name: name.into() })
    }

    /// The agent, if it was one.
    #[must_use]
    pub fn as_agent(&self) -> Option<&Agent> {
        match self {
            Self::Agent(agent) => Some(agent),
            Self::Service | Self::Bot | Self::Customer => None,
        }
    }
}

/// A side of the DM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Speaker {
    /// The customer.
    Customer,
    /// The bot.
    Bot,
}

impl Speaker {
    /// `customer` or `bot`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Bot => "bot",
        }
    }
}
