//! The bytes of files over HTTP: the way up, the way down, and what goes wrong on it.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri};
use axum::response::IntoResponse;
use futures_util::stream::{self, StreamExt as _};

use super::{File, Stage};
use crate::simulator::server::{Cut, bearer};
use crate::simulator::world::World;
use crate::simulator::{Core, Simulator, api};

/// The page for signing in, with which Slack answers whoever may not have a file.
const LOGIN: &str = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in</body></html>";

/// What goes wrong with the body of one download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spoilt {
    /// It comes without a `Content-Length`.
    NoLength,
    /// It ends early, as if that was all.
    Short,
    /// There is more than there should be.
    Long,
    /// The connection is cut in the middle.
    Cut,
    /// It stops in the middle, and nothing more comes.
    Stall,
    /// HTTP 404.
    Missing,
    /// A redirect to this URL.
    Redirect(String),
}

/// A request about the bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRequest {
    /// `GET` or `POST`.
    pub verb: String,
    /// The host that was asked, with its port.
    pub host: String,
    /// The path.
    pub path: String,
    /// Whether it had an `Authorization` header.
    pub authorized: bool,
}

impl Simulator {
    /// Something goes wrong with the next download that has not failed before. What the network does to downloads and
    /// uploads is planned by [`Self::fail_next`] for the methods `download` and `upload`.
    pub fn spoil_next_download(&self, how: Spoilt) {
        self.core.world().traffic.spoilt.push_back(how);
    }

    /// All requests about the bytes of files so far.
    #[must_use]
    pub fn file_requests(&self) -> Vec<FileRequest> {
        self.core.world().traffic.requests.clone()
    }
}

/// Second step of an upload: the bytes, as many as announced, once.
pub(in crate::simulator) async fn upload(
    State(core): State<Arc<Core>>,
    Path((team, id)): Path<(String, String)>,
    verb: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    core.note(&verb, &uri, &headers);
    let take = || {
        let mut world = core.world();
        let waiting = |file: &&mut File| file.stage == Stage::Announced && file.length == body.len();
        let Some(file) = world.file_mut(&team, &id).filter(waiting) else {
            return (StatusCode::BAD_REQUEST, "no such upload, or another length").into_response();
        };
        file.bytes = body.to_vec();
        file.stage = Stage::Uploaded;
        (StatusCode::OK, format!("OK - {}", body.len())).into_response()
    };
    core.disturbed("upload", take).await
}

/// A file, for those who may have it. All others get the page for signing in, with status 200.
pub(in crate::simulator) async fn download(
    State(core): State<Arc<Core>>,
    Path((place, rest)): Path<(String, String)>,
    verb: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response<Body> {
    core.note(&verb, &uri, &headers);
    let give = || {
        let mut world = core.world();
        let (team, id) = place.split_once('-').unwrap_or_default();
        match world.file(team, id).filter(|file| file.stage != Stage::Deleted) {
            None => StatusCode::NOT_FOUND.into_response(),
            Some(file) if !may_have(&world, team, file, &headers) => login_page(),
            Some(file) if file.mimetype == "application/pdf" && !rest.starts_with("download/") => {
                redirect(&format!("http://localhost:{}/moved/{place}/{rest}", core.address.port()))
            }
            Some(file) => {
                let file = file.clone();
                body(&file, world.traffic.spoilt.pop_front())
            }
        }
    };
    core.disturbed("download", give).await
}

/// Another host, to which some downloads are sent; it gives nothing away.
pub(in crate::simulator) async fn moved(
    State(core): State<Arc<Core>>,
    verb: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response<Body> {
    core.note(&verb, &uri, &headers);
    login_page()
}

impl Core {
    fn note(&self, verb: &Method, uri: &Uri, headers: &HeaderMap) {
        let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
        let authorized = headers.contains_key(AUTHORIZATION);
        let (verb, path) = (verb.to_string(), uri.path().to_owned());
        self.world().traffic.requests.push(FileRequest { verb, host: host.to_owned(), path, authorized });
    }
}

fn may_have(world: &World, team: &str, file: &File, headers: &HeaderMap) -> bool {
    api::authenticate(world, bearer(headers)).is_ok_and(|caller| {
        let reads = caller.scopes.iter().any(|scope| scope == "files:read");
        caller.team == team && reads && world.sees_file(&caller, file)
    })
}

fn login_page() -> Response<Body> {
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], LOGIN).into_response()
}

fn redirect(to: &str) -> Response<Body> {
    let Ok(to) = HeaderValue::try_from(to) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    (StatusCode::FOUND, [(LOCATION, to)]).into_response()
}

/// Comes after what was sent before has left.
async fn cut() -> Result<Bytes, Cut> {
    tokio::task::yield_now().await;
    Err(Cut)
}

fn body(file: &File, spoilt: Option<Spoilt>) -> Response<Body> {
    let (bytes, half) = (file.bytes.clone(), file.bytes[..file.bytes.len() / 2].to_vec());
    let kind = [(CONTENT_TYPE, file.mimetype.clone())];
    let whole = [(CONTENT_LENGTH, bytes.len().to_string())];
    let begin = |part| stream::iter([Ok::<_, Cut>(Bytes::from(part))]);
    match spoilt {
        None => (kind, Bytes::from(bytes)).into_response(),
        Some(Spoilt::NoLength) => (kind, Body::from_stream(begin(bytes))).into_response(),
        Some(Spoilt::Short) => (kind, Bytes::from(half)).into_response(),
        Some(Spoilt::Long) => (kind, Bytes::from([&bytes[..], b"more"].concat())).into_response(),
        Some(Spoilt::Cut) => (kind, whole, Body::from_stream(begin(half).chain(stream::once(cut())))).into_response(),
        Some(Spoilt::Stall) => (kind, whole, Body::from_stream(begin(half).chain(stream::pending()))).into_response(),
        Some(Spoilt::Missing) => StatusCode::NOT_FOUND.into_response(),
        Some(Spoilt::Redirect(to)) => redirect(&to),
    }
}
