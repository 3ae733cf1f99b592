//! What Slack refuses is refused, with Slack's own codes.

use std::time::Duration;

use serde_json::{Value, json};

use super::{BOT, HUB, answer, over_http, stage};
use crate::simulator::{Fault, Simulator};

/// A private room with Jane, and one that was archived.
async fn rooms(slack: &Simulator) -> (String, String) {
    let mut ids = Vec::new();
    for name in ["cs-phil", "cs-old"] {
        let made = answer(slack, HUB, "conversations.create", &json!({ "name": name, "is_private": true })).await;
        let id = made["channel"]["id"].as_str().unwrap().to_owned();
        answer(slack, HUB, "conversations.invite", &json!({ "channel": id, "users": "U0JANE" })).await;
        ids.push(id);
    }
    slack.archive("T0SUP", "U0JANE", "cs-old").unwrap();
    (ids[0].clone(), ids[1].clone())
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "a table")]
async fn every_refusal_has_slacks_code() {
    let (slack, _) = stage().await;
    let (room, old) = rooms(&slack).await;
    let jane = slack.say("T0SUP", "U0JANE", &room, "hello").unwrap();
    let mine = slack.bot_says(HUB, &room, json!({ "text": "mine" })).unwrap();
    let secret = slack.create_channel("T0SUP", "U0JANE", "secret", true).unwrap();
    let public = slack.create_channel("T0SUP", "U0JANE", "public", false).unwrap();
    let button = json!({ "type": "button", "action_id": "x", "text": { "type": "plain_text", "text": "x" } });
    let modal = json!({ "type": "modal", "title": { "type": "plain_text", "text": "x" }, "blocks": [] });
    let cases = [
        ("", "auth.test", json!({}), "not_authed"),
        ("xoxb-wrong", "auth.test", json!({}), "invalid_auth"),
        (HUB, "chat.postMassage", json!({}), "unknown_method"),
        (HUB, "chat.postMessage", json!({ "channel": room, "text": "x", "as_user": true }), "invalid_arguments"),
        (HUB, "chat.postMessage", json!({ "text": "x" }), "invalid_arguments"),
        (HUB, "chat.postMessage", json!({ "channel": room }), "no_text"),
        (HUB, "chat.postMessage", json!({ "channel": "#cs-phil", "text": "x" }), "channel_not_found"),
        (HUB, "chat.postMessage", json!({ "channel": secret, "text": "x" }), "channel_not_found"),
        (HUB, "chat.postMessage", json!({ "channel": public, "text": "x" }), "not_in_channel"),
        (HUB, "chat.postMessage", json!({ "channel": old, "text": "x" }), "is_archived"),
        (HUB, "chat.postMessage", json!({ "channel": room, "text": "x".repeat(40_001) }), "msg_too_long"),
        (HUB, "chat.postMessage", json!({ "channel": room, "text": 5 }), "invalid_arguments"),
        (
            HUB,
            "chat.postMessage",
            json!({ "channel": room, "text": "x", "thread_ts": "1.000100" }),
            "cannot_reply_to_message",
        ),
        (HUB, "chat.postMessage", json!({ "channel": room, "text": "x", "blocks": "text" }), "invalid_arguments"),
        (HUB, "chat.postMessage", json!({ "channel": room, "text": "x", "blocks": {} }), "invalid_blocks_format"),
        (
            HUB,
            "chat.postMessage",
            json!({ "channel": room, "text": "x", "blocks": [{ "type": "nonsense" }] }),
            "invalid_blocks",
        ),
        (
            HUB,
            "chat.postMessage",
            json!({ "channel": room, "text": "x", "metadata": { "event_type": "a.b", "event_payload": {} } }),
            "invalid_metadata_schema",
        ),
        (
            HUB,
            "chat.postMessage",
            json!({ "channel": room, "text": "x", "metadata": { "event_type": "a" } }),
            "invalid_metadata_format",
        ),
        (
            HUB,
            "chat.postMessage",
            json!({ "channel": room, "text": "x", "markdown_text": "x" }),
            "markdown_text_conflict",
        ),
        (BOT, "chat.postMessage", json!({ "channel": "D0PHIL", "text": "x", "username": "Jane" }), "missing_scope"),
        (BOT, "chat.postMessage", json!({ "channel": room, "text": "x" }), "channel_not_found"),
        (HUB, "chat.update", json!({ "channel": room, "ts": mine, "text": "x", "username": "x" }), "invalid_arguments"),
        (HUB, "chat.update", json!({ "channel": room, "ts": mine, "text": "x".repeat(4001) }), "msg_too_long"),
        (HUB, "chat.update", json!({ "channel": room, "ts": jane, "text": "x" }), "cant_update_message"),
        (HUB, "chat.update", json!({ "channel": room, "ts": "1.000100", "text": "x" }), "message_not_found"),
        (HUB, "chat.delete", json!({ "channel": room, "ts": jane }), "cant_delete_message"),
        (HUB, "chat.delete", json!({ "channel": room, "ts": "1.000100" }), "message_not_found"),
        (HUB, "chat.postEphemeral", json!({ "channel": room, "user": "U0BOB", "text": "x" }), "user_not_in_channel"),
        (
            HUB,
            "chat.postEphemeral",
            json!({ "channel": room, "user": "U0JANE", "text": "x", "metadata": {} }),
            "invalid_arguments",
        ),
        (HUB, "chat.getPermalink", json!({ "channel": room, "message_ts": "1.000100" }), "message_not_found"),
        (HUB, "conversations.create", json!({ "name": "cs-phil", "is_private": true }), "name_taken"),
        (HUB, "conversations.create", json!({ "name": "cs-old" }), "name_taken"),
        (HUB, "conversations.create", json!({ "name": "" }), "invalid_name_required"),
        (HUB, "conversations.create", json!({ "name": "CS-Phil" }), "invalid_name_specials"),
        (HUB, "conversations.create", json!({ "name": "---" }), "invalid_name_punctuation"),
        (HUB, "conversations.create", json!({ "name": "x".repeat(81) }), "invalid_name_maxlength"),
        (BOT, "conversations.create", json!({ "name": "x" }), "missing_scope"),
        (HUB, "conversations.unarchive", json!({ "channel": old }), "not_in_channel"),
        (HUB, "conversations.unarchive", json!({ "channel": room }), "not_archived"),
        (HUB, "conversations.archive", json!({ "channel": old }), "already_archived"),
        (HUB, "conversations.rename", json!({ "channel": old, "name": "cs-new" }), "is_archived"),
        (HUB, "conversations.rename", json!({ "channel": room, "name": "cs-old" }), "name_taken"),
        (HUB, "conversations.rename", json!({ "channel": public, "name": "x" }), "not_in_channel"),
        (HUB, "conversations.setTopic", json!({ "channel": room, "topic": "x".repeat(251) }), "too_long"),
        (HUB, "conversations.invite", json!({ "channel": room, "users": "U0JANE" }), "already_in_channel"),
        (HUB, "conversations.invite", json!({ "channel": room, "users": "U0HUB" }), "cant_invite_self"),
        (HUB, "conversations.invite", json!({ "channel": room, "users": "U0PHIL" }), "user_not_found"),
        (HUB, "conversations.kick", json!({ "channel": room, "user": "U0HUB" }), "cant_kick_self"),
        (HUB, "conversations.kick", json!({ "channel": room, "user": "U0BOB" }), "not_in_channel"),
        (HUB, "conversations.history", json!({ "channel": old }), "not_in_channel"),
        (HUB, "conversations.history", json!({ "channel": room, "cursor": "x" }), "invalid_cursor"),
        (HUB, "conversations.history", json!({ "channel": room, "oldest": "now" }), "invalid_ts_oldest"),
        (HUB, "conversations.replies", json!({ "channel": room, "ts": "1.000100" }), "thread_not_found"),
        (HUB, "conversations.open", json!({ "users": "U0JANE" }), "missing_scope"),
        (HUB, "users.info", json!({ "user": "U0PHIL" }), "user_not_found"),
        (HUB, "users.getPresence", json!({ "user": "U0PHIL" }), "user_not_found"),
        (HUB, "users.lookupByEmail", json!({ "email": "jane@example.org" }), "missing_scope"),
        (HUB, "usergroups.users.list", json!({ "usergroup": "S1" }), "no_such_subteam"),
        (
            HUB,
            "reactions.add",
            json!({ "channel": room, "timestamp": "1.000100", "name": "eyes" }),
            "message_not_found",
        ),
        (HUB, "reactions.add", json!({ "channel": room, "timestamp": mine, "name": ":eyes:" }), "invalid_name"),
        (HUB, "reactions.remove", json!({ "channel": room, "timestamp": mine, "name": "eyes" }), "no_reaction"),
        (HUB, "pins.add", json!({ "channel": room, "timestamp": "1.000100" }), "message_not_found"),
        (
            HUB,
            "bookmarks.add",
            json!({ "channel_id": room, "title": "x", "type": "link", "link": "x" }),
            "invalid_link",
        ),
        (HUB, "views.open", json!({ "trigger_id": "1.2.3", "view": modal }), "invalid_trigger_id"),
        (
            HUB,
            "views.open",
            json!({ "trigger_id": "1.2.3", "view": { "type": "modal", "blocks": [button] } }),
            "invalid_arguments",
        ),
        (HUB, "views.update", json!({ "view_id": "V1", "view": modal }), "not_found"),
        (HUB, "files.info", json!({ "file": "F1" }), "file_not_found"),
        (HUB, "files.completeUploadExternal", json!({ "files": [{ "id": "F1" }] }), "file_not_found"),
    ];
    for (token, method, args, code) in cases {
        let answer = answer(&slack, token, method, &args).await;
        assert_eq!((&answer["ok"], &answer["error"]), (&json!(false), &json!(code)), "{method} {args}: {answer}");
    }
}

