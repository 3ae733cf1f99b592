//! The bytes on their way from one workspace to the other: as many as announced, or an error before the last of them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use futures_util::stream::{self, Stream};
use http_body_util::StreamBody;
use hyper::body::Frame;
use reqwest::{Body, Response};

use super::missed::Trouble;

/// Most bytes that are kept here when nobody says how many there will be.
const KEPT: u64 = 8_000_000;

/// A body that is coming in. One piece is always held back, so that a body which is too long is known as such while
/// its last piece has not been passed on.
#[derive(Debug)]
pub(super) struct Incoming {
    origin: Origin,
    held: Bytes,
    /// Bytes that came so far, with what is held.
    seen: u64,
    /// The longest pause between two pieces.
    patience: Duration,
}

#[derive(Debug)]
enum Origin {
    Wire(Box<Response>),
    /// Everything is here.
    Memory,
}

/// Why a body that was being passed on ended early.
#[derive(Debug, Clone, Default)]
pub(super) struct Fate(Arc<Mutex<Option<Trouble>>>);

impl Fate {
    /// What went wrong with the body, if it was that.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Tells the connection that there is no more; [`Fate`] says why.
#[derive(Debug, thiserror::Error)]
#[error("the file did not come as announced")]
struct Broken;

impl Incoming {
    /// Begins to read: the first piece is there.
    pub(super) async fn begin(response: Response, patience: Duration) -> Result<Self, Trouble> {
        let mut body = Self { origin: Origin::Wire(Box::new(response)), held: Bytes::new(), seen: 0, patience };
        body.held = body.piece().await?.unwrap_or_default();
        Ok(body)
    }

    /// What it begins with.
    pub(super) fn beginning(&self) -> &[u8] {
        &self.held
    }

    /// All of it, in memory, and its length: for a body that does not say how long it is.
    pub(super) async fn collect(mut self, cap: u64) -> Result<(Self, u64), Trouble> {
        let mut all = self.held.to_vec();
        while let Some(piece) = self.piece().await? {
            all.extend_from_slice(&piece);
            if self.seen > KEPT.min(cap) {
                return Err(Trouble::lasting(
                    "unknown_size",
                    "Slack does not say how large the file is, and it is large",
                ));
            }
        }
        let length = self.seen;
        Ok((Self { origin: Origin::Memory, held: all.into(), ..self }, length))
    }

    /// As the body of a request: exactly `length` bytes, else the request breaks off and the fate says why.
    pub(super) fn exactly(self, length: u64) -> (Body, Fate) {
        let fate = Fate::default();
        let pieces = pieces(self, length, fate.clone());
        (Body::wrap(StreamBody::new(pieces)), fate)
    }

    /// The next piece from the wire; none at the end.
    async fn piece(&mut self) -> Result<Option<Bytes>, Trouble> {
        let Origin::Wire(response) = &mut self.origin else { return Ok(None) };
        let piece = tokio::time::timeout(self.patience, response.chunk()).await;
        let piece = piece.map_err(|_| Trouble::passing("no_answer", None))?.map_err(|error| Trouble::from(&error))?;
        self.seen += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        Ok(piece)
    }

    /// The next piece to pass on; none at the end.
    async fn pass_on(&mut self, length: u64) -> Result<Option<Bytes>, Trouble> {
        let wrong = |seen: &str| {
            Trouble::suspect("other_size", format!("Slack gave {seen} than the {length} bytes that the file has"))
        };
        while let Some(next) = self.piece().await? {
            if self.seen > length {
                return Err(wrong("more"));
            }
            let piece = std::mem::replace(&mut self.held, next);
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
        if self.seen != length {
            return Err(wrong(if self.seen > length { "more" } else { "less" }));
        }
        let last = std::mem::take(&mut self.held);
        Ok(Some(last).filter(|last| !last.is_empty()))
    }
}

fn pieces(body: Incoming, length: u64, fate: Fate) -> impl Stream<Item = Result<Frame<Bytes>, Broken>> {
    stream::try_unfold((body, fate), move |(mut body, fate)| async move {
        match body.pass_on(length).await {
            Ok(piece) => Ok(piece.map(|piece| (Frame::data(piece), (body, fate)))),
            Err(trouble) => {
                *fate.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
                Err(Broken)
            }
        }
    })
}
