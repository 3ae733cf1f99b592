//! What the page shows, as server-sent events: each part of it whole, whenever it has changed.
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html>

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, StreamExt as _};
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{Playground, QUEUES, TRIAGE, catalogue, switches};
use crate::demo::cast::{ACME, API_KEY, HUB, HUB_APP, JANE};
use crate::demo::people::{COMMAND, CUSTOMERS, Customer};
use crate::simulator::{ChannelView, Seen};
use crate::store::conversations::{self, By};
use crate::store::undelivered;

/// How often it is looked whether something has changed.
const LOOK_EVERY: Duration = Duration::from_millis(60);
/// Deliveries that are counted at most.
const WAITING: i64 = 5_000;

/// Who looks at the page: which agent, and which customer.
#[derive(Deserialize)]
pub(super) struct Viewer {
    agent: Option<String>,
    customer: Option<String>,
}

impl Viewer {
    fn agent(&self) -> &str {
        self.agent.as_deref().unwrap_or(JANE)
    }

    fn customer(&self) -> &'static Customer {
        let chosen = CUSTOMERS.iter().find(|customer| self.customer.as_deref() == Some(customer.user));
        chosen.unwrap_or(&CUSTOMERS[0])
    }
}

/// `GET /demo/state`.
pub(super) async fn stream(State(playground): State<Playground>, Query(viewer): Query<Viewer>) -> impl IntoResponse {
    let looking = Looking { viewer, known: HashMap::new(), moves: 0, playground };
    let changes = stream::unfold(looking, |mut looking| async move {
        let ended = looking.playground.stop.clone();
        let news = ended.run_until_cancelled(looking.news()).await?;
        Some((stream::iter(news.into_iter().map(|part| Ok::<_, Infallible>(Event::default().data(part)))), looking))
    });
    Sse::new(changes.flatten()).keep_alive(KeepAlive::default())
}

