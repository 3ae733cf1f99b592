//! What happens between Phil, the bot and Jane.

use megatron::demo::cast::{HUB, JANE, SUPPORT};
use megatron::takeover::cards::action;

use super::ledger::REPORT;
use super::stage::Stage;

const HELLO: &str = "Expense Bot ▸ Hello! I can show you your *report*, or get you a *person*.";
const SORRY: &str = "Expense Bot ▸ Sorry, I did not understand that. Could you put it in other words?";
const ASKED: &str = "Expense Bot ▸ I have asked somebody at Initech to help you. They will answer right here.";
const JANE_IS_HERE: &str =
    "Expense Bot ▸ Jane from Initech is now talking with you. Expense Bot will tell you when it is back.";
const BACK: &str = "Expense Bot ▸ Jane has left the conversation. Expense Bot is back.";

/// Plays it all.
pub(super) async fn play(stage: &mut Stage) {
    jane_finds_somebody_whom_only_the_bot_knows(stage).await;
    the_bot_gets_stuck_and_asks_for_a_human(stage).await;
    jane_answers_and_hands_back(stage).await;
    nobody_is_talked_over(stage).await;
    jane_lets_the_bot_do_things(stage).await;
    phil_asks_for_a_person(stage).await;
    megatron_is_away(stage).await;
    // Where the bot was there, it acknowledged.
    let mut missed = stage.slack.missed_acks();
    missed.retain(|ack| ack.status.is_some());
    assert!(missed.is_empty(), "{missed:?}");
}

/// The bot has registered no workspace either: it is asked for the token.
async fn jane_finds_somebody_whom_only_the_bot_knows(stage: &Stage) {
    stage.jane_types(SUPPORT, "open philippa").await;
    stage.room_shows("cs-philippa", "Philippa Long").await;
}

async fn the_bot_gets_stuck_and_asks_for_a_human(stage: &Stage) {
    assert_eq!(stage.calls_unsigned().await, 401);
    stage.phil_writes("hello");
    stage.phil_reads(HELLO).await;
    stage.phil_writes("Mumble");
    stage.phil_reads(SORRY).await;
    stage.phil_writes("Mumble mumble");
    stage.phil_reads(ASKED).await;
    stage.until("the queue is shown a card", || stage.cards().last().unwrap().contains(action::PICK)).await;
    let card = stage.cards().pop().unwrap();
    for words in ["The bot did not understand twice.", "Customer: Mumble\\n", "Bot: Sorry, I did not understand"] {
        assert!(card.contains(words), "{words}: {card}");
    }
    stage.phil_writes("hello?");
}

async fn jane_answers_and_hands_back(stage: &mut Stage) {
    stage.jane_presses(action::PICK).await;
    stage.phil_reads(JANE_IS_HERE).await;
    for line in ["Phil: hello", "Phil: Mumble mumble", "Phil: hello?"] {
        stage.room_shows("cs-phil", line).await;
    }
    stage.room_shows("cs-phil", &HELLO.replace(" ▸", ":")).await;
    let unheard = stage.phil_writes_unheard("hello again");
    stage.bot_hears(&unheard).await;
    stage.room_shows("cs-phil", "Phil: hello again").await;
    stage.slack.say(HUB, JANE, "cs-phil", "Hi Phil, I am on it.").unwrap();
    stage.phil_reads("Expense Bot ▸ [card] Hi Phil, I am on it.").await;

    // A fresh bot knows of all this only what it is told now.
    stage.restarts_the_bot().await;
    stage.jane_types("cs-phil", "handback The refund is on its way.").await;
    stage.phil_reads(BACK).await;
    stage.room_shows("cs-phil", "Bot knows.").await;
    // Slack was not sure that the old one had heard it.
    stage.bot_hears(&unheard).await;
}

/// The ledger takes its time, and Jane is faster.
async fn nobody_is_talked_over(stage: &Stage) {
    stage.phil_writes("report");
    stage.until("the bot asks the ledger", || stage.ledger.asked() == 1).await;
    stage.jane_types("cs-phil", "pause").await;
    stage.phil_reads(JANE_IS_HERE).await;
    stage.room_shows("cs-phil", "*Jane paused Expense Bot.* ✅").await;
    stage.ledger.may_answer();
    stage.bot_prints("not said, since somebody has taken over meanwhile").await;
    stage.jane_types("cs-phil", "unpause").await;
    stage.phil_reads(BACK).await;
    stage.phil_writes("report");
    stage.ledger.may_answer();
    stage.phil_reads(&format!("Expense Bot ▸ {REPORT}")).await;
    assert_eq!(stage.ledger.asked(), 2);
    // Neither what the bot heard while it was to be silent was answered, nor what was out of date.
    assert_eq!(
        stage.dm(),
        [
            "Phil: hello",
            HELLO,
            "Phil: Mumble",
            SORRY,
            "Phil: Mumble mumble",
            ASKED,
            "Phil: hello?",
            JANE_IS_HERE,
            "Phil: hello again",
            "Expense Bot ▸ [card] Hi Phil, I am on it.",
            BACK,
            "Phil: report",
            JANE_IS_HERE,
            BACK,
            "Phil: report",
            &format!("Expense Bot ▸ {REPORT}"),
        ]
    );
    stage.room_shows("cs-phil", &format!("Expense Bot: {REPORT}")).await;
    let once = |line: &str| stage.room("cs-phil").iter().filter(|there| *there == line).count();
    for line in ["Phil: hello", "Phil: Mumble", "Phil: hello again", &format!("Expense Bot: {REPORT}")] {
        assert_eq!(once(line), 1, "{line}: {:#?}", stage.room("cs-phil"));
    }
}

async fn jane_lets_the_bot_do_things(stage: &Stage) {
    stage.ledger.may_answer();
    let before = stage.room("cs-phil").len();
    stage.jane_types("cs-phil", "do report").await;
    let is_told =
        || stage.room("cs-phil")[before..].iter().any(|line| line.starts_with("Megatron ▸") && line.contains(REPORT));
    stage.until("Jane reads the report", is_told).await;
}

async fn phil_asks_for_a_person(stage: &Stage) {
    stage.phil_writes("Can I speak to a person?");
    stage.phil_reads(ASKED).await;
    let is_new = || stage.cards().last().unwrap().contains("The customer asks for a human.");
    stage.until("the queue is shown a second card", is_new).await;
    let card = stage.cards().pop().unwrap();
    assert!(card.contains("Agent's note: The refund is on its way."), "{card}");

    stage.jane_types("cs-phil", "clear-context").await;
    stage.room_shows("cs-phil", "has forgotten").await;
}

/// A customer whom no agent can help is not left to nobody.
async fn megatron_is_away(stage: &mut Stage) {
    stage.jane_types("cs-phil", "unpause").await;
    stage.phil_reads(BACK).await;
    stage.megatron_goes().await;
    stage.phil_writes("hello");
    stage.phil_reads(HELLO).await;
}
