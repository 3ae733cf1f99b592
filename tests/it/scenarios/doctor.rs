//! `megatron doctor`: what the operator reads.

use megatron::clock::{Clock, CommonClock, ManualClock};
use megatron::commands::doctor::examine;
use megatron::demo::cast::{self, ACME, ADMIN_TOKEN, APP_TOKEN, BOT_TOKEN, HUB_TOKEN};
use megatron::ids::Ids;
use megatron::simulator::Fault;

use crate::support::bot::Mood;
use crate::support::house::{House, SECRETS};
use crate::support::scenarios;

/// The lines for the configuration of this house, with `more` in it and at another time.
async fn lines_with(house: &House, more: &str, ahead: i64) -> Vec<String> {
    let clock = Clock::Manual(ManualClock::starting_at(house.now() + jiff::SignedDuration::from_secs(ahead)));
    lines_by(house, more, clock).await
}

async fn lines_by(house: &House, more: &str, clock: Clock) -> Vec<String> {
    let config = cast::config(&house.slack, house.database(), house.callbacks(), more).unwrap();
    let findings = examine(&config, &clock, &Ids::Random).await.unwrap();
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    for secret in SECRETS {
        assert!(!lines.join("\n").contains(secret), "{lines:?}");
    }
    lines
}

async fn lines(house: &House) -> Vec<String> {
    lines_with(house, "", 0).await
}

/// Those that are not "ok".
fn complaints(lines: &[String]) -> Vec<&str> {
    lines.iter().filter(|line| !line.starts_with("ok ")).map(String::as_str).collect()
}

scenarios! {
    async fn a_healthy_service_has_one_line_for_each_thing(house: House) {
        house.knows_acme().await;
        assert_eq!(
            lines_with(&house, &format!("slack.user_token = \"{ADMIN_TOKEN}\""), 0).await,
            [
                "ok       configuration: valid, with 1 bot",
                "ok       database: reachable, schema up to date",
                "ok       slack.bot_token: megatron in Initech (T0INITECH)",
                "warning  slack.bot_token, scopes: works without, but could do more with bookmarks:write, emoji:read, pins:write, team:read",
                "ok       clock: agrees with Slack's",
                "ok       slack.user_token: raj in Initech",
                "ok       workspace T0ACME of bot expenses: expense_bot in Acme",
                "warning  workspace T0ACME of bot expenses, scopes: works without, but could do more with chat:write.customize",
                "ok       callbacks of bot expenses: arrive",
            ]
        );
        assert_eq!(house.bot.heard_types(), ["ping"], "signed, as every callback");
    }

    async fn a_dead_token_is_an_error_and_the_rest_is_still_looked_at(house: House) {
        house.knows_acme().await;
        house.slack.revoke_token(HUB_TOKEN);
        house.slack.revoke_token(BOT_TOKEN);
        assert_eq!(
            complaints(&lines(&house).await),
            [
                "error    slack.bot_token: Slack does not take it (token_revoked): check the token of the hub app",
                "error    workspace T0ACME of bot expenses: Slack does not take it (token_revoked): let the bot register a new token",
            ]
        );
    }

    async fn the_token_for_socket_mode_is_tried(house: House) {
        let line = |lines: &[String]| lines.iter().find(|line| line.contains("slack.app_token")).cloned().unwrap();
        let found = lines_with(&house, &format!("slack.app_token = \"{APP_TOKEN}\""), 0).await;
        assert_eq!(line(&found), "ok       slack.app_token: opens connections of Socket Mode");

        house.slack.revoke_token(APP_TOKEN);
        for (token, code) in [(APP_TOKEN, "token_revoked"), (BOT_TOKEN, "not_allowed_token_type")] {
            let found = lines_with(&house, &format!("slack.app_token = \"{token}\""), 0).await;
            let remedy = "make one with connections:write (app page, \"Basic Information\"), and turn Socket Mode on";
            assert_eq!(line(&found), format!("error    slack.app_token: Slack does not take it ({code}): {remedy}"));
        }
    }

    async fn a_token_of_another_workspace_is_an_error(house: House) {
        house.api(reqwest::Method::PUT, "v1/workspaces/T0OTHER", Some(serde_json::json!({
            "name": "Other", "domain": "other", "bot_token": BOT_TOKEN,
        }))).await;
        let more = format!("slack.user_token = \"{BOT_TOKEN}\"");
        let lines = lines_with(&house, &more, 0).await;
        assert!(lines.contains(&format!("error    slack.user_token: belongs to Acme ({ACME}), not to the support workspace")), "{lines:?}");
        let line = "error    workspace T0OTHER of bot expenses: the token belongs to Acme (T0ACME): let the bot register the right one";
        assert!(lines.contains(&line.to_owned()), "{lines:?}");
    }

    async fn a_slack_that_cannot_be_asked_is_not_a_wrong_token(house: House) {
        house.slack.fail_next("auth.test", Fault::Http500Before);
        let line = "error    slack.bot_token: Slack cannot be asked (http_500): check the network and slack.api_url";
        assert_eq!(complaints(&lines(&house).await), [line]);
    }

    async fn a_clock_that_is_wrong_is_an_error(house: House) {
        let lines = lines_with(&house, "", -400).await;
        let line = "error    clock: -400 seconds off Slack's: set it, or requests of Slack are refused as too old";
        assert!(lines.contains(&line.to_owned()), "{lines:?}");
    }

    async fn a_bot_that_does_not_know_a_ping_is_reachable(house: House) {
        house.bot.is_in(&[Mood::Status(404)]);
        let line = "warning  callbacks of bot expenses: the bot answered 404 to a ping: fine if it takes the other callbacks";
        assert!(lines(&house).await.contains(&line.to_owned()));
    }

    async fn a_token_that_cannot_be_opened_is_an_error(house: House) {
        house.knows_acme().await;
        let mut config = cast::config(&house.slack, house.database(), house.callbacks(), "").unwrap();
        config.security.encryption_key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into();
        let findings = examine(&config, &Clock::Manual(house.clock.clone()), &Ids::Random).await.unwrap();
        let text: Vec<String> = findings.iter().map(ToString::to_string).collect();
        let line = "error    workspace T0ACME of bot expenses: the token was sealed with a key that is gone: put it into \
                    security.old_encryption_keys, or let the bot register again";
        assert!(text.contains(&line.to_owned()), "{text:?}");
    }
}

