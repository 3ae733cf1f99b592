//! A queue gives its customers to agents who are online.

use std::time::Duration;

use megatron::demo::cast::{ACME, HUB, JANE, PHIL, PHILS_DM, RAJ};
use megatron::simulator::{Fault, User};
use megatron::store::queues;
use megatron::takeover::cards::action;
use megatron::takeover::handoff::hours::Hours;
use megatron::takeover::handoff::queue::{Allocation, Queue};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::house::House;
use crate::support::queues::{BILLING, HELPDESK};
use crate::support::scenarios;

fn gives(queue: &mut Queue) {
    if queue.label == "support" {
        queue.allocation = Allocation::Auto;
    }
}

impl House {
    fn goes_away(&self, user: &str) {
        self.slack.set_away(HUB, user, true).unwrap();
    }

    /// So many others join the channel of the queue `support`; their ids come before those of Jane and Raj.
    fn others_join(&self, count: usize) -> Vec<String> {
        let ids = (0..count).map(|number| format!("U0A{number:02}"));
        let channel = self.slack.channel(HUB, HELPDESK).unwrap().id;
        ids.inspect(|id| {
            self.slack.add_user(HUB, User { id: id.clone(), name: id.to_lowercase(), ..User::default() }).unwrap();
            self.slack.join_channel(HUB, &channel, id).unwrap();
        })
        .collect()
    }

    /// Who handles it, by name.
    async fn assignee(&self, id: &str) -> Value {
        self.handoff(id).await["assignee"]["name"].clone()
    }

    /// A further customer asks for a human; the DM, and the id.
    async fn another_asks(&self, name: &str) -> (String, String) {
        let (user, dm) = (format!("U0{}", name.to_uppercase()), format!("D0{}", name.to_uppercase()));
        self.comes(&user, &dm, name, name, &format!("{name}@acme.example"));
        let path = format!("v1/conversations/{ACME}/{dm}/handoffs");
        let (status, answer) = self.api(Method::POST, &path, Some(json!({ "user_id": user }))).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        self.settle().await;
        (dm, answer["id"].as_str().unwrap().to_owned())
    }

    /// The room for the customer with this DM is closed, and the agent is done.
    async fn is_done(&self, dm: &str) {
        let path = format!("v1/conversations/{ACME}/{dm}/close");
        let (status, answer) = self.api(Method::POST, &path, Some(json!({}))).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        self.wait(Duration::from_mins(1)).await;
    }

    /// What the hub app has told somebody in person.
    fn told_in_person(&self, user: &str) -> Vec<String> {
        let dms = self.slack.channels(HUB).into_iter().filter(|channel| channel.id.starts_with('D'));
        let dm = dms.into_iter().find(|dm| self.slack.members(HUB, &dm.id).contains(&user.to_owned()));
        dm.map(|dm| self.slack.history(HUB, &dm.id).into_iter().map(|post| post.text).collect()).unwrap_or_default()
    }
}

