//! Puts the service together from its configuration, and runs it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::clock::{Clock, CommonClock};
use crate::config::{Config, TrackerKind};
use crate::deliver::courier::{self, Courier};
use crate::deliver::hub::HubCell;
use crate::deliver::roster::Roster;
use crate::deliver::slack::SlackClient;
use crate::deliver::tls::install_tls;
use crate::deliver::tools::Tools;
use crate::deliver::worker::Worker;
use crate::desk::contacts::Contacts;
use crate::desk::{self, Desk};
use crate::digests::Digests;
use crate::ids::Ids;
use crate::intake::auth::BotKeys;
use crate::intake::reference::Reference;
use crate::intake::router::router;
use crate::intake::server::{self, Limits};
use crate::intake::socket::{self, SocketMode, Standing};
use crate::intake::state::Intake;
use crate::janitor::Janitor;
use crate::metrics::Metrics;
use crate::relay::Relay;
use crate::store::db::Db;
use crate::store::seal::Sealer;
use crate::store::wake::{Bell, Listener};
use crate::store::watch::WatchTable;
use crate::store::{lanes, outbox, restores};
use crate::takeover::effect::Effect;

/// How long the hub app's token may be refused before it is tried again.
const HUB_PAUSE: Duration = Duration::from_secs(5);
/// How long the start waits for Slack to say who the hub app is.
const HUB_PATIENCE: Duration = Duration::from_secs(2);
/// How long new contacts are collected before they are written down.
const CONTACTS_PAUSE: Duration = Duration::from_millis(20);
/// How often it is looked whether somebody was turned away without knowing.
const DOUBT_PAUSE: Duration = Duration::from_secs(1);
/// How often the clock is set by the database's.
const CLOCK_PAUSE: Duration = Duration::from_secs(30);
/// How far off the machine's clock may be before the log says so.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(5);
/// How often measured durations are sorted into their buckets.
const METRICS_PAUSE: Duration = Duration::from_secs(10);

/// The service, put together.
#[derive(Debug, Clone)]
pub struct App {
    intake: Intake,
    worker: Worker,
    janitor: Janitor,
    digests: Digests,
    id: String,
}

impl App {
    /// Connects to the database, brings its schema up to date, and loads who is watched.
    ///
    /// # Errors
    ///
    /// When the database cannot be used or a key is not valid.
    pub async fn new(config: Config, clock: Clock, ids: Ids) -> anyhow::Result<Self> {
        install_tls();
        let db = Db::connect(&config.database.url, config.database.max_connections).await?;
        db.migrate().await?;
        if let Clock::Common(clock) = &clock {
            set(&db, clock).await.context("cannot ask the database what time it is")?;
        }
        desk::queues::take_from(&config, &db, &ids, clock.now()).await.context("cannot set up the queues")?;
        let watches = WatchTable::of(&db);
        watches.load(&db).await.context("cannot read who is watched")?;
        let restored_at = restores::last(&db).await.context("cannot read whether it was put back")?;
        let sealer = Arc::new(Sealer::new(&config.security.encryption_key, &config.security.old_encryption_keys)?);
        let keys = BotKeys::new(&config.bots);
        let owner = ids.next(clock.now());
        let metrics = Metrics::new(config.bots.iter().map(|bot| bot.id.as_str()))?;
        let config = Arc::new(config);
        let relay =
            Arc::new(Relay { config, db, clock, ids, watches, bell: Bell::default(), metrics, sealer, restored_at });
        // What does not fit any more is said at the start.
        let _ = relay.in_force();
        take_over(&relay).await.context("cannot take over the lanes")?;
        let hub = HubCell::default();
        let roster = Roster::new(&relay.config, relay.clock.clone())?;
        let tools = Arc::new(Tools::new(Arc::clone(&relay), hub.clone(), roster.clone())?);
        let courier = Arc::new(Courier::new(Arc::clone(&tools)));
        let worker = Worker::new(Arc::clone(&relay), courier, owner.clone());
        let desk = Desk::new(Arc::clone(&relay));
        let contacts = Arc::<Contacts>::default();
        let janitor = Janitor::new(Arc::clone(&relay), Arc::clone(&contacts));
        let digests = Digests::new(Arc::clone(&relay));
        let reference = Reference::new()?;
        let intake =
            Intake { relay, desk, contacts, hub, roster, standing: Standing::default(), keys, tools, reference };
        Ok(Self { intake, worker, janitor, digests, id: owner })
    }

