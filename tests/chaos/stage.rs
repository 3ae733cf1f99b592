//! One run, from the first hello to the verdict.

use std::path::Path;
use std::time::{Duration, Instant};

use megatron::clock::Clock;
use megatron::demo::cast::{
    self, ACME, API_KEY, BOT_APP, BOT_TOKEN, CALLBACK_SECRET, HUB_APP, HUB_TOKEN, SIGNING_SECRET,
};
use megatron::simulator::Simulator;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::sleep;
use url::Url;

use crate::chance::Chance;
use crate::database::Database;
use crate::evidence;
use crate::fleet::Fleet;
use crate::host::Host;
use crate::people;
use crate::story::{Side, Story};
use crate::trouble;
use crate::verdict::Verdict;

/// How long it may take after the last trouble until everything has arrived: a callback is tried again after five minutes.
const DRAIN: Duration = Duration::from_mins(8);
/// So often Slack's pauses before a retry are cut short: nobody needs to wait for them.
const HURRY: Duration = Duration::from_secs(10);
/// Nothing more may happen in this time.
const QUIET: Duration = Duration::from_secs(3);

/// How large a run is.
pub(crate) struct Plan {
    pub(crate) instances: usize,
    pub(crate) customers: usize,
    /// Milliseconds between two lines, about.
    pub(crate) pause: u64,
}

/// Plays it, prints the table, and fails on any fault.
pub(crate) async fn play(plan: Plan, database: Database, folder: TempDir) {
    let kills = number("MEGATRON_TEST_KILLS").map_or(10, |kills| usize::try_from(kills).unwrap());
    let seed = number("MEGATRON_TEST_SEED").unwrap_or_else(|| getrandom::u64().unwrap() >> 32);
    let mut chance = Chance(seed);
    let (name, instances) = (database.name(), plan.instances);
    let title = format!("{name}, {instances} instances, MEGATRON_TEST_KILLS={kills} MEGATRON_TEST_SEED={seed}");
    println!("{title}");

    let slack = Simulator::start(Clock::System).await.unwrap();
    cast::enter(&slack).unwrap();
    slack.run_live();
    let crowd = people::crowd(&slack, plan.customers);
    let story = Story::begin();
    let (fleet, address) = Fleet::new(folder.path(), plan.instances).await;
    cast::listen(&slack, &address);
    let (host, callbacks) = Host::start(&slack, &address, &story).await;
    configure(folder.path(), &database, &slack, &callbacks);
    for slot in 0..plan.instances {
        fleet.start(slot).await;
    }
    let workspace = json!({ "name": "Acme", "domain": "acme", "bot_token": BOT_TOKEN });
    host.request(Method::PUT, &format!("v1/workspaces/{ACME}"), &workspace).await;
    people::open_rooms(&slack, &crowd).await;

    let begun = Instant::now();
    trouble::storm(&slack, &mut chance);
    let talking = tokio::spawn(people::talk(slack.clone(), crowd.clone(), story.clone(), chance.fork(), plan.pause));
    let happened = trouble::befall(kills, &fleet, &database, &slack, &host, chance.fork()).await;
    story.end();
    let (turns, edits) = talking.await.unwrap();
    trouble::calm(&slack);
    let stormed = begun.elapsed();
    let (verdict, left) = settle(&slack, &crowd, &story, &fleet, &host, &database).await;
    let took = begun.elapsed();

    let wrong = slack.calls().iter().filter(|call| call.fault.is_some()).count();
    let (repeated, retried) = host.repetitions();
    let at_once = slack.posts_at_once();
    let mut rows: Vec<(&str, usize)> = happened.iter().map(|(what, count)| (what.as_str(), *count)).collect();
    rows.extend([
        ("calls that went wrong", wrong),
        ("of calls", slack.calls().len()),
        ("requests of Slack refused", slack.missed_acks().len()),
        ("requests of the bot repeated", retried),
        ("callbacks repeated", repeated),
        ("said by customers", story.count(Side::Customer)),
        ("said by the bot", story.count(Side::Bot)),
        ("said by agents", story.count(Side::Agent)),
        ("notes", story.count(Side::Note)),
        ("edits", edits),
        ("changes of control", turns),
    ]);
    rows.extend(verdict.rows());
    rows.push(("posts to a channel at once", at_once));
    let table: Vec<String> = rows.iter().map(|(what, count)| format!("  {what:<28} {count:>6}")).collect();
    let table = table.join("\n");
    let rate = f64::from(u32::try_from(verdict.arrived).unwrap()) / took.as_secs_f64();
    let (stormed, calmed) = (stormed.as_secs(), took.saturating_sub(stormed).as_secs());
    println!("{title}\n{table}\n  storm {stormed} s, quiet after {calmed} s more; {rate:.1} messages a second");

    let panics = fleet.panics();
    if !verdict.is_good() || !panics.is_empty() {
        println!("{}", evidence::of(&verdict, &slack, &crowd, &fleet, &database).await);
        println!("logs and configuration: {}", folder.keep().display());
    }
    assert!(verdict.is_good(), "{:#?}\nstill waiting: {left:#?}", verdict.faults);
    assert!(panics.is_empty(), "{panics:#?}");
    assert_eq!(at_once, 1, "a lane is served by one");
    if plan.instances > 1 {
        assert!(database.servers().await > 1, "more than one has served");
    }
}

/// Waits until all is well and stays so, or for long enough. The verdict, and what still waits.
async fn settle(
    slack: &Simulator,
    crowd: &[people::Customer],
    story: &Story,
    fleet: &Fleet,
    host: &Host,
    database: &Database,
) -> (Verdict, Vec<String>) {
    let (begun, mut hurried) = (Instant::now(), Instant::now());
    let waits = async || host.waiting() + slack.events_waiting(HUB_APP) > 0 || database.backlog().await != Ok(0);
    loop {
        assert!(fleet.is_well(), "a process has ended by itself: {:?}", fleet.panics());
        let verdict = Verdict::pass(slack, crowd, story, fleet, host).await;
        // Figures are true only when nothing is on its way any more.
        if (verdict.is_good() || verdict.is_hopeless()) && !waits().await {
            sleep(QUIET).await;
            let again = Verdict::pass(slack, crowd, story, fleet, host).await;
            if again == verdict && !waits().await {
                return (again, Vec::new());
            }
        }
        if begun.elapsed() > DRAIN {
            return (verdict, database.waiting().await);
        }
        if hurried.elapsed() > HURRY {
            for app in [HUB_APP, BOT_APP] {
                slack.hurry_retries(app);
            }
            hurried = Instant::now();
        }
        sleep(Duration::from_millis(500)).await;
    }
}

fn configure(folder: &Path, database: &Database, slack: &Simulator, callbacks: &Url) {
    let config = format!(
        r#"
        listen = "127.0.0.1:0"
        database.url = "{}"
        security.encryption_key = "bWVnYXRyb24gZGVtbyBlbmNyeXB0aW9uIGtleSAhISE="
        slack = {{ api_url = "{}", bot_token = "{HUB_TOKEN}", signing_secret = "{SIGNING_SECRET}", timeout = "4s" }}
        rooms.delivered = ""
        log.filter = "warn,megatron::app=info"
        [[bots]]
        id = "expenses"
        name = "Expense Bot"
        api_key = "{API_KEY}"
        callback_url = "{callbacks}"
        callback_secret = "{CALLBACK_SECRET}"
        "#,
        database.url(),
        slack.api_url(),
    );
    std::fs::write(folder.join("megatron.toml"), config).unwrap();
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|number| number.parse().expect("a number"))
}
