//! Files: the way up in three steps, the way down, and what messages show of them.

use serde_json::{Value, json};

use super::{BOT, HUB, answer, stage};
use crate::simulator::{App, Fault, NewFile, Simulator, Spoilt};

/// A token of Slack's other app in the support workspace, which is in no room.
const OTHER: &str = "xoxb-other";

/// Jane's room with the hub app.
async fn room(slack: &Simulator) -> String {
    let made = answer(slack, HUB, "conversations.create", &json!({ "name": "cs-phil", "is_private": true })).await;
    let room = made["channel"]["id"].as_str().unwrap().to_owned();
    answer(slack, HUB, "conversations.invite", &json!({ "channel": room, "users": "U0JANE" })).await;
    room
}

/// Status, content type and body of a download.
async fn fetch(url: &Value, token: &str) -> (u16, String, String) {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let got = client.get(url.as_str().unwrap()).bearer_auth(token).send().await.unwrap();
    let kind = got.headers().get("content-type").map_or("", |kind| kind.to_str().unwrap()).to_owned();
    (got.status().as_u16(), kind, got.text().await.unwrap())
}

/// Announces a file and sends bytes. Answers its id and the status of sending.
async fn upload(slack: &Simulator, args: Value, bytes: &'static [u8]) -> (String, u16) {
    let ticket = answer(slack, HUB, "files.getUploadURLExternal", &args).await;
    let url = ticket["upload_url"].as_str().unwrap().to_owned();
    (ticket["file_id"].as_str().unwrap().to_owned(), send(&url, bytes).await)
}

async fn send(url: &str, bytes: &'static [u8]) -> u16 {
    reqwest::Client::new().post(url).body(bytes).send().await.unwrap().status().as_u16()
}

/// The files of the last message.
fn shown(slack: &Simulator, team: &str, channel: &str) -> Value {
    slack.history(team, channel).pop().unwrap().files
}

async fn told(slack: &Simulator, token: &str, file: &Value) -> Value {
    answer(slack, token, "files.info", &json!({ "file": file["id"] })).await
}

#[tokio::test]
async fn a_file_goes_to_whoever_sees_it_and_others_get_a_page_to_sign_in() {
    let (slack, _) = stage().await;
    let other = App { app_id: "A0OTHER".into(), bot_user_id: "U0OTHER".into(), token: OTHER.into(), ..App::default() };
    slack.install_app("T0SUP", App { scopes: vec!["files:read".into()], ..other }).unwrap();
    let room = room(&slack).await;
    slack.share_file("T0SUP", "U0JANE", &room, ("a.txt", "text/plain", b"hello"), "see").unwrap();
    let file = shown(&slack, "T0SUP", &room)[0].clone();
    let url = &file["url_private_download"];
    assert_eq!(fetch(url, HUB).await, (200, "text/plain".into(), "hello".into()));
    assert_eq!(told(&slack, HUB, &file).await["ok"], true);
    for token in [BOT, OTHER, "xoxb-wrong"] {
        let (status, kind, page) = fetch(url, token).await;
        assert!(
            status == 200 && kind.starts_with("text/html") && page.starts_with("<!DOCTYPE html>"),
            "{token} {page}"
        );
    }
    assert_eq!(told(&slack, OTHER, &file).await["error"], "file_not_found");
    let asked = slack.file_requests();
    assert!(asked.iter().all(|request| request.authorized && request.verb == "GET"), "{asked:?}");
}

#[tokio::test]
async fn the_private_url_of_a_pdf_leads_to_another_host() {
    let (slack, _) = stage().await;
    let room = room(&slack).await;
    slack.share_file("T0SUP", "U0JANE", &room, ("a b.pdf", "application/pdf", b"%PDF"), "").unwrap();
    let file = shown(&slack, "T0SUP", &room)[0].clone();
    assert_eq!(fetch(&file["url_private"], HUB).await.0, 302);
    assert_eq!(fetch(&file["url_private_download"], HUB).await, (200, "application/pdf".into(), "%PDF".into()));
}

