#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::{check_attachments, check_message, check_view};

fn refusal(blocks: &Value) -> String {
    check_message(blocks, &|file| file == "F1").unwrap_err().answer().to_string()
}

fn accepts(blocks: &Value) {
    check_message(blocks, &|file| file == "F1").map_err(|refusal| refusal.answer()).unwrap();
}

#[test]
fn what_slack_takes_is_taken() {
    accepts(&json!([
        { "type": "header", "text": { "type": "plain_text", "text": "Title", "emoji": true } },
        { "type": "section", "text": { "type": "mrkdwn", "text": "*bold*", "verbatim": false },
          "accessory": { "type": "image", "image_url": "https://example.org/a.png", "alt_text": "a" } },
        { "type": "image", "slack_file": { "id": "F1" }, "alt_text": "a" },
        { "type": "context", "elements": [{ "type": "mrkdwn", "text": "small" }] },
        { "type": "actions", "elements": [
            { "type": "button", "action_id": "go", "text": { "type": "plain_text", "text": "Go" }, "value": "1" },
            { "type": "static_select", "action_id": "pick", "options": [
                { "text": { "type": "plain_text", "text": "One" }, "value": "1" }] }] },
        { "type": "divider" },
        { "type": "markdown", "text": "# hello" },
    ]));
}

#[test]
fn rich_text_as_slack_sends_it_is_taken_back() {
    accepts(&json!([{ "type": "rich_text", "block_id": "x1", "elements": [
        { "type": "rich_text_section", "elements": [
            { "type": "text", "text": "hi ", "style": { "bold": true } }, { "type": "user", "user_id": "U1" },
            { "type": "emoji", "name": "wave", "unicode": "1f44b" }, { "type": "some_day", "new": 1 }] },
        { "type": "rich_text_list", "style": "bullet", "indent": 0, "border": 0, "elements": [
            { "type": "rich_text_section", "elements": [{ "type": "text", "text": "one" }] }] },
        { "type": "rich_text_preformatted", "border": 0, "elements": [{ "type": "text", "text": "code" }] },
        { "type": "rich_text_quote", "elements": [{ "type": "link", "url": "https://example.org" }] },
    ] }]));
}

#[test]
fn what_slack_refuses_is_refused_where_it_stands() {
    let plain = |text: &str| json!({ "type": "plain_text", "text": text });
    let button = |id: &str| json!({ "type": "button", "action_id": id, "text": plain("x") });
    let image = |url: &str| json!({ "type": "image", "image_url": url, "alt_text": "a" });
    let cases = [
        (json!([{ "type": "nonsense" }]), "unsupported type: nonsense [json-pointer:/blocks/0/type]"),
        (json!([{ "type": "call", "call_id": "R1" }]), "unsupported type: call [json-pointer:/blocks/0/type]"),
        (
            json!([{ "type": "divider" }, { "type": "section" }]),
            "missing required field: text or fields [json-pointer:/blocks/1]",
        ),
        (
            json!([{ "type": "section", "text": { "type": "mrkdwn", "text": "x".repeat(3001) } }]),
            "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        ),
        (
            json!([{ "type": "section", "text": { "type": "mrkdwn", "text": "" } }]),
            "must be more than 0 characters [json-pointer:/blocks/0/text/text]",
        ),
        (
            json!([{ "type": "section", "text": { "type": "mrkdwn", "text": "x", "emoji": true } }]),
            "invalid additional property: emoji [json-pointer:/blocks/0/text]",
        ),
        (
            json!([{ "type": "header", "text": { "type": "mrkdwn", "text": "x" } }]),
            "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
        ),
        (
            json!([{ "type": "header", "text": plain(&"x".repeat(151)) }]),
            "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        ),
        (json!([image("https://broken.invalid/a.png")]), "downloading image failed [json-pointer:/blocks/0/image_url]"),
        (
            json!([{ "type": "image", "slack_file": { "id": "F2" }, "alt_text": "a" }]),
            "invalid slack file [json-pointer:/blocks/0/slack_file]",
        ),
        (
            json!([{ "type": "image", "image_url": "https://example.org/a.png", "alt_text": "a", "image_width": 3 }]),
            "invalid additional property: image_width [json-pointer:/blocks/0]",
        ),
        (
            json!([{ "type": "actions", "elements": [button("a"), button("a")] }]),
            "`action_id` already exists [json-pointer:/blocks/0/elements/1/action_id]",
        ),
        (
            json!([{ "type": "actions", "elements": (0..26).map(|n| button(&n.to_string())).collect::<Vec<_>>() }]),
            "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            json!([{ "type": "divider", "block_id": "b" }, { "type": "divider", "block_id": "b" }]),
            "`block_id` already exists [json-pointer:/blocks/1/block_id]",
        ),
        (json!(vec![json!({ "type": "divider" }); 51]), "no more than 50 items allowed [json-pointer:/blocks]"),
        (
            json!([{ "type": "rich_text", "elements": [] }]),
            "must be more than 0 items [json-pointer:/blocks/0/elements]",
        ),
        (json!(["text"]), "invalid_blocks_format"),
        (json!({}), "invalid_blocks_format"),
        (json!(vec![json!({ "type": "markdown", "text": "x".repeat(6001) }); 2]), "msg_blocks_too_long"),
    ];
    for (blocks, expected) in cases {
        let answer = refusal(&blocks);
        assert!(answer.contains(expected), "{expected} not in {answer}");
    }
}

#[test]
fn attachments_may_hold_anything_but_bad_blocks() {
    let odd = json!([{ "text": "x", "id": "1", "from_url": "https://example.org", "whatever": [1] }]);
    assert!(check_attachments(&odd, &|_| false).is_ok());
    let bad = json!([{}, { "blocks": [{ "type": "divider" }, { "type": "nonsense" }] }]);
    let answer = check_attachments(&bad, &|_| false).unwrap_err().answer().to_string();
    assert!(answer.contains("[json-pointer:/attachments/1/blocks/1/type]"), "{answer}");
}

#[test]
fn a_modal_needs_a_title_and_a_submit_button_for_its_inputs() {
    let input = json!({ "type": "input", "label": { "type": "plain_text", "text": "Note" },
        "element": { "type": "plain_text_input", "action_id": "note" } });
    let answer = check_view(&json!({ "type": "modal", "blocks": [input] }), &|_| false).unwrap_err().answer();
    assert_eq!(answer["error"], "invalid_arguments");
    assert!(answer.to_string().contains("missing required field: title"));
    assert!(answer.to_string().contains("missing required field: submit"));
}
