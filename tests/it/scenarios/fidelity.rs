//! What a message holds besides its words: the other side has it too, under the names by which that side can know it.

use std::time::Duration;

use megatron::demo::cast::{ACME, BOT_TOKEN, HUB, JANE, PHIL, PHILS_DM};
use megatron::simulator::{Fault, NewFile};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::scenarios;

/// A message as a person types it who mentions these.
fn typed(leaves: &Value) -> Value {
    json!({ "text": "see", "blocks": [
        { "type": "rich_text", "elements": [{ "type": "rich_text_section", "elements": leaves }] }] })
}

fn said_by_bot(ts: &str, message: &Value) -> Value {
    let mut message = message.clone();
    message["ts"] = json!(ts);
    json!({ "direction": "outgoing", "team_id": ACME, "channel_id": PHILS_DM, "user_id": PHIL, "message": message })
}

fn click(action: &Value) -> Value {
    let mut action = action.clone();
    action["action_ts"] = json!("1795168950.000100");
    json!({
        "type": "block_actions", "team": { "id": ACME, "domain": "acme" }, "user": { "id": PHIL, "team_id": ACME },
        "channel": { "id": PHILS_DM, "name": "directmessage" }, "actions": [action],
    })
}

scenarios! {
    async fn channels_and_groups_of_the_customer_have_names_in_the_room(house: House) {
        let sales = house.slack.create_channel(ACME, PHIL, "sales", false).unwrap();
        house.slack.add_user_group(ACME, "S0FINANCE", "finance", &[PHIL]).unwrap();
        house.with_open_room().await;
        let leaves = json!([
            { "type": "channel", "channel_id": sales, "style": { "bold": true } },
            { "type": "usergroup", "usergroup_id": "S0FINANCE" }]);
        house.slack.post_as_user(ACME, PHIL, PHILS_DM, typed(&leaves)).unwrap();
        house.settle().await;
        let post = house.posts("cs-phil").pop().unwrap();
        assert_eq!(
            post.blocks[0]["elements"][0]["elements"],
            json!([{ "type": "text", "text": "#sales", "style": { "bold": true } }, { "type": "text", "text": "@finance" }])
        );
    }

    async fn a_customer_reads_the_names_of_public_channels_only(house: House) {
        house.with_open_room().await;
        let launch = house.slack.create_channel(HUB, JANE, "launch", false).unwrap();
        let layoffs = house.slack.create_channel(HUB, JANE, "layoffs", true).unwrap();
        let room = house.slack.channel(HUB, "cs-phil").unwrap().id;
        house.slack.add_user_group(HUB, "S0TIER2", "tier2", &[JANE]).unwrap();
        house.jane_writes("cs-phil", &format!("<#{launch}> <#{layoffs}|layoffs> <#{room}|cs-phil> <!subteam^S0TIER2>")).await;
        assert_eq!(house.slack.history(ACME, PHILS_DM).pop().unwrap().text, "#launch #channel #channel @tier2");
    }

    async fn an_attachment_comes_with_its_fields_footer_and_colour(house: House) {
        house.with_open_room().await;
        let attachment = json!({
            "color": "#36a64f", "pretext": "Invoice", "author_name": "Books", "author_icon": "https://a.example/b.png",
            "title": "No. 7", "title_link": "https://a.example/7", "text": "*12* EUR", "fallback": "Invoice no. 7",
            "fields": [{ "title": "Due", "value": "today", "short": true }], "thumb_url": "https://a.example/t.png",
            "footer": "Books 2.0", "footer_icon": "https://a.example/f.png", "ts": "1795168800", "mrkdwn_in": ["text"] });
        house.slack.bot_says(BOT_TOKEN, PHILS_DM, json!({ "text": "An invoice", "attachments": [attachment] })).unwrap();
        house.settle().await;
        let shown = house.posts("cs-phil").pop().unwrap().attachments;
        for (key, value) in attachment.as_object().unwrap() {
            assert_eq!(&shown[0][key], value, "{key}");
        }
    }

    async fn buttons_of_an_attachment_are_shown_without_life(house: House) {
        house.with_open_room().await;
        let message = json!({ "text": "", "attachments": [{ "text": "Pay?", "color": "danger", "callback_id": "pay", "actions": [
            { "type": "button", "name": "a", "text": "Yes", "value": "1" }, { "type": "button", "name": "a", "text": "No", "value": "0" }] }] });
        house.ingest(&said_by_bot("1795168801.000100", &message)).await;
        house.settle().await;
        let shown = house.posts("cs-phil").pop().unwrap().attachments[0].clone();
        assert_eq!((&shown["text"], &shown["color"]), (&json!("Pay?\n[ Yes ] [ No ]"), &json!("danger")));
        assert!(shown.get("actions").is_none() && shown.get("callback_id").is_none(), "{shown}");
    }

    async fn numbers_are_spelled_as_they_were(house: House) {
        house.with_open_room().await;
        let odd = r#"{"text":"sum","attachments":[{"text":"sum","n":1.50,"long":12345678901234567890123,"small":-0.0}]}"#;
        house.ingest(&said_by_bot("1795168801.000100", &serde_json::from_str(odd).unwrap())).await;
        house.settle().await;
        let shown = house.posts("cs-phil").pop().unwrap().attachments.to_string();
        for spelled in [r#""n":1.50"#, r#""long":12345678901234567890123"#, r#""small":-0.0"#] {
            assert!(shown.contains(spelled), "{spelled} in {shown}");
        }
    }

    async fn a_message_that_slack_takes_in_steps_says_once_what_it_lacks(house: House) {
        house.with_open_room().await;
        let card = |title: &str| json!({ "type": "task_card", "task_id": title, "title": title, "status": "pending" });
        let message = json!({ "text": "Plan", "blocks": [card("one"), card("two"), { "type": "divider" }] });
        house.slack.fail_next("chat.postMessage", Fault::Error("invalid_blocks".into()));
        house.ingest(&said_by_bot("1795168801.000100", &message)).await;
        house.settle().await;
        let shown = house.posts("cs-phil").pop().unwrap().blocks.to_string();
        assert!(shown.contains("one") && shown.contains("two") && shown.contains("divider"), "{shown}");
        assert_eq!(shown.matches("could not be shown here").count(), 1, "{shown}");
    }

    async fn new_kinds_of_blocks_stay_where_slack_takes_them_back(house: House) {
        house.slack.takes_back_what_it_shows(true);
        house.with_open_room().await;
        let blocks = json!([
            { "type": "task_card", "task_id": "1", "title": "one", "status": "pending" },
            { "type": "image", "image_url": "https://a.example/i.png", "alt_text": "a cat", "image_width": 4, "image_bytes": 99 }]);
        house.ingest(&said_by_bot("1795168801.000100", &json!({ "text": "Plan", "blocks": blocks }))).await;
        house.settle().await;
        let mut shown = house.posts("cs-phil").pop().unwrap().blocks;
        for block in shown.as_array_mut().unwrap() {
            // Slack gives every block an id.
            block.as_object_mut().unwrap().remove("block_id");
        }
        assert_eq!(shown, blocks);
    }

    async fn a_customer_is_not_told_what_an_answer_lacks(house: House) {
        house.with_open_room().await;
        house.slack.fail_next("chat.postMessage", Fault::Error("invalid_blocks".into()));
        let leaves = json!([{ "type": "text", "text": "see", "style": { "bold": true } }]);
        house.slack.post_as_user(HUB, JANE, "cs-phil", typed(&leaves)).unwrap();
        house.settle().await;
        let said = house.slack.history(ACME, PHILS_DM).pop().unwrap();
        assert!(said.text.contains("see"), "{said}");
        assert!(!format!("{} {} {}", said.text, said.blocks, said.attachments).contains("could not be shown"), "{said}");
    }

    async fn a_bot_is_warned_of_blocks_that_slack_may_not_take_and_the_customer_gets_their_text(house: House) {
        house.with_open_room().await;
        let carousel = json!({ "type": "carousel", "elements": [{ "type": "card", "title": { "type": "mrkdwn", "text": "Taxi, 12 EUR" } }] });
        let message = json!({ "text": "Your receipts", "blocks": [{ "type": "section", "text": { "type": "mrkdwn", "text": "Your receipts" } }, carousel] });
        let (status, answer) = house.asks("messages", json!({ "message": message, "control_epoch": 0 })).await;
        assert_eq!(status.as_u16(), 202, "{answer}");
        let warning = answer["warnings"][0].as_str().unwrap();
        assert!(warning.starts_with("message.blocks[1]: `carousel` is not a block"), "{warning}");
        let said = house.slack.history(ACME, PHILS_DM).pop().unwrap();
        assert!(said.blocks.to_string().contains("Taxi, 12 EUR"), "{said}");
        let (_, answer) = house.asks("messages", json!({ "message": { "text": "plain" }, "control_epoch": 0 })).await;
        assert!(answer.get("warnings").is_none(), "{answer}");
    }

    async fn a_picture_that_only_its_workspace_shows_comes_as_a_file(house: House) {
        house.with_open_room().await;
        let chart = NewFile::image("chart.png", b"\x89PNG chart", (4, 3), "a chart");
        house.slack.share_files(ACME, PHIL, PHILS_DM, &[chart], json!({ "text": "mine" })).unwrap();
        house.wait(Duration::from_secs(2)).await;
        let id = house.slack.history(ACME, PHILS_DM).pop().unwrap().files[0]["id"].clone();
        house.slack.bot_says(BOT_TOKEN, PHILS_DM, json!({ "text": "Look", "blocks": [
            { "type": "header", "text": { "type": "plain_text", "text": "Look" } },
            { "type": "image", "slack_file": { "id": id }, "alt_text": "a chart" }] })).unwrap();
        house.wait(Duration::from_secs(5)).await;
        let posts = house.slack.history(HUB, "cs-phil");
        let words = posts.iter().rfind(|post| post.author == "Expense Bot").unwrap();
        assert!(words.blocks.to_string().contains("🖼️ *a chart*, below"), "{}", words.blocks);
        let file = posts.last().unwrap().files[0].clone();
        assert_eq!(file["name"], "chart.png", "{:#?}", house.room("cs-phil"));
        assert_eq!(house.slack.file_bytes(HUB, file["id"].as_str().unwrap()).unwrap(), b"\x89PNG chart");
    }

    async fn what_the_customer_clicked_is_shown_when_the_bot_reports_it(house: House) {
        house.with_open_room().await;
        let before = house.room("cs-phil").len();
        let approve = json!({ "type": "button", "action_id": "a", "text": { "type": "plain_text", "text": "Approve & pay" } });
        let raw = click(&approve);
        let plain = json!({ "direction": "incoming", "team_id": ACME, "channel_id": PHILS_DM, "user_id": PHIL, "message": raw });
        for (number, body) in [&raw, &raw, &plain].into_iter().enumerate() {
            let (status, answer) = house.ingest(body).await;
            assert_eq!((status, &answer["watched"], &answer["duplicate"]), (StatusCode::ACCEPTED, &json!(true), &json!(number > 0)));
        }
        house.settle().await;
        assert_eq!(house.room("cs-phil")[before..], ["Megatron ▸ [card] Phil clicked *Approve &amp; pay*"]);

        let mut chosen = click(&json!({ "type": "static_select", "placeholder": { "type": "plain_text", "text": "Colour" },
            "selected_option": { "text": { "type": "plain_text", "text": "Blue" }, "value": "b" } }));
        chosen["actions"][0]["action_ts"] = json!("1795168951.000100");
        house.ingest(&chosen).await;
        house.settle().await;
        assert_eq!(house.room("cs-phil")[before + 1..], ["Megatron ▸ [card] Phil chose *Blue* (Colour)"]);
    }

    async fn a_click_that_cannot_be_read_is_refused_with_its_path(house: House) {
        let mut bad = click(&json!({ "type": "button" }));
        bad["actions"][0]["action_ts"] = json!("soon");
        let (status, problem) = house.ingest(&bad).await;
        assert_eq!((status, &problem["errors"][0]["path"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("actions[0].action_ts")));
        bad["user"] = json!({});
        let (status, problem) = house.ingest(&bad).await;
        assert_eq!((status, &problem["errors"][0]["path"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("user.id")));
    }
}
