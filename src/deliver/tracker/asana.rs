//! Asana's API (<https://developers.asana.com/reference/rest-api-reference>): what is needed of it. The token goes to its
//! host only.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Client, Method};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use crate::config;
use crate::deliver::host::{self, HostRefusal};
use crate::deliver::http;

use super::{Draft, Opened, Order};

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// A page of tasks with their notes.
const LONGEST_ANSWER: usize = 4 << 20;
/// Things on a page at most (<https://developers.asana.com/docs/pagination>).
const PAGE: &str = "100";

/// A client of Asana.
pub struct Asana {
    http: Client,
    api: Url,
    token: SecretString,
    project: String,
    tags: Vec<String>,
}

/// A person by id and name.
#[derive(Debug, Clone, Default)]
pub(super) struct Person {
    pub(super) gid: String,
    pub(super) name: String,
}

/// A task as it stands.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) is_complete: bool,
    pub(super) completed_by: Person,
    pub(super) assignee: Person,
}

impl Asana {
    /// The tracker of the configuration.
    ///
    /// # Errors
    /// When the TLS configuration is refused.
    pub fn new(config: &config::Tracker) -> anyhow::Result<Self> {
        let mut api = config.api_url.clone();
        if !api.path().ends_with('/') {
            api.set_path(&format!("{}/", api.path()));
        }
        Ok(Self {
            http: http::client().timeout(PATIENCE).build()?,
            api,
            token: config.token.clone(),
            project: config.project.clone(),
            tags: config.tags.clone(),
        })
    }

    /// The project of all tickets.
    #[must_use]
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The name of the account whose token it is.
    ///
    /// # Errors
    /// A [`HostRefusal`] for anything but a complete 2xx.
    pub async fn account(&self, now: Timestamp) -> Result<String, HostRefusal> {
        Ok(self.me(now).await?.name)
    }

    pub(super) async fn me(&self, now: Timestamp) -> Result<Person, HostRefusal> {
        let me = self.get("users/me", &[("opt_fields", "name")], now).await?;
        Ok(person(&me["data"]))
    }

    pub(super) async fn open(&self, order: Order<'_>, draft: &Draft) -> Result<Opened, HostRefusal> {
        let mark = format!("Megatron reference: {}", draft.reference);
        if order.doubtful
            && let Some(found) = self.find(order, &mark).await?
        {
            return Ok(found);
        }
        let notes = format!("{}\n\n{mark}", draft.text);
        let mut task = json!({ "name": draft.title, "notes": notes, "projects": [self.project] });
        if !self.tags.is_empty() {
            task["tags"] = json!(self.tags);
        }
        let made = self.send(Method::POST, "tasks", &[("opt_fields", "permalink_url")], &task, order.now).await?;
        Ok(opened(&made["data"]))
    }

    pub(super) async fn comment(&self, order: Order<'_>, task: &str, text: &str) -> Result<(), HostRefusal> {
        let path = format!("tasks/{task}/stories");
        if order.doubtful && self.has_comment(order, &path, text).await? {
            return Ok(());
        }
        self.send(Method::POST, &path, &[], &json!({ "text": text }), order.now).await.map(drop)
    }

    pub(super) async fn complete(&self, task: &str, now: Timestamp) -> Result<(), HostRefusal> {
        self.send(Method::PUT, &format!("tasks/{task}"), &[], &json!({ "completed": true }), now).await.map(drop)
    }

    pub(super) async fn task(&self, task: &str, now: Timestamp) -> Result<Task, HostRefusal> {
        let fields = "completed,completed_by.name,assignee.name";
        let task = self.get(&format!("tasks/{task}"), &[("opt_fields", fields)], now).await?;
        let task = &task["data"];
        Ok(Task {
            is_complete: task["completed"] == true,
            completed_by: person(&task["completed_by"]),
            assignee: person(&task["assignee"]),
        })
    }

    /// A comment: who wrote it, and what.
    pub(super) async fn story(&self, story: &str, now: Timestamp) -> Result<(Person, String), HostRefusal> {
        let story = self.get(&format!("stories/{story}"), &[("opt_fields", "text,created_by.name")], now).await?;
        let text = story["data"]["text"].as_str().unwrap_or_default().to_owned();
        Ok((person(&story["data"]["created_by"]), text))
    }

    /// Whether a subscription is there and active.
    pub(super) async fn is_subscribed(&self, gid: &str, now: Timestamp) -> Result<bool, HostRefusal> {
        match self.get(&format!("webhooks/{gid}"), &[], now).await {
            Ok(found) => Ok(found["data"]["active"] == true),
            Err(HostRefusal::Status { status: 403 | 404, .. } | HostRefusal::Gone) => Ok(false),
            Err(refusal) => Err(refusal),
        }
    }

