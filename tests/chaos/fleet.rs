//! The service: processes of the real program, and the load balancer before them, which is all that Slack and the bot know.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_LENGTH, HOST};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use reqwest::Client;
use serde_json::Value;
use tokio::time::sleep;
use url::Url;

/// How long a request waits for a process that takes it.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a process may take until it listens.
const START: Duration = Duration::from_mins(1);

/// All processes on one database. Clones are the same ones.
#[derive(Clone)]
pub(crate) struct Fleet(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    slots: Mutex<Vec<Option<Process>>>,
    starts: AtomicUsize,
    turn: AtomicUsize,
    http: Client,
    /// How often which event came to a process, in the order of their ends.
    tries: Mutex<Vec<Try>>,
}

/// A try to hand an event about a message to a process.
#[derive(Debug, Clone)]
pub(crate) struct Try {
    channel: String,
    ts: String,
    /// What happened to the message, and its text by now.
    what: String,
    /// Whether it has other words than before, rather than another counter.
    is_news: bool,
    begun: Timestamp,
    ended: Timestamp,
    /// What the process answered; nothing where it died over it.
    status: Option<StatusCode>,
}

impl Try {
    fn is_taken(&self) -> bool {
        self.status.is_some_and(|status| status.is_success())
    }
}

/// A running `megatron serve`, killed at the latest when it is dropped.
struct Process {
    child: Child,
    url: Url,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Fleet {
    /// So many processes, none of them started, with the configuration and the logs in this folder; and the address of the
    /// load balancer.
    pub(crate) async fn new(folder: &Path, size: usize) -> (Self, Url) {
        let fleet = Self(Arc::new(Inner {
            folder: folder.to_owned(),
            slots: Mutex::new((0..size).map(|_| None).collect()),
            starts: AtomicUsize::new(0),
            turn: AtomicUsize::new(0),
            http: Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap(),
            tries: Mutex::default(),
        }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let app = Router::new().fallback(pass).with_state(fleet.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (fleet, url)
    }

    pub(crate) fn size(&self) -> usize {
        self.0.slots.lock().unwrap().len()
    }

    /// SIGKILL.
    pub(crate) fn kill(&self, slot: usize) {
        self.0.slots.lock().unwrap()[slot] = None;
    }

    /// Starts a process, and waits until it listens. While the database is away it starts again and again, as under any
    /// supervisor.
    pub(crate) async fn start(&self, slot: usize) {
        let begun = Instant::now();
        loop {
            match self.try_start().await {
                Ok(process) => {
                    self.0.slots.lock().unwrap()[slot] = Some(process);
                    return;
                }
                Err(complaint) => assert!(begun.elapsed() < START, "it does not start: {complaint}"),
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    async fn try_start(&self) -> Result<Process, String> {
        let number = self.0.starts.fetch_add(1, Ordering::Relaxed);
        let log = self.0.folder.join(format!("{number:03}.log"));
        let errors = self.0.folder.join(format!("{number:03}.err"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_megatron"));
        command.args(["serve", "--config"]).arg(self.0.folder.join("megatron.toml")).env_clear();
        command.stdin(Stdio::null()).stdout(File::create(&log).unwrap()).stderr(File::create(&errors).unwrap());
        let mut process = Process { child: command.spawn().unwrap(), url: "http://nowhere.test/".parse().unwrap() };
        let begun = Instant::now();
        loop {
            let text = std::fs::read_to_string(&log).unwrap();
            let listening = text.lines().find_map(|line| line.split_once("listening on ")?.1.trim().parse().ok());
            if let Some(url) = listening {
                process.url = url;
                return Ok(process);
            }
            if process.child.try_wait().unwrap().is_some() {
                return Err(std::fs::read_to_string(&errors).unwrap());
            }
            assert!(begun.elapsed() < START, "it does not listen: {text}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Whether all that should run does; one that has ended by itself has failed.
    pub(crate) fn is_well(&self) -> bool {
        self.0.slots.lock().unwrap().iter_mut().flatten().all(|process| process.child.try_wait().unwrap().is_none())
    }

    /// Since when a message is certainly taken in: the first acknowledgement, be it of an edit, which stands for it.
    pub(crate) fn taken_at(&self, channel: &str, ts: &str) -> Option<Timestamp> {
        self.tries(channel, ts).into_iter().filter(Try::is_taken).map(|it| it.ended).min()
    }

    /// Since when a message may have been taken in: the first try that reached a process, whatever was heard of it.
    pub(crate) fn reached_at(&self, channel: &str, ts: &str) -> Option<Timestamp> {
        self.tries(channel, ts).into_iter().map(|it| it.begun).min()
    }

    /// The tries to hand over what happened in a channel, one on a line.
    pub(crate) fn events(&self, channel: &str) -> Vec<String> {
        let tries = self.0.tries.lock().unwrap();
        let line = |it: &Try| {
            let [begun, ended] = [it.begun, it.ended].map(|at| at.strftime("%H:%M:%S%.3f"));
            let status = it.status.map_or("no answer".to_owned(), |status| status.as_u16().to_string());
            format!("{begun} to {ended} {status} {} {}", it.ts, it.what)
        };
        tries.iter().filter(|it| it.channel == channel).map(line).collect()
    }

    /// What the processes have said, oldest first.
    pub(crate) fn logs(&self) -> Vec<String> {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(&self.0.folder).unwrap().map(|file| file.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|kind| kind == "log" || kind == "err"));
        files.sort();
        files
            .iter()
            .flat_map(|file| {
                let text = std::fs::read_to_string(file).unwrap();
                text.lines().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect()
    }

    fn tries(&self, channel: &str, ts: &str) -> Vec<Try> {
        let tries = self.0.tries.lock().unwrap();
        tries.iter().filter(|it| it.is_news && it.channel == channel && it.ts == ts).cloned().collect()
    }

    /// What they have said of panics.
    pub(crate) fn panics(&self) -> Vec<String> {
        self.logs().into_iter().filter(|line| line.contains("panicked")).collect()
    }

    fn next(&self) -> Option<Url> {
        let slots = self.0.slots.lock().unwrap();
        let living: Vec<&Process> = slots.iter().flatten().collect();
        let turn = self.0.turn.fetch_add(1, Ordering::Relaxed);
        (!living.is_empty()).then(|| living[turn % living.len()].url.clone())
    }
}

/// Passes a request on to a process that listens; 502 where there is none, or where it died over it.
async fn pass(
    State(fleet): State<Fleet>,
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    headers.remove(HOST);
    headers.remove(CONTENT_LENGTH);
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let Some(url) = fleet.next() else {
            sleep(Duration::from_millis(20)).await;
            continue;
        };
        let request = fleet.0.http.request(method.clone(), url.join(&path).unwrap());
        let tried = Timestamp::now();
        let answer = request.headers(headers.clone()).body(body.clone()).send().await;
        if path == "/slack/events" && !answer.as_ref().is_err_and(reqwest::Error::is_connect) {
            fleet.note(&body, tried, answer.as_ref().ok().map(reqwest::Response::status));
        }
        match answer {
            Ok(response) => {
                let status = response.status();
                let kind = response.headers().get("content-type").cloned();
                let Ok(answer) = response.bytes().await else { break };
                let mut passed = (status, answer).into_response();
                if let Some(kind) = kind {
                    passed.headers_mut().insert("content-type", kind);
                }
                return passed;
            }
            Err(error) if error.is_connect() => sleep(Duration::from_millis(20)).await,
            Err(_) => break,
        }
    }
    StatusCode::BAD_GATEWAY.into_response()
}

impl Fleet {
    fn note(&self, body: &[u8], begun: Timestamp, status: Option<StatusCode>) {
        let Ok(envelope) = serde_json::from_slice::<Value>(body) else { return };
        let event = &envelope["event"];
        let message = if event["message"].is_object() { &event["message"] } else { event };
        let is_news = event["previous_message"]["text"] != message["text"];
        if let ("message", Some(channel), Some(ts)) =
            (event["type"].as_str().unwrap_or_default(), event["channel"].as_str(), message["ts"].as_str())
        {
            let words = [&event["subtype"], &message["text"]].map(|field| field.as_str().unwrap_or_default());
            let (channel, ts, what) = (channel.to_owned(), ts.to_owned(), words.join(" "));
            let ended = Timestamp::now();
            self.0.tries.lock().unwrap().push(Try { channel, ts, what, is_news, begun, ended, status });
        }
    }
}
