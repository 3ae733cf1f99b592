//! Why a file did not get across.

use std::time::Duration;

use crate::deliver::errand::Obstacle;
use crate::deliver::method::Method;
use crate::deliver::outcome::{Class, Refusal};
use crate::deliver::tools::Account;

/// Why a file did not get across.
#[derive(Debug)]
pub(in crate::deliver) enum Missed {
    /// Another try may get it across. Nothing of the first one is seen anywhere.
    Later {
        /// What is in the way.
        obstacle: Obstacle,
        /// In whose way: the account's owner, under whom a lane without a token is parked.
        owner: String,
    },
    /// It will not get across.
    Never {
        /// A stable code: Slack's, or one of ours.
        code: String,
        /// A sentence for people, which goes on after a colon.
        reason: String,
    },
}

impl Missed {
    pub(super) fn never(code: &str, reason: impl Into<String>) -> Self {
        Self::Never { code: code.to_owned(), reason: reason.into() }
    }

    /// What follows from an obstacle that a call of this account met.
    pub(super) fn by(obstacle: Obstacle, account: &Account) -> Self {
        match obstacle {
            Obstacle::Refused(refusal) if !refusal.is_temporary() => Self::never(&refusal.code, refusal.explain()),
            obstacle => Self::Later { obstacle, owner: account.owner.clone() },
        }
    }
}

/// Why the bytes of a file did not come or go.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The network or Slack is not well.
    Passing(Refusal),
    /// What comes is not the file as it was described, for which there are many reasons. Slack may know which.
    Suspect { code: &'static str, reason: String },
    /// It is of no use to try again.
    Lasting { code: &'static str, reason: String },
}

impl Trouble {
    /// Something that passes, with one of the codes of [`Refusal`]. A file that was not shared is seen by nobody, so
    /// nothing of this is in doubt.
    pub(super) fn passing(code: &str, after: Option<Duration>) -> Self {
        let refusal = Refusal::new(Method::FILES_INFO, code);
        Self::Passing(Refusal { class: Class::Later { after }, ..refusal })
    }

    pub(super) fn suspect(code: &'static str, reason: impl Into<String>) -> Self {
        Self::Suspect { code, reason: reason.into() }
    }

    pub(super) fn lasting(code: &'static str, reason: impl Into<String>) -> Self {
        Self::Lasting { code, reason: reason.into() }
    }

    /// What the file misses by it, on the side of this account.
    pub(super) fn on(self, account: &Account) -> Missed {
        match self {
            Self::Passing(refusal) => Missed::by(refusal.into(), account),
            Self::Suspect { code, reason } | Self::Lasting { code, reason } => Missed::never(code, reason),
        }
    }
}

impl From<&reqwest::Error> for Trouble {
    /// The error itself names the URL: it goes no further.
    fn from(error: &reqwest::Error) -> Self {
        Self::passing(
            match error {
                _ if error.is_connect() => "unreachable",
                _ if error.is_timeout() => "no_answer",
                _ => "connection_lost",
            },
            None,
        )
    }
}
