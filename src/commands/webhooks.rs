//! `megatron webhooks`: the endpoints that are told what happens, for an operator. Called by `main`; the service may run
//! meanwhile, and sends what is to be sent again.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Subcommand;
use jiff::Timestamp;
use serde_json::json;

use super::outbox;
use crate::clock::from_millis;
use crate::config::{Config, Webhook};
use crate::deliver::host::HostClient;
use crate::deliver::sign::Key;
use crate::deliver::tls::install_tls;
use crate::desk::Desk;
use crate::relay::Relay;
use crate::store::endpoints;
use crate::takeover::callback;

/// How long an endpoint may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the operator wants with the endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum WebhooksCommand {
    /// One line for each endpoint
    List,
    /// Send an endpoint a signed ping now, and say what it answers
    Ping {
        /// Its id
        id: String,
    },
    /// Send an endpoint again what was published
    Replay {
        /// Its id
        id: String,
        /// From this time on, such as 2026-11-20T10:00:00Z
        #[arg(long)]
        since: Timestamp,
        /// Up to this time; else up to now
        #[arg(long)]
        until: Option<Timestamp>,
    },
    /// Tell an endpoint again that answered 410, beginning with what it has missed
    Enable {
        /// Its id
        id: String,
    },
}

/// Carries the command out and prints what came of it.
///
/// # Errors
///
/// When there is no such endpoint or the database fails.
#[allow(clippy::print_stdout)] // The command exists to print.
pub async fn run(config: Config, command: WebhooksCommand) -> anyhow::Result<()> {
    install_tls();
    let relay = Arc::new(outbox::relay(config).await?);
    let answer = answer(&relay, &command).await;
    relay.db.close().await;
    println!("{}", answer?.trim_end());
    Ok(())
}

/// What the operator reads.
///
/// # Errors
///
/// When there is no such endpoint or the database fails.
pub async fn answer(relay: &Arc<Relay>, command: &WebhooksCommand) -> anyhow::Result<String> {
    let find =
        |id: &str| relay.config.webhook(id).with_context(|| format!("there is no [[webhooks]] with the id {id}"));
    let desk = Desk::new(Arc::clone(relay));
    Ok(match command {
        WebhooksCommand::List => list(relay).await?,
        WebhooksCommand::Ping { id } => ping(relay, find(id)?).await?,
        WebhooksCommand::Replay { id, since, until } => {
            desk.replay(&find(id)?.id, None, *since, *until).await?;
            "The service sends it again, behind what waits for the endpoint.".to_owned()
        }
        WebhooksCommand::Enable { id } if desk.enable(&find(id)?.id).await? => {
            "It is told again, beginning with what it has missed.".to_owned()
        }
        WebhooksCommand::Enable { .. } => "It is told anyway.".to_owned(),
    })
}

async fn list(relay: &Relay) -> anyhow::Result<String> {
    let mut text = String::new();
    for endpoint in &relay.config.webhooks {
        let known = endpoints::get(&relay.db, &endpoint.id).await?;
        let state = match known.disabled_at {
            Some(at) => format!("disabled since {} (410)", from_millis(at)),
            None => "enabled".to_owned(),
        };
        writeln!(text, "{}  {state}  {}", endpoint.id, endpoint.events.join(" "))?;
    }
    Ok(if text.is_empty() { "There is no [[webhooks]] section.".to_owned() } else { text })
}

async fn ping(relay: &Relay, endpoint: &Webhook) -> anyhow::Result<String> {
    let now = relay.clock.now();
    let key = Key::parse(&endpoint.secret)?;
    let body = callback::envelope("ping", now, json!({ "webhook": endpoint.id }));
    let answer = HostClient::new()?.call(&endpoint.url, &key, &relay.ids.next(now), now, &body, PATIENCE).await;
    Ok(match answer {
        Ok(_) => format!("{} took it.", endpoint.id),
        Err(refusal) => format!("{} {refusal}.", endpoint.id),
    })
}
