//! What goes wrong: processes are killed, the database, the disk, Slack and the bot have bad days.

use std::collections::BTreeMap;
use std::time::Duration;

use megatron::simulator::{Fault, Simulator};
use tokio::time::sleep;

use crate::chance::Chance;
use crate::database::Database;
use crate::fleet::Fleet;
use crate::host::Host;

/// How long a call hangs at most.
const HANG: Duration = Duration::from_secs(10);

/// Slack on a very bad day: one call in seven goes wrong.
pub(crate) fn storm(slack: &Simulator, chance: &mut Chance) {
    let faults = [
        (0.03, Fault::RateLimited { retry_after_secs: 2 }),
        (0.02, Fault::Error("ratelimited".into())),
        (0.02, Fault::Http500Before),
        (0.02, Fault::Http500After),
        (0.02, Fault::ResetBefore),
        (0.02, Fault::ResetAfter),
        (0.005, Fault::HangBefore),
        (0.005, Fault::HangAfter),
    ];
    for (probability, fault) in faults {
        slack.fail_randomly("*", probability, chance.below(usize::MAX) as u64, fault);
    }
    let slack = slack.clone();
    tokio::spawn(async move {
        loop {
            sleep(HANG).await;
            slack.release_hangs();
        }
    });
}

/// Kills so many processes, one after the other, with other troubles between. What happened, and how often.
pub(crate) async fn befall(
    kills: usize,
    fleet: &Fleet,
    database: &Database,
    slack: &Simulator,
    host: &Host,
    mut chance: Chance,
) -> BTreeMap<String, usize> {
    let mut happened = BTreeMap::new();
    let mut note = |what: &str| *happened.entry(what.to_owned()).or_default() += 1;
    for kill in 0..kills {
        sleep(chance.millis(200, 3000)).await;
        let slot = kill % fleet.size();
        fleet.kill(slot);
        note("kills");
        match kill % 5 {
            1 => note(database.suffer(&mut chance).await),
            2 => {
                host.is_away(true);
                fleet.start(slot).await;
                sleep(chance.millis(500, 2500)).await;
                host.is_away(false);
                note("bot away");
            }
            3 => {
                slack.offline(true);
                fleet.start(slot).await;
                sleep(chance.millis(300, 2500)).await;
                slack.offline(false);
                note("Slack away");
            }
            _ => sleep(chance.millis(1, 400)).await,
        }
        if !matches!(kill % 5, 2 | 3) {
            fleet.start(slot).await;
        }
        // Also while everybody serves.
        if kill % 5 == 4 {
            note(database.suffer(&mut chance).await);
        }
    }
    happened
}

/// All is well again.
pub(crate) fn calm(slack: &Simulator) {
    slack.clear_faults();
    slack.release_hangs();
}
