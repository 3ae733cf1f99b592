#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::intake::{What, ingest};

fn envelope(event: &Value) -> Value {
    json!({ "type": "event_callback", "team_id": "T0HUB", "event": event, "event_id": "Ev1", "is_ext_shared_channel": false })
}

fn said(changes: Value) -> RoomMessage {
    let mut event = json!({ "type": "message", "channel": "C0ROOM", "user": "U0JANE", "ts": "1700000000.000100" });
    let Value::Object(changes) = changes else { panic!("not an object") };
    for (key, value) in changes {
        event[key] = value;
    }
    match event_of(envelope(&event)).unwrap() {
        SlackEvent::Message(message) => {
            assert_eq!(message.event, event);
            *message
        }
        other => panic!("{other:?}"),
    }
}

fn changed(event: &Value) -> RoomChange {
    match event_of(envelope(event)).unwrap() {
        SlackEvent::Room(change) => change,
        other => panic!("{other:?}"),
    }
}

fn form(fields: &Value) -> String {
    let fields = fields.as_object().unwrap().iter().map(|(key, value)| (key, value.as_str().unwrap()));
    serde_urlencoded::to_string(fields.collect::<Vec<_>>()).unwrap()
}

#[test]
fn slack_may_check_the_address() {
    let body = br#"{"type":"url_verification","challenge":"abc","token":"x"}"#;
    assert_eq!(event(body), Ok(SlackEvent::UrlVerification { challenge: "abc".into() }));
    assert_eq!(event(br#"{"type":"app_rate_limited","minute_rate_limited":1}"#), Ok(SlackEvent::RateLimited));
}

#[test]
fn what_is_said_at_top_level_goes_out_and_a_reply_in_a_thread_is_a_note() {
    assert_eq!(said(json!({})).kind(), Speech::TopLevel);
    assert_eq!(said(json!({ "thread_ts": "1700000000.000100" })).kind(), Speech::TopLevel);
    assert_eq!(said(json!({ "subtype": "file_share", "files": [] })).kind(), Speech::TopLevel);
    assert_eq!(said(json!({ "thread_ts": "1600000000.000100" })).kind(), Speech::Note);
    assert_eq!(said(json!({ "subtype": "file_share", "thread_ts": "1600000000.000100" })).kind(), Speech::Note);
    assert_eq!(said(json!({ "subtype": "thread_broadcast", "thread_ts": "1600000000.000100" })).kind(), Speech::Note);
}

#[test]
fn a_changed_note_is_still_known_as_a_note() {
    let inner = json!({ "user": "U0JANE", "ts": "1700000000.000100", "thread_ts": "1600000000.000100" });
    let edit =
        said(json!({ "subtype": "message_changed", "ts": "1700000009.000100", "hidden": true, "message": inner }));
    assert_eq!((edit.kind(), edit.is_in_thread(), edit.hidden), (Speech::Changed, true, true));
    assert_eq!(edit.author.user.as_deref(), Some("U0JANE"));
    let deletion =
        said(json!({ "subtype": "message_deleted", "deleted_ts": "1700000000.000100", "previous_message": inner }));
    assert_eq!((deletion.kind(), deletion.is_in_thread()), (Speech::Deleted, true));
    assert_eq!(deletion.what, What::Deleted { ts: "1700000000.000100".into() });
}

#[test]
fn slacks_own_remarks_are_housekeeping() {
    assert_eq!(said(json!({ "subtype": "channel_join" })).kind(), Speech::Housekeeping);
    assert_eq!(said(json!({ "user": null, "message": { "ts": "1.000000" } })).kind(), Speech::Housekeeping);
    assert_eq!(said(json!({ "subtype": "huddle_thread" })).kind(), Speech::Unknown);
}

#[test]
fn a_post_of_the_service_is_known_by_its_metadata() {
    let metadata = json!({ "event_type": "megatron", "event_payload": { "id": "d1" } });
    let post = said(json!({ "subtype": "bot_message", "bot_id": "B1", "app_id": "A1", "metadata": metadata }));
    assert_eq!((post.metadata_event_type.as_deref(), post.metadata_id.as_deref()), (Some("megatron"), Some("d1")));
    assert_eq!((post.author.bot_id.as_deref(), post.author.app_id.as_deref()), (Some("B1"), Some("A1")));
    let stripped = said(json!({ "metadata": { "event_type": "megatron" } }));
    assert_eq!((stripped.metadata_event_type.as_deref(), stripped.metadata_id), (Some("megatron"), None));
}

#[test]
fn what_becomes_of_a_room_is_read() {
    let at = |kind: &str, more: Value| {
        let mut event = json!({ "type": kind, "channel": "C1", "event_ts": "1700000000.000000" });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    let user = || json!({ "user": "U1" });
    let table = [
        (at("channel_archive", user()), Change::Archived { user: Some("U1".into()) }),
        (at("group_unarchive", user()), Change::Unarchived { user: Some("U1".into()) }),
        (
            at("group_rename", json!({ "channel": { "id": "C1", "name": "new" } })),
            Change::Renamed { name: "new".into() },
        ),
        (at("channel_deleted", json!({})), Change::Deleted),
        (at("group_left", json!({})), Change::BotLeft),
        (at("member_joined_channel", user()), Change::MemberJoined { user: "U1".into(), inviter: None }),
        (at("member_left_channel", user()), Change::MemberLeft { user: "U1".into() }),
        (at("channel_shared", json!({})), Change::Shared),
        (at("channel_unshared", json!({ "is_ext_shared": true })), Change::Unshared { still_shared: true }),
        (
            at("channel_id_changed", json!({ "channel": null, "old_channel_id": "C1", "new_channel_id": "C2" })),
            Change::IdChanged { new: "C2".into() },
        ),
    ];
    for (event, change) in table {
        let read = changed(&event);
        assert_eq!((&*read.channel, read.team_id.as_deref(), read.change), ("C1", Some("T0HUB"), change), "{event}");
    }
}

#[test]
fn reactions_in_a_room_are_read() {
    let item = json!({ "type": "message", "channel": "C1", "ts": "1700000000.000100" });
    let event = json!({ "type": "reaction_removed", "user": "U1", "reaction": "eyes", "item": item, "event_ts": "1700000001.000000" });
    let read = changed(&event);
    let Change::Reaction(What::Reaction { added, item_ts, name, .. }) = read.change else { panic!("no reaction") };
    assert_eq!((&*read.channel, added, &*item_ts, &*name), ("C1", false, "1700000000.000100", "eyes"));
}

#[test]
fn what_becomes_of_the_app_is_read() {
    let app = |event: Value| match event_of(envelope(&event)).unwrap() {
        SlackEvent::App(change) => change,
        other => panic!("{other:?}"),
    };
    let team_id = || Some("T0HUB".to_owned());
    let revoked = app(json!({ "type": "tokens_revoked", "tokens": { "oauth": ["U1"], "bot": ["U2", 3] } }));
    assert_eq!(
        revoked,
        AppChange::TokensRevoked { team_id: team_id(), users: vec!["U1".into()], bots: vec!["U2".into()] }
    );
    assert_eq!(app(json!({ "type": "app_uninstalled" })), AppChange::Uninstalled { team_id: team_id() });
    let opened = app(json!({ "type": "app_home_opened", "user": "U1", "tab": "messages" }));
    assert_eq!(opened, AppChange::HomeOpened { team_id: team_id(), user: "U1".into(), tab: "messages".into() });
}

#[test]
fn a_message_without_what_it_must_have_is_refused() {
    let problem = event_of(envelope(&json!({ "type": "message", "text": "?" }))).unwrap_err();
    let paths: Vec<_> = problem.errors.iter().map(|error| &*error.path).collect();
    assert_eq!(paths, ["event.ts", "event.channel"]);
    assert_eq!(event(b"[1").unwrap_err().code, "bad_json");
    assert_eq!(event(b"{}"), Ok(SlackEvent::Other { kind: String::new() }));
}

#[test]
fn a_command_is_read_from_a_form_or_an_object() {
    let fields = json!({
        "team_id": "T1", "channel_id": "C1", "user_id": "U1", "command": "/megatron", "text": "open J\u{fc}rgen & co",
        "response_url": "https://hooks.test/1", "trigger_id": "1.2", "enterprise_id": "",
    });
    let Ok(Command::Slash(read)) = command(form(&fields).as_bytes()) else { panic!("refused") };
    assert_eq!((&*read.text, &*read.user_id, &read.enterprise_id), ("open J\u{fc}rgen & co", "U1", &None));
    assert!(!format!("{read:?}").contains("hooks.test"));
    assert_eq!(command_of(&fields), Ok(Command::Slash(read)));
    assert_eq!(command(b"ssl_check=1&token=x"), Ok(Command::SslCheck));
    assert_eq!(command(b"text=%ff").unwrap_err().code, "bad_encoding");
    let problem = command(b"text=x").unwrap_err();
    assert_eq!(
        problem.errors.iter().map(|error| &*error.path).collect::<Vec<_>>(),
        ["team_id", "channel_id", "user_id", "command"]
    );
}

#[test]
fn a_click_is_read() {
    let payload = json!({
        "type": "block_actions", "user": { "id": "U1", "username": "jane", "team_id": "T1" }, "team": null,
        "enterprise": { "id": "E1" }, "channel": { "id": "C1" }, "trigger_id": "1.2", "response_url": "https://hooks.test/1",
        "container": { "type": "message", "message_ts": "1700000000.000100", "is_ephemeral": true },
        "message": { "ts": "1700000000.000100", "thread_ts": "1600000000.000100", "app_id": "A1", "bot_id": "B1" },
        "actions": [
            { "action_id": "a", "block_id": "b", "value": "v" },
            { "action_id": "m", "selected_options": [{ "value": "1" }, { "value": "2" }] },
            { "action_id": "u", "selected_user": "U2" },
            { "action_id": "o", "selected_option": { "value": "3" } },
            { "value": "no id" },
        ],
    });
    let body = form(&json!({ "payload": payload.to_string() }));
    let read = interaction(body.as_bytes()).unwrap();
    assert_eq!((&read.kind, &*read.user.id, read.user.name.as_deref()), (&Kind::BlockActions, "U1", Some("jane")));
    assert_eq!(
        (&read.team_id, read.enterprise_id.as_deref(), read.channel_id.as_deref()),
        (&None, Some("E1"), Some("C1"))
    );
    assert_eq!(read.message_ts.as_deref(), Some("1700000000.000100"));
    assert_eq!(read.thread_ts.as_deref(), Some("1600000000.000100"));
    assert_eq!((read.message_app_id.as_deref(), read.message_bot_id.as_deref()), (Some("A1"), Some("B1")));
    assert_eq!((read.is_ephemeral, &read.message), (true, &payload["message"]));
    let used: Vec<_> = read
        .actions
        .iter()
        .map(|action| (&*action.action_id, action.value.as_deref(), action.selected.join(",")))
        .collect();
    let expected = [("a", Some("v"), ""), ("m", None, "1,2"), ("u", None, "U2"), ("o", None, "3")];
    assert_eq!(used, expected.map(|(id, value, selected)| (id, value, selected.to_owned())));
    assert!(!format!("{read:?}").contains("hooks.test"));
}

#[test]
fn a_menu_asks_for_its_options() {
    let payload = json!({ "type": "block_suggestion", "user": { "id": "U1" }, "action_id": "a", "block_id": "b", "value": "phi",
        "view": { "id": "V1", "callback_id": "c" } });
    let read = interaction_of(payload).unwrap();
    assert_eq!((read.value.as_deref(), &*read.actions[0].action_id), (Some("phi"), "a"));
    assert_eq!((&read.view["id"], read.callback_id.as_deref()), (&json!("V1"), Some("c")));
}

#[test]
fn an_interaction_of_an_unknown_type_is_no_error() {
    let read = interaction_of(json!({ "type": "mind_reading" })).unwrap();
    assert_eq!(read.kind, Kind::Unknown("mind_reading".into()));
    assert_eq!(
        interaction_of(json!({ "type": "dialog_submission", "user": { "id": "U1" } })).unwrap().kind,
        Kind::Legacy("dialog_submission".into())
    );
    assert_eq!(interaction_of(json!({ "type": "shortcut" })).unwrap_err().errors[0].path, "user.id");
    assert_eq!(interaction(b"x=1").unwrap_err().errors[0].path, "payload");
    assert_eq!(interaction(b"payload=%7B").unwrap_err().code, "bad_json");
}

/// Payloads that others collected, in the folder that `SLACK_CORPUS` names.
#[test]
fn collected_payloads_are_read_or_clearly_refused() {
    #[expect(clippy::disallowed_methods, reason = "a test is set up by its environment")]
    let Some(folder) = std::env::var_os("SLACK_CORPUS").map(std::path::PathBuf::from).filter(|folder| folder.is_dir())
    else {
        println!("skipped: SLACK_CORPUS names no folder of Slack payloads");
        return;
    };
    let mut seen = 0;
    for file in ["events", "python"].iter().flat_map(|name| folder.join(name).read_dir().unwrap()) {
        let path = file.unwrap().path();
        let (name, text) = (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap());
        let payload: Value = serde_json::from_slice(&text).unwrap();
        let refusal = if name.starts_with("command-") {
            command(form(&payload).as_bytes()).err()
        } else if name.starts_with("interaction-") {
            interaction(form(&json!({ "payload": payload.to_string() })).as_bytes()).err()
        } else if name.starts_with("socket-") {
            interaction_of(payload["payload"].clone()).err()
        } else {
            ingest::parse(&text).unwrap();
            event(&text).err()
        };
        // Of the payloads with real values only events that were cut short may be refused.
        if let Some(problem) = refusal {
            let blank = !name.contains('-');
            let cut_short = blank || payload["event"]["ts"].is_null() || payload["event"]["channel"].is_null();
            assert!(cut_short && problem.status == 422 && !problem.errors.is_empty(), "{name}: {problem:?}");
        }
        seen += 1;
    }
    assert!(seen > 100, "only {seen} payloads");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body: Vec<u8>, text: String) {
        let _ = (event(&body), command(&body), interaction(&body));
        let payload = serde_urlencoded::to_string([("payload", text)]).unwrap();
        let _ = interaction(payload.as_bytes());
    }
}

#[test]
fn what_slack_has_yet_to_explain_is_counted_as_unknown() {
    let names = [
        (json!({ "type": "something_new" }), "unknown"),
        (json!({ "type": "message", "subtype": "something_new", "channel": "C1", "ts": "1.000000" }), "unknown"),
        (
            json!({ "type": "message", "channel": "C1", "user": "U1", "ts": "2.000000", "thread_ts": "1.000000" }),
            "note",
        ),
        (json!({ "type": "channel_archive", "channel": "C1", "user": "U1" }), "room_archived"),
    ];
    for (event, name) in names {
        let envelope = json!({ "type": "event_callback", "event": event });
        assert_eq!(event_of(envelope).unwrap().name(), name, "{event}");
    }
}