    /// Has Asana tell what happens to tasks of the project at this address, and returns its id. Asana calls the address before
    /// it answers (<https://developers.asana.com/docs/webhooks-guide>).
    pub(super) async fn subscribe(&self, address: &str, now: Timestamp) -> Result<String, HostRefusal> {
        let changed =
            json!({ "resource_type": "task", "action": "changed", "fields": ["completed", "assignee", "notes"] });
        let commented = json!({ "resource_type": "story", "resource_subtype": "comment_added", "action": "added" });
        let wish = json!({ "resource": self.project, "target": address, "filters": [changed, commented] });
        let made = self.send(Method::POST, "webhooks", &[], &wish, now).await?;
        Ok(made["data"]["gid"].as_str().unwrap_or_default().to_owned())
    }

    /// Looks among the tasks that were changed since then. `external` ids would be shorter, but only OAuth apps have them
    /// (<https://developers.asana.com/docs/custom-external-data>).
    async fn find(&self, order: Order<'_>, mark: &str) -> Result<Option<Opened>, HostRefusal> {
        let since = format!("{:.3}", order.since);
        let query =
            [("project", self.project.as_str()), ("modified_since", &since), ("opt_fields", "notes,permalink_url")];
        let is_it = |task: &Value| task["notes"].as_str().is_some_and(|notes| notes.lines().any(|line| line == mark));
        Ok(self.first("tasks", &query, is_it, order.now).await?.as_ref().map(opened))
    }

    async fn has_comment(&self, order: Order<'_>, path: &str, text: &str) -> Result<bool, HostRefusal> {
        let is_it = |story: &Value| {
            let at = story["created_at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
            story["text"] == text && at.is_some_and(|at| at >= order.since)
        };
        Ok(self.first(path, &[("opt_fields", "text,created_at")], is_it, order.now).await?.is_some())
    }

    /// The first thing in a list that is it, page after page.
    async fn first(
        &self,
        path: &str,
        query: &[(&str, &str)],
        is_it: impl Fn(&Value) -> bool,
        now: Timestamp,
    ) -> Result<Option<Value>, HostRefusal> {
        let mut offset: Option<String> = None;
        loop {
            let mut query = query.to_vec();
            query.push(("limit", PAGE));
            query.extend(offset.as_deref().map(|offset| ("offset", offset)));
            let page = self.get(path, &query, now).await?;
            let list = page["data"].as_array().map_or(&[][..], Vec::as_slice);
            if let Some(found) = list.iter().find(|one| is_it(one)) {
                return Ok(Some(found.clone()));
            }
            offset = page["next_page"]["offset"].as_str().map(str::to_owned);
            if offset.is_none() {
                return Ok(None);
            }
        }
    }

    async fn get(&self, path: &str, query: &[(&str, &str)], now: Timestamp) -> Result<Value, HostRefusal> {
        self.call(Method::GET, path, query, None, now).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        data: &Value,
        now: Timestamp,
    ) -> Result<Value, HostRefusal> {
        self.call(method, path, query, Some(json!({ "data": data })), now).await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Value>,
        now: Timestamp,
    ) -> Result<Value, HostRefusal> {
        // Ids of Asana are digits; one that is something else leads nowhere else.
        let mut url = self.api.join(path).map_err(|_| HostRefusal::Unreachable)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = self.http.request(method, url).bearer_auth(self.token.expose_secret());
        if let Some(body) = body {
            request = request.header(reqwest::header::CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let mut response = request.send().await.map_err(|error| host::refusal(&error))?;
        host::check(response.status(), response.headers(), now)?;
        let answer = host::read(&mut response, LONGEST_ANSWER).await.map_err(|error| host::refusal(&error))?;
        // A proxy's page instead of an answer tells nothing.
        serde_json::from_slice(&answer).map_err(|_| HostRefusal::Cut)
    }
}

impl std::fmt::Debug for Asana {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asana").field("project", &self.project).finish_non_exhaustive()
    }
}

fn opened(task: &Value) -> Opened {
    let field = |name: &str| task[name].as_str().unwrap_or_default().to_owned();
    Opened { ticket: field("gid"), url: field("permalink_url") }
}

fn person(user: &Value) -> Person {
    let field = |name: &str| user[name].as_str().unwrap_or_default().to_owned();
    Person { gid: field("gid"), name: field("name") }
}
