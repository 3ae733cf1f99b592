//! What people and the bot have said, each line with a number of its own, and how it should read by now.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A message is not edited twice in so short a time: Slack's stamps of edits are whole seconds.
const EDIT_PAUSE: Duration = Duration::from_secs(2);

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Customer,
    Bot,
    Agent,
    /// An agent, in a thread.
    Note,
}

/// A line, and where it was said.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// What no other line contains.
    pub(crate) key: String,
    pub(crate) dm: String,
    pub(crate) side: Side,
    pub(crate) ts: String,
    /// As it should read by now.
    pub(crate) text: String,
    edited_at: Instant,
}

/// All that was said. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Story(Arc<(Mutex<Vec<Line>>, AtomicBool)>);

impl Story {
    pub(crate) fn begin() -> Self {
        Self(Arc::new((Mutex::default(), AtomicBool::new(true))))
    }

    /// Nobody begins to say anything any more.
    pub(crate) fn end(&self) {
        self.0.1.store(false, Ordering::SeqCst);
    }

    pub(crate) fn is_on(&self) -> bool {
        self.0.1.load(Ordering::SeqCst)
    }

    /// Somebody says the next line; `say` answers its `ts`.
    pub(crate) fn say(&self, dm: &str, side: Side, say: impl FnOnce(&str) -> String) {
        let mut lines = self.0.0.lock().unwrap();
        let key = format!("#{}#", lines.len());
        let text = format!("{key} said");
        let ts = say(&text);
        let (dm, edited_at) = (dm.to_owned(), Instant::now());
        lines.push(Line { key, dm, side, ts, text, edited_at });
    }

    /// Somebody edits one of their lines here, the one that `pick` chooses; false when there is none.
    pub(crate) fn edit(
        &self,
        dm: &str,
        side: Side,
        pick: impl FnOnce(usize) -> usize,
        edit: impl FnOnce(&str, &str),
    ) -> bool {
        let mut lines = self.0.0.lock().unwrap();
        let fit = |line: &&mut Line| line.dm == dm && line.side == side && line.edited_at.elapsed() > EDIT_PAUSE;
        let mut own: Vec<&mut Line> = lines.iter_mut().filter(fit).collect();
        if own.is_empty() {
            return false;
        }
        let at = pick(own.len());
        let line = &mut *own[at];
        line.text = format!("{}, edited", line.text);
        line.edited_at = Instant::now();
        edit(&line.ts, &line.text);
        true
    }

    /// What was said here by these, oldest first.
    pub(crate) fn of(&self, dm: &str, sides: &[Side]) -> Vec<Line> {
        let mut own: Vec<Line> = self.0.0.lock().unwrap().clone();
        own.retain(|line| line.dm == dm && sides.contains(&line.side));
        own.sort_by(|one, other| one.ts.cmp(&other.ts));
        own
    }

    /// How many lines these have said.
    pub(crate) fn count(&self, side: Side) -> usize {
        self.0.0.lock().unwrap().iter().filter(|line| line.side == side).count()
    }
}
