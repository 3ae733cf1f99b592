//! Setting queues up, whichever way people ask for it: by a command, in a dialog, through the API.

use crate::config::Queue as Entry;
use crate::desk::queues::Removal;
use crate::store::conversations::{self, By};
use crate::takeover::conversation::Actor;
use crate::takeover::handoff::queue::{Queue, Queues};
use crate::takeover::handoff::setup::{self, Fault};

use super::state::Intake;

/// A queue, and whether it is new.
pub(super) type Put = (Queue, bool);

/// Why a queue was not set up.
#[derive(Debug)]
pub(super) enum Refused {
    /// The configuration has it.
    Configured,
    /// What is wrong with it.
    Faulty(Vec<Fault>),
    /// Slack does not say now who people are or what a channel is.
    SlackIsSilent(anyhow::Error),
}

/// Sets a queue up, or over the one of the same label: the queue as it is then, and whether it is new.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn put(intake: &Intake, queue: Queue, by: &Actor) -> anyhow::Result<Result<Put, Refused>> {
    if intake.relay.config.queue(&queue.label).is_some() {
        return Ok(Err(Refused::Configured));
    }
    put_unless_faulty(intake, queue, by).await
}

/// Gives a queue this channel; one of that label is made if there is none.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn move_here(
    intake: &Intake,
    label: &str,
    channel: &str,
    by: &Actor,
) -> anyhow::Result<Result<Put, Refused>> {
    let has_channel = |entry: &Entry| !entry.channel.is_empty();
    if intake.relay.config.queue(label).is_some_and(has_channel) {
        return Ok(Err(Refused::Configured));
    }
    let known = Queues(&intake.relay.watches.queues()).find(label).cloned();
    let queue = Queue { channel: channel.to_owned(), ..known.unwrap_or_else(|| setup::blank(label)) };
    put_unless_faulty(intake, queue, by).await
}

/// Removes a queue.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn remove(intake: &Intake, label: &str, by: &Actor) -> anyhow::Result<Removal> {
    if intake.relay.config.queue(label).is_some() {
        return Ok(Removal::Refused(CONFIGURED.to_owned()));
    }
    intake.desk.remove_queue(label, by).await
}

/// To somebody who wants to change a queue of the configuration.
pub(super) const CONFIGURED: &str = "The configuration sets this queue up: change it there, and restart.";
/// To somebody who wants to set a queue up while Slack cannot be asked.
pub(super) const SLACK_IS_SILENT: &str =
    "Slack does not answer right now, so nothing was changed. Please try again in a moment.";

async fn put_unless_faulty(intake: &Intake, queue: Queue, by: &Actor) -> anyhow::Result<Result<Put, Refused>> {
    let mut faults = setup::faults(&queue, Queues(&intake.relay.watches.queues()));
    if queue.is_default
        && let Some(other) = intake.relay.config.queues.iter().find(|entry| entry.is_default)
        && other.label != queue.label
    {
        faults.push(Fault::new("default", format!("is {} by the configuration", other.label)));
    }
    if !queue.channel.is_empty()
        && let Some(room) = conversations::get(&intake.relay.db, By::Room(&queue.channel)).await?
    {
        faults.push(Fault::new("channel_id", format!("is the room of {}", room.customer.name())));
    }
    if faults.is_empty() {
        match ask_slack(intake, &queue).await {
            Ok(found) => faults = found,
            Err(error) => return Ok(Err(Refused::SlackIsSilent(error))),
        }
    }
    if faults.is_empty() { Ok(Ok(intake.desk.put_queue(queue, by).await?)) } else { Ok(Err(Refused::Faulty(faults))) }
}

/// What only Slack can tell: who is a guest, and where the app is a member.
async fn ask_slack(intake: &Intake, queue: &Queue) -> anyhow::Result<Vec<Fault>> {
    let mut faults = Vec::new();
    if !queue.channel.is_empty()
        && let Some(why) = intake.roster.unfit(&queue.channel).await?
    {
        faults.push(Fault::new("channel_id", why));
    }
    for (field, people) in [("members", &queue.members), ("priority_group", &queue.priority_group)] {
        let outsiders = intake.roster.outsiders(people).await?;
        if !outsiders.is_empty() {
            let why = format!("must name no guests and nobody from elsewhere: {}", outsiders.join(", "));
            faults.push(Fault::new(field, why));
        }
    }
    Ok(faults)
}
