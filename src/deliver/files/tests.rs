//! Between two simulated workspaces, and against servers that are worse than Slack.

#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{any, get, post};
use futures_util::StreamExt as _;
use jiff::Timestamp;
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use url::Url;

use super::*;
use crate::clock::{Clock, ManualClock};
use crate::config::Config;
use crate::deliver::hub::HubCell;
use crate::deliver::roster::Roster;
use crate::ids::Ids;
use crate::metrics::Metrics;
use crate::relay::Relay;
use crate::simulator::{App, Fault, NewFile, Simulator, Spoilt, User};
use crate::store::db::Db;
use crate::store::seal::Sealer;
use crate::store::wake::Bell;
use crate::store::watch::WatchTable;

const TOKEN: &str = "xoxb-secret";
const CAP: u64 = 1_000_000;

/// Two simulated workspaces, and what carries files from Phil's DM in one to the room in the other.
struct Stage {
    slack: Simulator,
    tools: Tools,
    from: Account,
    to: Account,
    room: String,
    _database: TempDir,
}

fn app(app_id: &str, token: &str, scopes: &str) -> App {
    App {
        app_id: app_id.into(),
        name: app_id.into(),
        bot_id: format!("B-{app_id}"),
        bot_user_id: format!("U-{app_id}"),
        token: token.into(),
        scopes: scopes.split(' ').map(str::to_owned).collect(),
        ..App::default()
    }
}

async fn stage() -> Stage {
    let clock = Clock::Manual(ManualClock::starting_at(Timestamp::from_second(1_700_000_000).unwrap()));
    let slack = Simulator::start(clock.clone()).await.unwrap();
    for (team, app_id, token, person) in [("T1", "bot", "xoxb-bot", "U0PHIL"), ("T2", "hub", "xoxb-hub", "U0JANE")] {
        slack.add_workspace(team, team, team);
        slack.install_app(team, app(app_id, token, "files:read files:write")).unwrap();
        slack.add_user(team, User { id: person.into(), name: person.into(), ..User::default() }).unwrap();
    }
    slack.open_dm("T1", "U0PHIL", "bot", "D0PHIL").unwrap();
    let room = slack.create_channel("T2", "U0JANE", "cs-phil", true).unwrap();
    slack.join_channel("T2", &room, "U-hub").unwrap();

    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "[database]\nurl = \"sqlite://{}\"\n[security]\nencryption_key = \"{}\"\n[slack]\napi_url = \"{}\"\n\
         bot_token = \"xoxb-hub\"\nsigning_secret = \"x\"\n[files]\nmax_size = \"1MB\"\n",
        folder.path().join("test.db").display(),
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        slack.api_url(),
    );
    let config = Config::from_toml(&text).unwrap();
    let db = Db::connect(&config.database.url, 2).await.unwrap();
    let sealer = Arc::new(Sealer::new(&config.security.encryption_key, &[]).unwrap());
    let metrics = Metrics::new([]).unwrap();
    let (watches, bell) = (WatchTable::default(), Bell::default());
    let relay = Relay {
        config: Arc::new(config),
        db,
        clock,
        ids: Ids::Random,
        watches,
        bell,
        metrics,
        sealer,
        restored_at: None,
    };
    let roster = Roster::new(&relay.config, relay.clock.clone()).unwrap();
    let tools = Tools::new(Arc::new(relay), HubCell::default(), roster).unwrap();
    let account = |token: &str, owner: &str| Account { token: token.into(), owner: owner.into() };
    let (from, to) = (account("xoxb-bot", "token:bot:T1"), account("xoxb-hub", "hub"));
    Stage { slack, tools, from, to, room, _database: folder }
}

impl Stage {
    /// What Phil's message shows of a file that he shares.
    fn phil_shares(&self, file: NewFile) -> Value {
        self.slack.share_files("T1", "U0PHIL", "D0PHIL", &[file], json!({ "text": "" })).unwrap();
        self.slack.history("T1", "D0PHIL").pop().unwrap().files[0].clone()
    }

    async fn carry(&self, file: &Value) -> Result<Uploaded, Missed> {
        self.tools.carry_file(&self.from, &self.to, file).await
    }

    /// Why a file of Phil's will never get across.
    async fn never(&self, file: &Value) -> (String, String) {
        match self.carry(file).await.unwrap_err() {
            Missed::Never { code, reason } => (code, reason),
            later @ Missed::Later { .. } => panic!("{later:?}"),
        }
    }

