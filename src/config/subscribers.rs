//! Who is told what happens: the endpoints under `[[webhooks]]`, and the tracker.

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// An endpoint that is told what happens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Its id in paths, logs and the database; letters, digits, `-` and `_`.
    pub id: String,
    /// Where events go.
    pub url: Url,
    /// `whsec_...`: signs them.
    pub secret: SecretString,
    /// Which events: names, or beginnings of names with a `*`.
    pub events: Vec<String>,
    /// Ids of the bots whose conversations it is told of; empty: all.
    pub bots: Vec<String>,
}

impl Webhook {
    /// Whether it is told of this event of this bot.
    #[must_use]
    pub fn wants(&self, kind: &str, bot: &str) -> bool {
        self.is_of(bot) && fits(&self.events, kind)
    }

    /// Whether it is told of anything of this bot.
    #[must_use]
    pub fn is_of(&self, bot: &str) -> bool {
        self.bots.is_empty() || self.bots.iter().any(|id| id == bot)
    }
}

/// Where tickets are opened for conversations.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tracker {
    /// Which tracker.
    pub kind: TrackerKind,
    /// Asana: base URL of its API. Webhook: where requests go.
    pub api_url: Url,
    /// Asana: a personal access token.
    pub token: SecretString,
    /// Asana: gid of the project.
    pub project: String,
    /// Asana: gids of tags for new tasks.
    pub tags: Vec<String>,
    /// Webhook: `whsec_...`, signs requests both ways.
    pub secret: SecretString,
    /// Where the tracker reaches this service; empty where it does not.
    pub public_url: String,
    /// Events that open a ticket.
    pub create_on: Vec<String>,
    /// Events that become comments.
    pub comment_on: Vec<String>,
    /// Events that complete a ticket.
    pub complete_on: Vec<String>,
    /// What the completion of a ticket in the tracker does.
    pub on_complete: OnComplete,
}

/// Which tracker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrackerKind {
    /// None.
    #[serde(rename = "")]
    None,
    /// Asana (<https://developers.asana.com/reference>).
    Asana,
    /// A service of the operator's own.
    Webhook,
}

/// What the completion of a ticket in the tracker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnComplete {
    /// The room is closed, and the bot is back.
    Close,
    /// The agents read it.
    Tell,
}

impl Tracker {
    /// Whether there is one.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.kind != TrackerKind::None
    }

    /// Whether this event opens a ticket.
    #[must_use]
    pub fn creates_on(&self, kind: &str) -> bool {
        self.is_on() && fits(&self.create_on, kind)
    }

    /// Whether this event becomes a comment of an open ticket: also one that would open one.
    #[must_use]
    pub fn comments_on(&self, kind: &str) -> bool {
        self.is_on() && (fits(&self.comment_on, kind) || fits(&self.create_on, kind))
    }

    /// Whether this event completes a ticket.
    #[must_use]
    pub fn completes_on(&self, kind: &str) -> bool {
        self.is_on() && fits(&self.complete_on, kind)
    }
}

fn fits(filters: &[String], kind: &str) -> bool {
    filters.iter().any(|filter| match filter.strip_suffix('*') {
        Some(beginning) => kind.starts_with(beginning),
        None => filter == kind,
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("message.customer", true)]
    #[case("message.*", true)]
    #[case("*", true)]
    #[case("message", false)]
    #[case("message.bot", false)]
    #[case("handoff.*", false)]
    fn a_filter_is_a_name_or_the_beginning_of_one(#[case] filter: &str, #[case] expected: bool) {
        assert_eq!(fits(&[filter.to_owned()], "message.customer"), expected);
    }
}
