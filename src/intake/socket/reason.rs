//! Why a connection ends, or never came to be.

use std::time::Duration;

use crate::deliver::outcome::{Class, Refusal};

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// Slack says that it will close it soon.
    Warning,
    /// Slack wants another one in its place.
    RefreshRequested,
    /// Socket Mode was turned off in the app's settings.
    LinkDisabled,
    /// The app has more than Slack allows.
    TooManyWebsockets,
    /// Its time is nearly over.
    Aged,
    /// Slack closed it, or will for a reason that it has yet to explain.
    Closed,
    /// Nothing came, although a sign of life was asked for.
    Silent,
    /// It broke.
    Broken,
}

impl Reason {
    /// As metrics and logs call it; the first four are Slack's own names.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::RefreshRequested => "refresh_requested",
            Self::LinkDisabled => "link_disabled",
            Self::TooManyWebsockets => "too_many_websockets",
            Self::Aged => "aged",
            Self::Closed => "closed",
            Self::Silent => "silent",
            Self::Broken => "broken",
        }
    }

    /// The one that Slack calls so.
    pub(super) fn named(name: &str) -> Self {
        let known = [Self::Warning, Self::RefreshRequested, Self::LinkDisabled, Self::TooManyWebsockets];
        known.into_iter().find(|reason| reason.name() == name).unwrap_or(Self::Closed)
    }
}

/// Why there is no connection. Holds no address: that of a connection lets whoever has it in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    /// Slack gives no address.
    #[error("Slack gives no address ({0})")]
    Refused(Refusal),
    /// Slack gave an address that is not its own.
    #[error("the address is none of Slack's")]
    Address,
    /// Nobody is there, or not for us.
    #[error("the address cannot be reached")]
    Unreachable,
    /// No greeting in time.
    #[error("Slack did not greet in time")]
    NoHello,
    /// Slack ended it before it began.
    #[error("Slack ended it at once ({})", .0.name())]
    Ended(Reason),
}

impl Trouble {
    /// Whether somebody must do something before it gets better.
    pub(super) fn needs_somebody(&self) -> bool {
        match self {
            Self::Refused(refusal) => !refusal.is_temporary(),
            Self::Ended(reason) => matches!(reason, Reason::LinkDisabled | Reason::TooManyWebsockets),
            Self::Address => true,
            Self::Unreachable | Self::NoHello => false,
        }
    }

    /// How long Slack asked us to wait.
    pub(super) fn after(&self) -> Option<Duration> {
        match self {
            Self::Refused(Refusal { class: Class::Later { after }, .. }) => *after,
            _ => None,
        }
    }
}
