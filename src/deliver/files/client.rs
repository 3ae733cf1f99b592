//! Fetches a file from one workspace and sends its bytes to another. No file is ever whole in memory, and a token goes
//! to Slack's hosts only.

use std::time::Duration;

use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::deliver::{http, retry};
use crate::render::notice::size;

use super::body::Incoming;
use super::missed::Trouble;
use super::source::{Source, is_page_type};
use crate::deliver::hosts::Hosts;

/// Redirects that are followed for one file.
const REDIRECTS: usize = 3;
/// Bytes a second below which an upload is given up.
const SLOWEST: u64 = 50_000;

/// A client for the bytes of files; clones share its connections.
#[derive(Debug, Clone)]
pub(in crate::deliver) struct FileClient {
    http: Client,
    hosts: Hosts,
    /// How long Slack may take to begin an answer, and between two pieces of it.
    timeout: Duration,
    /// Most bytes of a file.
    max_size: u64,
}

/// A file that has begun to come, and its bytes.
#[derive(Debug)]
pub(super) struct Download {
    body: Incoming,
    /// How long it is.
    pub(super) length: u64,
}

impl FileClient {
    /// A client for the workspaces behind this base URL of the Web API.
    pub(in crate::deliver) fn new(api_url: &Url, timeout: Duration, max_size: u64) -> anyhow::Result<Self> {
        Ok(Self { http: http::client().build()?, hosts: Hosts::new(api_url), timeout, max_size })
    }

    /// Begins to fetch a file.
    pub(super) async fn fetch(&self, source: &Source, token: &SecretString) -> Result<Download, Trouble> {
        self.check_size(source.size)?;
        let response = self.get(&source.url, token).await?;
        let announced = response.content_length();
        self.check_size(announced)?;
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let page = is_page_type(kind) && !(source.is_page() && (source.size.is_none() || source.size == announced));
        let body = Incoming::begin(response, self.timeout).await?;
        if page || (looks_like_page(body.beginning()) && !may_look_like_page(source)) {
            return Err(Trouble::suspect("login_page", "Slack shows its sign-in page in place of the file"));
        }
        match (source.size, announced) {
            (Some(size), Some(length)) if size != length => Err(Trouble::suspect(
                "other_size",
                format!("Slack gives {length} bytes in place of the {size} that the file has"),
            )),
            (Some(length), _) | (None, Some(length)) => Ok(Download { body, length }),
            (None, None) => {
                let (body, length) = body.collect(self.max_size).await?;
                Ok(Download { body, length })
            }
        }
        .and_then(|download| match download.length {
            0 => Err(Trouble::lasting("empty", "the file is empty, and Slack takes none that is")),
            _ => Ok(download),
        })
    }

    /// Sends what is being fetched to an upload URL, which is itself the permission: it gets no token.
    pub(super) async fn send(&self, url: &str, download: Download, source: &Source) -> Result<(), Trouble> {
        let url = self.hosts.admit(url).ok_or_else(foreign)?;
        let length = download.length;
        let (body, fate) = download.body.exactly(length);
        let kind = if source.mimetype.is_empty() { "application/octet-stream" } else { &source.mimetype };
        let request = self.http.post(url).header(CONTENT_TYPE, kind).header(CONTENT_LENGTH, length).body(body);
        let patience = self.timeout * 2 + Duration::from_secs(length / SLOWEST);
        let answer = tokio::time::timeout(patience, request.send()).await;
        let answer = match answer {
            Err(_) => Err(Trouble::passing("no_answer", None)),
            Ok(Err(error)) => Err(fate.trouble().unwrap_or_else(|| Trouble::from(&error))),
            Ok(Ok(response)) => Ok(response),
        }?;
        taken(&answer)
    }

    /// Sends bytes of our own to an upload URL.
    pub(super) async fn send_own(&self, url: &str, bytes: Vec<u8>, kind: &str) -> Result<(), Trouble> {
        let url = self.hosts.admit(url).ok_or_else(foreign)?;
        let request = self.http.post(url).header(CONTENT_TYPE, kind).body(bytes).send();
        let answer = tokio::time::timeout(self.timeout * 2, request).await;
        let answer = answer.map_err(|_| Trouble::passing("no_answer", None))?;
        taken(&answer.map_err(|error| Trouble::from(&error))?)
    }

    /// A response with status 200, wherever it is. Each step is checked before the token goes there.
    async fn get(&self, url: &str, token: &SecretString) -> Result<Response, Trouble> {
        let mut url = self.hosts.admit(url).ok_or_else(foreign)?;
        for _ in 0..=REDIRECTS {
            let request = self.http.get(url.clone()).bearer_auth(token.expose_secret()).send();
            let response = tokio::time::timeout(self.timeout, request).await;
            let response = response.map_err(|_| Trouble::passing("no_answer", None))?;
            let response = response.map_err(|error| Trouble::from(&error))?;
            match response.status() {
                StatusCode::OK => return Ok(response),
                status if status.is_redirection() => {
                    let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
                    let to = url.join(to).map_err(|_| foreign())?;
                    url = self.hosts.admit(to.as_str()).ok_or_else(foreign)?;
                }
                status => {
                    return Err(passing(status, &response).unwrap_or_else(|| {
                        Trouble::suspect("not_given", format!("Slack does not give the file ({})", status.as_u16()))
                    }));
                }
            }
        }
        Err(Trouble::suspect("redirects", "Slack sends us round and round"))
    }

    fn check_size(&self, bytes: Option<u64>) -> Result<(), Trouble> {
        match bytes {
            Some(bytes) if bytes > self.max_size => Err(Trouble::lasting(
                "too_large",
                format!("the file has {}, and no more than {} are passed on", size(bytes), size(self.max_size)),
            )),
            _ => Ok(()),
        }
    }
}

/// Whether Slack has taken the bytes.
fn taken(answer: &Response) -> Result<(), Trouble> {
    match answer.status() {
        status if status.is_success() => Ok(()),
        StatusCode::PAYLOAD_TOO_LARGE => Err(Trouble::lasting(
            "file_upload_size_restricted",
            crate::deliver::explain::explain("file_upload_size_restricted"),
        )),
        status => Err(passing(status, answer).unwrap_or_else(|| {
            Trouble::lasting("upload_refused", format!("Slack did not take its bytes ({})", status.as_u16()))
        })),
    }
}

fn foreign() -> Trouble {
    Trouble::lasting("foreign_host", "the file is not on one of Slack's hosts")
}

/// What passes by itself; none for an answer that will stay the same.
fn passing(status: StatusCode, response: &Response) -> Option<Trouble> {
    let after = response.headers().get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
    let after = after.map(|seconds| Duration::from_secs(seconds).min(retry::LONGEST_PAUSE));
    match status {
        StatusCode::TOO_MANY_REQUESTS => Some(Trouble::passing("ratelimited", after)),
        StatusCode::REQUEST_TIMEOUT => Some(Trouble::passing("no_answer", after)),
        _ if status.is_server_error() => Some(Trouble::passing(&format!("http_{}", status.as_u16()), after)),
        _ => None,
    }
}

fn looks_like_page(beginning: &[u8]) -> bool {
    let beginning = beginning.trim_ascii_start();
    [&b"<!doctype html"[..], b"<html"]
        .iter()
        .any(|mark| beginning.get(..mark.len()).is_some_and(|first| first.eq_ignore_ascii_case(mark)))
}

/// Text may be anything, also the source of a page; a picture cannot.
fn may_look_like_page(source: &Source) -> bool {
    source.is_page() || source.snippet.is_some() || source.mimetype.starts_with("text/")
}
