//! One connection: reads, hands out what comes, acknowledges what is stored, and notices when nobody is there any more.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::pin;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_util::sync::CancellationToken;

use super::Limits;
use super::dial::Socket;
use super::frame::{Frame, Kind};
use super::reason::Reason;
use super::taker::Taker;

/// An open connection.
pub(super) struct Link {
    socket: Socket,
    lifetime: Option<Duration>,
}

/// What is worked on; each ends in an acknowledgement, or in none.
type Work = JoinSet<Option<String>>;

impl Link {
    /// A connection on which Slack has greeted.
    pub(super) fn new(socket: Socket, lifetime: Option<Duration>) -> Self {
        Self { socket, lifetime }
    }

    /// Serves the connection until it ends by itself or by `retire`; what was begun is finished in any case. As soon as a
    /// successor is wanted, `leaving` says why, and the connection goes on until then.
    pub(super) async fn serve(
        mut self,
        taker: Arc<Taker>,
        retire: CancellationToken,
        leaving: oneshot::Sender<Reason>,
    ) {
        let mut leaving = Some(leaving);
        let mut work = Work::new();
        taker.metrics().socket_connections(1);
        let end = self.listen(&taker, &retire, &mut work, &mut leaving).await;
        if end.is_ok() {
            // Whether it succeeds or not, this was the end.
            let _: Result<(), Reason> = self.part(&taker, &mut work).await;
        }
        // What is left is acknowledged no more: Slack sends it again, and finds it stored.
        while work.join_next().await.is_some() {}
        taker.metrics().socket_connections(-1);
        if let (Err(reason), Some(leaving)) = (end, leaving) {
            // Nobody waits any more when the service stops.
            let _ = leaving.send(reason);
        }
    }

    /// Listens until `retire`; the error says why it ended otherwise.
    async fn listen(
        &mut self,
        taker: &Arc<Taker>,
        retire: &CancellationToken,
        work: &mut Work,
        leaving: &mut Option<oneshot::Sender<Reason>>,
    ) -> Result<(), Reason> {
        let limits = &taker.limits;
        let (quiet, aged) = (sleep(limits.quiet), sleep(limits.age(self.lifetime, taker.random())));
        pin!(quiet, aged);
        let mut was_asked = false;
        let mut leave = |reason| {
            if let Some(leaving) = leaving.take() {
                let _ = leaving.send(reason);
            }
        };
        let mut is_aged = false;
        loop {
            tokio::select! {
                () = retire.cancelled() => return Ok(()),
                Some(done) = work.join_next() => self.acknowledge(done.ok().flatten(), limits).await?,
                frame = self.socket.next() => {
                    was_asked = false;
                    quiet.set(sleep(limits.quiet));
                    match frame {
                        Some(Ok(Message::Text(text))) => match Frame::read(&text) {
                            Frame::Envelope(envelope) if work.len() < limits.waiting => {
                                work.spawn(Arc::clone(taker).take(*envelope));
                            }
                            Frame::Envelope(envelope) => taker.metrics().socket_envelope(envelope.kind.name(), "busy"),
                            Frame::Disconnect(reason) => leave(reason),
                            Frame::Hello { .. } | Frame::Noise => {}
                        },
                        // Pings are answered by the library, with the next look for a frame.
                        Some(Ok(Message::Close(_))) | None => return Err(Reason::Closed),
                        Some(Ok(_)) => {}
                        Some(Err(_)) => return Err(Reason::Broken),
                    }
                }
                () = &mut quiet => {
                    if was_asked {
                        return Err(Reason::Silent);
                    }
                    was_asked = true;
                    quiet.set(sleep(limits.quiet));
                    self.say(Message::Ping(Bytes::new()), limits).await?;
                }
                () = &mut aged, if !is_aged => {
                    is_aged = true;
                    leave(Reason::Aged);
                }
            }
        }
    }

    async fn acknowledge(&mut self, text: Option<String>, limits: &Limits) -> Result<(), Reason> {
        match text {
            Some(text) => self.say(Message::text(text), limits).await,
            None => Ok(()),
        }
    }

    async fn say(&mut self, message: Message, limits: &Limits) -> Result<(), Reason> {
        match timeout(limits.write, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Reason::Broken),
            Err(_) => Err(Reason::Silent),
        }
    }

    /// Acknowledges what was begun, says goodbye, and waits until Slack has said it too.
    async fn part(&mut self, taker: &Arc<Taker>, work: &mut Work) -> Result<(), Reason> {
        let limits = &taker.limits;
        while let Some(done) = work.join_next().await {
            self.acknowledge(done.ok().flatten(), limits).await?;
        }
        let goodbye = async {
            self.socket.close(None).await.map_err(|_| Reason::Broken)?;
            while let Some(Ok(message)) = self.socket.next().await {
                // Slack did not know yet. An event in time is worth more than its acknowledgement; who typed a command or
                // clicked reads that it has failed, so nothing is done then.
                if let Message::Text(text) = message
                    && let Frame::Envelope(envelope) = Frame::read(&text)
                    && envelope.kind == Kind::Event
                {
                    work.spawn(Arc::clone(taker).take(*envelope));
                }
            }
            Ok(())
        };
        timeout(limits.goodbye, goodbye).await.unwrap_or(Err(Reason::Silent))
    }
}