    async fn share(&self, uploaded: &[Uploaded]) -> Result<Option<String>, Obstacle> {
        self.tools.share(&self.to, &self.room, None, uploaded, "from Phil").await
    }

    fn lines(&self) -> Vec<String> {
        self.slack.lines("T2", &self.room)
    }
}

fn text(name: &str, content: &[u8]) -> NewFile {
    NewFile::new(name, "text/plain", content)
}

#[tokio::test]
async fn several_files_arrive_in_one_message_as_they_were() {
    let stage = stage().await;
    let mut uploaded = Vec::new();
    for file in [
        NewFile::image("cat.png", b"\x89PNG...", (640, 480), "a cat"),
        NewFile::snippet("a.py", "python", "print(1)"),
        NewFile::new("bill.pdf", "application/pdf", b"%PDF-1.7"),
        NewFile::new("page.html", "text/html", b"<!DOCTYPE html><p>mine</p>"),
        NewFile::new("memo.m4a", "audio/mp4", &vec![7; 900_000]).with(json!({ "title": "Memo" })),
    ] {
        let shown = stage.phil_shares(file);
        uploaded.push(stage.carry(&shown).await.unwrap());
        let before = stage.slack.file_bytes("T1", shown["id"].as_str().unwrap());
        assert_eq!(stage.slack.file_bytes("T2", &uploaded.last().unwrap().id), before, "{}", shown["name"]);
    }
    assert!(stage.lines().is_empty(), "nobody sees an upload before it is shared");
    let ts = stage.share(&uploaded).await.unwrap().unwrap();
    let message = stage.slack.history("T2", &stage.room).pop().unwrap();
    assert_eq!((message.ts, message.text.as_str()), (ts, "from Phil"));
    let field =
        |name: &str| message.files.as_array().unwrap().iter().map(|file| file[name].clone()).collect::<Vec<_>>();
    assert_eq!(field("title"), ["cat.png", "a.py", "bill.pdf", "page.html", "Memo"]);
    assert_eq!(field("mimetype"), ["image/png", "text/plain", "application/pdf", "text/html", "audio/mp4"]);
    assert_eq!((&message.files[0]["alt_txt"], &message.files[1]["mode"]), (&json!("a cat"), &json!("snippet")));
    assert_eq!(message.files[1]["filetype"], "python");
    let sent = stage.slack.file_requests().into_iter().filter(|request| request.verb == "POST").collect::<Vec<_>>();
    assert!(sent.len() == 5 && sent.iter().all(|request| !request.authorized), "an upload gets no token: {sent:?}");
}

#[tokio::test]
async fn slack_is_asked_about_a_stub_of_slack_connect() {
    let stage = stage().await;
    let stub = stage.phil_shares(text("a.txt", b"hello").through_slack_connect());
    let uploaded = stage.carry(&stub).await.unwrap();
    assert_eq!(stage.slack.file_bytes("T2", &uploaded.id).unwrap(), b"hello");
}

#[tokio::test]
async fn what_cannot_be_carried_says_why() {
    let stage = stage().await;
    let hidden = stage.phil_shares(text("a.txt", b"x").hidden_by_limit());
    assert_eq!(stage.never(&hidden).await.0, "hidden_by_limit");
    let external = stage.phil_shares(NewFile::external("plan", "gdrive", "https://drive.example/plan"));
    assert_eq!(stage.never(&external).await.1, "the file is kept outside of Slack (gdrive)");
    let large = stage.phil_shares(text("a.txt", &vec![0; 1_200_000]));
    let reason = "the file has 1.2 MB, and no more than 1.0 MB are passed on";
    assert_eq!(stage.never(&large).await, ("too_large".into(), reason.into()));
    assert!(stage.slack.file_requests().is_empty(), "nothing of it was fetched");

    let empty = stage.phil_shares(text("a.txt", b""));
    assert_eq!(stage.never(&empty).await.0, "empty");
    let gone = stage.phil_shares(text("a.txt", b"x"));
    stage.slack.delete_file("T1", "U0PHIL", gone["id"].as_str().unwrap()).unwrap();
    assert_eq!(stage.never(&gone).await, ("file_deleted".into(), "the file was deleted".into()));
    for code in
        ["file_type_not_allowed", "file_uploads_disabled", "file_upload_size_restricted", "storage_limit_reached"]
    {
        let file = stage.phil_shares(text("a.txt", b"x"));
        stage.slack.fail_next("files.getUploadURLExternal", Fault::Error(code.into()));
        let (got, reason) = stage.never(&file).await;
        assert!(got == code && reason.starts_with("the workspace"), "{got}: {reason}");
    }
}

