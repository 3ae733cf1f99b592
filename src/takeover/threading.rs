//! In which thread of the DM people talk.

use serde_json::Value;

use crate::render::ts::Ts;

use super::conversation::Threading;
use super::event::Speaker;

/// Takes a message of the DM into account, in whatever order they come: the newest of each side counts.
pub fn note(threading: &mut Threading, speaker: Speaker, ts: &str, message: &Value) {
    let root = message["thread_ts"].as_str().filter(|root| *root != ts);
    let last = match speaker {
        Speaker::Customer => &mut threading.customer_ts,
        Speaker::Bot => &mut threading.bot_ts,
    };
    if last.as_deref().and_then(Ts::parse) > Ts::parse(ts) {
        return;
    }
    *last = Some(ts.to_owned());
    match speaker {
        Speaker::Customer => {
            let answered_there = threading.bot_answers_in_threads.then(|| ts.to_owned());
            threading.root = root.map(str::to_owned).or(answered_there);
        }
        Speaker::Bot => {
            threading.bot_answers_in_threads = root.is_some();
            if root.is_some() && root == threading.customer_ts.as_deref() {
                threading.root = root.map(str::to_owned);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn root_after(said: &[(Speaker, &str, Option<&str>)]) -> Option<String> {
        let mut threading = Threading::default();
        for (speaker, ts, thread) in said {
            note(&mut threading, *speaker, ts, &json!({ "ts": ts, "thread_ts": thread }));
        }
        threading.root
    }

    #[test]
    fn words_go_where_the_customer_wrote_last() {
        use Speaker::{Bot, Customer};
        for (said, root) in [
            (vec![(Customer, "1.0", None)], None),
            (vec![(Customer, "1.0", None), (Bot, "2.0", None)], None),
            (vec![(Customer, "3.0", Some("1.0"))], Some("1.0")),
            (vec![(Customer, "3.0", Some("1.0")), (Customer, "4.0", None)], None),
            (vec![(Customer, "4.0", None), (Customer, "3.0", Some("1.0"))], None),
            // A bot of the agent kind answers in the thread of each message.
            (vec![(Customer, "1.0", None), (Bot, "2.0", Some("1.0"))], Some("1.0")),
            (vec![(Customer, "1.0", None), (Bot, "2.0", Some("1.0")), (Customer, "3.0", None)], Some("3.0")),
            // The root of a thread names itself.
            (vec![(Customer, "1.0", Some("1.0"))], None),
        ] {
            assert_eq!(root_after(&said).as_deref(), root, "{said:?}");
        }
    }
}
