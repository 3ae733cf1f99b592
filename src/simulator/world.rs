//! What exists in the simulated Slack: workspaces, channels, messages, files. Plain state behind one lock; the Web API,
//! the gestures and the views all work on it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::cast::{App, Credential, User};
use super::events::Queue;
use super::faults::Faults;
use super::files::{File, Traffic};
use super::pace::Pace;
use super::sockets::Sockets;
use super::surfaces::Surfaces;
use super::{Ack, Call, Settings};
use crate::clock::Clock;

/// A JSON object whose keys keep their order.
pub(super) type Object = Map<String, Value>;

/// Everything there is.
pub(super) struct World {
    pub(super) clock: Clock,
    /// Where this server is reached, without a path and without a slash at the end.
    pub(super) base: String,
    pub(super) workspaces: BTreeMap<String, Workspace>,
    pub(super) credentials: HashMap<String, Credential>,
    pub(super) queue: Queue,
    pub(super) surfaces: Surfaces,
    pub(super) sockets: Sockets,
    pub(super) traffic: Traffic,
    pub(super) settings: Settings,
    pub(super) faults: Faults,
    pub(super) pace: Pace,
    pub(super) calls: Vec<Call>,
    pub(super) acks: Vec<Ack>,
    serial: u64,
}

/// One workspace. Ids are unique inside of it only.
pub(super) struct Workspace {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) domain: String,
    pub(super) users: BTreeMap<String, User>,
    pub(super) groups: BTreeMap<String, Group>,
    pub(super) channels: BTreeMap<String, Channel>,
    pub(super) apps: BTreeMap<String, App>,
    pub(super) files: BTreeMap<String, File>,
    serial: u64,
}

/// A user group.
pub(super) struct Group {
    /// Without `@`.
    pub(super) handle: String,
    pub(super) members: Vec<String>,
}

/// What a channel is. The id does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Public,
    Private,
    Im,
}

impl Kind {
    /// `channel_type` of message events.
    pub(super) fn of_message(self) -> &'static str {
        match self {
            Self::Public => "channel",
            Self::Private => "group",
            Self::Im => "im",
        }
    }

    /// First part of the names of scopes: `channels:read`, `groups:history`, `im:write`.
    pub(super) fn family(self) -> &'static str {
        match self {
            Self::Public => "channels",
            Self::Private => "groups",
            Self::Im => "im",
        }
    }
}

/// A channel with its messages, the oldest first.
pub(super) struct Channel {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) creator: String,
    pub(super) created: i64,
    pub(super) members: BTreeSet<String>,
    /// Bots that archiving removed: they still see the channel, but are not in it.
    pub(super) former: BTreeSet<String>,
    pub(super) archived: bool,
    pub(super) shared: bool,
    pub(super) topic: String,
    pub(super) purpose: String,
    pub(super) messages: Vec<Message>,
    pub(super) pins: BTreeSet<String>,
    pub(super) bookmarks: Vec<Value>,
    last_ts: (i64, u32),
}

/// A message as Slack stores it, and whether it is still there.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) body: Object,
    pub(super) deleted: bool,
}

