//! `megatron migrate`: brings the database up to date and stops.

use crate::config::Config;
use crate::store::db::Db;

/// Applies the migrations that are missing.
///
/// # Errors
///
/// When the database cannot be reached or a migration fails.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let db = Db::connect(&config.database.url, config.database.max_connections).await?;
    db.migrate().await?;
    db.close().await;
    tracing::info!("the database is up to date");
    Ok(())
}
