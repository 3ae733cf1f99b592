//! `conversations.*` about who is in a channel.

use serde_json::json;

use super::args::{Args, Refusal};
use super::conversations::room;
use super::paging::page;
use super::{Outcome, allowed, joined, visible};
use crate::simulator::cast::Credential;
use crate::simulator::world::{Channel, Kind, World};

pub(super) fn invite(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let channel = visible(world, caller, args)?;
    allowed(caller, channel, "write")?;
    if channel.archived {
        return Err("is_archived".into());
    }
    let channel = joined(world, caller, args)?;
    let id = room(channel)?;
    let users = args.list("users")?;
    if users.is_empty() {
        return Err("no_user".into());
    }
    if users.len() > 100 {
        return Err(Refusal::arguments("no more than 100 users"));
    }
    let refused: Vec<_> = users
        .iter()
        .filter_map(|user| Some((user, refusal(world, caller, channel, user)?)))
        .map(|(user, code)| json!({ "user": user, "ok": false, "error": code }))
        .collect();
    let welcome: Vec<_> = users.iter().filter(|user| refused.iter().all(|error| error["user"] != **user)).collect();
    if let Some(first) = refused.first()
        && (welcome.is_empty() || !args.flag("force")?)
    {
        let code = first["error"].as_str().unwrap_or("cant_invite").to_owned();
        return Err(Refusal::with(&code, json!({ "errors": refused })));
    }
    for user in welcome {
        world.join(&caller.team, &id, user, &caller.user_id);
    }
    let shown = world.channel(&caller.team, &id).map(|channel| channel.shown(&caller.user_id));
    Ok(if refused.is_empty() { json!({ "channel": shown }) } else { json!({ "channel": shown, "errors": refused }) })
}

/// Why somebody cannot be invited.
fn refusal(world: &World, caller: &Credential, channel: &Channel, user: &str) -> Option<&'static str> {
    if user == caller.user_id {
        return Some("cant_invite_self");
    }
    let Some(person) = world.user(&caller.team, user).filter(|person| !person.deleted) else {
        return Some("user_not_found");
    };
    if channel.members.contains(user) {
        Some("already_in_channel")
    } else if person.is_ultra_restricted {
        Some("ura_max_channels")
    } else if person.is_stranger {
        Some("no_external_invite_permission")
    } else {
        None
    }
}

pub(super) fn kick(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let channel = visible(world, caller, args)?;
    allowed(caller, channel, "write")?;
    let channel = joined(world, caller, args)?;
    let (id, user) = (room(channel)?, args.need("user")?);
    if user == caller.user_id {
        return Err("cant_kick_self".into());
    }
    world.user(&caller.team, user).ok_or("user_not_found")?;
    if !channel.members.contains(user) {
        return Err("not_in_channel".into());
    }
    world.part(&caller.team, &id, user, &caller.user_id);
    Ok(json!({}))
}

pub(super) fn leave(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let channel = visible(world, caller, args)?;
    allowed(caller, channel, "write")?;
    let id = room(channel)?;
    if channel.archived {
        return Err("is_archived".into());
    }
    if !channel.members.contains(&caller.user_id) {
        return Ok(json!({ "not_in_channel": true }));
    }
    if channel.kind == Kind::Private && channel.members.len() == 1 {
        return Err("last_member".into());
    }
    world.part(&caller.team, &id, &caller.user_id, &caller.user_id);
    Ok(json!({}))
}

/// Opens the DM with one person. Group DMs are not simulated.
pub(super) fn open(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let return_im = args.flag("return_im")?;
    let (id, known) = match (args.text("channel")?, args.list("users")?.as_slice()) {
        (Some(_), []) => {
            let channel = joined(world, caller, args).map_err(|_| "channel_not_found")?;
            (channel.id.clone(), true)
        }
        (None, []) => return Err("users_list_not_supplied".into()),
        (None, [user]) => {
            let person = world.user(&caller.team, user).ok_or("user_not_found")?;
            if person.deleted {
                return Err("user_disabled".into());
            }
            if person.is_stranger {
                return Err("user_not_visible".into());
            }
            match world.workspace(&caller.team).and_then(|workspace| workspace.dm(&caller.user_id, user)) {
                Some(dm) => (dm.id.clone(), true),
                None if args.flag("prevent_creation")? => return Err("channel_not_found".into()),
                None => (open_dm(world, &caller.team, &caller.user_id, user), false),
            }
        }
        _ => return Err("invalid_user_combination".into()),
    };
    let shown = world.channel(&caller.team, &id).map(|channel| channel.shown(&caller.user_id));
    let channel = shown.filter(|_| return_im).unwrap_or_else(|| json!({ "id": id }));
    Ok(if known {
        json!({ "no_op": true, "already_open": true, "channel": channel })
    } else {
        json!({ "channel": channel })
    })
}

fn open_dm(world: &mut World, team: &str, bot_user: &str, user: &str) -> String {
    let id = world.create_channel(team, "", Kind::Im, bot_user);
    if let Some(dm) = world.channel_mut(team, &id) {
        dm.members.insert(user.to_owned());
    }
    id
}

pub(super) fn members(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let channel = visible(world, caller, args)?;
    allowed(caller, channel, "read")?;
    page("members", channel.members.iter().map(|member| json!(member)).collect(), args)
}
