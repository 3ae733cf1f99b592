#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::*;

fn plain() -> Value {
    json!({
        "direction": "incoming", "team_id": "T0CUST", "channel_id": "D0PHIL", "user_id": "U0PHIL",
        "message": { "ts": "1700000000.000100", "text": "help!\n", "blocks": [], "files": [], "thread_ts": null },
        "control_epoch": 3, "signals": { "sentiment": -0.70 }, "more": 1,
    })
}

fn envelope(event: &Value) -> Value {
    json!({
        "type": "event_callback", "team_id": "T0CUST", "event": event, "event_id": "Ev1",
        "authorizations": [{ "team_id": "T0CUST", "user_id": "U0BOT", "is_bot": true }],
    })
}

fn message() -> Value {
    json!({ "type": "message", "channel": "D0PHIL", "user": "U0PHIL", "ts": "1700000000.000100", "text": "help!" })
}

/// `target` with the fields of `changes` put in; a null takes a field out.
fn with(mut target: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!("not an object") };
    for (key, value) in changes {
        target[key] = value;
    }
    target
}

fn read(body: &Value) -> Element {
    match parse(body.to_string().as_bytes()).unwrap() {
        Parsed::One(element) => element,
        Parsed::Many(_) => panic!("not an array"),
    }
}

fn accept(body: &Value) -> Ingested {
    read(body).unwrap().unwrap()
}

fn refused_paths(body: &Value) -> Vec<String> {
    read(body).unwrap_err().errors.into_iter().map(|error| error.path).collect()
}

#[test]
fn a_plain_message_is_read_and_stays_verbatim() {
    let body = plain();
    let ingested = accept(&body);
    assert_eq!(ingested.direction, Some(Direction::Incoming));
    assert_eq!((&*ingested.team_id, &*ingested.channel_id), ("T0CUST", "D0PHIL"));
    assert_eq!(ingested.user_id.as_deref(), Some("U0PHIL"));
    assert_eq!(ingested.what, What::Message { ts: "1700000000.000100".into() });
    assert_eq!(ingested.event, body["message"]);
    assert_eq!((ingested.control_epoch, ingested.signals.sentiment), (Some(3), Some(-0.7)));
    assert_eq!(ingested.identity(), "T0CUST D0PHIL 1700000000.000100");
}

#[test]
fn numbers_and_the_order_of_keys_survive() {
    let text = r#"{"z":1.10,"a":123456789012345678901234567890,"e":1E+400,"ts":"1.000000"}"#;
    let body = plain().to_string().replace(&plain()["message"].to_string(), text);
    let Ok(Parsed::One(Ok(Some(ingested)))) = parse(body.as_bytes()) else { panic!("refused") };
    assert_eq!(ingested.event.to_string(), text.replace("1E+400", "1e+400"));
}

#[test]
fn every_offending_field_is_named() {
    let body = json!({
        "direction": "sideways", "team_id": "", "channel_id": 7, "user_id": "U 1",
        "message": { "ts": "1700000000.1", "thread_ts": 1, "text": 5, "blocks": {} }, "control_epoch": -1, "signals": [],
    });
    let expected = [
        "control_epoch",
        "signals",
        "direction",
        "team_id",
        "channel_id",
        "user_id",
        "message.thread_ts",
        "message.text",
        "message.blocks",
        "message.ts",
    ];
    assert_eq!(refused_paths(&body), expected);
    let signals = json!({ "unanswered": "no", "sentiment": "bad", "event": 7 });
    let paths = ["signals.unanswered", "signals.sentiment", "signals.event"];
    assert_eq!(refused_paths(&with(plain(), json!({ "signals": signals }))), paths);
    assert_eq!(refused_paths(&json!({})), ["direction", "team_id", "channel_id", "user_id", "message"]);
    assert_eq!(refused_paths(&json!("text")), ["body"]);
}

