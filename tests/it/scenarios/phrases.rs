//! The customer asks for a human in words, and ends it with a word.

use megatron::demo::cast::{API_KEY, HUB, JANE, PHILS_DM};
use megatron::render::phrases::{Commands, Phrases};
use megatron::takeover::cards::action;
use reqwest::Method;

use crate::support::house::message_of_phil;
use crate::support::queues::HELPDESK;
use crate::support::scenarios;

const ASKED: &str = "Expense Bot ▸ I have asked somebody at Initech to help you. They will answer right here.";
const GOES_ON: &str = "Expense Bot ▸ Expense Bot is here to help you.";

scenarios! {
    async fn words_that_ask_for_a_human_are_heard_where_nobody_watches(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_says("I want to TALK to a human, please!").await;
        assert_eq!(house.dm().last().unwrap(), ASKED);
        assert_eq!(house.control().await, "pending, paused, 1");
        assert_eq!(house.handoffs().await, ["offered in support"]);
        let card = house.newest_card(HELPDESK);
        for words in ["*Phil* of *Acme* asks for a human", "I want to TALK to a human, please!"] {
            assert!(card.contains(words), "{words}: {card}");
        }

        house.clicks(JANE, HELPDESK, action::PICK).await;
        assert_eq!(house.talk("cs-phil")[0], "Phil: I want to TALK to a human, please!");
    }

    async fn words_like_them_are_not(house: House) {
        house.with_queues(|_| ()).await;
        for text in ["talk to a superhuman", "human", "Are you an alive agent?", "/end", "help!"] {
            house.phil_says(text).await;
        }
        house.bot_says("You can always talk to a human").await;
        let rows = [house.count("conversations").await, house.count("seen").await, house.count("outbox").await];
        assert_eq!(rows, [0, 0, 0], "nothing was written for any of them");
    }

    async fn no_spelling_of_json_hides_them(house: House) {
        house.with_queues(|_| ()).await;
        let body = message_of_phil("1795168800.000100", "please, talk to a human").to_string();
        let body = body.replace("talk to a human", r"\u0074alk to\na hum\u0061n");
        let request = house.request(Method::POST, "ingest").bearer_auth(API_KEY).header("content-type", "application/json");
        let answer: serde_json::Value = request.body(body).send().await.unwrap().json().await.unwrap();
        assert_eq!((&answer["watched"], &answer["control"]["paused"]), (&true.into(), &true.into()), "{answer}");
        house.settle().await;
        assert_eq!(house.handoffs().await, ["offered in support"]);
    }

    async fn each_bot_has_words_of_its_own(house: House) {
        house.with_queues(|_| ()).await;
        house.restart_adjusted(|config| {
            config.bots[0].handoff_phrases = Phrases::try_from(vec!["echten Menschen".to_owned()]).unwrap();
            config.bots[0].end_phrases = Commands::from(vec!["tschüss".to_owned()]);
        }).await;
        house.phil_says("talk to a human").await;
        assert_eq!(house.handoffs().await, [""; 0]);
        house.phil_says("Gibt es hier einen echten Menschen?").await;
        assert_eq!(house.handoffs().await, ["offered in support"]);
        house.phil_says("/end").await;
        assert_eq!(house.handoffs().await, ["offered in support"]);
        house.phil_says("Tschüss").await;
        assert_eq!(house.handoffs().await, ["cancelled in support, customer_ended"]);
    }

    async fn who_waits_takes_it_back_with_a_word_and_may_ask_again(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_says("live agent").await;
        house.phil_says("/end_chat").await;
        assert_eq!(house.dm().last().unwrap(), GOES_ON);
        assert_eq!(house.control().await, "bot, active, 2");
        assert_eq!(house.handoffs().await, ["cancelled in support, customer_ended"]);
        assert!(house.newest_card(HELPDESK).contains("The customer has ended it."));
        let end = house.slack.history(megatron::demo::cast::ACME, PHILS_DM);
        let end = end.iter().rfind(|post| post.text == "/end_chat").unwrap();
        let back = &house.bot.heard_of("conversation.unpaused")[0]["data"];
        assert_eq!((&back["reason"], &back["resume_after"]), (&"customer_ended".into(), &end.ts.as_str().into()));

        house.phil_says("no, a live agent").await;
        assert_eq!(house.handoffs().await[1], "offered in support");
        assert_eq!(house.control().await, "pending, paused, 3");
    }

    async fn who_is_with_an_agent_closes_the_room_with_a_word(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_says("live agent").await;
        house.clicks(JANE, HELPDESK, action::PICK).await;
        house.jane_writes("cs-phil", "Hi, Jane here.").await;
        let room = house.slack.channel(HUB, "cs-phil").unwrap().id;
        house.phil_says("  /Restart ").await;
        assert_eq!(house.rooms(), [""; 0]);
        assert_eq!(house.notices(&room).last().unwrap(), "🗄️ *The customer closed this room.* Expense Bot answers again.");
        assert!(!house.talk(&room).iter().any(|line| line.contains("estart")), "{:?}", house.talk(&room));
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ Expense Bot is back.");
        assert_eq!(house.control().await, "bot, active, 3");
        assert_eq!(house.handoffs().await, ["completed in support, customer_ended"]);
        assert_eq!(house.bot.heard_of("conversation.closed")[0]["data"]["reason"], "customer_ended");

        house.phil_says("live agent").await;
        house.clicks(JANE, HELPDESK, action::PICK).await;
        assert_eq!(house.handoffs().await[1], "accepted in support");
        assert_eq!(house.rooms(), ["cs-phil"]);
    }

    async fn a_pause_without_a_room_ends_with_a_word(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        house.jane_types("pause phil").await;
        house.phil_says("/end").await;
        assert_eq!(house.control().await, "bot, active, 2");
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ Expense Bot is back.");
    }

    async fn while_the_bot_answers_the_words_that_end_it_are_for_the_bot(house: House) {
        house.with_open_room().await;
        house.phil_says("/restart").await;
        assert_eq!(house.rooms(), ["cs-phil"]);
        assert_eq!(house.talk("cs-phil").last().unwrap(), "Phil: /restart");
    }

    async fn while_an_agent_answers_the_words_that_ask_are_words(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_says("help!").await;
        house.jane_types("open phil").await;
        house.types(JANE, "cs-phil", "pause").await;
        house.phil_says("Do I talk to a human?").await;
        assert_eq!(house.talk("cs-phil").last().unwrap(), "Phil: Do I talk to a human?");
        assert_eq!(house.handoffs().await, [""; 0]);
    }

    async fn who_is_asked_for_an_address_may_ask_or_end_instead(house: House) {
        house.with_queues(|queue| queue.channel.clear()).await;
        house.phil_says("live agent").await;
        assert_eq!(house.handoffs().await, ["timed_out in support, no_agent"]);
        house.phil_says("I said live agent").await;
        assert_eq!(house.handoffs().await.len(), 2);
        house.phil_says("/end").await;
        assert_eq!(house.dm().last().unwrap(), GOES_ON);
        house.phil_says("just saying").await;
        let contacts = house.texts("SELECT state FROM handoffs").await.concat();
        assert!(!contacts.contains("just saying") && !contacts.contains("/end\""), "{contacts}");
    }
}
