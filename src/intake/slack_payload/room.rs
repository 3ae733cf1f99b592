//! Events of one channel: what is said in it and what becomes of it.

use serde_json::Value;

use crate::intake::check::{Check, Node};
use crate::intake::what::{installed_team, subject};
use crate::intake::{Author, What};

/// Something that was said, changed or deleted in a channel that the hub app can see.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomMessage {
    /// The workspace in which the app is installed.
    pub team_id: Option<String>,
    /// The channel.
    pub channel: String,
    /// What happened, and to which message.
    pub what: What,
    /// Who wrote the message; of a change, the message inside.
    pub author: Author,
    /// The thread, if the message is in one or has one.
    pub thread_ts: Option<String>,
    /// The subtype of the event.
    pub subtype: Option<String>,
    /// The type of the message's metadata; `megatron` in posts of the service.
    pub metadata_event_type: Option<String>,
    /// The delivery id in the message's metadata. Slack may leave it out.
    pub metadata_id: Option<String>,
    /// Slack does not show the event itself.
    pub hidden: bool,
    /// The channel is shared with another organisation.
    pub is_ext_shared: bool,
    /// The event, verbatim.
    pub event: Value,
    /// The delivery; one message may come under several.
    pub event_id: Option<String>,
    /// When the event happened.
    pub event_ts: Option<String>,
}

/// What a message in a room is to a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    /// Said at top level.
    TopLevel,
    /// A reply in a thread, also one that is shown in the channel.
    Note,
    /// A message was changed.
    Changed,
    /// A message was deleted.
    Deleted,
    /// Slack's own remarks: joins, topics, names.
    Housekeeping,
    /// A subtype that Slack has yet to explain.
    Unknown,
}

impl Speech {
    /// As metrics call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TopLevel => "message",
            Self::Note => "note",
            Self::Changed => "message_changed",
            Self::Deleted => "message_deleted",
            Self::Housekeeping => "housekeeping",
            Self::Unknown => "unknown",
        }
    }
}

impl RoomMessage {
    /// Reads an envelope. `event` stays null.
    pub(super) fn read(root: &Node<'_>, check: &mut Check) -> Self {
        let event = root.get("event");
        let what = What::read(&event, check);
        let message = Node::root(subject(event.value), "");
        let metadata = message.get("metadata");
        Self {
            team_id: installed_team(root).string(),
            channel: check.id(&event.get("channel")),
            what,
            author: Author::of(message.value),
            thread_ts: message.get("thread_ts").string(),
            subtype: event.get("subtype").string(),
            metadata_event_type: metadata.get("event_type").string(),
            metadata_id: metadata.get("event_payload").get("id").string(),
            hidden: event.get("hidden").value == true,
            is_ext_shared: root.get("is_ext_shared_channel").value == true,
            event: Value::Null,
            event_id: root.get("event_id").string(),
            event_ts: event.get("event_ts").string(),
        }
    }

    /// What this is to a relay.
    #[must_use]
    pub fn kind(&self) -> Speech {
        match &self.what {
            What::Message { .. } if self.is_in_thread() => Speech::Note,
            What::Message { .. } => Speech::TopLevel,
            What::Changed { .. } => Speech::Changed,
            What::Deleted { .. } => Speech::Deleted,
            What::Other { kind, .. } if HOUSEKEEPING.contains(&kind.as_str()) => Speech::Housekeeping,
            What::Other { .. } | What::Reaction { .. } | What::Clicked { .. } => Speech::Unknown,
        }
    }

    /// Whether the message, or the changed or deleted one, is a reply in a thread. The root of a thread is not.
    #[must_use]
    pub fn is_in_thread(&self) -> bool {
        self.subtype.as_deref() == Some("thread_broadcast")
            || self.thread_ts.as_deref().is_some_and(|thread| self.what.ts() != Some(thread))
    }

    /// The key under which the same thing is recognised: see [`What::identity`].
    #[must_use]
    pub fn identity(&self) -> String {
        self.what.identity(self.team_id.as_deref().unwrap_or_default(), &self.channel)
    }
}