#[test]
fn each_element_of_an_array_is_judged_alone() {
    let body = json!([
        plain(),
        with(plain(), json!({ "message": { "ts": 1 } })),
        7,
        envelope(&json!({ "type": "team_join" }))
    ]);
    let Parsed::Many(elements) = parse(body.to_string().as_bytes()).unwrap() else { panic!("one") };
    assert!(matches!(elements[0], Ok(Some(_))));
    assert_eq!(elements[1].as_ref().unwrap_err().errors[0].path, "[1].message.ts");
    assert_eq!(elements[2].as_ref().unwrap_err().errors[0].path, "[2]");
    assert_eq!(elements[3], Ok(None));
}

#[test]
fn an_array_holds_a_hundred_messages_at_most() {
    let array = |length| parse(Value::from(vec![plain(); length]).to_string().as_bytes());
    assert_eq!(array(0), Ok(Parsed::Many(vec![])));
    assert!(matches!(array(100), Ok(Parsed::Many(elements)) if elements.len() == 100));
    assert_eq!(array(101).unwrap_err().status, 422);
}

#[test]
fn what_is_not_json_is_refused() {
    for (body, code) in
        [(&b""[..], "bad_json"), (b"{", "bad_json"), (b"{}x", "bad_json"), (b"\"\xff\"", "bad_encoding")]
    {
        assert_eq!(parse(body).unwrap_err().code, code);
    }
}

#[rstest]
#[case::file_share(json!({ "subtype": "file_share", "files": [{}] }))]
#[case::broadcast(json!({ "subtype": "thread_broadcast", "thread_ts": "1600000000.000000" }))]
#[case::bot_message(json!({ "subtype": "bot_message" }))]
#[case::me_message(json!({ "subtype": "me_message" }))]
#[case::mention(json!({ "type": "app_mention" }))]
fn these_are_messages(#[case] changes: Value) {
    let what = What::Message { ts: "1700000000.000100".into() };
    let event = with(message(), changes);
    assert_eq!(accept(&with(plain(), json!({ "message": event }))).what, what);
    assert_eq!(accept(&envelope(&event)).what, what);
}

fn changed(outer: Value, inner: Value) -> Value {
    let edited = with(message(), inner);
    let event = json!({ "type": "message", "subtype": "message_changed", "channel": "D0PHIL", "message": edited });
    with(event, outer)
}

#[test]
fn a_change_is_one_thing_however_often_it_comes() {
    let edit = changed(json!({ "ts": "1700000009.000200" }), json!({ "edited": { "ts": "1700000009.000000" } }));
    let first = accept(&envelope(&edit));
    let again = accept(&with(envelope(&edit), json!({ "event_id": "Ev2" })));
    let by_hand = accept(&with(plain(), json!({ "message": edit })));
    assert_eq!(first.identity(), again.identity());
    assert_eq!(first.identity(), by_hand.identity());
    assert_ne!(first.identity(), accept(&envelope(&message())).identity());
    assert_eq!(first.direction, Some(Direction::Incoming));
}

#[test]
fn two_changes_within_a_second_are_two_things() {
    let second = json!({ "edited": { "ts": "1700000009.000000" } });
    let one = accept(&envelope(&changed(json!({ "ts": "1700000009.000200" }), second.clone())));
    let two = accept(&envelope(&changed(json!({ "ts": "1700000009.000300" }), second)));
    assert_ne!(one.identity(), two.identity());
}

#[test]
fn a_change_is_ordered_by_its_own_stamp() {
    let edited = json!({ "edited": { "ts": "1700000009.000000" } });
    let stamps = [
        (json!({ "ts": "1700000009.000200" }), "1700000009.000200"),
        (json!({ "ts": "1700000000.000100", "event_ts": "1700000009.000300" }), "1700000009.000300"),
        (json!({ "ts": "1700000000.000100" }), "1700000009.000000"),
        (json!({}), "1700000009.000000"),
    ];
    for (outer, stamp) in stamps {
        let What::Changed { ts, change_ts, .. } = accept(&envelope(&changed(outer, edited.clone()))).what else {
            panic!()
        };
        assert_eq!((&*ts, &*change_ts), ("1700000000.000100", stamp));
    }
    assert_eq!(refused_paths(&envelope(&changed(json!({}), json!({})))), ["event.ts"]);
}

