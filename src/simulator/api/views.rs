//! `views.*`: modals and the Home tab.

use serde_json::{Value, json};

use super::Outcome;
use super::args::{Args, Refusal};
use crate::simulator::blocks::check_view;
use crate::simulator::cast::Credential;
use crate::simulator::world::World;

pub(super) fn open(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let view = view(world, caller, args, "modal")?;
    let (user, _) = world.exchange(args.need("trigger_id")?, &caller.team, &caller.app_id)?;
    let id = world.show_view(&caller.team, &user, &caller.app_id, &view, None);
    Ok(shown(world, &id))
}

pub(super) fn push(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let view = view(world, caller, args, "modal")?;
    let (user, below) = world.exchange(args.need("trigger_id")?, &caller.team, &caller.app_id)?;
    let below = below.ok_or("not_found")?;
    if world.is_full(&below) {
        return Err("push_limit_reached".into());
    }
    let id = world.show_view(&caller.team, &user, &caller.app_id, &view, Some(&below));
    Ok(shown(world, &id))
}

pub(super) fn update(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let (id, external) = (args.text("view_id")?, args.text("external_id")?);
    let own = |view: &&crate::simulator::surfaces::View| view.team == caller.team && view.app_id == caller.app_id;
    let named = |view: &&crate::simulator::surfaces::View| {
        id.is_some_and(|id| view.body["id"] == id) || external.is_some_and(|id| view.body["external_id"] == id)
    };
    let target = world.surfaces.views.values().filter(own).find(named).filter(|view| view.open).ok_or("not_found")?;
    if args.text("hash")?.is_some_and(|hash| target.body["hash"] != hash) {
        return Err("hash_conflict".into());
    }
    let (id, kind) = (target.body["id"].as_str().unwrap_or_default().to_owned(), target.body["type"].clone());
    let view = checked(world, caller, args)?;
    if view["type"] != kind {
        return Err(Refusal::arguments("the type of a view cannot change"));
    }
    world.replace_view(&id, &view);
    Ok(shown(world, &id))
}

pub(super) fn publish(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let view = view(world, caller, args, "home")?;
    let user = args.need("user_id")?;
    world.user(&caller.team, user).ok_or("user_not_found")?;
    let published = world.surfaces.views.values().find(|home| {
        home.body["type"] == "home"
            && (home.team.as_str(), home.user.as_str(), home.app_id.as_str()) == (&caller.team, user, &caller.app_id)
    });
    let Some(published) = published else {
        let id = world.show_view(&caller.team, user, &caller.app_id, &view, None);
        return Ok(shown(world, &id));
    };
    if args.text("hash")?.is_some_and(|hash| published.body["hash"] != hash) {
        return Err("hash_conflict".into());
    }
    let id = published.body["id"].as_str().unwrap_or_default().to_owned();
    world.replace_view(&id, &view);
    Ok(shown(world, &id))
}

/// The view of the call, which must be of this type and must not take another's external id.
fn view(world: &World, caller: &Credential, args: &Args, kind: &str) -> Outcome {
    let view = checked(world, caller, args)?;
    if view["type"] != kind {
        return Err(Refusal::arguments(&format!("must be a {kind} view [json-pointer:/view/type]")));
    }
    let external = view["external_id"].as_str().filter(|id| !id.is_empty());
    let mut others = world.surfaces.views.values().filter(|other| other.open && other.team == caller.team);
    if kind == "modal" && external.is_some_and(|id| others.any(|other| other.body["external_id"] == id)) {
        return Err("duplicate_external_id".into());
    }
    Ok(view)
}

fn checked(world: &World, caller: &Credential, args: &Args) -> Outcome {
    let view = args.json("view")?.unwrap_or(Value::Null);
    let workspace = world.workspace(&caller.team);
    check_view(&view, &|file| workspace.is_some_and(|workspace| workspace.files.contains_key(file)))?;
    Ok(view)
}

fn shown(world: &World, id: &str) -> Value {
    json!({ "view": world.surfaces.views.get(id).map(|view| &view.body) })
}
