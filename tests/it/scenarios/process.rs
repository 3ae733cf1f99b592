//! The program itself, as its operator runs it. Time is real here: every wait is for a condition, and bounded.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use megatron::clock::Clock;
use megatron::demo::cast::{
    self, ACME, API_KEY, BOT_TOKEN, CALLBACK_SECRET, HUB, HUB_TOKEN, JANE, PHILS_DM, SIGNING_SECRET, SUPPORT,
};
use megatron::simulator::{Fault, Simulator};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use url::Url;

use crate::support::bot::Bot;
use crate::support::house::SECRETS;
use crate::support::record::Record;

/// More than anything here should take.
const PATIENCE: Duration = Duration::from_secs(30);
/// What the operator is promised for a stop.
const STOP: Duration = Duration::from_secs(10);

/// A folder with a configuration, and a Slack for it.
pub(super) struct Site {
    folder: TempDir,
    pub(super) slack: Simulator,
    pub(super) bot: Bot,
    pub(super) http: Client,
    _record: Record,
}

/// A running `megatron serve`, killed at the latest when it is dropped.
pub(super) struct Service {
    pub(super) child: Child,
    lines: Receiver<String>,
    pub(super) url: Url,
}

impl Site {
    pub(super) async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let slack = Simulator::start(Clock::System).await.unwrap();
        cast::enter(&slack).unwrap();
        slack.run_live();
        let bot = Bot::default();
        let callbacks = bot.listen().await;
        let database = folder.path().join("megatron.db");
        let config = format!(
            r#"
            listen = "127.0.0.1:0"
            database.url = "sqlite://{}"
            security.encryption_key = "bWVnYXRyb24gZGVtbyBlbmNyeXB0aW9uIGtleSAhISE="
            slack = {{ api_url = "{}", bot_token = "{HUB_TOKEN}", signing_secret = "{SIGNING_SECRET}" }}
            [[bots]]
            id = "expenses"
            name = "Expense Bot"
            api_key = "{API_KEY}"
            callback_url = "{callbacks}"
            callback_secret = "{CALLBACK_SECRET}"
            "#,
            database.display(),
            slack.api_url(),
        );
        std::fs::write(folder.path().join("megatron.toml"), config).unwrap();
        let http = Client::builder().no_proxy().build().unwrap();
        Self { folder, _record: Record(slack.clone()), slack, bot, http }
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("megatron.toml")
    }

    fn start(&self) -> Service {
        self.start_with(&[])
    }

    /// Starts the service with these variables.
    pub(super) fn start_with(&self, variables: &[(&str, &str)]) -> Service {
        let mut command = megatron(&["serve", "--config"]);
        command.envs(variables.iter().copied());
        command.arg(self.config()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Service { child, lines, url: "http://nowhere.test/".parse().unwrap() }
    }

    /// Starts the service and waits until it can do its work.
    async fn serve(&self) -> Service {
        self.serve_with(&[]).await
    }

    /// The same with these variables.
    pub(super) async fn serve_with(&self, variables: &[(&str, &str)]) -> Service {
        let mut service = self.start_with(variables);
        service.listens().await;
        cast::listen(&self.slack, &service.url);
        self.is_ready(&service).await;
        service
    }

    async fn is_ready(&self, service: &Service) {
        let ready = async || {
            self.http.get(service.url.join("readyz").unwrap()).send().await.unwrap().status() == StatusCode::OK
        };
        until("ready", ready).await;
    }

    /// The bot passes a message of Phil's on, which must be taken.
    async fn phil_says(&self, service: &Service, ts: &str, text: &str) -> Value {
        let body = json!({ "direction": "incoming", "team_id": ACME, "channel_id": PHILS_DM, "user_id": "U0PHIL", "message": { "ts": ts, "text": text } });
        let request = self.http.post(service.url.join("ingest").unwrap()).bearer_auth(API_KEY).json(&body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::ACCEPTED);
        response.json().await.unwrap()
    }

    /// Phil has a room.
    pub(super) async fn open_room(&self, service: &Service) {
        let workspace = json!({ "name": "Acme", "domain": "acme", "bot_token": BOT_TOKEN });
        let url = service.url.join(&format!("v1/workspaces/{ACME}")).unwrap();
        self.http.put(url).bearer_auth(API_KEY).json(&workspace).send().await.unwrap();
        self.phil_says(service, "1700000000.000100", "help!").await;
        let url = service.url.join(&format!("v1/conversations/{ACME}/{PHILS_DM}")).unwrap();
        let known = async || {
            let state = self.http.get(url.clone()).bearer_auth(API_KEY).send().await.unwrap();
            state.json::<Value>().await.unwrap()["customer"]["name"] == "Phil"
        };
        until("Phil is known by his name", known).await;
        self.slack.command(HUB, JANE, SUPPORT, "/megatron", "open phil").await.unwrap();
        until("the room stands", async || !self.room().is_empty()).await;
    }

    pub(super) fn room(&self) -> Vec<String> {
        self.slack.lines(HUB, "cs-phil")
    }
}