#[tokio::test]
async fn behind_a_page_for_signing_in_is_a_missing_permission_or_a_dead_token() {
    let mut stage = stage().await;
    let file = stage.phil_shares(NewFile::new("cat.png", "image/png", b"png"));
    stage.slack.install_app("T1", app("blind", "xoxb-blind", "files:write")).unwrap();
    stage.from.token = "xoxb-blind".into();
    let reason = "the app is missing the permission files:read";
    assert_eq!(stage.never(&file).await, ("missing_scope".into(), reason.into()));

    stage.from.token = "xoxb-bot".into();
    stage.slack.revoke_token("xoxb-bot");
    let Missed::Later { obstacle: Obstacle::NoToken, owner } = stage.carry(&file).await.unwrap_err() else { panic!() };
    assert_eq!(owner, "token:bot:T1", "it waits for this token, not for the hub app's");
}

#[tokio::test]
async fn a_missing_permission_to_upload_is_told() {
    let mut stage = stage().await;
    let file = stage.phil_shares(text("a.txt", b"x"));
    stage.slack.install_app("T2", app("reader", "xoxb-reader", "files:read")).unwrap();
    stage.to.token = "xoxb-reader".into();
    assert_eq!(stage.never(&file).await.1, "the app is missing the permission files:write");
}

#[tokio::test]
async fn what_passes_is_tried_again_and_nothing_of_it_is_seen() {
    let stage = stage().await;
    let file = stage.phil_shares(text("a.txt", b"hello"));
    let limited = Fault::RateLimited { retry_after_secs: 7 };
    for (what, fault, code) in [
        ("download", Fault::Http500Before, "http_500"),
        ("download", Fault::ResetBefore, "connection_lost"),
        ("download", limited.clone(), "ratelimited"),
        ("upload", Fault::Http500After, "http_500"),
        ("upload", Fault::ResetAfter, "connection_lost"),
        ("upload", limited.clone(), "ratelimited"),
        ("files.getUploadURLExternal", limited, "ratelimited"),
    ] {
        stage.slack.fail_next(what, fault);
        let missed = stage.carry(&file).await.unwrap_err();
        let Missed::Later { obstacle: Obstacle::Refused(refusal), .. } = missed else { panic!("{what}: {missed:?}") };
        assert_eq!((refusal.code.as_str(), refusal.is_temporary()), (code, true), "{what}");
    }
    let Err(Missed::Later { obstacle: Obstacle::NotBefore(_), owner }) = stage.carry(&file).await else { panic!() };
    assert_eq!(owner, "hub", "the method rests, as Slack asked");
    assert!(stage.lines().is_empty());
}

#[tokio::test]
async fn a_body_that_is_not_as_long_as_the_file_is_not_shared() {
    let stage = stage().await;
    for (spoilt, expected) in [
        (Spoilt::Short, "Slack gives 3 bytes in place of the 6 that the file has"),
        (Spoilt::Long, "Slack gives 10 bytes in place of the 6 that the file has"),
    ] {
        let file = stage.phil_shares(text("a.txt", b"123456"));
        stage.slack.spoil_next_download(spoilt);
        assert_eq!(stage.never(&file).await, ("other_size".into(), expected.into()));
    }
    let file = stage.phil_shares(text("a.txt", b"123456"));
    stage.slack.spoil_next_download(Spoilt::Cut);
    let Err(Missed::Later { .. }) = stage.carry(&file).await else { panic!() };
    stage.slack.spoil_next_download(Spoilt::NoLength);
    stage.carry(&file).await.unwrap();
    stage.slack.spoil_next_download(Spoilt::NoLength);
    let mut unsized_file = file.clone();
    unsized_file["size"] = Value::Null;
    let uploaded = stage.carry(&unsized_file).await.unwrap();
    assert_eq!(stage.slack.file_bytes("T2", &uploaded.id).unwrap(), b"123456", "it was counted first");
}

#[tokio::test]
async fn a_file_edited_since_its_message_is_carried_as_it_is_now() {
    let stage = stage().await;
    let mut file = stage.phil_shares(text("a.txt", b"the new text"));
    file["size"] = json!(3);
    let uploaded = stage.carry(&file).await.unwrap();
    assert_eq!(stage.slack.file_bytes("T2", &uploaded.id).unwrap(), b"the new text");
}

