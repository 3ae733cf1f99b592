//! One operation: a way into the service, or a callback.

use serde_json::Value;

use super::html::{attribute, inline, json, prose, text};
use super::schema;

/// An operation, and what it needs of its surroundings.
pub(super) struct Operation<'v> {
    description: &'v Value,
    path: &'v str,
    /// The path item: holds parameters that all methods share.
    item: &'v Value,
    method: &'v str,
    /// The operation object itself.
    details: &'v Value,
}

/// Those under `paths` or `webhooks`, in order.
pub(super) fn all<'v>(description: &'v Value, key: &str) -> impl Iterator<Item = Operation<'v>> {
    description[key].as_object().into_iter().flatten().flat_map(move |(path, item)| {
        let methods = item.as_object().into_iter().flatten().filter(|(key, _)| *key != "parameters");
        methods.map(move |(method, details)| Operation { description, path, item, method, details })
    })
}

impl<'v> Operation<'v> {
    /// The section that it belongs to.
    pub(super) fn tag(&self) -> &'v str {
        self.details["tags"][0].as_str().unwrap_or_default()
    }

    /// Anchor, title and content.
    pub(super) fn entry(&self) -> (String, String, String) {
        let anchor = attribute(&self.details["operationId"]);
        let summary = inline(&self.details["summary"]);
        let (method, path, about) = (self.method, self.path, prose(&self.details["description"]));
        // A callback has a name instead of a path.
        let line = if path.starts_with('/') {
            format!("<code class=\"line\"><b>{}</b> {path}</code>", method.to_uppercase())
        } else {
            format!("<code class=\"line\">{path}</code>")
        };
        let content = format!(
            "<article id=\"{anchor}\">\n<h3>{summary}</h3>\n{line}\n{about}{}{}{}{}</article>\n",
            self.access(),
            self.parameters(),
            self.body(),
            self.answers()
        );
        (anchor, summary, content)
    }

    fn access(&self) -> String {
        match self.details["security"].as_array().map(Vec::as_slice) {
            Some([]) => "<p class=\"access\">No key is needed.</p>\n".to_owned(),
            Some([scheme, ..]) => {
                let name = scheme.as_object().and_then(|scheme| scheme.keys().next()).map_or("", String::as_str);
                format!("<p class=\"access\"><a href=\"#security-{name}\">Signed by Slack.</a></p>\n")
            }
            None => String::new(),
        }
    }

    fn parameters(&self) -> String {
        let parameters = [self.item, self.details].into_iter().filter_map(|holder| holder["parameters"].as_array());
        let list = parameters.flatten().map(|parameter| {
            let parameter = self.resolve(parameter);
            let schema = schema::kind(&parameter["schema"]);
            let required = if parameter["required"] == true { " <b>required</b>" } else { "" };
            let (name, place) = (text(&parameter["name"]), text(&parameter["in"]));
            let about = inline(&parameter["description"]);
            format!(
                "<li><code>{name}</code> <span class=\"kind\">{schema}, in the {place}</span>{required} {about}</li>\n"
            )
        });
        let list = list.fold(String::new(), |list, item| list + &item);
        if list.is_empty() { list } else { format!("<h4>Parameters</h4>\n<ul class=\"fields\">\n{list}</ul>\n") }
    }

    fn body(&self) -> String {
        let Some(body) = self.details.get("requestBody").map(|body| self.resolve(body)) else { return String::new() };
        let optional = if body["required"] == true { "" } else { " <small>optional</small>" };
        format!("<h4>Body{optional}</h4>\n{}", content(body))
    }

    fn answers(&self) -> String {
        let answers = self.details["responses"].as_object().into_iter().flatten();
        let answers = answers.map(|(status, answer)| {
            let answer = self.resolve(answer);
            let status = if status == "default" { "else" } else { status };
            format!("<dt>{status}</dt>\n<dd>{}{}</dd>\n", prose(&answer["description"]), content(answer))
        });
        format!("<h4>Answers</h4>\n<dl>\n{}</dl>\n", answers.fold(String::new(), |list, item| list + &item))
    }

    fn resolve(&self, value: &'v Value) -> &'v Value {
        let target = value["$ref"].as_str().and_then(|target| self.description.pointer(target.strip_prefix('#')?));
        target.unwrap_or(value)
    }
}

/// What a body may hold, with examples.
fn content(body: &Value) -> String {
    let kinds = body["content"].as_object().into_iter().flatten();
    kinds.fold(String::new(), |html, (media_type, content)| {
        let (kind, fields) = (schema::kind(&content["schema"]), schema::fields(&content["schema"]));
        let examples = content["examples"].as_object().into_iter().flatten();
        let examples = examples.fold(String::new(), |html, (_, example)| {
            let (summary, value) = (inline(&example["summary"]), json(&example["value"]));
            html + "<details>\n<summary>Example: " + &summary + "</summary>\n<pre>" + &value + "</pre>\n</details>\n"
        });
        html + "<p class=\"kind\"><code>" + media_type + "</code>: " + &kind + "</p>\n" + &fields + &examples
    })
}