#[tokio::test]
async fn a_revoked_token_is_refused_until_it_is_replaced() {
    let (slack, _) = stage().await;
    slack.revoke_token(BOT);
    assert_eq!(answer(&slack, BOT, "auth.test", &json!({})).await["error"], "token_revoked");
    slack.replace_token(BOT, "xoxb-fresh");
    assert_eq!(answer(&slack, "xoxb-fresh", "auth.test", &json!({})).await["bot_id"], "B0BOT");
}

#[tokio::test]
async fn only_a_person_brings_an_archived_room_back_and_the_bot_must_be_invited_again() {
    let (slack, _) = stage().await;
    let (_, old) = rooms(&slack).await;
    let room = json!({ "channel": old });
    assert_eq!(answer(&slack, "xoxp-jane", "conversations.unarchive", &room).await["ok"], true);
    assert_eq!(answer(&slack, HUB, "conversations.history", &room).await["error"], "not_in_channel");
    let invite = json!({ "channel": old, "users": "U0HUB" });
    assert_eq!(answer(&slack, "xoxp-jane", "conversations.invite", &invite).await["ok"], true);
    assert_eq!(answer(&slack, HUB, "conversations.history", &room).await["ok"], true);
}

#[tokio::test]
async fn one_bad_user_spoils_an_invitation_unless_it_is_forced() {
    let (slack, _) = stage().await;
    let (room, _) = rooms(&slack).await;
    let mut args = json!({ "channel": room, "users": "U0JANE,U0BOB" });
    let refused = answer(&slack, HUB, "conversations.invite", &args).await;
    assert_eq!(refused["errors"], json!([{ "user": "U0JANE", "ok": false, "error": "already_in_channel" }]));
    args["force"] = json!(true);
    assert_eq!(answer(&slack, HUB, "conversations.invite", &args).await["ok"], true);
    assert!(slack.members("T0SUP", &room).contains(&"U0BOB".to_owned()));
}

