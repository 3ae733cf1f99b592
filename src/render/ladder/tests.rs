#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::super::mentions::{Mentioned, mentioned};
use super::super::{mirror, samples};
use super::repair::ADDITIONS;
use super::*;

fn section(text: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": text}})
}

fn image(url: &str) -> Value {
    json!({"type": "image", "image_url": url, "alt_text": "a cat"})
}

/// One step down after these complaints: the blocks, and what was told.
fn after(body: Value, errors: &[&str]) -> (Value, Vec<String>) {
    let mut step = Step::of(body);
    let errors: Vec<String> = errors.iter().map(|&error| error.to_owned()).collect();
    assert!(step.down("invalid_blocks", &errors), "nothing changed: {}", step.body);
    (step.body["blocks"].take(), step.left_out)
}

#[test]
fn every_named_block_is_replaced_by_its_text_and_the_rest_stays() {
    let body = json!({"text": "t", "blocks": [
        {"type": "task_card", "title": "First"}, section("stays"), {"type": "task_card", "title": "Second"}, {"type": "call"}]});
    let (blocks, told) = after(
        body,
        &[
            "unsupported type: call [json-pointer:/blocks/3/type]",
            "unsupported type: task_card [json-pointer:/blocks/0/type]",
            "[ERROR] unsupported type: task_card [json-pointer:/blocks/0/type]",
            "unsupported type: task_card [json-pointer:/blocks/2/type]",
        ],
    );
    assert_eq!(blocks, json!([section("First"), section("stays"), section("Second"), section("[call]")]));
    assert_eq!(
        told,
        [
            "A block of kind “call” could not be shown here and was replaced by its text.",
            "A block of kind “task card” could not be shown here and was replaced by its text.",
        ]
    );
}

#[test]
fn a_picture_that_cannot_be_shown_becomes_a_link_and_what_it_stands_in_stays() {
    let mut with = section("see");
    with["accessory"] = image("https://a.example/1.png");
    let body = json!({"text": "t", "blocks": [with, image("https://a.example/2.png"),
        {"type": "context", "elements": [image("https://a.example/3.png"), {"type": "mrkdwn", "text": "small"}]}]});
    let (blocks, told) = after(
        body,
        &[
            "downloading image failed [json-pointer:/blocks/0/accessory/image_url]",
            "downloading image failed [json-pointer:/blocks/1/image_url]",
            "downloading image failed [json-pointer:/blocks/2/elements/0/image_url]",
        ],
    );
    assert_eq!(
        blocks,
        json!([section("see"), section("<https://a.example/1.png|a cat>"), section("<https://a.example/2.png|a cat>"),
        {"type": "context", "elements": [
            {"type": "mrkdwn", "text": "<https://a.example/3.png|a cat>"}, {"type": "mrkdwn", "text": "small"}]}])
    );
    assert_eq!(told, ["A block of kind “image” could not be shown here and was replaced by its text."]);
}

#[test]
fn what_slack_added_itself_goes_first_and_nobody_is_told() {
    let mut picture = image("https://a.example/1.png");
    for key in ADDITIONS {
        picture[key] = json!(1);
    }
    let date = json!({"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
        {"type": "date", "timestamp": 1, "format": "{date}", "fallback": "then"}]}]});
    let body = json!({"text": "t", "blocks": [picture, date], "attachments": [{"fallback": "f", "blocks": [picture]}]});
    let clean = json!([image("https://a.example/1.png"), date]);
    let (blocks, told) = after(body.clone(), &["invalid additional property: image_width [json-pointer:/blocks/0]"]);
    assert_eq!((blocks, told.len()), (clean.clone(), 0));
    let mut step = Step::of(body);
    assert!(step.down("invalid_blocks", &[]));
    assert_eq!(step.body["blocks"], clean);
    assert_eq!(step.body["attachments"], json!([{"fallback": "f", "blocks": [image("https://a.example/1.png")]}]));
}

#[test]
fn without_a_pointer_the_least_known_kind_is_blamed_first() {
    let picture = || image("https://a.example/1.png");
    let mut step = Step::of(json!({"text": "t", "blocks": [section("a"), picture(), {"type": "call"}]}));
    assert!(step.down("invalid_blocks", &[]));
    assert_eq!(step.body["blocks"], json!([section("a"), picture(), section("[call]")]));
    assert!(step.down("invalid_blocks", &[]));
    assert_eq!(
        step.body["blocks"],
        json!([section("a"), section("<https://a.example/1.png|a cat>"), section("[call]")])
    );
    assert!(step.down("invalid_blocks", &[]));
    assert_eq!(
        (step.body["text"].as_str().unwrap(), step.body.get("blocks")),
        ("a\n<https://a.example/1.png|a cat>\n[call]", None)
    );
    assert_eq!(step.left_out.len(), 3);
    assert!(!step.down("invalid_blocks", &[]), "there is nothing plainer");
    assert!(step.give_up() && !step.give_up());
}

#[test]
fn a_section_that_is_too_long_becomes_several() {
    let mut step = Step::of(json!({"attachments": [{"blocks": [section(&"word ".repeat(1000))]}]}));
    let error = "must be less than 3001 characters [json-pointer:/attachments/0/blocks/0/text/text]".to_owned();
    assert!(step.down("invalid_blocks", &[error]));
    assert_eq!(step.body["attachments"][0]["blocks"].as_array().unwrap().len(), 2);
}

