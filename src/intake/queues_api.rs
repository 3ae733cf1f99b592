//! `/v1/queues`: the queues there are, and setting them up. They belong to no bot: every bot's key reaches all of them.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tracing::warn;

use crate::config::duration;
use crate::desk::queues::Removal;
use crate::takeover::conversation::Actor;
use crate::takeover::handoff::queue::{Allocation, Queue};
use crate::takeover::handoff::setup::{self, Fault};

use super::caller::{Caller, Object};
use super::check::{Check, Node};
use super::path::Ids;
use super::problem::{FieldError, Problem};
use super::queues_setup::{self, CONFIGURED, Refused};
use super::state::{Intake, unavailable};

/// The queues there are.
pub(super) async fn list(State(intake): State<Intake>, _: Caller) -> Result<Response, Problem> {
    let queues: Vec<Value> = intake.relay.watches.queues().iter().map(|queue| shown(&intake, queue)).collect();
    Ok(Json(json!({ "queues": queues })).into_response())
}

/// Sets a queue up, or over the one of the same label. A field that is left out has its default; without a channel the queue
/// keeps the one it has, or gets one.
pub(super) async fn put(
    State(intake): State<Intake>,
    Ids([label]): Ids<1>,
    _: Caller,
    Object(body): Object,
) -> Result<Response, Problem> {
    let queue = read(&intake, &label, &body)?;
    match queues_setup::put(&intake, queue, &Actor::Bot).await.map_err(|error| unavailable(&error))? {
        Ok((queue, is_new)) => {
            let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
            Ok((status, Json(shown(&intake, &queue))).into_response())
        }
        Err(Refused::Configured) => Err(Problem::conflict(CONFIGURED)),
        Err(Refused::Faulty(faults)) => Err(Problem::invalid(faults.into_iter().map(FieldError::from).collect())),
        Err(Refused::SlackIsSilent(error)) => {
            warn!(error = %error, "a queue could not be set up");
            Err(Problem::slack_unavailable(5))
        }
    }
}

/// Removes a queue. Its channel stays as it is.
pub(super) async fn remove(State(intake): State<Intake>, Ids([label]): Ids<1>, _: Caller) -> Result<Response, Problem> {
    match queues_setup::remove(&intake, &label, &Actor::Bot).await.map_err(|error| unavailable(&error))? {
        Removal::Gone => Ok(StatusCode::NO_CONTENT.into_response()),
        Removal::Unknown => Err(Problem::not_found("there is no queue of this label")),
        Removal::Refused(why) => Err(Problem::conflict(why)),
    }
}

impl From<Fault> for FieldError {
    fn from(Fault { field, why }: Fault) -> Self {
        Self { path: field.to_owned(), detail: why }
    }
}

fn read(intake: &Intake, label: &str, body: &Value) -> Result<Queue, Problem> {
    let root = Node::root(body, "");
    let mut check = Check::default();
    let blank = setup::blank(label);
    check.optional_id(&root.get("channel_id"));
    check.optional(&root.get("default"), Value::is_boolean, "must be true or false");
    check.optional(&root.get("then"), Value::is_string, "must be the label of a queue");
    let people = |check: &mut Check, field: &str| {
        let is_list = |value: &Value| value.as_array().is_some_and(|ids| ids.iter().all(Value::is_string));
        check.optional(&root.get(field), is_list, "must be a list of ids of users (U...) and user groups (S...)");
        let ids = body[field].as_array().into_iter().flatten();
        ids.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let long = |check: &mut Check, field: &str, default: Duration| {
        let is_duration = |value: &Value| value.as_str().and_then(duration::parse).is_some();
        check.optional(&root.get(field), is_duration, "must be a duration such as 90s, 3m or 2h");
        body[field].as_str().and_then(duration::parse).unwrap_or(default)
    };
    let hours = root.get("hours");
    let is_known =
        |value: &Value| value.as_str().is_some_and(|name| name.is_empty() || intake.relay.config.hours(name).is_some());
    check.optional(&hours, is_known, "must be the name of one of the [[hours]] of the configuration");
    check.optional(&root.get("digest"), Value::is_string, "must be a day and a time, such as mon 09:00");
    let is_way = |value: &Value| value == "manual" || value == "auto";
    check.optional(&root.get("allocation"), is_way, "must be manual or auto");
    let queue = Queue {
        label: label.to_owned(),
        channel: root.get("channel_id").string().unwrap_or_default(),
        is_default: body["default"] == true,
        members: people(&mut check, "members"),
        priority_group: people(&mut check, "priority_group"),
        widen_after: long(&mut check, "widen_after", blank.widen_after),
        accept_within: long(&mut check, "accept_within", blank.accept_within),
        then: root.get("then").string().unwrap_or_default(),
        accept_target: long(&mut check, "accept_target", blank.accept_target),
        response_target: long(&mut check, "response_target", blank.response_target),
        hours: hours.text().and_then(|name| intake.relay.config.hours(name)).cloned(),
        digest: root.get("digest").string().unwrap_or_default(),
        allocation: if body["allocation"] == "auto" { Allocation::Auto } else { Allocation::Manual },
    };
    check.finish()?;
    Ok(queue)
}

fn shown(intake: &Intake, queue: &Queue) -> Value {
    json!({
        "label": queue.label,
        "channel_id": Some(&queue.channel).filter(|channel| !channel.is_empty()),
        "default": queue.is_default,
        "members": queue.members,
        "priority_group": queue.priority_group,
        "widen_after": duration::write(queue.widen_after),
        "accept_within": duration::write(queue.accept_within),
        "then": Some(&queue.then).filter(|then| !then.is_empty()),
        "accept_target": duration::write(queue.accept_target),
        "response_target": duration::write(queue.response_target),
        "hours": queue.hours.as_ref().map(|hours| &hours.name),
        "digest": Some(&queue.digest).filter(|digest| !digest.is_empty()),
        "allocation": queue.allocation.as_str(),
        "configured": intake.relay.config.queue(&queue.label).is_some(),
    })
}