    /// All that answers HTTP.
    pub fn router(&self) -> Router {
        router(self.intake.clone(), Limits::default())
    }

    /// Serves until the shutdown; then what is being answered or sent is finished.
    ///
    /// # Errors
    ///
    /// When the server cannot go on.
    pub async fn run(&self, listener: TcpListener, shutdown: CancellationToken) -> anyhow::Result<()> {
        let address = listener.local_addr().context("the listener has no address")?;
        let serve = async {
            info!("listening on http://{address}");
            server::serve(listener, self.router(), Limits::default(), shutdown.clone()).await;
        };
        self.work_beside(serve, &shutdown).await
    }

    /// Does everything but answer HTTP, which `serve` does until the shutdown. When it ends, the rest does too.
    ///
    /// # Errors
    ///
    /// When Socket Mode cannot be set up.
    pub async fn work_beside(
        &self,
        serve: impl Future<Output = ()>,
        shutdown: &CancellationToken,
    ) -> anyhow::Result<()> {
        let relay = &self.intake.relay;
        let socket_mode = self.socket_mode(socket::Limits::default())?;
        let listen = async {
            if let Some(socket_mode) = &socket_mode {
                socket_mode.run(shutdown).await;
            }
        };
        // Commands work from the first request on, unless Slack is slow or down.
        if let Ok(Err(error)) = tokio::time::timeout(HUB_PATIENCE, self.ask_hub()).await {
            warn!(error = %error, "Slack is asked again soon");
        }
        let serve = async {
            serve.await;
            shutdown.cancel();
        };
        tokio::join!(
            serve,
            Box::pin(listen),
            // The largest of them by far.
            Box::pin(self.worker.run(shutdown)),
            Box::pin(self.listener().listen(shutdown)),
            Box::pin(self.look_again(shutdown)),
            Box::pin(self.set_clock(shutdown)),
            self.learn_hub(shutdown),
            self.write_contacts(shutdown),
            self.tidy_metrics(shutdown),
            Box::pin(shutdown.run_until_cancelled(self.tell_of_guests())),
            Box::pin(self.janitor.run(shutdown)),
            Box::pin(self.digests.run(shutdown)),
        );
        if let Err(error) = self.intake.contacts.write(&self.intake.desk).await {
            warn!(error = %error, "new contacts could not be written down");
        }
        relay.db.close().await;
        info!("stopped");
        Ok(())
    }