#[test]
fn a_deletion_and_what_it_leaves_of_a_thread_are_the_same_thing() {
    let deleted = json!({ "type": "message", "subtype": "message_deleted", "channel": "D0PHIL", "ts": "1700000009.000200",
        "deleted_ts": "1700000000.000100", "previous_message": message() });
    let tombstone =
        changed(json!({ "ts": "1700000009.000200" }), json!({ "subtype": "tombstone", "user": "USLACKBOT" }));
    let what = What::Deleted { ts: "1700000000.000100".into() };
    assert_eq!(accept(&envelope(&deleted)).what, what);
    assert_eq!(accept(&envelope(&deleted)).direction, Some(Direction::Incoming));
    assert_eq!(accept(&envelope(&tombstone)).what, what);
    let bare = with(deleted, json!({ "previous_message": null }));
    assert_eq!(accept(&envelope(&bare)).direction, None);
}

#[test]
fn the_direction_of_an_envelope_is_told_by_its_author() {
    let authors = [
        (json!({}), Some(Direction::Incoming), Some("U0PHIL")),
        (json!({ "bot_id": "B1" }), Some(Direction::Outgoing), None),
        (json!({ "user": null, "subtype": "bot_message" }), Some(Direction::Outgoing), None),
        (json!({ "user": "U0BOT" }), Some(Direction::Outgoing), None),
        (json!({ "user": "USLACKBOT" }), None, None),
    ];
    for (changes, direction, user) in authors {
        let ingested = accept(&envelope(&with(message(), changes.clone())));
        assert_eq!((ingested.direction, ingested.user_id.as_deref()), (direction, user), "{changes}");
    }
}

#[test]
fn the_team_of_an_envelope_is_where_the_app_is_installed() {
    let teams = [
        (json!({}), "T0CUST"),
        (json!({ "team_id": "T0ACTOR" }), "T0CUST"),
        (json!({ "authorizations": [{ "team_id": null }] }), "T0CUST"),
        (json!({ "authorizations": null, "team_id": null, "context_team_id": "T0CONTEXT" }), "T0CONTEXT"),
        (json!({ "authorizations": [], "team_id": "" }), "T0EVENT"),
    ];
    for (changes, team) in teams {
        let body = with(envelope(&with(message(), json!({ "team": "T0EVENT" }))), changes);
        assert_eq!(accept(&body).team_id, team, "{body}");
    }
}

#[test]
fn a_posted_message_is_outgoing() {
    let body = json!({ "team_id": "T0CUST", "user_id": "U0PHIL", "response": {
        "ok": true, "channel": "D0PHIL", "ts": "1700000000.000100", "message": { "text": "hello", "bot_id": "B1" } } });
    let ingested = accept(&body);
    assert_eq!(ingested.direction, Some(Direction::Outgoing));
    assert_eq!((&*ingested.channel_id, ingested.user_id.as_deref()), ("D0PHIL", Some("U0PHIL")));
    assert_eq!(ingested.event, body["response"]["message"]);
    assert_eq!(ingested.identity(), "T0CUST D0PHIL 1700000000.000100");
    let failed = with(body, json!({ "response": { "ok": false, "error": "channel_not_found" } }));
    assert_eq!(refused_paths(&failed), ["response.ok", "response.channel", "response.message", "response.ts"]);
}

