//! `files.*`: the upload in three steps, what is known about a file, and its end. The bytes go through the server.

use serde_json::{Value, json};

use super::args::{Args, Refusal};
use super::{Outcome, joined};
use crate::simulator::blocks::check_message;
use crate::simulator::cast::Credential;
use crate::simulator::files::{File, Stage};
use crate::simulator::world::{Object, World, object};

/// Most characters that describe a picture.
const ALT_TEXT: usize = 1_000;
/// Most bytes of a snippet.
const SNIPPET: usize = 1 << 20;
/// Languages of snippets; Slack knows many more.
const LANGUAGES: &[&str] = &["text", "javascript", "json", "markdown", "python", "rust", "shell", "sql"];

pub(super) fn upload_url(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let (name, length) = (args.need("filename")?, args.number("length")?.unwrap_or_default());
    if length == 0 {
        return Err("missing_argument".into());
    }
    let (snippet, alt) = (args.text("snippet_type")?, args.text("alt_txt")?);
    if snippet.is_some_and(|language| !LANGUAGES.contains(&language)) {
        return Err("unknown_snippet_type".into());
    }
    if snippet.is_some() && length > SNIPPET {
        return Err("snippet_too_large".into());
    }
    if alt.is_some_and(|alt| alt.chars().count() > ALT_TEXT) {
        return Err("alt_txt_too_large".into());
    }
    let (base, created) = (world.base.clone(), world.now().as_second());
    let file = File { user: caller.user_id.clone(), created, ..File::announced(name, length, snippet, alt) };
    let workspace = world.workspaces.get_mut(&caller.team).ok_or("team_not_found")?;
    let id = workspace.fresh_id('F');
    workspace.files.insert(id.clone(), file);
    Ok(json!({ "upload_url": format!("{base}/upload/{}/{id}", caller.team), "file_id": id }))
}

/// The answer says nothing of the message, which may come later.
pub(super) fn complete_upload(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let listed = args.json("files")?.unwrap_or(Value::Null);
    let listed = listed.as_array().filter(|files| !files.is_empty()).ok_or("invalid_arguments")?;
    let mut titles = Vec::new();
    for entry in listed {
        let id = entry["id"].as_str().ok_or("file_not_found")?;
        let file = world.file(&caller.team, id).filter(|file| file.stage == Stage::Uploaded);
        let file = file.filter(|file| file.user == caller.user_id).ok_or("file_not_found")?;
        if titles.iter().any(|(other, _)| other == id) {
            return Err("file_not_found".into());
        }
        titles.push((id.to_owned(), entry["title"].as_str().unwrap_or(&file.title).to_owned()));
    }
    let channel = args.text("channel_id")?.or(args.text("channels")?);
    let message = channel.map(|channel| message(world, caller, args, channel)).transpose()?;
    for (id, title) in &titles {
        if let Some(file) = world.file_mut(&caller.team, id) {
            title.clone_into(&mut file.title);
            file.stage = Stage::Complete;
        }
    }
    let ids = titles.iter().map(|(id, _)| id.clone()).collect();
    if let Some((channel, message)) = message {
        world.complete(&caller.team, &channel, ids, message);
    }
    let files: Vec<_> = titles.iter().map(|(id, title)| json!({ "id": id, "title": title })).collect();
    Ok(json!({ "files": files }))
}

/// The channel, and the message without its files. It is the app's own: no other name can be given.
fn message(world: &World, caller: &Credential, args: &Args, channel: &str) -> Result<(String, Object), Refusal> {
    let named = Args(Object::from_iter([("channel".to_owned(), json!(channel))]));
    let channel = joined(world, caller, &named)?;
    if channel.archived {
        return Err("posting_to_channel_denied".into());
    }
    let mut message = object(json!({ "user": caller.user_id, "text": "" }));
    if let Some(bot_id) = &caller.bot_id {
        message.extend(object(json!({ "bot_id": bot_id, "app_id": caller.app_id })));
    }
    // Blocks beside a comment are ignored.
    if let Some(comment) = args.text("initial_comment")?.filter(|comment| !comment.is_empty()) {
        message.insert("text".into(), json!(comment));
    } else if let Some(blocks) = args.json("blocks")? {
        check_message(&blocks, &|_| false)?;
        // Reported, not documented.
        if blocks.as_array().into_iter().flatten().any(|block| block["type"] == "markdown") {
            return Err("internal_error".into());
        }
        message.insert("blocks".into(), blocks);
    }
    if let Some(thread) = args.text("thread_ts")?.filter(|thread| !thread.is_empty()) {
        // As `chat.postMessage` has it; the page of this method is silent.
        channel.message(thread).filter(|parent| parent.thread().is_none()).ok_or("cannot_reply_to_message")?;
        message.insert("thread_ts".into(), json!(thread));
    }
    Ok((channel.id.clone(), message))
}

pub(super) fn info(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let id = args.need("file")?;
    world.look_at_file(&caller.team, id);
    let file = world.file(&caller.team, id).ok_or("file_not_found")?;
    if file.stage == Stage::Deleted {
        return Err("file_deleted".into());
    }
    if !world.sees_file(caller, file) {
        return Err("file_not_found".into());
    }
    Ok(json!({ "file": world.told_file(&caller.team, id) }))
}

pub(super) fn delete(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let id = args.need("file")?;
    let file = world.file(&caller.team, id).filter(|file| world.sees_file(caller, file)).ok_or("file_not_found")?;
    if file.stage == Stage::Deleted {
        return Err("file_deleted".into());
    }
    if file.user != caller.user_id {
        return Err("cant_delete_file".into());
    }
    world.delete_file(&caller.team, id);
    Ok(json!({}))
}
