//! The HTTP server. It bounds what `axum::serve` leaves open: how long a peer may take, how much it may send and how many
//! there may be. The commands `serve` and `demo` run it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::connection::Connection;

/// How much patience the server has.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For the header of a request, and between two requests of one connection.
    pub header_read: Duration,
    /// For the whole body of a request.
    pub body_read: Duration,
    /// For a handler, which may wait for a database that is slow.
    pub answer: Duration,
    /// For a peer that takes nothing of a response.
    pub write: Duration,
    /// For requests that are being answered when the server stops.
    pub drain: Duration,
    /// Bytes of a header that are kept before it is complete, at least 8,192; a single read may go beyond.
    pub max_header: usize,
    /// Bytes in a body.
    pub max_body: usize,
    /// Bytes in the bodies of all requests that are being read or answered.
    pub max_bodies: usize,
    /// Connections at a time; further ones wait to be accepted.
    pub max_connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_read: Duration::from_secs(10),
            body_read: Duration::from_secs(20),
            answer: Duration::from_secs(20),
            write: Duration::from_secs(20),
            drain: Duration::from_secs(5),
            max_header: 32 << 10,
            max_body: 1 << 20,
            max_bodies: 128 << 20,
            max_connections: 4096,
        }
    }
}

/// Serves until `shutdown` is cancelled, then lets running requests finish, and returns.
///
/// After `limits.drain` what still runs is cut off.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, shutdown: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.header_read).max_buf_size(limits.max_header);
    let slots = Arc::new(Semaphore::new(limits.max_connections));
    let (graceful, cut) = (GracefulShutdown::new(), CancellationToken::new());
    while let Some((socket, slot)) = shutdown.run_until_cancelled(accept(&listener, &slots)).await.flatten() {
        let io = TokioIo::new(Connection::new(socket, limits.write));
        let connection = graceful.watch(http.serve_connection(io, TowerToHyperService::new(router.clone())));
        let cut = cut.clone();
        tokio::spawn(async move {
            let _slot = slot;
            if let Some(Err(error)) = cut.run_until_cancelled(connection).await {
                tracing::debug!(%error, "connection broken");
            }
        });
    }
    drop(listener);
    if timeout(limits.drain, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were cut off: they took too long to finish");
        cut.cancel();
    }
}

