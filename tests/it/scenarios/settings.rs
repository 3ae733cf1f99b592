//! Administrators set in Slack what else the configuration says.

use std::time::Duration;

use megatron::clock::Clock;
use megatron::commands::doctor::examine;
use megatron::config::{Place, wordings};
use megatron::demo::cast::{self, HUB, JANE, PHIL, RAJ, SUPPORT};
use megatron::ids::Ids;
use megatron::simulator::User;
use megatron::takeover::cards::shortcut;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::support::eventually;
use crate::support::house::House;
use crate::support::scenarios;

const TRAVEL: &str = "[[bots]]\nid = 'travel'\nname = 'Travel Bot'\napi_key = 'travel-key'\n\
                      callback_url = 'http://127.0.0.1:9/'\ncallback_secret = 'whsec_AAAA'";
const PAUSED: &str =
    "Expense Bot ▸ Jane from Initech is now talking with you. Expense Bot will tell you when it is back.";
const REFUSED: &str = "Only admins can use this, and you are not one of them. Nothing was changed.";

impl House {
    /// Opens a section of the settings.
    async fn sets(&self, user: &str, section: &str) {
        assert_eq!(self.types(user, SUPPORT, "settings").await, "The dialog is open.");
        self.sends(user, json!({ "section": section })).await;
    }

    /// Raj words a text.
    async fn raj_words(&self, text: &str, words: &str) {
        self.sets(RAJ, "texts").await;
        self.sends(RAJ, json!({ "which": text })).await;
        self.sends(RAJ, json!({ "text": words })).await;
    }

    /// Jane pauses the bot, and lets it answer again; what Phil is told in between.
    async fn phil_is_told(&self) -> String {
        let before = self.dm().len();
        self.types(JANE, "cs-phil", "pause").await;
        let told = self.dm().get(before).cloned().unwrap_or_default();
        self.types(JANE, "cs-phil", "unpause").await;
        told
    }
}

