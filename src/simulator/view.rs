//! What people see. Tests compare it, the demo's page shows it.

use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

use super::Simulator;
use super::cast::User;
use super::messages::reactions;
use super::world::{Channel, Kind, Message, Object, Workspace};

/// A channel from the outside.
#[derive(Debug, Clone, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts")]
pub struct ChannelView {
    /// Id.
    pub id: String,
    /// Name; empty for a DM.
    pub name: String,
    /// Not public; a DM is private too.
    pub private: bool,
    /// A DM.
    pub is_im: bool,
    /// Archived.
    pub archived: bool,
    /// Shared with another organisation.
    pub shared: bool,
    /// Topic.
    pub topic: String,
    /// Purpose.
    pub purpose: String,
    /// Ids of the people and bots in it.
    pub members: Vec<String>,
    /// `ts` of the pinned messages.
    pub pins: Vec<String>,
    /// Bookmarks, as `bookmarks.add` answered them.
    pub bookmarks: Vec<Value>,
}

/// A message as a person sees it. `Display` is one line (more for a text of several lines), without timestamps.
#[derive(Debug, Clone, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts")]
pub struct Seen {
    /// Timestamp, which names it in its channel.
    pub ts: String,
    /// The id of the person or bot user whose it is; empty where there is none.
    pub user: String,
    /// The name shown: the one that the post was given, or the author's own.
    pub author: String,
    /// URL or `:emoji:` of the picture, if it was given one or the author has one.
    pub icon: Option<String>,
    /// Posted by an app under its own name: a card or a notice.
    pub by_app: bool,
    /// Text.
    pub text: String,
    /// Blocks, or null.
    pub blocks: Value,
    /// Attachments, or null.
    pub attachments: Value,
    /// Files, or null.
    pub files: Value,
    /// Metadata with its payload, or null.
    pub metadata: Value,
    /// Subtype; empty for an ordinary message.
    pub subtype: String,
    /// The parent, for a reply.
    pub thread_ts: Option<String>,
    /// Reactions, each with the ids of those who gave it.
    pub reactions: Vec<(String, Vec<String>)>,
    /// Marked as edited.
    pub edited: bool,
    /// Seen by one person only.
    pub ephemeral: bool,
    /// No longer there.
    pub deleted: bool,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.thread_ts.is_some() {
            f.write_str("  ↳ ")?;
        }
        let separator = if self.by_app { " ▸" } else { ":" };
        write!(f, "{}{separator}", self.author)?;
        if self.deleted {
            return f.write_str(" (deleted)");
        }
        if self.by_app && self.blocks.as_array().is_some_and(|blocks| !blocks.is_empty()) {
            f.write_str(" [card]")?;
        }
        if !self.text.is_empty() {
            write!(f, " {}", self.text)?;
        } else if !self.blocks.is_null() {
            write!(f, " [{}]", words(&self.blocks))?;
        }
        for file in self.files.as_array().into_iter().flatten() {
            write!(f, " [file {}]", file["name"].as_str().unwrap_or("?"))?;
        }
        for (name, users) in &self.reactions {
            write!(f, " :{name}:{}", if users.len() > 1 { users.len().to_string() } else { String::new() })?;
        }
        for (mark, on) in [("edited", self.edited), ("only visible to you", self.ephemeral)] {
            if on {
                write!(f, " ({mark})")?;
            }
        }
        Ok(())
    }
}

impl Simulator {
    /// A channel by id or by name; a living one before an archived one of the same name.
    #[must_use]
    pub fn channel(&self, team: &str, name_or_id: &str) -> Option<ChannelView> {
        let world = self.core.world();
        world.workspace(team)?.find_channel(name_or_id).map(seen_channel)
    }

    /// All channels and DMs of a workspace.
    #[must_use]
    pub fn channels(&self, team: &str) -> Vec<ChannelView> {
        let world = self.core.world();
        world.workspace(team).into_iter().flat_map(|workspace| workspace.channels.values()).map(seen_channel).collect()
    }

    /// The people and bots of a workspace.
    #[must_use]
    pub fn people(&self, team: &str) -> Vec<User> {
        let world = self.core.world();
        world.workspace(team).into_iter().flat_map(|workspace| workspace.users.values()).cloned().collect()
    }

    /// Ids of the people and bots in a channel.
    #[must_use]
    pub fn members(&self, team: &str, name_or_id: &str) -> Vec<String> {
        self.channel(team, name_or_id).map(|channel| channel.members).unwrap_or_default()
    }