    fn listener(&self) -> Listener<'_> {
        let Relay { db, watches, bell, clock, .. } = &*self.intake.relay;
        Listener { id: &self.id, db, watches, bell, clock }
    }

    /// Takes what Slack sends by Socket Mode, if there is a token for it.
    ///
    /// # Errors
    ///
    /// When `slack.api_url` is neither `http` nor `https`.
    pub fn socket_mode(&self, limits: socket::Limits) -> anyhow::Result<Option<SocketMode>> {
        SocketMode::new(&self.intake, limits)
    }

    /// Does everything that can be done now, without a server; true when there was anything. For tests, which turn the
    /// clock by hand.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn step(&self) -> anyhow::Result<bool> {
        if self.intake.hub.get().is_none() {
            self.ask_hub().await?;
        } else if !self.intake.hub.is_well() {
            let _ = self.ask_hub().await;
        }
        self.intake.contacts.write(&self.intake.desk).await?;
        self.intake.relay.look_again().await;
        self.janitor.step().await?;
        self.digests.step().await?;
        Box::pin(self.worker.step()).await
    }

    /// When there is something to do next.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn next_due(&self) -> anyhow::Result<Option<Timestamp>> {
        Ok(self.worker.next_due().await?.into_iter().chain(self.digests.next_due().await?).min())
    }

    /// The relay, for those who look behind the scenes.
    #[must_use]
    pub fn relay(&self) -> &Relay {
        &self.intake.relay
    }

    /// Asks Slack who the hub app is.
    async fn ask_hub(&self) -> anyhow::Result<()> {
        let slack = &self.intake.relay.config.slack;
        let client = SlackClient::new(&slack.api_url, slack.timeout)?;
        let hub = self.intake.hub.learn(&client, &slack.bot_token).await;
        let hub =
            hub.map_err(|refusal| anyhow::anyhow!("Slack does not take the hub app's token: {}", refusal.explain()))?;
        info!(team.id = hub.team_id, "the hub app is installed in {}", hub.team_name);
        Ok(())
    }

    async fn learn_hub(&self, shutdown: &CancellationToken) {
        let hub = &self.intake.hub;
        loop {
            while !hub.is_well()
                && let Some(Err(error)) = shutdown.run_until_cancelled(self.ask_hub()).await
            {
                error!(error = %error, "no command or room works until Slack takes the hub app's token");
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    () = tokio::time::sleep(HUB_PAUSE) => {}
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = hub.doubted() => {}
            }
        }
    }

    async fn look_again(&self, shutdown: &CancellationToken) {
        while shutdown.run_until_cancelled(tokio::time::sleep(DOUBT_PAUSE)).await.is_some() {
            self.intake.relay.look_again().await;
        }
    }

    async fn set_clock(&self, shutdown: &CancellationToken) {
        let Clock::Common(clock) = &self.intake.relay.clock else { return };
        while shutdown.run_until_cancelled(tokio::time::sleep(CLOCK_PAUSE)).await.is_some() {
            if let Err(error) = set(&self.intake.relay.db, clock).await {
                warn!(error = %error, "the database does not say what time it is; the clock goes on as it was set");
            }
        }
    }

    /// Warns of guests in the queues of the configuration: whom Slack shows only some channels cannot be told there.
    async fn tell_of_guests(&self) {
        for entry in &self.intake.relay.config.queues {
            for (key, people) in [("members", &entry.members), ("priority_group", &entry.priority_group)] {
                match self.intake.roster.outsiders(people).await {
                    Ok(outsiders) if outsiders.is_empty() => {}
                    Ok(outsiders) => warn!(
                        queue = entry.label,
                        "{key} names guests, or people from elsewhere: {}",
                        outsiders.join(", ")
                    ),
                    Err(error) => warn!(queue = entry.label, error = %error, "nobody knows who of {key} is a guest"),
                }
            }
        }
    }

    async fn tidy_metrics(&self, shutdown: &CancellationToken) {
        while shutdown.run_until_cancelled(tokio::time::sleep(METRICS_PAUSE)).await.is_some() {
            self.intake.relay.metrics.tidy();
        }
    }

    async fn write_contacts(&self, shutdown: &CancellationToken) {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.intake.contacts.noted() => {}
            }
            tokio::time::sleep(CONTACTS_PAUSE).await;
            if let Err(error) = self.intake.contacts.write(&self.intake.desk).await {
                warn!(error = %error, "new contacts could not be written down; trying again");
            }
        }
    }
}

/// Goes on where an earlier process stopped.
async fn take_over(relay: &Relay) -> anyhow::Result<()> {
    lanes::inherit(&relay.db).await?;
    let mut tx = relay.db.begin().await?;
    lanes::unpark(&mut tx, courier::HUB, relay.clock.now()).await?;
    let tracker = &relay.config.tracker;
    if tracker.kind == TrackerKind::Asana
        && !tracker.public_url.is_empty()
        && !outbox::is_waiting(&mut tx, &Effect::Subscribe.lane(None)).await?
    {
        outbox::append(&mut tx, &[Effect::Subscribe], None, None, &relay.ids, relay.clock.now()).await?;
    }
    tx.commit().await?;
    relay.resume().await
}

/// Sets the clock by the database's, and says so when it was far off.
async fn set(db: &Db, clock: &CommonClock) -> sqlx::Result<()> {
    let before = clock.ahead();
    db.set(clock).await?;
    let ahead = clock.ahead();
    if ahead.abs() > CLOCK_TOLERANCE && (ahead - before).abs() > CLOCK_TOLERANCE {
        let (seconds, how) = (ahead.as_secs().abs(), if ahead.is_negative() { "fast" } else { "slow" });
        warn!("this machine's clock is {seconds} seconds {how}; the service goes by the database's");
    }
    Ok(())
}
