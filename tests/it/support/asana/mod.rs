//! A simulated Asana, as strict as its public description (<https://github.com/Asana/openapi>): it refuses fields and
//! parameters that it does not know, values of the wrong type, and a missing token.

mod bodies;
mod calls;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hmac::{Hmac, KeyInit as _, Mac as _};
use megatron::clock::{Clock, ManualClock};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use url::Url;

/// The token that it takes.
pub(crate) const TOKEN: &str = "2/1200000000000001/1200:asana-token";
/// The project of all tasks.
pub(crate) const PROJECT: &str = "1200000000000100";
/// A tag that there is.
pub(crate) const TAG: &str = "1200000000000200";
/// Where the service says that it is reached.
pub(crate) const PUBLIC_URL: &str = "https://relay.example.com";
/// The account of the token, and a person.
const US: (&str, &str) = ("1200000000000001", "Megatron");
const RAJ: (&str, &str) = ("1200000000000002", "Raj Patel");
const SECRET: &str = "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81";

/// An Asana. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Asana {
    inner: Arc<Mutex<Inner>>,
    clock: Clock,
}

#[derive(Default)]
struct Inner {
    tasks: Vec<Map<String, Value>>,
    stories: Vec<Map<String, Value>>,
    hooks: Vec<Hook>,
    /// What is still to be told to the hooks.
    news: Vec<Value>,
    moods: VecDeque<Trouble>,
    refused: Vec<String>,
    service: Option<Url>,
    gids: u64,
}

struct Hook {
    gid: String,
    target: String,
    active: bool,
}

/// What is wrong with the next call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// This status, and nothing happens.
    Status(u16),
    /// 429 and `Retry-After` in seconds.
    Busy(u64),
    /// It happens, but the answer is 500.
    Lost,
}

type Answer = Result<Value, (u16, String)>;

