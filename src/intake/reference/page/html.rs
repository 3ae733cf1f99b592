//! Text as HTML. Everything that comes from the description passes through here.

use serde_json::Value;

/// A string, for the text of an element or for the value of an attribute.
pub(super) fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

/// A string, as a part of an anchor.
pub(super) fn attribute(value: &Value) -> String {
    text(value).replace(char::is_whitespace, "-")
}

/// Text in which `code` is marked by backticks.
pub(super) fn inline(value: &Value) -> String {
    mark(value.as_str().unwrap_or_default().trim())
}

/// Paragraphs, with empty lines between them.
pub(super) fn prose(value: &Value) -> String {
    let paragraphs = value.as_str().unwrap_or_default().trim().split("\n\n").filter(|paragraph| !paragraph.is_empty());
    paragraphs.fold(String::new(), |html, paragraph| html + "<p>" + &mark(paragraph) + "</p>\n")
}

/// A JSON value, on several lines.
pub(super) fn json(value: &Value) -> String {
    escape(&format!("{value:#}"))
}

/// A JSON value, in short.
pub(super) fn literal(value: &Value) -> String {
    format!("<code>{}</code>", escape(&value.to_string()))
}

fn mark(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.fold(String::new(), |html, (index, part)| {
        let part = escape(part);
        if index % 2 == 0 { html + &part } else { html + "<code>" + &part + "</code>" }
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_markup_that_is_not_meant_to() {
        let value = Value::from("a <b> & `\"c\" < d`\n\nend");
        assert_eq!(prose(&value), "<p>a &lt;b&gt; &amp; <code>&quot;c&quot; &lt; d</code></p>\n<p>end</p>\n");
        assert_eq!(literal(&Value::from("<")), "<code>&quot;&lt;&quot;</code>");
    }
}