/// Subtypes of messages that nobody wrote (<https://docs.slack.dev/reference/events/message>), and reported ones.
const HOUSEKEEPING: [&str; 29] = [
    "assistant_app_thread",
    "bot_add",
    "bot_disable",
    "bot_enable",
    "bot_remove",
    "channel_archive",
    "channel_convert_to_private",
    "channel_convert_to_public",
    "channel_join",
    "channel_leave",
    "channel_name",
    "channel_posting_permissions",
    "channel_purpose",
    "channel_topic",
    "channel_unarchive",
    "ekm_access_denied",
    "group_archive",
    "group_join",
    "group_leave",
    "group_name",
    "group_purpose",
    "group_topic",
    "group_unarchive",
    "joiner_notification",
    "message_replied",
    "pinned_item",
    "reminder_add",
    "tabbed_canvas_updated",
    "unpinned_item",
];

/// Something that happened to a channel, or to a message in it without words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomChange {
    /// The workspace in which the app is installed.
    pub team_id: Option<String>,
    /// The channel, by the id it had before.
    pub channel: String,
    /// What happened.
    pub change: Change,
    /// The delivery; one event may come under several.
    pub event_id: Option<String>,
    /// When the event happened.
    pub event_ts: Option<String>,
}

/// What happened to a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It was archived.
    Archived {
        /// By whom.
        user: Option<String>,
    },
    /// It is open again.
    Unarchived {
        /// By whom.
        user: Option<String>,
    },
    /// It has another name.
    Renamed {
        /// The new one.
        name: String,
    },
    /// It is gone.
    Deleted,
    /// The hub app is no longer a member.
    BotLeft,
    /// Somebody came.
    MemberJoined {
        /// Who.
        user: String,
        /// Who brought them.
        inviter: Option<String>,
    },
    /// Somebody left.
    MemberLeft {
        /// Who.
        user: String,
    },
    /// It is shared with another workspace.
    Shared,
    /// A workspace no longer shares it.
    Unshared {
        /// Others outside of the organisation still do.
        still_shared: bool,
    },
    /// It has another id; Slack no longer knows the old one.
    IdChanged {
        /// The new one.
        new: String,
    },
    /// A reaction to a message: always [`What::Reaction`].
    Reaction(What),
}

impl Change {
    /// As metrics call it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Archived { .. } => "room_archived",
            Self::Unarchived { .. } => "room_unarchived",
            Self::Renamed { .. } => "room_renamed",
            Self::Deleted => "room_deleted",
            Self::BotLeft => "room_left",
            Self::MemberJoined { .. } => "member_joined",
            Self::MemberLeft { .. } => "member_left",
            Self::Shared => "room_shared",
            Self::Unshared { .. } => "room_unshared",
            Self::IdChanged { .. } => "room_id_changed",
            Self::Reaction(_) => "reaction",
        }
    }
}

impl RoomChange {
    /// Reads an envelope. `None` for a type that is of no use here.
    pub(super) fn read(kind: &str, root: &Node<'_>, check: &mut Check) -> Option<Self> {
        let event = root.get("event");
        let mut channel = event.get("channel");
        let by = || event.get("user").string();
        let change = match kind {
            "channel_archive" | "group_archive" => Change::Archived { user: by() },
            "channel_unarchive" | "group_unarchive" => Change::Unarchived { user: by() },
            "channel_deleted" | "group_deleted" => Change::Deleted,
            "channel_left" | "group_left" => Change::BotLeft,
            "channel_shared" => Change::Shared,
            "channel_unshared" => Change::Unshared { still_shared: event.get("is_ext_shared").value == true },
            "member_left_channel" => Change::MemberLeft { user: check.id(&event.get("user")) },
            "member_joined_channel" => {
                Change::MemberJoined { user: check.id(&event.get("user")), inviter: event.get("inviter").string() }
            }
            "channel_rename" | "group_rename" => {
                let name = check.string(&channel.get("name"), |name| !name.is_empty(), "must be a name");
                channel = channel.get("id");
                Change::Renamed { name }
            }
            "channel_id_changed" => {
                channel = event.get("old_channel_id");
                Change::IdChanged { new: check.id(&event.get("new_channel_id")) }
            }
            "reaction_added" | "reaction_removed" => {
                channel = event.get("item").get("channel");
                match What::read(&event, check) {
                    reaction @ What::Reaction { .. } => Change::Reaction(reaction),
                    _ => return None,
                }
            }
            _ => return None,
        };
        Some(Self {
            team_id: installed_team(root).string(),
            channel: check.id(&channel),
            change,
            event_id: root.get("event_id").string(),
            event_ts: event.get("event_ts").string(),
        })
    }
}
