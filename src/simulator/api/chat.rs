//! `chat.*`: posting, changing and deleting messages.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::args::{Args, Refusal};
use super::{Outcome, joined, visible};
use crate::simulator::blocks;
use crate::simulator::cast::Credential;
use crate::simulator::world::{Channel, Kind, Object, World, object};

/// From here on `chat.postMessage` makes several messages of a text.
const SPLIT_ABOVE: usize = 4_040;
/// Characters in each of them.
const PART: usize = 4_000;
/// Most characters that `chat.update` and `chat.postEphemeral` take.
const SHORT_TEXT: usize = 4_000;
/// Most characters that `chat.postMessage` takes.
const LONG_TEXT: usize = 40_000;
/// Most bytes of metadata.
const METADATA: usize = 8_000;

pub(super) fn post_message(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let channel = postable(world, caller, args)?;
    let (channel, thread) = (channel.id.clone(), thread_of(channel, args)?);
    let content = content(world, caller, args, LONG_TEXT)?;
    let mut message = identity(world, caller, args)?;
    if let Some(thread) = thread {
        message.insert("thread_ts".into(), json!(thread));
        message.insert("reply_broadcast".into(), json!(args.flag("reply_broadcast")?));
    }
    message.extend(content);
    message.retain(|_, value| !value.is_null());
    if let Some(metadata) = metadata(args)? {
        message.insert("metadata".into(), metadata);
    }
    let stamps: Vec<_> = parts(message).into_iter().map(|part| world.post(&caller.team, &channel, part)).collect();
    let ts = stamps.first().map(String::as_str).unwrap_or_default();
    let stored = world.channel(&caller.team, &channel).and_then(|place| place.message(ts));
    Ok(json!({ "channel": channel, "ts": ts, "message": stored.map(|message| &message.body) }))
}

pub(super) fn update(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let channel = visible(world, caller, args)?;
    let ts = args.need("ts")?;
    let message = channel.message(ts).ok_or("message_not_found")?;
    if !is_own(message.text("bot_id"), message.text("user"), caller) {
        return Err("cant_update_message".into());
    }
    if channel.archived {
        return Err("is_inactive".into());
    }
    let channel = channel.id.clone();
    let mut fields = content(world, caller, args, SHORT_TEXT)?;
    // Text alone takes the blocks away; attachments that are not given stay.
    if fields.contains_key("text") && !fields.contains_key("blocks") {
        fields.insert("blocks".into(), Value::Null);
    }
    let cleared = args.json("metadata")?.is_some_and(|metadata| metadata == json!({}));
    if let Some(metadata) = if cleared { Some(Value::Null) } else { metadata(args)? } {
        fields.insert("metadata".into(), metadata);
    }
    // The "(edited)" mark shows on text only.
    if !fields.get("blocks").is_some_and(Value::is_array) {
        let edit = json!({ "user": caller.user_id, "ts": format!("{}.000000", world.now().as_second()) });
        fields.insert("edited".into(), edit);
    }
    if world.settings.update_drops_identity {
        fields.extend(object(json!({ "username": null, "icons": null })));
    }
    let text = fields.get("text").cloned();
    world.change(&caller.team, &channel, ts, fields);
    let stored = world.channel(&caller.team, &channel).and_then(|place| place.message(ts));
    Ok(json!({ "channel": channel, "ts": ts, "text": text, "message": stored.map(|message| &message.body) }))
}

pub(super) fn delete(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let channel = visible(world, caller, args)?;
    let ts = args.need("ts")?;
    let message = channel.message(ts).ok_or("message_not_found")?;
    if !is_own(message.text("bot_id"), message.text("user"), caller) {
        return Err("cant_delete_message".into());
    }
    let channel = channel.id.clone();
    world.remove(&caller.team, &channel, ts);
    Ok(json!({ "channel": channel, "ts": ts }))
}

pub(super) fn post_ephemeral(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let channel = postable(world, caller, args)?;
    let user = args.need("user")?;
    if !channel.members.contains(user) {
        return Err("user_not_in_channel".into());
    }
    let (channel, thread) = (channel.id.clone(), thread_of(channel, args)?);
    let content = content(world, caller, args, SHORT_TEXT)?;
    let mut message = identity(world, caller, args)?;
    if let Some(thread) = thread {
        message.insert("thread_ts".into(), json!(thread));
    }
    message.extend(content);
    let ts = world.whisper(&caller.team, &channel, user, message);
    Ok(json!({ "message_ts": ts }))
}

pub(super) fn get_permalink(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let channel = visible(world, caller, args)?;
    let ts = args.need("message_ts")?;
    let message = channel.message(ts).ok_or("message_not_found")?;
    let domain = world.workspace(&caller.team).map_or("", |workspace| workspace.domain.as_str());
    let mut permalink = format!("https://{domain}.slack.com/archives/{}/p{}", channel.id, ts.replace('.', ""));
    if let Some(thread) = message.thread() {
        permalink = format!("{permalink}?thread_ts={thread}&cid={}", channel.id);
    }
    Ok(json!({ "channel": channel.id, "permalink": permalink }))
}

/// The channel to post to: visible, alive, and the caller is in it or may post to any public one.
fn postable<'a>(world: &'a World, caller: &Credential, args: &Args) -> Result<&'a Channel, Refusal> {
    let channel = visible(world, caller, args)?;
    if channel.archived {
        return Err("is_archived".into());
    }
    if channel.kind == Kind::Public && caller.scopes.iter().any(|scope| scope == "chat:write.public") {
        return Ok(channel);
    }
    joined(world, caller, args)
}

