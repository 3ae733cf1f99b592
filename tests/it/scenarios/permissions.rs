//! Who may act: agents and nobody else.

use std::time::Duration;

use megatron::clock::{Clock, ManualClock};
use megatron::commands::doctor::examine;
use megatron::demo::cast::{self, HUB, HUB_TOKEN, JANE, RAJ, SUPPORT};
use megatron::ids::Ids;
use megatron::simulator::{Fault, User};
use megatron::takeover::cards::{action, shortcut};

use crate::support::house::House;
use crate::support::scenarios;

const NOT_AN_AGENT: &str = "Only agents can use this, and you are not one of them. Nothing was changed.";
const GUEST: &str = "Guests of this workspace cannot use this. Nothing was changed.";
const NOT_SENT: &str = "Phil does not get this: only agents write to customers, and you are not one of them.";

scenarios! {
    async fn whoever_is_not_on_the_list_is_refused_everywhere_and_changes_nothing(house: House) {
        house.restart_with(&format!("support.agents = ['{JANE}']")).await;
        house.with_open_room().await;
        house.slack.join_channel(HUB, "cs-phil", RAJ).unwrap();
        let said = house.jane_writes("cs-phil", "Hi Phil").await;
        house.settle().await;
        let before = house.everything().await;
        for command in ["open phil", "pause phil", "close phil", "status phil", "list", "bot off", "do it", "help"] {
            assert_eq!(house.types(RAJ, SUPPORT, command).await, NOT_AN_AGENT, "{command}");
        }
        house.presses(RAJ, "cs-phil", action::PAUSE).await;
        house.presses(RAJ, "cs-phil", action::CLOSE).await;
        house.slack.message_shortcut(HUB, RAJ, "cs-phil", &said, shortcut::RECALL).await.unwrap();
        house.slack.react(HUB, RAJ, "cs-phil", &said, "eyes", true).unwrap();
        house.settle().await;
        house.slack.react(HUB, RAJ, "cs-phil", &said, "eyes", false).unwrap();
        house.settle().await;
        assert_eq!(house.everything().await, before);
        let whispers = house.whispers(RAJ, "cs-phil");
        assert_eq!(whispers.iter().filter(|whisper| whisper.contains(NOT_AN_AGENT)).count(), 3, "{whispers:#?}");
    }

    async fn what_they_write_in_a_room_stays_there_and_only_they_are_told(house: House) {
        house.restart_with(&format!("support.agents = ['{JANE}']")).await;
        house.with_open_room().await;
        house.slack.join_channel(HUB, "cs-phil", RAJ).unwrap();
        let dm = house.dm();
        let ts = house.slack.say(HUB, RAJ, "cs-phil", "Hi, I am Raj").unwrap();
        house.settle().await;
        house.slack.edit(HUB, RAJ, "cs-phil", &ts, "Hi, this is Raj").unwrap();
        house.settle().await;
        assert_eq!(house.dm(), dm);
        let whispers = house.whispers(RAJ, "cs-phil");
        assert_eq!(whispers.len(), 1, "{whispers:#?}");
        assert!(whispers[0].contains(NOT_SENT), "{whispers:#?}");
        assert!(house.whispers(JANE, "cs-phil").is_empty());

        house.jane_writes("cs-phil", "Hi, I am Jane").await;
        assert!(house.dm().last().unwrap().contains("Hi, I am Jane"));
    }

    async fn what_they_wrote_while_the_service_was_away_is_not_found_for_the_customer(house: House) {
        house.restart_with(&format!("support.agents = ['{JANE}']")).await;
        house.with_open_room().await;
        house.slack.join_channel(HUB, "cs-phil", RAJ).unwrap();
        house.settle().await;
        house.slack.say(HUB, RAJ, "cs-phil", "nobody hears Raj").unwrap();
        house.slack.say(HUB, JANE, "cs-phil", "Jane is heard late").unwrap();
        drop(house.lose_events());
        house.restart().await;
        house.wait(Duration::from_mins(2)).await;
        assert!(house.dm().iter().any(|line| line.contains("Jane is heard late")), "{:#?}", house.dm());
        assert!(house.dm().iter().all(|line| !line.contains("nobody hears Raj")));
    }

    async fn members_of_a_group_on_the_list_are_agents_as_long_as_they_are_in_it(house: House) {
        house.slack.add_user_group(HUB, "S0HELP", "help", &[JANE]).unwrap();
        house.restart_with("support.agents = ['S0HELP']").await;
        house.with_open_room().await;
        assert_eq!(house.types(RAJ, SUPPORT, "list").await, NOT_AN_AGENT);
        house.slack.add_user_group(HUB, "S0HELP", "help", &[RAJ]).unwrap();
        assert_eq!(house.types(RAJ, SUPPORT, "list").await, NOT_AN_AGENT, "known for five minutes");
        house.wait(Duration::from_mins(6)).await;
        assert!(house.types(RAJ, SUPPORT, "list").await.contains("*Phil*"));
        assert_eq!(house.jane_types("list").await, NOT_AN_AGENT);
        house.wait(Duration::from_mins(6)).await;
        house.slack.fail_times("usergroups.users.list", 2, Fault::Http500Before);
        assert!(house.types(RAJ, SUPPORT, "list").await.contains("*Phil*"), "as it was known");
    }

    async fn a_group_that_slack_does_not_tell_of_has_nobody_in_it_and_the_doctor_says_so(house: House) {
        house.slack.add_user_group(HUB, "S0HELP", "help", &[JANE]).unwrap();
        let more = format!("support.agents = ['S0HELP', '{RAJ}']");
        let line = async |house: &House| {
            let config = cast::config(&house.slack, house.database(), house.callbacks(), &more).unwrap();
            let clock = Clock::Manual(ManualClock::starting_at(house.now()));
            let findings = examine(&config, &clock, &Ids::Random).await.unwrap();
            findings.iter().map(ToString::to_string).find(|line| line.contains("support.agents")).unwrap()
        };
        assert_eq!(line(&house).await, "ok       support.agents, group S0HELP: members: 1");
        house.slack.take_scope(HUB_TOKEN, "usergroups:read");
        house.restart_with(&more).await;
        assert_eq!(house.jane_types("list").await, NOT_AN_AGENT);
        assert_eq!(house.types(RAJ, SUPPORT, "list").await, "No room is open, and no bot is paused.");
        assert_eq!(
            line(&house).await,
            "error    support.agents, group S0HELP: Slack does not take it (missing_scope): until Slack tells who is in it, none of them may act"
        );
    }

    async fn guests_are_no_agents_unless_they_are_named(house: House) {
        house.with_open_room().await;
        for (id, single) in [("U0GUEST", false), ("U0VISITOR", true)] {
            let guest = User { id: id.into(), name: id.to_lowercase(), is_restricted: true, is_ultra_restricted: single, ..User::default() };
            house.slack.add_user(HUB, guest).unwrap();
            house.slack.join_channel(HUB, "cs-phil", id).unwrap();
            assert_eq!(house.types(id, "cs-phil", "close").await, GUEST);
            house.slack.say(HUB, id, "cs-phil", "let me help").unwrap();
            house.settle().await;
            assert!(house.dm().iter().all(|line| !line.contains("let me help")));
            assert!(house.whispers(id, "cs-phil").last().unwrap().contains("guests of this workspace do not write to customers"));
        }
        house.restart_with("support.agents = ['U0GUEST']").await;
        house.slack.say(HUB, "U0GUEST", "cs-phil", "now I may help").unwrap();
        house.settle().await;
        assert!(house.dm().last().unwrap().contains("now I may help"));
    }

    async fn while_slack_cannot_say_who_somebody_is_they_try_again_and_nothing_is_lost(house: House) {
        house.with_open_room().await;
        house.restart().await;
        house.slack.fail_times("users.info", 2, Fault::Http500Before);
        let answer = house.types(RAJ, SUPPORT, "close phil").await;
        assert_eq!(answer, "Slack does not say right now who you are, so nothing was changed. Please try again in a moment.");
        house.slack.join_channel(HUB, "cs-phil", RAJ).unwrap();
        house.settle().await;
        house.slack.say(HUB, RAJ, "cs-phil", "I am new here").unwrap();
        house.settle().await;
        house.wait(Duration::from_mins(2)).await;
        assert!(house.dm().last().unwrap().contains("I am new here"), "Slack sent it again: {:#?}", house.dm());
    }
}
