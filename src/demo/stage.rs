//! The stage: the simulated Slack, the bot and the service itself, each over HTTP, and what Phil and Jane do on it. Used by the
//! story and by visitors.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::bot::Bot;
use super::cast::{self, ACME, BOT, HUB, JANE, PHIL, PHILIPPA, PHILIPPAS_DM, PHILS_DM, SUPPORT};
use super::visit;
use crate::app::App;
use crate::clock::Clock;
use crate::ids::Ids;
use crate::simulator::{ChannelView, Seen, Simulator};
use crate::store::customers;

/// The customers.
pub(super) const CUSTOMERS: [Customer; 2] = [
    Customer { name: "Phil", user: PHIL, dm: PHILS_DM, room: "cs-phil" },
    Customer { name: "Philippa", user: PHILIPPA, dm: PHILIPPAS_DM, room: "cs-philippa" },
];
const PHIL_HIMSELF: &Customer = &CUSTOMERS[0];
/// The slash command.
pub(super) const COMMAND: &str = "/megatron";
/// How long the service may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// How often something that is waited for is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Somebody who talks with the bot.
pub(super) struct Customer {
    /// The name that people see.
    pub(super) name: &'static str,
    /// The id.
    pub(super) user: &'static str,
    /// The DM with the bot.
    pub(super) dm: &'static str,
    /// The name of the room.
    pub(super) room: &'static str,
}

/// Everything that runs.
#[derive(Debug)]
pub(super) struct Stage {
    /// Phil and Jane.
    pub(super) people: People,
    /// The bot.
    pub(super) bot: Bot,
    /// Where the service is reached.
    pub(super) service: Url,
    app: App,
    running: JoinHandle<anyhow::Result<()>>,
    stop: CancellationToken,
    _database: TempDir,
}

impl Stage {
    /// Starts everything, on a database that goes when the stage goes.
    pub(super) async fn set(listener: TcpListener) -> anyhow::Result<Self> {
        let slack = Simulator::start(Clock::System).await?;
        cast::enter(&slack)?;
        let service = reached(&listener)?;
        let stop = CancellationToken::new();
        let (bot, bots_address) = Bot::start(slack.api_url(), service.clone(), stop.clone()).await?;
        let files = TempDir::new().context("no temporary directory for the database")?;
        let database = format!("sqlite://{}", files.path().join("megatron.db").display());
        let config = cast::config(&slack, &database, &bots_address.join("callbacks")?, "")?;
        let app = App::new(config, Clock::System, Ids::Random).await?;

        cast::listen(&slack, &service);
        cast::bot_listens(&slack, &bots_address.join("slack/events")?);
        slack.run_live();
        let people = People { slack };
        let app = app.beside(visit::router(people.clone()));
        let (server, shutdown) = (app.clone(), stop.clone());
        let running = tokio::spawn(async move { server.run(listener, shutdown).await });
        let stage = Self { people, bot, service, app, running, stop, _database: files };
        stage.is_ready().await?;
        stage.bot.register().await?;
        Ok(stage)
    }

    /// Stops the service as SIGTERM does, and removes the database.
    pub(super) async fn strike(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.running.await?
    }

