//! The service: processes of the real program, and the load balancer before them, which is all that Slack and the bot know.

use std::collections::HashMap;
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
    /// When the event of a message was acknowledged first.
    taken: Mutex<HashMap<(String, String), Instant>>,
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
            taken: Mutex::default(),
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

    /// When the event of a message was acknowledged.
    pub(crate) fn taken_at(&self, channel: &str, ts: &str) -> Option<Instant> {
        self.0.taken.lock().unwrap().get(&(channel.to_owned(), ts.to_owned())).copied()
    }

    /// Lines of the logs that begin with an error, without their times.
    pub(crate) fn panics(&self) -> Vec<String> {
        let files = std::fs::read_dir(&self.0.folder).unwrap().map(|file| file.unwrap().path());
        let texts = files.filter(|file| file.extension().is_some_and(|kind| kind == "log" || kind == "err"));
        texts
            .flat_map(|file| {
                let text = std::fs::read_to_string(&file).unwrap();
                text.lines().filter(|line| line.contains("panicked")).map(str::to_owned).collect::<Vec<_>>()
            })
            .collect()
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
        match request.headers(headers.clone()).body(body.clone()).send().await {
            Ok(response) => {
                let status = response.status();
                let kind = response.headers().get("content-type").cloned();
                let Ok(answer) = response.bytes().await else { break };
                if status.is_success() && path == "/slack/events" {
                    fleet.note(&body);
                }
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
    fn note(&self, body: &[u8]) {
        let Ok(envelope) = serde_json::from_slice::<Value>(body) else { return };
        let event = &envelope["event"];
        if let (true, Some(channel), Some(ts)) =
            (event["type"] == "message" && event["subtype"].is_null(), event["channel"].as_str(), event["ts"].as_str())
        {
            self.0.taken.lock().unwrap().entry((channel.to_owned(), ts.to_owned())).or_insert_with(Instant::now);
        }
    }
}
