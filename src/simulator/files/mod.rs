//! Files: what there is of one, where it is shown, and what becomes of the messages when it goes. `sorts` is what people
//! can share, `transfer` the bytes over HTTP, `api/files.rs` the methods over it.

mod sorts;
mod transfer;

use std::collections::VecDeque;

use serde_json::{Value, json};

pub use sorts::NewFile;
pub use transfer::{FileRequest, Spoilt};
pub(super) use transfer::{download, moved, upload};

use super::Simulator;
use super::cast::Credential;
use super::world::{Kind, Object, World, extend, object};

/// A file of a workspace.
#[derive(Clone, Default)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) mimetype: String,
    pub(super) filetype: String,
    pub(super) bytes: Vec<u8>,
    /// What was announced for the upload.
    pub(super) length: usize,
    pub(super) user: String,
    pub(super) created: i64,
    pub(super) stage: Stage,
    pub(super) mode: Mode,
    /// Further fields, such as `alt_txt` and `original_w`.
    pub(super) more: Object,
    /// Channel and `ts` of every message that shows it.
    pub(super) shares: Vec<(String, String)>,
}

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Stage {
    /// There is an upload URL for it.
    #[default]
    Announced,
    /// The bytes are there.
    Uploaded,
    /// The upload was completed.
    Complete,
    /// Deleted. Its id is known for ever.
    Deleted,
}

/// What messages show of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mode {
    #[default]
    Hosted,
    Snippet,
    /// Kept elsewhere: Slack has a link only.
    External,
    /// Shared through Slack Connect: messages say no more than to ask `files.info`.
    AskForIt,
    /// Too old for the workspace's plan.
    HiddenByLimit,
}

/// What is going on with files in all workspaces.
#[derive(Default)]
pub(super) struct Traffic {
    /// Completed uploads whose messages are not there yet.
    late: Vec<LateShare>,
    /// After so many looks at a file its message comes; none: at once.
    looks: Option<u32>,
    /// What goes wrong with the next downloads.
    spoilt: VecDeque<Spoilt>,
    requests: Vec<FileRequest>,
}

struct LateShare {
    team: String,
    channel: String,
    ids: Vec<String>,
    message: Object,
    looks: u32,
}

impl Simulator {
    /// From now on the message of a completed upload comes only after so many calls of `files.info` that do not see it,
    /// or with [`Self::release_shares`]; with none, at once. Slack itself promises no more.
    pub fn late_shares(&self, looks: Option<u32>) {
        self.core.world().traffic.looks = looks;
    }

    /// Posts the messages of all completed uploads that are still waiting.
    pub fn release_shares(&self) {
        let mut world = self.core.world();
        for late in std::mem::take(&mut world.traffic.late) {
            world.share_files(&late.team, &late.channel, &late.ids, late.message);
        }
        self.core.queued.notify_one();
    }

    /// What a file holds; none if there is no such file, or it was deleted.
    #[must_use]
    pub fn file_bytes(&self, team: &str, id: &str) -> Option<Vec<u8>> {
        let world = self.core.world();
        world.file(team, id).filter(|file| file.stage != Stage::Deleted).map(|file| file.bytes.clone())
    }
}

impl World {
    pub(super) fn file(&self, team: &str, id: &str) -> Option<&File> {
        self.workspace(team)?.files.get(id)
    }

    pub(super) fn file_mut(&mut self, team: &str, id: &str) -> Option<&mut File> {
        self.workspaces.get_mut(team)?.files.get_mut(id)
    }

    /// Whether the caller sees a file: its own, or one in a channel that it sees.
    pub(super) fn sees_file(&self, caller: &Credential, file: &File) -> bool {
        let sees =
            |channel: &str| self.channel(&caller.team, channel).is_some_and(|place| place.visible_to(&caller.user_id));
        file.user == caller.user_id || file.shares.iter().any(|(channel, _)| sees(channel))
    }

    /// Posts the message of a completed upload, or keeps it for later.
    pub(super) fn complete(&mut self, team: &str, channel: &str, ids: Vec<String>, message: Object) {
        match self.traffic.looks {
            None => {
                self.share_files(team, channel, &ids, message);
            }
            Some(looks) => {
                let (team, channel) = (team.to_owned(), channel.to_owned());
                self.traffic.late.push(LateShare { team, channel, ids, message, looks });
            }
        }
    }

    /// Somebody looks at a file, which may be what its message waits for.
    pub(super) fn look_at_file(&mut self, team: &str, id: &str) {
        let late = &mut self.traffic.late;
        let waiting = late.iter().position(|late| late.team == team && late.ids.iter().any(|file| file == id));
        let Some(at) = waiting else { return };
        if late[at].looks > 0 {
            late[at].looks -= 1;
        } else {
            let late = late.remove(at);
            self.share_files(&late.team, &late.channel, &late.ids, late.message);
        }
    }

