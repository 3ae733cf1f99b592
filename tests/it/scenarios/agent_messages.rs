//! What agents write in a room, on its way to the customer.

use std::time::Duration;

use megatron::config::Delivery;
use megatron::demo::cast::{ACME, BOT_APP, BOT_TOKEN, HUB, JANE, PHILIPPA, PHILIPPAS_DM, PHILS_DM, RAJ};
use megatron::simulator::{Fault, Simulator, Spot};
use megatron::takeover::cards::action;
use megatron::takeover::conversation::Agent;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::support::bot::Mood;
use crate::support::house::House;
use crate::support::scenarios;

const SECOND: Duration = Duration::from_secs(1);
const TOLD: &str =
    "Expense Bot ▸ Jane from Initech is now talking with you. Expense Bot will tell you when it is back.";
const HI: &str = "Expense Bot ▸ [card] Hi Phil";
const REMIND: &str = "Megatron ▸ [card] Jane, Expense Bot is still active and may answer too. Pause it?";

scenarios! {
    async fn a_message_that_jane_shares_stays_behind_and_she_learns_it(house: House) {
        house.with_open_room().await;
        let shared = json!({ "is_share": true, "is_msg_unfurl": true, "from_url": "https://initech.slack.com/archives/C1/p1",
            "author_name": "The boss", "text": "between us", "fallback": "between us" });
        house.slack.post_as_user(HUB, JANE, "cs-phil", json!({ "text": "look", "attachments": [shared] })).unwrap();
        house.settle().await;
        let said = house.slack.history(ACME, PHILS_DM).pop().unwrap();
        let all = format!("{} {} {}", said.text, said.blocks, said.attachments);
        assert!(all.contains("look") && !all.contains("between us"), "{all}");
        assert!(house.whispers(JANE, "cs-phil").concat().contains("Phil does not get this: a message that you shared"));
    }

    async fn a_message_goes_out_and_its_author_is_reminded_to_pause(house: House) {
        house.with_open_room().await;
        let room = house.room("cs-phil").len();
        house.jane_writes("cs-phil", "Hi Phil").await;
        assert_eq!(house.dm().last().unwrap(), HI);
        assert_eq!(house.room_since("cs-phil", room), ["Jane: Hi Phil :white_check_mark:", REMIND]);
        assert_eq!(house.control().await, "bot, active, 0");
        let sent = house.slack.history(ACME, PHILS_DM).pop().unwrap();
        assert!(sent.blocks.to_string().contains("sent by Jane from Initech"), "{}", sent.blocks);
        assert_eq!(sent.metadata["event_type"], "megatron");
    }

    async fn a_message_takes_control_where_that_is_wanted(house: House) {
        house.restart_with("rooms.on_agent_message = \"pause\"").await;
        house.with_open_room().await;
        let dm = house.dm().len();
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.jane_writes("cs-phil", "How are you?").await;
        assert_eq!(house.dm()[dm..], [TOLD, HI, "Expense Bot ▸ [card] How are you?"]);
        assert_eq!(house.control().await, "human, paused, 1");
        let paused = house.bot.heard_of("conversation.paused");
        assert_eq!((paused.len(), &paused[0]["data"]["reason"]), (1, &json!("agent_message")));
        assert!(!house.room("cs-phil").contains(&REMIND.to_owned()));
    }

    async fn the_bot_learns_the_name_of_an_agent_whose_first_act_is_a_message(house: House) {
        house.restart_with("rooms.on_agent_message = \"pause\"").await;
        house.with_open_room().await;
        house.slack.join_channel(HUB, "cs-phil", RAJ).unwrap();
        house.slack.say(HUB, RAJ, "cs-phil", "Raj here").unwrap();
        house.settle().await;
        let actor = json!({ "kind": "agent", "user_id": RAJ, "name": "Raj" });
        assert_eq!(house.bot.heard_of("conversation.paused")[0]["data"]["actor"], actor);
        let told = "Expense Bot ▸ Raj from Initech is now talking with you. Expense Bot will tell you when it is back.";
        assert!(house.dm().contains(&told.to_owned()), "{:?}", house.dm());
    }

    async fn always_pause_for_me_is_remembered_for_this_agent_everywhere(house: House) {
        house.with_open_room().await;
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.jane_presses("cs-phil", action::ALWAYS_PAUSE).await;
        assert_eq!(house.control().await, "human, paused, 1");
        house.types(JANE, "cs-phil", "unpause").await;
        house.restart().await;
        house.jane_writes("cs-phil", "Me again").await;
        assert_eq!(house.control().await, "human, paused, 3");
        house.types(JANE, "cs-phil", "unpause").await;

        house.slack.say(ACME, PHILIPPA, PHILIPPAS_DM, "hello").unwrap();
        house.settle().await;
        house.jane_types("open philippa").await;
        house.jane_writes("cs-philippa", "Hi Philippa").await;
        let state = house.api(Method::GET, &format!("v1/conversations/{ACME}/{PHILIPPAS_DM}"), None).await.1;
        assert_eq!(state["control"]["holder"], "human");

        house.slack.join_channel(HUB, "cs-phil", RAJ).unwrap();
        house.slack.say(HUB, RAJ, "cs-phil", "Raj here").unwrap();
        house.settle().await;
        assert_eq!(house.control().await, "bot, active, 4", "it is Jane's choice, not Raj's");
    }

    async fn held_messages_wait_for_control_and_go_in_order(house: House) {
        house.restart_with("rooms.on_agent_message = \"hold\"").await;
        house.with_open_room().await;
        let (room, dm) = (house.room("cs-phil").len(), house.dm().len());
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.jane_writes("cs-phil", "How are you?").await;
        house.wait(10 * SECOND).await;
        assert_eq!(house.dm().len(), dm, "nothing has been sent");
        let card = "Megatron ▸ [card] Jane, your message has *not* been sent: Expense Bot is still active. \
                    Pause it, and Phil gets what is waiting.";
        assert_eq!(house.room_since("cs-phil", room), ["Jane: Hi Phil", card, "Jane: How are you?"]);
        house.restart().await;
        house.jane_presses("cs-phil", action::PAUSE).await;
        house.jane_writes("cs-phil", "Now directly").await;
        let how = "Expense Bot ▸ [card] How are you?";
        assert_eq!(house.dm()[dm..], [TOLD, HI, how, "Expense Bot ▸ [card] Now directly"]);
        house.types(JANE, "cs-phil", "unpause").await;
        house.types(JANE, "cs-phil", "pause").await;
        assert_eq!(house.dm().iter().filter(|line| *line == HI).count(), 1, "sent once");
    }

    async fn who_always_pauses_does_not_wait_and_what_waited_goes_first(house: House) {
        house.restart_with("rooms.on_agent_message = \"hold\"").await;
        house.with_open_room().await;
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.jane_types("pause phil").await;
        house.types(JANE, "cs-phil", "unpause").await;
        let dm = house.dm().len();
        house.jane_writes("cs-phil", "One").await;
        let (agent, db) = (Agent { user_id: RAJ.into(), name: String::new() }, &house.app.relay().db);
        let mut tx = db.begin().await.unwrap();
        megatron::store::agents::always_pause(&mut tx, &agent).await.unwrap();
        tx.commit().await.unwrap();
        house.slack.join_channel(HUB, "cs-phil", RAJ).unwrap();
        house.slack.say(HUB, RAJ, "cs-phil", "Two").unwrap();
        house.settle().await;
        let told = "Expense Bot ▸ Raj from Initech is now talking with you. Expense Bot will tell you when it is back.";
        assert_eq!(house.dm()[dm..], [told, "Expense Bot ▸ [card] One", "Expense Bot ▸ [card] Two"]);
    }

    async fn a_room_that_closes_says_what_was_never_sent(house: House) {
        house.restart_with("rooms.on_agent_message = \"hold\"").await;
        house.with_open_room().await;
        let dm = house.dm();
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.jane_writes("cs-phil", "How are you?").await;
        house.types(JANE, "cs-phil", "close").await;
        assert_eq!(
            house.room("cs-phil-closed-20261120-1").last().unwrap(),
            "Megatron ▸ [card] 🗄️ *Jane closed this room.* Expense Bot answers again. Waiting messages that were not sent: 2."
        );
        house.jane_types("open phil").await;
        house.types(JANE, "cs-phil", "pause").await;
        assert_eq!(house.dm()[dm.len()..], [TOLD], "and never will be");
    }

    async fn held_messages_go_first_when_the_bot_is_switched_off(house: House) {
        house.restart_with("rooms.on_agent_message = \"hold\"").await;
        house.with_open_room().await;
        let dm = house.dm().len();
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.jane_types("bot off").await;
        house.jane_writes("cs-phil", "How are you?").await;
        assert_eq!(house.dm()[dm..], [HI, "Expense Bot ▸ [card] How are you?"]);
    }

    async fn a_message_that_cannot_be_delivered_is_said_and_can_be_retried(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        for (code, reason) in [
            ("channel_not_found", "the channel does not exist, or the app cannot see it"),
            ("is_archived", "the channel is archived"),
            ("restricted_action", "the workspace's settings do not allow it"),
            ("a_code_of_next_year", "Slack answered \"a_code_of_next_year\""),
        ] {
            house.slack.fail_next("chat.postMessage", Fault::Error(code.into()));
            house.jane_writes("cs-phil", code).await;
            let card = format!("Megatron ▸ [card] ⚠️ *Phil did not get* “{code}”: {reason}.");
            assert_eq!(house.room("cs-phil").last().unwrap(), &card);
            assert!(house.card_with("cs-phil", "Reference 0").is_some());
            assert_eq!(house.dm().iter().filter(|line| line.contains(code)).count(), 0);

            house.jane_presses("cs-phil", action::RETRY).await;
            house.jane_presses("cs-phil", action::RETRY).await;
            assert_eq!(house.dm().iter().filter(|line| line.contains(code)).count(), 1, "{code}");
        }
        assert_eq!(house.control().await, "human, paused, 1", "the room goes on");
    }

    async fn two_agents_who_retry_at_once_send_once(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.join_channel(HUB, "cs-phil", RAJ).unwrap();
        house.slack.fail_next("chat.postMessage", Fault::Error("restricted_action".into()));
        house.jane_writes("cs-phil", "Hi Phil").await;
        let spot = Spot::Message { channel: "cs-phil".into(), ts: house.card_with("cs-phil", action::RETRY).unwrap().ts };
        let press = |user| house.slack.click(HUB, user, &spot, action::RETRY);
        let (one, other) = tokio::join!(press(JANE), press(RAJ));
        assert!(one.unwrap().status == 200 && other.unwrap().status == 200);
        house.settle().await;
        assert_eq!(house.dm().iter().filter(|line| *line == HI).count(), 1);
    }

    async fn doubt_does_not_double_a_message(house: House) {
        house.restart_with("slack.timeout = \"1s\"").await;
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        let faults = [
            Fault::Http500After, Fault::ResetAfter, Fault::HangAfter,
            Fault::Http500Before, Fault::ResetBefore, Fault::Error("internal_error".into()),
        ];
        for (number, fault) in faults.into_iter().enumerate() {
            let text = format!("message number {number}");
            house.slack.fail_next("chat.postMessage", fault.clone());
            house.jane_writes("cs-phil", &text).await;
            house.jane_writes("cs-phil", "and more").await;
            house.wait(5 * SECOND).await;
            house.slack.release_hangs();
            house.wait(5 * SECOND).await;
            let sent: Vec<_> = house.dm().into_iter().filter(|line| line.contains(&text)).collect();
            assert_eq!(sent.len(), 1, "{fault:?}");
            assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ [card] and more", "order is kept: {fault:?}");
            let mirrored = house.room("cs-phil").into_iter().filter(|line| line.contains(&text)).count();
            assert_eq!(mirrored, 1, "its echo is not mirrored: {fault:?}");
        }
        assert!(house.card_with("cs-phil", action::RETRY).is_none());
    }

    async fn doubt_that_outlives_a_crash_does_not_double_a_message(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_next("chat.postMessage", Fault::ResetAfter);
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.restart().await;
        house.wait(30 * SECOND).await;
        assert_eq!(house.dm().iter().filter(|line| *line == HI).count(), 1);
    }

    async fn doubt_that_outlives_a_token_does_not_double_a_message(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_next("chat.postMessage", Fault::Http500After);
        house.slack.fail_next("conversations.history", Fault::Error("token_revoked".into()));
        house.bot.answers("command.refresh_token", json!({ "bot_token": "xoxb-fresh" }));
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.slack.replace_token(BOT_TOKEN, "xoxb-fresh");
        house.wait(30 * SECOND).await;
        assert_eq!(house.dm().iter().filter(|line| *line == HI).count(), 1);
    }

    async fn where_nobody_can_look_the_agent_decides(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_next("chat.postMessage", Fault::ResetAfter);
        house.slack.fail_next("conversations.history", Fault::Error("missing_scope".into()));
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.wait(10 * SECOND).await;
        assert_eq!(
            house.room("cs-phil").last().unwrap(),
            "Megatron ▸ [card] ⚠️ *It is not certain that Phil got* “Hi Phil”: Slack does not let us look. \
             Retry sends it once more."
        );
        assert_eq!(house.dm().iter().filter(|line| *line == HI).count(), 1);
        house.jane_presses("cs-phil", action::RETRY).await;
        assert_eq!(house.dm().iter().filter(|line| *line == HI).count(), 2, "as asked");
    }

    async fn slack_that_fails_for_long_is_said_once_and_nothing_is_lost(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_times("conversations.history", 3, Fault::Error("fatal_error".into()));
        house.slack.fail_times("chat.postMessage", 1, Fault::Http500Before);
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.wait(60 * SECOND).await;
        assert_eq!(house.dm().last().unwrap(), HI);
        let said: Vec<_> = house.room("cs-phil").into_iter().filter(|line| line.contains("has not got")).collect();
        assert_eq!(said, ["Megatron ▸ [card] ⏳ Phil has not got “Hi Phil” yet: Slack has a problem of its own. It is kept and tried again."]);
    }

    async fn a_bot_that_sends_for_itself_gets_words_ready_to_post(house: House) {
        house.restart_adjusted(|config| config.bots[0].delivery = Delivery::Callback).await;
        house.with_open_room().await;
        house.bot.does("message.agent", posting(&house, Echo::After, Metadata::Kept));
        house.types(JANE, "cs-phil", "pause").await;
        house.jane_writes("cs-phil", "Hi *Phil*").await;
        assert_eq!(house.dm()[2..], [TOLD, "Expense Bot ▸ [card] Hi *Phil*"]);
        let asked = house.bot.heard_of("message.agent").pop().unwrap();
        let data = &asked["data"];
        assert_eq!(data["actor"], json!({ "kind": "agent", "user_id": JANE, "name": "Jane" }));
        assert_eq!(data["control"], json!({ "holder": "human", "paused": true, "epoch": 1 }));
        assert_eq!(data["message"]["channel"], PHILS_DM);
        assert_eq!(data["message"]["text"], "Hi *Phil*");
        assert_eq!(data["message"]["metadata"]["event_type"], "megatron");
        assert!(data["message"]["blocks"].to_string().contains("sent by Jane from Initech"));
        let ours = |line: &&String| line.contains("Hi *Phil*");
        assert_eq!(house.room("cs-phil").iter().filter(ours).count(), 1, "its echo is not mirrored");
    }

    async fn an_echo_of_the_bots_post_is_not_mirrored_whenever_it_comes(house: House) {
        house.restart_adjusted(|config| config.bots[0].delivery = Delivery::Callback).await;
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        for (echo, metadata) in [
            (Echo::Before, Metadata::Kept), (Echo::Before, Metadata::Dropped),
            (Echo::After, Metadata::Kept), (Echo::After, Metadata::Dropped),
        ] {
            let text = format!("{echo:?} {metadata:?}");
            house.bot.does("message.agent", posting(&house, echo, metadata));
            house.jane_writes("cs-phil", &text).await;
            house.wait(10 * SECOND).await;
            let seen: Vec<_> = house.room("cs-phil").into_iter().filter(|line| line.contains(&text)).collect();
            assert_eq!(seen, [format!("Jane: {text} :white_check_mark:")]);
            assert_eq!(house.dm().iter().filter(|line| line.contains(&text)).count(), 1);
        }
        house.phil_says("all there").await;
        assert_eq!(house.room("cs-phil").last().unwrap(), "Phil: all there");
    }

    async fn a_bot_that_does_not_send_is_asked_again_and_the_agents_know(house: House) {
        house.restart_adjusted(|config| config.bots[0].delivery = Delivery::Callback).await;
        house.with_open_room().await;
        house.bot.does("message.agent", posting(&house, Echo::After, Metadata::Kept));
        house.types(JANE, "cs-phil", "pause").await;
        house.bot.is_in(&[Mood::Status(500); 3]);
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.wait(10 * SECOND).await;
        let card = "Megatron ▸ [card] ⏳ Phil has not got “Hi Phil” yet: the bot answered 500. It is kept and tried again.";
        assert_eq!(house.room("cs-phil").last().unwrap(), card);
        house.jane_presses("cs-phil", action::RETRY).await;
        assert_eq!(house.dm().last().unwrap(), HI);
        let heard = house.bot.heard();
        let tries: Vec<_> = heard.iter().filter(|heard| heard.body["data"]["message"]["text"] == "Hi Phil").collect();
        assert_eq!(tries.len(), 4);
        assert!(tries.iter().all(|heard| heard.id == tries[0].id && heard.body == tries[0].body));
    }
}