#[tokio::test]
async fn restricted_history_gives_fifteen_items_once_a_minute() {
    let (slack, clock) = stage().await;
    for number in 0..20 {
        slack.say("T0CUST", "U0PHIL", "D0PHIL", &number.to_string()).unwrap();
    }
    let args = json!({ "channel": "D0PHIL", "limit": "100" });
    let page = answer(&slack, BOT, "conversations.history", &args).await;
    assert_eq!((page["messages"].as_array().unwrap().len(), &page["has_more"]), (15, &json!(true)));
    assert_eq!(page["messages"][0]["text"], "19");
    let refused = over_http(&slack, BOT, "conversations.history", &args).await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"60".parse().unwrap()));
    clock.advance(Duration::from_mins(1));
    let next = json!({ "channel": "D0PHIL", "cursor": page["response_metadata"]["next_cursor"] });
    let rest = answer(&slack, BOT, "conversations.history", &next).await;
    assert_eq!((rest["messages"].as_array().unwrap().len(), &rest["has_more"]), (5, &json!(false)));
}

#[tokio::test]
async fn metadata_shows_its_payload_only_when_asked_for() {
    let (slack, _) = stage().await;
    let (room, _) = rooms(&slack).await;
    let metadata = json!({ "event_type": "megatron", "event_payload": { "id": "1" } });
    slack.bot_says(HUB, &room, json!({ "text": "x", "metadata": metadata })).unwrap();
    let mut args = json!({ "channel": room, "limit": 1 });
    let plain = answer(&slack, HUB, "conversations.history", &args).await;
    assert_eq!(plain["messages"][0]["metadata"], json!({ "event_type": "megatron" }));
    args["include_all_metadata"] = json!(true);
    let all = answer(&slack, HUB, "conversations.history", &args).await;
    assert_eq!(all["messages"][0]["metadata"], metadata);
}