#[tokio::test]
async fn downloads_are_spoilt_one_at_a_time() {
    let (slack, _) = stage().await;
    let room = room(&slack).await;
    slack.share_file("T0SUP", "U0JANE", &room, ("a.txt", "text/plain", b"123456"), "").unwrap();
    let url = shown(&slack, "T0SUP", &room)[0]["url_private_download"].as_str().unwrap().to_owned();
    let get = || reqwest::Client::new().get(&url).bearer_auth(HUB).send();
    for (spoilt, length, body) in [
        (Spoilt::NoLength, None, Some("123456")),
        (Spoilt::Short, Some(3), Some("123")),
        (Spoilt::Long, Some(10), Some("123456more")),
        (Spoilt::Cut, Some(6), None),
    ] {
        slack.spoil_next_download(spoilt.clone());
        let got = get().await.unwrap();
        assert_eq!(got.content_length(), length, "{spoilt:?}");
        assert_eq!(got.text().await.ok().as_deref(), body, "{spoilt:?}");
    }
    slack.spoil_next_download(Spoilt::Missing);
    assert_eq!(get().await.unwrap().status(), 404);
    slack.spoil_next_download(Spoilt::Redirect(url.clone()));
    assert_eq!(get().await.unwrap().text().await.unwrap(), "123456", "the second time it is as it should be");
    slack.fail_next("download", Fault::Http500Before);
    assert_eq!(get().await.unwrap().status(), 500);
    slack.fail_next("download", Fault::ResetBefore);
    assert!(get().await.is_err());
}

#[tokio::test]
async fn an_upload_takes_the_announced_bytes_once_and_is_completed_once() {
    let (slack, _) = stage().await;
    let room = room(&slack).await;
    let args = json!({ "filename": "a.png", "length": 3, "alt_txt": "a dot" });
    let complete = |id: &str| json!({ "files": [{ "id": id }], "channel_id": room, "initial_comment": "see" });
    let refused =
        async |id: &str| answer(&slack, HUB, "files.completeUploadExternal", &complete(id)).await["error"].clone();

    let ticket = answer(&slack, HUB, "files.getUploadURLExternal", &args).await;
    let (id, url) = (ticket["file_id"].as_str().unwrap(), ticket["upload_url"].as_str().unwrap());
    assert_eq!(send(url, b"four").await, 400, "another length than announced");
    assert_eq!(refused(id).await, "file_not_found", "nothing was sent");
    assert_eq!(send(url, b"abc").await, 200);
    assert_eq!(send(url, b"abc").await, 400, "the URL was used");

    let named = json!({ "files": [{ "id": id }], "channel_id": room, "username": "Phil" });
    assert_eq!(answer(&slack, HUB, "files.completeUploadExternal", &named).await["error"], "invalid_arguments");
    let answered = answer(&slack, HUB, "files.completeUploadExternal", &complete(id)).await;
    assert_eq!(answered, json!({ "ok": true, "files": [{ "id": id, "title": "a.png" }] }), "it tells no ts");
    assert_eq!(refused(id).await, "file_not_found", "it was completed");

    assert_eq!(slack.lines("T0SUP", &room), ["Megatron ▸ see [file a.png]"]);
    let post = slack.history("T0SUP", &room).pop().unwrap();
    assert_eq!((post.subtype.as_str(), &post.files[0]["alt_txt"]), ("file_share", &json!("a dot")));
    assert_eq!((&post.files[0]["mimetype"], &post.files[0]["size"]), (&json!("image/png"), &json!(3)));
    assert_eq!(slack.file_bytes("T0SUP", id).unwrap(), b"abc");
}

