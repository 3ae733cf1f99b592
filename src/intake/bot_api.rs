//! `/v1`: what a bot may ask and tell about its own workspaces and conversations. Another bot's do not exist for it.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::config::Bot;
use crate::relay::{Handled, Target};
use crate::render::ladder;
use crate::store::conversations::{self, By};
use crate::store::workspaces::{self, Workspace};
use crate::store::{customers, lanes};
use crate::takeover::conversation::{Actor, Control, Conversation, Customer, Key};
use crate::takeover::effect::Effect;
use crate::takeover::event::Event;
use crate::takeover::turn::Reply;

use super::caller::{Caller, Object, ObjectOrNothing};
use super::check::{Check, Node};
use super::path::Ids;
use super::problem::Problem;
use super::state::{Intake, unavailable};

/// Registers a workspace, or refreshes its token; whatever waited for the token goes on.
pub(super) async fn put_workspace(
    State(intake): State<Intake>,
    Ids([team]): Ids<1>,
    Caller(bot): Caller,
    Object(body): Object,
) -> Result<Response, Problem> {
    let root = Node::root(&body, "");
    let mut check = Check::default();
    let is_text = |text: &str| !text.trim().is_empty() && text.len() <= 255 && !text.contains(char::is_control);
    let name = check.string(&root.get("name"), is_text, "must be a name of 1 to 255 characters");
    let domain = check.string(&root.get("domain"), is_text, "must be the subdomain of the workspace");
    let is_token = |text: &str| (1..=1024).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    let token = check.string(&root.get("bot_token"), is_token, "must be the bot's token in that workspace");
    check.optional_id(&root.get("bot_user_id"));
    check.finish()?;
    let bot_user_id = body["bot_user_id"].as_str().unwrap_or_default().to_owned();
    let workspace = Workspace { team, name, domain, bot_user_id };

    let is_new =
        register(&intake, &bot, &workspace, &SecretString::from(token)).await.map_err(|error| unavailable(&error))?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(shown(&workspace))).into_response())
}

/// What is known of a workspace; never its token.
pub(super) async fn get_workspace(
    State(intake): State<Intake>,
    Ids([team]): Ids<1>,
    Caller(bot): Caller,
) -> Result<Response, Problem> {
    let workspace = workspaces::get(&intake.relay.db, &bot.id, &team).await.map_err(|error| unavailable(&error))?;
    workspace.map(|workspace| Json(shown(&workspace)).into_response()).ok_or_else(no_workspace)
}

/// Forgets a workspace and its token.
pub(super) async fn forget_workspace(
    State(intake): State<Intake>,
    Ids([team]): Ids<1>,
    Caller(bot): Caller,
) -> Result<Response, Problem> {
    let forget = async {
        let mut tx = intake.relay.db.begin().await?;
        let known = workspaces::forget(&mut tx, &bot.id, &team).await?;
        if known {
            let of = json!({ "bot": bot.id, "team_id": team });
            intake.desk.record(&mut tx, "workspace.forgotten", &Actor::Bot, of).await?;
        }
        tx.commit().await?;
        anyhow::Ok(known)
    };
    if forget.await.map_err(|error| unavailable(&error))? {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(no_workspace())
    }
}

/// The state of a conversation.
pub(super) async fn conversation(
    State(intake): State<Intake>,
    Ids(place): Ids<2>,
    Caller(bot): Caller,
) -> Result<Response, Problem> {
    let key = key(&bot, place);
    let known = conversations::get(&intake.relay.db, By::Key(&key)).await.map_err(|error| unavailable(&error))?;
    let conversation = if let Some(conversation) = known {
        conversation
    } else {
        // Somebody who came by and was never looked at.
        let customer = customer(&intake, &key).await?;
        Conversation::new(String::new(), key, customer)
    };
    Ok(Json(state(&intake, &conversation)).into_response())
}

/// As `/megatron pause`.
pub(super) async fn pause(State(intake): State<Intake>, asked: Asked) -> Result<Response, Problem> {
    change(&intake, asked.key, Event::Pause { by: Actor::Bot, reason: asked.reason }).await
}

