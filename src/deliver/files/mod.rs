//! Files from one workspace to another: fetched with the token of the one, uploaded with the token of the other, and then
//! shared in a channel. The courier's pages call it.
//!
//! `source` reads what there is to fetch, `hosts` says where that may be, `client` fetches and sends, `body` is the bytes
//! in between, `share` makes them a message, `missed` says why not.

mod body;
mod client;
mod missed;
mod share;
mod source;

use serde_json::{Value, json};

use crate::takeover::relayed::Uploaded;

use super::errand::Obstacle;
use super::method::Method;
use super::tools::{Account, Tools};
use missed::Trouble;
use source::{Known, Source};

pub(super) use client::FileClient;
pub(super) use missed::Missed;

/// Refusals of an upload that come of how the file is to look, not of the file.
const FANCY: [&str; 4] = ["alt_txt_too_large", "snippet_too_large", "unknown_snippet_type", "unknown_subtype"];

impl Tools {
    /// Carries the bytes of a file, which Slack described as `file`, from one workspace to the other. It may be repeated:
    /// an upload that is not completed is seen by nobody.
    ///
    /// # Errors
    /// [`Missed`], if it did not get across.
    pub(super) async fn carry_file(&self, from: &Account, to: &Account, file: &Value) -> Result<Uploaded, Missed> {
        let source = match source::read(file)? {
            Known::Whole(source) => source,
            Known::Stub(id) => self.describe(from, &id).await?,
        };
        let (code, reason) = match self.fetch_and_send(from, to, &source).await? {
            Ok(uploaded) => return Ok(uploaded),
            Err(suspicion) => suspicion,
        };
        // The token may be dead, a permission missing, the file deleted or edited since: Slack says.
        if !source.id.is_empty() {
            let now = self.describe(from, &source.id).await?;
            if now != source
                && let Ok(uploaded) = self.fetch_and_send(from, to, &now).await?
            {
                return Ok(uploaded);
            }
        }
        Err(Missed::never(code, reason))
    }

    /// Uploads a file of our own, of a kind, and with a description if it is a picture; nobody sees it until it is shared.
    ///
    /// # Errors
    /// [`Missed`], if Slack did not take it.
    pub(super) async fn upload(
        &self,
        to: &Account,
        name: &str,
        (mime, alt): (&str, Option<&str>),
        bytes: Vec<u8>,
    ) -> Result<Uploaded, Missed> {
        let body = json!({ "filename": name, "length": bytes.len(), "alt_txt": alt });
        let ticket = self.call(to, Method::FILES_GET_UPLOAD_URL_EXTERNAL, &body).await;
        let ticket = ticket.map_err(|obstacle| Missed::by(obstacle, to))?;
        let field = |name: &str| ticket[name].as_str().unwrap_or_default();
        self.files.send_own(field("upload_url"), bytes, mime).await.map_err(|trouble| trouble.on(to))?;
        Ok(Uploaded { id: field("file_id").to_owned(), title: None })
    }

    /// What Slack knows about a file.
    async fn describe(&self, account: &Account, id: &str) -> Result<Source, Missed> {
        let answer = self.call(account, Method::FILES_INFO, &json!({ "file": id })).await;
        let answer = answer.map_err(|obstacle| Missed::by(obstacle, account))?;
        match source::read(&answer["file"])? {
            Known::Whole(source) => {
                Ok(source.renamed(|name| self.relay.config.redaction.redact_text(name).into_owned()))
            }
            Known::Stub(_) => Err(Missed::never("no_url", "Slack does not say where the file is")),
        }
    }

    /// The inner error is a suspicion: its code and reason, unless Slack knows better.
    async fn fetch_and_send(
        &self,
        from: &Account,
        to: &Account,
        source: &Source,
    ) -> Result<Result<Uploaded, (&'static str, String)>, Missed> {
        let suspicion = |trouble| match trouble {
            Trouble::Suspect { code, reason } => Ok(Err((code, reason))),
            other => Err(other.on(from)),
        };
        let download = match self.files.fetch(source, &from.token).await {
            Ok(download) => download,
            Err(trouble) => return suspicion(trouble),
        };
        let ticket = self.announce(to, source, download.length).await.map_err(|obstacle| Missed::by(obstacle, to))?;
        let field = |name: &str| ticket[name].as_str().unwrap_or_default();
        match self.files.send(field("upload_url"), download, source).await {
            Ok(()) => Ok(Ok(Uploaded { id: field("file_id").to_owned(), title: source.title.clone() })),
            Err(trouble) => suspicion(trouble),
        }
    }

    /// Asks for an upload URL. What Slack does not take as a snippet, or under this description, it may take without.
    async fn announce(&self, to: &Account, source: &Source, length: u64) -> Result<Value, Obstacle> {
        let mut body = json!({
            "filename": source.name, "length": length, "snippet_type": source.snippet, "alt_txt": source.alt,
        });
        match self.call(to, Method::FILES_GET_UPLOAD_URL_EXTERNAL, &body).await {
            Err(Obstacle::Refused(refusal)) if FANCY.contains(&refusal.code.as_str()) => {
                body["snippet_type"] = Value::Null;
                body["alt_txt"] = Value::Null;
                self.call(to, Method::FILES_GET_UPLOAD_URL_EXTERNAL, &body).await
            }
            answer => answer,
        }
    }
}

#[cfg(test)]
mod tests;
