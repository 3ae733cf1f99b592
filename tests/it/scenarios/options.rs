//! Menus into which an agent types: whom they offer, and to whom.

use megatron::demo::cast::{ACME, HUB, JANE, PHIL, PHILS_DM, RAJ, SIGNING_SECRET};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::house::House;
use crate::support::scenarios;

impl House {
    /// What Slack is answered when this person types into the menu of this id, of this workspace.
    async fn is_offered(&self, team: &str, user: &str, menu: &str, query: &str) -> Value {
        let payload = json!({
            "type": "block_suggestion", "team": { "id": team }, "user": { "id": user, "team_id": team },
            "action_id": menu, "block_id": "b", "value": query, "container": { "type": "view", "view_id": "V1" },
        });
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let body = form.append_pair("payload", &payload.to_string()).finish();
        let answer = self.signed("slack/options", SIGNING_SECRET, 0, body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.unwrap()
    }
}

scenarios! {
    async fn whoever_wrote_a_moment_ago_is_offered(house: House) {
        house.knows_acme().await;
        house.opens_home(JANE).await;
        house.phil_says("hi").await;
        let value = format!("expenses {ACME} {PHIL}");
        assert_eq!(house.searches_at_home(JANE, "PHIL HAR").await, [("Phil (Phil Harris), Acme, phil@acme.example".to_owned(), value)]);
        assert_eq!(house.searches_at_home(JANE, "nobody").await, []);
    }

    async fn long_names_are_cut_to_what_slack_shows(house: House) {
        house.knows_acme().await;
        house.opens_home(JANE).await;
        house.comes("U0LONG", "D0LONG", &"Longname ".repeat(8), "", "long@acme.example");
        house.says("U0LONG", "D0LONG", "hi").await;
        let offered = house.searches_at_home(JANE, "longname").await;
        assert_eq!(offered[0].0.chars().count(), 75);
        assert!(offered[0].0.ends_with('…'), "{offered:?}");
    }

    async fn customers_are_offered_to_agents_alone(house: House) {
        house.restart_with(&format!("support.agents = ['{JANE}']")).await;
        house.knows_acme().await;
        house.phil_says("hi").await;
        let menu = "megatron.choose_customer";
        assert_eq!(house.is_offered(HUB, JANE, menu, "phil").await["options"].as_array().unwrap().len(), 1);
        for (team, user, menu) in [(HUB, RAJ, menu), (ACME, PHIL, menu), (ACME, JANE, menu), (HUB, JANE, "megatron.other")] {
            assert_eq!(house.is_offered(team, user, menu, "phil").await, json!({ "options": [] }), "{team} {user} {menu}");
        }
        assert!(!house.dm().is_empty(), "{PHILS_DM}");
    }

    async fn over_socket_mode_the_options_come_with_the_acknowledgement(house: House) {
        house.by_socket().await;
        house.knows_acme().await;
        house.phil_says("hi").await;
        house.opens_home(JANE).await;
        let offered = house.searches_at_home(JANE, "phil").await;
        house.chooses_at_home(JANE, &offered[0].1).await;
        assert_eq!(house.rooms(), ["cs-phil"]);
    }
}
