//! Who is who: `auth.test`, `users.*`, `usergroups.*`.

use serde_json::{Value, json};

use super::Outcome;
use super::args::Args;
use super::paging::page;
use crate::simulator::cast::{Credential, User};
use crate::simulator::world::World;

pub(super) fn auth_test(world: &mut World, caller: &Credential, _: &Args) -> Outcome {
    let workspace = world.workspace(&caller.team).ok_or("team_not_found")?;
    let user = workspace.users.get(&caller.user_id).map(|user| &user.name);
    let mut answer = json!({
        "url": format!("https://{}.slack.com/", workspace.domain), "team": workspace.name, "user": user,
        "team_id": workspace.id, "user_id": caller.user_id, "is_enterprise_install": false,
    });
    if let Some(bot_id) = &caller.bot_id {
        answer["bot_id"] = json!(bot_id);
    }
    Ok(answer)
}

pub(super) fn user_info(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let user = world.user(&caller.team, args.need("user")?).ok_or("user_not_found")?;
    Ok(json!({ "user": shown(user, caller) }))
}

/// Of others Slack says only whether they are there.
pub(super) fn presence(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let id = args.text("user")?.unwrap_or(&caller.user_id);
    let user = world.user(&caller.team, id).ok_or("user_not_found")?;
    let is_away = user.is_away || user.deleted;
    Ok(json!({ "presence": if is_away { "away" } else { "active" } }))
}

/// People of connected workspaces are not in it.
pub(super) fn user_list(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let users = world.workspace(&caller.team).into_iter().flat_map(|workspace| workspace.users.values());
    let own = users.filter(|user| user.team_id.as_ref().is_none_or(|team| *team == caller.team));
    page("members", own.map(|user| shown(user, caller)).collect(), args)
}

pub(super) fn lookup_by_email(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let email = args.need("email")?;
    let mut users = world.workspace(&caller.team).into_iter().flat_map(|workspace| workspace.users.values());
    let known = |user: &&User| user.email.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(email));
    let user = users.find(|user| !user.deleted && known(user)).ok_or("users_not_found")?;
    Ok(json!({ "user": shown(user, caller) }))
}

pub(super) fn group_members(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let workspace = world.workspace(&caller.team).ok_or("team_not_found")?;
    let group = workspace.groups.get(args.need("usergroup")?).ok_or("no_such_subteam")?;
    Ok(json!({ "users": group.members }))
}

pub(super) fn group_list(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let workspace = world.workspace(&caller.team).ok_or("team_not_found")?;
    let (with_users, with_count) = (args.flag("include_users")?, args.flag("include_count")?);
    args.flag("include_disabled")?;
    let groups: Vec<Value> = workspace
        .groups
        .iter()
        .map(|(id, group)| {
            let mut shown = json!({
                "id": id, "team_id": caller.team, "is_usergroup": true, "name": group.handle, "handle": group.handle,
                "description": "", "is_external": false, "date_delete": 0, "prefs": { "channels": [], "groups": [] },
            });
            if with_users {
                shown["users"] = json!(group.members);
            }
            if with_count {
                shown["user_count"] = json!(group.members.len());
            }
            shown
        })
        .collect();
    Ok(json!({ "usergroups": groups }))
}

fn shown(user: &User, caller: &Credential) -> Value {
    let mut profile = json!({
        "real_name": user.real_name, "real_name_normalized": user.real_name, "display_name": user.display_name,
        "display_name_normalized": user.display_name, "team": caller.team,
    });
    for size in ["image_24", "image_48", "image_72", "image_192", "image_512"] {
        if let Some(image) = &user.image {
            profile[size] = json!(image);
        }
    }
    if let Some(email) = user.email.as_ref().filter(|_| caller.scopes.iter().any(|scope| scope == "users:read.email")) {
        profile["email"] = json!(email);
    }
    json!({
        "id": user.id, "team_id": user.team_id.as_ref().unwrap_or(&caller.team), "name": user.name,
        "real_name": user.real_name, "deleted": user.deleted, "tz": user.tz, "profile": profile,
        "is_bot": user.is_bot, "is_app_user": false,
        "is_admin": user.is_admin, "is_owner": false, "is_primary_owner": false, "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted, "is_stranger": user.is_stranger, "updated": 1,
    })
}
