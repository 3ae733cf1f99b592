//! Identifiers: sortable by time, unguessable in production, counted in tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use uuid::{NoContext, Uuid};

/// A source of identifiers.
#[derive(Debug, Clone)]
pub enum Ids {
    /// UUID version 7 (RFC 9562).
    Random,
    /// `00000001`, `00000002`, ...: for snapshots. The prefix tells restarts apart.
    Counted(Arc<AtomicU64>),
}

impl Ids {
    /// A fresh identifier.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    pub fn next(&self, now: Timestamp) -> String {
        match self {
            Self::Random => {
                let seconds = u64::try_from(now.as_second()).unwrap_or_default();
                let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
                Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanos)).to_string()
            }
            Self::Counted(counter) => format!("{:08}", counter.fetch_add(1, Ordering::SeqCst) + 1),
        }
    }

    /// A number from 0 up to 1, to spread retries.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        match self {
            Self::Random => getrandom::u32().map_or(0.5, |random| f64::from(random) / (f64::from(u32::MAX) + 1.0)),
            Self::Counted(_) => 0.5,
        }
    }
}
