//! Queues are set up in a dialog.

use megatron::demo::cast::{HUB, JANE, RAJ, SUPPORT};
use megatron::simulator::User;
use megatron::takeover::cards::shortcut;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::house::House;
use crate::support::scenarios;

impl House {
    async fn queue(&self, label: &str) -> Value {
        let (_, answer) = self.api(Method::GET, "v1/queues", None).await;
        let queues = answer["queues"].as_array().unwrap();
        queues.iter().find(|queue| queue["label"] == label).cloned().unwrap_or_default()
    }
}

scenarios! {
    async fn a_queue_is_added_changed_and_removed(house: House) {
        house.restart_with("[[hours]]\nname = 'office'\ntime_zone = 'UTC'\ndays = ['mon-fri 09:00-17:00']").await;
        house.slack.add_user_group(HUB, "S0LEADS", "leads", &[RAJ]).unwrap();
        assert_eq!(house.types(RAJ, SUPPORT, "queue").await, "The dialog is open.");
        assert_eq!(house.reads(RAJ), "There is no queue.");
        house.sends(RAJ, json!({ "queue": "+" })).await;
        house.sends(RAJ, json!({ "label": "support", "default": true })).await;
        let support = house.channel("support-requests").id;
        assert_eq!(house.reads(RAJ), "✅ The queue *support* is set up.\nYour queues:\n*support*: no channel yet · default");
        assert_eq!(house.queue("support").await["channel_id"], support, "it has one meanwhile");

        house.sends(RAJ, json!({ "queue": "+" })).await;
        let channel = house.raj_makes("billing-team", true, true);
        house.sends(RAJ, json!({
            "label": "billing", "channel_id": channel, "members": [JANE], "priority_group": [JANE],
            "priority_group_groups": "S0LEADS", "widen_after": "90s", "then": "support", "hours": "office",
            "digest": "mon 09:00", "allocation": true,
        })).await;
        let billing = house.queue("billing").await;
        assert_eq!(billing, json!({
            "label": "billing", "channel_id": channel, "default": false, "members": [JANE],
            "priority_group": [JANE, "S0LEADS"], "widen_after": "90s", "accept_within": "15m", "then": "support",
            "accept_target": "0s", "response_target": "0s", "hours": "office", "digest": "mon 09:00", "allocation": "auto", "configured": false,
        }));

        house.sends(RAJ, json!({ "queue": "billing" })).await;
        house.sends(RAJ, json!({ "accept_within": "1h" })).await;
        let mut changed = billing;
        changed["accept_within"] = json!("1h");
        assert_eq!(house.queue("billing").await, changed, "all else is as it was");

        house.sends(RAJ, json!({ "queue": "support", "what": "remove" })).await;
        house.sends(RAJ, json!({})).await;
        assert!(house.reads(RAJ).starts_with("⚠️ The queue billing hands over to it."), "{}", house.reads(RAJ));
        house.sends(RAJ, json!({ "queue": "billing", "what": "remove" })).await;
        assert_eq!(house.reads(RAJ), "Remove the queue *billing*? Its channel stays as it is.");
        house.sends(RAJ, json!({})).await;
        assert!(house.queue("billing").await.is_null());
        let audit = house.types(RAJ, SUPPORT, "audit").await;
        for line in ["Raj set up the queue billing", "Raj changed the queue billing", "Raj removed the queue billing"] {
            assert!(audit.contains(line), "{audit}");
        }
    }

    async fn what_is_wrong_is_shown_at_its_field(house: House) {
        let guest = User { id: "U0GUEST".into(), is_restricted: true, is_ultra_restricted: true, ..User::default() };
        house.slack.add_user(HUB, guest).unwrap();
        let outside = house.raj_makes("outside", false, false);
        house.types(RAJ, SUPPORT, "queue").await;
        house.sends(RAJ, json!({ "queue": "+" })).await;
        for (fields, field, why) in [
            (json!({ "label": "No Label" }), "label", "This must be 1 to 40 lower-case letters, digits, `-` or `_`."),
            (json!({ "label": "a", "widen_after": "soon" }), "widen_after", "This must be a duration such as 90s, 3m or 2h."),
            (json!({ "label": "a", "priority_group": ["U0GUEST"] }), "priority_group", "This must name no guests and nobody from elsewhere: U0GUEST."),
            (json!({ "label": "a", "members_groups": "leads" }), "members", "This must be at most 100 ids of users (U...) and user groups (S...)."),
            (json!({ "label": "a", "digest": "monthly" }), "digest", "This must be a day and a time, such as mon 09:00, or empty."),
            (json!({ "label": "a", "channel_id": outside }), "channel_id", "This is a channel that the app is not a member of: invite it there first."),
        ] {
            house.sends(RAJ, fields.clone()).await;
            assert_eq!(house.dialog(RAJ)["errors"], json!({ field: why }), "{fields}");
        }
        house.sends(RAJ, json!({ "label": "a" })).await;
        house.sends(RAJ, json!({ "queue": "+" })).await;
        house.sends(RAJ, json!({ "label": "a" })).await;
        assert_eq!(house.dialog(RAJ)["errors"], json!({ "label": "This is that of another queue." }));
    }

    async fn a_queue_of_the_configuration_is_changed_there(house: House) {
        house.restart_with("[[queues]]\nlabel = 'billing'").await;
        house.types(RAJ, SUPPORT, "queue").await;
        house.sends(RAJ, json!({ "queue": "billing" })).await;
        let why = "This is set up by the configuration: change it there, and restart.";
        assert_eq!(house.dialog(RAJ)["errors"], json!({ "queue": why }));
    }

    async fn it_is_a_section_of_the_settings(house: House) {
        house.slack.global_shortcut(HUB, RAJ, shortcut::ADMIN).await.unwrap();
        house.sends(RAJ, json!({ "section": "queues" })).await;
        assert_eq!(house.reads(RAJ), "There is no queue.");
        house.closes(RAJ).await;
        assert_eq!(house.dialog(RAJ)["title"]["text"], "Megatron settings", "one step back");
    }

    async fn whoever_is_no_administrator_any_more_cannot_send_it(house: House) {
        house.restart_with(&format!("support.admins = ['{JANE}']")).await;
        house.types(JANE, SUPPORT, "queue").await;
        house.sends(JANE, json!({ "queue": "+" })).await;
        house.restart_with(&format!("support.admins = ['{RAJ}']")).await;
        house.sends(JANE, json!({ "label": "support" })).await;
        assert!(house.reads(JANE).starts_with("Only admins"), "{}", house.reads(JANE));
        assert!(house.queue("support").await.is_null());
    }

    async fn over_socket_mode_it_is_the_same(house: House) {
        house.by_socket().await;
        house.types(RAJ, SUPPORT, "queue").await;
        house.sends(RAJ, json!({ "queue": "+" })).await;
        house.sends(RAJ, json!({ "label": "support" })).await;
        assert!(house.reads(RAJ).starts_with("✅ The queue *support* is set up."), "{}", house.reads(RAJ));
    }
}
