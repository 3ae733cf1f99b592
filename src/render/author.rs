//! Who wrote a message, as far as Slack says. Called by `intake` for events, by `deliver` for the history.

use serde_json::Value;

/// Who wrote a message or gave a reaction. Ids are those of the workspace that the event was delivered for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Author {
    /// The user; absent in a post with a customised name.
    pub user: Option<String>,
    /// The bot; differs per workspace. Absent in what an app posts with a user token.
    pub bot_id: Option<String>,
    /// The app; the same in all workspaces.
    pub app_id: Option<String>,
    /// The author's own workspace; another one in a shared channel.
    pub team: Option<String>,
    /// Whether Slack says that a bot wrote it.
    pub is_bot: bool,
}

impl Author {
    /// The author of a message event, or of the message inside of a change.
    #[must_use]
    pub fn of(message: &Value) -> Self {
        let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let first = |keys: &[&str]| keys.iter().find_map(|key| text(&message[*key]));
        let profile = &message["bot_profile"];
        let bot_id = first(&["bot_id"]).or_else(|| text(&profile["id"]));
        Self {
            user: first(&["user"]),
            is_bot: bot_id.is_some() || message["subtype"] == "bot_message",
            bot_id,
            app_id: first(&["app_id"]).or_else(|| text(&profile["app_id"])),
            team: first(&["user_team", "source_team", "team"]),
        }
    }

    /// The user, if it is a person as far as can be seen. Slackbot is none.
    #[must_use]
    pub fn person(&self) -> Option<&str> {
        self.user.as_deref().filter(|user| !self.is_bot && *user != "USLACKBOT")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_person_has_a_user_and_no_bot() {
        assert_eq!(Author::of(&json!({ "user": "U1", "bot_id": "" })).person(), Some("U1"));
        let others = [
            json!({ "user": "U1", "bot_id": "B1" }),
            json!({ "user": "U1", "bot_profile": { "id": "B1" } }),
            json!({ "user": "U1", "subtype": "bot_message" }),
            json!({ "user": "USLACKBOT" }),
            json!({ "text": "nobody" }),
        ];
        for other in others {
            assert_eq!(Author::of(&other).person(), None, "{other}");
        }
    }

    #[test]
    fn the_team_is_the_authors_own() {
        let message = json!({ "user": "U1", "team": "T1", "source_team": "T2", "user_team": "T3" });
        assert_eq!(Author::of(&message).team.as_deref(), Some("T3"));
    }
}