/// As `/megatron unpause`.
pub(super) async fn unpause(State(intake): State<Intake>, asked: Asked) -> Result<Response, Problem> {
    change(&intake, asked.key, Event::Unpause { by: Actor::Bot, reason: asked.reason }).await
}

/// As `/megatron close`.
pub(super) async fn close(State(intake): State<Intake>, asked: Asked) -> Result<Response, Problem> {
    change(&intake, asked.key, Event::Close { by: Actor::Bot, reason: asked.reason }).await
}

/// The service says something as the bot, unless control has moved on.
pub(super) async fn say(
    State(intake): State<Intake>,
    Ids(place): Ids<2>,
    Caller(bot): Caller,
    Object(mut body): Object,
) -> Result<Response, Problem> {
    let root = Node::root(&body, "");
    let mut check = Check::default();
    check.object(&root.get("message"));
    let is_epoch = |value: &Value| value.as_i64().is_some();
    check.required(&root.get("control_epoch"), is_epoch, "must be the epoch of control that the bot knows of");
    check.finish()?;
    intake.relay.config.redaction.redact(&mut body["message"]);
    let (message, epoch) = (body["message"].take(), body["control_epoch"].as_i64().unwrap_or_default());
    let warnings = ladder::doubts(&message);
    let mut answer = changed(&intake, key(&bot, place), Event::BotSays { message, epoch }).await?;
    if !warnings.is_empty() {
        answer["warnings"] = json!(warnings);
    }
    Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
}

/// The global switch.
pub(super) async fn switch(
    State(intake): State<Intake>,
    Caller(bot): Caller,
    Object(body): Object,
) -> Result<Response, Problem> {
    let Some(active) = body["active"].as_bool() else {
        return Err(Problem::invalid_field("active", "must be true or false"));
    };
    intake.desk.switch(&bot.id, active, Actor::Bot).await.map_err(|error| unavailable(&error))?;
    Ok(Json(json!({ "id": bot.id, "name": bot.name, "active": active })).into_response())
}

/// Whispers to the agents of a room.
pub(super) async fn notice(
    State(intake): State<Intake>,
    Caller(bot): Caller,
    Object(body): Object,
) -> Result<Response, Problem> {
    let root = Node::root(&body, "");
    let mut check = Check::default();
    let team = check.id(&root.get("team_id"));
    let channel = check.id(&root.get("channel_id"));
    let text = check.string(
        &root.get("text"),
        |text| !text.trim().is_empty() && text.chars().count() <= 3000,
        "must be text of 1 to 3000 characters",
    );
    check.optional_id(&root.get("agent_id"));
    check.finish()?;
    let text = intake.relay.config.redaction.redact_text(&text).into_owned();
    let event = Event::Notice { text, agent_id: body["agent_id"].as_str().map(str::to_owned) };
    let mut response = change(&intake, key(&bot, [team, channel]), event).await?;
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}

async fn register(intake: &Intake, bot: &Bot, workspace: &Workspace, token: &SecretString) -> anyhow::Result<bool> {
    let now = intake.relay.clock.now();
    let mut tx = intake.relay.db.begin().await?;
    let is_new = workspaces::put(&mut tx, &bot.id, workspace, token, &intake.relay.sealer, now).await?;
    let kind = if is_new { "workspace.registered" } else { "workspace.refreshed" };
    let of = json!({ "bot": bot.id, "team_id": workspace.team });
    intake.desk.record(&mut tx, kind, &Actor::Bot, of).await?;
    lanes::unpark(&mut tx, &workspaces::parking(&bot.id, &workspace.team), now).await?;
    let unlearned = customers::unlearned(&mut tx, &bot.id, &workspace.team).await?;
    let learn = |user_id| Effect::LearnContact { bot: bot.id.clone(), team: workspace.team.clone(), user_id };
    let effects: Vec<Effect> = unlearned.into_iter().map(learn).collect();
    intake.desk.append(&mut tx, &effects).await?;
    tx.commit().await?;
    intake.relay.bell.ring();
    Ok(is_new)
}

