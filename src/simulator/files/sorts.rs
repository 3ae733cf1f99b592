//! The sorts of files that people share, and the gestures that share and delete them.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::{File, Mode, Stage};
use crate::simulator::Simulator;
use crate::simulator::world::{Object, World, object};

/// A file that a person shares.
#[derive(Clone)]
pub struct NewFile(File);

impl NewFile {
    /// A file of any kind.
    #[must_use]
    pub fn new(name: &str, mimetype: &str, bytes: &[u8]) -> Self {
        Self(File {
            name: name.to_owned(),
            title: name.to_owned(),
            mimetype: mimetype.to_owned(),
            filetype: type_of(name).0.to_owned(),
            bytes: bytes.to_vec(),
            stage: Stage::Complete,
            ..File::default()
        })
    }

    /// A picture of this width and height, described for those who cannot see it.
    #[must_use]
    pub fn image(name: &str, bytes: &[u8], (width, height): (u32, u32), alt_text: &str) -> Self {
        let url = "https://files.slack.com/files-tmb/thumb.png";
        let more = json!({
            "original_w": width, "original_h": height, "alt_txt": alt_text, "thumb_64": url, "thumb_360": url,
            "thumb_360_w": width.min(360), "thumb_360_h": height.min(360), "thumb_tiny": "AwAQ", "rotation": 1,
        });
        Self::new(name, type_of(name).1, bytes).with(more)
    }

    /// A snippet in this language, such as `python`.
    #[must_use]
    pub fn snippet(name: &str, language: &str, text: &str) -> Self {
        let more = json!({
            "preview": text.lines().take(5).collect::<Vec<_>>().join("\n"), "lines": text.lines().count(),
            "lines_more": 0, "preview_is_truncated": false, "has_rich_preview": false,
        });
        let snippet = Self::new(name, "text/plain", text.as_bytes()).with(more);
        Self(File { filetype: language.to_owned(), mode: Mode::Snippet, ..snippet.0 })
    }

    /// A file kept elsewhere, of which Slack has a link.
    #[must_use]
    pub fn external(name: &str, external_type: &str, url: &str) -> Self {
        let more =
            json!({ "is_external": true, "external_type": external_type, "url_private": url, "external_url": url });
        let file = Self::new(name, "application/octet-stream", b"").with(more);
        Self(File { mode: Mode::External, ..file.0 })
    }

    /// Shared through Slack Connect: the message says no more than to ask `files.info`.
    #[must_use]
    pub fn through_slack_connect(self) -> Self {
        Self(File { mode: Mode::AskForIt, ..self.0 })
    }

    /// Hidden by the limits of the workspace's plan.
    #[must_use]
    pub fn hidden_by_limit(self) -> Self {
        Self(File { mode: Mode::HiddenByLimit, ..self.0 })
    }

    /// Deleted before anybody reads the message.
    #[must_use]
    pub fn deleted(self) -> Self {
        Self(File { stage: Stage::Deleted, ..self.0 })
    }

    /// With these fields besides, or instead.
    #[must_use]
    pub fn with(mut self, fields: Value) -> Self {
        self.0.more.extend(object(fields));
        self
    }
}

impl Simulator {
    /// A person shares a file. Answers the `ts` of the message that shows it.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn share_file(
        &self,
        team: &str,
        user: &str,
        channel: &str,
        (name, mimetype, bytes): (&str, &str, &[u8]),
        text: &str,
    ) -> anyhow::Result<String> {
        self.share_files(team, user, channel, &[NewFile::new(name, mimetype, bytes)], json!({ "text": text }))
    }

    /// A person shares files in one message with these fields. Answers its `ts`.
    ///
    /// # Errors
    /// As [`Self::post_as_user`].
    pub fn share_files(
        &self,
        team: &str,
        user: &str,
        channel: &str,
        files: &[NewFile],
        fields: Value,
    ) -> anyhow::Result<String> {
        self.typed_message(team, user, channel, fields, |world, channel, message| {
            let ids: Vec<_> = files.iter().filter_map(|file| world.keep_file(team, user, file)).collect();
            world.share_files(team, channel, &ids, message)
        })
    }

    /// A person deletes a file of theirs.
    ///
    /// # Errors
    /// When it is not there or not theirs.
    pub fn delete_file(&self, team: &str, user: &str, id: &str) -> anyhow::Result<()> {
        let mut world = self.core.world();
        let file = world.file(team, id).filter(|file| file.stage != Stage::Deleted);
        let file = file.with_context(|| format!("no file {id}"))?;
        ensure!(file.user == user, "{id} is not by {user}");
        world.delete_file(team, id);
        self.core.queued.notify_one();
        Ok(())
    }
}

impl World {
    fn keep_file(&mut self, team: &str, user: &str, file: &NewFile) -> Option<String> {
        let created = self.now().as_second();
        let workspace = self.workspaces.get_mut(team)?;
        let id = workspace.fresh_id('F');
        let file = File { user: user.to_owned(), created, length: file.0.bytes.len(), ..file.0.clone() };
        workspace.files.insert(id.clone(), file);
        Some(id)
    }
}

impl File {
    /// A file that an app announces. Slack tells its type by its name, unless it is a snippet.
    pub(in crate::simulator) fn announced(name: &str, length: usize, snippet: Option<&str>, alt: Option<&str>) -> Self {
        let (filetype, mimetype) = snippet.map_or_else(|| type_of(name), |language| (language, "text/plain"));
        Self {
            name: name.to_owned(),
            title: name.to_owned(),
            mimetype: mimetype.to_owned(),
            filetype: filetype.to_owned(),
            length,
            mode: if snippet.is_some() { Mode::Snippet } else { Mode::Hosted },
            more: alt.map(|alt| Object::from_iter([("alt_txt".to_owned(), json!(alt))])).unwrap_or_default(),
            ..Self::default()
        }
    }
}

/// Slack's type and the MIME type of a file with this name.
fn type_of(name: &str) -> (&'static str, &'static str) {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "png" => ("png", "image/png"),
        "jpg" | "jpeg" => ("jpg", "image/jpeg"),
        "gif" => ("gif", "image/gif"),
        "pdf" => ("pdf", "application/pdf"),
        "mp3" => ("mp3", "audio/mpeg"),
        "m4a" => ("m4a", "audio/mp4"),
        "mp4" => ("mp4", "video/mp4"),
        "zip" => ("zip", "application/zip"),
        "csv" => ("csv", "text/csv"),
        "html" => ("html", "text/html"),
        "txt" => ("text", "text/plain"),
        "py" => ("python", "text/x-python"),
        _ => ("binary", "application/octet-stream"),
    }
}
