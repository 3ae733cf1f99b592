//! What must hold of the parsers for any bytes: a function for each, which panics on a finding. Called by the bounded test
//! here and by the targets of libFuzzer in `fuzz/`.

use std::sync::LazyLock;

use jiff::Timestamp;
use megatron::config::{Config, duration};
use megatron::intake::ingest::{Parsed, parse, peek};
use megatron::intake::signature;
use megatron::intake::slack_payload::{challenge, command, event, interaction, parse_text};
use megatron::render::ladder::Step;
use megatron::render::mentions::{Mentioned, Names, mentioned, neutral_text, neutralise};
use megatron::render::redact::Redactor;
use megatron::render::split::split;
use megatron::render::{as_text, clicks, history, mirror, notice, outbound, portions, streaming, text};
use serde_json::{Value, json};

/// A name, and what must hold.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const ALL: [Target; 13] = [
    ("ingest", ingest),
    ("events", events),
    ("commands", commands),
    ("command_lines", command_lines),
    ("interactions", interactions),
    ("mentions", mentions),
    ("splitter", splitter),
    ("signature", signature_header),
    ("config", config),
    ("durations", durations),
    ("redaction", redaction),
    ("ladder", ladder),
    ("render", render),
];

/// The fast reader accepts nothing that the slow one refuses, and reads the same.
pub fn ingest(bytes: &[u8]) {
    let parsed = parse(bytes);
    let Some(peek) = peek(bytes) else { return };
    let Ok(Parsed::One(Ok(Some(ingested)))) = parsed else { panic!("only the fast reader takes it: {parsed:?}") };
    assert_eq!(ingested.direction, Some(peek.direction));
    assert_eq!((ingested.team_id.as_str(), ingested.channel_id.as_str()), (peek.team_id, peek.channel_id));
    assert_eq!(ingested.user_id.as_deref(), Some(peek.user_id));
}

/// Any body of the events' address is read or refused.
pub fn events(bytes: &[u8]) {
    let _ = (event(bytes), challenge(bytes));
}

/// Any form is.
pub fn commands(bytes: &[u8]) {
    let _ = command(bytes);
}

/// What a command is about stands in its text.
pub fn command_lines(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let line = parse_text(&text);
    assert!(text.contains(&line.rest), "{line:?}");
}

/// Any interaction is read or refused, as it is and as the payload of a form; what is read can be told in a line.
pub fn interactions(bytes: &[u8]) {
    let _ = interaction(bytes);
    let text = String::from_utf8_lossy(bytes);
    let form = serde_urlencoded::to_string([("payload", text.as_ref())]).unwrap();
    let _ = interaction(form.as_bytes());
    if let Ok(payload) = serde_json::from_slice::<Value>(bytes) {
        let _ = clicks::line(&payload, &Names::default());
    }
}

/// Nobody is mentioned afterwards.
pub fn mentions(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let neutral = neutral_text(&text, &Names::default());
    assert_eq!(mentioned(&json!({ "text": neutral })), Mentioned::default(), "{neutral}");
    let mut message = message(bytes);
    neutralise(&mut message, &Names::default());
    assert_eq!(mentioned(&message), Mentioned::default(), "{message}");
}

/// Nothing but white space and fences is lost, and no part is too long; the first byte is the limit.
pub fn splitter(bytes: &[u8]) {
    let (limit, text) = match bytes {
        [first, rest @ ..] => (usize::from(*first), String::from_utf8_lossy(rest)),
        [] => return,
    };
    let parts = split(&text, limit);
    if limit < 24 {
        return;
    }
    let essence = |text: &str| text.replace('`', "").split_whitespace().collect::<String>();
    assert_eq!(essence(&parts.concat()), essence(&text));
    for part in &parts {
        // One grapheme is never cut, however long.
        let is_one = unicode_segmentation::UnicodeSegmentation::graphemes(part.as_str(), true).count() <= 9;
        assert!(part.chars().count() <= limit || is_one, "{part:?} is longer than {limit}");
        assert!(!part.trim().is_empty());
    }
}

