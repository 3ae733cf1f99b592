//! A database of its own for one run, and what can happen to it.

use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use megatron::clock::from_millis;
use megatron::store::db::Db;
use sqlx::{Connection as _, PgConnection};

use crate::chance::Chance;

/// What a disk holds on which a database lives that will find it full, in MiB.
const DISK: u32 = 64;

/// A database. What it is made of is gone when it is dropped.
pub(crate) enum Database {
    Sqlite(Disk),
    Postgres(Server),
}

/// A folder; a small disk of its own where that can be had.
pub(crate) struct Disk {
    folder: PathBuf,
    is_small: bool,
}

/// A private PostgreSQL. It ends with its standard input.
pub(crate) struct Server {
    url: String,
    talk: Arc<Mutex<(ChildStdin, BufReader<ChildStdout>)>>,
    _process: Child,
}

impl Database {
    /// An SQLite file below this folder.
    pub(crate) fn sqlite(folder: &Path) -> Self {
        let folder = folder.join("disk");
        std::fs::create_dir(&folder).unwrap();
        let size = format!("size={DISK}m");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(&folder).output();
        Self::Sqlite(Disk { folder, is_small: mount.is_ok_and(|made| made.status.success()) })
    }

    /// A private PostgreSQL; `None` where `MEGATRON_TEST_POSTGRES` is `skip`.
    #[allow(clippy::print_stdout, clippy::disallowed_methods)] // Tests are set up by the environment, and say what they skip.
    pub(crate) fn postgres() -> Option<Self> {
        if std::env::var("MEGATRON_TEST_POSTGRES").is_ok_and(|wish| wish == "skip") {
            println!("skipped on PostgreSQL: MEGATRON_TEST_POSTGRES=skip");
            return None;
        }
        let mut process = Command::new("bash")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/postgres.sh"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut talk = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        let mut url = String::new();
        talk.1.read_line(&mut url).unwrap();
        assert!(!url.is_empty(), "no private PostgreSQL; MEGATRON_TEST_POSTGRES=skip goes on with SQLite alone");
        Some(Self::Postgres(Server { url: url.trim().to_owned(), talk: Arc::new(Mutex::new(talk)), _process: process }))
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(disk) => format!("sqlite://{}", disk.folder.join("megatron.db").display()),
            Self::Postgres(server) => server.url.clone(),
        }
    }

    /// Something happens to it, and is over. What that was.
    pub(crate) async fn suffer(&self, chance: &mut Chance) -> &'static str {
        let long = chance.millis(300, 2500);
        match self {
            Self::Sqlite(disk) if disk.is_small => {
                disk.fill();
                tokio::time::sleep(long).await;
                std::fs::remove_file(disk.ballast()).unwrap();
                "disk full"
            }
            Self::Sqlite(_) => "disk full: left out, since only root may mount one",
            Self::Postgres(server) if chance.below(3) == 0 => {
                server.crash(long).await;
                "database killed"
            }
            Self::Postgres(server) => {
                server.cut().await;
                "connections cut"
            }
        }
    }

    /// How many deliveries are still to be made.
    pub(crate) async fn backlog(&self) -> Result<i64, String> {
        let db = Db::connect(&self.url().into(), 1).await.map_err(|error| error.to_string())?;
        let sql = "SELECT COUNT(*) FROM outbox WHERE state <> 'failed'";
        let counted = match &db {
            Db::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Db::Sqlite(pool, _) => sqlx::query_scalar(sql).fetch_one(pool).await,
        };
        db.close().await;
        counted.map_err(|error| error.to_string())
    }

    /// How many processes have served lanes last.
    pub(crate) async fn servers(&self) -> i64 {
        let Db::Postgres(pool) = Db::connect(&self.url().into(), 1).await.unwrap() else { return 1 };
        let sql = "SELECT COUNT(DISTINCT split_part(owner, '/', 1)) FROM lanes WHERE tail > 1";
        sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap()
    }

    /// What the journal says of a conversation: when, what, and its particulars.
    pub(crate) async fn journal(&self, dm: &str) -> Vec<String> {
        let Ok(db) = Db::connect(&self.url().into(), 1).await else { return Vec::new() };
        let sql = "SELECT at, kind || ' ' || detail FROM journal \
                   WHERE conversation = (SELECT id FROM conversations WHERE channel = $1) ORDER BY at, journal.id";
        let rows: Vec<(i64, String)> = match &db {
            Db::Postgres(pool) => sqlx::query_as(sql).bind(dm).fetch_all(pool).await.unwrap(),
            Db::Sqlite(pool, _) => sqlx::query_as(sql).bind(dm).fetch_all(pool).await.unwrap(),
        };
        let line = |(at, what): (i64, String)| format!("{} {what}", from_millis(at).strftime("%H:%M:%S%.3f"));
        rows.into_iter().map(line).collect()
    }

    /// What still waits: lane, state, attempts and the last problem of each.
    pub(crate) async fn waiting(&self) -> Vec<String> {
        let Ok(db) = Db::connect(&self.url().into(), 1).await else { return Vec::new() };
        let sql = "SELECT lane || ' ' || state || ' ' || CAST(attempts AS TEXT) || ' ' || COALESCE(problem, '-') || ' ' || \
                   SUBSTR(effect, 1, 200) FROM outbox";
        let rows: Vec<(String,)> = match &db {
            Db::Postgres(pool) => sqlx::query_as(sql).fetch_all(pool).await.unwrap(),
            Db::Sqlite(pool, _) => sqlx::query_as(sql).fetch_all(pool).await.unwrap(),
        };
        rows.into_iter().map(|(row,)| row).collect()
    }
}

impl Disk {
    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }

    /// Not a byte is left.
    fn fill(&self) {
        let mut file = std::fs::File::create(self.ballast()).unwrap();
        for size in [1 << 20, 4096, 1] {
            let block = vec![0; size];
            let full = loop {
                if let Err(error) = file.write_all(&block) {
                    break error;
                }
            };
            assert_eq!(full.kind(), ErrorKind::StorageFull, "{full}");
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_small {
            let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
        }
    }
}

impl Server {
    /// It is killed, and starts again a while later.
    async fn crash(&self, pause: Duration) {
        let talk = Arc::clone(&self.talk);
        let crash = move || {
            let (orders, answers) = &mut *talk.lock().unwrap();
            writeln!(orders, "crash {}", pause.as_secs_f64()).unwrap();
            let mut answer = String::new();
            answers.read_line(&mut answer).unwrap();
            assert_eq!(answer.trim(), "up");
        };
        tokio::task::spawn_blocking(crash).await.unwrap();
    }

    /// Every connection but our own ends.
    async fn cut(&self) {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let sql = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
        let cut: i64 = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
        assert!(cut >= 0);
        connection.close().await.unwrap();
    }
}
