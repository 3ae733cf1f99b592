//! What an operator meets: each way to set a key, and each message that stops the start.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rstest::rstest;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;

use super::*;
use crate::config::texts::{AGENT_FOOTER, HANDOFF_FAILED, HANDOFF_NOBODY};
use crate::config::{Delivery, LogFormat, OnAgentMessage, Visibility};

/// The keys that have no default, without a bot. The key is 32 zeros.
const REQUIRED: &str = r#"
[security]
encryption_key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
[slack]
bot_token = "xoxb-1"
signing_secret = "s3cret"
"#;

/// A bot with the keys that have no default.
const BOT: &str = r#"
[[bots]]
id = "expenses"
name = "Expense Bot"
api_key = "key-1"
callback_url = "https://bot.example.com/callbacks"
callback_secret = "whsec_c2VjcmV0"
"#;

fn env(variables: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>().into_iter()
}

/// A file `megatron.toml`, kept as long as the folder.
fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("megatron.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

/// [`REQUIRED`] with `text` over it, and the variables.
fn loaded(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let (_folder, path) = file(&format!("{text}\n{REQUIRED}{BOT}"));
    load(Some(&path), env(variables)).map_err(|error| error.to_string())
}

#[test]
fn a_file_need_only_name_what_differs_from_the_defaults() {
    let config = Config::from_toml(&format!("{REQUIRED}{BOT}")).unwrap();
    assert_eq!(config.listen, "127.0.0.1:8080");
    assert_eq!(config.database.url.expose_secret(), "sqlite://megatron.db");
    assert_eq!(config.slack.api_url.as_str(), "https://slack.com/api/");
    assert_eq!(config.slack.timeout, Duration::from_secs(10));
    assert_eq!((config.rooms.prefix.as_str(), config.rooms.history), ("cs-", 15));
    assert_eq!((config.rooms.visibility, config.rooms.on_agent_message), (Visibility::Private, OnAgentMessage::Remind));
    assert_eq!(config.reminders.close_after, Duration::from_hours(36));
    assert_eq!(config.log.format, LogFormat::Text);
    assert_eq!(config.bots.len(), 1, "the bot in the defaults is none");
    let bot = &config.bots[0];
    assert_eq!((bot.id.as_str(), bot.delivery, bot.show_agent_name), ("expenses", Delivery::Slack, true));
    assert_eq!((bot.icon_url.as_str(), bot.signing_secret.expose_secret()), ("", ""));
}

#[test]
fn without_a_bot_the_configuration_stands() {
    assert!(Config::from_toml(REQUIRED).unwrap().bots.is_empty());
    assert!(Config::from_toml(&format!("bots = []\n{REQUIRED}\n[rooms]")).unwrap().bots.is_empty());
}

#[test]
fn a_base_url_gets_its_slash() {
    let config = loaded("", &[("MEGATRON_SLACK__API_URL", "http://127.0.0.1:9/api")]).unwrap();
    assert_eq!(config.slack.api_url.as_str(), "http://127.0.0.1:9/api/");
}

#[test]
fn the_environment_wins_over_the_file() {
    let variables = [
        ("MEGATRON_LISTEN", "0.0.0.0:0"),
        ("MEGATRON_ROOMS__HISTORY", "7"),
        ("MEGATRON_ROOMS__INVITE", "U1, S2,"),
        ("MEGATRON_SLACK__SIGNING_SECRET", "12345"),
        ("MEGATRON_BOTS__0__SHOW_AGENT_NAME", "false"),
        ("MEGATRON_TEST_ANYTHING", "x"),
        ("PATH", "/bin"),
    ];
    let config = loaded("listen = '127.0.0.1:1'", &variables).unwrap();
    assert_eq!(config.listen, "0.0.0.0:0");
    assert_eq!(config.rooms.history, 7);
    assert_eq!(config.rooms.invite, ["U1", "S2"]);
    assert_eq!(
        config.slack.signing_secret.expose_secret(),
        "12345",
        "a string stays one, even if it looks like a number"
    );
    assert!(!config.bots[0].show_agent_name);
}

#[test]
fn a_list_may_be_written_as_in_toml() {
    let config = loaded("", &[("MEGATRON_ROOMS__INVITE", r#"["U1", "S2"]"#)]).unwrap();
    assert_eq!(config.rooms.invite, ["U1", "S2"]);
    assert!(loaded("", &[("MEGATRON_ROOMS__INVITE", "")]).unwrap().rooms.invite.is_empty());
}

#[test]
fn bots_may_come_from_the_environment_alone() {
    let names: Vec<_> = (0..11).map(|index| format!("MEGATRON_BOTS__{index}__")).collect();
    let mut variables = Vec::new();
    for (index, name) in names.iter().enumerate() {
        variables.push((format!("{name}ID"), format!("bot-{index}")));
        variables.push((format!("{name}NAME"), "Bot".to_owned()));
        variables.push((format!("{name}API_KEY"), format!("key-{index}")));
        variables.push((format!("{name}CALLBACK_URL"), "http://localhost/".to_owned()));
        variables.push((format!("{name}CALLBACK_SECRET"), "whsec_AAAA".to_owned()));
    }
    let (_folder, path) = file(REQUIRED);
    let config = load(Some(&path), variables.into_iter()).unwrap();
    assert_eq!(config.bots.len(), 11);
    assert_eq!(config.bots[10].id, "bot-10");
}

#[test]
fn a_value_may_be_in_a_file_of_its_own() {
    let (_folder, secret) = file("from-a-file\r\n");
    let config = loaded("", &[("MEGATRON_SLACK__BOT_TOKEN_FILE", secret.to_str().unwrap())]).unwrap();
    assert_eq!(config.slack.bot_token.expose_secret(), "from-a-file");
}

#[test]
fn the_file_may_be_named_by_the_environment() {
    let (_folder, path) = file(&format!("listen = '[::1]:80'\n{REQUIRED}"));
    let config = load(None, env(&[("MEGATRON_CONFIG", path.to_str().unwrap())])).unwrap();
    assert_eq!(config.listen, "[::1]:80");
}

#[test]
fn a_required_value_left_empty_in_the_file_may_come_from_the_environment() {
    let (_folder, path) = file("[security]\nencryption_key = ''\n[slack]\nbot_token = ''\nsigning_secret = ''");
    let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let variables = [
        ("MEGATRON_SECURITY__ENCRYPTION_KEY", key),
        ("MEGATRON_SLACK__BOT_TOKEN", "a"),
        ("MEGATRON_SLACK__SIGNING_SECRET", "b"),
    ];
    assert!(load(Some(&path), env(&variables)).is_ok());
}

#[rstest]
#[case("colour = 1", "colour", "no such key")]
#[case("[paint]", "paint", "expected at the top: listen, database")]
#[case("[rooms]\ncolour = 'red'", "rooms.colour", "expected in rooms: prefix, visibility")]
#[case("listen = 8080", "listen", "an address and a port")]
#[case("listen = 'localhost'", "listen", "an address and a port")]
#[case("rooms = 1", "rooms", "a section")]
#[case("[database]\nurl = 'mysql://h/d'", "database.url", "sqlite://FILE")]
#[case("[database]\nurl = 'sqlite://'", "database.url", "sqlite://FILE")]
#[case("[database]\nmax_connections = 0", "database.max_connections", "1 to 1000")]
#[case("[rooms]\nhistory = 16", "rooms.history", "0 to 15")]
#[case("[rooms]\nhistory = '15'", "rooms.history", "0 to 15")]
#[case("[rooms]\nhistory = -1", "rooms.history", "0 to 15")]
#[case("[rooms]\nprefix = 'CS-'", "rooms.prefix", "lower-case")]
#[case("[rooms]\nprefix = 'cs.'", "rooms.prefix", "lower-case")]
#[case("[rooms]\nvisibility = 'secret'", "rooms.visibility", "`private` or `public`")]
#[case("[rooms]\non_agent_message = 'shout'", "rooms.on_agent_message", "`remind`, `pause` or `hold`")]
#[case("[rooms]\ninvite = 'U1'", "rooms.invite", "a list")]
#[case("[rooms]\ninvite = ['jane']", "rooms.invite", "user ids (U...)")]
#[case("[rooms]\ninvite = [1]", "rooms.invite", "a list")]
#[case("[reminders]\npause_every = '60'", "reminders.pause_every", "60m")]
#[case("[reminders]\nunpause_after = '0s'", "reminders.unpause_after", "above zero")]
#[case("[reminders]\nclose_after = '11y'", "reminders.close_after", "36h")]
#[case("[reminders]\nclose_after = '3651d'", "reminders.close_after", "ten years")]
#[case("[redaction]\ncard_numbers = 'yes'", "redaction.card_numbers", "true or false")]
#[case("[redaction]\npatterns = ['(']", "redaction.patterns", "a list of regular expressions")]
#[case("[redaction]\npatterns = ['a', '']", "redaction.patterns", "none of them empty")]
#[case("[log]\nfilter = 'a=b=c'", "log.filter", "a level or a filter")]
#[case("[log]\nformat = 'xml'", "log.format", "`text` or `json`")]
fn a_bad_value_in_the_file_stops_the_start(#[case] text: &str, #[case] key: &str, #[case] expected: &str) {
    let error = loaded(text, &[]).unwrap_err();
    assert!(error.starts_with(&format!("{key} in ")), "{error}");
    assert!(error.contains("megatron.toml: "), "{error}");
    assert!(error.contains(expected), "{error}");
    assert!(!error.contains('\n'), "{error}");
}

#[rstest]
#[case("SECURITY__ENCRYPTION_KEY", "hunter2", "security.encryption_key", "32 bytes in base64")]
#[case("SECURITY__ENCRYPTION_KEY", "aHVudGVyMg==", "security.encryption_key", "32 bytes in base64")]
#[case("SECURITY__OLD_ENCRYPTION_KEYS", "hunter2", "security.old_encryption_keys", "32 bytes in base64")]
#[case("SLACK__BOT_TOKEN", "hunter2 ", "slack.bot_token", "xoxb-")]
#[case("SLACK__API_URL", "ftp://hunter2", "slack.api_url", "an http:// or https:// URL")]
#[case("SLACK__COMMAND", "megatron", "slack.command", "such as /megatron")]
#[case("SLACK__COMMAND", "/Mega tron", "slack.command", "such as /megatron")]
#[case("SLACK__TIMEOUT", "0s", "slack.timeout", "above zero")]
#[case("DATABASE__MAX_CONNECTIONS", "many", "database.max_connections", "a number")]
#[case("DATABASE__URL", "postgres://hunter2@@:x/", "database.url", "postgres://")]
#[case("BOTS__0__ID", "", "bots[0].id", "letters, digits")]
#[case("BOTS__0__ID", "a/b", "bots[0].id", "letters, digits")]
#[case("BOTS__0__NAME", " ", "bots[0].name", "1 to 80 characters")]
#[case("BOTS__0__API_KEY", "hunter2\nhunter3", "bots[0].api_key", "without spaces")]
#[case("BOTS__0__CALLBACK_URL", "file:///hunter2", "bots[0].callback_url", "an http:// or https:// URL")]
#[case("BOTS__0__CALLBACK_URL", "hunter2", "bots[0].callback_url", "an http:// or https:// URL")]
#[case("BOTS__0__CALLBACK_SECRET", "aHVudGVyMg==", "bots[0].callback_secret", "whsec_")]
#[case("BOTS__0__CALLBACK_SECRET", "whsec_hunter2", "bots[0].callback_secret", "whsec_")]
#[case("BOTS__0__ICON_URL", "icon.png", "bots[0].icon_url", "an http:// or https:// URL")]
#[case("BOTS__0__DELIVERY", "pigeon", "bots[0].delivery", "`slack` or `callback`")]
#[case("BOTS__0__SHOW_AGENT_NAME", "maybe", "bots[0].show_agent_name", "true or false")]
#[case("REDACTION__PATTERNS", r"hunter\d{2,3}", "redaction.patterns", "a list of regular expressions")]
#[case("BOTS__2__ID", "late", "bots[2].id", "without a gap")]
#[case("BOTS__0__COLOUR", "red", "bots[0].colour", "expected in bots[0]: id, name")]
#[case("BOTS", "red", "bots", "a section")]
#[case("ROOMS", "red", "rooms", "a section")]
#[case("ROOM__PREFIX", "cs-", "room.prefix", "no such key; expected at the top: listen")]
#[case("LOG", "debug", "log", "a section")]
#[case("", "x", "", "no such key")]
fn a_bad_variable_stops_the_start(#[case] name: &str, #[case] value: &str, #[case] key: &str, #[case] expected: &str) {
    let name = format!("MEGATRON_{name}");
    let error = loaded("", &[(&name, value)]).unwrap_err();
    assert!(error.starts_with(key), "{error}");
    assert!(error.contains(&name), "{error}");
    assert!(error.contains(expected), "{error}");
    assert!(!error.contains("hunter"), "{error}");
}

#[rstest]
#[case("encryption_key", "security.encryption_key", "MEGATRON_SECURITY__ENCRYPTION_KEY")]
#[case("bot_token", "slack.bot_token", "MEGATRON_SLACK__BOT_TOKEN")]
#[case("signing_secret", "slack.signing_secret", "MEGATRON_SLACK__SIGNING_SECRET")]
#[case("id", "bots[0].id", "MEGATRON_BOTS__0__ID")]
#[case("name", "bots[0].name", "MEGATRON_BOTS__0__NAME")]
#[case("api_key", "bots[0].api_key", "MEGATRON_BOTS__0__API_KEY")]
#[case("callback_url", "bots[0].callback_url", "MEGATRON_BOTS__0__CALLBACK_URL")]
#[case("callback_secret", "bots[0].callback_secret", "MEGATRON_BOTS__0__CALLBACK_SECRET")]
fn a_missing_value_stops_the_start(#[case] left_out: &str, #[case] key: &str, #[case] variable: &str) {
    let whole = format!("{REQUIRED}{BOT}");
    let text: Vec<_> = whole.lines().filter(|line| !line.starts_with(&format!("{left_out} ="))).collect();
    let (_folder, path) = file(&text.join("\n"));
    let error = load(Some(&path), env(&[])).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{key} is not set in ")), "{error}");
    assert!(
        error.contains("megatron.toml nor in") && error.contains(variable) && error.contains("expected"),
        "{error}"
    );
}

#[test]
fn without_any_source_the_defaults_are_named() {
    let error = load(None, env(&[])).unwrap_err().to_string();
    assert!(error.starts_with("security.encryption_key is not set in the defaults nor in MEGATRON_"), "{error}");
}

#[rstest]
#[case("id", "expenses")]
#[case("api_key", "key-1")]
fn two_bots_share_neither_id_nor_key(#[case] key: &str, #[case] same: &str) {
    let other = BOT.replace("expenses", "travel").replace("key-1", "key-2");
    let (_folder, path) = file(&format!("{REQUIRED}{BOT}{other}"));
    assert_eq!(load(Some(&path), env(&[])).unwrap().bots.len(), 2);

    let name = format!("MEGATRON_BOTS__1__{}", key.to_uppercase());
    let error = load(Some(&path), env(&[(&name, same)])).unwrap_err().to_string();
    let expected =
        format!("bots[1].{key} in the environment variable {name}: expected a value of its own: bots[0].{key}");
    assert!(error.starts_with(&expected), "{error}");
    assert!(!error.contains(same), "{error}");
}

const QUEUES: &str = r#"
[[queues]]
label = "support"
default = true
then = "billing"
hours = "office"
[[queues]]
label = "billing"
channel = "C0BILL"
members = ["U1", "S1"]
widen_after = "90s"
[[hours]]
name = "office"
time_zone = "Europe/Berlin"
days = ["mon-fri 09:00-17:00"]
holidays = ["2026-12-25"]
"#;

#[test]
fn queues_and_hours_need_only_name_what_differs() {
    let config = Config::from_toml(&format!("{REQUIRED}{QUEUES}")).unwrap();
    let [support, billing] = &config.queues[..] else { panic!("{:?}", config.queues) };
    assert!(support.is_default && !billing.is_default && support.channel.is_empty());
    assert_eq!((support.widen_after, billing.widen_after), (Duration::from_mins(2), Duration::from_secs(90)));
    assert_eq!((support.accept_within, support.accept_target), (Duration::from_mins(15), Duration::ZERO));
    assert_eq!(config.hours("office").unwrap().time_zone, "Europe/Berlin");
    assert!(config.handoff.default_queues);
    assert!(Config::from_toml(REQUIRED).unwrap().queues.is_empty(), "the queue in the defaults is none");
}

#[rstest]
#[case("label = \"billing\"", "label = \"support\"", "queues[1].label", "a value of its own: queues[0].label")]
#[case("label = \"billing\"", "label = \"Bill\"", "queues[1].label", "lower-case letters")]
#[case(
    "widen_after",
    "default = true\nwiden_after",
    "queues[1].default",
    "one default queue at most: queues[0] is one"
)]
#[case("then = \"billing\"", "then = \"nobody\"", "queues[0].then", "the label of one of the queues here")]
#[case("then = \"billing\"", "then = \"support\"", "queues[0].then", "in a circle")]
#[case("widen_after", "then = \"support\"\nwiden_after", "queues[0].then", "in a circle")]
#[case("hours = \"office\"", "hours = \"night\"", "queues[0].hours", "the name of one of the [[hours]]")]
#[case("C0BILL", "#billing", "queues[1].channel", "the id of a channel")]
#[case("\"U1\"", "\"jane\"", "queues[1].members", "user ids (U...)")]
#[case("90s", "soon", "queues[1].widen_after", "such as 2m")]
#[case("Europe/Berlin", "Europe/Springfield", "hours[0].time_zone", "an IANA time zone")]
#[case("17:00", "08:00", "hours[0].days", "the end after the beginning")]
#[case("2026-12-25", "Christmas", "hours[0].holidays", "a list of days")]
fn queues_that_cannot_be_stop_the_start(
    #[case] part: &str,
    #[case] instead: &str,
    #[case] key: &str,
    #[case] expected: &str,
) {
    let error = loaded(&QUEUES.replacen(part, instead, 1), &[]).unwrap_err();
    assert!(error.starts_with(&format!("{key} in ")) && error.contains("megatron.toml: expected"), "{error}");
    assert!(error.contains(expected), "{error}");
}

#[test]
fn a_line_that_is_not_toml_is_named_but_not_shown() {
    let secret = loaded("[slack]\nbot_token = xoxb-hunter2", &[]).unwrap_err();
    assert!(secret.contains("megatron.toml: line 2 is not TOML"), "{secret}");
    let open = loaded("listen = \"hunter2", &[]).unwrap_err();
    let twice = loaded("listen = 'hunter2'\nlisten = 'hunter2'", &[]).unwrap_err();
    for error in [secret, open, twice] {
        assert!(!error.contains("hunter2") && !error.contains('\n'), "{error}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = load(Some(Path::new("no/such.toml")), env(&[])).unwrap_err().to_string();
    assert!(error.starts_with("no/such.toml: expected a configuration file"), "{error}");
    let error = loaded("", &[("MEGATRON_SLACK__BOT_TOKEN_FILE", "no/such")]).unwrap_err();
    assert!(error.contains("slack.bot_token in the environment variable MEGATRON_SLACK__BOT_TOKEN_FILE"), "{error}");
    assert!(error.contains("no/such"), "{error}");
}

#[test]
fn a_value_and_the_file_with_the_value_exclude_each_other() {
    let variables = [("MEGATRON_LISTEN", "[::]:1"), ("MEGATRON_LISTEN_FILE", "x")];
    assert!(loaded("", &variables).unwrap_err().contains("either this or MEGATRON_LISTEN, not both"));
}

proptest! {
    #[test]
    fn no_name_and_no_value_makes_it_panic(
        segments in vec(select(vec!["", "0", "1", "99999999999999999999", "bots", "rooms", "invite", "history", "id"]), 0..4),
        value in "[\\[\\]{}\"',=0-9a-z\n]{0,12}",
    ) {
        let name = format!("MEGATRON_{}", segments.join("__").to_uppercase());
        drop(loaded("", &[(&name, &value)]));
        drop(Config::from_toml(&format!("{} = {value}", segments.join("."))));
    }
}

#[test]
fn no_secret_is_shown_by_debug() {
    let config = Config::from_toml(&format!("{REQUIRED}{BOT}")).unwrap();
    let shown = format!("{config:?}");
    for secret in ["AAAA", "xoxb-1", "s3cret", "key-1", "c2VjcmV0", "megatron.db"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

#[test]
fn an_endpoint_is_told_of_bots_that_there_are() {
    let endpoint = |bots: &str| {
        format!(
            "{REQUIRED}{BOT}\n[[webhooks]]\nid = \"lake\"\nurl = \"https://a.example\"\nsecret = \"whsec_AAAA\"\nbots = {bots}\n"
        )
    };
    let config = Config::from_toml(&endpoint("[]")).unwrap();
    assert!(config.webhooks[0].wants("message.bot", &config.bots[0].id), "all events of all bots");
    let error = Config::from_toml(&endpoint("[\"nobody\"]")).unwrap_err().to_string();
    assert_eq!(error, "webhooks[0].bots in the given text: expected ids of bots in [[bots]]");
}

#[test]
fn a_tracker_needs_what_its_kind_needs() {
    for (tracker, missing) in [
        ("kind = \"asana\"", "tracker.token"),
        ("kind = \"asana\"\ntoken = \"2/1\"", "tracker.project"),
        ("kind = \"webhook\"", "tracker.secret"),
    ] {
        let error = Config::from_toml(&format!("{REQUIRED}{BOT}\n[tracker]\n{tracker}\n")).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{missing} is not set in the given text")), "{error}");
    }
    assert!(!Config::from_toml(&format!("{REQUIRED}{BOT}")).unwrap().tracker.is_on());
}

#[test]
fn a_rule_keeps_to_the_order_of_the_file_and_to_its_defaults() {
    let rules = "[[rules]]\nname = \"b\"\nevents = [\"x\"]\ntags = [\"t\"]\n[[rules]]\nname = \"a\"\nunanswered = 2\nhandoff = \"q\"\n";
    let config = loaded(rules, &[("MEGATRON_RULES__1__SENTIMENT_BELOW", "-0.5")]).unwrap();
    assert_eq!(config.rules.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!((config.rules[1].unanswered, config.rules[1].sentiment_below), (2, -0.5));
    assert!(config.rules[0].handoff.is_empty() && !config.rules[0].notify && config.rules[0].pattern.is_none());
}

#[rstest]
#[case(
    "tags = [\"t\"]",
    "rules[0].name",
    "at least one of events, keywords, pattern, sentiment_below and unanswered beside it"
)]
#[case("events = [\"x\"]", "rules[0].name", "at least one of tags, notify and handoff beside it")]
#[case("events = [\"x\"]\nnotify = true", "rules[0].notify", "triage.channel to be set, or false")]
#[case("events = [\"x\"]\ntags = [\"t\"]\nbots = [\"nobody\"]", "rules[0].bots", "ids of bots; nobody is none")]
#[case("pattern = '('\ntags = [\"t\"]", "rules[0].pattern", "a regular expression")]
#[case("keywords = [\"!?\"]\ntags = [\"t\"]", "rules[0].keywords", "a list of words and phrases")]
#[case("sentiment_below = -2\ntags = [\"t\"]", "rules[0].sentiment_below", "a number from -1.0 to 1.0")]
fn a_rule_that_could_never_do_anything_stops_the_start(#[case] rule: &str, #[case] key: &str, #[case] expected: &str) {
    let error = loaded(&format!("[[rules]]\nname = \"a\"\n{rule}\n"), &[]).unwrap_err();
    assert!(error.starts_with(key) && error.contains(&format!("expected {expected}")), "{error}");
}

#[test]
fn two_rules_of_one_name_stop_the_start() {
    let rule = "[[rules]]\nname = \"a\"\nevents = [\"x\"]\ntags = [\"t\"]\n";
    let error = loaded(&rule.repeat(2), &[]).unwrap_err();
    assert!(error.starts_with("rules[1].name") && error.contains("rules[0].name has the same"), "{error}");
}

#[test]
fn the_most_specific_text_wins() {
    let own = |text: &str, place: &str| format!("[[texts]]\nname = \"handoff_nobody\"\ntext = \"{text}\"\n{place}\n");
    let texts = [
        own("both", "bot = \"expenses\"\nqueue = \"billing\""),
        own("bot", "bot = \"expenses\""),
        own("queue", "queue = \"billing\""),
        "[[texts]]\nname = \"agent_footer\"\ntext = \"\"\n[templates]\nhandoff_nobody = \"all\"\n".to_owned(),
    ];
    let texts = loaded(&texts.concat(), &[("MEGATRON_TEMPLATES__HANDOFF_FAILED", "{reference}")]).unwrap().templates;
    let nobody = |bot, queue| texts.of(bot, queue).get(HANDOFF_NOBODY);
    assert_eq!(nobody("expenses", "billing"), "both");
    assert_eq!((nobody("expenses", "support"), nobody("expenses", "")), ("bot", "bot"));
    assert_eq!((nobody("travel", "billing"), nobody("travel", "support")), ("queue", "all"));
    for (bot, queue) in [("expenses", "billing"), ("travel", "")] {
        assert_eq!(texts.of(bot, queue).get(AGENT_FOOTER), "", "a text without bot and queue is for all");
        assert_eq!(texts.of(bot, queue).get(HANDOFF_FAILED), "{reference}");
    }
}

#[rstest]
#[case(
    "[templates]\nhandoff_nobody = \"{agnet}\"",
    "templates.handoff_nobody",
    "a text with no placeholders but {agent}, {bot}, {company}, {customer}, {queue}, {reference}, {summary}"
)]
#[case(
    "[templates]\nroom_explained = \"{company}\"",
    "templates.room_explained",
    "a text with no placeholders but {bot}, {customer}"
)]
#[case("[[texts]]\nname = \"handoff_noone\"\ntext = \"\"", "texts[0].name", "the name of a key of [templates]")]
#[case(
    "[[texts]]\nname = \"agent_footer\"\ntext = \"by {queue}\"",
    "texts[0].text",
    "a text with no placeholders but {agent}, {bot}, {company}, {customer}"
)]
#[case(
    "[[texts]]\nname = \"agent_footer\"\ntext = \"\"\nbot = \"travel\"",
    "texts[0].bot",
    "the id of a bot in [[bots]]"
)]
#[case(
    "[[texts]]\nname = \"agent_footer\"\ntext = \"\"\nqueue = \"support\"",
    "texts[0].queue",
    "an empty string: this text is no queue's"
)]
#[case(
    "[[texts]]\nname = \"queue_asked\"\ntext = \"\"\nqueue = \"Support!\"",
    "texts[0].queue",
    "the label of a queue"
)]
#[case(
    "[[texts]]\nname = \"agent_footer\"\ntext = \"a\"\n[[texts]]\nname = \"agent_footer\"\ntext = \"b\"",
    "texts[1].name",
    "another text, bot or queue: texts[0] is for the same"
)]
fn a_text_that_cannot_be_stops_the_start(#[case] text: &str, #[case] key: &str, #[case] expected: &str) {
    let error = loaded(text, &[]).unwrap_err();
    assert!(error.starts_with(&format!("{key} in ")) && error.contains("megatron.toml: expected"), "{error}");
    assert!(error.contains(&format!("expected {expected}")), "{error}");
}

#[test]
fn a_text_without_words_is_told_from_an_empty_one() {
    let error = loaded("[[texts]]\nname = \"agent_footer\"", &[]).unwrap_err();
    assert!(error.starts_with("texts[0].text is not set in ") && error.contains("MEGATRON_TEXTS__0__TEXT"), "{error}");
}
