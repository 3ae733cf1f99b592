//! `apps.connections.open`.

use serde_json::json;

use super::Outcome;
use super::args::Args;
use crate::simulator::cast::Credential;
use crate::simulator::world::World;

/// The one method that takes an app-level token, and no other.
pub(super) const OPEN: &str = "apps.connections.open";

#[allow(clippy::unnecessary_wraps, reason = "a method may fail")]
pub(super) fn open(world: &mut World, caller: &Credential, _: &Args) -> Outcome {
    let number = world.serial();
    let ticket = world.sockets.ticket(number, &caller.app_id);
    let base = world.base.replacen("http", "ws", 1);
    Ok(json!({ "url": format!("{base}/link/?ticket={ticket}&app_id={}", caller.app_id) }))
}