#[tokio::test]
async fn uploads_are_refused_with_slacks_codes() {
    let (slack, _) = stage().await;
    let ticket = |more: Value| {
        let mut args = json!({ "filename": "a.txt", "length": 3 });
        crate::simulator::world::extend(&mut args, more);
        args
    };
    for (args, code) in [
        (ticket(json!({ "length": 0 })), "missing_argument"),
        (ticket(json!({ "snippet_type": "klingon" })), "unknown_snippet_type"),
        (ticket(json!({ "snippet_type": "python", "length": 2_000_000 })), "snippet_too_large"),
        (ticket(json!({ "alt_txt": "x".repeat(1001) })), "alt_txt_too_large"),
        (json!({ "filename": "a.txt" }), "invalid_arguments"),
    ] {
        assert_eq!(answer(&slack, HUB, "files.getUploadURLExternal", &args).await["error"], code, "{args}");
    }
    assert_eq!(answer(&slack, BOT, "files.getUploadURLExternal", &ticket(json!({}))).await["error"], "missing_scope");
    for code in ["file_type_not_allowed", "file_uploads_disabled", "storage_limit_reached"] {
        slack.fail_next("files.getUploadURLExternal", Fault::Error(code.into()));
        assert_eq!(answer(&slack, HUB, "files.getUploadURLExternal", &ticket(json!({}))).await["error"], code);
    }
}

#[tokio::test]
async fn a_completed_upload_may_become_a_message_later() {
    let (slack, _) = stage().await;
    let room = room(&slack).await;
    slack.late_shares(Some(1));
    for name in ["a.txt", "b.txt"] {
        let (id, status) = upload(&slack, json!({ "filename": name, "length": 1 }), b"x").await;
        assert_eq!(status, 200);
        let args = json!({ "files": [{ "id": id }], "channel_id": room });
        assert_eq!(answer(&slack, HUB, "files.completeUploadExternal", &args).await["ok"], true);
        let first = told(&slack, HUB, &json!({ "id": id })).await;
        assert_eq!(first["file"]["shares"], json!({}), "the first look comes too early");
        if name == "a.txt" {
            let ts = &told(&slack, HUB, &json!({ "id": id })).await["file"]["shares"]["private"][&room][0]["ts"];
            assert_eq!(*ts, slack.history("T0SUP", &room).pop().unwrap().ts);
        }
    }
    assert_eq!(slack.lines("T0SUP", &room), ["Megatron ▸ [file a.txt]"]);
    slack.release_shares();
    assert_eq!(slack.lines("T0SUP", &room), ["Megatron ▸ [file a.txt]", "Megatron ▸ [file b.txt]"]);
}

#[tokio::test]
async fn files_are_shared_in_threads_and_several_in_one_message() {
    let (slack, _) = stage().await;
    let room = room(&slack).await;
    let parent = slack.say("T0SUP", "U0JANE", &room, "root").unwrap();
    let mut files = Vec::new();
    for name in ["a.txt", "b.txt"] {
        files.push(
            json!({ "id": upload(&slack, json!({ "filename": name, "length": 1 }), b"x").await.0, "title": name }),
        );
    }
    let args = |thread: &str| json!({ "files": files, "channel_id": room, "thread_ts": thread });
    let nowhere = answer(&slack, HUB, "files.completeUploadExternal", &args("1.000100")).await;
    assert_eq!(nowhere["error"], "cannot_reply_to_message");
    assert_eq!(answer(&slack, HUB, "files.completeUploadExternal", &args(&parent)).await["ok"], true);
    assert_eq!(slack.lines("T0SUP", &room), ["Jane: root", "  ↳ Megatron ▸ [file a.txt] [file b.txt]"]);
}

