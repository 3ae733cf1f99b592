//! What can go wrong between us and Slack, on demand. Tests plan faults; the server draws them for each call.

/// Something that goes wrong with one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// HTTP 429 with `Retry-After`; nothing is done.
    RateLimited {
        /// Seconds to wait.
        retry_after_secs: u64,
    },
    /// HTTP 200 with `ok: false` and this code; nothing is done.
    Error(String),
    /// HTTP 500; nothing is done.
    Http500Before,
    /// HTTP 500, although the call was carried out.
    Http500After,
    /// The connection is cut; nothing is done.
    ResetBefore,
    /// The call is carried out, then the connection is cut: the answer is lost.
    ResetAfter,
    /// Nothing is done until hangs are released, then all goes on as usual.
    HangBefore,
    /// The call is carried out, but the answer waits until hangs are released.
    HangAfter,
}

/// Faults to come.
#[derive(Default)]
pub(super) struct Faults {
    planned: Vec<(String, u32, Fault)>,
    random: Vec<(String, f64, Dice, Fault)>,
}

impl Faults {
    /// The next `times` calls of a method (`*`: any) go wrong, after those planned before.
    pub(super) fn plan(&mut self, method: &str, times: u32, fault: Fault) {
        self.planned.push((method.to_owned(), times, fault));
    }

    /// Calls of a method go wrong with this probability.
    pub(super) fn plan_randomly(&mut self, method: &str, probability: f64, seed: u64, fault: Fault) {
        self.random.push((method.to_owned(), probability, Dice(seed), fault));
    }

    /// Nothing goes wrong any more.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What goes wrong with this call, if anything.
    pub(super) fn draw(&mut self, method: &str) -> Option<Fault> {
        let matches = |pattern: &str| pattern == "*" || pattern == method;
        if let Some(at) = self.planned.iter().position(|(pattern, _, _)| matches(pattern)) {
            let fault = self.planned[at].2.clone();
            self.planned[at].1 = self.planned[at].1.saturating_sub(1);
            self.planned.retain(|(_, left, _)| *left > 0);
            return Some(fault);
        }
        let concerned = self.random.iter_mut().filter(|(pattern, ..)| matches(pattern));
        concerned.fold(None, |drawn, (_, probability, dice, fault)| {
            let hit = dice.roll() < *probability;
            drawn.or_else(|| hit.then(|| fault.clone()))
        })
    }
}

/// A reproducible source of chance (splitmix64).
#[derive(Debug, Clone)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// A number from 0 up to, not including, 1.
    #[allow(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub(super) fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Puts things into a random order (Fisher-Yates).
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
    pub(super) fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            let other = (self.roll() * (last + 1) as f64) as usize;
            things.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Dice, Fault, Faults};

    #[test]
    fn a_planned_fault_hits_its_method_as_often_as_planned() {
        let mut faults = Faults::default();
        faults.plan("chat.postMessage", 2, Fault::Http500Before);
        assert_eq!(faults.draw("users.info"), None);
        assert_eq!(faults.draw("chat.postMessage"), Some(Fault::Http500Before));
        assert_eq!(faults.draw("chat.postMessage"), Some(Fault::Http500Before));
        assert_eq!(faults.draw("chat.postMessage"), None);
    }

    #[test]
    fn chance_repeats_itself_for_one_seed_and_keeps_to_the_probability() {
        let draw = || {
            let mut faults = Faults::default();
            faults.plan_randomly("*", 0.25, 7, Fault::ResetAfter);
            (0..1000).map(|_| faults.draw("x").is_some()).collect::<Vec<_>>()
        };
        let hits = draw().iter().filter(|hit| **hit).count();
        assert_eq!(draw(), draw());
        assert!((200..300).contains(&hits), "{hits}");
    }

    #[test]
    fn shuffling_keeps_every_thing() {
        let mut things: Vec<_> = (0..20).collect();
        Dice(3).shuffle(&mut things);
        assert_ne!(things, (0..20).collect::<Vec<_>>());
        things.sort_unstable();
        assert_eq!(things, (0..20).collect::<Vec<_>>());
    }
}