#[tokio::test]
async fn the_ends_of_a_range_belong_to_it_only_when_asked_for() {
    let (slack, clock) = stage().await;
    let (room, _) = rooms(&slack).await;
    let mut stamps = Vec::new();
    for text in ["one", "two", "three"] {
        clock.advance(Duration::from_secs(1));
        stamps.push(slack.say("T0SUP", "U0JANE", &room, text).unwrap());
    }
    let range =
        |inclusive| json!({ "channel": room, "oldest": stamps[0], "latest": stamps[2], "inclusive": inclusive });
    let inner = answer(&slack, HUB, "conversations.history", &range(false)).await;
    assert_eq!(texts_of(&inner), ["two"]);
    let outer = answer(&slack, HUB, "conversations.history", &range(true)).await;
    assert_eq!(texts_of(&outer), ["three", "two", "one"]);
}

#[tokio::test]
async fn replies_are_in_their_thread_and_not_in_the_history() {
    let (slack, _) = stage().await;
    let (room, _) = rooms(&slack).await;
    let parent = slack.say("T0SUP", "U0JANE", &room, "root").unwrap();
    slack.reply("T0SUP", "U0JANE", &room, &parent, "note", false).unwrap();
    slack.reply("T0SUP", "U0JANE", &room, &parent, "for all", true).unwrap();
    let history = answer(&slack, HUB, "conversations.history", &json!({ "channel": room, "limit": 2 })).await;
    assert_eq!(texts_of(&history), ["for all", "root"]);
    let thread = answer(&slack, HUB, "conversations.replies", &json!({ "channel": room, "ts": parent })).await;
    assert_eq!(texts_of(&thread), ["root", "note", "for all"]);
}

#[tokio::test]
async fn restricted_replies_are_counted_apart_and_begin_with_the_parent() {
    let (slack, clock) = stage().await;
    let parent = slack.say("T0CUST", "U0PHIL", "D0PHIL", "root").unwrap();
    let mut stamps = Vec::new();
    for number in 0..20 {
        stamps.push(slack.reply("T0CUST", "U0PHIL", "D0PHIL", &parent, &number.to_string(), false).unwrap());
    }
    assert_eq!(answer(&slack, BOT, "conversations.history", &json!({ "channel": "D0PHIL" })).await["ok"], true);
    let args = json!({ "channel": "D0PHIL", "ts": parent, "limit": 100 });
    let page = answer(&slack, BOT, "conversations.replies", &args).await;
    assert_eq!(
        (texts_of(&page).len(), &page["has_more"], &page["messages"][0]["text"]),
        (15, &json!(true), &json!("root"))
    );
    assert_eq!(over_http(&slack, BOT, "conversations.replies", &args).await.status().as_u16(), 429);
    clock.advance(Duration::from_mins(1));
    let newer = json!({ "channel": "D0PHIL", "ts": parent, "oldest": stamps[17] });
    let newer = answer(&slack, BOT, "conversations.replies", &newer).await;
    assert_eq!((texts_of(&newer), &newer["has_more"]), (vec!["root", "18", "19"], &json!(false)));
}

#[tokio::test]
async fn a_long_text_becomes_several_messages_under_one_answer() {
    let (slack, _) = stage().await;
    let (room, _) = rooms(&slack).await;
    let first = slack.bot_says(HUB, &room, json!({ "text": "x".repeat(9000) })).unwrap();
    let posted: Vec<_> = slack.history("T0SUP", &room).into_iter().filter(|seen| seen.by_app).collect();
    assert_eq!(posted.iter().map(|seen| seen.text.len()).collect::<Vec<_>>(), [4000, 4000, 1000]);
    assert_eq!(posted[0].ts, first);
}

#[tokio::test]
async fn text_without_blocks_takes_the_blocks_away() {
    let (slack, _) = stage().await;
    let (room, _) = rooms(&slack).await;
    let card = json!({ "text": "card", "blocks": [{ "type": "divider" }] });
    let ts = slack.bot_says(HUB, &room, card).unwrap();
    assert_eq!(slack.lines("T0SUP", &room), ["Megatron ▸ [card] card"]);
    answer(&slack, HUB, "chat.update", &json!({ "channel": room, "ts": ts, "text": "done" })).await;
    assert_eq!(slack.lines("T0SUP", &room), ["Megatron ▸ done (edited)"]);
}