#[tokio::test]
async fn without_a_database_and_a_bot_the_lines_say_what_to_do() {
    let house = House::on_sqlite().await;
    let nowhere = "http://127.0.0.1:1/".parse().unwrap();
    let config = cast::config(&house.slack, "postgres://me:hunter2@127.0.0.1:1/none", &nowhere, "").unwrap();
    let findings = examine(&config, &Clock::Manual(house.clock.clone()), &Ids::Random).await.unwrap();
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(!lines.join("\n").contains("hunter2"));
    let complaints = complaints(&lines);
    assert_eq!(
        complaints[0],
        "error    database: cannot reach PostgreSQL: check that it runs and that database.url is right"
    );
    let line = "error    callbacks of bot expenses: the bot cannot be reached: check that it runs and that callback_url is right";
    assert_eq!(*complaints.last().unwrap(), line);
}

#[tokio::test]
async fn a_database_without_tables_waits_for_its_migrations() {
    let house = House::on_sqlite().await;
    let folder = tempfile::TempDir::new().unwrap();
    let database = format!("sqlite://{}", folder.path().join("new.db").display());
    let config = cast::config(&house.slack, &database, house.callbacks(), "").unwrap();
    let findings = examine(&config, &Clock::Manual(house.clock.clone()), &Ids::Random).await.unwrap();
    assert!(findings[1].to_string().starts_with("warning  database: reachable; "), "{}", findings[1]);
}

#[tokio::test]
async fn a_machine_whose_clock_is_wrong_is_named_and_the_databases_counts() {
    let Some(house) = House::on_postgres_at(Clock::System.now()).await else { return };
    let machine = ManualClock::starting_at(house.now() + jiff::SignedDuration::from_secs(400));
    let lines = lines_by(&house, "", Clock::Common(CommonClock::on(Clock::Manual(machine)))).await;
    let is_named = |line: &String| {
        let ahead = line.strip_prefix("warning  machine's clock: ").and_then(|line| line.split_once(' '));
        ahead.is_some_and(|(seconds, rest)| {
            (350..=400).contains(&seconds.parse::<i32>().unwrap())
                && rest == "seconds ahead of the database's, by which the service goes: set it"
        })
    };
    assert!(lines.iter().any(is_named), "{lines:?}");
    assert!(lines.contains(&"ok       clock: agrees with Slack's".to_owned()), "{lines:?}");
}
