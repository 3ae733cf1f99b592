//! A backup of a house's database, made while the service runs, as `docs/operating.md` says.

use std::path::Path;
use std::process::Command;

use megatron::clock::Clock;
use megatron::commands::restored;
use megatron::demo::cast;
use megatron::store::db::Db;
use sqlx::AssertSqlSafe;
use tempfile::TempDir;

use super::house::House;
use super::postgres;

/// What was kept in a safe place.
pub(crate) struct Backup(TempDir);

impl Backup {
    pub(crate) async fn of(house: &House) -> Self {
        let backup = Self(TempDir::new().unwrap());
        let file = backup.file();
        match &house.app.relay().db {
            Db::Sqlite(pool, _) => {
                let sql = AssertSqlSafe(format!("VACUUM INTO '{file}'"));
                sqlx::query(sql).execute(pool).await.unwrap();
            }
            Db::Postgres(_) => run("pg_dump", &["--format=custom", "--file", &file, house.database()]),
        }
        backup
    }

    fn file(&self) -> String {
        self.0.path().join("backup").display().to_string()
    }

    /// The database is lost. The backup is put into a new one, the service is told so, and starts on it.
    pub(crate) async fn restore(self, house: &mut House) {
        let is_sqlite = matches!(house.app.relay().db, Db::Sqlite(..));
        let database = if is_sqlite {
            let file = Path::new(&self.file()).with_file_name("restored.db");
            std::fs::copy(self.file(), &file).unwrap();
            format!("sqlite://{}", file.display())
        } else {
            let database = postgres::database().await.unwrap();
            run("pg_restore", &["--dbname", &database, "--exit-on-error", &self.file()]);
            database
        };
        house.loses_its_database(database, self.0).await;
        let config = cast::config(&house.slack, house.database(), house.callbacks(), "").unwrap();
        restored::note(&config, &Clock::Manual(house.clock.clone())).await.unwrap();
        house.restart().await;
    }
}

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}: install the client programs of PostgreSQL"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}
