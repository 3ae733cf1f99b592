//! The text behind `/megatron`: a verb and the rest.

/// A command, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// What to do.
    pub verb: Verb,
    /// What stands behind the verb, trimmed.
    pub rest: String,
    /// The ids of the users that the rest mentions, in order.
    pub mentions: Vec<String>,
}

/// What a command does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// Opens a room for a customer.
    Open,
    /// Takes control.
    Pause,
    /// Gives control back.
    Unpause,
    /// Closes the room.
    Close,
    /// Says who has control.
    Status,
    /// Names the open rooms.
    List,
    /// Explains the commands; also for an empty text.
    Help,
    /// Gives the customer to another queue.
    Transfer,
    /// Gives the customer back to the bot, with a note.
    Handback,
    /// Picks the handoff of a customer.
    Pick,
    /// Declines it.
    Decline,
    /// Asks the agent in person to pick handoffs.
    PromptsOn,
    /// Does so no more.
    PromptsOff,
    /// Hands the rest to the bot.
    Do,
    /// Lets the bot forget the conversation.
    ClearContext,
    /// Says who did what.
    Audit,
    /// Hands over what was said.
    Transcript,
    /// Counts what happened.
    Stats,
    /// Forgets a customer.
    Erase,
    /// Turns the bot on everywhere.
    BotOn,
    /// Turns the bot off everywhere.
    BotOff,
    /// Opens the dialog in which queues are set up.
    Queue,
    /// Makes this channel that of a queue.
    QueueHere,
    /// Names the queues.
    QueueList,
    /// Removes a queue.
    QueueRemove,
    /// Opens the dialog in which everything else is set.
    Settings,
    /// Something else, as it was typed.
    Unknown(String),
}

impl Verb {
    /// As metrics call it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pause => "pause",
            Self::Unpause => "unpause",
            Self::Close => "close",
            Self::Status => "status",
            Self::List => "list",
            Self::Help => "help",
            Self::Transfer => "transfer",
            Self::Handback => "handback",
            Self::Pick => "pick",
            Self::Decline => "decline",
            Self::PromptsOn => "prompts_on",
            Self::PromptsOff => "prompts_off",
            Self::Do => "do",
            Self::ClearContext => "clear_context",
            Self::Audit => "audit",
            Self::Transcript => "transcript",
            Self::Stats => "stats",
            Self::Erase => "erase",
            Self::BotOn => "bot_on",
            Self::BotOff => "bot_off",
            Self::Queue => "queue",
            Self::QueueHere => "queue_here",
            Self::QueueList => "queue_list",
            Self::QueueRemove => "queue_remove",
            Self::Settings => "settings",
            Self::Unknown(_) => "unknown",
        }
    }

    /// Whether only administrators may.
    #[must_use]
    pub fn is_for_admins(&self) -> bool {
        matches!(self, Self::Queue | Self::QueueHere | Self::QueueRemove | Self::Settings)
    }
}

/// Reads the text of a command. The verb may be in any case, blanks may be of any kind and number.
#[must_use]
pub fn parse_text(text: &str) -> CommandLine {
    let (word, rest) = split(text);
    let (verb, rest) = match word.to_lowercase().as_str() {
        "open" => (Verb::Open, rest),
        "pause" => (Verb::Pause, rest),
        "unpause" => (Verb::Unpause, rest),
        "close" => (Verb::Close, rest),
        "status" => (Verb::Status, rest),
        "list" => (Verb::List, rest),
        "" | "help" => (Verb::Help, rest),
        "transfer" => (Verb::Transfer, rest),
        "handback" => (Verb::Handback, rest),
        "pick" => (Verb::Pick, rest),
        "decline" => (Verb::Decline, rest),
        "do" => (Verb::Do, rest),
        "clear-context" => (Verb::ClearContext, rest),
        "audit" => (Verb::Audit, rest),
        "transcript" => (Verb::Transcript, rest),
        "stats" => (Verb::Stats, rest),
        "erase" => (Verb::Erase, rest),
        "settings" => (Verb::Settings, rest),
        "prompts" => match split(rest) {
            (state, rest) if state.eq_ignore_ascii_case("on") => (Verb::PromptsOn, rest),
            (state, rest) if state.eq_ignore_ascii_case("off") => (Verb::PromptsOff, rest),
            _ => (Verb::Unknown(word.to_owned()), rest),
        },
        "bot" => match split(rest) {
            (state, rest) if state.eq_ignore_ascii_case("on") => (Verb::BotOn, rest),
            (state, rest) if state.eq_ignore_ascii_case("off") => (Verb::BotOff, rest),
            _ => (Verb::Unknown(word.to_owned()), rest),
        },
        "queue" => match split(rest) {
            ("", rest) => (Verb::Queue, rest),
            (what, rest) if what.eq_ignore_ascii_case("here") => (Verb::QueueHere, rest),
            (what, rest) if what.eq_ignore_ascii_case("list") => (Verb::QueueList, rest),
            (what, rest) if what.eq_ignore_ascii_case("remove") => (Verb::QueueRemove, rest),
            _ => (Verb::Unknown(word.to_owned()), rest),
        },
        _ => (Verb::Unknown(word.to_owned()), rest),
    };
    CommandLine { verb, rest: rest.to_owned(), mentions: mentions(rest) }
}