#[tokio::test]
async fn a_snippet_in_a_language_unknown_to_slack_is_still_a_file() {
    let stage = stage().await;
    let file = stage.phil_shares(NewFile::snippet("a.kl", "klingon", "Qapla'"));
    let uploaded = stage.carry(&file).await.unwrap();
    stage.share(&[uploaded]).await.unwrap().unwrap();
    assert_eq!(stage.slack.history("T2", &stage.room).pop().unwrap().files[0]["mode"], "hosted");
}

#[tokio::test]
async fn the_token_does_not_follow_a_redirect_to_another_host() {
    let stage = stage().await;
    let pdf = stage.phil_shares(NewFile::new("a.pdf", "application/pdf", b"%PDF"));
    let mut odd = pdf.clone();
    odd["url_private_download"] = Value::Null;
    assert_eq!(stage.never(&odd).await, ("foreign_host".into(), "the file is not on one of Slack's hosts".into()));
    let asked = stage.slack.file_requests();
    assert_eq!(asked.len(), 1, "the other host was not asked at all: {asked:?}");

    let own = pdf["url_private_download"].as_str().unwrap();
    for times in [3, 4] {
        (0..times).for_each(|_| stage.slack.spoil_next_download(Spoilt::Redirect(own.to_owned())));
        assert_eq!(stage.carry(&pdf).await.is_ok(), times == 3, "three redirects are followed");
    }
}

#[tokio::test]
async fn the_message_of_a_share_may_come_late_and_is_not_made_twice() {
    let stage = stage().await;
    let file = stage.phil_shares(text("a.txt", b"x"));
    let uploaded = [stage.carry(&file).await.unwrap()];
    stage.slack.late_shares(Some(3));
    for look in ["right after it", "before the next try", "in the next try"] {
        assert_eq!(stage.share(&uploaded).await.unwrap(), None, "{look}");
        if stage.slack.calls().iter().filter(|call| call.method == "files.info").count() >= 4 {
            break;
        }
    }
    let ts = stage.share(&uploaded).await.unwrap().unwrap();
    assert_eq!(stage.tools.shared_ts(&stage.to, &stage.room, &uploaded[0].id).await.unwrap(), Some(ts.clone()));
    assert_eq!(stage.share(&uploaded).await.unwrap(), Some(ts), "once more");
    assert_eq!(stage.lines(), ["hub ▸ from Phil [file a.txt]"]);
}

#[tokio::test]
async fn a_share_that_ended_in_doubt_is_looked_for() {
    let stage = stage().await;
    let file = stage.phil_shares(text("a.txt", b"x"));
    let uploaded = [stage.carry(&file).await.unwrap()];
    stage.slack.fail_next("files.completeUploadExternal", Fault::ResetAfter);
    stage.share(&uploaded).await.unwrap_err();
    assert!(stage.share(&uploaded).await.unwrap().is_some());
    assert_eq!(stage.lines(), ["hub ▸ from Phil [file a.txt]"]);
    let calls = stage.slack.calls();
    let completed = calls.iter().filter(|call| call.method == "files.completeUploadExternal");
    assert_eq!(completed.count(), 1, "looked for first, not completed again");
}

#[tokio::test]
async fn what_is_gone_before_it_is_shared_is_refused() {
    let stage = stage().await;
    let gone = Uploaded { id: "F0GONE".into(), title: None };
    let Err(Obstacle::Refused(refusal)) = stage.share(&[gone]).await else { panic!() };
    assert_eq!(refusal.explain(), "the file was deleted");
}

/// A server under a URL like that of the Web API.
async fn serve(app: Router) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

fn client(api: &Url) -> FileClient {
    FileClient::new(api, Duration::from_secs(5), CAP).unwrap()
}

fn source(url: &str, size: Option<u64>) -> Source {
    let file = json!({ "id": "F1", "name": "a.png", "mimetype": "image/png", "size": size, "url_private": url });
    let Known::Whole(source) = source::read(&file).unwrap() else { panic!("a stub") };
    source
}

fn token() -> SecretString {
    TOKEN.into()
}

/// What a fetch of this answer comes to.
async fn fetch_of<T: IntoResponse + Clone + Send + Sync + 'static>(
    answer: T,
    size: Option<u64>,
) -> Result<u64, Trouble> {
    let api = serve(Router::new().fallback(any(move || async move { answer }))).await;
    let url = api.join("/f").unwrap();
    client(&api).fetch(&source(url.as_str(), size), &token()).await.map(|download| download.length)
}

