//! Everything that the service says to people: the name of each text in `[templates]`, and what can be filled in. `config/default.toml` words
//! them and says when each is sent; `docs/texts.md` shows both together.
//!
//! The beginning of a name says who reads it: `customer_`, `handoff_` and `agent_footer` customers; `room_` and `ticket_` the agents in
//! a room; `queue_` and `triage_` those in these channels; `agent_` one of them; `home_` whoever looks there; `mention_` and `answer_` whoever asked.

use crate::config::schema::{Key, words};
use crate::render::template;

/// A text that people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// Its name in `[templates]`.
    pub name: &'static str,
    /// What can be filled in.
    pub known: &'static [&'static str],
}

impl Text {
    /// Its wording, filled in; nothing where it is empty. The values are mrkdwn.
    #[must_use]
    pub fn fill(self, wording: &str, values: &[(&str, &str)]) -> Option<String> {
        let is_given = |name: &str| values.iter().any(|(given, _)| *given == name);
        debug_assert!(self.known.iter().all(|name| is_given(name)), "{} is not given all that it knows", self.name);
        template::fill(wording, values)
    }
}

/// What customers can be told.
const TO_CUSTOMER: &[&str] = &["agent", "bot", "company", "customer"];
/// What can be told to a customer who waits for a human, or has waited.
const TO_WAITING: &[&str] = &["agent", "bot", "company", "customer", "queue", "reference", "summary"];
/// What the title of a handoff's card can tell.
const ON_CARD: &[&str] = &["from", "queue", "bot", "customer"];
/// What a queue's other texts can tell.
const TO_QUEUE: &[&str] = &["queue", "bot", "customer"];

/// For each text a constant, and a key of the configuration.
macro_rules! catalogue {
    ($($text:ident $name:literal $known:expr;)*) => {
        $(
            #[doc = concat!("`templates.", $name, "`")]
            pub const $text: Text = Text { name: $name, known: $known };
        )*
        /// All of them.
        pub const ALL: &[Text] = &[$($text),*];

        /// Their keys in the configuration.
        pub(in crate::config) const KEYS: &[Key] = &[$(words(concat!("templates.", $name), $known)),*];
    };
}

