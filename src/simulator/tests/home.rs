//! The app's page, and menus that ask for their options.

use serde_json::{Value, json};

use super::delivery::{Listener, room};
use super::{HUB, answer, stage};
use crate::simulator::Spot;

fn home(words: &str) -> Value {
    json!({ "type": "home", "blocks": [{ "type": "section", "text": { "type": "mrkdwn", "text": words } }] })
}

#[tokio::test]
async fn a_home_is_published_for_one_person_and_replaced() {
    let (slack, _) = stage().await;
    let publish = async |args: Value| answer(&slack, HUB, "views.publish", &args).await;
    let first = publish(json!({ "user_id": "U0JANE", "view": home("Hello") })).await;
    assert_eq!(slack.home_lines("T0SUP", "U0JANE"), ["Hello"]);
    let hash = first["view"]["hash"].clone();
    let second = publish(json!({ "user_id": "U0JANE", "view": home("Again"), "hash": hash })).await;
    assert_eq!(second["view"]["id"], first["view"]["id"]);
    let late = publish(json!({ "user_id": "U0JANE", "view": home("Late"), "hash": hash })).await;
    assert_eq!(late["error"], "hash_conflict");
    assert_eq!(slack.home_lines("T0SUP", "U0JANE"), ["Again"]);
    assert_eq!(publish(json!({ "user_id": "U0NOBODY", "view": home("x") })).await["error"], "user_not_found");
}

#[tokio::test]
async fn what_no_home_may_be_is_refused() {
    let (slack, _) = stage().await;
    let mut titled = home("x");
    titled["title"] = json!({ "type": "plain_text", "text": "Title" });
    let mut noted = home("x");
    noted["private_metadata"] = json!("x".repeat(3001));
    let long = json!({ "type": "home", "blocks": vec![json!({ "type": "divider" }); 101] });
    let modal = json!({ "type": "modal", "title": { "type": "plain_text", "text": "x" }, "blocks": [] });
    for (view, why) in [
        (titled, "invalid additional property: title"),
        (noted, "must be less than 3001 characters [json-pointer:/view/private_metadata]"),
        (long, "no more than 100 items allowed"),
        (modal, "must be a home view"),
    ] {
        let refused = answer(&slack, HUB, "views.publish", &json!({ "user_id": "U0JANE", "view": view })).await;
        assert_eq!(refused["error"], "invalid_arguments");
        assert!(refused.to_string().contains(why), "{why} not in {refused}");
    }
    assert!(slack.home("T0SUP", "U0JANE").is_none());
}

#[tokio::test]
async fn an_app_hears_who_opens_its_page_and_what_they_see_there() {
    let (slack, _) = stage().await;
    let app = Listener::of(&slack, "A0HUB").await;
    let opened = async |tab: &str| {
        slack.open_app_home("T0SUP", "U0JANE", "A0HUB", tab);
        slack.deliver_events().await;
        app.take_events()[0]["event"].clone()
    };
    let first = opened("home").await;
    assert_eq!((&first["user"], &first["tab"], &first["view"]), (&json!("U0JANE"), &json!("home"), &Value::Null));
    assert!(first["channel"].as_str().unwrap().starts_with('D'));
    answer(&slack, HUB, "views.publish", &json!({ "user_id": "U0JANE", "view": home("Hello") })).await;
    let again = opened("home").await;
    assert_eq!((&again["channel"], &again["view"]["type"]), (&first["channel"], &json!("home")));
    assert_eq!(opened("messages").await["view"], Value::Null);
}

#[tokio::test]
async fn a_menu_asks_the_app_for_its_options_and_offers_nothing_else() {
    let (slack, _) = stage().await;
    let room = room(&slack).await;
    let app = Listener::of(&slack, "A0HUB").await;
    let select = json!({ "type": "external_select", "action_id": "who" });
    let card = json!({ "text": "who?", "blocks": [{ "type": "actions", "elements": [select] }] });
    let ts = slack.bot_says(HUB, &room, card).unwrap();
    let spot = Spot::Message { channel: room, ts };
    app.answers(200, r#"{"options":[{"text":{"type":"plain_text","text":"Phil"},"value":"1"}]}"#);
    let options = slack.type_in_select("T0SUP", "U0JANE", &spot, "who", "phi").await.unwrap();
    assert_eq!(options["options"][0]["value"], "1");
    assert_eq!(app.take_payload()["value"], "phi");
    assert!(
        slack.type_in_select("T0SUP", "U0JANE", &spot, "who", "ph").await.is_err(),
        "it asks from three characters on"
    );
    let option = |text: &str| json!({ "text": { "type": "plain_text", "text": text }, "value": "2" });
    for bad in [
        json!({}),
        json!([]),
        json!({ "options": [option(&"x".repeat(76))] }),
        json!({ "options": [option("")] }),
        json!({ "options": vec![option("x"); 101] }),
        json!({ "options": [{ "text": { "type": "mrkdwn", "text": "x" }, "value": "2" }] }),
    ] {
        app.answers(200, &bad.to_string());
        assert!(slack.type_in_select("T0SUP", "U0JANE", &spot, "who", "phi").await.is_err(), "{bad}");
    }
    app.answers(200, "");
    slack.choose("T0SUP", "U0JANE", &spot, "who", "1").await.unwrap();
    assert_eq!(app.take_payload()["actions"][0]["selected_option"]["text"]["text"], "Phil");
    assert!(slack.choose("T0SUP", "U0JANE", &spot, "who", "2").await.is_err(), "it was never offered");
}
