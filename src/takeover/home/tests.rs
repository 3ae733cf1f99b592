use std::collections::BTreeSet;

use super::*;
use crate::config::Config;
use crate::takeover::conversation::{Control, Customer, Holder, Key, Profile, Room, RoomChannel};

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

fn seen(listed: &[Listed], off: &[String], nobody: &str) -> Value {
    let toml = "[security]\nencryption_key = \"bWVnYXRyb24gZGVtbyBlbmNyeXB0aW9uIGtleSAhISE=\"\n[slack]\nbot_token = \"xoxb-1\"\nsigning_secret = \"s\"\n\
                [[bots]]\nid = \"expenses\"\nname = \"Expense Bot\"\napi_key = \"k\"\ncallback_url = \"https://bot.example/\"\n\
                callback_secret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n";
    let config = Config::from_toml(toml).unwrap();
    let (url, command) = ("https://initech.slack.com/", "/megatron");
    view(Home { agent: "U0JANE", listed, bots: &config.bots, off, url, command, nobody })
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
fn without_a_text_for_it_an_empty_home_is_the_search_alone() {
    let empty = Part::ALL.map(|part| Listed { part, conversations: Vec::new(), count: 0 });
    assert_eq!(seen(&empty, &[], "")["blocks"].as_array().unwrap().len(), 1);
    let said = seen(&empty, &[], "Type `{command} open`.");
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
