//! JSON schemas, for people: what kind of value it is, and the fields of objects as nested lists.

use serde_json::Value;

use super::html::{inline, literal, prose};

/// The anchor of a named schema.
pub(super) fn anchor(name: &str) -> String {
    format!("schema-{name}")
}

/// A schema with everything in it.
pub(super) fn whole(schema: &Value) -> String {
    format!("{}<p class=\"kind\">{}</p>\n{}", prose(&schema["description"]), kind(schema), fields(schema))
}

/// What kind of value it is, in one line.
pub(super) fn kind(schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        return format!("<a href=\"#{}\">{name}</a>", anchor(name));
    }
    if schema.get("const").is_some() {
        return literal(&schema["const"]);
    }
    let kinds = |key: &str| schema[key].as_array().map(|parts| parts.iter().map(kind).collect::<Vec<_>>());
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(literal).collect::<Vec<_>>().join(" or ");
    }
    if let Some(kinds) = kinds("oneOf") {
        return kinds.join(" or ");
    }
    if let Some(kinds) = kinds("allOf") {
        return kinds.join(" with ");
    }
    let name = |name: &Value| match name.as_str() {
        Some("array") if schema["items"].is_object() => format!("array of {}", kind(&schema["items"])),
        Some("object") | None => "object".to_owned(),
        Some(other) => other.to_owned(),
    };
    match schema["type"].as_array() {
        Some(names) => names.iter().map(name).collect::<Vec<_>>().join(" or "),
        None => name(&schema["type"]),
    }
}

/// The fields of an object, and of what it consists of; nothing for what has no fields of its own.
pub(super) fn fields(schema: &Value) -> String {
    let required = |name: &str| schema["required"].as_array().is_some_and(|names| names.iter().any(|one| one == name));
    let own = schema["properties"].as_object().into_iter().flatten();
    let own: String = own.map(|(name, schema)| field(name, schema, required(name))).collect();
    let own = if own.is_empty() { own } else { format!("<ul class=\"fields\">\n{own}</ul>\n") };
    let parts = ["oneOf", "allOf"].into_iter().flat_map(|key| schema[key].as_array().into_iter().flatten());
    own + &parts.chain(schema.get("items")).map(fields).collect::<String>()
}

/// One field, or one parameter.
pub(super) fn field(name: &str, schema: &Value, required: bool) -> String {
    let required = if required { " <b>required</b>" } else { "" };
    let (kind, about, fields) = (kind(schema), inline(&schema["description"]), fields(schema));
    format!("<li><code>{name}</code> <span class=\"kind\">{kind}</span>{required} {about}\n{fields}</li>\n")
}

/// The name of the schema that this one refers to.
fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn kinds_are_said_in_one_line() {
        let kinds = [
            (json!({ "type": "string" }), "string"),
            (json!({ "type": ["integer", "null"] }), "integer or null"),
            (json!({ "const": 202 }), "<code>202</code>"),
            (json!({ "enum": ["bot", "human"] }), "<code>&quot;bot&quot;</code> or <code>&quot;human&quot;</code>"),
            (json!({ "$ref": "#/components/schemas/Room" }), "<a href=\"#schema-Room\">Room</a>"),
            (
                json!({ "type": "array", "items": { "$ref": "#/components/schemas/Room" } }),
                "array of <a href=\"#schema-Room\">Room</a>",
            ),
            (json!({ "oneOf": [{ "type": "object" }, { "type": "null" }] }), "object or null"),
            (json!({ "properties": {} }), "object"),
        ];
        for (schema, said) in kinds {
            assert_eq!(kind(&schema), said);
        }
    }

    #[test]
    fn fields_of_fields_are_nested() {
        let schema = json!({ "required": ["a"], "properties": { "a": { "type": "object", "properties": { "b": { "type": "string" } } } } });
        let inner = "<ul class=\"fields\">\n<li><code>b</code> <span class=\"kind\">string</span> \n</li>\n</ul>\n";
        let outer = format!(
            "<ul class=\"fields\">\n<li><code>a</code> <span class=\"kind\">object</span> <b>required</b> \n{inner}</li>\n</ul>\n"
        );
        assert_eq!(fields(&schema), outer);
    }
}
