//! A fresh PostgreSQL database for each test that asks, on the server that `MEGATRON_TEST_POSTGRES_URL` names or on a private one.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use url::Url;

/// The URL of a fresh, empty database; `None`, with one line that says so, where `MEGATRON_TEST_POSTGRES` is `skip`.
pub(crate) async fn database() -> Option<String> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(Server::find).as_ref()?;
    let name = format!("test_{:016x}", getrandom::u64().unwrap());
    let mut connection = PgConnection::connect(server.url.as_str()).await.unwrap();
    // The name is made above: hexadecimal digits only.
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();

    let mut url = server.url.clone();
    url.set_path(&name);
    Some(url.into())
}

struct Server {
    url: Url,
    /// The private server. It stops when its standard input ends, so at the latest with this process, however that ends.
    _process: Option<Child>,
}

impl Server {
    #[allow(clippy::print_stdout, clippy::disallowed_methods)] // Tests are set up by the environment, and say what they skip.
    fn find() -> Option<Self> {
        if std::env::var("MEGATRON_TEST_POSTGRES").is_ok_and(|wish| wish == "skip") {
            println!("skipped on PostgreSQL: MEGATRON_TEST_POSTGRES=skip");
            return None;
        }
        if let Ok(url) = std::env::var("MEGATRON_TEST_POSTGRES_URL") {
            return Some(Self { url: url.parse().unwrap(), _process: None });
        }
        Some(Self::start())
    }

    fn start() -> Self {
        let mut process = Command::new("bash")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/postgres.sh"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().parse();
        let url = url.expect("a private PostgreSQL; MEGATRON_TEST_POSTGRES=skip goes on with SQLite alone");
        Self { url, _process: Some(process) }
    }
}
