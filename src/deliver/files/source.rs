//! What there is to fetch: a file object of Slack's, read. Pure.

use serde_json::Value;

use crate::deliver::explain::explain;
use crate::render::text::{cut, escape, unescape};

use super::missed::Missed;

/// Most characters of a name. Slack has not told its limit; file systems have this one.
const NAME: usize = 255;
/// Most characters that describe a picture (`alt_txt_too_large`).
const ALT_TEXT: usize = 1_000;

/// A file as its workspace describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// Its id there; may be empty.
    pub(super) id: String,
    /// Where its bytes are.
    pub(super) url: String,
    /// Its name, with an ending that tells its type.
    pub(super) name: String,
    /// Its title, if it has another than its name.
    pub(super) title: Option<String>,
    /// Its MIME type; may be empty.
    pub(super) mimetype: String,
    /// Its bytes; none if that is not known.
    pub(super) size: Option<u64>,
    /// The language, if it is a snippet.
    pub(super) snippet: Option<String>,
    /// What a picture shows, in words.
    pub(super) alt: Option<String>,
}

impl Source {
    /// With other words for its name, its title and what it shows.
    pub(super) fn renamed(self, words: impl Fn(&str) -> String) -> Self {
        let other = |text: Option<String>| text.map(|text| words(&text));
        Self { name: words(&self.name), title: other(self.title), alt: other(self.alt), ..self }
    }
}

/// What a file object tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Enough to fetch the file.
    Whole(Source),
    /// Only the id, with which Slack can be asked for the rest.
    Stub(String),
}

/// Reads a file object.
pub(super) fn read(file: &Value) -> Result<Known, Missed> {
    let field = |name: &str| file[name].as_str().unwrap_or_default();
    let (id, mode) = (field("id"), field("mode"));
    match mode {
        "tombstone" => return Err(Missed::never("file_deleted", explain("file_deleted"))),
        "hidden_by_limit" => {
            return Err(Missed::never("hidden_by_limit", "the limits of the workspace's plan hide the file"));
        }
        "canvas" | "space" | "quip" | "docs" | "list" => {
            return Err(Missed::never("not_a_file", "canvases and lists stay in their workspace"));
        }
        _ => {}
    }
    if mode == "external" || file["is_external"] == true {
        let place = Some(field("external_type")).filter(|place| !place.is_empty()).map(escape);
        let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
        return Err(Missed::never("external", format!("the file is kept outside of Slack{place}")));
    }
    let url = ["url_private_download", "url_private"].map(field).into_iter().find(|url| !url.is_empty());
    let (Some(url), false) = (url, field("file_access") == "check_file_info") else {
        return match id {
            "" => Err(Missed::never("no_url", "Slack does not say where the file is")),
            id => Ok(Known::Stub(id.to_owned())),
        };
    };
    let name = name(file);
    let text = |name: &str| Some(unescape(field(name))).filter(|text| !text.trim().is_empty());
    Ok(Known::Whole(Source {
        id: id.to_owned(),
        url: url.to_owned(),
        title: text("title").filter(|title| *title != name),
        name,
        mimetype: field("mimetype").to_owned(),
        size: file["size"].as_u64().filter(|size| *size > 0),
        snippet: (mode == "snippet").then(|| field("filetype").to_owned()).filter(|language| !language.is_empty()),
        alt: text("alt_txt").map(|alt| cut(&alt, ALT_TEXT)),
    }))
}

impl Source {
    /// Whether the file is a page itself, so that a page need not be the one for signing in.
    pub(super) fn is_page(&self) -> bool {
        is_page_type(&self.mimetype)
    }
}

/// Whether this MIME type, with its parameters or without, is that of a page.
pub(super) fn is_page_type(kind: &str) -> bool {
    let essence = kind.split(';').next().unwrap_or_default().trim();
    ["text/html", "application/xhtml+xml"].iter().any(|page| essence.eq_ignore_ascii_case(page))
}

/// The name for the other workspace, which tells the type by its ending.
fn name(file: &Value) -> String {
    let field = |name: &str| file[name].as_str().unwrap_or_default();
    let name = ["name", "title", "id"].map(field).into_iter().find(|name| !name.trim().is_empty()).unwrap_or("file");
    let name = unescape(name).replace(|c: char| c.is_control() || c == '/' || c == '\\', "_");
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && is_ending(ending) => (stem.to_owned(), ending.to_owned()),
        _ => (name, ending_of(field("filetype")).to_owned()),
    };
    let longest = NAME - ending.len() - 1;
    let stem = cut(stem.trim(), longest);
    if ending.is_empty() { stem } else { format!("{stem}.{ending}") }
}

