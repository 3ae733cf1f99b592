//! Queues come about and are changed: by the first start, by the configuration, by commands and through the API.

use std::time::Duration;

use megatron::clock::Clock;
use megatron::commands::doctor::examine;
use megatron::demo::cast::{self, HUB, JANE, PHILS_DM, RAJ, SUPPORT};
use megatron::ids::Ids;
use megatron::simulator::{ChannelView, Fault, User};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::eventually;
use crate::support::house::House;
use crate::support::scenarios;

const APP: &str = "U0MEGATRON";
const DEFAULTS: &str = "handoff.default_queues = true";
const NOT_AN_ADMIN: &str = "Only admins can use this, and you are not one of them. Nothing was changed. Admins: ";

impl House {
    /// The labels of the queues, each with the name of its channel, as the API has them.
    async fn queues(&self) -> Vec<String> {
        let (status, answer) = self.api(Method::GET, "v1/queues", None).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let channels = self.slack.channels(HUB);
        let name = |id: &Value| channels.iter().find(|channel| *id == channel.id).map_or("-", |channel| &channel.name);
        let queues = answer["queues"].as_array().unwrap().iter();
        queues.map(|queue| format!("{}: {}", queue["label"].as_str().unwrap(), name(&queue["channel_id"]))).collect()
    }

    async fn puts_queue(&self, label: &str, body: Value) -> (StatusCode, Value) {
        self.api(Method::PUT, &format!("v1/queues/{label}"), Some(body)).await
    }

    /// The channel of that name.
    pub(super) fn channel(&self, name: &str) -> ChannelView {
        self.slack.channels(HUB).into_iter().find(|channel| channel.name == name).expect(name)
    }

    /// A channel that Raj has made, with the app in it or not.
    pub(super) fn raj_makes(&self, name: &str, private: bool, with_app: bool) -> String {
        let id = self.slack.create_channel(HUB, RAJ, name, private).unwrap();
        if with_app {
            self.slack.join_channel(HUB, &id, APP).unwrap();
        }
        id
    }

    async fn doctor(&self, more: &str) -> Vec<String> {
        let config = cast::config(&self.slack, self.database(), self.callbacks(), more).unwrap();
        let findings = examine(&config, &Clock::Manual(self.clock.clone()), &Ids::Random).await.unwrap();
        findings.iter().map(ToString::to_string).filter(|line| line.contains("queue ")).collect()
    }

    /// What the app answers in the thread of this message.
    fn answers(&self, channel: &str, root: &str) -> Vec<String> {
        let mut posts = self.slack.history(HUB, channel);
        posts.retain(|post| post.by_app && post.thread_ts.as_deref() == Some(root));
        posts.into_iter().map(|post| post.text).collect()
    }
}

