use crate::config::{self, Config};

use super::*;

const RULES: &str = r#"
    triage.channel = "C1"

    [[rules]]
    name = "money"
    keywords = ["refund", "money back"]
    tags = ["money"]
    priority = "high"

    [[rules]]
    name = "checkout"
    events = ["checkout_failed"]
    tags = ["checkout", "money"]
    notify = true
    handoff = "escalations"

    [[rules]]
    name = "shouting"
    pattern = '\b[A-Z]{8,}\b'
    by = "both"
    sentiment_below = -0.5
    unanswered = 2
    tags = ["angry"]
    handoff = "default"
    priority = "low"

    [[rules]]
    name = "travel only"
    bots = ["travel"]
    keywords = ["refund"]
    notify = true
"#;

fn config() -> Config {
    config::example(RULES, &["expenses", "travel"])
}

fn says(speaker: Speaker, words: &str) -> Facts<'_> {
    Facts { speaker, words, sentiment: None, event: None, unanswered: 0 }
}

fn phil(words: &str) -> Facts<'_> {
    says(Speaker::Customer, words)
}

fn rule(name: &str) -> Source {
    Source::Rule { name: name.to_owned() }
}

/// Which rules of the first bot fire, and who asks for a human in which queue.
fn fired(facts: &Facts<'_>) -> (Vec<String>, Option<(Source, String)>) {
    let config = config();
    let Fired { rules, asked, .. } = fire(&config.bots[0], &config.rules, facts);
    let is_something = asked.is_some() || !rules.is_empty();
    assert!(!is_something || matters(&config.bots[0], &config.rules, facts), "{facts:?}");
    (rules, asked.map(|asked| (asked.source, asked.queue.unwrap_or_default())))
}

#[test]
fn a_rule_fires_where_one_of_its_conditions_holds() {
    let quiet = phil("hello");
    let event = Facts { event: Some("checkout_failed"), ..quiet };
    for (facts, rules, asked) in [
        (quiet, vec![], None),
        (phil("I want my MONEY back!"), vec!["money"], None),
        (phil("refunds"), vec![], None),
        (says(Speaker::Bot, "Do you want a refund?"), vec![], None),
        (says(Speaker::Bot, "ATTENTION please"), vec!["shouting"], Some((rule("shouting"), ""))),
        (event, vec!["checkout"], Some((rule("checkout"), "escalations"))),
        (Facts { speaker: Speaker::Bot, ..event }, vec!["checkout"], Some((rule("checkout"), "escalations"))),
        (Facts { event: Some("checkout"), ..quiet }, vec![], None),
        (Facts { sentiment: Some(-0.5), ..quiet }, vec![], None),
        (Facts { sentiment: Some(-0.51), ..quiet }, vec!["shouting"], Some((rule("shouting"), ""))),
        (Facts { unanswered: 1, ..quiet }, vec![], None),
        (Facts { unanswered: 2, ..quiet }, vec!["shouting"], Some((rule("shouting"), ""))),
    ] {
        let asked = asked.map(|(source, queue)| (source, queue.to_owned()));
        assert_eq!(fired(&facts), (rules.into_iter().map(str::to_owned).collect(), asked), "{facts:?}");
    }
}

#[test]
fn the_customers_own_words_come_first_then_the_rules_in_their_order_then_the_limits() {
    let all = Facts {
        speaker: Speaker::Customer,
        words: "a refund, or let me talk to a human",
        sentiment: Some(-0.9),
        event: Some("checkout_failed"),
        unanswered: 3,
    };
    assert_eq!(fired(&all).1, Some((Source::Customer, String::new())));
    let silent = Facts { words: "a refund", ..all };
    let (rules, asked) = fired(&silent);
    assert_eq!(rules, ["money", "checkout", "shouting"]);
    assert_eq!(asked, Some((rule("checkout"), "escalations".to_owned())));
    let limited = Facts { unanswered: 3, ..phil("") };
    assert_eq!(fired(&limited).1, Some((rule("unanswered_limit"), String::new())));
}

#[test]
fn tags_are_collected_once_and_the_first_priority_counts() {
    let config = config();
    let facts = Facts { sentiment: Some(-0.6), event: Some("checkout_failed"), ..phil("refund") };
    let fired = fire(&config.bots[0], &config.rules, &facts);
    assert_eq!(fired.tags, ["money", "checkout", "angry"]);
    assert_eq!((fired.priority.as_str(), fired.notify), ("high", true));
    assert_eq!(
        fired.why,
        ["money: the words “refund”", "checkout: the event checkout_failed", "shouting: a sentiment of -0.6"]
    );
}

#[test]
fn a_rule_is_for_the_bots_that_it_names() {
    let config = config();
    assert_eq!(fire(&config.bots[1], &config.rules, &phil("refund")).rules, ["money", "travel only"]);
    assert!(!fire(&config.bots[0], &config.rules, &phil("refund")).notify);
}

#[test]
fn only_what_may_set_something_off_matters() {
    let config = config();
    let (bot, rules) = (&config.bots[0], &config.rules);
    assert!(!matters(bot, rules, &phil("hello")));
    assert!(!matters(bot, rules, &Facts { sentiment: Some(0.3), event: Some("login"), ..phil("hello") }));
    assert!(!matters(bot, rules, &says(Speaker::Bot, "You can talk to a human")));
    assert!(matters(bot, rules, &phil("live agent")));
    assert!(matters(bot, rules, &Facts { unanswered: 1, ..phil("hello") }), "it is counted");
    let mut patient = bot.clone();
    patient.unanswered_limit = 0;
    assert!(!matters(&patient, &[], &Facts { unanswered: 1, ..phil("hello") }));
}
