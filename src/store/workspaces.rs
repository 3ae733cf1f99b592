//! Customers' workspaces and the bot's token in each: sealed at rest, opened for a call.

use anyhow::Context;
use jiff::Timestamp;
use secrecy::SecretString;

use super::db::{Db, Tx, with_conn, with_pool};
use super::seal::{self, Sealer};

/// A customer's workspace, as the bot registered it.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Workspace {
    /// Its id, `T...`.
    pub team: String,
    /// Its name.
    pub name: String,
    /// Its domain, `acme` of `acme.slack.com`.
    pub domain: String,
    /// The bot's user there; empty where it is not known.
    pub bot_user_id: String,
}

/// Registers a workspace or refreshes it; true when it is new.
///
/// # Errors
///
/// When the database fails.
pub async fn put(
    tx: &mut Tx,
    bot: &str,
    workspace: &Workspace,
    token: &SecretString,
    sealer: &Sealer,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let locked = sealer.seal(token, &context(bot, &workspace.team), seal::nonce()?);
    let sql = "INSERT INTO workspaces (bot, team, name, domain, bot_user_id, sealed_token, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
               ON CONFLICT (bot, team) DO UPDATE SET name = excluded.name, domain = excluded.domain, bot_user_id = excluded.bot_user_id, \
               sealed_token = excluded.sealed_token, changed_at = excluded.changed_at";
    let is_new = count(tx, bot, &workspace.team).await? == 0;
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(bot)
        .bind(&workspace.team)
        .bind(&workspace.name)
        .bind(&workspace.domain)
        .bind(&workspace.bot_user_id)
        .bind(&locked)
        .bind(now.as_millisecond())
        .execute(c)
        .await?
        .rows_affected());
    Ok(is_new)
}

/// What the bot registered.
///
/// # Errors
///
/// When the database fails.
pub async fn get(db: &Db, bot: &str, team: &str) -> anyhow::Result<Option<Workspace>> {
    let sql = "SELECT team, name, domain, bot_user_id FROM workspaces WHERE bot = $1 AND team = $2";
    with_pool!(db, |p| sqlx::query_as(sql).bind(bot).bind(team).fetch_optional(p).await)
        .context("cannot read a workspace")
}

/// Bot and workspace of everything that is registered.
///
/// # Errors
///
/// When the database fails.
pub async fn all(db: &Db) -> sqlx::Result<Vec<(String, String)>> {
    with_pool!(db, |p| sqlx::query_as("SELECT bot, team FROM workspaces ORDER BY bot, team").fetch_all(p).await)
}

/// The bot's token in a workspace.
///
/// # Errors
///
/// When the database fails, or the token was sealed with a key that is gone.
pub async fn token(db: &Db, bot: &str, team: &str, sealer: &Sealer) -> anyhow::Result<Option<SecretString>> {
    let Some(locked) = sealed_token(db, bot, team).await? else { return Ok(None) };
    let token = sealer.open(&locked, &context(bot, team)).context("cannot open a workspace's token")?;
    Ok(Some(token))
}

/// What [`reseal`] came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resealed {
    /// How many tokens were sealed anew.
    pub anew: usize,
    /// How many the present key had sealed before.
    pub current: usize,
    /// Bot and workspace of the tokens that no configured key opens.
    pub unopened: Vec<(String, String)>,
}

/// Seals every token anew that an earlier key has sealed. Each row by itself, and only as it was read: whoever registers
/// a workspace meanwhile wins.
///
/// # Errors
///
/// When the database fails; the tokens before are sealed anew then, and those after it as they were.
pub async fn reseal(db: &Db, sealer: &Sealer) -> anyhow::Result<Resealed> {
    let mut result = Resealed::default();
    for (bot, team) in all(db).await.context("cannot read the workspaces")? {
        while let Some(sealed) = sealed_token(db, &bot, &team).await? {
            if sealer.is_current(&sealed) {
                result.current += 1;
                break;
            }
            let context = context(&bot, &team);
            let Ok(token) = sealer.open(&sealed, &context) else {
                result.unopened.push((bot, team));
                break;
            };
            let anew = sealer.seal(&token, &context, seal::nonce()?);
            let sql = "UPDATE workspaces SET sealed_token = $1 WHERE bot = $2 AND team = $3 AND sealed_token = $4";
            let mut tx = db.begin().await?;
            let rows = with_conn!(&mut tx, |c| sqlx::query(sql)
                .bind(&anew)
                .bind(&bot)
                .bind(&team)
                .bind(&sealed)
                .execute(c)
                .await?
                .rows_affected());
            tx.commit().await?;
            if rows == 1 {
                result.anew += 1;
                break;
            }
        }
    }
    Ok(result)
}

/// Forgets the token of a workspace, unless it was registered after `before`; false when there was none to forget.
///
/// # Errors
///
/// When the database fails.
pub async fn forget_token(tx: &mut Tx, bot: &str, team: &str, before: Timestamp) -> sqlx::Result<bool> {
    let sql = "UPDATE workspaces SET sealed_token = '' \
               WHERE bot = $1 AND team = $2 AND sealed_token <> '' AND changed_at <= $3";
    let rows = with_conn!(tx, |c| sqlx::query(sql)
        .bind(bot)
        .bind(team)
        .bind(before.as_millisecond())
        .execute(c)
        .await?
        .rows_affected());
    Ok(rows == 1)
}

/// Forgets a workspace; false when it was not known.
///
/// # Errors
///
/// When the database fails.
pub async fn forget(tx: &mut Tx, bot: &str, team: &str) -> sqlx::Result<bool> {
    let sql = "DELETE FROM workspaces WHERE bot = $1 AND team = $2";
    let rows = with_conn!(tx, |c| sqlx::query(sql).bind(bot).bind(team).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// What lanes wait for when Slack refuses the token of this workspace.
#[must_use]
pub fn parking(bot: &str, team: &str) -> String {
    format!("token:{bot}:{team}")
}

async fn sealed_token(db: &Db, bot: &str, team: &str) -> sqlx::Result<Option<String>> {
    let sql = "SELECT sealed_token FROM workspaces WHERE bot = $1 AND team = $2";
    let row: Option<(String,)> = with_pool!(db, |p| sqlx::query_as(sql).bind(bot).bind(team).fetch_optional(p).await?);
    Ok(row.map(|(sealed,)| sealed).filter(|sealed| !sealed.is_empty()))
}

async fn count(tx: &mut Tx, bot: &str, team: &str) -> sqlx::Result<i64> {
    let sql = "SELECT COUNT(*) FROM workspaces WHERE bot = $1 AND team = $2";
    let (count,): (i64,) = with_conn!(tx, |c| sqlx::query_as(sql).bind(bot).bind(team).fetch_one(c).await?);
    Ok(count)
}

/// Binds a sealed token to its place, so that it opens nowhere else.
fn context(bot: &str, team: &str) -> String {
    format!("workspace/{bot}/{team}")
}
