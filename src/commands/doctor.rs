//! `megatron doctor`: is everything there that the service needs? One line for each thing that was looked at. Called by `main`.
//!
//! It changes nothing: no migration is applied (an SQLite file that is not there is made), nothing is posted in Slack, and the bots are
//! sent a `ping`, which they may well not know. Scopes are read from the `X-OAuth-Scopes` header of `auth.test`.

mod queues;
mod settings;

use std::collections::BTreeSet;
use std::fmt;
use std::process::ExitCode;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::json;

use super::manifest::{self, Scopes};
use crate::clock::from_millis;
use crate::clock::{Clock, CommonClock};
use crate::config::{self, Bot, Config, Webhook};
use crate::deliver::host::{HostClient, HostRefusal};
use crate::deliver::method::Method;
use crate::deliver::outcome::{Class, Refusal};
use crate::deliver::sign::Key;
use crate::deliver::slack::SlackClient;
use crate::deliver::tls::install_tls;
use crate::deliver::tracker::Tracker;
use crate::deliver::whoami::{Whoami, whoami};
use crate::ids::Ids;
use crate::store::db::Db;
use crate::store::endpoints::{self as store, Endpoint};
use crate::store::seal::Sealer;
use crate::store::workspaces;
use crate::takeover::callback;

/// How long a bot may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Slack's requests count for five minutes; a clock that is wrong by this much soon is by more.
const SKEW: i64 = 60;

/// What was found about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What was looked at.
    pub what: String,
    /// What was found, and what to do.
    pub found: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// All is well.
    Ok,
    /// The service runs, but something will not work.
    Warning,
    /// The service cannot do its work.
    Error,
}