#[tokio::test]
async fn no_redirect_leads_the_token_to_a_foreign_host() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let note = |State(asked): State<Arc<Mutex<Vec<HeaderMap>>>>, headers: HeaderMap| async move {
        asked.lock().unwrap().push(headers);
    };
    let foreign = serve(Router::new().fallback(any(note)).with_state(Arc::clone(&asked))).await;
    let port = foreign.port().unwrap();
    for to in [foreign.to_string(), format!("//127.0.0.1:{port}/x"), format!("http://slack.com@127.0.0.1:{port}/")] {
        let redirect = move || async move { (StatusCode::FOUND, [(LOCATION, to)]) };
        let api = serve(Router::new().route("/f", get(redirect))).await;
        let trouble = client(&api).fetch(&source(api.join("/f").unwrap().as_str(), None), &token()).await.unwrap_err();
        assert!(matches!(trouble, Trouble::Lasting { code: "foreign_host", .. }), "{trouble:?}");
    }
    for url in [foreign.to_string(), format!("http://slack.com:x@127.0.0.1:{port}/")] {
        let api = "http://127.0.0.1:1/api/".parse().unwrap();
        let trouble = client(&api).fetch(&source(&url, None), &token()).await.unwrap_err();
        assert!(matches!(trouble, Trouble::Lasting { code: "foreign_host", .. }), "{url}: {trouble:?}");
    }
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_relative_redirect_stays_on_its_host_and_takes_the_token_along() {
    let picture = |headers: HeaderMap| async move { headers[AUTHORIZATION].to_str().unwrap().to_owned() };
    let redirect = || async { (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, "../g")]) };
    let api = serve(Router::new().route("/a/f", get(redirect)).route("/g", get(picture))).await;
    let download = client(&api).fetch(&source(api.join("/a/f").unwrap().as_str(), None), &token()).await.unwrap();
    assert_eq!(download.length, "Bearer xoxb-secret".len() as u64);
}

#[rstest]
#[case::by_its_type("text/html; charset=utf-8", "Sign in")]
#[case::by_its_beginning("application/octet-stream", "\n <!DOCTYPE HTML>")]
#[case::in_other_words("image/png", "<html lang=en>")]
#[tokio::test]
async fn a_page_is_no_picture(#[case] kind: &'static str, #[case] page: &'static str) {
    let trouble = fetch_of(([(CONTENT_TYPE, kind)], page), Some(page.len() as u64)).await.unwrap_err();
    assert!(matches!(trouble, Trouble::Suspect { code: "login_page", .. }), "{trouble:?}");
}

#[tokio::test]
async fn sizes_are_bounded_whoever_tells_them() {
    let code = |result: Result<u64, Trouble>| match result.unwrap_err() {
        Trouble::Lasting { code, .. } | Trouble::Suspect { code, .. } => code,
        Trouble::Passing(refusal) => panic!("{refusal:?}"),
    };
    let large = vec![0; usize::try_from(CAP).unwrap() + 1];
    assert_eq!(code(fetch_of("", Some(CAP + 1)).await), "too_large");
    assert_eq!(code(fetch_of(large.clone(), None).await), "too_large");
    assert_eq!(code(fetch_of("", None).await), "empty");
    let endless = || async move {
        Body::from_stream(futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[0; 1000]))))
    };
    let api = serve(Router::new().route("/f", get(endless))).await;
    let fetched = client(&api).fetch(&source(api.join("/f").unwrap().as_str(), None), &token()).await;
    assert_eq!(code(fetched.map(|download| download.length)), "unknown_size");
}

/// A download that its test pushes piece by piece, and an upload whose pieces the test takes.
struct Pipe {
    api: Url,
    push: mpsc::UnboundedSender<Result<Bytes, std::io::Error>>,
    taken: mpsc::UnboundedReceiver<Result<Bytes, ()>>,
}

