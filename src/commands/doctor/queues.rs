//! The queues: does each have a channel that the app is in, and only people who may be told there?

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Config;
use crate::deliver::roster::Roster;
use crate::store::db::Db;
use crate::store::queues;
use crate::takeover::handoff::queue::Queue;

use super::{Finding, error, ok, warning};

/// One line for each queue.
pub(super) async fn examine(config: &Config, clock: &Clock, db: &Db, findings: &mut Vec<Finding>) {
    let Ok(queues) = queues::all(db).await else {
        return findings.push(error("queues", "cannot be read from the database"));
    };
    let Ok(roster) = Roster::new(&Arc::new(config.clone()), clock.clone()) else { return };
    for queue in &queues {
        findings.push(look(&roster, queue, &config.slack.command).await);
    }
}

async fn look(roster: &Roster, queue: &Queue, command: &str) -> Finding {
    let what = format!("queue {}", queue.label);
    let remedy = format!("`{command} queue here {}` in the right one", queue.label);
    let silent = |problem: &anyhow::Error| warning(what.clone(), problem.to_string());
    if queue.channel.is_empty() {
        return warning(what, format!("has no channel, unless `megatron serve` is making one: {remedy}"));
    }
    match roster.unfit(&queue.channel).await {
        Ok(None) => {}
        Ok(Some(why)) => return error(what, format!("its channel {} {why}, or {remedy}", queue.channel)),
        Err(problem) => return silent(&problem),
    }
    let people: Vec<String> = queue.members.iter().chain(&queue.priority_group).cloned().collect();
    match roster.outsiders(&people).await {
        Ok(outsiders) if outsiders.is_empty() => ok(what, format!("in {}", queue.channel)),
        Ok(outsiders) => {
            let found = format!("names guests, or people from elsewhere, who are not told: {}", outsiders.join(", "));
            warning(what, found)
        }
        Err(problem) => silent(&problem),
    }
}
