//! How many posts to one channel are under way at once: whoever promises their order has one at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::{Core, Simulator};

/// Posts under way in each channel, and the most that there ever were in one.
#[derive(Default)]
pub(super) struct Crowding(Mutex<(HashMap<String, usize>, usize)>);

/// A post that is under way until this is dropped, be it that its caller is gone.
pub(super) struct UnderWay(Arc<Core>, String);

impl UnderWay {
    /// Begins a call; none where it is no post.
    pub(super) fn begin(core: &Arc<Core>, method: &str, args: &Value) -> Option<Self> {
        let channel = args["channel"].as_str().filter(|_| method == "chat.postMessage")?.to_owned();
        let mut state = core.crowding.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (posts, most) = &mut *state;
        let now = posts.entry(channel.clone()).or_default();
        *now += 1;
        *most = (*most).max(*now);
        drop(state);
        Some(Self(Arc::clone(core), channel))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.crowding.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(now) = state.0.get_mut(&self.1) {
            *now = now.saturating_sub(1);
        }
    }
}

impl Simulator {
    /// The most posts to one channel that were ever under way at once.
    #[must_use]
    pub fn posts_at_once(&self) -> usize {
        self.core.crowding.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }
}