async fn pipe() -> Pipe {
    let (push, pushed) = mpsc::unbounded_channel();
    let (take, taken) = mpsc::unbounded_channel();
    let pushed = Arc::new(Mutex::new(Some(pushed)));
    let give = move || async move {
        let pushed = pushed.lock().unwrap().take().unwrap();
        Body::from_stream(futures_util::stream::unfold(pushed, |mut pushed| async {
            Some((pushed.recv().await?, pushed))
        }))
    };
    let accept = move |request: Request| async move {
        let headers = request.headers();
        if headers.contains_key(AUTHORIZATION) || !headers.contains_key(CONTENT_LENGTH) {
            take.send(Err(())).unwrap();
        }
        let mut body = request.into_body().into_data_stream();
        while let Some(piece) = body.next().await {
            take.send(piece.map_err(|_| ())).unwrap();
        }
    };
    Pipe { api: serve(Router::new().route("/f", get(give)).route("/up", post(accept))).await, push, taken }
}

impl Pipe {
    /// Carries what is pushed as a file of this size.
    fn carry(&self, size: u64) -> tokio::task::JoinHandle<Result<(), Trouble>> {
        let (client, up) = (client(&self.api), self.api.join("/up").unwrap());
        let source = source(self.api.join("/f").unwrap().as_str(), Some(size));
        tokio::spawn(async move {
            let download = client.fetch(&source, &token()).await?;
            client.send(up.as_str(), download, &source).await
        })
    }

    fn push(&self, piece: &'static [u8]) {
        self.push.send(Ok(Bytes::from_static(piece))).unwrap();
    }
}

#[tokio::test]
async fn the_upload_begins_before_the_download_ends() {
    let mut pipe = pipe().await;
    let carried = pipe.carry(6);
    pipe.push(b"12");
    pipe.push(b"34");
    // The end of the download is pushed only after its beginning has come out at the other end.
    assert_eq!(pipe.taken.recv().await.unwrap().unwrap(), b"12"[..]);
    pipe.push(b"56");
    let Pipe { push, mut taken, .. } = pipe;
    drop(push);
    carried.await.unwrap().unwrap();
    let mut rest = Vec::new();
    while let Ok(piece) = taken.try_recv() {
        rest.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(rest, b"3456");
}

#[rstest]
#[case::short(6, &[b"34"], "Slack gave less than the 6 bytes that the file has")]
#[case::long(3, &[b"34"], "Slack gave more than the 3 bytes that the file has")]
#[case::much_longer(3, &[b"34", b"56"], "Slack gave more than the 3 bytes that the file has")]
#[tokio::test]
async fn an_upload_breaks_off_where_the_download_is_not_as_announced(
    #[case] size: u64,
    #[case] rest: &[&'static [u8; 2]],
    #[case] expected: &str,
) {
    let mut pipe = pipe().await;
    let carried = pipe.carry(size);
    pipe.push(b"1");
    pipe.push(b"2");
    assert_eq!(pipe.taken.recv().await.unwrap().unwrap(), b"1"[..], "it has begun");
    for piece in rest {
        pipe.push(*piece);
    }
    let Pipe { push, taken, .. } = &mut pipe;
    let (closed, _) = mpsc::unbounded_channel();
    drop(std::mem::replace(push, closed));
    let Trouble::Suspect { code: "other_size", reason } = carried.await.unwrap().unwrap_err() else { panic!() };
    assert_eq!(reason, expected);
    while let Some(piece) = taken.recv().await {
        if piece.is_err() {
            return;
        }
    }
    panic!("the upload ended as if it were whole");
}

#[tokio::test]
async fn a_download_that_stalls_is_given_up() {
    let pipe = pipe().await;
    let client = FileClient::new(&pipe.api, Duration::from_millis(300), CAP).unwrap();
    let source = source(pipe.api.join("/f").unwrap().as_str(), Some(6));
    pipe.push(b"12");
    let download = client.fetch(&source, &token()).await.unwrap();
    let trouble = client.send(pipe.api.join("/up").unwrap().as_str(), download, &source).await.unwrap_err();
    let Trouble::Passing(refusal) = trouble else { panic!("{trouble:?}") };
    assert_eq!(refusal.code, "no_answer");
}

#[tokio::test]
async fn bytes_go_to_slacks_hosts_only() {
    let pipe = pipe().await;
    pipe.push(b"12");
    let source = source(pipe.api.join("/f").unwrap().as_str(), Some(2));
    let client = client(&pipe.api);
    let download = client.fetch(&source, &token()).await.unwrap();
    let trouble = client.send("https://evil.example/upload", download, &source).await.unwrap_err();
    assert!(matches!(trouble, Trouble::Lasting { code: "foreign_host", .. }), "{trouble:?}");
    assert!(!format!("{client:?} {trouble:?}").contains("secret"));
}