/// The first word and what is behind it.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    text.split_once(char::is_whitespace).map_or((text, ""), |(word, rest)| (word, rest.trim_start()))
}

/// `<@U0PHIL|phil>` or `<@U0PHIL>`.
fn mentions(text: &str) -> Vec<String> {
    let entities = text.split("<@").skip(1).filter_map(|rest| rest.split_once('>'));
    let ids = entities.map(|(entity, _)| entity.split_once('|').map_or(entity, |(id, _)| id));
    ids.filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric())).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_verb_may_be_in_any_case_and_blanks_of_any_number() {
        let lines = [
            ("open phil", Verb::Open, "phil"),
            ("  OPEN \u{a0}  Phil  Collins ", Verb::Open, "Phil  Collins"),
            ("Pause", Verb::Pause, ""),
            ("unpause phil", Verb::Unpause, "phil"),
            ("close\tphil", Verb::Close, "phil"),
            ("status", Verb::Status, ""),
            ("list", Verb::List, ""),
            ("help me", Verb::Help, "me"),
            ("   ", Verb::Help, ""),
            ("transfer billing  she knows more", Verb::Transfer, "billing  she knows more"),
            ("handback Paid by hand.", Verb::Handback, "Paid by hand."),
            ("pick phil", Verb::Pick, "phil"),
            ("decline", Verb::Decline, ""),
            ("do  say  `hello  there`", Verb::Do, "say  `hello  there`"),
            ("Clear-Context phil", Verb::ClearContext, "phil"),
            ("audit phil", Verb::Audit, "phil"),
            ("Transcript", Verb::Transcript, ""),
            ("stats 30d support", Verb::Stats, "30d support"),
            ("erase phil", Verb::Erase, "phil"),
            ("bot On", Verb::BotOn, ""),
            ("prompts Off", Verb::PromptsOff, ""),
            ("prompts on", Verb::PromptsOn, ""),
            ("bot  off ", Verb::BotOff, ""),
            ("Queue", Verb::Queue, ""),
            ("queue  Here support", Verb::QueueHere, "support"),
            ("queue list", Verb::QueueList, ""),
            ("queue remove support", Verb::QueueRemove, "support"),
            ("Settings", Verb::Settings, ""),
            ("queue jump", Verb::Unknown("queue".into()), "jump"),
            ("bot maybe", Verb::Unknown("bot".into()), "maybe"),
            ("Opne phil", Verb::Unknown("Opne".into()), "phil"),
        ];
        for (text, verb, rest) in lines {
            assert_eq!(parse_text(text), CommandLine { verb, rest: rest.into(), mentions: vec![] }, "{text:?}");
        }
    }

    #[test]
    fn mentions_are_kept_as_ids() {
        for (text, ids) in [
            ("open <@U1|phil>", vec!["U1"]),
            ("open <@U1> and <@W2|a b>", vec!["U1", "W2"]),
            ("open <@> <@|x> <@U 1> <#C1|room> @phil <@U3", vec![]),
        ] {
            assert_eq!(parse_text(text).mentions, ids, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text: String) {
            let line = parse_text(&text);
            prop_assert!(text.contains(&line.rest));
        }
    }
}