    /// Posts a message that shows files, and notes in each where it is shown. Answers the message's `ts`.
    pub(super) fn share_files(&mut self, team: &str, channel: &str, ids: &[String], mut message: Object) -> String {
        let files: Vec<_> = ids.iter().map(|id| self.shown_file(team, id)).collect();
        message.insert("subtype".into(), json!("file_share"));
        message.insert("upload".into(), json!(false));
        message.insert("files".into(), json!(files));
        let ts = self.post(team, channel, message);
        for id in ids {
            if let Some(file) = self.file_mut(team, id) {
                file.shares.push((channel.to_owned(), ts.clone()));
            }
        }
        ts
    }

    /// Deletes a file: messages that show it show a tombstone, and one that shows nothing else goes too.
    pub(super) fn delete_file(&mut self, team: &str, id: &str) {
        let Some(file) = self.file_mut(team, id) else { return };
        file.stage = Stage::Deleted;
        for (channel, ts) in std::mem::take(&mut file.shares) {
            let message = self.channel(team, &channel).and_then(|place| place.message(&ts));
            let Some(body) = message.map(|message| message.body.clone()) else { continue };
            let shown = body.get("files").and_then(Value::as_array).cloned().unwrap_or_default();
            let files: Vec<_> =
                shown.into_iter().map(|file| if file["id"] == id { tombstone(id) } else { file }).collect();
            let silent = body.get("text").is_none_or(|text| text == "") && !body.contains_key("blocks");
            if silent && files.iter().all(|file| file["mode"] == "tombstone") {
                self.remove(team, &channel, &ts);
            } else {
                self.change(team, &channel, &ts, object(json!({ "files": files })));
            }
        }
    }

    /// A file as messages show it.
    pub(super) fn shown_file(&self, team: &str, id: &str) -> Value {
        let Some(file) = self.file(team, id) else { return Value::Null };
        match file.mode {
            _ if file.stage == Stage::Deleted => tombstone(id),
            Mode::AskForIt => json!({
                "id": id, "created": file.created, "timestamp": file.created, "user": file.user,
                "mode": "file_access", "file_access": "check_file_info",
            }),
            Mode::HiddenByLimit => json!({
                "id": id, "created": file.created, "timestamp": file.created, "name": file.name,
                "mode": "hidden_by_limit",
            }),
            Mode::Hosted | Mode::Snippet | Mode::External => self.whole_file(team, id, file),
        }
    }

    /// A file as `files.info` shows it: with the messages that show it.
    pub(super) fn told_file(&self, team: &str, id: &str) -> Value {
        let Some(file) = self.file(team, id) else { return Value::Null };
        let mut told =
            if file.mode == Mode::HiddenByLimit { self.shown_file(team, id) } else { self.whole_file(team, id, file) };
        let mut shares = json!({});
        for (channel, ts) in &file.shares {
            let kind = self.channel(team, channel).map_or(Kind::Private, |place| place.kind);
            let visibility = if kind == Kind::Public { "public" } else { "private" };
            shares[visibility][channel] = json!([{ "ts": ts, "reply_users": [], "reply_count": 0 }]);
        }
        extend(&mut told, json!({ "shares": shares }));
        told
    }

    fn whole_file(&self, team: &str, id: &str, file: &File) -> Value {
        let mode = match file.mode {
            Mode::Snippet => "snippet",
            Mode::External => "external",
            _ => "hosted",
        };
        let path: String =
            file.name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' }).collect();
        let place = format!("{}/files-pri/{team}-{id}", self.base);
        let mut whole = json!({
            "id": id, "created": file.created, "timestamp": file.created, "name": file.name, "title": file.title,
            "mimetype": file.mimetype, "filetype": file.filetype, "pretty_type": file.filetype.to_uppercase(),
            "user": file.user, "user_team": team, "editable": file.mode == Mode::Snippet, "size": file.bytes.len(),
            "mode": mode, "is_external": false, "external_type": "", "is_public": false, "public_url_shared": false,
            "display_as_bot": false, "username": "", "file_access": "visible", "url_private": format!("{place}/{path}"),
            "url_private_download": format!("{place}/download/{path}"), "permalink": format!("{place}/permalink"),
        });
        // An external file brings its own URL, and has none to download it.
        if file.mode == Mode::External
            && let Some(whole) = whole.as_object_mut()
        {
            whole.shift_remove("url_private_download");
        }
        extend(&mut whole, Value::Object(file.more.clone()));
        whole
    }
}

fn tombstone(id: &str) -> Value {
    json!({ "id": id, "mode": "tombstone" })
}
