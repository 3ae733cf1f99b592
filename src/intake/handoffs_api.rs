//! `/v1`: handoffs, for bots that ask for a human and for consoles outside of Slack.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::config::Bot;
use crate::relay::{Handled, Target};
use crate::store::conversations::{self, By};
use crate::store::customers;
use crate::store::handoffs::{self, Filed};
use crate::takeover::conversation::{Actor, Conversation, Customer, Key};
use crate::takeover::event::Event;
use crate::takeover::handoff::Step;
use crate::takeover::handoff::queue::{Allocation, Queues};
use crate::takeover::handoff::state::{Handoff, Request, Source};
use crate::takeover::turn::Reply;

use super::bot_api::{key, state};
use super::caller::{Caller, Object};
use super::check::{Check, Node};
use super::path::Ids;
use super::problem::Problem;
use super::state::{Intake, agent, unavailable};

/// Asks for a human. Where one is asked for already, that handoff is the answer.
pub(super) async fn ask(
    State(intake): State<Intake>,
    Ids(place): Ids<2>,
    Caller(bot): Caller,
    Object(mut body): Object,
) -> Result<Response, Problem> {
    let key = key(&bot, place);
    let user_id = check(&body)?;
    intake.relay.config.redaction.redact(&mut body);
    let request = read(&body);
    insists(&intake, &body, &request)?;
    let named = request.queue.clone();
    let customer = customer(&intake, &key, user_id).await?;
    let event = Event::HandOff { source: Source::Bot, request: Box::new(request) };
    let handled = intake.relay.handle(Target::With(&key, &customer), event, None).await;
    let (conversation, reply) = taken(handled)?;
    let existing = match reply {
        Reply::Refused { code, reason } => return Err(refused(code, reason, conversation.handoff.as_deref())),
        Reply::Already(_) => true,
        Reply::Done(_) => false,
    };
    let Some(handoff) = &conversation.handoff else { return Err(Problem::internal()) };
    let mut answer = shown(&intake, handoff, &conversation);
    answer["existing"] = json!(existing);
    if let Some(label) = named.filter(|label| !existing && !label.eq_ignore_ascii_case(&handoff.queue)) {
        answer["warnings"] =
            json!([format!("there is no queue “{label}”: it went to the default one, “{}”", handoff.queue)]);
    }
    let status = if existing { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(answer)).into_response())
}

/// A handoff, as it stands.
pub(super) async fn get(
    State(intake): State<Intake>,
    Ids([id]): Ids<1>,
    Caller(bot): Caller,
) -> Result<Response, Problem> {
    let (filed, conversation) = own(&intake, &bot, &id).await?;
    Ok(Json(shown(&intake, &filed.handoff, &conversation)).into_response())
}

/// An agent picks it, from outside of Slack.
pub(super) async fn accept(
    State(intake): State<Intake>,
    Ids([id]): Ids<1>,
    Caller(bot): Caller,
    Object(body): Object,
) -> Result<Response, Problem> {
    by_agent(&intake, &bot, &id, &body, Step::Pick).await
}

/// An agent declines it, from outside of Slack.
pub(super) async fn decline(
    State(intake): State<Intake>,
    Ids([id]): Ids<1>,
    Caller(bot): Caller,
    Object(body): Object,
) -> Result<Response, Problem> {
    by_agent(&intake, &bot, &id, &body, Step::Decline).await
}

/// It goes to another queue.
pub(super) async fn transfer(
    State(intake): State<Intake>,
    Ids([id]): Ids<1>,
    Caller(bot): Caller,
    Object(body): Object,
) -> Result<Response, Problem> {
    let root = Node::root(&body, "");
    let mut check = Check::default();
    let queue = check.string(&root.get("queue"), |label| label.chars().count() <= 64, "must be the label of a queue");
    check.optional(&root.get("note"), |value| is_text(value, 3000), "must be text of at most 3000 characters");
    check.finish()?;
    let note = body["note"].as_str().unwrap_or_default();
    let note = intake.relay.config.redaction.redact_text(note).into_owned();
    step(&intake, &bot, &id, Actor::Bot, Step::Transfer { queue, note }).await
}

/// Whoever asked takes it back.
pub(super) async fn cancel(
    State(intake): State<Intake>,
    Ids([id]): Ids<1>,
    Caller(bot): Caller,
) -> Result<Response, Problem> {
    step(&intake, &bot, &id, Actor::Bot, Step::Cancel).await
}

async fn by_agent(intake: &Intake, bot: &Bot, id: &str, body: &Value, what: Step) -> Result<Response, Problem> {
    let root = Node::root(body, "");
    let mut check = Check::default();
    let agent_id = check.id(&root.get("agent_id"));
    check.finish()?;
    match intake.roster.permission(&agent_id).await {
        Ok(Ok(())) => {}
        Ok(Err(denied)) => return Err(Problem::invalid_field("agent_id", denied.to_command())),
        Err(_) => return Err(Problem::slack_unavailable(5)),
    }
    let (agent, _) = agent(intake, &agent_id, None).await.map_err(|error| unavailable(&error))?;
    step(intake, bot, id, Actor::Agent(agent), what).await
}

async fn step(intake: &Intake, bot: &Bot, id: &str, by: Actor, step: Step) -> Result<Response, Problem> {
    let (filed, _) = own(intake, bot, id).await?;
    let event = Event::Step { handoff: Some(id.to_owned()), by, step };
    let handled = intake.relay.handle(Target::Of(By::Id(&filed.conversation)), event, None).await;
    let (conversation, reply) = taken(handled)?;
    let handoff = conversation.handoff.as_deref().filter(|handoff| handoff.id == id).unwrap_or(&filed.handoff);
    match reply {
        Reply::Refused { code, reason } => Err(refused(code, reason, Some(handoff))),
        Reply::Done(_) | Reply::Already(_) => Ok(Json(shown(intake, handoff, &conversation)).into_response()),
    }
}