/// The next connection, as soon as there is room for it. `None` never comes: nobody closes the semaphore.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                // Answers are small; waiting for more of them to send together only delays them.
                let _ = socket.set_nodelay(true);
                return Some((socket, slot));
            }
            // Mostly that there are too many open files, which takes a while to get better.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::intake::layers;
    use axum::body::{Body, Bytes};
    use axum::routing::{get, post};
    use serde_json::Value;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;

    /// A server with little patience.
    fn start(router: Router) -> (std::net::SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
        let short = Duration::from_millis(100);
        start_with(
            router,
            Limits { header_read: short, body_read: short, write: short, drain: short, ..Limits::default() },
        )
    }

    fn start_with(
        router: Router,
        limits: Limits,
    ) -> (std::net::SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let (address, shutdown) = (listener.local_addr().unwrap(), CancellationToken::new());
        let listener = TcpListener::from_std(listener).unwrap();
        let server = serve(listener, layers::apply(router, limits), limits, shutdown.clone());
        (address, shutdown, tokio::spawn(server))
    }

    fn echo() -> Router {
        Router::new().route("/", post(|body: Bytes| async move { body.len().to_string() }))
    }

    /// Sends `request`, and reads until the server hangs up.
    async fn exchange(address: std::net::SocketAddr, request: &[u8]) -> (String, String) {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(request).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        answer.split_once("\r\n\r\n").map(|(head, body)| (head.to_lowercase(), body.to_owned())).unwrap_or_default()
    }

    fn code(body: &str) -> Value {
        serde_json::from_str::<Value>(body).unwrap()["code"].take()
    }

    #[tokio::test]
    async fn a_slow_header_is_cut_off() {
        let (address, ..) = start(echo());
        let (head, _) = exchange(address, b"POST / HTTP/1.1\r\nHost: a").await;
        assert!(head.is_empty() || head.starts_with("http/1.1 408"), "{head}");
    }

    #[tokio::test]
    async fn a_slow_body_is_cut_off() {
        let (address, ..) = start(echo());
        let (head, body) = exchange(address, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf").await;
        assert!(head.starts_with("http/1.1 408"), "{head}");
        assert_eq!(code(&body), "request_timeout");
    }

    #[tokio::test]
    async fn a_handler_that_takes_too_long_is_given_up_and_the_peer_may_come_again() {
        let (dropped, done) = oneshot::channel::<()>();
        let held = Arc::new(std::sync::Mutex::new(Some(dropped)));
        let handler = move || {
            let held = held.lock().unwrap().take();
            async move {
                std::future::pending::<()>().await;
                drop(held);
            }
        };
        let limits = Limits { answer: Duration::from_millis(100), ..Limits::default() };
        let (address, ..) = start_with(Router::new().route("/", get(handler)), limits);
        let (header, body) = exchange(address, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
        assert!(header.starts_with("http/1.1 503") && header.contains("retry-after: "), "{header}");
        assert_eq!(code(&body), "unavailable");
        assert!(done.await.is_err(), "what it held is free again");
    }

    #[tokio::test]
    async fn all_bodies_together_are_bounded() {
        let limits = Limits { max_bodies: 3000, ..Limits::default() };
        let (started, running) = oneshot::channel();
        let once = Arc::new(std::sync::Mutex::new(Some(started)));
        let handler = move |body: Bytes| {
            let first = once.lock().unwrap().take();
            async move {
                if let Some(first) = first {
                    first.send(()).unwrap();
                    std::future::pending::<()>().await;
                }
                body.len().to_string()
            }
        };
        let (address, ..) = start_with(Router::new().route("/", post(handler)), limits);
        let request = |size: usize| {
            let body = "x".repeat(size);
            format!("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n{body}")
        };
        let mut first = TcpStream::connect(address).await.unwrap();
        first.write_all(request(2000).as_bytes()).await.unwrap();
        running.await.unwrap();
        let (head, body) = exchange(address, request(2000).as_bytes()).await;
        assert!(head.starts_with("http/1.1 503") && head.contains("retry-after: "), "{head}");
        assert_eq!(code(&body), "unavailable");
        assert_eq!(exchange(address, request(1000).as_bytes()).await.1, "1000");
        drop(first);
        // The server notices that the first has hung up.
        let large = async { while exchange(address, request(3000).as_bytes()).await.1 != "3000" {} };
        timeout(Duration::from_secs(10), large).await.unwrap();
    }

    #[tokio::test]
    async fn a_large_body_is_refused_whatever_the_header_says() {
        let (address, ..) = start(echo());
        let large = "x".repeat((1 << 20) + 1);
        let told = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{large}", large.len());
        let size = large.len();
        let chunked =
            format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{size:x}\r\n{large}\r\n0\r\n\r\n");
        let huge = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n".to_owned();
        for request in [told, chunked, huge] {
            let (head, body) = exchange(address, request.as_bytes()).await;
            assert!(head.starts_with("http/1.1 413"), "{head}");
            assert_eq!(code(&body), "too_large");
        }
    }

    #[tokio::test]
    async fn a_body_of_the_allowed_size_arrives() {
        let (address, ..) = start(echo());
        let most = "x".repeat(1 << 20);
        let request =
            format!("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{most}", most.len());
        assert_eq!(exchange(address, request.as_bytes()).await.1, "1048576");
    }

    #[tokio::test]
    async fn a_large_header_is_refused() {
        let (address, ..) = start(echo());
        let request = format!("POST / HTTP/1.1\r\nHost: a\r\nX-Long: {}\r\n\r\n", "x".repeat(200_000));
        let mut socket = TcpStream::connect(address).await.unwrap();
        let _ = socket.write_all(request.as_bytes()).await;
        let mut start = [0; 12];
        let _ = socket.read_exact(&mut start).await;
        assert_eq!(&start, b"HTTP/1.1 431");
    }

    #[tokio::test]
    async fn a_peer_that_does_not_read_is_cut_off() {
        let (dropped, done) = oneshot::channel::<()>();
        let held = Arc::new(std::sync::Mutex::new(Some(dropped)));
        let endless = move || {
            let held = held.lock().unwrap().take();
            let chunks = futures_util::stream::repeat_with(move || {
                let _ = &held;
                Ok::<_, std::io::Error>(Bytes::from_static(&[0; 8192]))
            });
            async move { Body::from_stream(chunks) }
        };
        let (address, ..) = start(Router::new().route("/", get(endless)));
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        assert!(timeout(Duration::from_secs(10), done).await.unwrap().is_err());
    }

    #[tokio::test]
    async fn a_running_request_is_answered_before_the_server_stops() {
        let (started, running) = oneshot::channel();
        let (go, wait) = oneshot::channel::<()>();
        let once = Arc::new(tokio::sync::Mutex::new(Some((started, wait))));
        let handler = move || async move {
            let (started, wait) = once.lock().await.take().unwrap();
            started.send(()).unwrap();
            wait.await.unwrap();
            "done"
        };
        let (address, shutdown, server) = start(Router::new().route("/", get(handler)));
        let client = tokio::spawn(async move { exchange(address, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await });
        running.await.unwrap();
        shutdown.cancel();
        go.send(()).unwrap();
        assert_eq!(client.await.unwrap().1, "done");
        server.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn a_request_that_does_not_end_is_cut_off_when_the_server_stops() {
        let (started, running) = oneshot::channel();
        let once = Arc::new(std::sync::Mutex::new(Some(started)));
        let handler = move || {
            once.lock().unwrap().take().unwrap().send(()).unwrap();
            std::future::pending::<&str>()
        };
        let (address, shutdown, server) = start(Router::new().route("/", get(handler)));
        let client = tokio::spawn(async move { exchange(address, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await });
        running.await.unwrap();
        shutdown.cancel();
        timeout(Duration::from_secs(10), server).await.unwrap().unwrap();
        assert_eq!(client.await.unwrap().0, "");
    }
}
