//! The calls that the simulated Asana answers.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::bodies::{Field, chosen, data, is_filters, is_gid, is_gids, is_text, page, parameters, value_of};
use super::{Asana, Hook, PROJECT, SECRET, TAG, US, changed, error, user};

pub(super) async fn me(State(asana): State<Asana>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    asana.answer(&headers, false, || {
        let query = parameters(query.as_deref(), &["opt_fields"])?;
        let Value::Object(us) = user(US) else { unreachable!() };
        Ok(json!({ "data": chosen(&us, &query) }))
    })
}

/// <https://developers.asana.com/reference/createtask>
pub(super) async fn create_task(
    State(asana): State<Asana>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    asana.answer(&headers, true, || {
        let query = parameters(query.as_deref(), &["opt_fields"])?;
        let data = data(&body, &[("name", is_text), ("notes", is_text), ("projects", is_gids), ("tags", is_gids)])?;
        if data.get("projects") != Some(&json!([PROJECT])) {
            return Err((400, "projects: Unknown object".to_owned()));
        }
        if data.get("tags").is_some_and(|tags| *tags != json!([TAG])) {
            return Err((400, "tags: Unknown object".to_owned()));
        }
        let now = asana.now();
        let mut inner = asana.lock();
        let gid = inner.gid();
        let mut task = data;
        for (name, value) in [
            ("gid", json!(gid)),
            ("resource_type", json!("task")),
            ("completed", json!(false)),
            ("completed_by", Value::Null),
            ("assignee", Value::Null),
            ("modified_at", json!(now)),
            ("permalink_url", json!(format!("https://app.asana.com/1/1/project/{PROJECT}/task/{gid}"))),
        ] {
            task.insert(name.into(), value);
        }
        inner.tasks.push(task.clone());
        Ok(json!({ "data": chosen(&task, &query) }))
    })
}

/// <https://developers.asana.com/reference/gettasks>
pub(super) async fn tasks(State(asana): State<Asana>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    asana.answer(&headers, false, || {
        let query = parameters(query.as_deref(), &["project", "modified_since", "opt_fields", "limit", "offset"])?;
        if value_of(&query, "project") != Some(PROJECT) {
            return Err((400, "project: Unknown object".to_owned()));
        }
        let since: Timestamp = value_of(&query, "modified_since").unwrap_or("1970-01-01T00:00:00Z").parse().unwrap();
        let inner = asana.lock();
        let is_new =
            |task: &&Map<String, Value>| task["modified_at"].as_str().unwrap().parse::<Timestamp>().unwrap() >= since;
        page(&inner.tasks.iter().filter(is_new).collect::<Vec<_>>(), &query)
    })
}

pub(super) async fn task(
    State(asana): State<Asana>,
    Path(gid): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    asana.answer(&headers, false, || {
        let query = parameters(query.as_deref(), &["opt_fields"])?;
        Ok(json!({ "data": chosen(asana.lock().task(&gid)?, &query) }))
    })
}

/// <https://developers.asana.com/reference/updatetask>
pub(super) async fn update_task(
    State(asana): State<Asana>,
    Path(gid): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    asana.answer(&headers, false, || {
        let data = data(&body, &[("completed", Value::is_boolean)])?;
        let index = {
            let inner = asana.lock();
            inner.task(&gid)?;
            inner.tasks.iter().position(|task| task["gid"] == *gid).unwrap()
        };
        asana.change(index, |task| {
            task.extend(data);
            task.insert("completed_by".into(), user(US));
        });
        let mut inner = asana.lock();
        inner.news.push(changed(&gid, "completed", US));
        Ok(json!({ "data": chosen(inner.task(&gid)?, &[]) }))
    })
}

/// <https://developers.asana.com/reference/createstoryfortask>
pub(super) async fn create_story(
    State(asana): State<Asana>,
    Path(gid): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    asana.answer(&headers, true, || {
        let data = data(&body, &[("text", is_text)])?;
        asana.lock().task(&gid)?;
        let story = asana.add_story(&gid, data["text"].as_str().unwrap(), US);
        Ok(json!({ "data": story }))
    })
}

pub(super) async fn stories(
    State(asana): State<Asana>,
    Path(gid): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    asana.answer(&headers, false, || {
        let query = parameters(query.as_deref(), &["opt_fields", "limit", "offset"])?;
        let inner = asana.lock();
        inner.task(&gid)?;
        let of_task = inner.stories.iter().filter(|story| story["target"]["gid"] == *gid);
        page(&of_task.collect::<Vec<_>>(), &query)
    })
}

pub(super) async fn story(
    State(asana): State<Asana>,
    Path(gid): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    asana.answer(&headers, false, || {
        let query = parameters(query.as_deref(), &["opt_fields"])?;
        let inner = asana.lock();
        let story = inner.stories.iter().find(|story| story["gid"] == *gid);
        Ok(json!({ "data": chosen(story.ok_or((404, "story: Unknown object".to_owned()))?, &query) }))
    })
}

/// It calls the target before it answers (<https://developers.asana.com/docs/webhooks-guide>).
pub(super) async fn create_hook(State(asana): State<Asana>, headers: HeaderMap, body: Bytes) -> Response {
    let fields: &[Field] = &[("resource", is_gid), ("target", is_text), ("filters", is_filters)];
    let wish = match data(&body, fields) {
        Ok(wish) if wish.get("resource") == Some(&json!(PROJECT)) => wish,
        refused => return asana.answer(&headers, true, || refused.and(Err((400, "resource".to_owned())))),
    };
    let target = wish["target"].as_str().unwrap().to_owned();
    let reached = asana.lock().service.is_some();
    let echoed = if reached {
        let answer = asana.request(&target).header("x-hook-secret", SECRET).body("{}").send().await.unwrap();
        answer.status().is_success() && answer.headers().get("x-hook-secret").is_some_and(|secret| secret == SECRET)
    } else {
        false
    };
    if !echoed {
        return error(
            400,
            "The remote server which is intended to receive the webhook did not respond with the handshake secret.",
        );
    }
    asana.answer(&headers, true, || {
        let mut inner = asana.lock();
        let gid = inner.gid();
        inner.hooks.push(Hook { gid: gid.clone(), target: target.clone(), active: true });
        let data = json!({ "gid": gid, "resource_type": "webhook", "active": true, "target": target });
        Ok(json!({ "data": data, "X-Hook-Secret": SECRET }))
    })
}

pub(super) async fn hook(State(asana): State<Asana>, Path(gid): Path<String>, headers: HeaderMap) -> Response {
    asana.answer(&headers, false, || {
        let inner = asana.lock();
        let hook = inner.hooks.iter().find(|hook| hook.gid == gid);
        let hook = hook.ok_or((404, "webhook: Unknown object".to_owned()))?;
        Ok(json!({ "data": { "gid": hook.gid, "active": hook.active, "target": hook.target } }))
    })
}
