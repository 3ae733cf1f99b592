//! Two bots, and ids that are the same in different places: nothing crosses.

use megatron::demo::cast::{BOT_TOKEN, HUB, JANE, SUPPORT};
use megatron::simulator::Spot;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::house::{House, message_of_phil};
use crate::support::scenarios;

const PHILS: &str = "v1/conversations/T0ACME/D0PHIL";

impl House {
    /// Both bots talk with Phil, by the same ids, and only the first one has a room.
    async fn with_two_bots_for_phil(&mut self) {
        self.with_second_bot().await;
        self.with_open_room().await;
        let workspace = json!({ "name": "Acme", "domain": "acme", "bot_token": BOT_TOKEN });
        assert_eq!(self.travel(Method::PUT, "v1/workspaces/T0ACME", workspace).await.0, StatusCode::CREATED);
        self.travel(Method::POST, "ingest", message_of_phil("1795168900.000100", "I want to go to Oslo")).await;
        self.settle().await;
    }

    async fn both_controls(&self) -> [Value; 2] {
        let (_, ours) = self.api(Method::GET, PHILS, None).await;
        let (_, theirs) = self.travel(Method::GET, PHILS, Value::Null).await;
        [ours["control"].clone(), theirs["control"].clone()]
    }
}

fn with_bot() -> Value {
    json!({ "holder": "bot", "paused": false, "epoch": 0 })
}

scenarios! {
    async fn what_one_bot_hears_is_not_shown_in_the_room_of_another(house: House) {
        house.with_two_bots_for_phil().await;
        assert!(!house.room("cs-phil").join("\n").contains("Oslo"));
        let (_, answer) = house.travel(Method::POST, "ingest", message_of_phil("1795168901.000100", "Oslo")).await;
        assert_eq!((&answer["watched"], &answer["control"]), (&json!(false), &with_bot()));
        // The very same ids and ts, from the other bot: another message.
        let (_, answer) = house.ingest(&message_of_phil("1795168901.000100", "My expense")).await;
        assert_eq!((&answer["watched"], &answer["duplicate"]), (&json!(true), &json!(false)));
        house.settle().await;
        let room = house.room("cs-phil").join("\n");
        assert!(room.contains("Phil: My expense") && !room.contains("Oslo"), "{room}");
    }

    async fn control_belongs_to_one_bot(house: House) {
        house.with_two_bots_for_phil().await;
        house.types(JANE, "cs-phil", "pause").await;
        let paused = json!({ "holder": "human", "paused": true, "epoch": 1 });
        assert_eq!(house.both_controls().await, [paused.clone(), with_bot()]);
        house.travel(Method::POST, &format!("{PHILS}/pause"), json!({})).await;
        house.api(Method::POST, &format!("{PHILS}/unpause"), Some(json!({}))).await;
        assert_eq!(house.both_controls().await, [json!({ "holder": "bot", "paused": false, "epoch": 2 }), paused]);
        house.travel(Method::POST, &format!("{PHILS}/unpause"), json!({})).await;
        house.travel(Method::PUT, "v1/bot", json!({ "active": false })).await;
        let [ours, theirs] = house.both_controls().await;
        assert_eq!((&ours["paused"], &theirs["paused"]), (&json!(false), &json!(true)));
    }

    async fn two_rooms_for_one_person_stay_apart(house: House) {
        house.with_two_bots_for_phil().await;
        house.jane_types("open phil").await;
        let menu = house.slack.ephemerals(HUB, JANE, SUPPORT).pop().unwrap();
        let spot = Spot::Ephemeral { channel: SUPPORT.into(), ts: menu.ts };
        house.slack.choose(HUB, JANE, &spot, "megatron.choose_customer", "travel T0ACME U0PHIL").await.unwrap();
        house.settle().await;
        house.travel(Method::POST, "ingest", message_of_phil("1795168902.000100", "Oslo, please")).await;
        house.ingest(&message_of_phil("1795168902.000100", "My expense")).await;
        house.settle().await;
        let (ours, theirs) = (house.room("cs-phil").join("\n"), house.room("cs-phil-2").join("\n"));
        assert!(ours.contains("My expense") && !ours.contains("Oslo"), "{ours}");
        assert!(theirs.contains("Oslo, please") && !theirs.contains("My expense"), "{theirs}");
        assert!(theirs.contains("Travel Bot") && !ours.contains("Travel Bot"));

        house.types(JANE, "cs-phil-2", "close").await;
        assert!(house.slack.channel(HUB, "cs-phil").is_some_and(|room| !room.archived), "the other stays open");
    }

    async fn an_id_means_nothing_without_its_workspace(house: House) {
        house.with_open_room().await;
        let before = house.room("cs-phil");
        for (team, channel) in [("T0OTHER", "D0PHIL"), ("T0ACME", "D0OTHER"), ("t0acme", "D0PHIL")] {
            let body = json!({ "direction": "incoming", "team_id": team, "channel_id": channel, "user_id": "U0PHIL",
                "message": { "ts": "1795168900.000100", "text": "Am I Phil?" } });
            assert_eq!(house.ingest(&body).await.1["watched"], false, "{team} {channel}");
        }
        // The service's own tokens are no use in a workspace that is not registered.
        house.settle().await;
        assert_eq!(house.room("cs-phil"), before);
        let (status, _) = house.api(Method::GET, "v1/conversations/T0OTHER/D0PHIL", None).await;
        assert_eq!(status, StatusCode::OK, "it was seen there, as another conversation");
        house.types(JANE, "cs-phil", "pause").await;
        let (_, other) = house.api(Method::GET, "v1/conversations/T0OTHER/D0PHIL", None).await;
        assert_eq!(other["control"], with_bot());
    }

    async fn a_workspace_is_registered_for_one_bot(house: House) {
        house.with_second_bot().await;
        house.knows_acme().await;
        assert_eq!(house.travel(Method::GET, "v1/workspaces/T0ACME", Value::Null).await.0, StatusCode::NOT_FOUND);
        assert_eq!(house.travel(Method::DELETE, "v1/workspaces/T0ACME", Value::Null).await.0, StatusCode::NOT_FOUND);
        let workspace = json!({ "name": "Acme of Travel", "domain": "acme", "bot_token": "xoxb-travel" });
        assert_eq!(house.travel(Method::PUT, "v1/workspaces/T0ACME", workspace).await.0, StatusCode::CREATED);
        assert_eq!(house.travel(Method::DELETE, "v1/workspaces/T0ACME", Value::Null).await.0, StatusCode::NO_CONTENT);
        let (status, shown) = house.api(Method::GET, "v1/workspaces/T0ACME", None).await;
        assert_eq!((status, shown), (StatusCode::OK, json!({ "team_id": "T0ACME", "name": "Acme", "domain": "acme", "bot_user_id": "" })));
    }
}
