//! Phil, Jane and the others, and what they see and do in the simulated Slack. Used by the story and by the playground.

use anyhow::ensure;

use super::cast::{ACME, HUB, JANE, PHIL, PHILIPPA, PHILIPPAS_DM, PHILS_DM, SUPPORT};
use crate::simulator::{ChannelView, Seen, Simulator};

/// The customers.
pub(super) const CUSTOMERS: [Customer; 2] = [
    Customer { name: "Phil", user: PHIL, dm: PHILS_DM },
    Customer { name: "Philippa", user: PHILIPPA, dm: PHILIPPAS_DM },
];
/// The slash command.
pub(super) const COMMAND: &str = "/megatron";

/// Somebody who talks with the bot.
pub(super) struct Customer {
    /// The name that people see.
    pub(super) name: &'static str,
    /// The id.
    pub(super) user: &'static str,
    /// The DM with the bot.
    pub(super) dm: &'static str,
}

/// Phil, Jane, and what they see: the simulated Slack with their hands and eyes.
#[derive(Clone)]
pub(super) struct People {
    /// Where they are.
    pub(super) slack: Simulator,
}

impl std::fmt::Debug for People {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("People")
    }
}

impl People {
    /// Phil writes to the bot. Answers the `ts`.
    pub(super) fn phil_writes(&self, text: &str) -> anyhow::Result<String> {
        self.slack.say(ACME, PHIL, PHILS_DM, text)
    }

    /// Jane writes where she is: in Phil's room while there is one, else in the support channel. What begins with the slash command
    /// is one; what she reads at once is answered.
    pub(super) async fn jane_writes(&self, text: &str) -> anyhow::Result<Option<String>> {
        let room = self.room();
        let here = room.as_ref().map_or(SUPPORT, |room| &room.id);
        let Some(rest) = text.strip_prefix(COMMAND) else {
            self.slack.say(HUB, JANE, here, text)?;
            return Ok(None);
        };
        let answer = self.slack.command(HUB, JANE, here, COMMAND, rest.trim()).await?;
        ensure!(answer.status == 200, "the service answered a command with status {}", answer.status);
        Ok(answer.body["text"].as_str().map(str::to_owned))
    }

    /// Jane writes a note into the thread of a message in Phil's room.
    pub(super) fn jane_notes(&self, room: &str, thread: &str, text: &str) -> anyhow::Result<()> {
        self.slack.reply(HUB, JANE, room, thread, text, false).map(drop)
    }

    /// Phil's room, while it is open.
    pub(super) fn room(&self) -> Option<ChannelView> {
        self.slack.channel(HUB, "cs-phil").filter(|room| !room.archived)
    }

    /// What Phil sees in his DM with the bot.
    pub(super) fn phil_sees(&self) -> Vec<Seen> {
        self.slack.history(ACME, PHILS_DM).into_iter().filter(is_content).collect()
    }

    /// What Jane sees in a channel; where she is told something that nobody else sees, also that.
    pub(super) fn jane_sees(&self, channel: &str) -> Vec<Seen> {
        let mut seen = self.slack.history(HUB, channel);
        seen.extend(self.slack.ephemerals(HUB, JANE, channel));
        seen.retain(is_content);
        seen.sort_by(|one, other| one.ts.cmp(&other.ts));
        seen
    }

    /// Whether Phil sees a message with these words by this author.
    pub(super) fn phil_reads(&self, author: &str, words: &str) -> bool {
        self.phil_sees().iter().any(|seen| seen.author == author && seen.text.contains(words))
    }

    /// Whether Jane sees a message with these words by this author in a channel.
    pub(super) fn jane_reads(&self, channel: &str, author: &str, words: &str) -> bool {
        self.jane_sees(channel).iter().any(|seen| seen.author == author && seen.text.contains(words))
    }
}

/// Not one of Slack's own lines (joined, archived).
fn is_content(message: &Seen) -> bool {
    !message.deleted && !message.subtype.starts_with("channel_")
}
