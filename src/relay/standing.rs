//! What a change stands to change: Slack promises no order, so a change may come before its message, after a newer one, or
//! be our own on its way back.

use jiff::Timestamp;
use serde_json::Value;

use crate::render::ts::Ts;
use crate::store::copies::{self, Place};
use crate::store::db::Tx;
use crate::store::revisions::{self, Noted, Written};
use crate::store::{reactions, seen};
use crate::takeover::conversation::{Agent, Conversation, Key, Side};
use crate::takeover::effect::{Effect, Words};
use crate::takeover::event::{Event, Reaction, Said, Utterance};
use crate::takeover::waiting;

use super::shown_in;

/// An event as it counts, and what comes with it. Nothing of one that does not count.
pub(super) type Sorted = Option<(Event, Vec<Event>)>;

/// Leaves out changes that have been overtaken, and adds to a message what came before it.
pub(super) async fn sort(tx: &mut Tx, conversation: &Conversation, event: Event) -> anyhow::Result<Sorted> {
    let written = |side, ts| Written { conversation: &conversation.id, side, ts };
    Ok(match event {
        Event::Said(said) => said_in_dm(tx, conversation, said).await?,
        Event::AgentWrote { ref agent, ref ts, ref message, .. } => {
            let (written, stamp) = (written(Side::Room, ts), edited(message).unwrap_or(ts));
            match revisions::note(tx, written, stamp, false).await? {
                Noted::First => {
                    let given = given_to(tx, written, agent).await?;
                    Some((event, given))
                }
                // An edit of it has stood for it, or it is deleted.
                Noted::Newer | Noted::Outdated => None,
            }
        }
        Event::AgentEdited { agent, ts, message, stamp, always_pause } if conversation.is_watched() => {
            let written = written(Side::Room, &ts);
            match revisions::note(tx, written, &stamp, false).await? {
                Noted::Outdated => None,
                // It has come before its message and stands for it: Slack may take minutes to bring that, and meanwhile
                // others go on talking.
                Noted::First if conversation.is_since_opening(&ts) => {
                    let given = given_to(tx, written, &agent).await?;
                    Some((Event::AgentWrote { agent, ts, message, always_pause }, given))
                }
                Noted::First | Noted::Newer => {
                    Some((Event::AgentEdited { agent, ts, message, stamp, always_pause }, Vec::new()))
                }
            }
        }
        Event::AgentDeleted { ref ts, .. } => {
            let noted = revisions::note(tx, written(Side::Room, ts), ts, true).await?;
            noted.counts().then(|| (event, Vec::new()))
        }
        Event::AgentReacted { ref ts, ref reaction, .. } => {
            let counts = reactions::note(tx, written(Side::Room, ts), reaction).await?;
            counts.then(|| (event, Vec::new()))
        }
        other => Some((other, Vec::new())),
    })
}

/// Notes what goes on without its beginning from now on: that may come after all, Slack tries for six minutes, and is not said
/// a second time then.
pub(super) async fn give_up_waiting(tx: &mut Tx, conversation: &Conversation, now: Timestamp) -> anyhow::Result<()> {
    for ts in waiting::overdue(conversation, now) {
        seen::first(tx, shown_in(conversation), &message_identity(&conversation.key, ts), now).await?;
    }
    Ok(())
}

/// Why a delivery that was given up must not be tried again: an agent has changed their words since.
pub(super) async fn outdated(
    tx: &mut Tx,
    conversation: &Conversation,
    effect: &Effect,
) -> anyhow::Result<Option<&'static str>> {
    let (ts, message) = match effect {
        Effect::Say { words: Words::Agent { ts, message, .. }, .. } => (ts, message),
        Effect::Carry { original, caption, .. } | Effect::Share { original, caption, .. }
            if original.by.side() == Side::Room =>
        {
            (&original.ts, &caption.message)
        }
        _ => return Ok(None),
    };
    let is_newer = |stamp: &str| match edited(message) {
        // Of one edit the two stamps agree on the second.
        Some(edited) => second(stamp) > second(edited),
        None => stamp != ts,
    };
    let written = Written { conversation: &conversation.id, side: Side::Room, ts };
    Ok(match revisions::get_in(tx, written).await? {
        Some(known) if known.gone => Some("That message was deleted since, so it is not sent."),
        Some(known) if is_newer(&known.stamp) => {
            Some("That message was edited since, so it is not sent. Please write it again.")
        }
        _ => None,
    })
}

