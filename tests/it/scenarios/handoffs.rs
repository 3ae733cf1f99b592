//! Somebody asks for a human, an agent picks it, and it comes to an end.

use std::time::Duration;

use megatron::demo::cast::{ACME, HUB, JANE, PHIL, PHILS_DM, RAJ};
use megatron::simulator::{Fault, Spot, User};
use megatron::takeover::cards::action;
use megatron::takeover::handoff::hours::Hours;
use megatron::takeover::handoff::queue::Queue;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::house::House;
use crate::support::queues::{BILLING, HELPDESK, queue};
use crate::support::scenarios;

const ASKED: &str = "Expense Bot ▸ I have asked somebody at Initech to help you. They will answer right here.";

scenarios! {
    async fn the_bot_asks_for_a_human_and_an_agent_picks(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_says("help!").await;
        let asked = json!({ "reason": "did not understand twice", "summary": "Phil wants a refund.", "priority": "high" });
        let (status, answer) = house.bot_hands_off(asked).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        let id = answer["id"].as_str().unwrap();
        assert_eq!((&answer["state"], &answer["queue"], &answer["existing"]), (&json!("requested"), &json!("support"), &json!(false)));
        assert_eq!(answer["conversation"]["control"], json!({ "holder": "pending", "paused": true, "epoch": 1 }));

        // The bot is told to be silent, the customer that somebody comes, and the queue who waits and why.
        assert_eq!(house.bot.heard_of("conversation.paused")[0]["data"]["control"]["holder"], "pending");
        assert_eq!(house.dm().last().unwrap(), ASKED);
        assert_eq!(house.progress(id).await, "offered in support");
        let card = house.slack.history(HUB, HELPDESK).pop().unwrap();
        let shown = card.blocks.to_string();
        for words in ["*Phil* of *Acme* needs some help with Expense Bot", "did not understand twice", "Phil wants a refund.", "high", "support"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert_eq!(house.slack.history(HUB, BILLING).iter().filter(|post| post.by_app).count(), 0);
        assert_eq!(house.rooms(), [""; 0]);

        assert_eq!(house.clicks(JANE, HELPDESK, action::PICK).await, "You are handling Phil now. The room is on its way.");
        assert_eq!(house.progress(id).await, "accepted in support");
        assert_eq!(house.handoff(id).await["assignee"], json!({ "user_id": JANE, "name": "Jane" }));
        assert_eq!(house.control().await, "human, paused, 2");
        assert_eq!(house.rooms(), ["cs-phil"]);
        assert!(house.slack.members(HUB, "cs-phil").contains(&JANE.to_owned()));
        let told = "Expense Bot ▸ Jane from Initech is now talking with you. Expense Bot will tell you when it is back.";
        assert_eq!(house.dm().last().unwrap(), told);

        // The one card says who has it, and where.
        let cards = house.slack.history(HUB, HELPDESK);
        let cards: Vec<_> = cards.iter().filter(|post| post.by_app).collect();
        assert_eq!(cards.len(), 1);
        assert!(cards[0].text.contains("*Processing by Jane*") && cards[0].text.contains("|cs-phil>"), "{}", cards[0].text);
        assert!(!cards[0].blocks.to_string().contains(action::PICK));
        let header = house.posts("cs-phil")[0].blocks.to_string();
        assert!(header.contains("Live chat: *on*") && header.contains("handled by *Jane*"), "{header}");

        house.jane_writes("cs-phil", "Hi, how can I help?").await;
        assert!(house.dm().last().unwrap().contains("Hi, how can I help?"));
        assert!(house.handoff(id).await["answered_at"].is_string());

        assert_eq!(house.types(JANE, "cs-phil", "close").await, "Closing the room for Phil.");
        assert_eq!(house.progress(id).await, "completed in support, closed");
        assert_eq!(house.control().await, "bot, active, 3");
        assert!(house.slack.history(HUB, HELPDESK).iter().any(|post| post.text.contains("Done by Jane")));
    }

    async fn of_two_who_pick_one_has_it_and_the_other_is_told_who(house: House) {
        house.with_queues(|_| ()).await;
        let id = house.is_handed_off(json!({})).await;
        let card = house.card_with(HELPDESK, action::PICK).unwrap();
        let channel = house.slack.channel(HUB, HELPDESK).unwrap().id;
        let spot = Spot::Message { channel, ts: card.ts };
        for agent in [RAJ, JANE, RAJ] {
            assert_eq!(house.slack.click(HUB, agent, &spot, action::PICK).await.unwrap().status, 200);
        }
        house.settle().await;
        assert_eq!(house.handoff(&id).await["assignee"]["name"], "Raj");
        assert_eq!(house.whispers(JANE, HELPDESK), ["Megatron ▸ Raj was faster and handles this already. (only visible to you)"]);
        let told = house.whispers(RAJ, HELPDESK);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[1].starts_with("Megatron ▸ You handle this already."), "{told:?}");
        assert!(!house.slack.members(HUB, "cs-phil").contains(&JANE.to_owned()));
    }

    async fn of_a_hundred_who_pick_at_once_one_wins_and_the_others_are_told_who(house: House) {
        house.with_queues(|_| ()).await;
        let id = house.is_handed_off(json!({})).await;
        let card = house.card_with(HELPDESK, action::PICK).unwrap();
        let channel = house.slack.channel(HUB, HELPDESK).unwrap().id;
        let agents: Vec<String> = (0..100).map(|number| format!("U0AGENT{number:02}")).collect();
        for agent in &agents {
            let name = agent.to_lowercase();
            let user = User { id: agent.clone(), name: name.clone(), real_name: name, ..User::default() };
            house.slack.add_user(HUB, user).unwrap();
            house.slack.join_channel(HUB, &channel, agent).unwrap();
        }
        let spot = Spot::Message { channel, ts: card.ts };
        let clicks = agents.iter().map(|agent| house.slack.click(HUB, agent, &spot, action::PICK));
        for answer in futures_util::future::join_all(clicks).await {
            assert_eq!(answer.unwrap().status, 200);
        }
        house.settle().await;

        let assignee = house.handoff(&id).await["assignee"].clone();
        let (winner, name) = (assignee["user_id"].as_str().unwrap(), assignee["name"].as_str().unwrap());
        let faster = format!("{name} was faster and handles this already.");
        for agent in &agents {
            let told = house.whispers(agent, HELPDESK);
            assert_eq!(told.len(), 1, "{agent}: {told:?}");
            assert_eq!(told[0].contains(&faster), agent != winner, "{agent}: {told:?}");
        }
        let invited: Vec<String> = house.slack.members(HUB, "cs-phil").into_iter().filter(|user| agents.contains(user)).collect();
        assert_eq!(invited, [winner]);
    }

    async fn a_conversation_has_one_open_handoff(house: House) {
        house.with_queues(|_| ()).await;
        let id = house.is_handed_off(json!({ "queue": "BILLING" })).await;
        assert_eq!(house.progress(&id).await, "offered in billing");
        let (status, again) = house.bot_hands_off(json!({ "queue": "support" })).await;
        assert_eq!((status, &again["id"], &again["existing"]), (StatusCode::OK, &json!(id), &json!(true)));

        house.clicks(JANE, BILLING, action::PICK).await;
        let (status, refused) = house.bot_hands_off(json!({ "queue": "billing" })).await;
        assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("already_in_queue")));
        assert_eq!(refused["assignee"], json!({ "user_id": JANE, "name": "Jane" }));
        let (status, other) = house.bot_hands_off(json!({ "queue": "support" })).await;
        assert_eq!((status, &other["existing"], &other["queue"]), (StatusCode::OK, &json!(true), &json!("billing")));

        // One click that comes late is about this one, not about the next.
        house.types(JANE, "cs-phil", "close").await;
        let next = house.is_handed_off(json!({ "queue": "nowhere" })).await;
        assert_ne!(next, id);
        assert_eq!(house.progress(&next).await, "offered in support");
        let (status, late) = house.steps(&id, "accept", json!({ "agent_id": RAJ })).await;
        assert_eq!((status, &late["code"]), (StatusCode::CONFLICT, &json!("over")));
        assert_eq!(house.progress(&next).await, "offered in support");
    }

    async fn a_queue_that_is_not_there_is_replaced_and_the_bot_is_told(house: House) {
        house.with_queues(|_| ()).await;
        let (status, answer) = house.bot_hands_off(json!({ "queue": "sales" })).await;
        assert_eq!(status, StatusCode::CREATED);
        assert_eq!(answer["warnings"], json!(["there is no queue “sales”: it went to the default one, “support”"]));
    }

    async fn without_any_queue_nobody_is_promised_anybody(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        let lines = house.dm().len();
        let (status, refused) = house.bot_hands_off(json!({})).await;
        assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("no_queue")));
        assert_eq!(house.control().await, "bot, active, 0");
        assert_eq!(house.dm_since(lines), [""; 0]);
    }

    async fn what_is_wrong_with_a_request_is_named(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_says("help!").await;
        let path = format!("v1/conversations/{ACME}/{PHILS_DM}/handoffs");
        let wrong = json!({ "queue": 7, "reason": "x".repeat(3001), "button_title": "x".repeat(76), "history_count": 16, "metadata": [] });
        let (status, problem) = house.api(Method::POST, &path, Some(wrong)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let mut paths: Vec<&str> = problem["errors"].as_array().unwrap().iter().map(|error| error["path"].as_str().unwrap()).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["button_title", "history_count", "metadata", "queue", "reason", "user_id"]);
        assert_eq!(house.control().await, "bot, active, 0");
    }

    async fn a_declined_request_gives_the_customer_back_to_the_bot_and_can_be_made_again(house: House) {
        house.with_queues(|_| ()).await;
        let id = house.is_handed_off(json!({})).await;
        assert_eq!(house.clicks(RAJ, HELPDESK, action::DECLINE).await, "Declined. Phil was told.");
        assert_eq!(house.progress(&id).await, "declined in support, declined");
        assert_eq!(house.control().await, "bot, active, 2");
        assert_eq!(
            house.dm().last().unwrap(),
            "Expense Bot ▸ Sorry, nobody at Initech can take over right now. Expense Bot is here to help you."
        );
        let unpaused = &house.bot.heard_of("conversation.unpaused")[0]["data"];
        assert_eq!((&unpaused["reason"], &unpaused["actor"]["name"]), (&json!("declined"), &json!("Raj")));
        let again = house.is_handed_off(json!({})).await;
        assert_eq!(house.progress(&again).await, "offered in support");
    }

    async fn a_request_that_was_none_is_put_away(house: House) {
        house.with_queues(|_| ()).await;
        let id = house.is_handed_off(json!({})).await;
        house.clicks(JANE, HELPDESK, action::NOT_A_REQUEST).await;
        assert_eq!(house.progress(&id).await, "cancelled in support, not_a_request");
        assert_eq!(house.control().await, "bot, active, 2");
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ Expense Bot is here to help you.");
    }

    async fn spam_is_shown_to_all_ends_the_cards_and_can_be_undone(house: House) {
        house.with_queues(|_| ()).await;
        let id = house.is_handed_off(json!({})).await;
        house.clicks(JANE, HELPDESK, action::SPAM).await;
        assert_eq!(house.progress(&id).await, "cancelled in support, spam");
        assert!(house.slack.history(HUB, HELPDESK).last().unwrap().text.contains("Spam, says Jane"));
        assert_eq!(house.control().await, "bot, active, 2");
        let posts = house.slack.history(HUB, HELPDESK).len();
        let (status, refused) = house.bot_hands_off(json!({})).await;
        assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("spam")));
        assert_eq!(house.slack.history(HUB, HELPDESK).len(), posts);

        house.clicks(RAJ, HELPDESK, action::NOT_SPAM).await;
        assert_eq!(house.progress(&id).await, "offered in support");
        assert_eq!(house.control().await, "pending, paused, 3");
        house.clicks(RAJ, HELPDESK, action::PICK).await;
        assert_eq!(house.progress(&id).await, "accepted in support");
    }

    async fn a_transfer_is_pending_until_the_other_team_accepts(house: House) {
        house.with_queues(|_| ()).await;
        let id = house.is_handed_off(json!({})).await;
        house.clicks(JANE, HELPDESK, action::PICK).await;
        let told = house.types(JANE, "cs-phil", "transfer billing He was charged twice.").await;
        assert_eq!(told, "Phil goes to *billing*. Status: *Pending* until somebody there accepts.");
        assert_eq!(house.progress(&id).await, "transferred in billing");
        let line = house.notices("cs-phil").pop().unwrap();
        assert!(line.contains("Jane has given Phil to *billing*") && line.contains("*Pending*") && line.contains("He was charged twice."), "{line}");
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ I have asked another team at Initech to help you. They will answer right here.");
        assert!(house.slack.history(HUB, HELPDESK).last().unwrap().text.contains("was given to *billing*"));
        assert_eq!(house.control().await, "human, paused, 2");

        house.clicks(RAJ, BILLING, action::PICK).await;
        assert_eq!(house.progress(&id).await, "accepted in billing");
        assert!(house.slack.members(HUB, "cs-phil").contains(&RAJ.to_owned()));
        assert!(house.notices("cs-phil").iter().any(|line| line.contains("Raj of *billing* has accepted. Status: *Active*.")));
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ Raj from Initech is helping you now.");
        assert!(house.posts("cs-phil")[0].blocks.to_string().contains("handled by *Raj*"));
    }

    async fn a_transfer_that_nobody_accepts_comes_back(house: House) {
        house.with_queues(|queue| queue.accept_within = Duration::from_mins(10)).await;
        let id = house.is_handed_off(json!({})).await;
        house.clicks(JANE, HELPDESK, action::PICK).await;
        house.types(JANE, "cs-phil", "transfer billing").await;
        house.wait(Duration::from_mins(11)).await;
        assert_eq!(house.progress(&id).await, "accepted in support");
        assert!(house.notices("cs-phil").iter().any(|line| line.contains("*Nobody in billing has accepted.* Jane still handles Phil.")));
        assert_eq!(house.control().await, "human, paused, 2");
    }

    async fn a_transfer_that_comes_back_is_no_new_offer_to_the_queue_it_came_from(house: House) {
        house.with_queues(|queue| {
            queue.accept_within = Duration::from_mins(10);
            if queue.label == "support" {
                queue.priority_group = vec![RAJ.to_owned()];
            }
        }).await;
        house.is_handed_off(json!({})).await;
        house.clicks(JANE, HELPDESK, action::PICK).await;
        // From now on nobody is at work in the queue that it comes from.
        let channel = house.slack.channel(HUB, HELPDESK).unwrap().id;
        let never = Some(Hours { time_zone: "UTC".to_owned(), ..Hours::default() });
        house.has_queue(&Queue { hours: never, ..queue("support", &channel) }).await;
        house.types(JANE, "cs-phil", "transfer billing").await;
        let offered = |house: &House| house.slack.calls().iter().filter(|call| call.method == "conversations.open").count();
        let before = offered(&house);
        house.wait(Duration::from_mins(11)).await;
        assert_eq!(offered(&house), before, "nobody is asked to pick what Jane has");
        let told: Vec<String> = house.notices("cs-phil").into_iter().filter(|line| line.contains("has accepted")).collect();
        assert_eq!(told, ["⚠️ *Nobody in billing has accepted.* Jane still handles Phil."]);
    }

    async fn a_room_opened_by_hand_can_be_transferred_too(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_says("help!").await;
        house.jane_types("open phil").await;
        assert_eq!(house.types(JANE, "cs-phil", "transfer nowhere").await, "There is no queue “nowhere”. There are support, billing.");
        house.types(JANE, "cs-phil", "transfer billing").await;
        assert_eq!(house.control().await, "pending, paused, 1");
        let card = house.slack.history(HUB, BILLING).pop().unwrap();
        assert!(card.text.contains("given by Jane, waiting for somebody to accept"), "{}", card.text);
        house.clicks(RAJ, BILLING, action::PICK).await;
        assert_eq!(house.control().await, "human, paused, 2");
        assert!(house.notices("cs-phil").iter().any(|line| line.contains("Raj of *billing* has accepted")));
    }

    async fn who_comes_first_then_all_then_the_next_queue_then_nobody(house: House) {
        house.with_queues(|queue| {
            queue.accept_within = Duration::from_mins(10);
            if queue.label == "support" {
                queue.priority_group = vec![RAJ.to_owned()];
                "billing".clone_into(&mut queue.then);
            }
        }).await;
        let id = house.is_handed_off(json!({})).await;
        assert!(house.slack.history(HUB, HELPDESK).last().unwrap().blocks.to_string().contains(&format!("first: <@{RAJ}>")));
        house.wait(Duration::from_mins(3)).await;
        assert_eq!(house.slack.history(HUB, HELPDESK).last().unwrap().text, "<!here> *Phil* is still waiting for somebody to pick.");
        house.wait(Duration::from_mins(8)).await;
        assert_eq!(house.progress(&id).await, "offered in billing");
        let lines = house.dm().len();
        house.wait(Duration::from_mins(10)).await;
        assert_eq!(house.progress(&id).await, "timed_out in billing, accept_timeout");
        assert_eq!(house.control().await, "bot, active, 2");
        let told = "Expense Bot ▸ Sorry, nobody at Initech is free right now. How can we reach you? Write an e-mail address or a phone number here.";
        assert_eq!(house.dm_since(lines), [told]);

        // What he answers is kept with the ticket, which can still be picked.
        house.phil_says("phil@acme.example").await;
        assert_eq!(house.handoff(&id).await["contact"], "phil@acme.example");
        assert!(house.slack.history(HUB, BILLING).last().unwrap().blocks.to_string().contains("phil@acme.example"));
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ Thank you! Somebody will get in touch with you. Until then, Expense Bot is here to help.");
        house.phil_says("and another thing").await;
        assert_eq!(house.handoff(&id).await["contact"], "phil@acme.example");
        house.clicks(JANE, BILLING, action::PICK).await;
        assert_eq!(house.progress(&id).await, "accepted in billing");
        assert_eq!(house.control().await, "human, paused, 3");
    }

    async fn those_who_come_first_are_asked_in_person_unless_they_chose_otherwise(house: House) {
        house.with_queues(|queue| queue.priority_group = vec![JANE.to_owned(), RAJ.to_owned()]).await;
        assert!(house.types(RAJ, HELPDESK, "prompts off").await.starts_with("You will not be asked in person any more."));
        let id = house.is_handed_off(json!({})).await;
        let dms = |house: &House| -> Vec<(Vec<String>, String)> {
            let dms = house.slack.channels(HUB).into_iter().filter(|channel| channel.id.starts_with('D'));
            dms.map(|dm| (house.slack.members(HUB, &dm.id), dm.id)).collect()
        };
        let [(members, dm)] = &dms(&house)[..] else { panic!("one is asked: {:?}", dms(&house)) };
        assert!(members.contains(&JANE.to_owned()), "{members:?}");
        let card = house.slack.history(HUB, dm).pop().unwrap();
        assert!(card.text.contains("*Phil* of *Acme* needs some help"), "{}", card.text);

        // The card in the DM is kept up to date, and works.
        assert!(house.clicks(JANE, dm, action::HIDE_PROMPTS).await.starts_with("You will not be asked in person any more."));
        assert_eq!(house.clicks(JANE, dm, action::PICK).await, "You are handling Phil now. The room is on its way.");
        assert_eq!(house.progress(&id).await, "accepted in support");
        assert!(house.slack.history(HUB, dm).pop().unwrap().text.contains("*Processing by Jane*"));
        assert!(house.card_with(dm, action::PICK).is_none());
        house.types(JANE, "cs-phil", "close").await;
        house.is_handed_off(json!({})).await;
        assert_eq!(house.slack.history(HUB, dm).len(), 1, "nobody asks Jane like this any more");
    }

    async fn a_queue_that_cannot_show_it_strands_nobody(house: House) {
        house.with_queues(|_| ()).await;
        house.throws_the_app_out(HELPDESK);
        let id = house.is_handed_off(json!({})).await;
        assert_eq!(house.progress(&id).await, "timed_out in support, no_agent");
        assert_eq!(house.control().await, "bot, active, 2");
        assert!(house.dm().last().unwrap().contains("nobody at Initech can help right now"), "{:?}", house.dm());
        // What he says hours later is no answer to how one can reach him.
        house.wait(Duration::from_hours(2)).await;
        house.phil_says("Good morning!").await;
        assert_eq!(house.handoff(&id).await["contact"], Value::Null);
    }

    async fn a_customer_who_is_being_answered_is_not_told_that_nobody_is_there(house: House) {
        house.with_queues(|queue| queue.accept_within = Duration::from_mins(10)).await;
        house.phil_says("help!").await;
        house.jane_types("open phil").await;
        let id = house.is_handed_off(json!({})).await;
        house.wait(Duration::from_mins(9)).await;
        house.jane_writes("cs-phil", "Hi Phil, which card is it?").await;
        house.wait(Duration::from_mins(5)).await;
        house.phil_says("The blue one.").await;
        house.wait(Duration::from_mins(8)).await;
        assert_eq!(house.progress(&id).await, "offered in support");
        assert_eq!(house.control().await, "pending, paused, 1", "the bot does not talk over Jane");
        house.wait(Duration::from_mins(3)).await;
        assert_eq!(house.progress(&id).await, "timed_out in support, accept_timeout", "nobody talks any more");
    }

    async fn nobody_waits_for_a_card_that_slack_does_not_take(house: House) {
        house.with_queues(|queue| queue.accept_within = Duration::from_mins(10)).await;
        house.slack.offline(true);
        let id = house.is_handed_off(json!({})).await;
        assert_eq!(house.control().await, "pending, paused, 1");
        house.wait(Duration::from_mins(11)).await;
        assert_eq!(house.progress(&id).await, "timed_out in support, accept_timeout");
        assert_eq!(house.control().await, "bot, active, 2");
        house.slack.offline(false);
        house.wait(Duration::from_mins(30)).await;
        assert!(house.dm().iter().any(|line| line.contains("nobody at Initech is free right now")), "{:?}", house.dm());
        assert!(house.slack.history(HUB, HELPDESK).last().unwrap().text.contains("you can still pick."));
    }

    async fn a_room_that_cannot_be_made_ends_with_words_that_help(house: House) {
        house.with_queues(|_| ()).await;
        let id = house.is_handed_off(json!({ "summary": "You wanted a refund." })).await;
        house.slack.fail_next("conversations.create", Fault::Error("restricted_action".into()));
        house.clicks(JANE, HELPDESK, action::PICK).await;
        assert!(house.progress(&id).await.starts_with("failed in support"), "{}", house.progress(&id).await);
        assert_eq!(house.control().await, "bot, active, 3");
        let told = house.dm().pop().unwrap();
        assert!(told.contains(&id) && told.contains("You wanted a refund."), "{told}");
        // And it can be tried again.
        house.clicks(JANE, HELPDESK, action::PICK).await;
        assert_eq!((house.progress(&id).await.as_str(), house.rooms().len()), ("accepted in support", 1));
    }

    async fn handing_back_tells_the_bot_where_to_go_on(house: House) {
        house.with_queues(|_| ()).await;
        let id = house.is_handed_off(json!({})).await;
        house.clicks(JANE, HELPDESK, action::PICK).await;
        let last = house.phil_says("Thank you!").await;
        assert_eq!(house.types(JANE, "cs-phil", "handback Refunded by hand.").await, "Expense Bot is back with Phil.");
        assert_eq!(house.progress(&id).await, "completed in support, handback");
        let data = house.bot.heard_of("conversation.unpaused")[0]["data"].clone();
        assert_eq!(
            (&data["reason"], &data["handback_note"], &data["resume_after"]),
            (&json!("handback"), &json!("Refunded by hand."), &json!(last))
        );
        assert_eq!(house.rooms(), ["cs-phil"]);
        assert_eq!(house.control().await, "bot, active, 3");
    }

    async fn a_second_agent_is_told_who_handles_the_customer_and_may_take_over(house: House) {
        house.with_queues(|_| ()).await;
        let id = house.is_handed_off(json!({})).await;
        house.clicks(JANE, HELPDESK, action::PICK).await;
        let room = house.slack.channel(HUB, "cs-phil").unwrap().id;
        house.slack.join_channel(HUB, &room, RAJ).unwrap();
        house.slack.say(HUB, RAJ, "cs-phil", "May I?").unwrap();
        house.slack.say(HUB, RAJ, "cs-phil", "Phil?").unwrap();
        house.settle().await;
        let whispers = house.whispers(RAJ, "cs-phil");
        assert_eq!(whispers, ["Megatron ▸ [card] Jane is handling Phil. Your message goes out all the same. (only visible to you)"]);
        assert!(house.dm().last().unwrap().contains("Phil?"));

        let spot = Spot::Ephemeral { channel: room, ts: house.slack.ephemerals(HUB, RAJ, "cs-phil")[0].ts.clone() };
        assert_eq!(house.slack.click(HUB, RAJ, &spot, action::TAKE_OVER).await.unwrap().status, 200);
        house.settle().await;
        assert_eq!(house.handoff(&id).await["assignee"]["name"], "Raj");
        assert!(house.notices("cs-phil").iter().any(|line| line.contains("Raj has taken over from Jane.")));
        assert!(house.posts("cs-phil")[0].blocks.to_string().contains("handled by *Raj*"));
    }

    async fn targets_are_told_in_time_and_when_they_have_passed(house: House) {
        house.with_queues(|queue| {
            queue.accept_target = Duration::from_mins(4);
            queue.response_target = Duration::from_mins(8);
        }).await;
        house.is_handed_off(json!({})).await;
        let told = |house: &House| -> Vec<String> {
            house.slack.history(HUB, HELPDESK).iter().map(|post| post.text.chars().next().unwrap()).filter(|sign| "🟡🔴".contains(*sign)).map(String::from).collect()
        };
        house.wait(Duration::from_mins(3)).await;
        assert_eq!(told(&house), ["🟡"]);
        house.wait(Duration::from_mins(1)).await;
        assert_eq!(told(&house), ["🟡", "🔴"]);
        house.clicks(JANE, HELPDESK, action::PICK).await;
        house.wait(Duration::from_mins(2)).await;
        assert_eq!(told(&house), ["🟡", "🔴", "🟡"]);
        house.jane_writes("cs-phil", "Hello!").await;
        house.wait(Duration::from_mins(20)).await;
        assert_eq!(told(&house), ["🟡", "🔴", "🟡"]);
    }

    async fn after_a_transfer_the_target_for_an_answer_runs_anew(house: House) {
        house.with_queues(|queue| queue.response_target = Duration::from_mins(8)).await;
        let id = house.is_handed_off(json!({})).await;
        house.clicks(JANE, HELPDESK, action::PICK).await;
        house.jane_writes("cs-phil", "Hello!").await;
        let first = house.handoff(&id).await["answered_at"].clone();
        house.types(JANE, "cs-phil", "transfer billing").await;
        house.clicks(RAJ, BILLING, action::PICK).await;
        house.phil_says("And now?").await;
        house.wait(Duration::from_mins(6)).await;
        assert!(house.slack.history(HUB, BILLING).pop().unwrap().text.starts_with('🟡'));
        assert!(first.is_string());
        assert_eq!(house.handoff(&id).await["answered_at"], first, "the first answer of all stays");
    }

    async fn consoles_outside_of_slack_do_the_same(house: House) {
        house.with_queues(|_| ()).await;
        let id = house.is_handed_off(json!({})).await;
        let (status, wrong) = house.steps(&id, "accept", json!({})).await;
        assert_eq!((status, &wrong["errors"][0]["path"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("agent_id")));
        let (status, accepted) = house.steps(&id, "accept", json!({ "agent_id": JANE })).await;
        assert_eq!((status, &accepted["state"]), (StatusCode::OK, &json!("accepted")));
        let (status, taken) = house.steps(&id, "accept", json!({ "agent_id": RAJ })).await;
        assert_eq!((status, &taken["code"], &taken["assignee"]["name"]), (StatusCode::CONFLICT, &json!("taken"), &json!("Jane")));
        let (status, _) = house.steps(&id, "transfer", json!({ "queue": "billing" })).await;
        assert_eq!((status, house.progress(&id).await.as_str()), (StatusCode::OK, "transferred in billing"));
        let (status, _) = house.steps(&id, "decline", json!({ "agent_id": RAJ })).await;
        assert_eq!((status, house.progress(&id).await.as_str()), (StatusCode::OK, "accepted in support"));
        house.types(JANE, "cs-phil", "close").await;

        let next = house.is_handed_off(json!({})).await;
        let (status, _) = house.steps(&next, "cancel", json!({})).await;
        assert_eq!((status, house.progress(&next).await.as_str()), (StatusCode::OK, "cancelled in support, cancelled"));
        assert_eq!(house.control().await.split(',').next(), Some("bot"));
        let (status, _) = house.api(Method::GET, "v1/handoffs/nonesuch", None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }

    async fn a_crash_at_the_card_posts_it_once(house: House) {
        house.with_queues(|_| ()).await;
        let path = format!("v1/conversations/{ACME}/{PHILS_DM}/handoffs");
        let (status, answer) = house.api(Method::POST, &path, Some(json!({ "user_id": PHIL }))).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        house.crash_during("chat.postMessage", Fault::HangAfter).await;
        let told = house.dm().iter().filter(|line| *line == ASKED).count();
        let cards = house.slack.history(HUB, HELPDESK).iter().filter(|post| post.by_app).count();
        assert_eq!((told, cards), (1, 1));
        house.clicks(JANE, HELPDESK, action::PICK).await;
        assert_eq!(house.progress(answer["id"].as_str().unwrap()).await, "accepted in support");
    }

    async fn what_is_kept_of_a_handoff_is_erased_with_the_customer(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_says("help!").await;
        let id = house.is_handed_off(json!({ "summary": "Secretly pregnant." })).await;
        let (status, _) = house.api(Method::DELETE, &format!("v1/customers/{ACME}/{PHIL}"), None).await;
        assert!(status.is_success());
        house.settle().await;
        let (status, _) = house.api(Method::GET, &format!("v1/handoffs/{id}"), None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(!house.everything().await.join("\n").contains("pregnant"));
        // Ids are not given twice.
        assert_ne!(house.is_handed_off(json!({})).await, id);
    }

    async fn whoever_is_erased_while_they_wait_is_told_of_no_more_and_a_late_click_is_answered(house: House) {
        house.with_queues(|queue| queue.priority_group = vec![RAJ.to_owned()]).await;
        house.phil_says("help!").await;
        house.is_handed_off(json!({ "summary": "Secretly pregnant." })).await;
        let shown = || {
            let cards = house.slack.history(HUB, HELPDESK).into_iter();
            cards.map(|card| (card.ts, card.text, card.blocks)).collect::<Vec<_>>()
        };
        let before = shown();
        let (status, _) = house.api(Method::DELETE, &format!("v1/customers/{ACME}/{PHIL}"), None).await;
        assert!(status.is_success());
        house.wait(Duration::from_mins(10)).await;
        assert_eq!(shown(), before);
        assert_eq!(house.clicks(JANE, HELPDESK, action::PICK).await, "This is not known any more.");
        assert_eq!(shown(), before);
        assert_eq!(house.rooms(), [""; 0]);
    }
}

/// Whoever pauses the bot while the customer waits is the human they wait for.
mod taking_the_floor {
    use super::*;

    scenarios! {
        async fn by_a_pause(house: House) {
            house.with_queues(|_| ()).await;
            house.phil_says("help!").await;
            let id = house.is_handed_off(json!({})).await;
            house.jane_types("open phil").await;
            house.types(JANE, "cs-phil", "pause").await;
            assert_eq!(house.progress(&id).await, "accepted in support");
            assert_eq!(house.handoff(&id).await["assignee"]["name"], "Jane");
            house.types(JANE, "cs-phil", "unpause").await;
            assert_eq!(house.progress(&id).await, "completed in support, command");
        }

        async fn by_an_unpause_of_a_request_that_waits(house: House) {
            house.with_queues(|_| ()).await;
            house.phil_says("help!").await;
            let id = house.is_handed_off(json!({})).await;
            house.jane_types("unpause phil").await;
            assert_eq!(house.progress(&id).await, "cancelled in support, command");
            assert_eq!(house.control().await, "bot, active, 2");
        }
    }
}

/// What the bot may do meanwhile is the operator's choice.
mod while_the_customer_waits {
    use super::*;
    use megatron::config::WhilePending;

    async fn control(house: &House) -> Value {
        house.with_queues(|_| ()).await;
        house.bot_hands_off(json!({})).await.1["conversation"]["control"].clone()
    }

    scenarios! {
        async fn the_bot_may_go_on(house: House) {
            house.restart_adjusted(|config| config.bots[0].while_pending = WhilePending::Answer).await;
            assert_eq!(control(&house).await, json!({ "holder": "pending", "paused": false, "epoch": 1 }));
            assert_eq!(house.bot.heard_types(), [""; 0]);
            house.clicks(JANE, HELPDESK, action::PICK).await;
            assert_eq!(house.bot.heard_types()[0], "conversation.paused");
        }

        async fn a_bot_that_is_silent_stays_so_when_it_is_switched_off_and_on(house: House) {
            control(&house).await;
            house.jane_types("bot off").await;
            house.jane_types("bot on").await;
            assert_eq!(house.bot.heard_types(), ["conversation.paused"], "nothing tells it to answer");
            assert_eq!(house.control().await, "pending, paused, 3");
            house.clicks(JANE, HELPDESK, action::DECLINE).await;
            assert_eq!(house.bot.heard_types(), ["conversation.paused", "conversation.unpaused"]);
        }

        async fn the_bot_is_silent(house: House) {
            house.restart_adjusted(|config| config.bots[0].while_pending = WhilePending::Hold).await;
            assert_eq!(control(&house).await, json!({ "holder": "pending", "paused": true, "epoch": 1 }));
            house.restart().await;
            assert_eq!(house.control().await, "pending, paused, 1");
        }
    }
}
