//! The company's ledger, which the bot asks for reports, and which answers when the story wants it to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use tokio::sync::Semaphore;
use url::Url;

/// What it answers.
pub(super) const REPORT: &str = "You have 3 open expenses.";

/// The ledger. Clones are the same one.
#[derive(Clone)]
pub(super) struct Ledger {
    answers: Arc<Semaphore>,
    asked: Arc<AtomicUsize>,
}

impl Ledger {
    /// Begins to listen; also where.
    pub(super) async fn open() -> (Self, Url) {
        let ledger = Self { answers: Arc::new(Semaphore::new(0)), asked: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let router = Router::new().route("/", get(|State(ledger): State<Self>| async move { ledger.report().await }));
        let router = router.with_state(ledger.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (ledger, url)
    }

    /// What it answers, once it may.
    pub(super) async fn report(&self) -> &'static str {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.answers.acquire().await.unwrap().forget();
        REPORT
    }

    /// One more question may be answered.
    pub(super) fn may_answer(&self) {
        self.answers.add_permits(1);
    }

    /// How often it was asked.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}
