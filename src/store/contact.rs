//! Customers of the directory, as [`super::customers`] keeps and [`super::search`] ranks them.

use crate::takeover::conversation::{Customer, Key, Profile};

/// Where a customer was met.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Contact {
    /// The bot.
    pub bot: String,
    /// The customer's workspace.
    pub team: String,
    /// The customer.
    pub user_id: String,
    /// The DM with the bot, where it is known.
    pub channel: Option<String>,
}

/// A customer of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where they were met.
    pub contact: Contact,
    /// What is known of them.
    pub profile: Profile,
}

impl Found {
    /// The conversation, where the DM is known.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        let Contact { bot, team, channel, .. } = &self.contact;
        channel.as_ref().map(|channel| Key { bot: bot.clone(), team: team.clone(), channel: channel.clone() })
    }

    /// The customer as a conversation knows them.
    #[must_use]
    pub fn customer(&self) -> Customer {
        Customer { user_id: self.contact.user_id.clone(), profile: self.profile.clone() }
    }
}
