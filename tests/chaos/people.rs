//! Customers and agents, who talk whatever happens.

use std::time::Duration;

use megatron::demo::cast::{ACME, BOT_APP, HUB, JANE, RAJ, SUPPORT};
use megatron::simulator::{Simulator, User};
use tokio::time::sleep;

use crate::chance::Chance;
use crate::story::{Side, Story};

/// A customer with a DM and a room.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) user: String,
    pub(crate) dm: String,
    pub(crate) room: String,
    pub(crate) handle: String,
}

/// Brings so many customers onto the stage.
pub(crate) fn crowd(slack: &Simulator, size: usize) -> Vec<Customer> {
    let one = |number: usize| {
        let handle = format!("customer{number:02}");
        let (user, dm) = (format!("U0C{number:02}"), format!("D0C{number:02}"));
        let person = User { id: user.clone(), name: handle.clone(), real_name: handle.clone(), ..User::default() };
        slack.add_user(ACME, person).unwrap();
        slack.open_dm(ACME, &user, BOT_APP, &dm).unwrap();
        Customer { user, dm, room: format!("cs-{handle}"), handle }
    };
    (0..size).map(one).collect()
}

/// An agent types a command until it works.
pub(crate) async fn command(slack: &Simulator, channel: &str, text: &str) {
    while slack.command(HUB, JANE, channel, "/megatron", text).await.unwrap().status != 200 {
        sleep(Duration::from_millis(100)).await;
    }
}

/// Everybody says hello and gets a room.
pub(crate) async fn open_rooms(slack: &Simulator, crowd: &[Customer]) {
    for Customer { user, dm, .. } in crowd {
        slack.say(ACME, user, dm, "Hello?").unwrap();
    }
    for Customer { handle, room, .. } in crowd {
        let stands = || slack.lines(HUB, room).iter().any(|line| line.ends_with("Hello?"));
        let mut tries = 0;
        while !stands() {
            if tries % 40 == 0 {
                command(slack, SUPPORT, &format!("open {handle}")).await;
            }
            tries += 1;
            assert!(tries < 600, "{room} does not open: {:?}", slack.lines(HUB, SUPPORT));
            sleep(Duration::from_millis(50)).await;
        }
        let raj = slack.channel(HUB, room).unwrap();
        slack.join_channel(HUB, &raj.id, RAJ).unwrap();
    }
}

/// They talk until the story ends, with so long between two lines. How often control was changed, and lines were edited.
pub(crate) async fn talk(
    slack: Simulator,
    crowd: Vec<Customer>,
    story: Story,
    mut chance: Chance,
    pause: u64,
) -> (usize, usize) {
    let (mut turns, mut edits) = (0, 0);
    while story.is_on() {
        let customer = chance.pick(&crowd).clone();
        let Customer { user, dm, room, .. } = &customer;
        let agent = *chance.pick(&[JANE, RAJ]);
        match chance.below(100) {
            0..40 => story.say(dm, Side::Customer, |text| slack.say(ACME, user, dm, text).unwrap()),
            40..70 => story.say(dm, Side::Agent, |text| slack.say(HUB, JANE, room, text).unwrap()),
            70..78 => {
                let edit = |ts: &str, text: &str| slack.edit(ACME, user, dm, ts, text).unwrap();
                edits += usize::from(story.edit(dm, Side::Customer, |many| chance.below(many), edit));
            }
            78..86 => {
                let edit = |ts: &str, text: &str| slack.edit(HUB, JANE, room, ts, text).unwrap();
                edits += usize::from(story.edit(dm, Side::Agent, |many| chance.below(many), edit));
            }
            86..94 => {
                let last = slack.history(HUB, room).pop().unwrap();
                let root = last.thread_ts.unwrap_or(last.ts);
                let note = |text: &str| slack.reply(HUB, agent, room, &root, text, false).unwrap();
                story.say(dm, Side::Note, note);
            }
            _ => {
                let wish = *chance.pick(&["pause", "unpause"]);
                let (slack, room) = (slack.clone(), room.clone());
                tokio::spawn(async move { command(&slack, &room, wish).await });
                turns += 1;
            }
        }
        sleep(chance.millis(pause / 2, pause * 3 / 2)).await;
    }
    (turns, edits)
}