impl Asana {
    /// Starts to listen; returns where.
    pub(crate) async fn start(clock: &ManualClock) -> (Self, Url) {
        let asana = Self { inner: Arc::default(), clock: Clock::Manual(clock.clone()) };
        let app = Router::new()
            .route("/api/1.0/users/me", get(calls::me))
            .route("/api/1.0/tasks", get(calls::tasks).post(calls::create_task))
            .route("/api/1.0/tasks/{gid}", get(calls::task).put(calls::update_task))
            .route("/api/1.0/tasks/{gid}/stories", get(calls::stories).post(calls::create_story))
            .route("/api/1.0/stories/{gid}", get(calls::story))
            .route("/api/1.0/webhooks", post(calls::create_hook))
            .route("/api/1.0/webhooks/{gid}", get(calls::hook))
            .with_state(asana.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/1.0/", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (asana, url)
    }

    /// Where the public address of the service leads.
    pub(crate) fn reaches(&self, service: &Url) {
        self.lock().service = Some(service.clone());
    }

    /// What is wrong with the next calls.
    pub(crate) fn has(&self, troubles: &[Trouble]) {
        self.lock().moods.extend(troubles);
    }

    /// Every task: its name and whether it is complete.
    pub(crate) fn tasks(&self) -> Vec<(String, bool)> {
        let text = |task: &Map<String, Value>| task["name"].as_str().unwrap().to_owned();
        self.lock().tasks.iter().map(|task| (text(task), task["completed"] == true)).collect()
    }

    /// The notes of a task.
    pub(crate) fn notes(&self, index: usize) -> String {
        self.lock().tasks[index]["notes"].as_str().unwrap().to_owned()
    }

    /// The comments on a task, each with who wrote it.
    pub(crate) fn comments(&self, index: usize) -> Vec<String> {
        let inner = self.lock();
        let gid = inner.tasks[index]["gid"].clone();
        let of_task = inner.stories.iter().filter(|story| story["target"]["gid"] == gid);
        let line = |story: &Map<String, Value>| {
            format!("{}: {}", story["created_by"]["name"].as_str().unwrap(), story["text"].as_str().unwrap())
        };
        of_task.map(line).collect()
    }

    /// Tags of a task.
    pub(crate) fn tags(&self, index: usize) -> Value {
        self.lock().tasks[index]["tags"].clone()
    }

    /// What it had to refuse because it was not as described.
    pub(crate) fn refused(&self) -> Vec<String> {
        self.lock().refused.clone()
    }

    /// Where it was asked to tell what happens.
    pub(crate) fn targets(&self) -> Vec<String> {
        self.lock().hooks.iter().filter(|hook| hook.active).map(|hook| hook.target.clone()).collect()
    }

    /// Raj ticks a task off.
    pub(crate) fn raj_completes(&self, index: usize) {
        let gid = self.change(index, |task| {
            task.insert("completed".into(), json!(true));
            task.insert("completed_by".into(), user(RAJ));
        });
        self.lock().news.push(changed(&gid, "completed", RAJ));
    }

    /// Raj takes a task.
    pub(crate) fn raj_takes(&self, index: usize) {
        let gid = self.change(index, |task| drop(task.insert("assignee".into(), user(RAJ))));
        self.lock().news.push(changed(&gid, "assignee", RAJ));
    }

    /// Raj writes below a task.
    pub(crate) fn raj_comments(&self, index: usize, text: &str) {
        let gid = self.lock().tasks[index]["gid"].as_str().unwrap().to_owned();
        self.add_story(&gid, text, RAJ);
    }

    /// Raj rewrites the description.
    pub(crate) fn raj_describes(&self, index: usize) {
        let gid = self.change(index, |task| drop(task.insert("notes".into(), json!("something else"))));
        self.lock().news.push(changed(&gid, "notes", RAJ));
    }

    /// Tells the service what has happened, signed; the status that it answers.
    pub(crate) async fn tells(&self) -> StatusCode {
        let news = std::mem::take(&mut self.lock().news);
        self.sends(&json!({ "events": news }), SECRET).await
    }

    /// Sends the service this body, signed with this secret.
    pub(crate) async fn sends(&self, body: &Value, secret: &str) -> StatusCode {
        let body = body.to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        let signature = hex::encode(mac.finalize().into_bytes());
        let target = self.targets().pop().expect("a subscription");
        self.request(&target).header("x-hook-signature", signature).body(body).send().await.unwrap().status()
    }

    /// Says another secret at the address, as a stranger would who knows it.
    pub(crate) async fn says_secret(&self, target: &str) -> StatusCode {
        self.request(target).header("x-hook-secret", "another-secret-of-32-characters!").send().await.unwrap().status()
    }

    fn request(&self, target: &str) -> reqwest::RequestBuilder {
        let service = self.lock().service.clone().expect("the service");
        let path = target.strip_prefix(&format!("{PUBLIC_URL}/")).expect("the public address");
        reqwest::Client::builder().no_proxy().build().unwrap().post(service.join(path).unwrap())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    fn change(&self, index: usize, change: impl FnOnce(&mut Map<String, Value>)) -> String {
        let now = self.now();
        let mut inner = self.lock();
        let task = &mut inner.tasks[index];
        change(task);
        task.insert("modified_at".into(), json!(now));
        task["gid"].as_str().unwrap().to_owned()
    }

    fn add_story(&self, task: &str, text: &str, by: (&str, &str)) -> Map<String, Value> {
        let now = self.now();
        let mut inner = self.lock();
        let gid = inner.gid();
        let story = json!({
            "gid": gid, "resource_type": "story", "resource_subtype": "comment_added", "text": text, "created_at": now,
            "created_by": user(by), "target": { "gid": task, "resource_type": "task" },
        });
        let Value::Object(story) = story else { unreachable!() };
        inner.stories.push(story.clone());
        inner.news.push(json!({
            "user": user(by), "created_at": now, "action": "added", "parent": { "gid": task, "resource_type": "task" },
            "resource": { "gid": gid, "resource_type": "story", "resource_subtype": "comment_added" },
        }));
        story
    }

    fn now(&self) -> String {
        format!("{:.3}", self.clock.now())
    }

    /// Checks what every call must have, and answers as the moment wants it.
    fn answer(&self, headers: &HeaderMap, created: bool, act: impl FnOnce() -> Answer) -> Response {
        if headers.get("authorization").and_then(|value| value.to_str().ok()) != Some(&format!("Bearer {TOKEN}")) {
            return error(401, "Not Authorized");
        }
        let trouble = self.lock().moods.pop_front();
        match trouble {
            Some(Trouble::Status(status)) => return error(status, "trouble"),
            Some(Trouble::Busy(seconds)) => {
                return ([("retry-after", seconds.to_string())], error(429, "too many requests")).into_response();
            }
            Some(Trouble::Lost) | None => {}
        }
        let done = act();
        if let Err((_, reason)) = &done {
            self.lock().refused.push(reason.clone());
        }
        match (done, trouble) {
            (Err((status, reason)), _) => error(status, &reason),
            (Ok(_), Some(_)) => error(500, "Server Error"),
            (Ok(body), None) => {
                (if created { StatusCode::CREATED } else { StatusCode::OK }, axum::Json(body)).into_response()
            }
        }
    }
}

impl Inner {
    fn gid(&mut self) -> String {
        self.gids += 1;
        (1_210_000_000_000_000 + self.gids).to_string()
    }

    fn task(&self, gid: &str) -> Result<&Map<String, Value>, (u16, String)> {
        self.tasks.iter().find(|task| task["gid"] == gid).ok_or_else(|| (404, format!("task: Unknown object: {gid}")))
    }
}

fn user((gid, name): (&str, &str)) -> Value {
    json!({ "gid": gid, "resource_type": "user", "name": name })
}

fn changed(task: &str, field: &str, by: (&str, &str)) -> Value {
    json!({
        "user": user(by), "action": "changed", "parent": null,
        "resource": { "gid": task, "resource_type": "task", "resource_subtype": "default_task" },
        "change": { "field": field, "action": "changed" },
    })
}

fn error(status: u16, message: &str) -> Response {
    let body = json!({ "errors": [{ "message": message }] });
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}