scenarios! {
    async fn the_first_start_makes_two_queues_and_their_channels(house: House) {
        assert!(house.queues().await.is_empty(), "nobody asked for them");
        house.restart_with(DEFAULTS).await;
        assert_eq!(house.queues().await, ["support: support-requests", "escalations: escalations-requests"]);
        let channel = house.channel("support-requests");
        assert!(!channel.private);
        assert_eq!(channel.purpose, "Customers who wait for a human: the queue support");
        assert_eq!(
            house.jane_types("queue list").await,
            format!(
                "*support*: <#{}> · default\n*escalations*: <#{}>",
                channel.id,
                house.channel("escalations-requests").id
            )
        );
        let channels = house.slack.channels(HUB).len();
        house.restart().await;
        assert_eq!((house.queues().await.len(), house.slack.channels(HUB).len()), (2, channels));
    }

    async fn a_name_that_is_taken_gets_a_number(house: House) {
        house.slack.create_channel(HUB, JANE, "support-requests", false).unwrap();
        house.slack.create_channel(HUB, JANE, "support-requests-2", true).unwrap();
        house.restart_with(DEFAULTS).await;
        assert_eq!(house.queues().await, ["support: support-requests-3", "escalations: escalations-requests"]);
    }

    async fn a_channel_is_made_once_whatever_happens_while_it_is_made(house: House) {
        for (label, fault) in [("first", Fault::HangAfter), ("second", Fault::HangBefore)] {
            house.puts_queue(label, json!({})).await;
            house.crash_during("conversations.create", fault).await;
            house.wait(Duration::from_mins(2)).await;
        }
        house.puts_queue("third", json!({})).await;
        house.slack.fail_next("conversations.create", Fault::ResetAfter);
        house.wait(Duration::from_mins(2)).await;
        assert_eq!(
            house.queues().await,
            ["first: first-requests", "second: second-requests", "third: third-requests"]
        );
        let made = house.slack.channels(HUB).into_iter().filter(|channel| channel.name.contains("-requests"));
        assert_eq!(made.count(), 3);
    }

    async fn where_the_app_may_make_no_channels_the_next_start_tries_again(house: House) {
        house.slack.fail_next("conversations.create", Fault::Error("restricted_action".into()));
        house.puts_queue("billing", json!({})).await;
        house.settle().await;
        assert_eq!(house.queues().await, ["billing: -"]);
        assert_eq!(
            house.doctor("").await,
            ["warning  queue billing: has no channel, unless `megatron serve` is making one: `/megatron queue here billing` in the right one"]
        );
        house.restart().await;
        assert_eq!(house.queues().await, ["billing: billing-requests"]);
    }

    async fn the_configuration_has_the_say_over_the_queues_that_it_names(house: House) {
        let raj = house.raj_makes("billing-team", true, true);
        house.puts_queue("own", json!({ "default": true })).await;
        house.puts_queue("billing", json!({ "widen_after": "7m" })).await;
        house.settle().await;
        house.restart_with(&format!(
            "[[queues]]\nlabel = 'billing'\nchannel = '{raj}'\ndefault = true\nhours = 'office'\n[[queues]]\nlabel = 'second'\n\
             [[hours]]\nname = 'office'\ntime_zone = 'UTC'\ndays = ['mon-fri 09:00-17:00']"
        )).await;
        assert_eq!(house.queues().await, ["own: own-requests", "billing: billing-team", "second: second-requests"]);
        let (_, answer) = house.api(Method::GET, "v1/queues", None).await;
        let [own, billing, _] = &answer["queues"].as_array().unwrap()[..] else { panic!("{answer}") };
        assert_eq!((&own["default"], &own["configured"]), (&json!(false), &json!(false)), "one default queue");
        assert_eq!((&billing["widen_after"], &billing["hours"]), (&json!("2m"), &json!("office")));

        let (status, answer) = house.puts_queue("billing", json!({})).await;
        assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("conflict")));
        let (status, _) = house.api(Method::DELETE, "v1/queues/second", None).await;
        assert_eq!(status, StatusCode::CONFLICT);
        let elsewhere = "The configuration sets this queue up: change it there, and restart.";
        assert_eq!(house.types(RAJ, SUPPORT, "queue remove billing").await, elsewhere);
        assert_eq!(house.types(RAJ, SUPPORT, "queue here billing").await, elsewhere);
        let (status, answer) = house.puts_queue("own", json!({ "default": true })).await;
        assert_eq!((status, &answer["errors"][0]["path"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("default")));

        house.raj_makes("second-team", false, true);
        let said = house.types(RAJ, "second-team", "queue here second").await;
        assert_eq!(said, "This is the channel of the queue *second* now.", "the configuration names none");
        house.restart_with("[[queues]]\nlabel = 'second'").await;
        assert_eq!(house.queues().await, ["own: own-requests", "second: second-team"], "what it names no more is gone");
    }

    async fn a_queue_in_which_somebody_waits_outlives_the_configuration(house: House) {
        house.restart_with("[[queues]]\nlabel = 'billing'").await;
        house.tamper("INSERT INTO handoffs (id, conversation, queue, progress, requested_at, queued_at, state) VALUES ('h', 'c', 'billing', 'offered', 0, 0, '{}')").await;
        house.restart_with("").await;
        assert_eq!(house.queues().await, ["billing: billing-requests"]);
        let refusal = "1 of its handoffs have not come to an end. Finish or transfer them first.";
        assert_eq!(house.types(RAJ, SUPPORT, "queue remove billing").await, refusal);
        house.tamper("UPDATE handoffs SET ended_at = 1").await;
        assert!(house.types(RAJ, SUPPORT, "queue remove billing").await.contains("is gone"));
    }

    async fn a_channel_becomes_that_of_a_queue_where_the_app_is_a_member(house: House) {
        house.with_open_room().await;
        let not_in = "This is a channel that the app is not a member of: invite it there first. Nothing was changed.";
        for private in [false, true] {
            let name = if private { "hidden" } else { "open" };
            house.raj_makes(name, private, false);
            assert_eq!(house.types(RAJ, name, "queue here billing").await, not_in);
            assert!(house.queues().await.is_empty());
        }
        house.slack.join_channel(HUB, "hidden", APP).unwrap();
        assert_eq!(house.types(RAJ, "hidden", "queue here Billing").await, "This is the channel of the queue *billing* now.");
        house.slack.join_channel(HUB, "open", APP).unwrap();
        assert_eq!(house.types(RAJ, "open", "queue here billing").await, "This is the channel of the queue *billing* now.");
        assert_eq!(house.queues().await, ["billing: open"]);
        assert_eq!(
            house.types(RAJ, "open", "queue here other").await,
            "This is the channel of the queue billing already. Nothing was changed."
        );
        house.slack.join_channel(HUB, "cs-phil", RAJ).unwrap();
        assert_eq!(house.types(RAJ, "cs-phil", "queue here room").await, "This is the room of Phil. Nothing was changed.");
        assert!(house.types(RAJ, "open", "queue here").await.starts_with("Which queue?"));
        assert!(house.types(RAJ, "hidden", "queue here No!").await.contains("`label` must be"));
        house.slack.share_channel(HUB, "hidden", "T0OTHER").unwrap();
        assert!(house.types(RAJ, "hidden", "queue here shared").await.starts_with("This is shared with another company."));
        house.slack.open_dm(HUB, RAJ, cast::HUB_APP, "D0RAJ").unwrap();
        assert_eq!(
            house.types(RAJ, "D0RAJ", "queue here dm").await,
            "This is a direct message, not a channel. Nothing was changed."
        );
        assert_eq!(house.queues().await, ["billing: open"]);
        assert_eq!(house.types(RAJ, SUPPORT, "queue remove billing").await, "The queue *billing* is gone. Its channel stays as it is.");
        assert_eq!(house.types(RAJ, SUPPORT, "queue remove billing").await, "There is no queue “billing”.");
        assert!(!house.channel("open").archived);
    }

    async fn only_administrators_set_queues_up(house: House) {
        house.raj_makes("billing", false, true);
        house.slack.join_channel(HUB, "billing", JANE).unwrap();
        for command in ["queue", "queue here billing", "queue remove billing"] {
            let told = house.types(JANE, "billing", command).await;
            assert!(told.starts_with(NOT_AN_ADMIN), "{command}: {told}");
        }
        assert_eq!(house.jane_types("queue list").await, "There is no queue.");

        house.slack.add_user_group(HUB, "S0LEADS", "leads", &[JANE]).unwrap();
        house.restart_with("support.admins = ['S0LEADS']").await;
        let told = house.types(RAJ, "billing", "queue here billing").await;
        assert_eq!(told, format!("{NOT_AN_ADMIN}<!subteam^S0LEADS>."), "not on the list");
        assert!(house.types(JANE, "billing", "queue here billing").await.contains("the queue *billing*"));
        let audit = house.jane_types("audit").await;
        assert!(audit.contains("Jane set up the queue billing"), "{audit}");
    }

    async fn the_api_sets_queues_up(house: House) {
        house.raj_makes("billing", true, true);
        let channel = house.channel("billing").id;
        house.slack.add_user_group(HUB, "S0LEADS", "leads", &[RAJ]).unwrap();
        house.puts_queue("support", json!({ "default": true })).await;
        let body = json!({
            "channel_id": channel, "default": true, "members": [JANE, "S0LEADS"], "priority_group": ["S0LEADS"],
            "widen_after": "120s", "accept_within": "0s", "then": "support", "accept_target": "5m",
        });
        let (status, answer) = house.puts_queue("billing", body).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        assert_eq!(answer, json!({
            "label": "billing", "channel_id": channel, "default": true, "members": [JANE, "S0LEADS"],
            "priority_group": ["S0LEADS"], "widen_after": "2m", "accept_within": "0s", "then": "support",
            "accept_target": "5m", "response_target": "0s", "hours": null, "digest": null, "allocation": "manual", "configured": false,
        }));
        let (_, answer) = house.api(Method::GET, "v1/queues", None).await;
        assert_eq!(answer["queues"][0]["default"], false, "one default queue: {answer}");

        let (status, _) = house.api(Method::DELETE, "v1/queues/support", None).await;
        assert_eq!(status, StatusCode::CONFLICT, "billing hands over to it");
        let (status, answer) = house.puts_queue("billing", json!({})).await;
        assert_eq!((status, &answer["channel_id"]), (StatusCode::OK, &json!(channel)), "it keeps its channel");
        for expected in [StatusCode::NO_CONTENT, StatusCode::NOT_FOUND] {
            assert_eq!(house.api(Method::DELETE, "v1/queues/support", None).await.0, expected);
        }
        house.settle().await;
        assert_eq!(house.queues().await, ["billing: billing"]);
    }

    async fn what_cannot_be_names_its_field_and_changes_nothing(house: House) {
        house.slack.add_user(HUB, User { id: "U0GUEST".into(), is_restricted: true, ..User::default() }).unwrap();
        let single = User { id: "U0VISITOR".into(), is_restricted: true, is_ultra_restricted: true, ..User::default() };
        house.slack.add_user(HUB, single).unwrap();
        house.slack.add_user_group(HUB, "S0MIXED", "mixed", &[JANE, "U0VISITOR"]).unwrap();
        let outside = house.raj_makes("outside", false, false);
        for (body, field, why) in [
            (json!({ "priority_group": ["U0VISITOR"] }), "priority_group", "no guests and nobody from elsewhere: U0VISITOR"),
            (json!({ "priority_group": ["S0MIXED"] }), "priority_group", "U0VISITOR"),
            (json!({ "members": ["U0GUEST", JANE] }), "members", "U0GUEST"),
            (json!({ "members": ["U0NOBODY"] }), "members", "U0NOBODY"),
            (json!({ "members": "U0JANE" }), "members", "a list of ids"),
            (json!({ "members": ["jane"] }), "members", "ids of users"),
            (json!({ "channel_id": outside }), "channel_id", "not a member"),
            (json!({ "channel_id": "C0NOWHERE" }), "channel_id", "not a member"),
            (json!({ "default": "yes" }), "default", "true or false"),
            (json!({ "then": "nobody" }), "then", "the label of a queue"),
            (json!({ "then": "billing" }), "then", "lead back"),
            (json!({ "hours": "office" }), "hours", "[[hours]]"),
            (json!({ "widen_after": "soon" }), "widen_after", "90s, 3m or 2h"),
        ] {
            let (status, answer) = house.puts_queue("billing", body.clone()).await;
            assert_eq!((status, answer["errors"].as_array().map(Vec::len)), (StatusCode::UNPROCESSABLE_ENTITY, Some(1)), "{body}: {answer}");
            assert_eq!(answer["errors"][0]["path"], field, "{body}");
            assert!(answer["errors"][0]["detail"].as_str().unwrap().contains(why), "{body}: {answer}");
        }
        assert_eq!(house.puts_queue("No.Label", json!({})).await.1["errors"][0]["path"], "label");
        house.slack.fail_next("users.info", Fault::Http500Before);
        let (status, answer) = house.puts_queue("billing", json!({ "members": [RAJ] })).await;
        assert_eq!((status, &answer["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("slack_unavailable")));
        assert!(house.queues().await.is_empty());
    }

    async fn a_change_holds_in_every_instance_at_once(house: House) {
        if house.database().starts_with("sqlite") {
            return;
        }
        let other = house.another().await;
        let stop = CancellationToken::new();
        let (_, running) = house.run(&other, &stop).await;
        house.puts_queue("billing", json!({})).await;
        eventually(|| other.relay().watches.queues().iter().any(|queue| queue.label == "billing")).await;
        house.api(Method::DELETE, "v1/queues/billing", None).await;
        eventually(|| other.relay().watches.queues().is_empty()).await;
        stop.cancel();
        running.await.unwrap();
    }

    async fn whoever_mentions_the_app_reads_what_the_channel_is_for(house: House) {
        house.with_open_room().await;
        house.raj_makes("help-desk", true, true);
        house.slack.join_channel(HUB, "help-desk", JANE).unwrap();
        let mention = async |house: &House, channel: &str| {
            let ts = house.slack.say(HUB, JANE, channel, &format!("<@{APP}> are you there?")).unwrap();
            house.settle().await;
            house.answers(channel, &ts)
        };
        let well = "✅ Megatron is here and all is well.";
        assert_eq!(
            mention(&house, "help-desk").await,
            [format!("{well}\nThis channel is not a queue; `/megatron queue here <label>` makes it one.")]
        );
        house.slack.add_user_group(HUB, "S0LEADS", "leads", &[RAJ]).unwrap();
        let body = json!({ "channel_id": house.channel("help-desk").id, "default": true, "priority_group": [JANE, "S0LEADS"] });
        assert_eq!(house.puts_queue("desk", body).await.0, StatusCode::CREATED);
        assert_eq!(
            mention(&house, "help-desk").await,
            [format!(
                "{well}\nThis is the channel of the queue *desk*, the default one.\n\
                 First told: Jane, @leads; everybody here after 2m.\nAlways open.\nNobody is waiting."
            )]
        );
        assert_eq!(mention(&house, "cs-phil").await, [format!("{well}\nThis is the room of *Phil*.")]);
        assert!(house.dm().iter().all(|line| !line.contains("Megatron is here")), "Phil does not read that");

        let ts = house.slack.say(HUB, JANE, "help-desk", "nobody is meant").unwrap();
        house.settle().await;
        assert!(house.answers("help-desk", &ts).is_empty());
    }

    async fn a_mention_is_answered_once_however_often_it_comes(house: House) {
        house.raj_makes("help-desk", false, true);
        house.slack.duplicate_events(true);
        let ts = house.slack.say(HUB, RAJ, "help-desk", &format!("hello <@{APP}>")).unwrap();
        house.slack.deliver_events().await;
        house.crash_while_posting().await;
        house.wait(Duration::from_mins(2)).await;
        assert_eq!(house.answers("help-desk", &ts).len(), 1, "{:#?}", house.slack.history(HUB, "help-desk"));
    }

    async fn whoever_comes_to_a_queue_later_does_not_see_the_conversations(house: House) {
        house.restart_with(DEFAULTS).await;
        house.with_open_room().await;
        house.slack.join_channel(HUB, "support-requests", RAJ).unwrap();
        house.puts_queue("support", json!({ "members": [RAJ] })).await;
        house.says(cast::PHIL, PHILS_DM, "still there?").await;
        assert!(house.channel("cs-phil").private);
        assert!(house.slack.say(HUB, RAJ, "cs-phil", "hi").is_err(), "Raj is not in it");
        house.slack.join_channel(HUB, "cs-phil", RAJ).unwrap();
        assert!(house.slack.say(HUB, RAJ, "cs-phil", "hi").is_ok(), "unless he is added to that very room");
    }

    async fn the_doctor_looks_at_the_channels_and_people_of_the_queues(house: House) {
        house.restart_with(DEFAULTS).await;
        let [support, escalations] = ["support-requests", "escalations-requests"].map(|name| house.channel(name).id);
        assert_eq!(
            house.doctor("").await,
            [format!("ok       queue support: in {support}"), format!("ok       queue escalations: in {escalations}")]
        );
        house.slack.join_channel(HUB, "support-requests", RAJ).unwrap();
        house.slack.kick(HUB, RAJ, "support-requests", APP).unwrap();
        house.slack.add_user(HUB, User { id: "U0GUEST".into(), is_restricted: true, ..User::default() }).unwrap();
        house.restart_with("[[queues]]\nlabel = 'billing'\npriority_group = ['U0GUEST']").await;
        let lines = house.doctor("").await;
        assert_eq!(
            lines[0],
            format!(
                "error    queue support: its channel {support} is a channel that the app is not a member of: invite it there first, \
                 or `/megatron queue here support` in the right one"
            )
        );
        assert_eq!(lines[2], "warning  queue billing: names guests, or people from elsewhere, who are not told: U0GUEST");
    }
}
