//! The description as a page: pure, from the OpenAPI document alone. [`super::Reference`] makes it once.

mod html;
mod operation;
mod schema;

use std::collections::BTreeMap;

use serde_json::Value;

use html::{attribute, inline, prose, text};

/// The style sheet of the page, which stands in it.
pub(super) const STYLE: &str = include_str!("style.css");

/// Draws the page.
///
/// It reads as much of OpenAPI 3.1 as the description uses. Each code of `ProblemCode` gets the anchor `error-<code>`, to
/// which problem documents point.
#[must_use]
pub fn page(description: &Value) -> String {
    let info = &description["info"];
    let (title, version) = (text(&info["title"]), text(&info["version"]));
    let (summary, introduction) = (inline(&info["summary"]), prose(&info["description"]));
    let sections = sections(description);
    let contents: String = sections.iter().map(Section::contents).collect();
    let bodies: String = sections.iter().map(Section::body).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}: HTTP interface</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <nav aria-label=\"Contents\">\n{contents}</nav>\n<main>\n\
         <header>\n<h1>{title} <small>{version}</small></h1>\n<p>{summary}</p>\n{introduction}\
         <p>For programs: <a href=\"/openapi.json\">openapi.json</a>, an OpenAPI 3.1 document.</p>\n</header>\n\
         {bodies}</main>\n</body>\n</html>\n"
    )
}

/// A part of the page.
struct Section {
    anchor: String,
    title: String,
    introduction: String,
    /// Anchor, title and content of each entry.
    entries: Vec<(String, String, String)>,
}

impl Section {
    fn contents(&self) -> String {
        let Self { anchor, title, .. } = self;
        let entry =
            |(anchor, title, _): &(String, String, String)| format!("<li><a href=\"#{anchor}\">{title}</a></li>\n");
        let entries = self.entries.iter().map(entry).fold(String::new(), |list, entry| list + &entry);
        format!("<h2><a href=\"#{anchor}\">{title}</a></h2>\n<ul>\n{entries}</ul>\n")
    }

    fn body(&self) -> String {
        let Self { anchor, title, introduction, .. } = self;
        let entries: String = self.entries.iter().map(|(_, _, content)| content.as_str()).collect();
        format!("<section>\n<h2 id=\"{anchor}\">{title}</h2>\n{introduction}{entries}</section>\n")
    }
}

fn sections(description: &Value) -> Vec<Section> {
    let mut sections = vec![access(description)];
    let mut by_tag: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for operation in operation::all(description, "paths") {
        by_tag.entry(operation.tag()).or_default().push(operation.entry());
    }
    for tag in description["tags"].as_array().into_iter().flatten() {
        sections.push(Section {
            anchor: format!("tag-{}", attribute(&tag["name"])),
            title: text(&tag["name"]),
            introduction: prose(&tag["description"]),
            entries: tag["name"].as_str().and_then(|name| by_tag.remove(name)).unwrap_or_default(),
        });
    }
    sections.push(Section {
        anchor: "callbacks".to_owned(),
        title: "Callbacks".to_owned(),
        introduction: "<p>What the service posts to the bot's <code>callback_url</code>.</p>\n".to_owned(),
        entries: operation::all(description, "webhooks").map(|operation| operation.entry()).collect(),
    });
    sections.push(errors(description));
    sections.push(data(description));
    sections
}

fn access(description: &Value) -> Section {
    let schemes = description["components"]["securitySchemes"].as_object().into_iter().flatten();
    let scheme = |(name, scheme): (&String, &Value)| {
        let how = match scheme["type"].as_str() {
            Some("http") => "<code>Authorization: Bearer …</code>".to_owned(),
            _ => format!("<code>{}: …</code>", text(&scheme["name"])),
        };
        let anchor = format!("security-{name}");
        let content =
            format!("<article id=\"{anchor}\">\n<h3>{how}</h3>\n{}</article>\n", prose(&scheme["description"]));
        (anchor, how, content)
    };
    let (anchor, title) = ("access".to_owned(), "Access".to_owned());
    Section { anchor, title, introduction: String::new(), entries: schemes.map(scheme).collect() }
}

fn errors(description: &Value) -> Section {
    let codes = &description["components"]["schemas"]["ProblemCode"];
    let entry = |code: &Value| {
        let (anchor, name) = (format!("error-{}", attribute(&code["const"])), text(&code["const"]));
        let (title, about) = (inline(&code["title"]), prose(&code["description"]));
        let content =
            format!("<article id=\"{anchor}\">\n<h3><code>{name}</code></h3>\n<p>{title}</p>\n{about}</article>\n");
        (anchor, format!("<code>{name}</code>"), content)
    };
    Section {
        anchor: schema::anchor("ProblemCode"),
        title: "Errors".to_owned(),
        introduction: prose(&codes["description"]),
        entries: codes["oneOf"].as_array().into_iter().flatten().map(entry).collect(),
    }
}

fn data(description: &Value) -> Section {
    let schemas = description["components"]["schemas"].as_object().into_iter().flatten();
    let entry = |(name, schema): (&String, &Value)| {
        let anchor = schema::anchor(name);
        let content = format!("<article id=\"{anchor}\">\n<h3>{name}</h3>\n{}</article>\n", schema::whole(schema));
        (anchor, name.clone(), content)
    };
    Section {
        anchor: "data".to_owned(),
        title: "Data".to_owned(),
        introduction: String::new(),
        // The codes stand under Errors.
        entries: schemas.filter(|(name, _)| *name != "ProblemCode").map(entry).collect(),
    }
}
