//! What is to be known of a fault: how it looks on both sides, which events came when, and what the service did and said.

use megatron::demo::cast::{ACME, HUB};
use megatron::render::ts::Ts;
use megatron::simulator::{Seen, Simulator};

use crate::database::Database;
use crate::fleet::Fleet;
use crate::people::Customer;
use crate::verdict::Verdict;

/// Lines of the logs that are shown at most: the last.
const LINES: usize = 300;
/// Characters of a line that are shown at most.
const WIDTH: usize = 240;

/// All of it, for the conversations with a fault.
pub(crate) async fn of(
    verdict: &Verdict,
    slack: &Simulator,
    crowd: &[Customer],
    fleet: &Fleet,
    database: &Database,
) -> String {
    let mut pages = Vec::new();
    for Customer { dm, room, .. } in crowd {
        let is_about = |fault: &String| [dm, room].iter().any(|place| fault.starts_with(&format!("{place}:")));
        if !verdict.faults.iter().any(is_about) {
            continue;
        }
        let id = slack.channel(HUB, room).map(|room| room.id).unwrap_or_default();
        pages.push(page(&format!("room {room}"), slack.history(HUB, room).iter().map(post)));
        pages.push(page(&format!("DM {dm}"), slack.history(ACME, dm).iter().map(post)));
        pages.push(page("events of the room", fleet.events(&id).into_iter()));
        pages.push(page("journal", database.journal(dm).await.into_iter()));
    }
    let logs = fleet.logs();
    let last = logs.len().saturating_sub(LINES);
    pages.push(page("logs", logs[last..].iter().map(|line| line.chars().take(WIDTH).collect())));
    pages.join("\n")
}

fn page(title: &str, lines: impl Iterator<Item = String>) -> String {
    lines.fold(format!("── {title}"), |page, line| format!("{page}\n  {line}"))
}

fn post(seen: &Seen) -> String {
    let time = Ts::parse(&seen.ts).map(|ts| ts.as_timestamp().strftime("%H:%M:%S%.3f").to_string());
    format!("{} {} {seen}", time.unwrap_or_default(), seen.ts)
}