scenarios! {
    async fn a_customer_is_given_to_an_agent_who_is_online(house: House) {
        house.with_queues(gives).await;
        house.goes_away(RAJ);
        house.phil_says("help!").await;
        let (status, answer) = house.bot_hands_off(json!({ "role": "support", "find_online_agent": true })).await;
        assert_eq!((status, &answer["state"]), (StatusCode::CREATED, &json!("requested")), "{answer}");
        let id = answer["id"].as_str().unwrap();
        assert_eq!((house.progress(id).await, house.assignee(id).await), ("accepted in support".into(), json!("Jane")));
        assert_eq!(house.control().await, "human, paused, 2");
        assert!(house.slack.members(HUB, "cs-phil").contains(&JANE.to_owned()));
        let told = house.told_in_person(JANE);
        assert_eq!(told[0], "👋 *Phil* asks for a human in *support*, and you are online: they are yours.");
        assert!(told[1].contains("*Processing by Jane*") && told[1].contains("|cs-phil>"), "{told:?}");
        let card = house.slack.history(HUB, HELPDESK).pop().unwrap();
        assert!(card.text.contains("*Processing by Jane*"), "{}", card.text);
        let line = format!("Megatron gave the customer to <@{JANE}>, who is online");
        assert!(house.jane_types("audit phil").await.contains(&line));
    }

    async fn with_nobody_online_the_queue_is_shown_the_card_that_says_so(house: House) {
        house.with_queues(gives).await;
        house.goes_away(JANE);
        house.goes_away(RAJ);
        let id = house.is_handed_off(json!({ "role": "support" })).await;
        assert_eq!(house.progress(&id).await, "offered in support");
        let card = house.card_with(HELPDESK, action::PICK).unwrap();
        assert!(card.text.contains("Nobody here is online. Waiting for somebody to pick."), "{}", card.text);
        house.clicks(RAJ, HELPDESK, action::PICK).await;
        assert_eq!(house.assignee(&id).await, "Raj");
    }

    async fn who_has_the_fewest_customers_gets_the_next_and_then_who_rested_longest(house: House) {
        house.with_queues(gives).await;
        let first = house.is_handed_off(json!({})).await;
        let one = house.assignee(&first).await;
        let (annas, second) = house.another_asks("Anna").await;
        let other = house.assignee(&second).await;
        assert_ne!(one, other, "each has one");
        house.wait(Duration::from_mins(1)).await;
        // The second is done first, and then the first: the second has rested longer.
        house.is_done(&annas).await;
        house.is_done(PHILS_DM).await;
        let (_, third) = house.another_asks("Bert").await;
        assert_eq!(house.assignee(&third).await, other);
        let (_, fourth) = house.another_asks("Carla").await;
        assert_eq!(house.assignee(&fourth).await, one, "who has fewer now");
    }

    async fn many_who_are_away_do_not_keep_customers_waiting(house: House) {
        house.with_queues(gives).await;
        for user in house.others_join(14).iter().map(String::as_str).chain([JANE, RAJ]) {
            house.goes_away(user);
        }
        let id = house.is_handed_off(json!({})).await;
        assert_eq!(house.progress(&id).await, "offered in support");
        let (_, next) = house.another_asks("Anna").await;
        assert_eq!(house.progress(&next).await, "requested in support", "Slack is asked no faster than it wants");
        house.wait(Duration::from_secs(40)).await;
        assert_eq!(house.progress(&next).await, "offered in support");
    }

    async fn people_who_may_not_act_do_not_stand_before_those_who_may(house: House) {
        house.restart_with(&format!("support.agents = ['{RAJ}']")).await;
        house.with_queues(gives).await;
        house.others_join(26);
        let id = house.is_handed_off(json!({})).await;
        assert_eq!(house.assignee(&id).await, "Raj");
    }

    async fn a_customer_who_is_with_an_agent_is_given_to_nobody(house: House) {
        house.with_queues(gives).await;
        house.phil_says("help!").await;
        house.jane_types("open phil").await;
        house.types(JANE, "cs-phil", "pause").await;
        house.goes_away(JANE);
        let id = house.is_handed_off(json!({})).await;
        assert_eq!((house.progress(&id).await, house.assignee(&id).await), ("offered in support".into(), Value::Null));
        let card = house.card_with(HELPDESK, action::PICK).unwrap();
        assert!(!card.text.contains("Nobody here is online"), "{}", card.text);
        house.clicks(JANE, HELPDESK, action::PICK).await;
        assert_eq!(house.assignee(&id).await, "Jane");
    }

    async fn an_agent_who_takes_the_floor_meanwhile_keeps_it(house: House) {
        house.with_queues(gives).await;
        house.phil_says("help!").await;
        house.jane_types("open phil").await;
        house.slack.fail_next("users.getPresence", Fault::RateLimited { retry_after_secs: 20 });
        let id = house.is_handed_off(json!({})).await;
        house.types(JANE, "cs-phil", "pause").await;
        house.goes_away(JANE);
        house.wait(Duration::from_secs(30)).await;
        assert_ne!(house.assignee(&id).await, "Raj");
    }

    async fn where_the_queue_was_removed_meanwhile_the_default_one_gives(house: House) {
        house.with_queues(gives).await;
        let path = format!("v1/conversations/{ACME}/{PHILS_DM}/handoffs");
        let body = json!({ "user_id": PHIL, "queue": "billing" });
        let (status, answer) = house.api(Method::POST, &path, Some(body)).await;
        assert_eq!((status, &answer["queue"]), (StatusCode::CREATED, &json!("billing")), "{answer}");
        let relay = house.app.relay();
        let mut tx = relay.db.begin().await.unwrap();
        queues::remove(&mut tx, "billing").await.unwrap();
        tx.commit().await.unwrap();
        relay.watches.load_queues(&relay.db).await.unwrap();
        house.settle().await;
        assert_eq!(house.progress(answer["id"].as_str().unwrap()).await, "accepted in support");
    }

    async fn only_who_may_pick_is_given_anything(house: House) {
        house.with_queues(|queue| {
            gives(queue);
            queue.members = vec![RAJ.to_owned()];
        })
        .await;
        let id = house.is_handed_off(json!({})).await;
        assert_eq!(house.assignee(&id).await, "Raj");
    }

    async fn a_queue_that_gives_nothing_says_so_to_a_bot_that_insists(house: House) {
        house.with_queues(gives).await;
        for (body, field) in [
            (json!({ "role": "billing" }), "role"),
            (json!({ "queue": "billing", "find_online_agent": true }), "find_online_agent"),
        ] {
            let (status, problem) = house.bot_hands_off(body).await;
            assert_eq!((status.as_u16(), &problem["code"], &problem["errors"][0]["path"]), (422, &json!("allocation_off"), &json!(field)));
            assert!(problem["detail"].as_str().unwrap().contains("allocation = \"auto\" for the queue billing"), "{problem}");
        }
        for (body, field) in [
            (json!({ "role": "Support" }), "role"),
            (json!({ "role": "support", "queue": "billing" }), "role"),
            (json!({ "find_online_agent": "yes" }), "find_online_agent"),
        ] {
            let (status, problem) = house.bot_hands_off(body).await;
            assert_eq!((status.as_u16(), &problem["errors"][0]["path"]), (422, &json!(field)), "{problem}");
        }
        assert!(house.card_with(BILLING, action::PICK).is_none());
        let id = house.is_handed_off(json!({ "queue": "billing", "find_online_agent": false })).await;
        assert_eq!(house.progress(&id).await, "offered in billing");
    }

    async fn after_hours_and_when_slack_does_not_say_nobody_is_lost(house: House) {
        house.with_queues(gives).await;
        house.slack.fail_times("users.getPresence", 50, Fault::Http500Before);
        let id = house.is_handed_off(json!({})).await;
        house.wait(Duration::from_mins(2)).await;
        assert_eq!(house.progress(&id).await, "offered in support");
        let night = Hours::new("night", "UTC", &["mon-sun 00:00-01:00".to_owned()], &[]);
        let queue = house.app.relay().watches.queues()[0].clone();
        house.has_queue(&Queue { hours: Some(night), ..queue }).await;
        let (_, late) = house.another_asks("Anna").await;
        assert_eq!(house.progress(&late).await, "timed_out in support, after_hours");
    }
}
