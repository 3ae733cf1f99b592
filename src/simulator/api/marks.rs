//! What is attached to messages and channels: reactions, pins, bookmarks.

use serde_json::json;

use super::args::{Args, Refusal};
use super::{Outcome, joined, visible};
use crate::simulator::cast::Credential;
use crate::simulator::messages::reactions;
use crate::simulator::world::{Message, World};

/// Most different emoji on one message.
const EMOJI: usize = 23;

pub(super) fn add_reaction(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let (channel, ts, name) = target(world, caller, args)?;
    let all = reactions(message(world, caller, args)?);
    if all.len() >= EMOJI && all.iter().all(|(known, _)| *known != name) {
        return Err("too_many_emoji".into());
    }
    if world.react(&caller.team, &channel, &ts, &caller.user_id, &name, true) {
        Ok(json!({}))
    } else {
        Err("already_reacted".into())
    }
}

pub(super) fn remove_reaction(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let (channel, ts, name) = target(world, caller, args)?;
    if world.react(&caller.team, &channel, &ts, &caller.user_id, &name, false) {
        Ok(json!({}))
    } else {
        Err("no_reaction".into())
    }
}

pub(super) fn pin(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let channel = joined(world, caller, args)?.id.clone();
    let ts = message(world, caller, args)?.ts().to_owned();
    let place = world.channel_mut(&caller.team, &channel).ok_or("channel_not_found")?;
    if place.pins.len() >= 100 {
        return Err("too_many_pins".into());
    }
    if place.pins.insert(ts) { Ok(json!({})) } else { Err("already_pinned".into()) }
}

pub(super) fn bookmark(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let (channel, title) = (args.need("channel_id")?, args.need("title")?);
    if args.need("type")? != "link" {
        return Err("invalid_bookmark_type".into());
    }
    let link = args.need("link").ok().filter(|link| link.starts_with("http")).ok_or("invalid_link")?;
    let number = world.serial();
    let place = world.channel_mut(&caller.team, channel).filter(|place| place.members.contains(&caller.user_id));
    let place = place.ok_or("channel_not_found")?;
    if place.bookmarks.len() >= 100 {
        return Err("too_many_bookmarks".into());
    }
    let bookmark = json!({
        "id": format!("Bk0SIM{number}"), "channel_id": channel, "title": title, "link": link, "type": "link",
        "emoji": args.text("emoji")?, "app_id": caller.app_id,
    });
    place.bookmarks.push(bookmark.clone());
    Ok(json!({ "bookmark": bookmark }))
}

/// Channel, message and emoji of a reaction.
fn target(world: &World, caller: &Credential, args: &Args) -> Result<(String, String, String), Refusal> {
    if args.given("channel").is_none() || args.given("timestamp").is_none() {
        return Err("no_item_specified".into());
    }
    let channel = visible(world, caller, args)?;
    if channel.archived {
        return Err("is_archived".into());
    }
    let name = args.need("name")?;
    let fits = |c: char| c.is_alphanumeric() || ['_', '-', '+', '\''].contains(&c);
    let base = name.split("::skin-tone-").next().unwrap_or(name);
    if base.is_empty() || !base.chars().all(fits) || world.settings.missing_emoji.iter().any(|emoji| emoji == base) {
        return Err("invalid_name".into());
    }
    let ts = message(world, caller, args)?.ts().to_owned();
    Ok((joined(world, caller, args).map_err(|_| "no_access")?.id.clone(), ts, name.to_owned()))
}

fn message<'a>(world: &'a World, caller: &Credential, args: &Args) -> Result<&'a Message, Refusal> {
    let ts = args.need("timestamp").map_err(|_| "no_item_specified")?;
    if ts.split_once('.').is_none_or(|(seconds, micros)| seconds.parse::<u64>().is_err() || micros.len() != 6) {
        return Err("bad_timestamp".into());
    }
    Ok(visible(world, caller, args)?.message(ts).ok_or("message_not_found")?)
}
