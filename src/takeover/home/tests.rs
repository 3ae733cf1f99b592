use std::collections::BTreeSet;

use super::*;
use crate::takeover::conversation::{Agent, Control, Customer, Holder, Key, Profile, Room, RoomChannel};

fn conversation(number: usize) -> Conversation {
    let key = Key { bot: "expenses".into(), team: "T0ACME".into(), channel: format!("D{number}") };
    let profile = Profile { name: "<&".repeat(40), workspace: "Acme".repeat(20), ..Profile::default() };
    let customer = Customer { user_id: format!("U{number}"), profile };
    let mut one = Conversation::new(format!("c{number}"), key, customer);
    one.room = Room::Open(RoomChannel { id: format!("C{number}"), name: "cs-".repeat(26) });
    one.control = Control { holder: Holder::Human, ..Control::default() };
    one.handler = Some(Agent { user_id: "U0JANE".into(), name: "Jane".into() });
    one
}

fn seen(listed: &[Listed], off: &[String], more: &str) -> Value {
    let config = config::example(more, &["expenses"]);
    let (url, command, texts) = ("https://initech.slack.com/", "/megatron", &config.templates);
    view(Home { agent: "U0JANE", listed, bots: &config.bots, off, url, command, texts })
}

#[test]
fn the_fullest_home_is_within_slacks_bounds() {
    let full = |part: Part| Listed { part, conversations: (0..part.most()).map(conversation).collect(), count: 500 };
    let home = seen(&Part::ALL.map(full), &["expenses".to_owned()], "");
    let blocks = home["blocks"].as_array().unwrap();
    assert!(blocks.len() + 2 * (MOST_BOTS - 1) <= 100, "{}", blocks.len());
    assert!(home.to_string().len() < 100_000, "{}", home.to_string().len());
    let ids: Vec<&Value> = blocks.iter().flat_map(|block| block["elements"].as_array().into_iter().flatten()).collect();
    let ids: Vec<&str> = ids.iter().filter_map(|element| element["action_id"].as_str()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    assert!(ids.len() > 100 && ids.iter().all(|id| action::unnumbered(id).starts_with("megatron.")));
}

#[test]
fn who_waits_stands_queue_by_queue_and_who_has_waited_longest_first() {
    let waiting = |(number, queue): (usize, &str)| {
        let mut one = conversation(number);
        one.customer.profile.name = format!("Twin {number}");
        let handoff = json!({ "id": "h", "source": { "kind": "bot" }, "state": "offered", "queue": queue, "request": {},
            "requested_at": "2026-11-20T10:00:00Z", "queued_at": "2026-11-20T10:00:00Z", "passed": [], "waited": {}, "end_reason": "" });
        one.handoff = Some(serde_json::from_value(handoff).unwrap());
        one
    };
    let conversations = [(1, "support"), (2, "billing"), (3, "support"), (4, "billing")].map(waiting).to_vec();
    let home = seen(&[Listed { part: Part::Waiting, conversations, count: 4 }], &[], "");
    let texts = home["blocks"].as_array().unwrap().iter().filter_map(|block| block["text"]["text"].as_str());
    let names: Vec<&str> = texts.filter_map(|text| text.strip_prefix("*Twin ")).map(|text| &text[..1]).collect();
    assert_eq!(names, ["1", "3", "2", "4"]);
}

#[test]
fn without_a_text_for_it_an_empty_home_is_the_search_alone() {
    let empty = Part::ALL.map(|part| Listed { part, conversations: Vec::new(), count: 0 });
    assert_eq!(seen(&empty, &[], "templates.home_nobody = ''")["blocks"].as_array().unwrap().len(), 1);
    let said = seen(&empty, &[], "templates.home_nobody = 'Type `{command} open`.'");
    assert_eq!(said["blocks"][1]["text"]["text"], "Type `/megatron open`.");
}

#[test]
fn what_changes_nothing_on_a_home_is_no_change() {
    let before = conversation(1);
    let mut after = before.clone();
    after.active_at = Some(crate::clock::from_millis(1));
    assert_eq!(Face::of(&after), Face::of(&before));
    after.control.holder = Holder::Bot;
    assert_ne!(Face::of(&after), Face::of(&before));
    after.room = Room::None;
    assert_eq!(Face::of(&after), None);
}
