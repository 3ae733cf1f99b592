//! `files.*`: the upload in three steps, and what is known about a file. The bytes themselves go through the server.

use serde_json::{Value, json};

use super::args::Args;
use super::{Outcome, joined};
use crate::simulator::blocks::check_message;
use crate::simulator::cast::Credential;
use crate::simulator::world::{File, Object, World, object};

pub(super) fn upload_url(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let (name, length) = (args.need("filename")?.to_owned(), args.number("length")?.unwrap_or_default());
    if length == 0 {
        return Err("missing_argument".into());
    }
    let base = world.base.clone();
    let workspace = world.workspaces.get_mut(&caller.team).ok_or("team_not_found")?;
    let id = workspace.fresh_id('F');
    let file = File { title: name.clone(), name, length, user: caller.user_id.clone(), ..File::default() };
    workspace.files.insert(id.clone(), file);
    Ok(json!({ "upload_url": format!("{base}/upload/{}/{id}", caller.team), "file_id": id }))
}

pub(super) fn complete_upload(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let listed = args.json("files")?.unwrap_or(Value::Null);
    let listed = listed.as_array().filter(|files| !files.is_empty()).ok_or("invalid_arguments")?;
    let mut ids = Vec::new();
    for entry in listed {
        let id = entry["id"].as_str().ok_or("file_not_found")?.to_owned();
        let files = world.workspaces.get_mut(&caller.team).map(|workspace| &mut workspace.files);
        let file = files.and_then(|files| files.get_mut(&id)).filter(|file| file.uploaded).ok_or("file_not_found")?;
        if let Some(title) = entry["title"].as_str() {
            title.clone_into(&mut file.title);
        }
        ids.push(id);
    }
    if let Some(channel) = args.text("channel_id")?.or(args.text("channels")?).map(str::to_owned) {
        let named = Args(Object::from_iter([("channel".to_owned(), json!(channel))]));
        if joined(world, caller, &named)?.archived {
            return Err("posting_to_channel_denied".into());
        }
        let mut message = object(json!({
            "user": caller.user_id, "text": args.text("initial_comment")?.unwrap_or_default(), "upload": true,
        }));
        if let Some(bot_id) = &caller.bot_id {
            message.extend(object(json!({ "bot_id": bot_id, "app_id": caller.app_id })));
        }
        if let Some(blocks) = args.json("blocks")? {
            check_message(&blocks, &|_| false)?;
            // Reported, not documented.
            if blocks.as_array().into_iter().flatten().any(|block| block["type"] == "markdown") {
                return Err("internal_error".into());
            }
            message.insert("blocks".into(), blocks);
        }
        if let Some(thread) = args.text("thread_ts")? {
            message.insert("thread_ts".into(), json!(thread));
        }
        world.share_files(&caller.team, &channel, &ids, message);
    }
    let files: Vec<_> = ids.iter().map(|id| world.shown_file(&caller.team, id)).collect();
    Ok(json!({ "files": files }))
}

pub(super) fn info(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let id = args.need("file")?;
    let workspace = world.workspace(&caller.team).ok_or("team_not_found")?;
    let file = workspace.files.get(id).ok_or("file_not_found")?;
    let sees = |channel: &str| workspace.channels.get(channel).is_some_and(|place| place.visible_to(&caller.user_id));
    if file.user != caller.user_id && !file.shares.iter().any(|(channel, _)| sees(channel)) {
        return Err("file_not_found".into());
    }
    Ok(json!({ "file": world.shown_file(&caller.team, id) }))
}

impl World {
    /// Posts a message that shows files, and notes in each where it is shown. Answers the message's `ts`.
    pub(in crate::simulator) fn share_files(
        &mut self,
        team: &str,
        channel: &str,
        ids: &[String],
        mut message: Object,
    ) -> String {
        let files: Vec<_> = ids.iter().map(|id| self.shown_file(team, id)).collect();
        message.insert("subtype".into(), json!("file_share"));
        message.insert("files".into(), json!(files));
        let ts = self.post(team, channel, message);
        for id in ids {
            if let Some(file) = self.workspaces.get_mut(team).and_then(|workspace| workspace.files.get_mut(id)) {
                file.shares.push((channel.to_owned(), ts.clone()));
            }
        }
        ts
    }

    /// A file as messages and `files.info` show it.
    pub(in crate::simulator) fn shown_file(&self, team: &str, id: &str) -> Value {
        let Some(file) = self.workspace(team).and_then(|workspace| workspace.files.get(id)) else { return Value::Null };
        let mut shares = json!({});
        for (channel, ts) in &file.shares {
            shares[channel] = json!([{ "ts": ts }]);
        }
        let url = format!("{}/files/{team}/{id}/{}", self.base, file.name.replace(' ', "_"));
        json!({
            "id": id, "name": file.name, "title": file.title, "mimetype": file.mimetype,
            "filetype": file.name.rsplit('.').next(), "size": file.bytes.len(), "mode": "hosted", "user": file.user,
            "is_external": false, "url_private": url, "url_private_download": url, "permalink": url,
            "shares": { "private": shares },
        })
    }
}
