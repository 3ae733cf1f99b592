//! Who answers the customer.

use serde::{Deserialize, Serialize};

/// Who answers, and since how many changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// Who answers.
    pub holder: Holder,
    /// Grows by one with every change of control.
    pub epoch: i64,
    /// While a human was asked for: whether the bot must be silent.
    #[serde(default)]
    pub hold: bool,
}

impl Control {
    /// Whether the bot must be silent.
    #[must_use]
    pub fn is_paused(self) -> bool {
        self.holder == Holder::Human || (self.holder == Holder::Pending && self.hold)
    }
}

/// Who answers the customer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holder {
    /// The bot.
    #[default]
    Bot,
    /// A human was asked for and has not come yet.
    Pending,
    /// An agent.
    Human,
}

impl Holder {
    /// As the contract writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Pending => "pending",
            Self::Human => "human",
        }
    }
}
