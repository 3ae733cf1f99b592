//! The Web API methods that are called, and what the caller must know of each: how it takes its arguments, how often it
//! may be called, and whether it may be repeated when nobody knows if it happened. Used by the Slack client, the pacing
//! and the delivery worker.

use std::fmt;

/// How a method takes its arguments (<https://docs.slack.dev/apis/web-api/>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arguments {
    /// A JSON body: methods that write.
    Json,
    /// The query of a GET: methods that read do not understand JSON.
    Query,
}

/// What to do when a call ended in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// A second call changes nothing more, or nothing that anybody would mind.
    Harmless,
    /// A second call could do it twice: look for the effect of the first one before.
    LookFirst,
}

/// A Web API method, one of the constants below.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Method {
    name: &'static str,
    arguments: Arguments,
    per_minute: u16,
    repeat: Repeat,
}

impl Method {
    /// The method called `name`, if it is one of those known here.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|method| method.name == name)
    }

    /// The name, such as `chat.postMessage`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// How it takes its arguments.
    #[must_use]
    pub fn arguments(self) -> Arguments {
        self.arguments
    }

    /// Calls a minute that Slack grants one app in one workspace.
    #[must_use]
    pub fn per_minute(self) -> u16 {
        self.per_minute
    }

    /// What to do when a call ended in doubt.
    #[must_use]
    pub fn repeat(self) -> Repeat {
        self.repeat
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Rate limit tiers, in calls a minute (<https://docs.slack.dev/apis/web-api/rate-limits/>).
const TIER_1: u16 = 1;
const TIER_2: u16 = 20;
const TIER_3: u16 = 50;
const TIER_4: u16 = 100;
/// "Several hundred messages a minute" in one workspace; `auth.test` and `chat.getPermalink` allow at least as many.
const SPECIAL: u16 = 300;

macro_rules! methods {
    ($($constant:ident = $name:literal, $arguments:ident, $tier:ident, $repeat:ident;)*) => {
        impl Method {
            $(
                #[doc = concat!("<https://docs.slack.dev/reference/methods/", $name, ">")]
                pub const $constant: Self = Self {
                    name: $name,
                    arguments: Arguments::$arguments,
                    per_minute: $tier,
                    repeat: Repeat::$repeat,
                };
            )*

            /// Every method known here.
            pub const ALL: &[Self] = &[$(Self::$constant),*];
        }
    };
}

// A repeated ephemeral message is shown to one agent twice; it is never in the history, so there is nowhere to look.
methods! {
    APPS_CONNECTIONS_OPEN = "apps.connections.open", Json, TIER_1, Harmless;
    AUTH_TEST = "auth.test", Json, SPECIAL, Harmless;
    CHAT_DELETE = "chat.delete", Json, TIER_3, Harmless;
    CHAT_GET_PERMALINK = "chat.getPermalink", Query, SPECIAL, Harmless;
    CHAT_POST_EPHEMERAL = "chat.postEphemeral", Json, TIER_4, Harmless;
    CHAT_POST_MESSAGE = "chat.postMessage", Json, SPECIAL, LookFirst;
    CHAT_UPDATE = "chat.update", Json, TIER_3, Harmless;
    CONVERSATIONS_ARCHIVE = "conversations.archive", Json, TIER_2, Harmless;
    CONVERSATIONS_CREATE = "conversations.create", Json, TIER_2, LookFirst;
    CONVERSATIONS_HISTORY = "conversations.history", Query, TIER_3, Harmless;
    CONVERSATIONS_INFO = "conversations.info", Query, TIER_3, Harmless;
    CONVERSATIONS_INVITE = "conversations.invite", Json, TIER_3, Harmless;
    CONVERSATIONS_KICK = "conversations.kick", Json, TIER_3, Harmless;
    CONVERSATIONS_LIST = "conversations.list", Query, TIER_2, Harmless;
    CONVERSATIONS_MEMBERS = "conversations.members", Query, TIER_4, Harmless;
    CONVERSATIONS_OPEN = "conversations.open", Json, TIER_3, Harmless;
    CONVERSATIONS_RENAME = "conversations.rename", Json, TIER_2, Harmless;
    CONVERSATIONS_REPLIES = "conversations.replies", Query, TIER_3, Harmless;
    CONVERSATIONS_SET_PURPOSE = "conversations.setPurpose", Json, TIER_2, Harmless;
    CONVERSATIONS_SET_TOPIC = "conversations.setTopic", Json, TIER_2, Harmless;
    CONVERSATIONS_UNARCHIVE = "conversations.unarchive", Json, TIER_2, Harmless;
    FILES_COMPLETE_UPLOAD_EXTERNAL = "files.completeUploadExternal", Json, TIER_4, LookFirst;
    FILES_DELETE = "files.delete", Json, TIER_3, Harmless;
    FILES_GET_UPLOAD_URL_EXTERNAL = "files.getUploadURLExternal", Query, TIER_4, Harmless;
    FILES_INFO = "files.info", Query, TIER_4, Harmless;
    PINS_ADD = "pins.add", Json, TIER_2, Harmless;
    REACTIONS_ADD = "reactions.add", Json, TIER_3, Harmless;
    REACTIONS_REMOVE = "reactions.remove", Json, TIER_2, Harmless;
    USERGROUPS_LIST = "usergroups.list", Query, TIER_2, Harmless;
    USERGROUPS_USERS_LIST = "usergroups.users.list", Query, TIER_2, Harmless;
    USERS_CONVERSATIONS = "users.conversations", Query, TIER_2, Harmless;
    USERS_GET_PRESENCE = "users.getPresence", Query, TIER_3, Harmless;
    USERS_INFO = "users.info", Query, TIER_4, Harmless;
    USERS_LOOKUP_BY_EMAIL = "users.lookupByEmail", Query, TIER_3, Harmless;
    VIEWS_OPEN = "views.open", Json, TIER_4, Harmless;
    VIEWS_PUBLISH = "views.publish", Json, TIER_4, Harmless;
    VIEWS_UPDATE = "views.update", Json, TIER_4, Harmless;
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_found_by_its_name_and_no_name_stands_for_two() {
        for method in Method::ALL {
            assert_eq!(Method::named(method.name()), Some(*method));
        }
        assert_eq!(Method::named("chat.postmessage"), None);
    }

    #[test]
    fn only_what_would_be_seen_twice_is_looked_up_before_a_repetition() {
        let guarded: Vec<_> = Method::ALL
            .iter()
            .filter(|method| method.repeat() == Repeat::LookFirst)
            .map(|method| method.name())
            .collect();
        assert_eq!(guarded, ["chat.postMessage", "conversations.create", "files.completeUploadExternal"]);
    }

    #[test]
    fn reading_methods_take_a_query() {
        for name in ["conversations.history", "conversations.replies", "users.info", "conversations.members"] {
            assert_eq!(Method::named(name).unwrap().arguments(), Arguments::Query, "{name}");
        }
        assert_eq!(Method::CHAT_POST_MESSAGE.arguments(), Arguments::Json);
    }
}