async fn change(intake: &Intake, key: Key, event: Event) -> Result<Response, Problem> {
    Ok(Json(changed(intake, key, event).await?).into_response())
}

async fn changed(intake: &Intake, key: Key, event: Event) -> Result<Value, Problem> {
    let customer = customer(intake, &key).await?;
    let handled = intake.relay.handle(Target::With(&key, &customer), event, None).await;
    match handled.map_err(|error| unavailable(&error))? {
        Handled::Taken(conversation, control, Reply::Refused { code: "stale_control", .. }) => {
            drop(conversation);
            Err(Problem::stale_control(control.to_json()))
        }
        Handled::Taken(_, _, Reply::Refused { code, reason }) => Err(Problem::refused(code, reason)),
        Handled::Taken(conversation, ..) | Handled::Duplicate(conversation, _) => Ok(state(intake, &conversation)),
        Handled::Unknown => Err(Problem::not_found("this conversation was never seen")),
    }
}

/// The customer of a conversation that this bot has told of.
async fn customer(intake: &Intake, key: &Key) -> Result<Customer, Problem> {
    let look = async {
        if let Some(conversation) = conversations::get(&intake.relay.db, By::Key(key)).await? {
            return anyhow::Ok(Some(conversation.customer));
        }
        intake.contacts.write(&intake.desk).await?;
        Ok(customers::of_channel(&intake.relay.db, key).await?.map(|found| found.customer()))
    };
    look.await
        .map_err(|error| unavailable(&error))?
        .ok_or_else(|| Problem::not_found("this conversation was never seen"))
}

/// What a bot asks about one of its conversations, with a reason or without.
pub(super) struct Asked {
    key: Key,
    reason: String,
}

impl FromRequest<Intake> for Asked {
    type Rejection = Problem;

    async fn from_request(request: Request, intake: &Intake) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let Ids(place) = Ids::<2>::from_request_parts(&mut parts, intake).await?;
        let Caller(bot) = Caller::from_request_parts(&mut parts, intake).await?;
        let request = Request::from_parts(parts, body);
        let ObjectOrNothing(body) = ObjectOrNothing::from_request(request, intake).await?;
        let reason = reason(&body.unwrap_or_default())?;
        let reason = intake.relay.config.redaction.redact_text(&reason).into_owned();
        Ok(Self { key: key(&bot, place), reason })
    }
}

fn reason(body: &Value) -> Result<String, Problem> {
    let root = Node::root(body, "");
    let mut check = Check::default();
    let short = |value: &Value| value.as_str().is_some_and(|text| text.chars().count() <= 255);
    check.optional(&root.get("reason"), short, "must be text of at most 255 characters");
    check.finish()?;
    Ok(body["reason"].as_str().unwrap_or("api").to_owned())
}

pub(super) fn key(bot: &Bot, [team, channel]: [String; 2]) -> Key {
    Key { bot: bot.id.clone(), team, channel }
}

pub(super) fn state(intake: &Intake, conversation: &Conversation) -> Value {
    let control = intake.relay.watches.switch(&conversation.key.bot).applied_to(Control { ..conversation.control });
    let room = conversation.room_channel().map(|room| json!({ "id": room.id, "name": room.name }));
    let time = |time: Option<jiff::Timestamp>| time.map(|time| format!("{time:.3}"));
    json!({
        "bot": conversation.key.bot,
        "team_id": conversation.key.team,
        "channel_id": conversation.key.channel,
        "watched": conversation.is_attended(),
        "control": control.to_json(),
        "room": room,
        "customer": { "user_id": conversation.customer.user_id, "name": conversation.customer.name() },
        "opened_at": time(conversation.opened_at),
        "idle_since": time(conversation.active_at),
    })
}

fn shown(workspace: &Workspace) -> Value {
    json!({ "team_id": workspace.team, "name": workspace.name, "domain": workspace.domain, "bot_user_id": workspace.bot_user_id })
}

fn no_workspace() -> Problem {
    Problem::not_found("this workspace is not registered")
}