/// The thread to answer in. Only a message that is there, and that is no reply itself, can be answered.
fn thread_of(channel: &Channel, args: &Args) -> Result<Option<String>, Refusal> {
    let Some(thread) = args.text("thread_ts")?.filter(|thread| !thread.is_empty()) else { return Ok(None) };
    let parent = channel.message(thread).filter(|parent| parent.thread().is_none());
    parent.map(|_| Some(thread.to_owned())).ok_or_else(|| "cannot_reply_to_message".into())
}

/// Text, blocks and attachments, checked. An empty list is null: it takes away what was there.
fn content(world: &World, caller: &Credential, args: &Args, longest: usize) -> Result<Object, Refusal> {
    let mut content = Object::new();
    let has_file =
        |file: &str| world.workspace(&caller.team).is_some_and(|workspace| workspace.files.contains_key(file));
    let (blocks, attachments) = (args.json("blocks")?, args.json("attachments")?);
    let markdown = args.text("markdown_text")?;
    if markdown.is_some() && (args.given("text").is_some() || blocks.is_some()) {
        return Err("markdown_text_conflict".into());
    }
    let text = args.text("text")?.or(markdown);
    let empty = |list: &Option<Value>| list.as_ref().is_none_or(shows_nothing);
    if text.is_none_or(str::is_empty) && empty(&blocks) && empty(&attachments) && args.given("file_ids").is_none() {
        return Err("no_text".into());
    }
    if text.is_some_and(|text| text.chars().count() > longest) {
        return Err("msg_too_long".into());
    }
    if let Some(text) = text {
        content.insert("text".into(), json!(text));
    }
    if let Some(blocks) = blocks {
        blocks::check_message(&checked(world, &blocks), &has_file)?;
        content.insert("blocks".into(), or_null(blocks));
    }
    if let Some(attachments) = attachments {
        blocks::check_attachments(&checked(world, &attachments), &has_file)?;
        content.insert("attachments".into(), or_null(attachments));
    }
    Ok(content)
}

/// What is looked at of blocks and attachments: all, or all but what Slack may or may not take back.
fn checked<'a>(world: &World, list: &'a Value) -> Cow<'a, Value> {
    if world.settings.takes_back_what_it_shows { Cow::Owned(blocks::without_unsure(list)) } else { Cow::Borrowed(list) }
}

/// Whether a list is empty, or holds attachments of which nothing can be seen.
fn shows_nothing(list: &Value) -> bool {
    let is_bare = |item: &Value| {
        item.as_object().is_some_and(|fields| fields.values().all(|value| value.is_null() || *value == json!("")))
    };
    list.as_array().is_some_and(|list| list.iter().all(is_bare))
}

fn or_null(list: Value) -> Value {
    if list == json!([]) { Value::Null } else { list }
}

/// Who speaks. A post under another name is a `bot_message` without a user.
fn identity(world: &World, caller: &Credential, args: &Args) -> Result<Object, Refusal> {
    let Some(bot_id) = &caller.bot_id else { return Ok(object(json!({ "user": caller.user_id, "text": "" }))) };
    let (username, url, emoji) = (args.text("username")?, args.text("icon_url")?, args.text("icon_emoji")?);
    if username.is_none() && url.is_none() && emoji.is_none() {
        let name = world.user(&caller.team, &caller.user_id).map_or("", |user| user.shown_name());
        return Ok(object(json!({
            "user": caller.user_id, "text": "", "bot_id": bot_id, "app_id": caller.app_id,
            "bot_profile": {
                "id": bot_id, "app_id": caller.app_id, "name": name, "team_id": caller.team, "deleted": false,
            },
        })));
    }
    let customize = "chat:write.customize";
    if !caller.scopes.iter().any(|scope| scope == customize) {
        return Err(Refusal::scope(customize, &caller.scopes));
    }
    let icons = match (emoji, url) {
        (Some(emoji), _) => json!({ "emoji": emoji }),
        (None, Some(url)) => json!({ "image_48": url }),
        (None, None) => Value::Null,
    };
    let mut message = object(json!({
        "subtype": "bot_message", "text": "", "username": username, "icons": icons, "bot_id": bot_id,
        "app_id": caller.app_id,
    }));
    message.retain(|_, value| !value.is_null());
    Ok(message)
}

/// Metadata. Slack drops a type with a dot in it without a word; that is refused here, so that nobody relies on it.
fn metadata(args: &Args) -> Result<Option<Value>, Refusal> {
    let Some(metadata) = args.json("metadata")? else { return Ok(None) };
    let fields = metadata.as_object().ok_or("invalid_metadata_format")?;
    let (kind, payload) = (fields.get("event_type").and_then(Value::as_str), fields.get("event_payload"));
    let (Some(kind), Some(Value::Object(_))) = (kind, payload) else { return Err("invalid_metadata_format".into()) };
    if fields.len() > 2 || kind.is_empty() || !kind.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err("invalid_metadata_schema".into());
    }
    if metadata.to_string().len() > METADATA {
        return Err("metadata_too_large".into());
    }
    Ok(Some(metadata))
}

/// A long text without blocks becomes several messages.
fn parts(message: Object) -> Vec<Object> {
    let text: Vec<char> = message.get("text").and_then(Value::as_str).unwrap_or_default().chars().collect();
    if text.len() <= SPLIT_ABOVE || message.contains_key("blocks") {
        return vec![message];
    }
    let part = |text: &[char]| {
        let mut part = message.clone();
        part.insert("text".into(), json!(text.iter().collect::<String>()));
        part
    };
    text.chunks(PART).map(part).collect()
}

fn is_own(bot_id: &str, user: &str, caller: &Credential) -> bool {
    caller.bot_id.as_ref().map_or(user == caller.user_id && bot_id.is_empty(), |own| own == bot_id)
}