async fn said_in_dm(tx: &mut Tx, conversation: &Conversation, said: Said) -> anyhow::Result<Sorted> {
    let Said { speaker, ts, what, signals, .. } = said;
    let written = Written { conversation: &conversation.id, side: Side::Dm, ts: &ts };
    let known = match &what {
        Utterance::Edited { .. } | Utterance::Deleted { .. } | Utterance::Reacted(_) => {
            is_known(tx, conversation, &ts).await?
        }
        _ => true,
    };
    let counts = match &what {
        Utterance::Message(message) => {
            // What was edited before it came is known as edited.
            let gone = revisions::get_in(tx, written).await?.is_some_and(|known| known.gone);
            if let Some(edited) = edited(message).filter(|_| !gone) {
                revisions::note(tx, written, edited, false).await?;
            }
            !gone
        }
        Utterance::Edited { stamp, .. } => revisions::note(tx, written, stamp, false).await?.counts(),
        Utterance::Deleted { .. } => revisions::note(tx, written, &ts, true).await?.counts(),
        Utterance::Reacted(reaction) => {
            !is_our_reaction(tx, conversation, &ts, reaction).await? && reactions::note(tx, written, reaction).await?
        }
        Utterance::Line(_) | Utterance::Nothing => true,
    };
    if !counts {
        let gone = matches!(what, Utterance::Message(_));
        let line = Utterance::Line("🗑️ deleted a message before it could be shown here".to_owned());
        return Ok(gone.then(|| (Event::Said(Said { known, ..Said::new(speaker, ts, line) }), Vec::new())));
    }
    let given = match &what {
        Utterance::Message(_) => reactions::on(tx, written).await?,
        _ => Vec::new(),
    };
    let given = given.into_iter().map(|reaction| {
        let what = Utterance::Reacted(reaction);
        Event::Said(Said { known: true, ..Said::new(speaker, ts.clone(), what) })
    });
    let given = given.collect();
    Ok(Some((Event::Said(Said { speaker, ts, what, known, signals }), given)))
}

/// Whether a message of the DM is in the room: taken in, or written there in the first place.
async fn is_known(tx: &mut Tx, conversation: &Conversation, ts: &str) -> anyhow::Result<bool> {
    let Key { team, channel, .. } = &conversation.key;
    let room = conversation.room_channel().map_or("", |room| room.id.as_str());
    Ok(seen::contains(tx, &message_identity(&conversation.key, ts)).await?
        || copies::comes_from(tx, Place { team, channel, ts }, room).await?)
}

/// Whether this is what an agent gave in the room, which we gave in the DM for them.
async fn is_our_reaction(
    tx: &mut Tx,
    conversation: &Conversation,
    ts: &str,
    reaction: &Reaction,
) -> anyhow::Result<bool> {
    let (Key { team, channel, .. }, Some(room)) = (&conversation.key, conversation.room_channel()) else {
        return Ok(false);
    };
    if reaction.by == conversation.customer.user_id {
        return Ok(false);
    }
    let twin = copies::twin_in(tx, Place { team, channel, ts }, &room.id).await?;
    let Some(twin) = twin else { return Ok(false) };
    let written = Written { conversation: &conversation.id, side: Side::Room, ts: &twin.ts };
    Ok(reactions::was_given(tx, written, &reaction.name).await?)
}

/// What makes a message of a DM the same message, however it comes in.
pub(super) fn message_identity(key: &Key, ts: &str) -> String {
    format!("{} {} {} {ts}", key.bot, key.team, key.channel)
}

/// What makes an agent's message in a room the same message, however it comes in: as [`crate::intake::What::identity`] says.
pub(super) fn room_identity(team: &str, channel: &str, ts: &str) -> String {
    format!("room {team} {channel} {ts}")
}

/// The reactions to an agent's message that came before it.
async fn given_to(tx: &mut Tx, written: Written<'_>, agent: &Agent) -> anyhow::Result<Vec<Event>> {
    let given = reactions::on(tx, written).await?.into_iter();
    let reacted = |reaction| Event::AgentReacted { agent: agent.clone(), ts: written.ts.to_owned(), reaction };
    Ok(given.map(reacted).collect())
}

/// When a message was edited last, as it says itself.
fn edited(message: &Value) -> Option<&str> {
    message["edited"]["ts"].as_str()
}

fn second(stamp: &str) -> Option<i64> {
    Ts::parse(stamp).map(|stamp| stamp.as_timestamp().as_second())
}