#[test]
fn what_is_too_much_becomes_text_and_none_of_it_is_lost() {
    let body =
        json!({"text": "short", "blocks": vec![section(&"word ".repeat(500)); 5], "attachments": [{"text": "end"}]});
    for (code, error) in
        [("msg_blocks_too_long", ""), ("invalid_blocks", "no more than 50 items allowed [json-pointer:/blocks]")]
    {
        let mut step = Step::of(body.clone());
        assert!(step.down(code, &[error.to_owned()]));
        assert!(step.body["text"].as_str().unwrap().chars().count() <= TEXT_LIMIT);
        let attached = items(&step.body, "attachments");
        let shown: String = std::iter::once(&step.body).chain(attached).map(|shown| string(shown, "text")).collect();
        assert_eq!(shown.matches("word").count(), 2500);
        assert_eq!(string(attached.last().unwrap(), "text"), "end");
    }
}

#[test]
fn what_a_person_typed_is_its_own_text() {
    let typed = json!([{"type": "rich_text", "elements": []}]);
    let mut step = Step::of(json!({"text": "*hello*", "blocks": typed}));
    assert!(step.down("invalid_blocks", &["must be more than 0 items [json-pointer:/blocks/0/elements]".to_owned()]));
    assert_eq!(step.body, json!({"text": "*hello*"}));
}

#[test]
fn refused_attachments_go_below_the_words() {
    for code in OF_ATTACHMENTS {
        let mut step =
            Step::of(json!({"text": "see", "attachments": [{"title": "T", "text": "body", "color": "#fff"}]}));
        assert!(step.down(code, &[]));
        assert_eq!(step.body, json!({"text": "see\n*T*\nbody"}));
        assert!(!step.down(code, &[]));
        let mut step = Step::of(json!({"text": "t", "blocks": [section("see")], "attachments": [{"text": "body"}]}));
        assert!(step.down(code, &[]));
        assert_eq!(step.body["blocks"], json!([section("see"), section("body")]));
        assert_eq!(step.left_out.len(), 1);
    }
}

#[test]
fn the_note_stands_once_below_the_message() {
    let lines = ["One.".to_owned(), "Two.".to_owned()];
    let mut body = json!({"text": "hi"});
    note(&mut body, &lines);
    assert_eq!(body, json!({"text": "hi\n_One._\n_Two._"}));
    let mut body = json!({"text": "hi", "blocks": [section("hi")]});
    note(&mut body, &lines[..1]);
    assert_eq!(body["blocks"][1], json!({"type": "context", "elements": [{"type": "mrkdwn", "text": "_One._"}]}));
    let mut full = json!({"text": "hi", "blocks": vec![section("hi"); 50]});
    note(&mut full, &vec!["x".to_owned(); 7]);
    assert_eq!(full["attachments"][0]["text"], "_x_\n_x_\n_x_\n_x_\n_x_\n_… (+2)_");
    let before = full.clone();
    note(&mut full, &[]);
    assert_eq!(full, before);
}

#[test]
fn the_last_step_is_a_line_of_the_same_speaker() {
    let mut step = Step::of(json!({"username": "Phil", "channel": "C1", "metadata": {"event_type": "megatron"},
        "text": "t", "blocks": [{"type": "divider"}], "attachments": [{}], "unfurl_links": false}));
    assert!(step.give_up());
    assert_eq!(
        step.body,
        json!({"username": "Phil", "channel": "C1", "metadata": {"event_type": "megatron"},
        "text": "_A message that cannot be shown here._", "unfurl_links": false})
    );
}

#[test]
fn a_list_without_blocks_goes_without_a_word() {
    let mut step = Step::of(json!({"channel": "C1", "text": "", "blocks": []}));
    assert!(step.down("msg_too_long", &[]));
    assert_eq!((step.body.get("blocks"), step.left_out.len()), (None, 0));
    assert!(!step.down("msg_too_long", &[]), "nothing more can be done");
}

proptest! {
    #[test]
    fn every_way_down_ends_and_mentions_nobody(
        message in prop_oneof![samples::any_message().boxed(), samples::message()],
        refusals in prop::collection::vec((prop::sample::select(&["invalid_blocks", "invalid_attachments", "msg_too_long", "no_text"][..]), 0usize..5), 12),
    ) {
        let speaker = mirror::Speaker { name: "Phil".to_owned(), icon_url: None };
        let mut step = Step::of(mirror::post(&message, &speaker, &samples::names()));
        let mut steps = 0;
        for (code, at) in refusals {
            let before = step.clone();
            if !step.down(code, &[format!("bad [json-pointer:/blocks/{at}/x]"), format!("[json-pointer:/attachments/0/blocks/{at}]")]) {
                prop_assert_eq!(&before.body, &step.body);
                break;
            }
            steps += 1;
            let mut noted = step.body.clone();
            note(&mut noted, &step.left_out);
            prop_assert_eq!(mentioned(&noted), Mentioned::default(), "{}", noted);
        }
        prop_assert!(steps <= STEPS);
    }
}