#[test]
fn reactions_are_told_apart_by_who_gave_which_when() {
    let reaction = |changes| {
        let event = json!({ "type": "reaction_added", "user": "U0PHIL", "reaction": "eyes", "event_ts": "1700000009.000000",
            "item": { "type": "message", "channel": "D0PHIL", "ts": "1700000000.000100" } });
        envelope(&with(event, changes))
    };
    let first = accept(&reaction(json!({})));
    assert_eq!((&*first.channel_id, first.user_id.as_deref()), ("D0PHIL", Some("U0PHIL")));
    assert_eq!(first.identity(), accept(&reaction(json!({}))).identity());
    for other in [
        json!({ "type": "reaction_removed" }),
        json!({ "user": "U2" }),
        json!({ "reaction": "x" }),
        json!({ "event_ts": "2.000000" }),
    ] {
        assert_ne!(first.identity(), accept(&reaction(other)).identity());
    }
    assert_eq!(read(&reaction(json!({ "item": { "type": "file", "file": "F1" } }))), Ok(None));
}

#[test]
fn other_events_are_passed_on_or_discarded() {
    let topic = with(message(), json!({ "subtype": "channel_topic" }));
    let what = What::Other { ts: Some("1700000000.000100".into()), kind: "channel_topic".into() };
    assert_eq!(accept(&envelope(&topic)).what, what);
    assert_eq!(read(&envelope(&json!({ "type": "user_change", "user": {} }))), Ok(None));
    assert_eq!(refused_paths(&json!({ "type": "event_callback" })), ["event"]);
}

fn click() -> Value {
    json!({
        "type": "block_actions", "team": { "id": "T0CUST" }, "user": { "id": "U0PHIL" }, "channel": { "id": "D0PHIL" },
        "actions": [{ "type": "button", "action_ts": "1700000001.000100", "value": "v" }],
    })
}

#[test]
fn a_click_is_incoming_and_known_by_its_time() {
    let ingested = accept(&click());
    let what = What::Clicked { user: "U0PHIL".into(), action_ts: "1700000001.000100".into() };
    assert_eq!((ingested.direction, &ingested.what), (Some(Direction::Incoming), &what));
    assert_eq!(
        (&*ingested.team_id, &*ingested.channel_id, ingested.user_id.as_deref()),
        ("T0CUST", "D0PHIL", Some("U0PHIL"))
    );
    assert_eq!(ingested.event, click());
    let within = accept(&with(plain(), json!({ "message": click() })));
    assert_eq!((within.identity(), &within.event), (ingested.identity(), &click()));
    let contained = with(click(), json!({ "channel": null, "container": { "channel_id": "D0PHIL" } }));
    assert_eq!(accept(&contained).identity(), ingested.identity());
    let legacy =
        with(click(), json!({ "type": "interactive_message", "action_ts": "1700000001.000100", "actions": [{}] }));
    assert_eq!(accept(&legacy).identity(), ingested.identity());
    for other in [json!({ "user": { "id": "U2" } }), json!({ "actions": [{ "action_ts": "1700000002.000100" }] })] {
        assert_ne!(accept(&with(click(), other)).identity(), ingested.identity());
    }
    assert_eq!(read(&with(click(), json!({ "channel": null }))), Ok(None), "a click in no channel");
}

#[test]
fn what_is_wrong_with_a_click_is_named() {
    let bad = json!({ "actions": [], "user": {}, "team": { "id": "" } });
    assert_eq!(refused_paths(&with(click(), bad)), ["actions", "user.id", "actions[0].action_ts", "team.id"]);
    let late = with(click(), json!({ "actions": [{ "action_ts": "soon" }] }));
    assert_eq!(refused_paths(&with(plain(), json!({ "message": late }))), ["message.actions[0].action_ts"]);
    assert_eq!(refused_paths(&with(plain(), json!({ "message": click(), "direction": "outgoing" }))), ["direction"]);
}

#[test]
fn the_fast_reader_reads_the_plain_message() {
    let body = plain().to_string();
    let expected = Peek {
        direction: Direction::Incoming,
        team_id: "T0CUST",
        channel_id: "D0PHIL",
        user_id: "U0PHIL",
        words: None,
        unanswered: None,
        sentiment: Some(-0.7),
        event: None,
    };
    assert_eq!(peek(body.as_bytes()), Some(expected));
    let without_escapes = body.replace("help!\\n", "help!");
    assert_eq!(peek(without_escapes.as_bytes()), Some(Peek { words: Some("help!"), ..expected }));
}

