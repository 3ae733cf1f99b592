//! Numbers, for the command, the API, and the courier who tells queues theirs.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::render::numbers::{Days, Numbers};
use crate::store::numbers;
use crate::takeover::effect::Scope;
use crate::takeover::handoff::queue::{Queue, Queues};

use super::Desk;

/// Days that numbers are of at most, however long things are kept.
const MOST_DAYS: u16 = 366;

impl Desk {
    /// The numbers of some days; of one bot's conversations, where it is named.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn numbers(&self, scope: &Scope, bot: Option<&str>) -> anyhow::Result<Numbers> {
        let days = Days { last: scope.last, count: scope.days, zone: self.zone(scope.queue.as_deref()) };
        let queue = scope.queue.as_deref();
        let facts = numbers::facts(&self.relay.db, (days.from(), days.until()), queue, bot).await?;
        Ok(Numbers::of(&facts, queue, days))
    }

    /// So many days up to today, of a queue or of all.
    #[must_use]
    pub fn up_to_today(&self, queue: Option<&Queue>, days: u16) -> Scope {
        let zone = queue.map_or(TimeZone::UTC, Queue::zone);
        let last = zone.to_datetime(self.relay.clock.now()).date();
        Scope { queue: queue.map(|queue| queue.label.clone()), last, days }
    }

    /// For how many days there are numbers: what they are counted from is kept so long.
    #[must_use]
    pub fn days_of_numbers(&self) -> u16 {
        let retention = &self.relay.config.retention;
        let kept = [retention.conversations, retention.journal].into_iter().filter(|kept| !kept.is_zero()).min();
        let days = |kept: Duration| u16::try_from(kept.as_secs() / (24 * 60 * 60)).unwrap_or(MOST_DAYS);
        kept.map_or(MOST_DAYS, days).clamp(1, MOST_DAYS)
    }

    fn zone(&self, queue: Option<&str>) -> TimeZone {
        let queues = self.relay.watches.queues();
        queue.and_then(|label| Queues(&queues).find(label)).map_or(TimeZone::UTC, Queue::zone)
    }
}
