//! What the tracker tells us of: the address that it was given, and the secret that signs what it sends there.

use jiff::Timestamp;
use secrecy::SecretString;

use super::db::{Db, Tx, with_conn, with_pool};
use super::seal::{self, Sealer};

/// A subscription at the tracker.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Subscription {
    /// The last part of the address, which nobody can guess.
    pub target: String,
    /// What it is about, by the tracker's id.
    pub resource: String,
    /// The whole address.
    pub address: String,
    /// The secret, sealed; empty until the tracker has said it.
    pub sealed_secret: String,
    /// The tracker's id of it; empty until the tracker has made it.
    pub subscription: String,
}

/// The subscription for a resource, the newest where there are several.
///
/// # Errors
///
/// When the database fails.
pub async fn of_resource(db: &Db, resource: &str) -> sqlx::Result<Option<Subscription>> {
    let sql = "SELECT target, resource, address, sealed_secret, subscription FROM subscriptions \
               WHERE resource = $1 ORDER BY at DESC LIMIT 1";
    with_pool!(db, |p| sqlx::query_as(sql).bind(resource).fetch_optional(p).await)
}

/// The subscription with this address.
///
/// # Errors
///
/// When the database fails.
pub async fn of_target(db: &Db, target: &str) -> sqlx::Result<Option<Subscription>> {
    let sql = "SELECT target, resource, address, sealed_secret, subscription FROM subscriptions WHERE target = $1";
    with_pool!(db, |p| sqlx::query_as(sql).bind(target).fetch_optional(p).await)
}

/// Expects the tracker's first word at a new address, in place of those that the resource had.
///
/// # Errors
///
/// When the database fails.
pub async fn expect(tx: &mut Tx, target: &str, resource: &str, address: &str, now: Timestamp) -> sqlx::Result<()> {
    let sql = "DELETE FROM subscriptions WHERE resource = $1";
    with_conn!(tx, |c| sqlx::query(sql).bind(resource).execute(c).await?.rows_affected());
    let sql = "INSERT INTO subscriptions (target, resource, address, sealed_secret, subscription, at) \
               VALUES ($1, $2, $3, '', '', $4)";
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(target)
        .bind(resource)
        .bind(address)
        .bind(now.as_millisecond())
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Keeps the secret that the tracker has said; false where it is not expected to say one, or has said one before.
///
/// # Errors
///
/// When the database fails or there is no randomness.
pub async fn keep_secret(tx: &mut Tx, target: &str, secret: &SecretString, sealer: &Sealer) -> anyhow::Result<bool> {
    let closed = sealer.seal(secret, &context(target), seal::nonce()?);
    let sql = "UPDATE subscriptions SET sealed_secret = $2 WHERE target = $1 AND sealed_secret = ''";
    let rows = with_conn!(tx, |c| sqlx::query(sql).bind(target).bind(closed).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// The tracker has made it.
///
/// # Errors
///
/// When the database fails.
pub async fn made(tx: &mut Tx, target: &str, subscription: &str) -> sqlx::Result<()> {
    let sql = "UPDATE subscriptions SET subscription = $2 WHERE target = $1";
    with_conn!(tx, |c| sqlx::query(sql).bind(target).bind(subscription).execute(c).await?.rows_affected());
    Ok(())
}

/// The secret; none until the tracker has said it, or where the key that sealed it is gone.
#[must_use]
pub fn secret(subscription: &Subscription, sealer: &Sealer) -> Option<SecretString> {
    sealer.open(&subscription.sealed_secret, &context(&subscription.target)).ok()
}

/// Binds a sealed secret to its place, so that it opens nowhere else.
fn context(target: &str) -> String {
    format!("subscription/{target}")
}