/// Somebody with the page before them.
struct Looking {
    playground: Playground,
    viewer: Viewer,
    /// The parts as they were told last.
    known: HashMap<(&'static str, String), String>,
    /// So many moves were told.
    moves: u64,
}

impl Looking {
    /// What is new, as soon as anything is.
    async fn news(&mut self) -> Vec<String> {
        loop {
            let mut news: Vec<String> = Vec::new();
            for (part, id, value) in self.parts().await {
                let told = json!({ "part": part, "id": id, "value": value }).to_string();
                let known = self.known.entry((part, id)).or_default();
                if *known != told {
                    news.push(told.clone());
                    *known = told;
                }
            }
            for moved in self.playground.moves.after(self.moves, &self.playground.slack) {
                self.moves = moved.n();
                news.push(json!({ "part": "move", "value": moved }).to_string());
            }
            if !news.is_empty() {
                return news;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn parts(&self) -> Vec<(&'static str, String, Value)> {
        let Playground { slack, .. } = &self.playground;
        let (agent, customer) = (self.viewer.agent(), self.viewer.customer());
        let whole = |part, value| (part, String::new(), value);
        let mut parts = Vec::new();
        if self.known.is_empty() {
            parts.push(whole("cast", self.cast()));
        }
        parts.push(whole("dm", json!({ "id": customer.dm, "messages": self.seen(ACME, customer.user, customer.dm) })));
        let mut channels = slack.channels(HUB);
        channels.retain(|channel| !channel.private || channel.members.iter().any(|member| member == agent));
        let of = |channel: &ChannelView| (channel.id.clone(), self.seen(HUB, agent, &channel.id));
        let messages: Vec<(String, Vec<Seen>)> = channels.iter().map(of).collect();
        let listed = channels.iter().zip(&messages).map(|(channel, (_, messages))| {
            let mut listed = json!(channel);
            listed["kind"] = json!(kind(channel));
            listed["count"] = json!(messages.len());
            listed["last_ts"] = json!(messages.last().map(|message| &message.ts));
            listed
        });
        parts.push(whole("channels", listed.collect()));
        for (channel, messages) in messages {
            parts.push(("channel", channel.clone(), json!({ "id": channel, "messages": messages })));
        }
        parts.push(whole("home", json!(slack.home(HUB, agent))));
        parts.push(whole("modals", json!(slack.modals(HUB, agent))));
        parts.push(whole("control", self.control().await));
        parts.push(whole("lanes", self.lanes().await));
        parts.push(whole("switches", switches::stand(&self.playground)));
        parts
    }

    /// What a person sees in a channel, in the order of time.
    fn seen(&self, team: &str, person: &str, channel: &str) -> Vec<Seen> {
        let mut seen = self.playground.slack.history(team, channel);
        seen.extend(self.playground.slack.ephemerals(team, person, channel));
        seen.sort_by(|one, other| one.ts.cmp(&other.ts));
        seen
    }

    /// Who plays, and what the app offers.
    fn cast(&self) -> Value {
        let slack = &self.playground.slack;
        let people = [ACME, HUB].into_iter().flat_map(|team| slack.people(team));
        let people: BTreeMap<String, Value> = people
            .map(|user| {
                let shown = json!({ "name": user.shown_name(), "real_name": user.real_name, "picture": user.image });
                (user.id, shown)
            })
            .collect();
        let agents = slack.people(HUB).into_iter().filter(|user| !user.is_bot);
        let agents = agents.map(|user| {
            json!({ "team": HUB, "user": user.id, "name": user.shown_name(), "real_name": user.real_name, "is_admin": user.is_admin })
        });
        let customers = CUSTOMERS.iter().map(|Customer { name, user, dm, .. }| {
            json!({ "team": ACME, "user": user, "dm": dm, "name": name, "real_name": people[*user]["real_name"] })
        });
        json!({
            "workspaces": [
                { "team": ACME, "name": "Acme", "side": "customer" },
                { "team": HUB, "name": "Initech", "side": "support" },
            ],
            "customers": customers.collect::<Vec<_>>(),
            "agents": agents.collect::<Vec<_>>(),
            "bot": { "name": "Expense Bot", "user": "U0EXPENSES" },
            "app": { "name": "Megatron", "user": "U0MEGATRON", "app_id": HUB_APP },
            "people": people,
            "command": COMMAND,
            "commands": catalogue::commands(),
            "message_shortcuts": catalogue::shortcuts("message"),
            "global_shortcuts": catalogue::shortcuts("global"),
        })
    }

    /// Who answers each customer, as the service tells the bot.
    async fn control(&self) -> Value {
        let Some(app) = self.playground.service.app() else { return json!([]) };
        let mut all = Vec::new();
        for customer in &CUSTOMERS {
            let request = Request::get(format!("/v1/conversations/{ACME}/{}", customer.dm));
            let request = request.header(AUTHORIZATION, format!("Bearer {API_KEY}")).body(Body::empty());
            let Ok(request) = request else { continue };
            let response = app.router().oneshot(request).await.into_response();
            let Ok(body) = response.into_body().collect().await else { continue };
            let Ok(state) = serde_json::from_slice::<Value>(&body.to_bytes()) else { continue };
            if state["control"].is_object() {
                let mut told = state["control"].clone();
                told["customer"] = json!(customer.user);
                told["room"] = state["room"]["id"].clone();
                all.push(told);
            }
        }
        json!(all)
    }

    /// What waits to be delivered.
    async fn lanes(&self) -> Value {
        let Some(app) = self.playground.service.app() else { return json!([]) };
        let Ok((waiting, _)) = undelivered::list(&app.relay().db, WAITING).await else { return json!([]) };
        let mut lanes: BTreeMap<String, Value> = BTreeMap::new();
        for entry in waiting.into_iter().filter(|entry| !entry.is_given_up()) {
            if let Some(lane) = lanes.get_mut(&entry.lane) {
                lane["waiting"] = json!(lane["waiting"].as_u64().unwrap_or_default() + 1);
                continue;
            }
            let about = match &entry.conversation {
                Some(id) => conversations::get(&app.relay().db, By::Id(id)).await.ok().flatten(),
                None => None,
            };
            let about = about.map(|conversation| conversation.customer.name().to_owned());
            let (next_at, what) = (entry.not_before, entry.name());
            let first = json!({ "lane": entry.lane, "about": about, "waiting": 1, "next_at": next_at, "what": what });
            lanes.insert(entry.lane, first);
        }
        lanes.into_values().collect()
    }
}

/// What a channel is for.
fn kind(channel: &ChannelView) -> &'static str {
    match channel.name.as_str() {
        _ if channel.is_im => "dm",
        TRIAGE => "triage",
        name if QUEUES.iter().any(|(_, queue)| *queue == name) => "queue",
        name if name.starts_with("cs-") => "room",
        _ => "channel",
    }
}
