//! `conversations.*` about the channel itself, and the lists of channels.

use serde_json::{Value, json};

use super::args::{Args, Refusal};
use super::paging::page;
use super::{Outcome, allowed, joined, visible};
use crate::simulator::cast::Credential;
use crate::simulator::world::{Channel, Kind, World, extend};

pub(super) fn create(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let name = args.text("name")?.unwrap_or_default();
    let private = args.flag("is_private")?;
    let needed = match (private, caller.bot_id.is_some()) {
        (true, _) => "groups:write",
        (false, true) => "channels:manage",
        (false, false) => "channels:write",
    };
    if !caller.scopes.iter().any(|scope| scope == needed) {
        return Err(Refusal::scope(needed, &caller.scopes));
    }
    check_name(world, caller, name)?;
    let kind = if private { Kind::Private } else { Kind::Public };
    let id = world.create_channel(&caller.team, name, kind, &caller.user_id);
    Ok(json!({ "channel": shown(world, caller, &id) }))
}

pub(super) fn archive(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let channel = visible(world, caller, args)?;
    allowed(caller, channel, "write")?;
    if channel.archived {
        return Err("already_archived".into());
    }
    let id = room(joined(world, caller, args)?)?;
    world.archive(&caller.team, &id, &caller.user_id);
    Ok(json!({}))
}

/// Archiving removed the bot, so a bot is never in the channel that it would bring back.
pub(super) fn unarchive(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let channel = visible(world, caller, args)?;
    allowed(caller, channel, "write")?;
    if !channel.archived {
        return Err("not_archived".into());
    }
    if caller.bot_id.is_some() {
        return Err("not_in_channel".into());
    }
    let id = room(joined(world, caller, args)?)?;
    world.unarchive(&caller.team, &id, &caller.user_id);
    Ok(json!({}))
}

pub(super) fn rename(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let channel = visible(world, caller, args)?;
    allowed(caller, channel, "write")?;
    if channel.archived {
        return Err("is_archived".into());
    }
    let channel = joined(world, caller, args)?;
    if channel.creator != caller.user_id {
        return Err("not_authorized".into());
    }
    let (id, name) = (room(channel)?, args.text("name")?.unwrap_or_default());
    if channel.name != name {
        check_name(world, caller, name)?;
        world.rename(&caller.team, &id, name, &caller.user_id);
    }
    Ok(json!({ "channel": shown(world, caller, &id) }))
}

pub(super) fn set_topic(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    describe(world, caller, args, "topic")
}

pub(super) fn set_purpose(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    describe(world, caller, args, "purpose")
}

fn describe(world: &mut World, caller: &Credential, args: &Args, what: &str) -> Outcome {
    let channel = visible(world, caller, args)?;
    allowed(caller, channel, "write")?;
    if channel.archived {
        return Err("is_archived".into());
    }
    let id = room(joined(world, caller, args)?)?;
    let text = args.text(what)?.unwrap_or_default();
    if text.chars().count() > 250 {
        return Err("too_long".into());
    }
    world.describe(&caller.team, &id, what, text, &caller.user_id);
    Ok(json!({ what: text, "channel": shown(world, caller, &id) }))
}

pub(super) fn info(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let channel = visible(world, caller, args)?;
    allowed(caller, channel, "read")?;
    let mut shown = channel.shown(&caller.user_id);
    if args.flag("include_num_members")? {
        extend(&mut shown, json!({ "num_members": channel.members.len() }));
    }
    Ok(json!({ "channel": shown }))
}

pub(super) fn list(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    channels(world, caller, args, |channel| channel.visible_to(&caller.user_id))
}

pub(super) fn list_of_user(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let user = args.text("user")?.unwrap_or(&caller.user_id);
    channels(world, caller, args, |channel| channel.members.contains(user) && channel.visible_to(&caller.user_id))
}

fn channels(world: &World, caller: &Credential, args: &Args, wanted: impl Fn(&Channel) -> bool) -> Outcome {
    let types = args.text("types")?.unwrap_or("public_channel");
    let mut kinds = Vec::new();
    for name in types.split(',').map(str::trim) {
        kinds.push(match name {
            "public_channel" => Kind::Public,
            "private_channel" => Kind::Private,
            "im" => Kind::Im,
            "mpim" => continue,
            _ => return Err("invalid_types".into()),
        });
    }
    let living_only = args.flag("exclude_archived")?;
    let all = world.workspace(&caller.team).into_iter().flat_map(|workspace| workspace.channels.values());
    let mut found = Vec::new();
    for channel in all.filter(|channel| kinds.contains(&channel.kind) && wanted(channel)) {
        allowed(caller, channel, "read")?;
        if !(living_only && channel.archived) {
            found.push(channel.shown(&caller.user_id));
        }
    }
    page("channels", found, args)
}

/// The rules for names, and that nobody has it yet; an archived channel keeps its name.
fn check_name(world: &World, caller: &Credential, name: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    let code = if name.is_empty() {
        "invalid_name_required"
    } else if name.chars().count() > 80 {
        "invalid_name_maxlength"
    } else if name.chars().all(|c| !c.is_alphanumeric()) {
        "invalid_name_punctuation"
    } else if !name.chars().all(allowed) {
        "invalid_name_specials"
    } else if world.workspace(&caller.team).is_some_and(|workspace| workspace.name_taken(name)) {
        "name_taken"
    } else {
        return Ok(());
    };
    Err(code.into())
}

/// The id of a channel that is no DM.
pub(super) fn room(channel: &Channel) -> Result<String, Refusal> {
    if channel.kind == Kind::Im {
        return Err("method_not_supported_for_channel_type".into());
    }
    Ok(channel.id.clone())
}

fn shown(world: &World, caller: &Credential, id: &str) -> Option<Value> {
    world.channel(&caller.team, id).map(|channel| channel.shown(&caller.user_id))
}
