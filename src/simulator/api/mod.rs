//! The Web API: which methods there are, what each takes, and the checks that come before all of them. Called by the
//! server for what arrives over HTTP, and by the gestures for what happens inside.

mod args;
mod chat;
mod conversations;
mod directory;
mod files;
mod history;
mod marks;
mod membership;
mod methods;
mod paging;
mod sockets;
mod views;

use serde_json::{Value, json};

use args::Args;
pub(super) use args::Refusal;
use methods::Method;
pub(super) use methods::method;

use super::cast::Credential;
use super::pace::Limit;
use super::world::{Channel, Object, World};

/// A call as it arrived.
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) token: Option<&'a str>,
    pub(super) args: Object,
    /// Whether the arguments came as a JSON body.
    pub(super) json: bool,
}

/// The answer to a call.
pub(super) struct Reply {
    pub(super) body: Value,
    /// Set for HTTP 429: seconds.
    pub(super) retry_after: Option<u64>,
}

/// What a method gives: the fields of its answer besides `ok`.
type Outcome = Result<Value, Refusal>;

/// Carries out a call, or refuses it.
pub(super) fn call(world: &mut World, request: Request<'_>) -> Reply {
    let reply = |body| Reply { body, retry_after: None };
    let Some(method) = method(request.method) else {
        return reply(json!({ "ok": false, "error": "unknown_method", "req_method": request.method }));
    };
    let caller = match authenticate(world, request.token) {
        Ok(caller) => caller,
        Err(refusal) => return reply(refusal.answer()),
    };
    if let Err(retry_after) = keep_pace(world, &caller, method, &request.args) {
        let body = json!({ "ok": false, "error": "ratelimited" });
        return Reply { body, retry_after: Some(retry_after) };
    }
    match admit(method, &caller, &request).and_then(|()| (method.run)(world, &caller, &Args(request.args))) {
        Ok(Value::Object(fields)) => {
            let mut body = Object::from_iter([("ok".to_owned(), json!(true))]);
            body.extend(fields);
            reply(Value::Object(body))
        }
        Ok(_) => reply(json!({ "ok": true })),
        Err(refusal) => reply(refusal.answer()),
    }
}

/// Whom a token stands for.
pub(super) fn authenticate(world: &World, token: Option<&str>) -> Result<Credential, Refusal> {
    let token = token.filter(|token| !token.is_empty()).ok_or("not_authed")?;
    let credential = world.credentials.get(token).ok_or("invalid_auth")?;
    if credential.revoked { Err("token_revoked".into()) } else { Ok(credential.clone()) }
}

/// The checks that need no more than the method's table.
fn admit(method: &Method, caller: &Credential, request: &Request<'_>) -> Result<(), Refusal> {
    if caller.is_app_level() != (method.name == sockets::OPEN) {
        return Err("not_allowed_token_type".into());
    }
    if method.reads && request.json && !request.args.is_empty() {
        return Err(Refusal::arguments("this method takes a form or a query, not JSON"));
    }
    let known = |name: &&String| !method.required.contains(&name.as_str()) && !method.optional.contains(&name.as_str());
    if let Some(unknown) = request.args.keys().find(known) {
        return Err(Refusal::arguments(&format!("unknown argument: {unknown}")));
    }
    let given = |name: &str| request.args.get(name).is_some_and(|value| !value.is_null());
    if let Some(missing) = method.required.iter().find(|name| !given(name)) {
        return Err(Refusal::arguments(&format!("missing required field: {missing}")));
    }
    if method.scopes.is_empty() || method.scopes.iter().any(|scope| caller.scopes.iter().any(|has| has == scope)) {
        return Ok(());
    }
    Err(Refusal::scope(&method.scopes.join(","), &caller.scopes))
}

/// Slack's rate limits. Those on the history of distributed apps are always on, the others when asked for.
fn keep_pace(world: &mut World, caller: &Credential, method: &Method, args: &Object) -> Result<(), u64> {
    let now = world.now();
    let bucket = format!("{}/{}/{}", caller.team, caller.app_id, method.name);
    if is_history(method.name) && restricted_history(world, caller) {
        return world.pace.take(bucket, Limit::RESTRICTED_HISTORY, now);
    }
    if !world.settings.pacing {
        return Ok(());
    }
    if method.name == "chat.postMessage" {
        let channel = args.get("channel").and_then(Value::as_str).unwrap_or_default();
        return world.pace.take(format!("{bucket}/{channel}"), Limit::CHANNEL, now);
    }
    method.per_minute.map_or(Ok(()), |tier| world.pace.take(bucket, Limit::tier(tier), now))
}

fn is_history(method: &str) -> bool {
    ["conversations.history", "conversations.replies"].contains(&method)
}

/// Whether the caller's app is held to one request a minute and 15 items.
fn restricted_history(world: &World, caller: &Credential) -> bool {
    let app = world.workspace(&caller.team).and_then(|workspace| workspace.apps.get(&caller.app_id));
    app.is_some_and(|app| app.restricted_history)
}

/// The channel that `channel` names, if the caller can see it.
fn visible<'a>(world: &'a World, caller: &Credential, args: &Args) -> Result<&'a Channel, Refusal> {
    let channel = world.channel(&caller.team, args.need("channel")?);
    Ok(channel.filter(|channel| channel.visible_to(&caller.user_id)).ok_or("channel_not_found")?)
}

/// The same, and the caller must be in it.
fn joined<'a>(world: &'a World, caller: &Credential, args: &Args) -> Result<&'a Channel, Refusal> {
    let channel = visible(world, caller, args)?;
    if channel.members.contains(&caller.user_id) { Ok(channel) } else { Err("not_in_channel".into()) }
}

/// The scope that a channel of this kind asks for: `read`, `history`, or `write` (`channels:manage` for bots).
fn allowed(caller: &Credential, channel: &Channel, action: &str) -> Result<(), Refusal> {
    let needed = match (channel.kind.family(), action) {
        ("channels", "write") if caller.bot_id.is_some() => "channels:manage".to_owned(),
        (family, action) => format!("{family}:{action}"),
    };
    if caller.scopes.contains(&needed) { Ok(()) } else { Err(Refusal::scope(&needed, &caller.scopes)) }
}
