//! What came of it: everything that was said, held against what stands on the other side.

use megatron::demo::cast::{ACME, HUB};
use megatron::simulator::{Seen, Simulator};
use reqwest::Method;
use serde_json::Value;

use crate::fleet::Fleet;
use crate::host::Host;
use crate::people::Customer;
use crate::story::{Line, Side, Story};

/// Figures, and a line for each fault.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) arrived: usize,
    pub(crate) lost: usize,
    /// Lost, or perhaps lost, and the agent was told.
    pub(crate) told: usize,
    pub(crate) doubled: usize,
    pub(crate) disordered: usize,
    /// Out of order since Slack's first try failed and its retry came behind the next message.
    pub(crate) overtaken: usize,
    pub(crate) stale: usize,
    pub(crate) leaked: usize,
    pub(crate) disagreeing: usize,
    pub(crate) faults: Vec<String>,
}

impl Verdict {
    /// Looks at everything.
    pub(crate) async fn pass(slack: &Simulator, crowd: &[Customer], story: &Story, fleet: &Fleet, host: &Host) -> Self {
        let mut verdict = Self::default();
        for customer in crowd {
            let Customer { dm, room, .. } = customer;
            let (in_dm, in_room) = (slack.history(ACME, dm), slack.history(HUB, room));
            let cards: Vec<&str> = in_room.iter().filter(|post| post.by_app).map(|post| post.text.as_str()).collect();
            let cards = cards.join(
                "
",
            );

            let said = story.of(dm, &[Side::Customer, Side::Bot]);
            let copies = in_room.iter().filter(|post| !post.by_app && post.thread_ts.is_none());
            verdict.compare(room, &said, &copies.collect::<Vec<_>>(), "", |_, _| false);

            let written = story.of(dm, &[Side::Agent]);
            let id = slack.channel(HUB, room).map(|room| room.id).unwrap_or_default();
            // Nobody knows which came first when both were on their way; an acknowledgement may be lost as well.
            let late = |line: &Line, next: &Line| {
                let (taken, reached) = (fleet.taken_at(&id, &line.ts), fleet.reached_at(&id, &next.ts));
                taken.is_none_or(|taken| reached.is_some_and(|reached| reached < taken))
            };
            verdict.compare(dm, &written, &in_dm.iter().collect::<Vec<_>>(), &cards, late);

            for note in story.of(dm, &[Side::Note]) {
                if in_dm.iter().any(|post| post.text.contains(&note.key)) {
                    verdict.leaked += 1;
                    verdict.faults.push(format!("{dm}: the note {} is there", note.key));
                }
            }
            verdict.control(customer, &in_room, host).await;
        }
        verdict
    }

    /// Each figure with its name.
    pub(crate) fn rows(&self) -> [(&'static str, usize); 9] {
        [
            ("arrived", self.arrived),
            ("lost", self.lost),
            ("not delivered, and said so", self.told),
            ("doubled", self.doubled),
            ("out of order", self.disordered),
            ("late by Slack's own retry", self.overtaken),
            ("not as edited", self.stale),
            ("notes that left", self.leaked),
            ("pauses not agreed on", self.disagreeing),
        ]
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_good(&self) -> bool {
        self.faults.is_empty()
    }

    /// Whether something is wrong that no time can mend.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.doubled + self.leaked + self.disordered > 0
    }

    fn compare(
        &mut self,
        place: &str,
        said: &[Line],
        there: &[&Seen],
        cards: &str,
        came_late: impl Fn(&Line, &Line) -> bool,
    ) {
        // Where each line stands, the first time.
        let mut order: Vec<(usize, &Line)> = Vec::new();
        for line in said {
            let found: Vec<usize> = (0..there.len()).filter(|at| there[*at].text.contains(&line.key)).collect();
            match found[..] {
                [] if cards.contains(&line.key) => self.told += 1,
                [] => {
                    self.lost += 1;
                    self.faults.push(format!("{place}: {} by {:?} is lost", line.key, line.side));
                }
                [at, ref more @ ..] => {
                    self.arrived += 1;
                    order.push((at, line));
                    if !more.is_empty() {
                        self.doubled += 1;
                        let posts: Vec<String> =
                            found.iter().map(|at| format!("{} {}", there[*at].ts, there[*at])).collect();
                        self.faults.push(format!("{place}: {} by {:?} is there again: {posts:?}", line.key, line.side));
                    }
                    if there[at].text != line.text {
                        self.stale += 1;
                        let text = &there[at].text;
                        self.faults.push(format!("{place}: {} reads “{text}”, not “{}”", line.key, line.text));
                    }
                }
            }
        }
        for (place_in_order, (at, line)) in order.iter().enumerate() {
            // The earliest of those said later that stands before it.
            let mut ahead = order[place_in_order + 1..].iter().filter(|(other, _)| other < at).peekable();
            if ahead.peek().is_none() {
                continue;
            }
            if ahead.all(|(_, other)| came_late(line, other)) {
                self.overtaken += 1;
            } else {
                self.disordered += 1;
                self.faults.push(format!("{place}: {} by {:?} stands behind later ones", line.key, line.side));
            }
        }
    }

    /// The service, the bot and the room say the same about who answers.
    async fn control(&mut self, customer: &Customer, in_room: &[Seen], host: &Host) {
        let Customer { dm, .. } = customer;
        let state = host.request(Method::GET, &format!("v1/conversations/{ACME}/{dm}"), &Value::Null).await;
        let service = state["control"]["paused"] == true;
        let (epoch, bot) = host.called_back(dm);
        let is_control = |post: &&Seen| post.by_app && ["⏸️", "▶️"].iter().any(|sign| post.text.starts_with(sign));
        let card = in_room.iter().rfind(is_control).map(|post| post.text.clone()).unwrap_or_default();
        let room = card.starts_with("⏸️");
        let acknowledged = card.is_empty() || card.contains("Expense Bot knows");
        let current = epoch == 0 || state["control"]["epoch"] == epoch;
        if service != bot || service != room || !acknowledged || !current {
            self.disagreeing += 1;
            self.faults.push(format!("{dm}: service {}, bot {epoch} {bot}, room “{card}”", state["control"]));
        }
    }
}