/// Looks at everything and prints what was found. The exit code is 1 when there was an error.
///
/// # Errors
///
/// When the machine cannot make connections at all.
#[allow(clippy::print_stdout)] // The command exists to print.
pub async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let findings = examine(&config, &Clock::Common(CommonClock::on(Clock::System)), &Ids::Random).await?;
    for finding in &findings {
        println!("{finding}");
    }
    let is_ill = findings.iter().any(|finding| finding.level == Level::Error);
    Ok(if is_ill { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Looks at everything, in the order in which it is needed.
///
/// # Errors
///
/// When the machine cannot make connections at all.
pub async fn examine(config: &Config, clock: &Clock, ids: &Ids) -> anyhow::Result<Vec<Finding>> {
    install_tls();
    let mut findings = vec![configuration(config)];
    let db = database(config, &mut findings).await;
    if let (Some(db), Clock::Common(clock)) = (&db, clock) {
        findings.extend(common_clock(db, clock).await);
    }
    slack(config, clock.now(), &mut findings).await;
    if let Some(db) = db {
        queues::examine(config, clock, &db, &mut findings).await;
        settings::examine(config, &db, &mut findings).await;
        customers(config, &db, &mut findings).await;
        endpoints(config, &db, &mut findings).await;
        db.close().await;
    }
    let host = HostClient::new()?;
    for bot in &config.bots {
        findings.push(callbacks(&host, bot, &ids.next(clock.now()), clock.now()).await);
    }
    for endpoint in &config.webhooks {
        findings.push(webhook(&host, endpoint, &ids.next(clock.now()), clock.now()).await);
    }
    findings.extend(tracker(config, clock.now()).await);
    Ok(findings)
}

fn configuration(config: &Config) -> Finding {
    match config.bots.len() {
        0 => warning("configuration", "valid, but there is no bot: add a [[bots]] section"),
        1 => ok("configuration", "valid, with 1 bot"),
        count => ok("configuration", format!("valid, with {count} bots")),
    }
}

/// The database, where its tables can be read.
async fn database(config: &Config, findings: &mut Vec<Finding>) -> Option<Db> {
    let what = "database";
    let db = match Db::connect(&config.database.url, 1).await {
        Ok(db) => db,
        Err(error) => {
            let found = format!("{error}: check that it runs and that database.url is right");
            findings.push(self::error(what, found));
            return None;
        }
    };
    let missing = db.missing_migrations().await;
    if missing == 0 {
        findings.push(ok(what, "reachable, schema up to date"));
        return Some(db);
    }
    let found = format!(
        "reachable; {missing} migrations are missing: `megatron serve` applies them, so does `megatron migrate`"
    );
    findings.push(warning(what, found));
    db.close().await;
    None
}

/// Where the service goes by the database's clock: how far this machine's is off.
async fn common_clock(db: &Db, clock: &CommonClock) -> Option<Finding> {
    let what = "machine's clock";
    if let Err(error) = db.set(clock).await {
        return Some(self::error(what, format!("the database does not say what time it is: {error}")));
    }
    let seconds = clock.ahead().as_secs();
    (seconds.abs() > SKEW).then(|| {
        let how = if seconds < 0 { "ahead of" } else { "behind" };
        warning(what, format!("{} seconds {how} the database's, by which the service goes: set it", seconds.abs()))
    })
}

/// The hub app and, if there is one, the user token beside it.
async fn slack(config: &Config, now: Timestamp, findings: &mut Vec<Finding>) {
    let slack = &config.slack;
    let what = "slack.bot_token";
    let hub = match whoami(&slack.api_url, &slack.bot_token, slack.timeout).await {
        Ok(hub) => hub,
        Err(refusal) => return findings.push(refused(what, &refusal, "check the token of the hub app")),
    };
    findings.push(ok(what, format!("{} in {} ({})", hub.user, hub.team, hub.team_id)));
    findings.push(scopes(what, &hub, &manifest::hub_scopes()));
    findings.extend(agents(config).await);
    findings.extend(clock(&hub, now));
    if slack.has_app_token() {
        findings.push(socket_mode(slack).await);
    }
    if slack.has_user_token() {
        let what = "slack.user_token";
        findings.push(match whoami(&slack.api_url, &slack.user_token, slack.timeout).await {
            Ok(person) if person.team_id != hub.team_id => {
                error(what, format!("belongs to {} ({}), not to the support workspace", person.team, person.team_id))
            }
            Ok(person) => ok(what, format!("{} in {}", person.user, person.team)),
            Err(refusal) => {
                refused(what, &refusal, "check it, or leave it empty: a closed room is then not opened again")
            }
        });
    }
}

/// Whether Slack lets the hub app connect. The address that it gives is not used.
async fn socket_mode(slack: &config::Slack) -> Finding {
    let what = "slack.app_token";
    let Ok(client) = SlackClient::new(&slack.api_url, slack.timeout) else {
        return error(what, "slack.api_url must be http or https");
    };
    match client.call(&slack.app_token, Method::APPS_CONNECTIONS_OPEN, &json!({})).await {
        Ok(_) => ok(what, "opens connections of Socket Mode"),
        Err(refusal) => refused(
            what,
            &refusal,
            "make one with connections:write (app page, \"Basic Information\"), and turn Socket Mode on",
        ),
    }
}

/// Whether Slack tells who the agents are, for each group among them.
async fn agents(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Ok(client) = SlackClient::new(&config.slack.api_url, config.slack.timeout) else { return findings };
    for group in config.support.agents.iter().filter(|agent| agent.starts_with('S')) {
        let what = format!("support.agents, group {group}");
        let body = json!({ "usergroup": group });
        findings.push(match client.call(&config.slack.bot_token, Method::USERGROUPS_USERS_LIST, &body).await {
            Ok(answer) => ok(what, format!("members: {}", answer["users"].as_array().map_or(0, Vec::len))),
            Err(refusal) => refused(what, &refusal, "until Slack tells who is in it, none of them may act"),
        });
    }
    findings
}

/// The bots' tokens in the customers' workspaces.
async fn customers(config: &Config, db: &Db, findings: &mut Vec<Finding>) {
    let sealer = match Sealer::new(&config.security.encryption_key, &config.security.old_encryption_keys) {
        Ok(sealer) => sealer,
        Err(error) => return findings.push(self::error("security.encryption_key", format!("{error:#}"))),
    };
    let Ok(registered) = workspaces::all(db).await else {
        return findings.push(error("workspaces", "cannot be read from the database"));
    };
    for (bot, team) in registered {
        let what = format!("workspace {team} of bot {bot}");
        match workspaces::token(db, &bot, &team, &sealer).await {
            Ok(Some(token)) => customer(config, &what, &team, &token, findings).await,
            Ok(None) => findings.push(warning(what, "Slack has revoked the token: the bot is asked for another")),
            Err(_) => findings.push(error(
                what,
                "the token was sealed with a key that is gone: put it into security.old_encryption_keys, or let the bot register again",
            )),
        }
    }
}

async fn customer(config: &Config, what: &str, team: &str, token: &SecretString, findings: &mut Vec<Finding>) {
    match whoami(&config.slack.api_url, token, config.slack.timeout).await {
        Ok(bot) if bot.team_id != team => {
            let found =
                format!("the token belongs to {} ({}): let the bot register the right one", bot.team, bot.team_id);
            findings.push(error(what, found));
        }
        Ok(bot) => {
            findings.push(ok(what, format!("{} in {}", bot.user, bot.team)));
            findings.push(scopes(what, &bot, &manifest::bot_scopes()));
        }
        Err(refusal) => findings.push(refused(what, &refusal, "let the bot register a new token")),
    }
}

/// Whether a token may do what is needed.
fn scopes(what: &str, who: &Whoami, wanted: &Scopes) -> Finding {
    let what = format!("{what}, scopes");
    let Some(granted) = &who.scopes else {
        return warning(what, "Slack does not tell them: compare the app's with `megatron manifest`");
    };
    let missing = |wanted: &BTreeSet<&str>| {
        let missing: Vec<&str> = wanted.iter().copied().filter(|scope| !granted.contains(*scope)).collect();
        missing.join(", ")
    };
    match (missing(&wanted.required), missing(&wanted.optional)) {
        (required, _) if !required.is_empty() => {
            error(what, format!("missing {required}: add them to the app and install it again"))
        }
        (_, optional) if !optional.is_empty() => {
            warning(what, format!("works without, but could do more with {optional}"))
        }
        _ => ok(what, "all there"),
    }
}

/// Whether Slack's clock and this one agree.
fn clock(who: &Whoami, now: Timestamp) -> Option<Finding> {
    let what = "clock";
    let skew = now.as_second() - who.date?.as_second();
    Some(match skew.abs() {
        0..=SKEW => ok(what, "agrees with Slack's"),
        _ => error(what, format!("{skew} seconds off Slack's: set it, or requests of Slack are refused as too old")),
    })
}

/// Whether callbacks arrive. Any answer shows that they do.
async fn callbacks(host: &HostClient, bot: &Bot, id: &str, now: Timestamp) -> Finding {
    let what = format!("callbacks of bot {}", bot.id);
    let Ok(key) = Key::parse(&bot.callback_secret) else {
        return error(what, "callback_secret is not valid: `megatron keys` prints a fresh one");
    };
    let ping = callback::envelope("ping", now, json!({ "bot": bot.id }));
    match host.call(&bot.callback_url, &key, id, now, &ping, PATIENCE).await {
        Ok(_) => ok(what, "arrive"),
        Err(refusal @ (HostRefusal::Unreachable | HostRefusal::Timeout | HostRefusal::Cut)) => {
            error(what, format!("the bot {refusal}: check that it runs and that callback_url is right"))
        }
        Err(refusal) => warning(what, format!("the bot {refusal} to a ping: fine if it takes the other callbacks")),
    }
}

/// Endpoints that want no more events.
async fn endpoints(config: &Config, db: &Db, findings: &mut Vec<Finding>) {
    for endpoint in &config.webhooks {
        if let Ok(Endpoint { disabled_at: Some(at), .. }) = store::get(db, &endpoint.id).await {
            let (id, at) = (&endpoint.id, from_millis(at));
            let found = format!("disabled: it answered 410 at {at}: `megatron webhooks enable {id}` tells it again");
            findings.push(error(format!("webhook {id}"), found));
        }
    }
}

/// Whether events arrive. Any answer shows that they do.
async fn webhook(host: &HostClient, endpoint: &Webhook, id: &str, now: Timestamp) -> Finding {
    let what = format!("webhook {}", endpoint.id);
    let Ok(key) = Key::parse(&endpoint.secret) else {
        return error(what, "secret is not valid: `megatron keys` prints a fresh one");
    };
    let ping = callback::envelope("ping", now, json!({ "webhook": endpoint.id }));
    match host.call(&endpoint.url, &key, id, now, &ping, PATIENCE).await {
        Ok(_) => ok(what, "events arrive"),
        Err(refusal @ (HostRefusal::Unreachable | HostRefusal::Timeout | HostRefusal::Cut)) => {
            error(what, format!("the endpoint {refusal}: check that it runs and that url is right"))
        }
        Err(refusal) => warning(what, format!("the endpoint {refusal} to a ping: fine if it takes events")),
    }
}

/// Whether the tracker takes the token.
async fn tracker(config: &Config, now: Timestamp) -> Option<Finding> {
    let what = "tracker";
    match Tracker::new(&config.tracker) {
        Ok(None) => None,
        Err(error) => Some(self::error(what, format!("{error:#}"))),
        Ok(Some(Tracker::Webhook(_))) => Some(ok(what, "a service of your own")),
        Ok(Some(Tracker::Asana(asana))) => Some(match asana.account(now).await {
            Ok(_) if config.tracker.public_url.is_empty() => warning(
                what,
                "Asana takes the token; without tracker.public_url, what happens to tasks there is not noticed",
            ),
            Ok(name) => ok(what, format!("Asana takes the token of {name}")),
            Err(refusal) => error(what, format!("Asana {refusal}: check tracker.token and tracker.api_url")),
        }),
    }
}

/// A token that Slack does not take, or a Slack that cannot be asked.
fn refused(what: impl Into<String>, refusal: &Refusal, remedy: &str) -> Finding {
    match refusal.class {
        Class::Later { .. } | Class::Unsure => {
            error(what, format!("Slack cannot be asked ({}): check the network and slack.api_url", refusal.code))
        }
        _ => error(what, format!("Slack does not take it ({}): {remedy}", refusal.code)),
    }
}

fn ok(what: impl Into<String>, found: impl Into<String>) -> Finding {
    Finding { level: Level::Ok, what: what.into(), found: found.into() }
}

fn warning(what: impl Into<String>, found: impl Into<String>) -> Finding {
    Finding { level: Level::Warning, what: what.into(), found: found.into() }
}

fn error(what: impl Into<String>, found: impl Into<String>) -> Finding {
    Finding { level: Level::Error, what: what.into(), found: found.into() }
}

/// `warning  callbacks of bot expenses: ...`
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Error => "error",
        };
        write!(f, "{level:<7}  {}: {}", self.what, self.found)
    }
}
