//! What of a conversation agents see on their Home, so that they see it anew when it changes.

use crate::takeover::conversation::{Agent, Conversation, Holder, RoomChannel};
use crate::takeover::handoff::state::{Handoff, State, Target};

/// What agents see of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    name: String,
    holder: Holder,
    watched: bool,
    room: Option<RoomChannel>,
    handler: Option<Agent>,
    handoff: Option<(String, State, bool)>,
}

impl Face {
    /// What agents see of it; none where it is on nobody's Home.
    #[must_use]
    pub fn of(conversation: &Conversation) -> Option<Self> {
        let holder = conversation.control.holder;
        (conversation.is_watched() || holder != Holder::Bot).then(|| Self {
            name: conversation.customer.name().to_owned(),
            holder,
            watched: conversation.is_watched(),
            room: conversation.room_channel().cloned(),
            handler: conversation.handler.clone(),
            handoff: conversation
                .open_handoff()
                .map(|handoff| (handoff.queue.clone(), handoff.state, is_late(handoff))),
        })
    }
}

/// Whether the customer has waited for longer than the queue wants it: for somebody to pick, or for the first answer.
#[must_use]
pub fn is_late(handoff: &Handoff) -> bool {
    match handoff.state {
        State::Accepted => handoff.waited.response == Target::Breached && !handoff.waited.answered,
        state => state.is_waiting() && handoff.waited.accept == Target::Breached,
    }
}
