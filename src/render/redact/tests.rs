//! What is masked, and what is not.
#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::render::samples;

fn redactor() -> &'static Redactor {
    static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| Redactor::new(true, &[]).unwrap());
    &REDACTOR
}

fn redacted(mut message: Value) -> Value {
    redactor().redact(&mut message);
    message
}

#[rstest]
#[case("4111111111111111", "••••••••••••1111")]
#[case("pay with 4111 1111 1111 1111, please", "pay with •••• •••• •••• 1111, please")]
#[case("4111-1111-1111-1111 and 5555.5555.5555.4444", "••••-••••-••••-1111 and ••••.••••.••••.4444")]
#[case("3782 822463 10005", "•••• •••••• •0005")]
#[case("4222222222222", "•••••••••2222")]
#[case("6304000000000000000", "•••••••••••••••0000")]
#[case("4111 - 1111 - 1111 - 1111", "•••• - •••• - •••• - 1111")]
#[case("4111\u{a0}1111\u{2009}1111\u{2011}1111", "••••\u{a0}••••\u{2009}••••\u{2011}1111")]
#[case("4111–1111__1111\u{200b}1111", "••••–••••__••••\u{200b}1111")]
#[case("*4111* _1111_ ~1111~ `1111`", "*••••* _••••_ ~••••~ `1111`")]
#[case("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "• • • • • • • • • • • • 1 1 1 1")]
#[case("order 12 4111 1111 1111 1111 7", "order 12 •••• •••• •••• 1111 7")]
#[case("<tel:4111111111111111|4111 1111 1111 1111>", "<tel:••••••••••••1111|•••• •••• •••• 1111>")]
#[case("https://a.example/?pan=4111111111111111&x", "https://a.example/?pan=••••••••••••1111&x")]
#[case("4111111111111111.0", "••••••••••••1111.0")]
#[case("4111111111111111.5555555555554444", "••••••••••••1111.••••••••••••4444")]
#[case("４１１１１１１１１１１１１１１１", "••••••••••••１１１１")]
#[case("٤١١١ ١١١١ ١١١١ ١١١١", "•••• •••• •••• ١١١١")]
#[case("カードは4111111111111111です", "カードは••••••••••••1111です")]
#[case("1. 4111111111111111\n2. 5555555555554444", "1. ••••••••••••1111\n2. ••••••••••••4444")]
fn a_card_number_keeps_its_last_four_digits(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(redactor().redact_text(text), expected);
}

#[rstest]
#[case("4111111111111112", "no valid check digit")]
#[case("1700000000.000100", "a stamp of Slack")]
#[case("2700000000.000100 4711", "a stamp of 2055")]
#[case("4111111111111111222233334444", "too long")]
#[case("411111111111", "too short")]
#[case("9999999999999995", "a first digit that no card has")]
#[case("4444444444444444444", "all the same")]
#[case("REF4111111111111111", "letters touch it")]
#[case("4111111111111111a", "letters touch it")]
#[case("é4111111111111111", "letters touch it")]
#[case("4111 1111\n1111 1111", "two lines")]
#[case("4111, 1111, 1111, 1111", "a list")]
#[case("score 0.4111111111111111", "a fraction")]
#[case("2026-11-20 2026-11-24 2026-11-25", "dates")]
#[case("24.11.2026 - 31.12.2026", "dates")]
#[case("+4915123456788 or +49 1512 3456788", "a telephone number")]
#[case("IBAN DE89 3704 0044 0532 0130 00", "an account")]
#[case("p1700000000000100", "a permalink")]
#[case("", "nothing")]
fn what_is_no_card_number_stays(#[case] text: &str, #[case] why: &str) {
    assert!(matches!(redactor().redact_text(text), Cow::Borrowed(same) if same == text), "{why}");
}

