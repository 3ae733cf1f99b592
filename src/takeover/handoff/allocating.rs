//! A queue whose customers are given to agents: one who is online gets the handoff, as if they had picked it.

use serde_json::json;

use crate::config::texts;
use crate::takeover::cards;
use crate::takeover::conversation::{Actor, Agent};
use crate::takeover::effect::Effect;
use crate::takeover::turn::Turn;

use super::state::Prompt;
use super::{offering, picking};

/// An agent who is online, and their DM with the hub app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The agent.
    pub agent: Agent,
    /// `D...`.
    pub dm: String,
}

/// Somebody was looked for: who is found has it, and without anybody it is shown to all. It may have been picked meanwhile,
/// or gone to another queue; and an agent who has taken the floor meanwhile keeps it.
pub fn found(turn: &mut Turn<'_>, handoff: &str, queue: &str, found: Option<Found>) {
    let is_free = offering::is_free(turn);
    let Some(open) = turn.conversation.open_handoff_mut().filter(|open| open.id == handoff && open.waits_in(queue))
    else {
        return;
    };
    open.waited.nobody_online = found.is_none();
    let Some(Found { agent, dm }) = found.filter(|_| is_free) else { return offering::offer_to_all(turn) };
    // The card in their DM is kept up to date, and leads to the room.
    open.prompts.push(Prompt { user_id: agent.user_id.clone(), dm: dm.clone() });
    let detail = json!({ "handoff": handoff, "queue": queue, "agent": agent.user_id });
    turn.record("handoff.allocated", &Actor::Service, detail);
    if let Some(line) = turn.text(texts::AGENT_ALLOCATED, &[("agent", &cards::person(&agent))]) {
        turn.then(Effect::TellQueue { channel: dm, body: cards::line(&line) });
    }
    picking::pick(turn, &agent);
}