/// A handoff of this bot, and its conversation.
async fn own(intake: &Intake, bot: &Bot, id: &str) -> Result<(Filed, Conversation), Problem> {
    let look = async {
        let Some(filed) = handoffs::get(&intake.relay.db, id).await? else { return anyhow::Ok(None) };
        let conversation = conversations::get(&intake.relay.db, By::Id(&filed.conversation)).await?;
        Ok(conversation.filter(|conversation| conversation.key.bot == bot.id).map(|conversation| (filed, conversation)))
    };
    look.await.map_err(|error| unavailable(&error))?.ok_or_else(|| Problem::not_found("there is no such handoff"))
}

/// The customer whom the bot names, as far as somebody has seen them.
async fn customer(intake: &Intake, key: &Key, user_id: String) -> Result<Customer, Problem> {
    let look = async {
        intake.contacts.write(&intake.desk).await?;
        anyhow::Ok(customers::get(&intake.relay.db, &key.bot, &key.team, &user_id).await?)
    };
    let found = look.await.map_err(|error| unavailable(&error))?;
    Ok(found.map_or_else(|| Customer { user_id, ..Customer::default() }, |found| found.customer()))
}

fn taken(handled: anyhow::Result<Handled>) -> Result<(Box<Conversation>, Reply), Problem> {
    match handled.map_err(|error| unavailable(&error))? {
        Handled::Taken(conversation, _, reply) => Ok((conversation, reply)),
        Handled::Duplicate(..) => Err(Problem::internal()),
        Handled::Unknown => Err(Problem::not_found("this conversation was never seen")),
    }
}

/// Why not, and who has it, where somebody has.
fn refused(code: &'static str, reason: String, handoff: Option<&Handoff>) -> Problem {
    let problem = Problem::refused(code, reason);
    match (code, handoff.and_then(|handoff| handoff.assignee.as_ref())) {
        ("already_in_queue" | "taken", Some(agent)) => {
            problem.with("assignee", json!({ "user_id": agent.user_id, "name": agent.name }))
        }
        _ => problem,
    }
}

fn shown(intake: &Intake, handoff: &Handoff, conversation: &Conversation) -> Value {
    let mut shown = handoff.to_json();
    shown["conversation"] = state(intake, conversation);
    shown
}

/// What is wrong with the body of a request for a human; the customer, if nothing is.
fn check(body: &Value) -> Result<String, Problem> {
    let root = Node::root(body, "");
    let mut check = Check::default();
    let user_id = check.id(&root.get("user_id"));
    for (name, most, expected) in TEXTS {
        check.optional(&root.get(name), |value| is_text(value, most), expected);
    }
    let role = root.get("role");
    check.optional(&role, |role| role.as_str().is_none_or(|role| role.to_lowercase() == role), "must be in lower case");
    let differs = |role: &Value| root.get("queue").text().is_some_and(|queue| role != queue);
    check.optional(&role, |role| !differs(role), "must be the same as queue, which is its other name");
    check.optional(&root.get("find_online_agent"), Value::is_boolean, "must be true or false");
    let few = |value: &Value| value.as_u64().is_some_and(|count| count <= 15);
    check.optional(&root.get("history_count"), few, "must be a number from 0 to 15");
    let small = |value: &Value| value.is_object() && value.to_string().len() <= 16_384;
    check.optional(&root.get("metadata"), small, "must be an object of at most 16 KiB");
    check.finish()?;
    Ok(user_id)
}

const TEXTS: [(&str, usize, &str); 7] = [
    ("queue", 64, "must be the label of a queue, at most 64 characters"),
    ("role", 64, "must be the label of a queue in lower case, at most 64 characters"),
    ("reason", 3000, "must be text of at most 3000 characters"),
    ("summary", 10_000, "must be text of at most 10000 characters"),
    ("request_text", 1000, "must be text of at most 1000 characters"),
    ("button_title", 75, "must be text of at most 75 characters"),
    ("priority", 40, "must be text of at most 40 characters"),
];

/// Whoever names a role, or wants somebody who is online, relies on the queue to give customers to agents.
fn insists(intake: &Intake, body: &Value, request: &Request) -> Result<(), Problem> {
    let role = Some("role").filter(|_| body["role"].as_str().is_some_and(|role| !role.is_empty()));
    let Some(field) = role.or_else(|| (body["find_online_agent"] == true).then_some("find_online_agent")) else {
        return Ok(());
    };
    let queues = intake.relay.watches.queues();
    match Queues(&queues).choose(request.queue.as_deref()) {
        Some((queue, _)) if queue.allocation == Allocation::Manual => Err(Problem::allocation_off(field, &queue.label)),
        _ => Ok(()),
    }
}

fn is_text(value: &Value, most: usize) -> bool {
    value.as_str().is_some_and(|text| text.chars().count() <= most)
}

fn read(body: &Value) -> Request {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    Request {
        queue: [text("queue"), text("role")].into_iter().find(|label| !label.is_empty()),
        reason: text("reason"),
        summary: text("summary"),
        request_text: text("request_text"),
        button_title: text("button_title"),
        priority: text("priority"),
        metadata: body["metadata"].clone(),
        history_count: body["history_count"].as_u64().and_then(|count| u8::try_from(count).ok()),
        ..Request::default()
    }
}