#[rstest]
#[case("CVV: 123", "CVV: •••")]
#[case("cvv2 = 1234", "cvv2 = •••")]
#[case("my *CVC* is *123*, exp 12/25", "my *CVC* is *•••*, exp 12/25")]
#[case("CID #1234", "CID #•••")]
#[case("csc\n`123`", "csc\n`•••`")]
#[case("Security code: 007", "Security code: •••")]
#[case("card verification value 123", "card verification value •••")]
#[case("CVV -&gt; 123", "CVV -&gt; •••")]
#[case("cvv １２３", "cvv •••")]
#[case("cvv 123 cvc 456", "cvv ••• cvc •••")]
#[case("4111 1111 1111 1111 CVV 123", "•••• •••• •••• 1111 CVV •••")]
#[case("cvv 123 4111 1111 1111 1111", "cvv ••• •••• •••• •••• 1111")]
fn a_security_code_is_masked(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(redactor().redact_text(text), expected);
}

#[rstest]
#[case("placid 123")]
#[case("CVV 12345")]
#[case("CID 1234-5678")]
#[case("the CVV is on the back; call 555")]
#[case("code 123")]
#[case("CVV 12")]
fn other_digits_beside_such_words_stay(#[case] text: &str) {
    assert_eq!(redactor().redact_text(text), text);
}

#[test]
fn a_number_that_is_split_over_leaves_is_masked_in_its_leaves() {
    let section = |elements: Value| json!({"blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}]});
    let text = |text: &str| json!({"type": "text", "text": text});
    let bold = |text: &str| json!({"type": "text", "text": text, "style": {"bold": true}});
    let link = |url: &str, text: &str| json!({"type": "link", "url": url, "text": text});
    for (before, after) in [
        (
            json!([text("4111 1111 "), bold("1111 1111"), text("!")]),
            json!([text("•••• •••• "), bold("•••• 1111"), text("!")]),
        ),
        (json!([text("41"), bold("1"), text("1111111111111")]), json!([text("••"), bold("•"), text("•••••••••1111")])),
        (json!([bold("CVV: "), text("123")]), json!([bold("CVV: "), text("•••")])),
        (json!([bold("CVV: "), text("1"), bold("23")]), json!([bold("CVV: "), text("•••"), bold("•••")])),
        (
            json!([text("4111 1111 "), link("https://a.example/4111111111111111", "1111 1111")]),
            json!([text("•••• •••• "), link("https://a.example/••••••••••••1111", "•••• 1111")]),
        ),
        (
            json!([text("4111 1111 "), {"type": "emoji", "name": "x"}, text("1111 1111")]),
            json!([text("4111 1111 "), {"type": "emoji", "name": "x"}, text("1111 1111")]),
        ),
    ] {
        assert_eq!(redacted(section(before)), section(after));
    }
}

#[test]
fn a_code_may_stand_in_the_next_section() {
    let block = |code: &str| {
        json!({"type": "rich_text", "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "CVV:"}]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": code}], "border": 0}]})
    };
    assert_eq!(redacted(block("123")), block("•••"));
}

#[test]
fn fields_are_masked_by_their_titles() {
    let mrkdwn = |text: &str| json!({"type": "mrkdwn", "text": text});
    let raw = |text: &str| json!({"type": "raw_text", "text": text});
    for (before, after) in [
        (
            json!({"title": "CVV", "value": "123", "short": true}),
            json!({"title": "CVV", "value": "•••", "short": true}),
        ),
        (json!({"value": "1 2 3", "title": "*CVC2:*"}), json!({"value": "••• ••• •••", "title": "*CVC2:*"})),
        (
            json!({"fields": [{"title": "CVV", "value": "123"}, {"title": "Order", "value": "4711"}]}),
            json!({"fields": [{"title": "CVV", "value": "•••"}, {"title": "Order", "value": "4711"}]}),
        ),
        (json!({"title": "CVV", "value": 123}), json!({"title": "CVV", "value": 0})),
        (
            json!({"title": "Card Number", "value": "4111 1111 1111 1112"}),
            json!({"title": "Card Number", "value": "•••• •••• •••• 1112"}),
        ),
        (
            json!({"name": "cardNumber", "value": 4_111_111_111_111_112_u64}),
            json!({"name": "cardNumber", "value": 1112}),
        ),
        (
            json!({"label": {"type": "plain_text", "text": "Security code"}, "element": {"initial_value": "007"}}),
            json!({"label": {"type": "plain_text", "text": "Security code"}, "element": {"initial_value": "•••"}}),
        ),
        (
            json!({"fields": [mrkdwn("*Card number*\n4111 1111 1111 1112"), mrkdwn("*Amount*\n123")]}),
            json!({"fields": [mrkdwn("*Card number*\n•••• •••• •••• 1112"), mrkdwn("*Amount*\n123")]}),
        ),
        (
            json!({"fields": [mrkdwn("*CVV*"), mrkdwn("123"), mrkdwn("*Amount*"), mrkdwn("123")]}),
            json!({"fields": [mrkdwn("*CVV*"), mrkdwn("•••"), mrkdwn("*Amount*"), mrkdwn("123")]}),
        ),
        (
            json!({"rows": [[raw("Card no."), raw("Name"), raw("CVV")], [raw("4111111111111112"), raw("Phil 2"), raw("123")]]}),
            json!({"rows": [[raw("Card no."), raw("Name"), raw("CVV")], [raw("••••••••••••1112"), raw("Phil 2"), raw("•••")]]}),
        ),
        (
            json!({"title": "Order number", "value": "4111111111111112"}),
            json!({"title": "Order number", "value": "4111111111111112"}),
        ),
    ] {
        assert_eq!(redacted(before), after);
    }
}