impl Service {
    /// Waits until it says where it listens.
    async fn listens(&mut self) {
        loop {
            if let Some((_, url)) = self.line().await.split_once("listening on ") {
                self.url = url.parse().unwrap();
                return;
            }
        }
    }

    /// The next line of the log.
    async fn line(&mut self) -> String {
        let next = async {
            loop {
                if let Ok(line) = self.lines.try_recv() {
                    return line;
                }
                assert!(self.child.try_wait().unwrap().is_none(), "it has ended: {}", self.complaint());
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, next).await.expect("a line of the log")
    }

    fn complaint(&mut self) -> String {
        let mut text = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    /// SIGTERM; how it ended.
    pub(super) async fn terminate(mut self) -> ExitStatus {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let ended = async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status;
                }
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(STOP, ended).await.expect("it stops within ten seconds")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, without the variables of whoever runs the tests.
fn megatron(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_megatron"));
    command.args(arguments).stdin(Stdio::null()).env_clear();
    command
}

/// Runs the program to its end, beside the simulator.
async fn run(mut command: Command) -> (Option<i32>, String, String) {
    let output = tokio::task::spawn_blocking(move || command.output());
    let Output { status, stdout, stderr } = timeout(PATIENCE, output).await.unwrap().unwrap().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

pub(super) async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

fn write(folder: &Path, text: &str) -> PathBuf {
    let file = folder.join("other.toml");
    std::fs::write(&file, text).unwrap();
    file
}

#[tokio::test]
async fn it_serves_until_it_is_told_to_stop() {
    let site = Site::new().await;
    let service = site.serve().await;
    assert_eq!(service.url.host_str(), Some("127.0.0.1"));
    assert_ne!(service.url.port(), Some(0), "a free port");
    site.open_room(&service).await;
    assert_eq!(site.phil_says(&service, "1700000001.000100", "hello?").await["watched"], true);
    until("the message is in the room", async || site.room().contains(&"Phil: hello?".to_owned())).await;
    until("the bot is told", async || site.bot.heard_types() == ["conversation.opened"]).await;
    let url = service.url.clone();
    assert_eq!(service.terminate().await.code(), Some(0));
    assert!(site.http.get(url).send().await.is_err(), "nobody listens any more");
    assert!(site.slack.missed_acks().is_empty(), "{:?}", site.slack.missed_acks());
}

#[tokio::test]
async fn with_socket_mode_slack_needs_no_address_and_the_log_holds_no_secret() {
    let site = Site::new().await;
    let variables = [("MEGATRON_SLACK__APP_TOKEN", cast::APP_TOKEN), ("MEGATRON_LOG__FILTER", "trace")];
    let mut service = site.start_with(&variables);
    service.listens().await;
    site.is_ready(&service).await;
    site.open_room(&service).await;
    site.slack.say(HUB, JANE, "cs-phil", "Hi Phil").unwrap();
    let is_told = |line: &String| line.ends_with("[card] Hi Phil");
    until("Phil reads it", async || site.slack.lines(ACME, PHILS_DM).iter().any(is_told)).await;
    let log: Vec<String> = service.lines.try_iter().collect();
    assert!(log.iter().any(|line| line.contains("connected with Slack by Socket Mode")), "{log:?}");
    for secret in SECRETS {
        assert!(log.iter().all(|line| !line.contains(secret)), "{secret}");
    }
    assert_eq!(service.terminate().await.code(), Some(0));
    until("nobody is connected", async || site.slack.sockets(cast::HUB_APP) == 0).await;
    assert!(site.slack.missed_acks().is_empty(), "{:?}", site.slack.missed_acks());
}

#[tokio::test]
async fn what_was_accepted_before_a_stop_is_delivered_after_it() {
    let site = Site::new().await;
    let service = site.serve().await;
    site.open_room(&service).await;
    // One is on its way and hangs, the others wait behind it.
    site.slack.fail_next("chat.postMessage", Fault::HangAfter);
    for n in 1..=3 {
        site.phil_says(&service, &format!("170000000{n}.000100"), &format!("message {n}")).await;
    }
    until("the first is under way", async || site.room().contains(&"Phil: message 1".to_owned())).await;
    assert_eq!(service.terminate().await.code(), Some(0));
    site.slack.release_hangs();

    let service = site.serve().await;
    until("all are there", async || site.room().contains(&"Phil: message 3".to_owned())).await;
    let room = site.room();
    let messages: Vec<&String> = room.iter().filter(|line| line.starts_with("Phil: message")).collect();
    assert_eq!(messages, ["Phil: message 1", "Phil: message 2", "Phil: message 3"], "each once, in order");
    assert_eq!(service.terminate().await.code(), Some(0));
}

#[tokio::test]
async fn a_slow_client_is_cut_off() {
    let site = Site::new().await;
    let service = site.serve().await;
    let address = service.url.socket_addrs(|| None).unwrap()[0];
    let drip = async |start: &[u8]| {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(start).await.unwrap();
        let mut answer = String::new();
        let talk = async {
            let (mut reader, mut writer) = socket.split();
            tokio::select! {
                read = reader.read_to_string(&mut answer) => drop(read),
                () = async {
                    loop {
                        sleep(Duration::from_millis(200)).await;
                        if writer.write_all(b"x").await.is_err() {
                            std::future::pending::<()>().await;
                        }
                    }
                } => {}
            }
        };
        timeout(PATIENCE, talk).await.expect("it is cut off");
        answer
    };
    let header = drip(b"POST /ingest HTTP/1.1\r\nHost: a\r\nX-Slow: ");
    let body = drip(b"POST /ingest HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n{");
    let (header, body) = tokio::join!(header, body);
    assert!(header.is_empty() || header.starts_with("HTTP/1.1 408"), "{header}");
    assert!(body.is_empty() || body.starts_with("HTTP/1.1 408"), "{body}");
    assert_eq!(site.http.get(service.url.join("healthz").unwrap()).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_configuration_stops_the_start_with_one_message() {
    let site = Site::new().await;
    let good = std::fs::read_to_string(site.config()).unwrap();
    let file = site.folder.path().join("other.toml").display().to_string();
    for (text, words) in [
        (good.replace("listen =", "lisen ="), &["lisen", file.as_str()][..]),
        (good.replace("\"127.0.0.1:0\"", "8080"), &["listen", file.as_str(), "an address and a port"]),
        (good.replace(SIGNING_SECRET, ""), &["slack.signing_secret", "the signing secret of the hub app"]),
        (good.replace(CALLBACK_SECRET, "hunter2"), &["bots[0].callback_secret", "whsec_"]),
        (good.replace("listen =", "listen"), &[file.as_str()]),
    ] {
        let file = write(site.folder.path(), &text);
        for command in ["serve", "migrate", "doctor"] {
            let mut program = megatron(&[command, "--config"]);
            program.arg(&file);
            let (code, stdout, stderr) = run(program).await;
            assert_eq!((code, stdout.as_str()), (Some(1), ""), "{command}: {stderr}");
            assert!(stderr.starts_with("error: "), "{stderr}");
            assert!(words.iter().all(|word| stderr.contains(word)), "{words:?}: {stderr}");
            assert!(!stderr.contains("hunter2") && SECRETS.iter().all(|secret| !stderr.contains(secret)), "{stderr}");
        }
    }
    let (code, _, stderr) = run(megatron(&["serve", "--config", "/no/such/file"])).await;
    assert_eq!(code, Some(1));
    assert!(stderr.contains("/no/such/file"), "{stderr}");
}

#[tokio::test]
async fn a_database_that_is_not_there_stops_the_start() {
    let site = Site::new().await;
    let mut program = megatron(&["serve", "--config"]);
    program.arg(site.config()).env("MEGATRON_DATABASE__URL", "postgres://me:hunter2@127.0.0.1:1/none");
    let (code, _, stderr) = run(program).await;
    assert_eq!(code, Some(1));
    assert!(stderr.starts_with("error: cannot reach PostgreSQL") && !stderr.contains("hunter2"), "{stderr}");
}

#[tokio::test]
async fn migrations_may_be_applied_by_themselves_and_again() {
    let site = Site::new().await;
    for _ in 0..2 {
        let mut program = megatron(&["migrate"]);
        program.env("MEGATRON_CONFIG", site.config());
        let (code, stdout, stderr) = run(program).await;
        assert_eq!((code, stderr.as_str()), (Some(0), ""));
        assert!(stdout.contains("the database is up to date"), "{stdout}");
    }
    assert!(site.folder.path().join("megatron.db").exists());
}

#[tokio::test]
async fn printed_keys_are_a_valid_configuration() {
    let site = Site::new().await;
    let (code, keys, _) = run(megatron(&["keys"])).await;
    assert_eq!(code, Some(0));
    let (other_code, other_keys, _) = run(megatron(&["keys"])).await;
    assert_eq!(other_code, Some(0));
    assert_ne!(keys, other_keys);
    let good = std::fs::read_to_string(site.config()).unwrap();
    let value = |name: &str| {
        keys.lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap()
            .trim_start_matches([' ', '='])
            .trim_matches('"')
            .to_owned()
    };
    let text = good
        .replace("bWVnYXRyb24gZGVtbyBlbmNyeXB0aW9uIGtleSAhISE=", &value("encryption_key"))
        .replace(API_KEY, &value("api_key"))
        .replace(CALLBACK_SECRET, &value("callback_secret"));
    assert!(text.contains("whsec_") && !text.contains(API_KEY));
    let mut program = megatron(&["migrate", "--config"]);
    program.arg(write(site.folder.path(), &text));
    assert_eq!(run(program).await.0, Some(0));
}

#[tokio::test]
async fn an_old_key_can_go_after_the_tokens_were_sealed_anew_beside_the_service() {
    let site = Site::new().await;
    let good = std::fs::read_to_string(site.config()).unwrap();
    let before = site.serve().await;
    site.open_room(&before).await;
    assert_eq!(before.terminate().await.code(), Some(0));
    let old = "bWVnYXRyb24gZGVtbyBlbmNyeXB0aW9uIGtleSAhISE=";
    let new = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let key = format!("security.encryption_key = \"{old}\"");
    let both = format!("security = {{ encryption_key = \"{new}\", old_encryption_keys = [\"{old}\"] }}");
    std::fs::write(site.config(), good.replace(&key, &both)).unwrap();
    let service = site.serve().await;
    for counts in [
        "sealed anew: 1; sealed with the present key before: 0",
        "sealed anew: 0; sealed with the present key before: 1",
    ] {
        let mut program = megatron(&["keys", "rotate", "--config"]);
        program.arg(site.config());
        let (code, stdout, stderr) = run(program).await;
        assert_eq!((code, stderr.as_str()), (Some(0), ""));
        assert!(stdout.starts_with(counts) && stdout.contains("not needed any more"), "{stdout}");
    }
    assert_eq!(service.terminate().await.code(), Some(0));

    std::fs::write(site.config(), good.replace(old, new)).unwrap();
    let service = site.serve().await;
    site.slack.say(HUB, JANE, "cs-phil", "still there").unwrap();
    let has_got_it = async || site.slack.lines(ACME, PHILS_DM).iter().any(|line| line.contains("still there"));
    until("Phil has got it", has_got_it).await;
    assert_eq!(service.terminate().await.code(), Some(0));
}

#[tokio::test]
async fn the_manifest_is_printed_as_yaml() {
    let (code, hub, stderr) = run(megatron(&["manifest", "--url", "https://relay.example.com"])).await;
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let hub: Value = serde_saphyr::from_str(&hub).unwrap();
    assert_eq!(hub["settings"]["event_subscriptions"]["request_url"], "https://relay.example.com/slack/events");
    let (code, bot, _) = run(megatron(&["manifest", "--url", "https://relay.example.com", "--bot", "expenses"])).await;
    assert_eq!(code, Some(0));
    assert!(bot.contains("\"expenses\"") && bot.contains("chat:write"), "{bot}");
    let (code, hub, _) = run(megatron(&["manifest", "--socket"])).await;
    assert_eq!(code, Some(0));
    assert!(hub.contains("socket_mode_enabled: true") && !hub.contains("url:"), "{hub}");
    assert_eq!(run(megatron(&["manifest", "--url", "nonsense"])).await.0, Some(2));
}

#[tokio::test]
async fn the_doctors_exit_code_tells_whether_there_was_an_error() {
    let site = Site::new().await;
    assert_eq!(site.serve().await.terminate().await.code(), Some(0));
    for (revoked, expected) in [(false, Some(0)), (true, Some(1))] {
        if revoked {
            site.slack.revoke_token(HUB_TOKEN);
        }
        let mut program = megatron(&["doctor", "--config"]);
        program.arg(site.config());
        let (code, stdout, stderr) = run(program).await;
        assert_eq!((code, stderr.as_str()), (expected, ""), "{stdout}");
        let levels: Vec<&str> = stdout.lines().map(|line| line.split(' ').next().unwrap()).collect();
        assert!(levels.iter().all(|level| ["ok", "warning", "error"].contains(level)), "{stdout}");
        assert_eq!(levels.contains(&"error"), revoked);
        assert!(SECRETS.iter().all(|secret| !stdout.contains(secret)), "{stdout}");
    }
}

#[tokio::test]
async fn a_slack_that_hangs_does_not_keep_it_from_stopping() {
    let site = Site::new().await;
    assert_eq!(site.serve().await.terminate().await.code(), Some(0));
    site.slack.fail_times("auth.test", 9, Fault::HangBefore);
    let mut service = site.start();
    service.listens().await;
    until("it has asked who it is", async || {
        site.http.get(service.url.join("readyz").unwrap()).send().await.unwrap().status() == 503
    })
    .await;
    assert_eq!(service.terminate().await.code(), Some(0));
}