    /// All messages of a channel, oldest first, replies and deleted ones included.
    #[must_use]
    pub fn history(&self, team: &str, name_or_id: &str) -> Vec<Seen> {
        let world = self.core.world();
        let Some(workspace) = world.workspace(team) else { return Vec::new() };
        let messages = workspace.find_channel(name_or_id).into_iter().flat_map(|channel| &channel.messages);
        messages.map(|message| seen(workspace, message, false)).collect()
    }

    /// What a person reads in a channel without Slack's own lines (joined, topic set), one string for each message.
    #[must_use]
    pub fn lines(&self, team: &str, name_or_id: &str) -> Vec<String> {
        let own = |message: &Seen| !message.subtype.starts_with("channel_");
        self.history(team, name_or_id).iter().filter(|message| own(message)).map(ToString::to_string).collect()
    }

    /// Messages that only this person sees, oldest first.
    #[must_use]
    pub fn ephemerals(&self, team: &str, user: &str, name_or_id: &str) -> Vec<Seen> {
        let world = self.core.world();
        let Some(workspace) = world.workspace(team) else { return Vec::new() };
        let Some(channel) = workspace.find_channel(name_or_id) else { return Vec::new() };
        let mine = |message: &&super::surfaces::Ephemeral| {
            (message.team.as_str(), message.user.as_str(), &message.channel) == (team, user, &channel.id)
        };
        let messages = world.surfaces.ephemerals.iter().filter(mine);
        messages
            .map(|message| {
                let message = Message { body: message.body.clone(), deleted: message.deleted };
                seen(workspace, &message, true)
            })
            .collect()
    }

    /// Open modals of a person, the topmost last. Each is the view object, with `errors` after a refused submission.
    #[must_use]
    pub fn modals(&self, team: &str, user: &str) -> Vec<Value> {
        self.views(team, user, "modal")
    }

    pub(super) fn views(&self, team: &str, user: &str, kind: &str) -> Vec<Value> {
        let world = self.core.world();
        let own = world.surfaces.views.values().filter(|view| view.open && view.team == team && view.user == user);
        own.filter(|view| view.body["type"] == kind).map(|view| view.body.clone()).collect()
    }
}

fn seen_channel(channel: &Channel) -> ChannelView {
    ChannelView {
        id: channel.id.clone(),
        name: channel.name.clone(),
        private: channel.kind != Kind::Public,
        is_im: channel.kind == Kind::Im,
        archived: channel.archived,
        shared: channel.shared,
        topic: channel.topic.clone(),
        purpose: channel.purpose.clone(),
        members: channel.members.iter().cloned().collect(),
        pins: channel.pins.iter().cloned().collect(),
        bookmarks: channel.bookmarks.clone(),
    }
}

fn seen(workspace: &Workspace, message: &Message, ephemeral: bool) -> Seen {
    let user = workspace.users.get(message.text("user"));
    let username = Some(message.text("username")).filter(|name| !name.is_empty());
    let name = username.or(user.map(User::shown_name)).unwrap_or_else(|| message.text("user"));
    let field = |name: &str| message.body.get(name).cloned().unwrap_or_default();
    Seen {
        ts: message.ts().to_owned(),
        user: message.text("user").to_owned(),
        author: name.to_owned(),
        icon: icon(&message.body).or_else(|| user.and_then(|user| user.image.clone())),
        by_app: !message.text("bot_id").is_empty() && username.is_none(),
        text: message.text("text").to_owned(),
        blocks: field("blocks"),
        attachments: field("attachments"),
        files: field("files"),
        metadata: field("metadata"),
        subtype: message.text("subtype").to_owned(),
        thread_ts: message.thread().map(str::to_owned),
        reactions: reactions(message),
        edited: message.body.contains_key("edited"),
        ephemeral,
        deleted: message.deleted,
    }
}

/// The picture that a post was given. An emoji wins over a URL.
fn icon(message: &Object) -> Option<String> {
    let icons = message.get("icons")?;
    let picture = icons.get("emoji").or_else(|| icons.get("image_48"))?;
    picture.as_str().map(str::to_owned)
}

/// The texts in blocks, in a row.
fn words(blocks: &Value) -> String {
    fn gather(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
            Value::Object(fields) => fields.iter().for_each(|(name, value)| match value {
                Value::String(text) if name == "text" => found.push(text.clone()),
                other => gather(other, found),
            }),
            _ => {}
        }
    }
    let mut found = Vec::new();
    gather(&json!(blocks), &mut found);
    found.join(" ")
}