catalogue! {
    // For customers.
    AGENT_FOOTER "agent_footer" TO_CUSTOMER;
    CUSTOMER_PAUSED "customer_paused" TO_CUSTOMER;
    CUSTOMER_PAUSED_ANONYMOUS "customer_paused_anonymous" TO_CUSTOMER;
    CUSTOMER_UNPAUSED "customer_unpaused" TO_CUSTOMER;
    CUSTOMER_UNPAUSED_ANONYMOUS "customer_unpaused_anonymous" TO_CUSTOMER;

    // For customers who wait for a human.
    HANDOFF_REQUESTED "handoff_requested" TO_WAITING;
    HANDOFF_NOBODY "handoff_nobody" TO_WAITING;
    HANDOFF_NO_AGENT "handoff_no_agent" TO_WAITING;
    HANDOFF_AFTER_HOURS "handoff_after_hours" TO_WAITING;
    HANDOFF_CONTACT_KEPT "handoff_contact_kept" TO_WAITING;
    HANDOFF_DECLINED "handoff_declined" TO_WAITING;
    HANDOFF_CANCELLED "handoff_cancelled" TO_WAITING;
    HANDOFF_TRANSFERRED "handoff_transferred" TO_WAITING;
    HANDOFF_TRANSFER_ACCEPTED "handoff_transfer_accepted" TO_WAITING;
    HANDOFF_FAILED "handoff_failed" TO_WAITING;

    // For agents, in the header of a room.
    ROOM_EXPLAINED "room_explained" &["bot", "customer"];
    ROOM_HISTORY "room_history" &["bot", "customer"];
    ROOM_LIVE_ON "room_live_on" &["bot", "customer"];
    ROOM_LIVE_PENDING "room_live_pending" &["bot", "customer"];
    ROOM_LIVE_OFF "room_live_off" &["bot", "customer"];
    ROOM_HANDLED "room_handled" &["agent", "bot", "customer"];

    // For agents, in a room: who answers.
    ROOM_PAUSED "room_paused" &["who", "bot", "customer"];
    ROOM_UNPAUSED "room_unpaused" &["who", "bot", "customer"];
    ROOM_BOT_TOLD "room_bot_told" &["bot", "customer"];
    ROOM_BOT_KNOWS "room_bot_knows" &["bot", "customer"];
    ROOM_BOT_MISSED_PAUSE "room_bot_missed_pause" &["why", "bot", "customer"];
    ROOM_BOT_MISSED_UNPAUSE "room_bot_missed_unpause" &["why", "bot", "customer"];
    ROOM_BOT_MISSED_COMMAND "room_bot_missed_command" &["why", "bot", "customer"];
    ROOM_BOT_MISSED "room_bot_missed" &["why", "bot", "customer"];
    ROOM_TRYING_AGAIN "room_trying_again" &["bot", "customer"];
    ROOM_GIVEN_UP "room_given_up" &["bot", "customer"];
    ROOM_FORGOTTEN "room_forgotten" &["bot", "customer"];
    ROOM_SWITCHED_ON "room_switched_on" &["bot", "customer"];
    ROOM_SWITCHED_OFF "room_switched_off" &["bot", "customer"];
    ROOM_PAUSE_REMINDER "room_pause_reminder" &["agent", "bot", "customer"];
    ROOM_UNPAUSE_REMINDER "room_unpause_reminder" &["idle", "bot", "customer"];
    ROOM_KEEPS_PAUSED "room_keeps_paused" &["agent", "bot", "customer"];
    ROOM_HELD "room_held" &["agent", "bot", "customer"];
    ROOM_COLLISION "room_collision" &["agent", "bot", "customer"];
    ROOM_TAKEN_OVER "room_taken_over" &["agent", "bot", "customer"];
    ROOM_TAKEN_OVER_FROM "room_taken_over_from" &["agent", "before", "bot", "customer"];
    ROOM_TRANSFERRED "room_transferred" &["who", "queue", "place", "bot", "customer"];
    ROOM_TRANSFER_ACCEPTED "room_transfer_accepted" &["agent", "queue", "bot", "customer"];
    ROOM_NEXT_QUEUE "room_next_queue" &["queue", "bot", "customer"];
    ROOM_NOT_TRANSFERRED "room_not_transferred" &["agent", "queue", "bot", "customer"];

    // For agents, in a room: what is passed on, and what is not.
    ROOM_NOT_PASSED_ON "room_not_passed_on" &["what", "bot", "customer"];
    ROOM_NOT_SAID "room_not_said" &["words", "why", "bot", "customer"];
    ROOM_NOT_SAID_YET "room_not_said_yet" &["words", "why", "bot", "customer"];
    ROOM_MAYBE_NOT_SAID "room_maybe_not_said" &["words", "why", "bot", "customer"];
    ROOM_PLAINER "room_plainer" &["what", "bot", "customer"];
    ROOM_WITHDRAWN "room_withdrawn" &["agent", "bot", "customer"];
    ROOM_NOTHING_WITHDRAWN "room_nothing_withdrawn" &["bot", "customer"];
    ROOM_NOT_WITHDRAWN "room_not_withdrawn" &["why", "bot", "customer"];
    ROOM_NOT_WITHDRAWN_YET "room_not_withdrawn_yet" &["why", "bot", "customer"];
    ROOM_EDIT_REPEATED "room_edit_repeated" &["why", "bot", "customer"];
    ROOM_EDIT_LOST "room_edit_lost" &["bot", "customer"];
    ROOM_REACTION_LOST "room_reaction_lost" &["emoji", "why", "bot", "customer"];
    ROOM_NOT_NOTED "room_not_noted" &["who", "why", "bot", "customer"];
    ROOM_NOT_SHOWN "room_not_shown" &["who", "when", "why", "bot", "customer"];
    ROOM_FILE_NOT_SHOWN "room_file_not_shown" &["who", "files", "why", "bot", "customer"];
    ROOM_NOTHING_TO_SHOW "room_nothing_to_show" &["who", "bot", "customer"];
    ROOM_LATE "room_late" &["time", "bot", "customer"];
    ROOM_UNFINISHED "room_unfinished" &["who", "bot", "customer"];
    ROOM_EDITED "room_edited" &["who", "when", "bot", "customer"];
    ROOM_EDIT_SHOWN_ANEW "room_edit_shown_anew" &["who", "why", "bot", "customer"];
    ROOM_DELETED "room_deleted" &["who", "when", "bot", "customer"];
    ROOM_REACTED "room_reacted" &["who", "emoji", "when", "bot", "customer"];
    ROOM_REACTION_REMOVED "room_reaction_removed" &["who", "emoji", "when", "bot", "customer"];
    ROOM_MISSED "room_missed" &["count", "bot", "customer"];
    ROOM_MISSED_MORE "room_missed_more" &["bot", "customer"];
    ROOM_NOT_CHECKED "room_not_checked" &["why", "bot", "customer"];
    ROOM_TOKEN_LOST "room_token_lost" &["workspace", "bot", "customer"];
    ROOM_STRANGER "room_stranger" &["bot", "customer"];
    ROOM_SHARED "room_shared" &["bot", "customer"];
    ROOM_NOTICE "room_notice" &["bot", "customer"];

    // For agents, in a room: its beginning and its end.
    ROOM_NOT_INVITED "room_not_invited" &["why", "bot", "customer"];
    ROOM_NOT_IMPORTED "room_not_imported" &["why", "bot", "customer"];
    ROOM_REPLIES_NOT_IMPORTED "room_replies_not_imported" &["count", "bot", "customer"];
    ROOM_TRANSCRIPT "room_transcript" &["agent", "bot", "customer"];
    ROOM_CLOSED "room_closed" &["who", "bot", "customer"];
    ROOM_CLOSED_IDLE "room_closed_idle" &["who", "bot", "customer"];
    ROOM_UNSENT "room_unsent" &["count", "bot", "customer"];
    ROOM_NOT_KEPT "room_not_kept" &["why", "bot", "customer"];
    ROOM_NOT_ARCHIVED "room_not_archived" &["why", "bot", "customer"];

    // For agents, in a room: the ticket in the tracker.
    TICKET_OPENED "ticket_opened" &["tracker", "bot", "customer"];
    TICKET_ASSIGNED "ticket_assigned" &["who", "bot", "customer"];
    TICKET_UNASSIGNED "ticket_unassigned" &["bot", "customer"];
    TICKET_COMMENTED "ticket_commented" &["who", "text", "bot", "customer"];
    TICKET_DESCRIBED "ticket_described" &["bot", "customer"];
    TICKET_COMPLETED "ticket_completed" &["who", "bot", "customer"];
    TICKET_GONE "ticket_gone" &["bot", "customer"];
    TICKET_NOT_OPENED "ticket_not_opened" &["why", "bot", "customer"];
    TICKET_NOT_COMMENTED "ticket_not_commented" &["why", "bot", "customer"];
    TICKET_NOT_COMPLETED "ticket_not_completed" &["why", "bot", "customer"];

    // For agents, on the card in the channel of a queue.
    QUEUE_ASKED "queue_asked" ON_CARD;
    QUEUE_GIVEN "queue_given" ON_CARD;
    QUEUE_NOTICED "queue_noticed" ON_CARD;
    QUEUE_REQUEST "queue_request" &["request", "from", "queue", "bot", "customer"];
    QUEUE_WAITING "queue_waiting" TO_QUEUE;
    QUEUE_NOBODY_ONLINE "queue_nobody_online" TO_QUEUE;
    QUEUE_PENDING "queue_pending" &["agent", "room", "queue", "bot", "customer"];
    QUEUE_ACCEPTED "queue_accepted" &["agent", "room", "queue", "bot", "customer"];
    QUEUE_DECLINED "queue_declined" TO_QUEUE;
    QUEUE_NOBODY "queue_nobody" TO_QUEUE;
    QUEUE_NO_AGENT "queue_no_agent" TO_QUEUE;
    QUEUE_AFTER_HOURS "queue_after_hours" TO_QUEUE;
    QUEUE_FAILED "queue_failed" &["why", "queue", "bot", "customer"];
    QUEUE_COMPLETED "queue_completed" &["agent", "queue", "bot", "customer"];
    QUEUE_CANCELLED "queue_cancelled" TO_QUEUE;
    QUEUE_ENDED "queue_ended" TO_QUEUE;
    QUEUE_NOT_A_REQUEST "queue_not_a_request" TO_QUEUE;
    QUEUE_SPAM "queue_spam" &["agent", "queue", "bot", "customer"];
    QUEUE_MOVED "queue_moved" TO_QUEUE;

    // For agents, in the channel of a queue.
    QUEUE_WIDENED "queue_widened" TO_QUEUE;
    QUEUE_ACCEPT_WARNING "queue_accept_warning" TO_QUEUE;
    QUEUE_ACCEPT_BREACHED "queue_accept_breached" TO_QUEUE;
    QUEUE_RESPONSE_WARNING "queue_response_warning" TO_QUEUE;
    QUEUE_RESPONSE_BREACHED "queue_response_breached" TO_QUEUE;
    QUEUE_DIGEST "queue_digest" &["queue", "days"];

    // For an agent, in person.
    AGENT_ALLOCATED "agent_allocated" &["agent", "queue", "bot", "customer"];

    // On the app's Home.
    HOME_NOBODY "home_nobody" &["command"];
    HOME_SWITCHED_OFF "home_switched_off" &["bot"];
    HOME_NOT_AN_AGENT "home_not_an_agent" &["company"];

    // For agents, on the card in the triage channel.
    TRIAGE_NEW "triage_new" &["workspace", "bot", "customer"];
    TRIAGE_NOTICED "triage_noticed" &["workspace", "bot", "customer"];
    TRIAGE_OUTSTANDING "triage_outstanding" &["bot", "customer"];
    TRIAGE_OUTSTANDING_AGAIN "triage_outstanding_again" &["agent", "when", "bot", "customer"];
    TRIAGE_REVIEWED "triage_reviewed" &["agent", "when", "bot", "customer"];
    TRIAGE_SPAM "triage_spam" &["agent", "bot", "customer"];

    // For whoever mentions the app in a channel.
    MENTION_WELL "mention_well" &[];
    MENTION_SWITCHED_OFF "mention_switched_off" &["bots"];
    MENTION_ROOM "mention_room" &["customer"];
    MENTION_ELSEWHERE "mention_elsewhere" &["command"];
    MENTION_QUEUE "mention_queue" &["queue"];
    MENTION_DEFAULT_QUEUE "mention_default_queue" &["queue"];
    MENTION_ALL_TOLD "mention_all_told" &["queue"];
    MENTION_FIRST_TOLD "mention_first_told" &["people", "span", "queue"];
    MENTION_ALWAYS_OPEN "mention_always_open" &["queue"];
    MENTION_OPEN "mention_open" &["hours", "queue"];
    MENTION_CLOSED "mention_closed" &["hours", "queue"];
    MENTION_CLOSED_UNTIL "mention_closed_until" &["time", "hours", "queue"];
    MENTION_NOBODY_WAITS "mention_nobody_waits" &["queue"];
    MENTION_WAITING "mention_waiting" &["count", "queue"];

    // For an agent who used a command or a button, when it is done.
    ANSWER_OPENING "answer_opening" &["bot", "customer"];
    ANSWER_ROOM "answer_room" &["room", "bot", "customer"];
    ANSWER_NOT_OPENED "answer_not_opened" &["why", "bot", "customer"];
    ANSWER_OPENING_STOPPED "answer_opening_stopped" &["bot", "customer"];
    ANSWER_CLOSING "answer_closing" &["bot", "customer"];
    ANSWER_PAUSED "answer_paused" &["bot", "customer"];
    ANSWER_UNPAUSED "answer_unpaused" &["bot", "customer"];
    ANSWER_UNPAUSED_OFF "answer_unpaused_off" &["bot", "customer"];
    ANSWER_HANDED_BACK "answer_handed_back" &["bot", "customer"];
    ANSWER_PICKED "answer_picked" &["queue", "bot", "customer"];
    ANSWER_PICKED_IN "answer_picked_in" &["room", "queue", "bot", "customer"];
    ANSWER_DECLINED "answer_declined" &["queue", "bot", "customer"];
    ANSWER_TRANSFER_DECLINED "answer_transfer_declined" &["queue", "bot", "customer"];
    ANSWER_TRANSFERRED "answer_transferred" &["queue", "bot", "customer"];
    ANSWER_DO "answer_do" &["bot", "customer"];
    ANSWER_CLEAR_CONTEXT "answer_clear_context" &["bot", "customer"];
    ANSWER_TAKING_BACK "answer_taking_back" &["bot", "customer"];
    ANSWER_RETRYING "answer_retrying" &["bot", "customer"];
    ANSWER_TRANSCRIPT "answer_transcript" &["bot", "customer"];
    ANSWER_TRANSCRIPT_FAILED "answer_transcript_failed" &["why", "bot", "customer"];
    ANSWER_ERASED "answer_erased" &["customer"];
    ANSWER_ERASED_ROOMS "answer_erased_rooms" &["customer", "rooms"];
    ANSWER_PROMPTS_ON "answer_prompts_on" &["command"];
    ANSWER_PROMPTS_OFF "answer_prompts_off" &["command"];
    ANSWER_BOT_ON "answer_bot_on" &["bot"];
    ANSWER_BOT_OFF "answer_bot_off" &["bot"];
    ANSWER_QUEUE_HERE "answer_queue_here" &["queue"];
    ANSWER_QUEUE_REMOVED "answer_queue_removed" &["queue"];
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;
    use std::{env, fs};

    use super::*;
    use crate::config::{self, wordings};

    const BEGINNING: &str = "\
# Texts

Everything that the service says to people, as `config/default.toml` words it: who reads a text, when, and what can be filled in. How to word
them differently is told in [operating.md](operating.md#texts).
";

    /// What `docs/texts.md` should say.
    fn wanted() -> String {
        let texts = config::example("", &[]).templates;
        let (mut guide, mut group) = (BEGINNING.to_owned(), "");
        for (text, about) in ALL.iter().zip(wordings()) {
            if about.group != group {
                group = about.group;
                write!(guide, "\n## {group}\n\n| text | when | default | filled in |\n|---|---|---|---|\n").unwrap();
            }
            let known: Vec<String> = text.known.iter().map(|known| format!("`{known}`")).collect();
            let wording = texts.of("", "").get(*text);
            // In code, backticks take two.
            let fence = if wording.contains('`') { "``" } else { "`" };
            let (name, when, known) = (about.name(), about.about, known.join(", "));
            writeln!(guide, "| `{name}` | {when} | {fence}{wording}{fence} | {known} |").unwrap();
        }
        guide
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test is set up by its environment")]
    fn the_guide_lists_every_text_as_it_is() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/texts.md");
        if env::var_os("MEGATRON_TEST_WRITE").is_some() {
            fs::write(&path, wanted()).unwrap();
        }
        let guide = fs::read_to_string(&path).unwrap();
        assert!(guide == wanted(), "docs/texts.md is out of date: run this test with MEGATRON_TEST_WRITE=1");
    }
}
