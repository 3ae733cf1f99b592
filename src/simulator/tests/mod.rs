#![allow(clippy::unwrap_used)]

mod delivery;
mod files;
mod home;
mod sockets;
mod strictness;

use jiff::Timestamp;
use serde_json::Value;

use super::{App, Simulator, User, UserToken};
use crate::clock::{Clock, ManualClock};

/// The company's workspace with Jane and Bob, where the hub app may do everything.
pub(super) const HUB: &str = "xoxb-hub";
/// A customer's workspace with Phil, where the bot may post and read its DMs.
pub(super) const BOT: &str = "xoxb-bot";

/// The two workspaces of a small support case, and the clock that rules them.
pub(super) async fn stage() -> (Simulator, ManualClock) {
    let clock = ManualClock::starting_at(Timestamp::from_second(1_700_000_000).unwrap());
    let slack = Simulator::start(Clock::Manual(clock.clone())).await.unwrap();
    slack.add_workspace("T0SUP", "Acme", "acme");
    slack.add_workspace("T0CUST", "Customer", "customer");
    slack.install_app("T0SUP", hub()).unwrap();
    slack.install_app("T0CUST", bot()).unwrap();
    for (team, id, name) in [("T0SUP", "U0JANE", "Jane"), ("T0SUP", "U0BOB", "Bob"), ("T0CUST", "U0PHIL", "Phil")] {
        slack.add_user(team, person(id, name)).unwrap();
    }
    slack.open_dm("T0CUST", "U0PHIL", "A0BOT", "D0PHIL").unwrap();
    (slack, clock)
}

fn person(id: &str, name: &str) -> User {
    let email = Some(format!("{}@example.org", name.to_lowercase()));
    User { id: id.into(), name: name.to_lowercase(), display_name: name.into(), email, ..User::default() }
}

fn hub() -> App {
    App {
        app_id: "A0HUB".into(),
        name: "Megatron".into(),
        bot_id: "B0HUB".into(),
        bot_user_id: "U0HUB".into(),
        token: HUB.into(),
        app_token: "xapp-hub".into(),
        user_token: Some(UserToken {
            token: "xoxp-jane".into(),
            user_id: "U0JANE".into(),
            scopes: texts(&["channels:write", "groups:write"]),
        }),
        scopes: texts(&[
            "chat:write",
            "chat:write.customize",
            "channels:manage",
            "channels:read",
            "channels:history",
            "groups:write",
            "groups:read",
            "groups:history",
            "users:read",
            "files:read",
            "files:write",
            "reactions:write",
            "pins:write",
            "bookmarks:write",
            "usergroups:read",
        ]),
        signing_secret: "hub-secret".into(),
        events: texts(&[
            "message.groups",
            "message.channels",
            "group_archive",
            "group_deleted",
            "channel_id_changed",
            "group_left",
            "member_joined_channel",
            "reaction_added",
            "tokens_revoked",
            "app_home_opened",
        ]),
        ..App::default()
    }
}

fn bot() -> App {
    App {
        app_id: "A0BOT".into(),
        name: "Expense Bot".into(),
        bot_id: "B0BOT".into(),
        bot_user_id: "U0BOT".into(),
        token: BOT.into(),
        scopes: texts(&["chat:write", "im:history"]),
        signing_secret: "bot-secret".into(),
        events: texts(&["message.im"]),
        restricted_history: true,
        ..App::default()
    }
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A call over HTTP with a JSON body, or a form for methods that read.
pub(super) async fn over_http(slack: &Simulator, token: &str, method: &str, args: &Value) -> reqwest::Response {
    let request = reqwest::Client::new().post(slack.api_url().join(method).unwrap()).bearer_auth(token);
    let request = if super::api::method(method).is_some_and(|method| method.reads) {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in args.as_object().unwrap() {
            form.append_pair(name, value.as_str().map_or(value.to_string(), str::to_owned).as_str());
        }
        request.header("content-type", "application/x-www-form-urlencoded").body(form.finish())
    } else {
        request.header("content-type", "application/json; charset=utf-8").body(args.to_string())
    };
    request.send().await.unwrap()
}

/// The answer to such a call.
pub(super) async fn answer(slack: &Simulator, token: &str, method: &str, args: &Value) -> Value {
    over_http(slack, token, method, args).await.json().await.unwrap()
}
