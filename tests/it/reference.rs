//! The description of the HTTP interface is true: of the routes, of the errors, of answers and callbacks as they really are.

use std::collections::{BTreeSet, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonschema::draft202012;
use megatron::demo::cast::{ACME, JANE, PHIL, PHILS_DM};
use megatron::intake::ingest::{Parsed, parse};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::house::House;
use crate::support::queues::queue;

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

async fn description(house: &House) -> Value {
    let response = house.request(Method::GET, "openapi.json").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

/// Every operation: where it is (`paths` or `webhooks`), path, method, the operation itself.
fn operations(description: &Value) -> Vec<(&str, &str, &str, &Value)> {
    let of = |key: &'static str| {
        let items = description[key].as_object().unwrap();
        items.iter().flat_map(move |(path, item)| {
            let methods = item.as_object().unwrap().iter().filter(|(method, _)| METHODS.contains(&method.as_str()));
            methods.map(move |(method, operation)| (key, path.as_str(), method.as_str(), operation))
        })
    };
    of("paths").chain(of("webhooks")).collect()
}

/// Shows every value of a document to `see`.
fn walk<'v>(value: &'v Value, see: &mut impl FnMut(&'v Value)) {
    see(value);
    match value {
        Value::Array(values) => values.iter().for_each(|value| walk(value, see)),
        Value::Object(fields) => fields.values().for_each(|value| walk(value, see)),
        _ => {}
    }
}

/// What stands in the way of `instance` being what `schema`, a part of the description, says.
fn complaints(description: &Value, schema: &Value, instance: &Value) -> Vec<String> {
    let schema = json!({ "allOf": [schema], "components": description["components"] });
    let validator = draft202012::new(&schema).unwrap();
    validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[tokio::test]
async fn the_document_is_well_formed() {
    let description = description(&House::on_sqlite().await).await;
    assert_eq!(
        (&description["openapi"], &description["info"]["version"]),
        (&json!("3.1.0"), &json!(env!("CARGO_PKG_VERSION")))
    );

    let tags: Vec<&Value> = description["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let mut names = HashSet::new();
    for (key, path, method, operation) in operations(&description) {
        let place = format!("{method} {path}");
        assert!(names.insert(operation["operationId"].as_str().unwrap()), "{place}: an operation's name of its own");
        assert!(operation["summary"].is_string(), "{place}: a summary");
        assert!(!operation["responses"].as_object().unwrap().is_empty(), "{place}: answers");
        if key == "paths" {
            assert!(
                operation["tags"].as_array().unwrap().iter().all(|tag| tags.contains(&tag)),
                "{place}: a known tag"
            );
        }
        let parameters = [&description[key][path]["parameters"], &operation["parameters"]];
        let parameters = parameters.into_iter().filter_map(Value::as_array).flatten().map(|parameter| {
            parameter["$ref"].as_str().map_or(parameter, |target| description.pointer(&target[1..]).unwrap())
        });
        let declared: BTreeSet<&str> = parameters
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let in_path: BTreeSet<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(declared, in_path, "{place}: the parameters of the path");
    }
    for schema in description["components"]["schemas"].as_object().unwrap().values() {
        draft202012::meta::validate(schema).unwrap();
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere_and_nothing_is_left_over() {
    let description = description(&House::on_sqlite().await).await;
    let mut used = HashSet::new();
    walk(&description, &mut |value| {
        if let Some(target) = value["$ref"].as_str() {
            assert!(description.pointer(&target[1..]).is_some(), "{target}");
            used.insert(target.to_owned());
        }
    });
    for (kind, components) in description["components"].as_object().unwrap() {
        for name in components.as_object().unwrap().keys().filter(|_| kind != "securitySchemes") {
            assert!(used.contains(&format!("#/components/{kind}/{name}")), "nobody needs {kind} {name}");
        }
    }
}

#[tokio::test]
async fn every_example_is_what_its_schema_says() {
    let description = description(&House::on_sqlite().await).await;
    let mut seen = 0;
    walk(&description, &mut |value| {
        for (name, example) in value["examples"].as_object().into_iter().flatten() {
            assert_eq!(complaints(&description, &value["schema"], &example["value"]), Vec::<String>::new(), "{name}");
            seen += 1;
        }
    });
    assert!(seen > 10, "only {seen} examples");
}

#[tokio::test]
async fn the_examples_of_ingest_are_taken_in() {
    let description = description(&House::on_sqlite().await).await;
    let body = &description["paths"]["/ingest"]["post"]["requestBody"]["content"]["application/json"];
    for (name, example) in body["examples"].as_object().unwrap() {
        let elements = match parse(example["value"].to_string().as_bytes()).unwrap() {
            Parsed::One(element) => vec![element],
            Parsed::Many(elements) => elements,
        };
        assert!(elements.iter().all(|element| matches!(element, Ok(Some(_)))), "{name}: {elements:?}");
    }
}

#[tokio::test]
async fn what_ingest_refuses_the_schema_refuses_too() {
    let description = description(&House::on_sqlite().await).await;
    let body = &description["paths"]["/ingest"]["post"]["requestBody"]["content"]["application/json"];
    let good = &body["examples"]["message"]["value"];
    for (field, value) in [
        ("/direction", json!("sideways")),
        ("/team_id", json!("")),
        ("/user_id", json!(7)),
        ("/message", json!("help!")),
        ("/message/ts", json!("17")),
        ("/message/blocks", json!({})),
        ("/control_epoch", json!(-1)),
        ("/signals", json!([])),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(field).unwrap() = value;
        assert!(matches!(parse(bad.to_string().as_bytes()), Ok(Parsed::One(Err(_)))), "{field}");
        assert_ne!(complaints(&description, &body["schema"], &bad), Vec::<String>::new(), "{field}");
    }
}

#[tokio::test]
async fn the_routes_are_those_of_the_description() {
    let house = House::on_sqlite().await;
    let description = description(&house).await;
    let described: BTreeSet<&str> = description["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    // The router does not tell its paths in any other way.
    let shown = format!("{:?}", house.app.router());
    let is_fallback = |path: &str| path == "/" || path.contains('*');
    let routed: BTreeSet<&str> = shown.split('"').filter(|part| part.starts_with('/') && !is_fallback(part)).collect();
    assert_eq!(routed, described);

    for path in described {
        let place = path.replace("{team_id}", ACME).replace("{channel_id}", PHILS_DM).replace("{bot}", "expenses");
        let place = place.replace("{user_id}", PHIL).replace("{id}", "1.1").replace("{label}", "support");
        for name in METHODS {
            let method: Method = name.to_uppercase().parse().unwrap();
            // Without a key: what is there refuses it.
            let status = house.request(method, &place[1..]).send().await.unwrap().status();
            let is_described = description["paths"][path].get(name).is_some();
            assert_ne!(status, 404, "{name} {path}");
            assert_eq!(status != 405, is_described, "{name} {path}: {status}");
        }
    }
}

#[tokio::test]
async fn every_error_has_its_place_on_the_page() {
    let house = House::on_sqlite().await;
    let description = description(&house).await;
    let codes = description["components"]["schemas"]["ProblemCode"]["oneOf"].as_array().unwrap();
    let described: BTreeSet<&str> = codes.iter().map(|code| code["const"].as_str().unwrap()).collect();
    let source = include_str!("../../src/intake/problem.rs");
    let made: BTreeSet<&str> = source.split("Self::new(").skip(1).map(|call| call.split('"').nth(1).unwrap()).collect();
    assert_eq!(made, described);

    let page = house.request(Method::GET, "docs").send().await.unwrap().text().await.unwrap();
    for code in described {
        assert!(page.contains(&format!("id=\"error-{code}\"")), "{code}");
    }
    let (_, problem) = house.api(Method::GET, "v1/conversations/T1/D1", None).await;
    let anchor = problem["type"].as_str().unwrap().strip_prefix("/docs#").unwrap();
    assert!(page.contains(&format!("id=\"{anchor}\"")), "{problem}");
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere_and_its_links_lead_somewhere() {
    let house = House::on_sqlite().await;
    let response = house.request(Method::GET, "docs").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let page = response.text().await.unwrap();

    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let hash = STANDARD.encode(Sha256::digest(style));
    assert!(policy.contains(&format!("style-src 'sha256-{hash}'")), "{policy}");
    for foreign in ["<script", " src=", " style=", "http://", "https://", "@import", "url("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    let values = |name: &str| -> Vec<String> {
        page.split(&format!(" {name}=\"")).skip(1).map(|rest| rest.split_once('"').unwrap().0.to_owned()).collect()
    };
    let ids = values("id");
    let places: HashSet<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(places.len(), ids.len(), "an anchor twice: {ids:?}");
    for link in values("href").iter().filter(|link| *link != "/openapi.json") {
        assert!(places.contains(link.strip_prefix('#').unwrap()), "{link}");
    }
    for (_, _, _, operation) in operations(&description(&house).await) {
        assert!(places.contains(operation["operationId"].as_str().unwrap()), "{operation}");
    }
}

#[tokio::test]
async fn callbacks_are_what_the_description_says() {
    let house = House::on_sqlite().await;
    let description = description(&house).await;
    house.with_open_room().await;
    house.types(JANE, "cs-phil", "pause").await;
    house.types(JANE, "cs-phil", "do refund him").await;
    house.types(JANE, "cs-phil", "clear-context").await;
    house.jane_types("open nobody").await;
    house.types(JANE, "cs-phil", "handback Refunded.").await;
    house.types(JANE, "cs-phil", "close").await;

    let heard = house.bot.heard();
    for callback in &heard {
        let kind = callback.body["type"].as_str().unwrap();
        let schema = &description["webhooks"][kind]["post"]["requestBody"]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{kind} is described");
        assert_eq!(complaints(&description, schema, &callback.body), Vec::<String>::new(), "{}", callback.body);
    }
    let kinds: BTreeSet<&str> = heard.iter().map(|callback| callback.body["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        [
            "command.clear_context",
            "command.do",
            "command.search_customers",
            "conversation.closed",
            "conversation.opened",
            "conversation.paused",
            "conversation.unpaused",
        ]
    );
}

#[tokio::test]
async fn answers_are_what_the_description_says() {
    let house = House::on_sqlite().await;
    let description = description(&house).await;
    let schema = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let ingest = &description["paths"]["/ingest"]["post"];
    let answered = &ingest["responses"]["202"]["content"]["application/json"]["schema"];

    house.with_open_room().await;
    house.has_queue(&queue("support", "C0HELPDESK")).await;
    let conversation = format!("v1/conversations/{ACME}/{PHILS_DM}");
    let workspace = format!("v1/workspaces/{ACME}");
    let array = json!([ingest["requestBody"]["content"]["application/json"]["examples"]["message"]["value"], {}]);
    let stale = json!({ "message": { "text": "hello" }, "control_epoch": 99 });
    for (method, path, body, status, schema) in [
        (Method::POST, "ingest", Some(array), 202, answered.clone()),
        (Method::POST, "ingest", Some(json!({})), 422, schema("Problem")),
        (Method::GET, &conversation, None, 200, schema("Conversation")),
        (Method::GET, "v1/conversations/T1/D1", None, 404, schema("Problem")),
        (
            Method::POST,
            &format!("{conversation}/pause"),
            Some(json!({ "reason": "refund" })),
            200,
            schema("Conversation"),
        ),
        (Method::POST, &format!("{conversation}/messages"), Some(stale), 409, schema("Problem")),
        (Method::POST, &format!("{conversation}/handoffs"), Some(json!({ "user_id": PHIL })), 201, schema("Handoff")),
        (Method::POST, &format!("{conversation}/handoffs"), Some(json!({})), 422, schema("Problem")),
        (Method::GET, &format!("{conversation}/transcript"), None, 200, schema("Transcript")),
        (
            Method::GET,
            &format!("{conversation}/audit"),
            None,
            200,
            json!({ "properties": { "lines": { "type": "array", "minItems": 1, "items": schema("JournalLine") } } }),
        ),
        (Method::GET, &format!("v1/customers/{ACME}/{PHIL}/export"), None, 200, schema("Export")),
        (Method::GET, &workspace, None, 200, schema("Workspace")),
        (Method::PUT, "v1/queues/billing", Some(json!({ "widen_after": "5m" })), 201, schema("Queue")),
        (
            Method::GET,
            "v1/queues",
            None,
            200,
            json!({ "properties": { "queues": { "minItems": 1, "items": schema("Queue") } } }),
        ),
        (
            Method::PUT,
            "v1/bot",
            Some(json!({ "active": true })),
            200,
            description["paths"]["/v1/bot"]["put"]["responses"]["200"]["content"]["application/json"]["schema"].clone(),
        ),
    ] {
        let place = format!("{method} {path}");
        let (found, answer) = house.api(method, path, body).await;
        assert_eq!(found, status, "{place}: {answer}");
        assert_eq!(complaints(&description, &schema, &answer), Vec::<String>::new(), "{place}: {answer}");
    }
}