#[test]
fn numbers_and_arrays_in_strings_are_masked_too() {
    for (before, after) in [
        (r#"{"value":4111111111111111}"#, r#"{"value":1111}"#),
        (r#"{"value":4111111111111111.0}"#, r#"{"value":1111}"#),
        (r#"{"value":4.111111111111111e15}"#, r#"{"value":1111}"#),
        (r#"{"value":0.4111111111111111}"#, r#"{"value":0.4111111111111111}"#),
        (r#"{"value":1.50,"b":1e+2,"a":-0}"#, r#"{"value":1.50,"b":1e+2,"a":-0}"#),
        (r#"{"ts":"4111111111111111","id":4111111111111111}"#, r#"{"ts":"4111111111111111","id":4111111111111111}"#),
    ] {
        let mut value: Value = serde_json::from_str(before).unwrap();
        redactor().redact(&mut value);
        assert_eq!(value.to_string(), after);
    }
    let blocks = |text: &str| json!({"blocks": json!([{"type": "header", "text": text}]).to_string()});
    assert_eq!(redacted(blocks("4111\u{a0}1111 1111 1111")), blocks("••••\u{a0}•••• •••• 1111"));
    let odd = json!({"blocks": "[ {\"size\": 1.50} ]", "attachments": "[4111111111111111"});
    assert_eq!(redacted(odd), json!({"blocks": "[ {\"size\": 1.50} ]", "attachments": "[••••••••••••1111"}));
}

#[test]
fn what_nobody_reads_stays() {
    let message = json!({
        "ts": "4111111111111111", "client_msg_id": "41111111-1111-1111-1111-111111111111", "user": "U4111111111111111",
        "files": [{"id": "F1", "url_private": "https://files.example/4111111111111111/a.png", "size": 4_111_111_111_111_111_u64,
                   "thumb_360": "https://files.example/4111111111111111/a.png", "permalink": "https://x.example/p1700000000000100"}],
        "blocks": [{"type": "image", "image_url": "https://a.example/4111111111111111.png", "alt_text": "a",
                    "slack_file": {"url": "https://files.example/4111111111111111"}}],
        "icons": {"image_36": "https://a.example/4111111111111111"}, "pinned_to": ["C1"],
    });
    assert_eq!(redacted(message.clone()), message);
}

#[test]
fn the_name_of_a_file_is_masked_in_its_addresses_too() {
    let file = |name: &str| {
        let at = |path: &str| format!("https://files.example/{path}/{name}");
        json!({"id": "F1", "name": format!("{name}.png"), "url_private": at("T1-F1/4111111111111111"), "permalink": at("U1/F1")})
    };
    assert_eq!(redacted(file("4111111111111111")), file("••••••••••••1111"));
}

#[test]
fn own_patterns_are_masked_as_a_whole() {
    let patterns = [r"\bPAT-\d{6}\b", "x*", r"\d{5}"].map(str::to_owned);
    let own = Redactor::new(false, &patterns).unwrap();
    assert_eq!(own.redact_text("PAT-123456 and PAT-654321, 4111 1111 1111 1111"), "••• and •••, 4111 1111 1111 1111");
    assert_eq!(own.redact_text("axxb"), "a•••b");
    let mut message = json!({"user": "U12345", "n": 12345, "m": 123_456, "ts": "1700000000.000100", "text": "12345"});
    own.redact(&mut message);
    assert_eq!(message, json!({"user": "U12345", "n": 0, "m": 123_456, "ts": "1700000000.000100", "text": "•••"}));
}

#[test]
fn a_pattern_is_bounded() {
    assert!(pattern(r"\d{3}").is_ok());
    for bad in ["(", r"\d{3", "(?<=a)b", r"(\w{1000}){1000}"] {
        assert!(pattern(bad).is_err(), "{bad}");
    }
}

/// Digits with a valid check digit, and how they may be set apart.
fn card_number() -> impl Strategy<Value = (String, String)> {
    let digits = ("[2-6][0-9]{11,17}").prop_map(|start| {
        let valid =
            |last: &u8| card::is_card(start.bytes().map(|b| b - b'0').chain([*last]).collect::<Vec<_>>().into_iter());
        (0..10).find(valid).map(|last| format!("{start}{last}"))
    });
    let digits = digits.prop_filter_map("all the same", |digits| digits);
    let gap = prop::sample::select(vec!["", "", " ", "-", "  ", " - ", "\u{a0}", "·", "* *", "\u{200b}", "_"]);
    (digits, prop::collection::vec(gap, 19)).prop_map(|(digits, gaps)| {
        let mut spread = String::new();
        for (digit, gap) in digits.chars().zip(gaps) {
            spread.extend([digit]);
            spread.push_str(gap);
        }
        (digits, spread)
    })
}

/// The digits of every string and number, each by itself.
fn digits_of(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(digits_of).collect(),
        Value::Object(fields) => fields.values().flat_map(digits_of).collect(),
        value => vec![value.to_string().chars().filter(char::is_ascii_digit).collect()],
    }
}

proptest! {
    #[test]
    fn a_message_without_digits_of_a_card_stays_byte_for_byte(message in samples::any_message()) {
        if digits_of(&message).iter().any(|digits| digits.len() >= 13 && digits != "1700000000000100") {
            return Ok(());
        }
        let before = message.to_string();
        prop_assert_eq!(redacted(message).to_string(), before);
    }

    #[test]
    fn a_number_does_not_survive_wherever_it_is_planted(
        message in samples::any_message(), (number, spread) in card_number(), place in any::<prop::sample::Index>(),
        around in "[ (,:;!|\n]{0,3}",
    ) {
        let mut message = message;
        let mut planted = false;
        plant(&mut message, &mut place.index(8), &format!("{around}{spread}{around}"), &mut planted);
        if !planted {
            message["text"] = Value::from(spread);
        }
        let once = redacted(message);
        prop_assert!(digits_of(&once).iter().all(|digits| !digits.contains(&number)), "{} in {}", number, once);
        prop_assert_eq!(redacted(once.clone()), once);
    }

    #[test]
    fn redacting_twice_changes_nothing(text in "([0-9]{1,6}|[2-6][0-9]{12,18}|[ .*-]{1,2}|cvv ?|CID|a|\n){0,30}") {
        let once = redactor().redact_text(&text).into_owned();
        prop_assert_eq!(redactor().redact_text(&once).into_owned(), once.clone());
        prop_assert_eq!(once.chars().filter(|c| !c.is_ascii_digit() && *c != MASK).collect::<String>(),
            text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>());
    }
}

/// Puts words in place of the n-th string that people read.
fn plant(value: &mut Value, n: &mut usize, words: &str, planted: &mut bool) {
    match value {
        Value::String(text) if *n == 0 && !*planted => {
            words.clone_into(text);
            *planted = true;
        }
        Value::String(_) => *n = n.saturating_sub(1),
        Value::Array(items) => items.iter_mut().for_each(|item| plant(item, n, words, planted)),
        Value::Object(fields) => {
            let read = fields.iter_mut().filter(|(key, _)| !message::is_technical(key));
            read.for_each(|(_, value)| plant(value, n, words, planted));
        }
        _ => {}
    }
}
