//! Arguments of a Web API call, and the way Slack refuses one.

use serde_json::{Value, json};

use crate::simulator::world::{Object, extend};

/// A refusal: Slack's error code, and what else the answer says.
#[derive(Debug)]
pub(in crate::simulator) struct Refusal {
    pub(in crate::simulator) code: String,
    more: Value,
}

impl Refusal {
    /// A refusal with more fields in the answer.
    pub(in crate::simulator) fn with(code: &str, more: Value) -> Self {
        Self { code: code.to_owned(), more }
    }

    /// `invalid_arguments` with an explanation.
    pub(in crate::simulator) fn arguments(message: &str) -> Self {
        Self::with("invalid_arguments", json!({ "response_metadata": { "messages": [format!("[ERROR] {message}")] } }))
    }

    /// A refusal with everything that was found wrong.
    pub(in crate::simulator) fn explained(code: &str, problems: &[String]) -> Self {
        let messages: Vec<_> = problems.iter().map(|problem| format!("[ERROR] {problem}")).collect();
        Self::with(code, json!({ "errors": problems, "response_metadata": { "messages": messages } }))
    }

    /// `missing_scope`, with what is needed and what is there.
    pub(in crate::simulator) fn scope(needed: &str, provided: &[String]) -> Self {
        Self::with("missing_scope", json!({ "needed": needed, "provided": provided.join(",") }))
    }

    /// The whole answer.
    pub(in crate::simulator) fn answer(&self) -> Value {
        let mut answer = json!({ "ok": false, "error": self.code });
        extend(&mut answer, self.more.clone());
        answer
    }
}

impl From<&str> for Refusal {
    fn from(code: &str) -> Self {
        Self::with(code, json!({}))
    }
}

/// The arguments of a call. In a form and a query everything is text; in JSON the types must fit.
pub(super) struct Args(pub(super) Object);

impl Args {
    /// The argument as it came; null counts as absent.
    pub(super) fn given(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        match self.given(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::arguments(&format!("must be a string [json-pointer:/{name}]"))),
        }
    }

    /// A required text. An empty one is as good as none.
    pub(super) fn need(&self, name: &str) -> Result<&str, Refusal> {
        let missing = || Refusal::arguments(&format!("missing required field: {name}"));
        self.text(name)?.filter(|text| !text.is_empty()).ok_or_else(missing)
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.given(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) if ["true", "1"].contains(&text.as_str()) => Ok(true),
            Some(Value::String(text)) if ["false", "0", ""].contains(&text.as_str()) => Ok(false),
            Some(_) => Err(Refusal::arguments(&format!("must be a boolean [json-pointer:/{name}]"))),
        }
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<usize>, Refusal> {
        let wrong = || Refusal::arguments(&format!("must be an integer [json-pointer:/{name}]"));
        match self.given(name) {
            None => Ok(None),
            Some(Value::String(text)) => text.parse().map(Some).map_err(|_| wrong()),
            Some(value) => value.as_u64().and_then(|n| usize::try_from(n).ok()).map(Some).ok_or_else(wrong),
        }
    }

    /// A structure: as it is, or as JSON in a string.
    pub(super) fn json(&self, name: &str) -> Result<Option<Value>, Refusal> {
        match self.given(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(Some)
                .map_err(|_| Refusal::arguments(&format!("must be JSON [json-pointer:/{name}]"))),
            Some(value) => Ok(Some(value.clone())),
        }
    }

    /// Several ids: separated by commas, or an array.
    pub(super) fn list(&self, name: &str) -> Result<Vec<String>, Refusal> {
        if let Some(Value::Array(items)) = self.given(name) {
            return Ok(items.iter().filter_map(Value::as_str).map(str::to_owned).collect());
        }
        let text = self.text(name)?.unwrap_or_default();
        Ok(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
    }
}