/// Only what was signed, with its own stamp, is let in. The bytes are stamp, signature and body, a line each.
pub fn signature_header(bytes: &[u8]) {
    const NOW: i64 = 1_700_000_000;
    let now = Timestamp::from_second(NOW).unwrap();
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.splitn(3, '\n');
    let (stamp, header, body) = (lines.next(), lines.next(), lines.next().unwrap_or_default());
    let verdict = signature::verify("secret", stamp, header, body.as_bytes(), now);
    let genuine = signature::sign("secret", NOW, body.as_bytes());
    if verdict.is_ok() {
        let seconds: i64 = stamp.unwrap().parse().unwrap();
        assert!(seconds.abs_diff(NOW) <= 300);
        // The stamp is signed as it is written, so only the usual spelling can be compared here.
        if seconds.to_string() == stamp.unwrap() {
            let right = signature::sign("secret", seconds, body.as_bytes());
            assert!(header.unwrap().eq_ignore_ascii_case(&right));
        }
    }
    let stamp = NOW.to_string();
    assert_eq!(signature::verify("secret", Some(&stamp), Some(&genuine), body.as_bytes(), now), Ok(()));
    assert!(signature::verify("other", Some(&stamp), Some(&genuine), body.as_bytes(), now).is_err());
}

/// A configuration is read, or refused with a reason.
pub fn config(bytes: &[u8]) {
    if let Err(error) = Config::from_toml(&String::from_utf8_lossy(bytes)) {
        assert!(!error.to_string().is_empty());
    }
}

/// A duration or a size is read or refused, by itself and in a configuration.
pub fn durations(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(duration) = duration::parse(&text) {
        assert!(text.starts_with(|first: char| first.is_ascii_digit()), "{text:?} is {duration:?}");
    }
    let value = toml::Value::String(text.into_owned());
    let _ = Config::from_toml(&format!("files.max_size = {value}\nreminders.pause_every = {value}"));
}

/// What is masked once stays as it is.
pub fn redaction(bytes: &[u8]) {
    static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| Redactor::new(true, &[]).unwrap());
    let text = String::from_utf8_lossy(bytes);
    let once = REDACTOR.redact_text(&text).into_owned();
    assert_eq!(REDACTOR.redact_text(&once), once);
    let mut message = message(bytes);
    REDACTOR.redact(&mut message);
    let before = message.clone();
    REDACTOR.redact(&mut message);
    assert_eq!(message, before);
}

/// Whatever Slack refuses, every way down ends, and mentions nobody.
pub fn ladder(bytes: &[u8]) {
    let (choice, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let mut step = Step::of(mirror::post(&message(rest), &phil(), &Names::default()));
    for turn in 0_u8..40 {
        let code = ["invalid_blocks", "invalid_attachments", "msg_too_long", "no_text"]
            [usize::from(choice.wrapping_mul(turn.wrapping_add(1)) >> 6)];
        let at = choice.wrapping_add(turn) % 7;
        let errors =
            [format!("bad [json-pointer:/blocks/{at}/x]"), format!("[json-pointer:/attachments/{at}/blocks/0]")];
        if !step.down(code, &errors) {
            step.give_up();
            assert_eq!(mentioned(&step.noted()), Mentioned::default(), "{}", step.noted());
            return;
        }
        assert_eq!(mentioned(&step.noted()), Mentioned::default(), "{}", step.noted());
    }
    panic!("no end");
}

/// Everything that is done with a message on its way can be done with any.
pub fn render(bytes: &[u8]) {
    let message = message(bytes);
    let names = Names::default();
    let post = mirror::post(&message, &phil(), &names);
    for part in mirror::parts(&post) {
        let mut edited = part.clone();
        mirror::edited(&mut edited, &phil());
    }
    let _ = (mirror::caption(&message, &phil(), &names), mirror::is_blank(&message));
    let copy = outbound::for_customer(&outbound::own_words(message.clone()), None, &names);
    assert_eq!(mentioned(&copy), Mentioned::default(), "{copy}");
    let _ = (as_text::to_text(&message), notice::about(&message), notice::happening(&message, &names));
    let _ = (notice::is_edit(&message), notice::edited(&message), notice::files_of(&message));
    let _ = (streaming::is_unfinished(&message), portions::of(&message, &|_| true));
    if let Value::Array(list) = &message["messages"] {
        let sorted = history::in_order(list.clone());
        assert_eq!(history::gaps(&sorted, history::GAP).len(), sorted.len());
    }
    let words = String::from_utf8_lossy(bytes);
    assert!(text::cut(&words, 20).chars().count() <= 20);
    assert_eq!(text::unescape(&text::escape(&words)), words);
}

/// The bytes as a message: JSON, or else its text.
fn message(bytes: &[u8]) -> Value {
    match serde_json::from_slice(bytes) {
        Ok(message @ Value::Object(_)) => message,
        _ => json!({ "text": String::from_utf8_lossy(bytes) }),
    }
}

fn phil() -> mirror::Speaker {
    mirror::Speaker { name: "Phil".to_owned(), icon_url: None }
}
