//! `megatron restored`: says that the database was put back from a backup, before the service starts on it.

use crate::clock::{Clock, CommonClock};
use crate::config::Config;
use crate::store::db::Db;
use crate::store::restores;

/// Notes it.
///
/// # Errors
///
/// When the database cannot be reached or a migration fails.
pub async fn run(config: Config) -> anyhow::Result<()> {
    note(&config, &Clock::Common(CommonClock::on(Clock::System))).await?;
    tracing::info!("noted: what is older is looked for in Slack before it is sent again");
    Ok(())
}

/// The same, by this clock.
///
/// # Errors
///
/// When the database cannot be reached or a migration fails.
pub async fn note(config: &Config, clock: &Clock) -> anyhow::Result<()> {
    let db = Db::connect(&config.database.url, config.database.max_connections).await?;
    db.migrate().await?;
    if let Clock::Common(clock) = clock {
        db.set(clock).await?;
    }
    let mut tx = db.begin().await?;
    restores::note(&mut tx, config.bots.iter().map(|bot| bot.id.as_str()), clock.now()).await?;
    tx.commit().await?;
    db.close().await;
    Ok(())
}
