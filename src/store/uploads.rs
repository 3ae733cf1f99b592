//! Which file is whose copy.

use super::db::{Db, Tx, with_conn, with_pool};

/// A file in one workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilePlace<'a> {
    /// The workspace.
    pub team: &'a str,
    /// The file, `F...`.
    pub file: &'a str,
}

/// Notes that the service uploaded `copy`, a copy of `source`, for a conversation.
///
/// # Errors
///
/// When the database fails.
pub async fn add(
    tx: &mut Tx,
    copy: FilePlace<'_>,
    source: FilePlace<'_>,
    conversation: Option<&str>,
) -> sqlx::Result<()> {
    let sql = "INSERT INTO uploads (team, file, source_team, source_file, conversation) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (team, file) DO NOTHING";
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(copy.team)
        .bind(copy.file)
        .bind(source.team)
        .bind(source.file)
        .bind(conversation)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Whether the service uploaded any of these files.
///
/// # Errors
///
/// When the database fails.
pub async fn are_ours(db: &Db, team: &str, files: &[String]) -> sqlx::Result<bool> {
    let sql = "SELECT COUNT(*) FROM uploads WHERE team = $1 AND file = $2";
    for file in files {
        let (count,): (i64,) = with_pool!(db, |p| sqlx::query_as(sql).bind(team).bind(file).fetch_one(p).await?);
        if count > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The copies of a file in that workspace.
///
/// # Errors
///
/// When the database fails.
pub async fn of(db: &Db, source: FilePlace<'_>, team: &str) -> sqlx::Result<Vec<String>> {
    let sql = "SELECT file FROM uploads WHERE source_team = $1 AND source_file = $2 AND team = $3 ORDER BY file";
    let files: Vec<(String,)> =
        with_pool!(db, |p| sqlx::query_as(sql).bind(source.team).bind(source.file).bind(team).fetch_all(p).await?);
    Ok(files.into_iter().map(|(file,)| file).collect())
}
