//! Many customers at once, each with a DM, a room and a story whose every line is numbered.

use std::time::Duration;

use megatron::demo::cast::{ACME, BOT_APP, BOT_TOKEN, HUB, JANE};
use megatron::simulator::{Simulator, User};
use serde_json::json;

use super::house::House;

/// One of the crowd.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) user: String,
    pub(crate) dm: String,
    pub(crate) room: String,
    pub(crate) handle: String,
}

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Customer,
    Bot,
    Agent,
}

/// What was said to, by and about each customer, in order.
#[derive(Default)]
pub(crate) struct Stories {
    said: Vec<(String, Side, String)>,
}

/// Brings so many customers onto the stage.
pub(crate) fn crowd(slack: &Simulator, size: usize) -> Vec<Customer> {
    let one = |number: usize| {
        let handle = format!("customer{number:02}");
        let user = format!("U0C{number:02}");
        let dm = format!("D0C{number:02}");
        let person = User { id: user.clone(), name: handle.clone(), real_name: handle.clone(), ..User::default() };
        slack.add_user(ACME, person).unwrap();
        slack.open_dm(ACME, &user, BOT_APP, &dm).unwrap();
        Customer { user, dm, room: format!("cs-{handle}"), handle }
    };
    (0..size).map(one).collect()
}

impl House {
    /// Brings so many customers onto the stage, and Jane opens a room for each.
    pub(crate) async fn with_crowd(&self, size: usize) -> Vec<Customer> {
        self.knows_acme().await;
        let crowd = crowd(&self.slack, size);
        for Customer { user, dm, .. } in &crowd {
            self.slack.say(ACME, user, dm, "Hello?").unwrap();
        }
        self.wait(Duration::from_mins(2)).await;
        for Customer { handle, .. } in &crowd {
            self.jane_types(&format!("open {handle}")).await;
        }
        self.wait(Duration::from_mins(5)).await;
        crowd
    }
}

impl Stories {
    /// Somebody says the next line.
    pub(crate) fn go_on(&mut self, slack: &Simulator, customer: &Customer, side: Side) {
        let text = format!("line {}", self.said.len());
        let Customer { user, dm, room, .. } = customer;
        let posted = match side {
            Side::Customer => slack.say(ACME, user, dm, &text),
            Side::Bot => slack.bot_says(BOT_TOKEN, dm, json!({ "text": text })),
            Side::Agent => slack.say(HUB, JANE, room, &text),
        };
        posted.unwrap();
        self.said.push((dm.clone(), side, text));
    }

    /// What differs between what was said and what has arrived on the other side; once each, in order, is nothing.
    pub(crate) fn problems(&self, slack: &Simulator, crowd: &[Customer]) -> Vec<String> {
        let mut problems = Vec::new();
        for Customer { dm, room, .. } in crowd {
            let agents = |side| side == Side::Agent;
            let expected = |from_agents: bool| -> Vec<&str> {
                let own = self.said.iter().filter(|(of, side, _)| of == dm && agents(*side) == from_agents);
                own.map(|(.., text)| text.as_str()).collect()
            };
            let arrived = |team: &str, channel: &str, from_agents: bool| -> Vec<String> {
                let ours = self.said.iter().filter(|(_, side, _)| agents(*side) == from_agents);
                let ours: Vec<&str> = ours.map(|(.., text)| text.as_str()).collect();
                let texts = slack.history(team, channel).into_iter().map(|message| message.text);
                texts.filter(|text| ours.contains(&text.as_str())).collect()
            };
            for (place, expected, arrived) in
                [(room, expected(false), arrived(HUB, room, false)), (dm, expected(true), arrived(ACME, dm, true))]
            {
                if expected != arrived {
                    problems.push(format!("{place}: {arrived:?} instead of {expected:?}"));
                }
            }
        }
        problems
    }
}