impl World {
    pub(super) fn new(clock: Clock, base: String) -> Self {
        Self {
            clock,
            base,
            workspaces: BTreeMap::new(),
            credentials: HashMap::new(),
            queue: Queue::default(),
            surfaces: Surfaces::default(),
            sockets: Sockets::default(),
            traffic: Traffic::default(),
            settings: Settings::default(),
            faults: Faults::default(),
            pace: Pace::default(),
            calls: Vec::new(),
            acks: Vec::new(),
            serial: 0,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A number never given before.
    pub(super) fn serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    pub(super) fn workspace(&self, team: &str) -> Option<&Workspace> {
        self.workspaces.get(team)
    }

    pub(super) fn channel(&self, team: &str, id: &str) -> Option<&Channel> {
        self.workspaces.get(team)?.channels.get(id)
    }

    pub(super) fn channel_mut(&mut self, team: &str, id: &str) -> Option<&mut Channel> {
        self.workspaces.get_mut(team)?.channels.get_mut(id)
    }

    pub(super) fn user(&self, team: &str, id: &str) -> Option<&User> {
        self.workspaces.get(team)?.users.get(id)
    }

    /// The next timestamp of a channel: the clock's second, and a count inside of it.
    pub(super) fn next_ts(&mut self, team: &str, channel: &str) -> String {
        let second = self.now().as_second();
        self.channel_mut(team, channel).map_or_else(|| format!("{second}.000100"), |channel| channel.next_ts(second))
    }
}

impl Workspace {
    pub(super) fn new(id: &str, name: &str, domain: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            domain: domain.to_owned(),
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            channels: BTreeMap::new(),
            apps: BTreeMap::new(),
            files: BTreeMap::new(),
            serial: 0,
        }
    }

    /// A fresh id with this first letter. Two workspaces give the same ids, as they may in Slack.
    pub(super) fn fresh_id(&mut self, letter: char) -> String {
        self.serial += 1;
        format!("{letter}0SIM{:04}", self.serial)
    }

    /// A channel by id or by name; the living before the archived.
    pub(super) fn find_channel(&self, name_or_id: &str) -> Option<&Channel> {
        let name = name_or_id.trim_start_matches('#');
        let named = || self.channels.values().filter(|channel| channel.kind != Kind::Im && channel.name == name);
        self.channels.get(name_or_id).or_else(|| named().find(|c| !c.archived)).or_else(|| named().next())
    }

    /// Whether a name is taken: archived channels keep theirs.
    pub(super) fn name_taken(&self, name: &str) -> bool {
        self.channels.values().any(|channel| channel.kind != Kind::Im && channel.name == name)
    }

    /// The DM of a person with a bot user.
    pub(super) fn dm(&self, one: &str, other: &str) -> Option<&Channel> {
        self.channels.values().find(|c| c.kind == Kind::Im && c.members.contains(one) && c.members.contains(other))
    }

    pub(super) fn app_of_bot(&self, bot_user: &str) -> Option<&App> {
        self.apps.values().find(|app| app.bot_user_id == bot_user)
    }
}

impl Channel {
    pub(super) fn new(id: &str, name: &str, kind: Kind, creator: &str, now: Timestamp) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            kind,
            creator: creator.to_owned(),
            created: now.as_second(),
            members: BTreeSet::from([creator.to_owned()]),
            former: BTreeSet::new(),
            archived: false,
            shared: false,
            topic: String::new(),
            purpose: String::new(),
            messages: Vec::new(),
            pins: BTreeSet::new(),
            bookmarks: Vec::new(),
            last_ts: (0, 0),
        }
    }

    fn next_ts(&mut self, second: i64) -> String {
        let (last, micros) = self.last_ts;
        self.last_ts = match (second > last, micros) {
            (true, _) => (second, 100),
            (false, 999_900..) => (last + 1, 100),
            (false, _) => (last, micros + 100),
        };
        format!("{}.{:06}", self.last_ts.0, self.last_ts.1)
    }

    /// A message that is still there.
    pub(super) fn message(&self, ts: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.ts() == ts && !message.deleted)
    }

    pub(super) fn message_mut(&mut self, ts: &str) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.ts() == ts && !message.deleted)
    }

    /// Whether a person or bot sees that the channel exists.
    pub(super) fn visible_to(&self, user: &str) -> bool {
        self.kind == Kind::Public || self.members.contains(user) || self.former.contains(user)
    }

    /// The channel as `conversations.info` shows it to a member.
    pub(super) fn shown(&self, viewer: &str) -> Value {
        let mut shown = json!({
            "id": self.id, "created": self.created, "creator": self.creator, "is_archived": self.archived,
            "is_channel": self.kind == Kind::Public, "is_group": self.kind == Kind::Private,
            "is_im": self.kind == Kind::Im, "is_mpim": false, "is_private": self.kind != Kind::Public,
            "is_ext_shared": self.shared, "is_shared": self.shared, "is_org_shared": false,
            "is_member": self.members.contains(viewer),
        });
        let more = if self.kind == Kind::Im {
            json!({ "user": self.members.iter().find(|member| *member != viewer) })
        } else {
            let note = |value: &str| json!({ "value": value, "creator": self.creator, "last_set": self.created });
            json!({
                "name": self.name, "name_normalized": self.name, "is_general": false,
                "topic": note(&self.topic), "purpose": note(&self.purpose),
            })
        };
        extend(&mut shown, more);
        shown
    }
}

impl Message {
    pub(super) fn ts(&self) -> &str {
        self.text("ts")
    }

    /// A string field, or nothing.
    pub(super) fn text(&self, field: &str) -> &str {
        self.body.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// The parent's `ts`, if this is a reply.
    pub(super) fn thread(&self) -> Option<&str> {
        Some(self.text("thread_ts")).filter(|thread| !thread.is_empty() && *thread != self.ts())
    }
}

/// The fields of a JSON object; nothing for anything else.
pub(super) fn object(value: Value) -> Object {
    if let Value::Object(object) = value { object } else { Object::new() }
}

/// Adds the fields of one object to another.
pub(super) fn extend(into: &mut Value, more: Value) {
    if let Value::Object(into) = into {
        into.extend(object(more));
    }
}