#[tokio::test]
async fn reads_take_no_json_and_writes_take_both() {
    let (slack, _) = stage().await;
    let url = |method: &str| slack.api_url().join(method).unwrap();
    let post = |method: &str, kind: &'static str, body: &'static str| {
        reqwest::Client::new().post(url(method)).bearer_auth(HUB).header("content-type", kind).body(body).send()
    };
    let json = "application/json; charset=utf-8";
    let form = "application/x-www-form-urlencoded";
    let cases = [
        ("users.info", json, r#"{"user":"U0JANE"}"#, "invalid_arguments"),
        ("users.info", form, "user=U0JANE", ""),
        ("conversations.create", json, r#"{"name":"one"}"#, ""),
        ("conversations.create", form, "name=two", ""),
        ("conversations.create", json, "not json", "invalid_json"),
        ("conversations.create", "text/plain", "name=three", "invalid_post_type"),
    ];
    for (method, kind, body, code) in cases {
        let answer: Value = post(method, kind, body).await.unwrap().json().await.unwrap();
        assert_eq!(answer["error"].as_str().unwrap_or_default(), code, "{method} {body}");
    }
    let in_query: Value =
        reqwest::get(format!("{}?user=U0JANE&token={HUB}", url("users.info"))).await.unwrap().json().await.unwrap();
    assert_eq!(in_query["user"]["profile"]["display_name"], "Jane");
}

#[tokio::test]
async fn pacing_refuses_what_comes_too_fast_for_one_channel() {
    let (slack, clock) = stage().await;
    let (room, _) = rooms(&slack).await;
    slack.enforce_pacing(true);
    let message = json!({ "channel": room, "text": "x" });
    for _ in 0..20 {
        assert_eq!(slack.call(HUB, "chat.postMessage", message.clone())["ok"], true);
    }
    assert_eq!(over_http(&slack, HUB, "chat.postMessage", &message).await.headers()["retry-after"], "1");
    clock.advance(Duration::from_secs(1));
    assert_eq!(answer(&slack, HUB, "chat.postMessage", &message).await["ok"], true);
}

#[tokio::test]
async fn faults_happen_before_or_after_the_work_is_done() {
    let (slack, _) = stage().await;
    let (room, _) = rooms(&slack).await;
    let post = |text: &'static str| {
        let request = reqwest::Client::new().post(slack.api_url().join("chat.postMessage").unwrap());
        request
            .bearer_auth(HUB)
            .header("content-type", "application/json")
            .body(json!({ "channel": room, "text": text }).to_string())
            .send()
    };
    slack.fail_next("chat.postMessage", Fault::Http500Before);
    assert_eq!(post("lost").await.unwrap().status(), 500);
    slack.fail_next("chat.postMessage", Fault::Http500After);
    assert_eq!(post("done").await.unwrap().status(), 500);
    slack.fail_next("*", Fault::ResetBefore);
    assert!(post("lost").await.is_err());
    slack.fail_next("*", Fault::ResetAfter);
    assert!(post("done too").await.is_err());
    slack.fail_next("*", Fault::Error("fatal_error".into()));
    assert_eq!(post("lost").await.unwrap().json::<Value>().await.unwrap()["error"], "fatal_error");
    slack.fail_next("*", Fault::RateLimited { retry_after_secs: 7 });
    assert_eq!(post("lost").await.unwrap().headers()["retry-after"], "7");
    slack.offline(true);
    assert!(post("lost").await.is_err());
    slack.offline(false);
    assert_eq!(slack.lines("T0SUP", &room), ["Megatron ▸ done", "Megatron ▸ done too"]);
    let posts = slack.calls().into_iter().filter(|call| call.method == "chat.postMessage");
    assert_eq!(posts.filter(|call| call.fault.is_some()).count(), 6);
}

#[tokio::test]
async fn a_hanging_call_goes_on_when_it_is_released() {
    let (slack, _) = stage().await;
    let (room, _) = rooms(&slack).await;
    slack.fail_next("chat.postMessage", Fault::HangAfter);
    let message = json!({ "channel": room, "text": "late" });
    let waiting = {
        let slack = slack.clone();
        tokio::spawn(async move { answer(&slack, HUB, "chat.postMessage", &message).await })
    };
    while slack.lines("T0SUP", &room).is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished());
    // The call may be done and not yet hanging, so release until it goes on.
    while !waiting.is_finished() {
        slack.release_hangs();
        tokio::task::yield_now().await;
    }
    assert_eq!(waiting.await.unwrap()["ok"], true);
}

fn texts_of(page: &Value) -> Vec<&str> {
    page["messages"].as_array().unwrap().iter().map(|message| message["text"].as_str().unwrap()).collect()
}