fn is_ending(text: &str) -> bool {
    (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Slack's type as an ending, where it is one (<https://docs.slack.dev/reference/objects/file-object#types>).
fn ending_of(filetype: &str) -> &str {
    match filetype {
        "text" => "txt",
        "auto" | "binary" | "none" | "email" | "post" => "",
        _ if filetype.len() <= 4 && is_ending(filetype) => filetype,
        _ => "",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn whole(file: &Value) -> Source {
        match read(file).unwrap() {
            Known::Whole(source) => source,
            Known::Stub(id) => panic!("{id} is a stub"),
        }
    }

    #[test]
    fn a_file_keeps_name_title_type_and_description() {
        let source = whole(&json!({
            "id": "F1", "name": "a &amp; b.png", "title": "Us", "mimetype": "image/png", "filetype": "png", "size": 12,
            "mode": "hosted", "url_private": "https://files.slack.com/1", "alt_txt": "We &lt;3 you",
            "url_private_download": "https://files.slack.com/2",
        }));
        assert_eq!(
            source,
            Source {
                id: "F1".into(),
                url: "https://files.slack.com/2".into(),
                name: "a & b.png".into(),
                title: Some("Us".into()),
                mimetype: "image/png".into(),
                size: Some(12),
                snippet: None,
                alt: Some("We <3 you".into()),
            }
        );
    }

    #[rstest]
    #[case::as_it_is("IMG 1.HEIC", "heic", "IMG 1.HEIC")]
    #[case::without_an_ending("screenshot", "png", "screenshot.png")]
    #[case::text("notes", "text", "notes.txt")]
    #[case::of_no_known_type("data", "binary", "data")]
    #[case::no_ending_but_a_dot("Report v1.2 final", "pdf", "Report v1.2 final.pdf")]
    #[case::hidden(".env", "text", ".env.txt")]
    #[case::a_path("../a/b.txt", "text", ".._a_b.txt")]
    #[case::a_line_break("a\nb.txt", "text", "a_b.txt")]
    #[case::empty("", "png", "F1.png")]
    fn a_name_tells_the_type(#[case] name: &str, #[case] filetype: &str, #[case] expected: &str) {
        let source = whole(&json!({ "id": "F1", "name": name, "filetype": filetype, "url_private": "https://x" }));
        assert_eq!(source.name, expected);
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let source =
            whole(&json!({ "id": "F1", "name": format!("{}.pdf", "ü".repeat(300)), "url_private": "https://x" }));
        assert_eq!(source.name.chars().count(), NAME);
        assert_eq!(source.name.rsplit_once('.').unwrap().1, "pdf", "{}", source.name);
    }

    #[test]
    fn a_snippet_has_a_language_and_other_files_have_none() {
        let file = |mode: &str| json!({ "id": "F1", "mode": mode, "filetype": "python", "url_private": "https://x" });
        assert_eq!(whole(&file("snippet")).snippet.as_deref(), Some("python"));
        assert_eq!(whole(&file("hosted")).snippet, None);
    }

    #[rstest]
    #[case::through_slack_connect(json!({ "id": "F1", "mode": "file_access", "file_access": "check_file_info" }))]
    #[case::an_id_alone(json!({ "id": "F1" }))]
    fn slack_is_asked_about_a_stub(#[case] file: Value) {
        assert_eq!(read(&file).unwrap(), Known::Stub("F1".into()));
    }

    #[rstest]
    #[case::deleted(json!({ "id": "F1", "mode": "tombstone" }), "the file was deleted")]
    #[case::hidden(
        json!({ "id": "F1", "mode": "hidden_by_limit", "name": "a" }),
        "the limits of the workspace's plan hide the file"
    )]
    #[case::external(
        json!({ "id": "F1", "mode": "external", "external_type": "gdrive", "url_private": "https://drive.example" }),
        "the file is kept outside of Slack (gdrive)"
    )]
    #[case::canvas(
        json!({ "id": "F1", "mode": "canvas", "url_private": "https://x" }),
        "canvases and lists stay in their workspace"
    )]
    #[case::nothing(json!({}), "Slack does not say where the file is")]
    #[case::no_object(json!("F1"), "Slack does not say where the file is")]
    fn what_cannot_be_fetched_says_why(#[case] file: Value, #[case] expected: &str) {
        let Missed::Never { reason, .. } = read(&file).unwrap_err() else { panic!("it is tried again") };
        assert_eq!(reason, expected);
    }
}