scenarios! {
    async fn a_text_holds_at_once_and_after_a_restart_until_it_is_set_back(house: House) {
        house.with_open_room().await;
        house.sets(RAJ, "texts").await;
        house.sends(RAJ, json!({ "which": "templates.customer_paused", "bot": "expenses" })).await;
        assert_eq!(
            house.reads(RAJ),
            "*Customer paused with Expense Bot*\nA human takes over.\n\
             You can use `{agent}` `{bot}` `{company}` `{customer}`. They are filled in when the text is sent."
        );
        house.sends(RAJ, json!({ "text": "Ahoy! {agent} has the helm." })).await;
        assert_eq!(
            house.reads(RAJ),
            "✅ Saved: *Customer paused with Expense Bot*.\nWorded here so far: Customer paused with Expense Bot"
        );
        assert_eq!(house.phil_is_told().await, "Expense Bot ▸ Ahoy! Jane has the helm.");
        house.restart().await;
        assert_eq!(house.phil_is_told().await, "Expense Bot ▸ Ahoy! Jane has the helm.");

        house.sends(RAJ, json!({ "which": "templates.customer_paused", "bot": "expenses" })).await;
        house.sends(RAJ, json!({ "back": true })).await;
        assert_eq!(house.reads(RAJ), "✅ *Customer paused with Expense Bot* is as the configuration says.");
        assert_eq!(house.phil_is_told().await, PAUSED);
        let audit = house.types(RAJ, SUPPORT, "audit").await;
        for line in [
            "Raj set `templates.customer_paused` of bot expenses from “{agent} from {company} is now talking with you. {bot} will tell you when it is back.” to “Ahoy! {agent} has the helm.”",
            "Raj set `templates.customer_paused` of bot expenses back to what the configuration says",
        ] {
            assert!(audit.contains(line), "{audit}");
        }
    }

    async fn it_wins_over_the_file_and_an_empty_text_is_not_sent(house: House) {
        house.restart_with("templates.customer_paused = 'By the file.'").await;
        house.with_open_room().await;
        assert_eq!(house.phil_is_told().await, "Expense Bot ▸ By the file.");
        house.raj_words("templates.customer_paused", "").await;
        assert_eq!(house.phil_is_told().await, "");
        house.restart_with("templates.customer_paused = 'By another file.'").await;
        assert_eq!(house.phil_is_told().await, "");
        house.sends(RAJ, json!({ "which": "templates.customer_paused" })).await;
        house.sends(RAJ, json!({ "back": true })).await;
        assert_eq!(house.phil_is_told().await, "Expense Bot ▸ By another file.");
    }

    async fn what_does_not_fit_is_shown_at_its_field(house: House) {
        house.with_queues(|_| ()).await;
        house.sets(RAJ, "texts").await;
        house.sends(RAJ, json!({ "which": "templates.customer_paused", "queue": "billing" })).await;
        assert_eq!(house.dialog(RAJ)["errors"], json!({ "queue": "This text is the same for all queues." }));
        house.sends(RAJ, json!({ "which": "templates.queue_asked", "queue": "billing" })).await;
        house.sends(RAJ, json!({ "text": "Hi {agent}" })).await;
        let why = "This must be a text with no placeholders but {from}, {queue}, {bot}, {customer}.";
        assert_eq!(house.dialog(RAJ)["errors"], json!({ "text": why }));
        house.closes(RAJ).await;

        house.sets(RAJ, "reminders").await;
        house.sends(RAJ, json!({ "pause_every": "1h", "close_after": "soon" })).await;
        let why = "This must be a duration above zero, such as 36h (units s, m, h, d; ten years at most).";
        assert_eq!(house.dialog(RAJ)["errors"], json!({ "close_after": why }));
        let (kept, audit) = (house.count("settings").await, house.types(RAJ, SUPPORT, "audit").await);
        assert!(kept == 0 && !audit.contains("Raj set"), "all or nothing: {audit}");
    }

    async fn every_text_there_is_can_be_worded(house: House) {
        house.sets(RAJ, "texts").await;
        let texts = wordings();
        assert!(texts.len() > 30 && texts.iter().all(|text| !text.about.is_empty() && !text.group.is_empty()), "{texts:#?}");
        for text in texts {
            house.sends(RAJ, json!({ "which": text.key })).await;
            assert_eq!(house.dialog(RAJ)["title"]["text"], "Text", "{}", text.key);
            house.sends(RAJ, json!({})).await;
            assert!(house.reads(RAJ).starts_with("Nothing was changed"), "{}", text.key);
        }
        assert_eq!(house.count("settings").await, 0);
    }

    async fn names_are_hidden_and_bots_switched_off(house: House) {
        house.restart_with(TRAVEL).await;
        house.with_open_room().await;
        house.sets(RAJ, "bots").await;
        house.sends(RAJ, json!({ "names": ["travel"] })).await;
        assert!(house.reads(RAJ).starts_with("✅ Saved."), "{}", house.reads(RAJ));
        let anonymous = "Expense Bot ▸ A support agent from Initech is now talking with you. Expense Bot will tell you when it is back.";
        assert_eq!(house.phil_is_told().await, anonymous);
        house.jane_writes("cs-phil", "Hi Phil").await;
        assert!(!house.dm().last().unwrap().contains("Jane"), "no footer either: {:?}", house.dm());

        house.sends(RAJ, json!({ "on": ["travel"] })).await;
        assert_eq!(house.control().await, "bot, paused, 3");
        assert!(house.types(RAJ, SUPPORT, "audit").await.contains("Raj switched the bot expenses off"));
        house.sends(RAJ, json!({ "back": true })).await;
        house.sends(RAJ, json!({ "on": ["expenses", "travel"] })).await;
        assert_eq!((house.control().await.as_str(), house.count("settings").await), ("bot, active, 4", 0));
        assert_eq!(house.phil_is_told().await, PAUSED);
    }

    async fn a_room_that_is_open_already_is_closed_when_the_new_time_has_passed(house: House) {
        house.with_open_room().await;
        house.sets(RAJ, "reminders").await;
        house.sends(RAJ, json!({ "close_after": "1h" })).await;
        house.wait(Duration::from_mins(59)).await;
        assert_eq!(house.rooms(), ["cs-phil"]);
        house.wait(Duration::from_mins(2)).await;
        assert!(house.rooms().is_empty());
    }

    async fn two_who_change_different_things_do_not_undo_each_others(house: House) {
        house.restart_with(&format!("support.admins = ['{RAJ}', '{JANE}']")).await;
        house.sets(RAJ, "reminders").await;
        house.sets(JANE, "reminders").await;
        house.sends(JANE, json!({ "pause_every": "5m" })).await;
        house.sends(RAJ, json!({ "unpause_after": "7m" })).await;
        let reminders = house.app.relay().in_force().reminders.clone();
        let minutes = [reminders.pause_every, reminders.unpause_after].map(|time| time.as_secs() / 60);
        assert_eq!(minutes, [5, 7]);
    }

    async fn admins_appoint_further_ones_who_appoint_nobody(house: House) {
        let guest = User { id: "U0GUEST".into(), is_restricted: true, is_ultra_restricted: true, ..User::default() };
        house.slack.add_user(HUB, guest).unwrap();
        house.slack.global_shortcut(HUB, JANE, shortcut::ADMIN).await.unwrap();
        assert_eq!(house.reads(JANE), format!("{REFUSED} Admins: everybody who administers this Slack workspace."));
        house.closes(JANE).await;

        house.slack.global_shortcut(HUB, RAJ, shortcut::ADMIN).await.unwrap();
        house.sends(RAJ, json!({ "section": "admins" })).await;
        for (fields, why) in [
            (json!({ "groups": "leads" }), "This must be a list of user ids (U...) and user group ids (S...)."),
            (json!({ "people": ["U0GUEST"] }), "This must name no guests and nobody from elsewhere: U0GUEST."),
        ] {
            house.sends(RAJ, fields.clone()).await;
            assert_eq!(house.dialog(RAJ)["errors"], json!({ "groups": why }), "{fields}");
        }
        house.sends(RAJ, json!({ "people": [JANE] })).await;
        assert!(house.reads(RAJ).starts_with("✅ Saved."), "{}", house.reads(RAJ));

        house.sets(JANE, "reminders").await;
        house.sends(JANE, json!({ "close_after": "2h" })).await;
        assert!(house.reads(JANE).starts_with("✅ Saved."), "{}", house.reads(JANE));
        house.sets(JANE, "admins").await;
        assert_eq!(
            house.reads(JANE),
            format!("Admins: everybody who administers this Slack workspace, <@{JANE}>\nOnly the admins by the configuration change this list.")
        );
        let audit = house.types(RAJ, SUPPORT, "audit").await;
        assert!(audit.contains(&format!("Raj set `support.further_admins` from “” to “{JANE}”")), "{audit}");

        house.restart_with(&format!("support.admins = ['{RAJ}']")).await;
        house.sends(RAJ, json!({ "people": [] })).await;
        assert_eq!(house.types(JANE, SUPPORT, "settings").await, format!("{REFUSED} Admins: <@{RAJ}>."));
    }

    async fn a_guest_who_comes_into_an_appointed_group_is_no_admin(house: House) {
        let guest = User { id: "U0GUEST".into(), is_restricted: true, is_ultra_restricted: true, ..User::default() };
        house.slack.add_user(HUB, guest).unwrap();
        house.slack.add_user_group(HUB, "S0LEADS", "leads", &[JANE]).unwrap();
        house.sets(RAJ, "admins").await;
        house.sends(RAJ, json!({ "groups": "S0LEADS" })).await;
        assert!(house.reads(RAJ).starts_with("✅ Saved."), "{}", house.reads(RAJ));
        house.slack.add_user_group(HUB, "S0LEADS", "leads", &[JANE, "U0GUEST"]).unwrap();
        house.wait(Duration::from_hours(1)).await;
        house.slack.global_shortcut(HUB, "U0GUEST", shortcut::ADMIN).await.unwrap();
        assert!(house.reads("U0GUEST").starts_with(REFUSED), "{}", house.reads("U0GUEST"));
        assert_eq!(house.types(JANE, SUPPORT, "settings").await, "The dialog is open.");
    }

    async fn a_pause_without_a_room_ends_when_a_changed_reminder_says_so(house: House) {
        house.phil_says("help!").await;
        house.jane_types(&format!("pause {PHIL}")).await;
        assert_eq!(house.control().await, "human, paused, 1");
        house.sets(RAJ, "reminders").await;
        house.sends(RAJ, json!({ "close_after": "2h" })).await;
        house.wait(Duration::from_hours(3)).await;
        assert_eq!(house.control().await, "bot, active, 2");
    }

    async fn what_does_not_fit_any_more_is_left_out_and_the_doctor_says_so(house: House) {
        house.restart_with(TRAVEL).await;
        house.with_open_room().await;
        house.sets(RAJ, "bots").await;
        house.sends(RAJ, json!({ "names": [] })).await;
        house.restart_with("").await;
        assert!(house.phil_is_told().await.starts_with("Expense Bot ▸ A support agent"), "the other setting holds");
        let config = cast::config(&house.slack, house.database(), house.callbacks(), "").unwrap();
        let findings = examine(&config, &Clock::Manual(house.clock.clone()), &Ids::Random).await.unwrap();
        let line = "warning  setting bots[].show_agent_name of bot travel: made in Slack, and left out: expected the id of a bot in [[bots]]";
        assert!(findings.iter().any(|finding| finding.to_string() == line), "{findings:#?}");
    }

    async fn over_socket_mode_it_is_the_same(house: House) {
        house.by_socket().await;
        house.sets(RAJ, "reminders").await;
        house.sends(RAJ, json!({ "close_after": "2h" })).await;
        assert!(house.reads(RAJ).starts_with("✅ Saved."), "{}", house.reads(RAJ));
    }
}

#[tokio::test]
async fn what_is_set_on_one_instance_holds_on_the_others() {
    let Some(house) = House::on_postgres().await else { return };
    house.with_open_room().await;
    let (other, shutdown) = (house.another().await, CancellationToken::new());
    let (url, running) = house.run(&other, &shutdown).await;
    house.raj_words("templates.customer_paused", "{agent} is here.").await;
    let place = Place::of_all("templates.customer_paused");
    eventually(|| other.relay().in_force().value(&place) == "{agent} is here.").await;
    cast::listen(&house.slack, &url);
    house.types(JANE, "cs-phil", "pause").await;
    eventually(|| house.dm().last().unwrap() == "Expense Bot ▸ Jane is here.").await;
    shutdown.cancel();
    running.await.unwrap();
}
