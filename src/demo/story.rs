//! Phil's story. Each step does something in Slack, and waits until those who should see the consequence see it.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context as _, ensure};

use super::cast::{HUB, PHILS_DM, SUPPORT};
use super::screen::{self, Screen};
use super::stage::{Stage, until};
use crate::simulator::Seen;

/// What a step may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// What somebody who is watching takes to read what is new.
const READING: Duration = Duration::from_millis(800);
/// The names in the columns.
const PHIL: &str = "Phil";
const JANE: &str = "Jane";
const BOT: &str = "Expense Bot";
const MEGATRON: &str = "Megatron";

/// Plays the story.
pub(super) async fn play(stage: &Stage, screen: Screen) -> anyhow::Result<()> {
    let (people, bot) = (&stage.people, &stage.bot);
    let mut scene = Scene::of(stage, screen)?;

    scene.step("Phil asks Expense Bot for help")?;
    people.phil_writes("Hi! My expense EXP-1042 is stuck.")?;
    scene.until("Expense Bot answers Phil", || people.phil_reads(BOT, "Shall I remind Dana")).await?;
    people.phil_writes("Dana left in March.")?;
    scene.until("Expense Bot is stuck", || people.phil_reads(BOT, "I did not understand")).await?;

    stage.knows_phil().await?;
    scene.step("Jane types /megatron open phil")?;
    people.jane_writes("/megatron open phil").await?;
    scene.until("a room for Phil is opened", || people.room().is_some()).await?;
    let room = people.room().context("the room for Phil is gone")?.id;
    scene.room = Some(room.clone());
    let reads = |author: &str, words: &str| people.jane_reads(&room, author, words);
    scene
        .until("Jane is told where the room is", || people.jane_reads(SUPPORT, MEGATRON, "The room for Phil is"))
        .await?;
    scene.until("the room shows what was said before", || reads(BOT, "I did not understand")).await?;

    scene.step("Phil writes again; Jane sees both sides")?;
    people.phil_writes("But nobody can approve it then!")?;
    let mirrored = || reads(PHIL, "nobody can approve") && reads(BOT, "I still do not understand");
    scene.until("the room shows Phil's message and Expense Bot's answer", mirrored).await?;

    scene.step("Jane types /megatron pause")?;
    people.jane_writes("/megatron pause").await?;
    let told = || people.phil_reads(BOT, "Jane from Initech") && reads(MEGATRON, "Expense Bot knows");
    scene.until("Phil is told of Jane, and Expense Bot acknowledges", || told() && bot.is_paused(PHILS_DM)).await?;

    scene.step("Phil writes, and Expense Bot stays silent")?;
    let plea = people.phil_writes("I have been waiting for three days 😟")?;
    scene.until("the room shows Phil's plea", || reads(PHIL, "three days")).await?;
    scene.until("Expense Bot leaves it to Jane", || bot.left_unanswered(&plea)).await?;
    let answered = people.phil_sees().iter().any(|seen| seen.author == BOT && seen.ts > plea);
    ensure!(!answered, "Expense Bot has answered Phil although it is paused");
    scene.remark("Expense Bot has heard it, and leaves it to Jane.", "")?;

    scene.step("Jane answers; Phil reads it from Expense Bot")?;
    people.jane_writes("Hi Phil, Jane here. I am looking into it.").await?;
    scene.until("Phil reads Jane's answer", || people.phil_reads(BOT, "Jane here")).await?;

    scene.step("Jane's note in a thread stays in the room")?;
    let note = "Note for us: his approver left, ask Finance.";
    let plea = people.jane_sees(&room).into_iter().find(|seen| seen.text.contains("three days"));
    people.jane_notes(&room, &plea.context("Phil's plea is gone from the room")?.ts, note)?;
    scene.until("Jane sees her note", || reads(JANE, note)).await?;
    scene.remark("The note is not here.", "")?;
    people.jane_writes("Found it: nobody could approve it. I have; the money comes on Friday.").await?;
    scene.until("Phil reads Jane's second answer", || people.phil_reads(BOT, "on Friday")).await?;
    people.phil_writes("Wonderful, thank you!")?;
    scene.until("the room shows Phil's thanks", || reads(PHIL, "Wonderful")).await?;
    ensure!(!people.phil_reads(BOT, note), "Jane's note has reached Phil");

    scene.step("Jane types /megatron close")?;
    people.jane_writes("/megatron close").await?;
    scene.until("Phil is told that Expense Bot is back", || people.phil_reads(BOT, "Expense Bot is back")).await?;
    let archived = || people.slack.channel(HUB, &room).is_some_and(|room| room.archived);
    scene.until("the room is archived", archived).await?;
    scene.until("Expense Bot knows that it is back", || !bot.is_paused(PHILS_DM)).await?;
    scene.remark("", "The room is archived.")?;

    scene.step("Expense Bot answers again; nobody listens in")?;
    people.phil_writes("What may a hotel cost?")?;
    scene.until("Expense Bot answers Phil again", || people.phil_reads(BOT, "180 €")).await?;
    ensure!(!reads(PHIL, "hotel"), "the closed room shows what Phil said afterwards");
    Ok(())
}

/// What was drawn of the story so far.
struct Scene<'s> {
    stage: &'s Stage,
    screen: Screen,
    steps: usize,
    title: &'static str,
    room: Option<String>,
    drawn: BTreeSet<(String, String)>,
}

impl<'s> Scene<'s> {
    fn of(stage: &'s Stage, screen: Screen) -> anyhow::Result<Self> {
        let (left, right) = (["Phil, at Acme", "DM with Expense Bot"], ["Jane, at Initech", "#support and #cs-phil"]);
        screen::show(&screen.heading(left, right))?;
        Ok(Self { stage, screen, steps: 0, title: "", room: None, drawn: BTreeSet::new() })
    }

    fn step(&mut self, title: &'static str) -> anyhow::Result<()> {
        self.steps += 1;
        self.title = title;
        Ok(screen::show(&self.screen.step(self.steps, title))?)
    }

    /// Waits until something has happened, and draws what is new.
    async fn until(&mut self, what: &str, happened: impl Fn() -> bool) -> anyhow::Result<()> {
        let in_time = until(PATIENCE, happened).await;
        let left = self.news(PHILS_DM, self.stage.people.phil_sees());
        let mut right = self.news(SUPPORT, self.stage.people.jane_sees(SUPPORT));
        if let Some(room) = self.room.clone() {
            let seen = self.stage.people.jane_sees(&room);
            right.extend(self.news(&room, seen));
        }
        // What Jane is told at once comes first, even if the rest was faster.
        right.sort_by_key(|message| !message.ephemeral);
        screen::show(&self.screen.exchange(&left, &right))?;
        let (number, title) = (self.steps, self.title);
        if self.screen.is_live() {
            tokio::time::sleep(READING).await;
        }
        in_time.with_context(|| {
            format!("step {number} of the story ({title}): it did not happen within {PATIENCE:?} that {what}")
        })
    }

    /// Says what cannot be seen.
    fn remark(&self, left: &str, right: &str) -> anyhow::Result<()> {
        Ok(screen::show(&self.screen.remark(left, right))?)
    }

    /// Messages that were not drawn yet.
    fn news(&mut self, channel: &str, seen: Vec<Seen>) -> Vec<Seen> {
        let is_new = |message: &Seen| self.drawn.insert((channel.to_owned(), message.ts.clone()));
        seen.into_iter().filter(is_new).collect()
    }
}