#[test]
fn the_fast_reader_leaves_the_rest_to_the_slow_one() {
    let fields = json!(["incoming", "T0CUST", "D0PHIL", "U0PHIL", plain()["message"], 3, {}, null, null]).to_string();
    let bodies = [
        fields,
        json!([plain()]).to_string(),
        envelope(&message()).to_string(),
        click().to_string(),
        with(plain(), json!({ "message": click() })).to_string(),
        with(plain(), json!({ "message": ["1700000000.000100", null, null, null, null, null, null, null, null] }))
            .to_string(),
        with(plain(), json!({ "message": { "ts": "1700000000.000100", "subtype": "file_share" } })).to_string(),
        with(plain(), json!({ "message": { "ts": "17" } })).to_string(),
        with(plain(), json!({ "team_id": "" })).to_string(),
        plain().to_string().replace("U0PHIL", "U0\\u0050HIL"),
        plain().to_string().replace("help!", "\\ud83d"),
        plain().to_string().replace("{\"direction\"", "{\"team_id\":\"T2\",\"direction\""),
        plain().to_string().replace("\"more\":1", &format!("\"more\":{}1{}", "[".repeat(200), "]".repeat(200))),
    ];
    for body in bodies {
        assert_eq!(peek(body.as_bytes()), None, "{body}");
    }
}

/// Any JSON, but with keys that matter.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![".{0,3}", "(T|U|D|incoming|outgoing|message|event_callback|1700000000\\.000100)"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from)
    ];
    let key = prop::sample::select(vec![
        "direction",
        "team_id",
        "channel_id",
        "user_id",
        "message",
        "ts",
        "text",
        "type",
        "subtype",
        "event",
        "response",
        "item",
        "channel",
        "thread_ts",
        "blocks",
        "edited",
        "user",
        "bot_id",
        "previous_message",
        "authorizations",
        "control_epoch",
    ]);
    leaf.prop_recursive(4, 64, 8, move |inner| {
        let fields = prop::collection::vec((key.clone(), inner.clone()), 0..10);
        let object = fields.prop_map(|fields| fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect());
        prop_oneof![prop::collection::vec(inner, 0..3).prop_map(Value::from), object]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body: Vec<u8>) {
        let _ = (parse(&body), peek(&body));
    }

    #[test]
    fn the_fast_reader_accepts_nothing_that_the_slow_one_refuses(
        top in prop::collection::vec((any_json(), "[a-z_]{4,14}"), 0..2),
        field in prop::sample::select(vec!["/direction", "/team_id", "/message", "/message/ts", "/message/text", "/message/blocks", "/signals", "/control_epoch"]),
        value in any_json(),
    ) {
        let mut body = plain();
        *body.pointer_mut(field).unwrap() = value;
        for (value, key) in top {
            body[key] = value;
        }
        let text = body.to_string();
        if let Some(peek) = peek(text.as_bytes()) {
            let ingested = accept(&body);
            prop_assert_eq!(ingested.direction, Some(peek.direction));
            prop_assert_eq!(&*ingested.team_id, peek.team_id);
            prop_assert_eq!(&*ingested.channel_id, peek.channel_id);
            prop_assert_eq!(ingested.user_id.as_deref(), Some(peek.user_id));
            prop_assert_eq!(ingested.what.ts(), ingested.event["ts"].as_str());
            let facts = ingested.facts().unwrap();
            prop_assert_eq!((facts.sentiment, facts.event), (peek.sentiment, peek.event));
            prop_assert_eq!(ingested.signals.unanswered, peek.unanswered);
            prop_assert_eq!(facts.words, peek.words.unwrap_or(facts.words));
        }
    }

    #[test]
    fn any_json_is_answered(body in any_json()) {
        let _ = (parse(body.to_string().as_bytes()), parse(envelope(&body).to_string().as_bytes()));
    }
}
