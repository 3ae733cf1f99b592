//! The journal in words: who did what, one line each, for agents. Called by `intake`.

use jiff::Timestamp;
use serde_json::Value;

use super::text::{cut, escape};
use super::{items, string};

/// Characters of a value that stand in one line.
const MOST_QUOTED: usize = 120;

/// A line of the journal as mrkdwn; Slack shows the time in the reader's zone.
#[must_use]
pub fn line(at: Timestamp, kind: &str, actor: &Value, detail: &Value) -> String {
    let time = format!("<!date^{}^{{date_short_pretty}} {{time_secs}}|{at:.0}>", at.as_second());
    format!("{time}  {} {}", who(actor, detail), did(kind, detail))
}

fn who(actor: &Value, detail: &Value) -> String {
    match (string(actor, "kind"), string(actor, "name")) {
        ("agent", "") => format!("<@{}>", escape(string(actor, "user_id"))),
        ("agent", name) => escape(name),
        ("bot", _) => "The bot".to_owned(),
        _ => match string(detail, "by") {
            "customer" => "The customer".to_owned(),
            "bot" => "The bot".to_owned(),
            "agent" => "An agent".to_owned(),
            _ => "Megatron".to_owned(),
        },
    }
}

fn did(kind: &str, detail: &Value) -> String {
    let about = |key: &str| escape(string(detail, key));
    let because = |words: &str| match about("reason") {
        reason if reason.is_empty() => words.to_owned(),
        reason => format!("{words} ({reason})"),
    };
    match kind {
        "conversation.open" => "asked for a room".to_owned(),
        "conversation.opened" => format!("opened the room {}", about("name")).trim_end().to_owned(),
        "conversation.open_failed" => because("could not get a room"),
        "conversation.paused" => because("paused the bot"),
        "conversation.unpaused" => because("unpaused the bot"),
        "conversation.closed" => because("closed the room"),
        "customer.erased" => format!("erased the customer {}", about("user_id")).trim_end().to_owned(),
        "message.agent" => "wrote a message".to_owned(),
        "message.api" => "had a message sent".to_owned(),
        "message.edited" => "edited a message".to_owned(),
        "message.deleted" => "deleted a message".to_owned(),
        "message.recalled" => "took a message back".to_owned(),
        "note.added" => "added a note".to_owned(),
        "notice.posted" => "told the agents something".to_owned(),
        "command.do" => "asked the bot to do something".to_owned(),
        "command.clear_context" => "asked the bot to forget the context".to_owned(),
        "agent.always_pause" => "chose “Always pause for me”".to_owned(),
        "reminder.keep_paused" => "chose to keep the bot paused".to_owned(),
        "reminder.unpause" => "reminded of the pause".to_owned(),
        "history.check" => "looked for what was missed".to_owned(),
        "transcript.made" => "asked for a transcript".to_owned(),
        "delivery.failed" => format!("gave a delivery up: {}, {}", about("effect"), about("code")),
        "delivery.retried" => format!("had a delivery tried again: {}", about("effect")),
        "ticket.opened" => "opened a ticket".to_owned(),
        "ticket.completed" => format!("noticed that {} completed the ticket", about("by")),
        "bot.switched_on" => format!("switched the bot {} on", about("bot")),
        "bot.switched_off" => format!("switched the bot {} off", about("bot")),
        "queue.added" => format!("set up the queue {}", about("queue")),
        "queue.changed" => format!("changed the queue {}", about("queue")),
        "queue.removed" => format!("removed the queue {}", about("queue")),
        "setting.changed" => format!("set {} from {} to {}", set(detail), quoted(detail, "from"), quoted(detail, "to")),
        "setting.reset" => format!("set {} back to what the configuration says", set(detail)),
        "conversation.spam" => "marked the conversation as spam".to_owned(),
        "conversation.not_spam" => "took back that it is spam".to_owned(),
        "bot.talked_over" if detail["refused"] == true => "wanted to talk over an agent, and was refused".to_owned(),
        "bot.talked_over" => "talked over an agent".to_owned(),
        "handoff.allocated" => format!("gave the customer to <@{}>, who is online", about("agent")),
        "triage.raised" => "asked the agents to have a look".to_owned(),
        "triage.reviewed" => "reviewed the conversation".to_owned(),
        "rules.fired" => format!("saw that {} fired", rules(detail)),
        "workspace.registered" => format!("registered the workspace {}", about("team_id")),
        "workspace.refreshed" => format!("refreshed the workspace {}", about("team_id")),
        "workspace.forgotten" => format!("removed the workspace {}", about("team_id")),
        other => escape(&other.replace(['.', '_'], " ")),
    }
}

/// What was set, and for whom.
fn set(detail: &Value) -> String {
    let of = |kind: &str| match string(detail, kind) {
        "" => String::new(),
        name => format!(" of {kind} {}", escape(name)),
    };
    format!("`{}`{}{}", escape(string(detail, "key")), of("bot"), of("queue"))
}

fn quoted(detail: &Value, key: &str) -> String {
    format!("“{}”", escape(&cut(&string(detail, key).replace('\n', " "), MOST_QUOTED)))
}

/// The rules that have fired, by name.
fn rules(detail: &Value) -> String {
    let names: Vec<String> = items(detail, "rules").iter().filter_map(Value::as_str).map(escape).collect();
    format!("the rule{} {}", if names.len() == 1 { "" } else { "s" }, names.join(", "))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_says_when_who_and_what() {
        let jane = json!({ "kind": "agent", "user_id": "U1", "name": "Jane <&>" });
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        assert_eq!(
            line(at, "conversation.paused", &jane, &json!({ "reason": "command", "epoch": 1 })),
            "<!date^1700000000^{date_short_pretty} {time_secs}|2023-11-14T22:13:20Z>  Jane &lt;&amp;&gt; paused the bot (command)"
        );
    }

    #[test]
    fn who_is_the_one_whose_message_it_was_where_nobody_else_is_known() {
        for (actor, detail, expected) in [
            (json!({ "kind": "agent", "user_id": "U1", "name": "" }), json!({}), "<@U1>"),
            (json!({ "kind": "bot" }), json!({}), "The bot"),
            (json!({ "kind": "service" }), json!({ "by": "customer" }), "The customer"),
            (json!({ "kind": "service" }), json!({}), "Megatron"),
        ] {
            assert_eq!(who(&actor, &detail), expected);
        }
    }

    #[test]
    fn a_kind_that_is_not_known_is_told_as_it_is() {
        assert_eq!(did("queue.changed_hands", &Value::Null), "queue changed hands");
    }
}
