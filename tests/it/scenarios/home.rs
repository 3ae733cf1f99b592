//! The app's Home: what an agent has to do, kept fresh, and done there.

use std::time::Duration;

use megatron::demo::cast::{ACME, HUB, HUB_APP, JANE, PHILIPPA, PHILIPPAS_DM, RAJ};
use megatron::simulator::Fault;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::house::House;
use crate::support::scenarios;

const SECOND: Duration = Duration::from_secs(1);
/// How long a Home rests.
const REST: Duration = Duration::from_secs(15);
const NOBODY: &str =
    "Nobody is waiting, and no room is open. Find a customer above, or type `/megatron open <name>` anywhere.";

impl House {
    /// Philippa asks for a human, too.
    async fn philippa_asks(&self) -> String {
        self.says(PHILIPPA, PHILIPPAS_DM, "hello").await;
        let path = format!("v1/conversations/{ACME}/{PHILIPPAS_DM}/handoffs");
        let (status, answer) =
            self.api(Method::POST, &path, Some(json!({ "user_id": PHILIPPA, "queue": "billing" }))).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        self.settle().await;
        answer["id"].as_str().unwrap().to_owned()
    }
}

scenarios! {
    async fn where_there_is_nothing_to_do_it_says_how_to_begin(house: House) {
        house.opens_home(JANE).await;
        assert_eq!(house.slack.home_lines(HUB, JANE)[0], "*Find a customer*\nChoose somebody, and their room opens with you in it. [Type a name]");
        assert_eq!(house.home(JANE), [NOBODY]);
        assert!(house.slack.home(HUB, RAJ).is_none(), "he has not opened his");
    }

    async fn everybody_stands_there_once_under_what_is_to_be_done(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_says("help!").await;
        house.is_handed_off(json!({ "reason": "The receipt is\nlost & gone" })).await;
        house.philippa_asks().await;
        house.types(RAJ, "support", "pick philippa").await;
        house.opens_home(JANE).await;
        assert_eq!(house.home_parts(JANE), ["Waiting for somebody: Phil", "Other open rooms: Philippa"]);
        let home = house.home(JANE).join("\n");
        assert!(home.contains("*Phil*: waits for a human, no room, in *support*\nof Acme · has waited since <!date^1795168800^{time}, {ago}|"), "{home}");
        assert!(home.contains("The receipt is lost &amp; gone\n[Pick]"), "{home}");
        assert!(home.contains("*Philippa*: Expense Bot is paused, <#"), "{home}");
        assert!(home.contains("in *billing*, handled by Raj\nof Acme\n[Join] [Take over]"), "{home}");

        house.opens_home(RAJ).await;
        assert_eq!(house.home_parts(RAJ), ["Your conversations: Philippa", "Waiting for somebody: Phil"]);
        assert_eq!(house.home_buttons(RAJ, "Philippa"), ["Go to the room", "Unpause the bot", "Close"]);
    }

    async fn whoever_has_waited_too_long_comes_first(house: House) {
        house.with_queues(|queue| queue.accept_target = Duration::from_mins(4)).await;
        house.philippa_asks().await;
        house.is_handed_off(json!({})).await;
        house.opens_home(JANE).await;
        assert_eq!(house.home_parts(JANE), ["Waiting for somebody: Philippa Phil"]);
        house.wait(Duration::from_mins(5)).await;
        assert_eq!(house.home_parts(JANE), ["Late: Philippa Phil"]);
        assert!(house.home(JANE).join("\n").contains("⏰ *late*: nobody has picked"));
        house.presses_at_home(JANE, "Phil", "Pick").await;
        assert_eq!(house.home_parts(JANE), ["Late: Philippa", "Your conversations: Phil"]);
    }

    async fn whom_nobody_has_answered_in_time_is_late_too(house: House) {
        house.with_queues(|queue| queue.response_target = Duration::from_mins(4)).await;
        house.phil_says("help!").await;
        house.is_handed_off(json!({})).await;
        house.jane_types("pick phil").await;
        house.opens_home(RAJ).await;
        house.wait(Duration::from_mins(5)).await;
        assert_eq!(house.home_parts(RAJ), ["Late: Phil"]);
        assert!(house.home(RAJ).join("\n").contains("⏰ *late*: no answer so far\n[Join] [Take over]"), "{:?}", house.home(RAJ));
        house.jane_writes("cs-phil", "Here I am").await;
        house.wait(REST).await;
        assert_eq!(house.home_parts(RAJ), ["Other open rooms: Phil"]);
    }

    async fn what_one_does_is_done_on_the_home(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_says("help!").await;
        let id = house.is_handed_off(json!({})).await;
        house.opens_home(JANE).await;
        house.presses_at_home(JANE, "Phil", "Pick").await;
        assert_eq!(house.progress(&id).await, "accepted in support");
        assert_eq!(house.reads(JANE), "You are handling Phil now. The room is on its way.");
        house.closes(JANE).await;
        assert_eq!(house.home_parts(JANE), ["Your conversations: Phil"], "at once");

        house.wait(REST).await;
        let home = house.slack.home(HUB, JANE).unwrap().to_string();
        let room = house.slack.channel(HUB, "cs-phil").unwrap().id;
        assert!(home.contains(&format!("slack.com/archives/{room}")), "{home}");
        house.presses_at_home(JANE, "Phil", "Go to the room").await;
        assert!(house.slack.modals(HUB, JANE).is_empty(), "a link needs no answer");
        house.presses_at_home(JANE, "Phil", "Unpause the bot").await;
        assert_eq!(house.control().await, "bot, active, 3");
        assert_eq!(house.reads(JANE), "Expense Bot is being unpaused for Phil.");
        house.closes(JANE).await;
        assert_eq!(house.home_parts(JANE), ["Other open rooms: Phil"], "nobody handles him any more");
        assert_eq!(house.home_buttons(JANE, "Phil"), ["Join", "Pause the bot", "Close"]);
        house.presses_at_home(JANE, "Phil", "Pause the bot").await;
        assert_eq!(house.control().await, "human, paused, 4");
        house.closes(JANE).await;
        house.presses_at_home(JANE, "Phil", "Close").await;
        assert!(house.rooms().is_empty());
        assert_eq!(house.home(JANE), [NOBODY]);
    }

    async fn a_room_of_others_is_joined_and_taken_over(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.opens_home(RAJ).await;
        house.presses_at_home(RAJ, "Phil", "Join").await;
        assert!(house.slack.members(HUB, "cs-phil").contains(&RAJ.to_owned()));
        assert!(house.reads(RAJ).starts_with("The room for Phil is <#"), "{}", house.reads(RAJ));
        house.closes(RAJ).await;
        house.slack.leave(HUB, RAJ, "cs-phil").unwrap();
        house.presses_at_home(RAJ, "Phil", "Take over").await;
        assert!(house.slack.members(HUB, "cs-phil").contains(&RAJ.to_owned()));
        assert_eq!(house.home_parts(RAJ), ["Your conversations: Phil"]);
        assert!(house.notices("cs-phil").iter().any(|line| line.contains("Raj has taken over from Jane")));
    }

    async fn who_is_paused_without_a_room_is_not_forgotten(house: House) {
        house.knows_acme().await;
        house.phil_says("hi").await;
        house.jane_types("pause phil").await;
        house.opens_home(RAJ).await;
        assert_eq!(house.home_parts(RAJ), ["Paused, without a room: Phil"]);
        house.presses_at_home(RAJ, "Phil", "Open a room").await;
        assert_eq!(house.rooms(), ["cs-phil"]);
        house.closes(RAJ).await;
        house.wait(REST).await;
        assert_eq!(house.home_parts(RAJ), ["Other open rooms: Phil"]);
    }

    async fn a_bot_that_is_switched_off_is_shown_and_switched_on(house: House) {
        house.opens_home(JANE).await;
        house.types(RAJ, "support", "bot off").await;
        house.wait(REST).await;
        assert_eq!(house.home(JANE), ["⏸️ *Expense Bot* is switched off: it answers nobody.", "[Switch it on]", NOBODY]);
        house.presses_at_home(JANE, "Expense Bot", "Switch it on").await;
        assert_eq!(house.home(JANE), [NOBODY]);
        assert!(house.types(RAJ, "support", "audit").await.contains("Jane switched the bot expenses on"));
    }

    async fn a_customer_is_found_and_their_room_opened(house: House) {
        house.knows_acme().await;
        house.phil_says("hi").await;
        house.says(PHILIPPA, PHILIPPAS_DM, "hi").await;
        house.opens_home(JANE).await;
        let offered = house.searches_at_home(JANE, "long").await;
        assert_eq!(offered[0].0, "Philippa (Philippa Long), Acme, philippa@acme.example");
        house.chooses_at_home(JANE, &offered[0].1).await;
        assert_eq!(house.reads(JANE), "Opening a room for Philippa …");
        house.closes(JANE).await;
        assert_eq!(house.rooms(), ["cs-philippa"]);
        house.wait(REST).await;
        assert_eq!(house.home_parts(JANE), ["Other open rooms: Philippa"]);
        house.chooses_at_home(JANE, &offered[0].1).await;
        assert!(house.reads(JANE).starts_with("The room for Philippa is <#"), "{}", house.reads(JANE));
    }

    async fn what_changes_is_shown_soon_but_not_each_time(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_says("help!").await;
        house.opens_home(JANE).await;
        house.is_handed_off(json!({})).await;
        house.philippa_asks().await;
        house.wait(14 * SECOND).await;
        assert_eq!((house.times_shown_home(JANE), house.home(JANE)), (1, vec![NOBODY.to_owned()]));
        house.wait(SECOND).await;
        assert_eq!(house.times_shown_home(JANE), 2);
        assert_eq!(house.home_parts(JANE), ["Waiting for somebody: Phil Philippa"]);
        for _ in 0..3 {
            house.types(RAJ, "support", "pause U0PHIL").await;
            house.types(RAJ, "support", "unpause U0PHIL").await;
        }
        house.phil_says("still there?").await;
        house.wait(Duration::from_mins(5)).await;
        assert_eq!(house.times_shown_home(JANE), 3, "what is said stands on no Home");
    }

    async fn whoever_opens_it_again_sees_it_at_once(house: House) {
        house.with_open_room().await;
        house.opens_home(JANE).await;
        house.types(JANE, "cs-phil", "close").await;
        house.opens_home(JANE).await;
        assert_eq!(house.home(JANE), [NOBODY]);
        house.slack.open_app_home(HUB, JANE, HUB_APP, "messages");
        house.wait(Duration::from_mins(1)).await;
        assert!(house.times_shown_home(JANE) <= 3, "the other tab shows nothing of it");
    }

    async fn a_restart_loses_no_change_and_another_process_publishes_it(house: House) {
        house.with_open_room().await;
        house.opens_home(JANE).await;
        house.types(RAJ, "support", "pause phil").await;
        house.restart().await;
        house.wait(REST).await;
        assert_eq!(house.home_parts(JANE), ["Other open rooms: Phil"]);
        assert!(house.home(JANE).join("\n").contains("Expense Bot is paused"));
        let other = house.another().await;
        house.types(RAJ, "support", "close phil").await;
        house.clock.advance(REST);
        while other.step().await.unwrap() {}
        house.wait(REST).await;
        assert_eq!(house.home(JANE), [NOBODY]);
    }

    async fn nobody_looks_at_it_for_ever(house: House) {
        house.with_open_room().await;
        house.opens_home(JANE).await;
        house.wait(Duration::from_mins(61)).await;
        let before = house.times_shown_home(JANE);
        house.types(RAJ, "support", "pause phil").await;
        house.wait(Duration::from_mins(1)).await;
        assert_eq!(house.times_shown_home(JANE), before);
        house.opens_home(JANE).await;
        assert_eq!(house.times_shown_home(JANE), before + 1);
    }

    async fn a_publication_that_slack_puts_off_comes_later(house: House) {
        house.with_open_room().await;
        house.slack.fail_times("views.publish", 2, Fault::Http500Before);
        house.opens_home(JANE).await;
        house.wait(Duration::from_mins(1)).await;
        assert_eq!(house.home_parts(JANE), ["Other open rooms: Phil"]);
    }

    async fn where_slack_shows_no_home_it_is_not_tried_for_ever(house: House) {
        house.with_open_room().await;
        house.slack.fail_next("views.publish", Fault::Error("not_enabled".into()));
        house.opens_home(JANE).await;
        house.types(RAJ, "support", "pause phil").await;
        house.wait(Duration::from_mins(5)).await;
        assert_eq!(house.times_shown_home(JANE), 1);
        assert_eq!(house.count("outbox").await, 0);
    }

    async fn only_agents_see_customers_there(house: House) {
        house.restart_with(&format!("support.agents = ['{JANE}']")).await;
        house.with_open_room().await;
        house.opens_home(RAJ).await;
        let nothing = "Here the agents of Initech see their customers. You are not one of them, so there is nothing for you here.";
        assert_eq!(house.slack.home_lines(HUB, RAJ), [nothing]);
        house.opens_home(JANE).await;
        house.restart_with(&format!("support.agents = ['{RAJ}']")).await;
        house.presses_at_home(JANE, "Phil", "Join").await;
        assert_eq!(house.reads(JANE), "Only agents can use this, and you are not one of them. Nothing was changed.");
        assert_eq!(house.slack.home_lines(HUB, JANE), [nothing]);
        assert_eq!(house.control().await, "bot, active, 0");
    }

    async fn more_than_it_holds_are_counted(house: House) {
        house.knows_acme().await;
        for number in 0..30 {
            let (user, dm) = (format!("U0TWIN{number}"), format!("D0TWIN{number}"));
            house.comes(&user, &dm, &format!("Twin {number}"), "", "");
            house.slack.say(ACME, &user, &dm, "hi").unwrap();
        }
        house.bot_passes_on().await;
        house.wait(Duration::from_mins(2)).await;
        for number in 0..30 {
            let who = if number < 12 { JANE } else { RAJ };
            house.types(who, "support", &format!("pause U0TWIN{number}")).await;
        }
        house.opens_home(JANE).await;
        let home = house.home(JANE);
        assert_eq!(home.iter().filter(|line| line.starts_with("*Twin")).count(), 10 + 5);
        assert!(home.contains(&"… and 2 more: `/megatron list` names them all.".to_owned()), "{home:#?}");
        assert!(home.contains(&"… and 13 more: `/megatron list` names them all.".to_owned()), "{home:#?}");
    }
}
