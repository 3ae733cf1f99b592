//! Tokens that die, are brought anew, and never show.

use std::time::Duration;

use megatron::demo::cast::{ACME, BOT, BOT_APP, BOT_TOKEN, HUB, HUB_TOKEN, JANE};
use megatron::takeover::cards::action;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::bot::Mood;
use crate::support::scenarios;

const FRESH: &str = "xoxb-acme-fresh-token";
const WAITING: &str = "Megatron ▸ [card] ⏳ Phil has not got “One” yet: Slack does not take the bot's token for this \
                       workspace; the bot is asked for another. It is kept and tried again.";

scenarios! {
    async fn a_dead_token_is_asked_for_once_and_what_waited_goes_on_in_order(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.bot.answers("command.refresh_token", json!({ "bot_token": FRESH }));
        house.slack.replace_token(BOT_TOKEN, FRESH);
        for text in ["One", "Two", "Three"] {
            house.slack.say(HUB, JANE, "cs-phil", text).unwrap();
        }
        house.settle().await;
        assert_eq!(house.dm()[3..], ["Expense Bot ▸ [card] One", "Expense Bot ▸ [card] Two", "Expense Bot ▸ [card] Three"]);
        let asked = house.bot.heard_of("command.refresh_token");
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0]["data"], json!({ "bot": BOT, "team_id": ACME }));
        house.restart().await;
        house.jane_writes("cs-phil", "Four").await;
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ [card] Four");
        assert_eq!(house.bot.heard_of("command.refresh_token").len(), 1, "the new one is kept");
    }

    async fn a_bot_without_another_token_is_asked_now_and_then_and_the_agent_knows(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.replace_token(BOT_TOKEN, FRESH);
        house.jane_writes("cs-phil", "One").await;
        house.jane_writes("cs-phil", "Two").await;
        assert_eq!(house.room("cs-phil").iter().filter(|line| *line == WAITING).count(), 1);
        assert_eq!(house.bot.heard_of("command.refresh_token").len(), 1);
        house.wait(Duration::from_mins(30)).await;
        let asked = house.bot.heard_of("command.refresh_token").len();
        assert!((2..=5).contains(&asked), "{asked}");
        assert_eq!(house.room("cs-phil").iter().filter(|line| *line == WAITING).count(), 1, "said once");

        house.phil_says("are you there?").await;
        assert_eq!(house.room("cs-phil").last().unwrap(), "Phil: are you there?", "the room goes on");

        let (status, _) = house.api(Method::PUT, &format!("v1/workspaces/{ACME}"), Some(workspace(FRESH))).await;
        assert_eq!(status, StatusCode::OK);
        house.settle().await;
        assert_eq!(house.dm()[4..], ["Expense Bot ▸ [card] One", "Expense Bot ▸ [card] Two"]);
    }

    async fn a_bot_that_answers_with_the_dead_token_is_not_asked_without_end(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.bot.answers("command.refresh_token", json!({ "bot_token": BOT_TOKEN }));
        house.slack.replace_token(BOT_TOKEN, FRESH);
        house.jane_writes("cs-phil", "One").await;
        assert_eq!(house.bot.heard_of("command.refresh_token").len(), 1);
        assert!(house.room("cs-phil").contains(&WAITING.to_owned()));
        house.bot.answers("command.refresh_token", json!({ "bot_token": FRESH }));
        house.jane_presses("cs-phil", action::RETRY).await;
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ [card] One");
    }

    async fn a_token_that_the_bot_brings_late_lets_everything_go_on(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.replace_token(BOT_TOKEN, FRESH);
        house.bot.is_in(&[Mood::Status(500); 2]);
        house.bot.answers("command.refresh_token", json!({ "bot_token": FRESH }));
        house.jane_writes("cs-phil", "One").await;
        house.restart().await;
        house.wait(Duration::from_mins(1)).await;
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ [card] One");
    }

    async fn an_agent_is_told_of_a_dead_token_also_when_slack_had_failed_before(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_next("chat.postMessage", megatron::simulator::Fault::Error("service_unavailable".into()));
        house.jane_writes("cs-phil", "One").await;
        house.slack.replace_token(BOT_TOKEN, FRESH);
        house.wait(Duration::from_secs(30)).await;
        assert!(house.room("cs-phil").contains(&WAITING.to_owned()), "{:#?}", house.room("cs-phil"));
    }

    async fn a_room_opens_without_a_token_and_says_what_is_missing(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        house.slack.replace_token(BOT_TOKEN, FRESH);
        assert_eq!(house.jane_types("open phil").await, "Opening a room for Phil …");
        house.wait(Duration::from_mins(1)).await;
        let room = house.room("cs-phil");
        assert!(room.iter().any(|line| line.contains("What was said before could not be imported")), "{room:#?}");
        house.phil_says("hello?").await;
        assert_eq!(house.room("cs-phil").last().unwrap(), "Phil: hello?");
    }

    async fn a_dead_token_is_renewed_while_a_room_opens(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        house.bot.answers("command.refresh_token", json!({ "bot_token": FRESH }));
        house.slack.replace_token(BOT_TOKEN, FRESH);
        house.jane_types("open phil").await;
        house.wait(Duration::from_secs(10)).await;
        let room = house.room("cs-phil");
        assert!(room[0].contains("*Phil* of *Acme*"), "{room:#?}");
        assert_eq!(room.last().unwrap(), "Phil: help!");
        assert_eq!(house.bot.heard_of("command.refresh_token").len(), 1);
    }

    async fn a_workspace_that_was_never_registered_is_asked_for(house: House) {
        house.phil_says("help!").await;
        house.bot.answers("command.refresh_token", json!({ "bot_token": BOT_TOKEN, "name": "Acme", "domain": "acme" }));
        house.jane_types("open U0PHIL").await;
        house.wait(Duration::from_secs(10)).await;
        house.types(JANE, "cs-phil", "pause").await;
        house.jane_writes("cs-phil", "Hi Phil").await;
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ [card] Hi Phil");
        let (status, known) = house.api(Method::GET, &format!("v1/workspaces/{ACME}"), None).await;
        assert_eq!((status, &known["name"], &known["domain"]), (StatusCode::OK, &json!("Acme"), &json!("acme")));
    }

    async fn a_forgotten_workspace_sends_nothing_until_it_is_registered_again(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        let path = format!("v1/workspaces/{ACME}");
        assert_eq!(house.api(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(house.api(Method::DELETE, &path, None).await.0, StatusCode::NOT_FOUND);
        assert_eq!(house.api(Method::GET, &path, None).await.0, StatusCode::NOT_FOUND);
        house.jane_writes("cs-phil", "One").await;
        assert!(!house.dm().last().unwrap().contains("One"));
        assert_eq!(house.api(Method::PUT, &path, Some(workspace(BOT_TOKEN))).await.0, StatusCode::CREATED);
        house.settle().await;
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ [card] One");
    }

    async fn a_bot_that_is_thrown_out_is_asked_for_another_token_and_the_agents_are_told_once(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.duplicate_events(true);
        house.slack.uninstall_app(ACME, BOT_APP);
        house.settle().await;
        let told = "Slack says that Expense Bot has lost its access to Acme: its token was revoked, or its app removed.";
        assert_eq!(house.notices("cs-phil").iter().filter(|notice| notice.contains(told)).count(), 1);
        assert_eq!(house.bot.heard_of("command.refresh_token").len(), 1);
        assert_eq!(house.texts("SELECT sealed_token FROM workspaces").await, [""]);
        let calls = house.slack.calls().len();
        house.slack.say(HUB, JANE, "cs-phil", "One").unwrap();
        house.settle().await;
        let posts = house.slack.calls().split_off(calls).into_iter().filter(|call| call.method == "chat.postMessage" && call.team == ACME);
        assert_eq!(posts.count(), 0, "nobody tries the dead token");
        assert_eq!(house.api(Method::GET, &format!("v1/workspaces/{ACME}"), None).await.0, StatusCode::OK, "it is still known");
    }

    async fn a_token_that_was_revoked_is_replaced_and_what_waited_goes_on(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.replace_token(BOT_TOKEN, FRESH);
        let (status, answer) = house.ingest(&revoked(house.now().as_second())).await;
        assert_eq!((status, &answer["watched"]), (StatusCode::ACCEPTED, &json!(false)));
        house.settle().await;
        house.jane_writes("cs-phil", "One").await;
        assert_eq!(house.bot.heard_of("command.refresh_token").len(), 2, "at once, and when it was needed");
        let (status, _) = house.api(Method::PUT, &format!("v1/workspaces/{ACME}"), Some(workspace(FRESH))).await;
        assert_eq!(status, StatusCode::OK);
        house.settle().await;
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ [card] One");
    }

    async fn a_revocation_that_comes_late_does_not_cost_the_new_token(house: House) {
        house.with_open_room().await;
        let revoked_at = house.now().as_second();
        house.wait(Duration::from_secs(5)).await;
        house.slack.replace_token(BOT_TOKEN, FRESH);
        house.api(Method::PUT, &format!("v1/workspaces/{ACME}"), Some(workspace(FRESH))).await;
        let before = house.room("cs-phil");
        house.ingest(&json!([revoked(revoked_at)])).await;
        house.settle().await;
        assert_eq!(house.room("cs-phil"), before);
        assert!(house.bot.heard_of("command.refresh_token").is_empty());
        house.jane_writes("cs-phil", "One").await;
        assert!(house.dm().last().unwrap().contains("One"));
    }

    async fn a_hub_app_that_is_thrown_out_stops_its_rooms_and_is_not_ready(house: House) {
        house.with_open_room().await;
        assert_eq!(house.request(Method::GET, "readyz").send().await.unwrap().status(), StatusCode::OK);
        house.slack.revoke_token(HUB_TOKEN);
        house.slack.deliver_events().await;
        let (status, code, problem) = house.refused(house.request(Method::GET, "readyz")).await;
        assert_eq!((status, code.as_str()), (503, "unavailable"));
        assert_eq!(problem["detail"], "Slack does not take the hub app's token any more");
        let calls = house.slack.calls().len();
        house.phil_says("anybody?").await;
        let methods: Vec<_> = house.slack.calls().split_off(calls).into_iter().map(|call| call.method).collect();
        assert!(methods.iter().all(|method| method == "auth.test"), "only whether it is so is asked: {methods:?}");

        house.slack.replace_token(HUB_TOKEN, "xoxb-hub-anew");
        house.restart_adjusted(|config| config.slack.bot_token = "xoxb-hub-anew".into()).await;
        assert_eq!(house.talk("cs-phil").last().unwrap(), "Phil: anybody?");
        assert_eq!(house.request(Method::GET, "readyz").send().await.unwrap().status(), StatusCode::OK);
    }

    async fn a_false_alarm_about_the_hub_app_passes(house: House) {
        house.with_open_room().await;
        let mut late = revoked(house.now().as_second());
        late["team_id"] = json!(HUB);
        assert_eq!(house.slack_sends("slack/events", late.to_string()).await, StatusCode::OK);
        assert_eq!(house.request(Method::GET, "readyz").send().await.unwrap().status(), 503);
        house.phil_says("anybody?").await;
        assert_eq!(house.talk("cs-phil").last().unwrap(), "Phil: anybody?");
        assert_eq!(house.request(Method::GET, "readyz").send().await.unwrap().status(), StatusCode::OK);
    }

    async fn a_token_shows_nowhere(house: House) {
        house.with_open_room().await;
        house.bot.answers("command.refresh_token", json!({ "bot_token": FRESH }));
        house.slack.replace_token(BOT_TOKEN, FRESH);
        house.types(JANE, "cs-phil", "pause").await;
        house.jane_writes("cs-phil", "Hi Phil").await;
        let path = format!("v1/workspaces/{ACME}");
        let mut seen = vec![house.api(Method::GET, &path, None).await.1.to_string()];
        seen.push(house.api(Method::PUT, &path, Some(workspace(FRESH))).await.1.to_string());
        seen.push(house.state().await.to_string());
        seen.extend(house.room("cs-phil"));
        seen.extend(house.whispers(JANE, "cs-phil"));
        seen.extend(house.bot.heard().iter().map(|heard| heard.body.to_string()));
        seen.push(format!("{:?}", house.app));
        for place in seen {
            assert!(!place.contains("xoxb-"), "{place}");
        }
        for (name, bytes) in house.database_files() {
            for token in [BOT_TOKEN, FRESH] {
                let found = bytes.windows(token.len()).any(|window| window == token.as_bytes());
                assert!(!found, "{token} in {name}");
            }
        }
    }
}

/// What Slack tells the bot when its token is revoked.
fn revoked(at: i64) -> Value {
    json!({
        "type": "event_callback", "team_id": ACME, "api_app_id": BOT_APP, "event_id": "Ev0REVOKED", "event_time": at,
        "event": { "type": "tokens_revoked", "tokens": { "bot": ["U0EXPENSES"] }, "event_ts": format!("{at}.000100") },
    })
}

fn workspace(token: &str) -> Value {
    json!({ "name": "Acme", "domain": "acme", "bot_token": token })
}
