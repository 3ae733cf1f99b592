//! Second opinions from Python: Slack's own client drives the simulator, and the official verifiers judge our
//! signatures.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use megatron::clock::{Clock, ManualClock};
use megatron::deliver::sign::Key;
use megatron::intake::signature;
use megatron::simulator::{App, AppUrls, Fault, Simulator, User, UserToken};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::support::venv::{interpreter, script};

const HUB: &str = "xoxb-hub";
const PERSON: &str = "xoxp-jane";
const BOT: &str = "xoxb-bot";

#[tokio::test(flavor = "multi_thread")]
async fn slacks_own_client_and_the_official_verifiers_agree_with_us() {
    let packages = || interpreter("python", &script("python.txt"), "slack_sdk, standardwebhooks");
    let Some(python) = tokio::task::spawn_blocking(packages).await.unwrap() else { return };
    signatures_hold_on_both_sides(&python);

    let slack = stage().await;
    let trigger = trigger(&slack).await;
    slack.fail_next("users.info", Fault::RateLimited { retry_after_secs: 1 });
    let api = slack.api_url().to_string();
    let output = tokio::task::spawn_blocking(move || {
        Command::new(python).arg(script("drive_simulator.py")).args([&api, HUB, PERSON, BOT, &trigger]).output()
    });
    let output = output.await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = slack.lines("T0SUP", "cs-phil-2");
    assert_eq!(
        lines,
        [
            "Megatron ▸ bye (edited)",
            "Phil: I am Phil",
            "  ↳ Megatron ▸ (deleted)",
            "Megatron ▸ [file table.csv]",
            "Megatron ▸ back again"
        ]
    );
}

/// Signs for Python to verify, and verifies what Python signed.
fn signatures_hold_on_both_sides(python: &Path) {
    let now = Clock::System.now().as_second();
    let key = format!("whsec_{}", STANDARD.encode([7; 32]));
    let mut samples = Vec::new();
    // The verifier of webhooks also parses them, so all bodies are JSON.
    for body in ["{}", "[1.0]", r#"{"text":"Grüße 👋"}"#] {
        let slack = json!({
            "scheme": "slack", "secret": "signing secret", "id": "", "timestamp": now, "body": body,
            "signature": signature::sign("signing secret", now, body.as_bytes()),
        });
        let webhook = json!({
            "scheme": "webhook", "secret": key, "id": "msg_1", "timestamp": now, "body": body,
            "signature": Key::parse(&SecretString::from(key.as_str())).unwrap().webhook("msg_1", now, body.as_bytes()),
        });
        samples.extend([slack.to_string(), webhook.to_string()]);
    }
    let mut child = Command::new(python)
        .arg(script("signatures.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(samples.join("\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let signed: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(signed.len(), 8);
    for sample in signed {
        let text = |name: &str| sample[name].as_str().unwrap();
        let stamp = sample["timestamp"].as_i64().unwrap();
        if text("scheme") == "webhook" {
            let key = Key::parse(&SecretString::from(text("secret"))).unwrap();
            assert_eq!(key.webhook(text("id"), stamp, text("body").as_bytes()), text("signature"));
            continue;
        }
        let verify = |body: &str, later: i64| {
            let now = Timestamp::from_second(stamp + later).unwrap();
            let (stamp, signature) = (stamp.to_string(), Some(text("signature")));
            signature::verify(text("secret"), Some(&stamp), signature, body.as_bytes(), now)
        };
        assert_eq!(verify(text("body"), 0), Ok(()));
        assert_eq!(verify(&format!("{} ", text("body")), 0), Err(signature::Refused::Mismatch));
        assert_eq!(verify(text("body"), 301), Err(signature::Refused::Stale));
        assert_eq!(verify(text("body"), -301), Err(signature::Refused::Stale));
    }
}

/// The two workspaces that `drive_simulator.py` expects.
async fn stage() -> Simulator {
    let clock = ManualClock::starting_at(Timestamp::from_second(1_700_000_000).unwrap());
    let slack = Simulator::start(Clock::Manual(clock)).await.unwrap();
    slack.add_workspace("T0SUP", "Acme", "acme");
    slack.add_workspace("T0CUST", "Customer", "customer");
    for (team, id, name) in [("T0SUP", "U0JANE", "Jane"), ("T0SUP", "U0BOB", "Bob"), ("T0CUST", "U0PHIL", "Phil")] {
        let email = Some(format!("{}@example.org", name.to_lowercase()));
        let person =
            User { id: id.into(), name: name.to_lowercase(), display_name: name.into(), email, ..User::default() };
        slack.add_user(team, person).unwrap();
    }
    slack.add_user_group("T0SUP", "S0OPS", "ops", &["U0JANE", "U0BOB"]).unwrap();
    let scopes = |names: &str| names.split(' ').map(str::to_owned).collect();
    let hub = App {
        app_id: "A0HUB".into(),
        name: "Megatron".into(),
        bot_id: "B0HUB".into(),
        bot_user_id: "U0HUB".into(),
        token: HUB.into(),
        user_token: Some(UserToken {
            token: PERSON.into(),
            user_id: "U0JANE".into(),
            scopes: scopes("channels:write groups:write"),
        }),
        scopes: scopes(
            "chat:write chat:write.customize channels:manage channels:read channels:history groups:write groups:read \
             groups:history im:write im:read users:read users:read.email usergroups:read reactions:write pins:write \
             bookmarks:write files:read files:write",
        ),
        ..App::default()
    };
    let bot = App {
        app_id: "A0BOT".into(),
        name: "Expense Bot".into(),
        bot_id: "B0BOT".into(),
        bot_user_id: "U0BOT".into(),
        token: BOT.into(),
        scopes: scopes("chat:write im:history"),
        restricted_history: true,
        ..App::default()
    };
    slack.install_app("T0SUP", hub).unwrap();
    slack.install_app("T0CUST", bot).unwrap();
    slack.open_dm("T0CUST", "U0PHIL", "A0BOT", "D0PHIL").unwrap();
    slack
}

/// A trigger id, as the hub app gets one with a command. The clock stands still, so it stays fresh.
async fn trigger(slack: &Simulator) -> String {
    type Noted = Arc<Mutex<String>>;
    async fn note(State(noted): State<Noted>, body: Bytes) {
        let mut fields = url::form_urlencoded::parse(&body);
        *noted.lock().unwrap() = fields.find(|(name, _)| name == "trigger_id").unwrap().1.into_owned();
    }
    let noted = Noted::default();
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let commands = format!("http://{}/", socket.local_addr().unwrap());
    let router = Router::new().route("/", post(note)).with_state(Arc::clone(&noted));
    tokio::spawn(async move { axum::serve(socket, router).await });
    slack.set_urls("A0HUB", &AppUrls { commands, ..AppUrls::default() });
    let channel = slack.create_channel("T0SUP", "U0BOB", "lobby", true).unwrap();
    slack.command("T0SUP", "U0BOB", &channel, "/megatron", "help").await.unwrap();
    noted.lock().unwrap().clone()
}