    /// Waits until the service knows Phil by his name: it asks Slack, soon after it has heard of him.
    pub(super) async fn knows_phil(&self) -> anyhow::Result<()> {
        let db = &self.app.relay().db;
        let known = async {
            while customers::get(db, BOT, ACME, PHIL).await?.is_none_or(|phil| phil.profile.name.is_empty()) {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(READY_WITHIN, known).await.context("the service did not learn who Phil is")?
    }

    async fn is_ready(&self) -> anyhow::Result<()> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let url = self.service.join("readyz")?;
        let ready = async {
            while !http.get(url.clone()).send().await.is_ok_and(|answer| answer.status().is_success()) {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::time::timeout(READY_WITHIN, ready).await.context("the service did not become ready")
    }
}

/// Phil, Jane, and what they see: the simulated Slack with their hands and eyes.
#[derive(Clone)]
pub(super) struct People {
    /// Where they are.
    pub(super) slack: Simulator,
}

impl std::fmt::Debug for People {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("People")
    }
}

impl People {
    /// Phil writes to the bot. Answers the `ts`.
    pub(super) fn phil_writes(&self, text: &str) -> anyhow::Result<String> {
        self.slack.say(ACME, PHIL, PHILS_DM, text)
    }

    /// Jane writes where she is: in Phil's room while there is one, else in the support channel. What begins with the slash command
    /// is one; what she reads at once is answered.
    pub(super) async fn jane_writes(&self, text: &str) -> anyhow::Result<Option<String>> {
        let room = self.room();
        let here = room.as_ref().map_or(SUPPORT, |room| &room.id);
        let Some(rest) = text.strip_prefix(COMMAND) else {
            self.slack.say(HUB, JANE, here, text)?;
            return Ok(None);
        };
        let answer = self.slack.command(HUB, JANE, here, COMMAND, rest.trim()).await?;
        ensure!(answer.status == 200, "the service answered a command with status {}", answer.status);
        Ok(answer.body["text"].as_str().map(str::to_owned))
    }

    /// Jane writes a note into the thread of a message in Phil's room.
    pub(super) fn jane_notes(&self, room: &str, thread: &str, text: &str) -> anyhow::Result<()> {
        self.slack.reply(HUB, JANE, room, thread, text, false).map(drop)
    }

    /// Phil's room, while it is open.
    pub(super) fn room(&self) -> Option<ChannelView> {
        self.room_of(PHIL_HIMSELF)
    }

    /// A customer's room, while it is open.
    pub(super) fn room_of(&self, customer: &Customer) -> Option<ChannelView> {
        self.slack.channel(HUB, customer.room).filter(|room| !room.archived)
    }

    /// What Phil sees in his DM with the bot.
    pub(super) fn phil_sees(&self) -> Vec<Seen> {
        self.customer_sees(PHIL_HIMSELF)
    }

    /// What a customer sees in the DM with the bot.
    pub(super) fn customer_sees(&self, customer: &Customer) -> Vec<Seen> {
        self.slack.history(ACME, customer.dm).into_iter().filter(is_content).collect()
    }

    /// What Jane sees in a channel; where she is told something that nobody else sees, also that.
    pub(super) fn jane_sees(&self, channel: &str) -> Vec<Seen> {
        let mut seen = self.slack.history(HUB, channel);
        seen.extend(self.slack.ephemerals(HUB, JANE, channel));
        seen.retain(is_content);
        seen.sort_by(|one, other| one.ts.cmp(&other.ts));
        seen
    }

    /// Whether Phil sees a message with these words by this author.
    pub(super) fn phil_reads(&self, author: &str, words: &str) -> bool {
        self.phil_sees().iter().any(|seen| seen.author == author && seen.text.contains(words))
    }

    /// Whether Jane sees a message with these words by this author in a channel.
    pub(super) fn jane_reads(&self, channel: &str, author: &str, words: &str) -> bool {
        self.jane_sees(channel).iter().any(|seen| seen.author == author && seen.text.contains(words))
    }
}

/// Waits for something that the stage is about to do.
pub(super) async fn until(limit: Duration, happened: impl Fn() -> bool) -> Result<(), tokio::time::error::Elapsed> {
    tokio::time::timeout(limit, async {
        while !happened() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    })
    .await
}

/// Where a listener is reached from this machine.
fn reached(listener: &TcpListener) -> anyhow::Result<Url> {
    let mut address = listener.local_addr()?;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    Ok(format!("http://{address}/").parse()?)
}

/// Not one of Slack's own lines (joined, archived).
fn is_content(message: &Seen) -> bool {
    !message.deleted && !message.subtype.starts_with("channel_")
}