#[tokio::test]
async fn people_share_every_sort_of_file() {
    let (slack, _) = stage().await;
    let room = room(&slack).await;
    let files = [
        NewFile::image("a.png", b"png", (640, 480), "a cat"),
        NewFile::snippet("a.py", "python", "print(1)\n"),
        NewFile::new("c.pdf", "application/pdf", b"%PDF").through_slack_connect(),
        NewFile::new("d.pdf", "application/pdf", b"%PDF").hidden_by_limit(),
        NewFile::external("plan", "gdrive", "https://drive.example/plan"),
        NewFile::new("e.pdf", "application/pdf", b"%PDF").deleted(),
    ];
    slack.share_files("T0SUP", "U0JANE", &room, &files, json!({ "text": "all" })).unwrap();
    let shown = shown(&slack, "T0SUP", &room);
    let field = |name: &str| shown.as_array().unwrap().iter().map(|file| file[name].clone()).collect::<Vec<_>>();
    assert_eq!(field("mode"), ["hosted", "snippet", "file_access", "hidden_by_limit", "external", "tombstone"]);
    assert_eq!((&shown[0]["original_w"], &shown[0]["alt_txt"]), (&json!(640), &json!("a cat")));
    assert_eq!((&shown[1]["filetype"], &shown[1]["preview"]), (&json!("python"), &json!("print(1)")));
    assert_eq!((&shown[2]["file_access"], &shown[2]["name"]), (&json!("check_file_info"), &Value::Null));
    assert_eq!(told(&slack, HUB, &shown[2]).await["file"]["name"], "c.pdf");
    assert_eq!(shown[3]["url_private"], Value::Null);
    assert_eq!(shown[4]["url_private"], "https://drive.example/plan");
    assert_eq!(shown[5], json!({ "id": shown[5]["id"], "mode": "tombstone" }));
    assert_eq!(told(&slack, HUB, &shown[5]).await["error"], "file_deleted");
}

#[tokio::test]
async fn a_deleted_file_leaves_a_tombstone_or_takes_its_message_along() {
    let (slack, _) = stage().await;
    let room = room(&slack).await;
    let _ = slack.take_events("A0HUB");
    let file = |name: &str| NewFile::new(name, "text/plain", b"x");
    slack.share_files("T0SUP", "U0JANE", &room, &[file("a.txt"), file("b.txt")], json!({ "text": "" })).unwrap();
    let two = shown(&slack, "T0SUP", &room);
    let id = |at: usize| two[at]["id"].as_str().unwrap();
    assert!(slack.delete_file("T0SUP", "U0BOB", id(0)).is_err(), "it is not Bob's");
    let refused = answer(&slack, HUB, "files.delete", &json!({ "file": id(0) })).await;
    assert_eq!(refused["error"], "cant_delete_file");
    slack.delete_file("T0SUP", "U0JANE", id(0)).unwrap();
    let left = shown(&slack, "T0SUP", &room);
    assert_eq!((&left[0], &left[1]["name"]), (&json!({ "id": id(0), "mode": "tombstone" }), &json!("b.txt")));
    slack.delete_file("T0SUP", "U0JANE", id(1)).unwrap();
    assert_eq!(slack.lines("T0SUP", &room), ["Jane: (deleted)"]);
    let subtypes: Vec<_> =
        slack.take_events("A0HUB").iter().map(|event| event["event"]["subtype"].as_str().unwrap().to_owned()).collect();
    assert_eq!(subtypes, ["file_share", "message_changed", "message_deleted"]);

    let (own, _) = upload(&slack, json!({ "filename": "c.txt", "length": 1 }), b"x").await;
    let args = json!({ "files": [{ "id": own }], "channel_id": room, "initial_comment": "mine" });
    answer(&slack, HUB, "files.completeUploadExternal", &args).await;
    let file = json!({ "file": own });
    assert_eq!(answer(&slack, HUB, "files.delete", &file).await["ok"], true);
    assert_eq!(answer(&slack, HUB, "files.delete", &file).await["error"], "file_deleted");
    assert_eq!(shown(&slack, "T0SUP", &room), json!([{ "id": own, "mode": "tombstone" }]), "the comment stays");
    assert_eq!(slack.file_bytes("T0SUP", &own), None);
}