/// When the bot passes on its own post.
#[derive(Debug, Clone, Copy)]
enum Echo {
    /// Before it has answered the callback.
    Before,
    /// After that.
    After,
}

/// What the bot does with the metadata that it was given.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Metadata {
    Kept,
    Dropped,
}

/// A bot that posts what it is given.
fn posting(
    house: &House,
    echo: Echo,
    metadata: Metadata,
) -> impl Fn(Value) -> std::pin::Pin<Box<dyn Future<Output = Value> + Send>> + Send + Sync + 'static {
    let (slack, url) = (house.slack.clone(), house.url.clone());
    let http = Client::builder().no_proxy().build().unwrap();
    move |body| {
        let (slack, url, http) = (slack.clone(), url.clone(), http.clone());
        Box::pin(async move { post(&slack, &http, url, body, echo, metadata).await })
    }
}

async fn post(
    slack: &Simulator,
    http: &Client,
    service: url::Url,
    body: Value,
    echo: Echo,
    metadata: Metadata,
) -> Value {
    let mut message = body["data"]["message"].clone();
    let fields = message.as_object_mut().unwrap();
    let channel = fields.remove("channel").unwrap();
    if metadata == Metadata::Dropped {
        fields.remove("metadata");
    }
    let ts = slack.bot_says(BOT_TOKEN, channel.as_str().unwrap(), message).unwrap();
    if let Echo::Before = echo {
        for envelope in slack.take_events(BOT_APP) {
            let request = http.post(service.join("ingest").unwrap()).bearer_auth(megatron::demo::cast::API_KEY);
            let request = request.header("content-type", "application/json").body(envelope.to_string());
            assert_eq!(request.send().await.unwrap().status(), 202);
        }
    }
    json!({ "channel": channel, "ts": ts })
}
