//! Lays one source of values over another, and remembers for each value where it came from. Used by `load`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use toml::{Table, Value};

use super::{Config, ConfigError, queues, rules, schema, texts};

/// What no two elements of a list may share.
const DISTINCT: [(&str, &str); 7] = [
    ("rules", "name"),
    ("bots", "id"),
    ("bots", "api_key"),
    ("queues", "label"),
    ("queues", "channel"),
    ("hours", "name"),
    ("webhooks", "id"),
];

/// The defaults, compiled in.
pub(super) const DEFAULTS: &str = include_str!("../../config/default.toml");

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// `config/default.toml`.
    Defaults,
    /// A configuration file.
    File(PathBuf),
    /// A text given by the program.
    Text,
    /// An environment variable.
    Variable(String),
    /// What administrators set in Slack.
    Settings,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Defaults => write!(f, "the defaults"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Text => write!(f, "the given text"),
            Self::Variable(name) => write!(f, "the environment variable {name}"),
            Self::Settings => write!(f, "the settings made in Slack"),
        }
    }
}

/// The way to a value: names, and indices as decimal numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeyPath(pub(super) Vec<String>);

impl KeyPath {
    /// The name in the schema: `bots[].id`.
    pub(super) fn name(&self) -> String {
        self.join(|_| "[]".to_owned())
    }

    /// The environment variable that sets it.
    pub(super) fn variable(&self) -> String {
        format!("MEGATRON_{}", self.0.join("__").to_uppercase())
    }

    fn child(&self, segment: String) -> Self {
        Self(self.0.iter().cloned().chain([segment]).collect())
    }

    fn join(&self, index: fn(&str) -> String) -> String {
        let mut text = String::new();
        for segment in &self.0 {
            if segment.parse::<usize>().is_ok() {
                text.push_str(&index(segment));
            } else {
                text.push_str(if text.is_empty() { "" } else { "." });
                text.push_str(segment);
            }
        }
        text
    }
}

/// `bots[0].id`, as errors show it.
impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.join(|index| format!("[{index}]")))
    }
}

/// Values, laid over the defaults.
#[derive(Clone)]
pub(super) struct Layers {
    pub(super) values: Value,
    /// The defaults of one element, for each list of tables.
    elements: BTreeMap<String, Value>,
    pub(super) origins: BTreeMap<KeyPath, Origin>,
}

impl Default for Layers {
    fn default() -> Self {
        Self { values: Value::Table(Table::new()), elements: BTreeMap::new(), origins: BTreeMap::new() }
    }
}

/// Without the values: there are secrets among them.
impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layers").finish_non_exhaustive()
    }
}

impl Layers {
    /// The defaults.
    pub(super) fn new() -> Result<Self, ConfigError> {
        let mut values = parse(DEFAULTS, &Origin::Defaults)?;
        let mut elements = BTreeMap::new();
        for (name, value) in &mut values {
            if let Value::Array(items) = value
                && let Some(element) = items.pop()
            {
                elements.insert(name.clone(), element);
            }
        }
        Ok(Self { values: Value::Table(values), elements, origins: BTreeMap::new() })
    }

    /// Lays a TOML text over what is there.
    pub(super) fn add(&mut self, text: &str, origin: &Origin) -> Result<(), ConfigError> {
        for (path, value) in leaves(&Value::Table(parse(text, origin)?)) {
            self.set(&path, value, origin)?;
        }
        Ok(())
    }

    /// Sets one value of the right type. Whether its rule holds shows only at the end: a later layer may replace it.
    pub(super) fn set(&mut self, path: &KeyPath, value: Value, origin: &Origin) -> Result<(), ConfigError> {
        let name = path.name();
        match schema::find(&name) {
            Some(key) if key.fits(&value) => {
                *self.spot(path, origin)? = value;
                self.origins.insert(path.clone(), origin.clone());
                Ok(())
            }
            Some(key) => Err(ConfigError::invalid(path, origin, &key.expected())),
            None if name.is_empty() || schema::below(&name).is_empty() => Err(ConfigError::unknown(path, origin)),
            None if is_empty(&value) => self.spot(path, origin).map(drop),
            None => Err(ConfigError::invalid(path, origin, "a section with keys of its own")),
        }
    }

    /// Checks that every rule holds, and builds the configuration, which keeps the layers for more of them. `file` is the
    /// one that was read, for the error.
    pub(super) fn finish(self, file: &Origin) -> Result<Config, ConfigError> {
        for (path, value) in leaves(&self.values) {
            let Some(key) = schema::find(&path.name()).filter(|key| !key.accepts(&value)) else { continue };
            return Err(match self.origins.get(&path) {
                Some(origin) if value.as_str() != Some("") => ConfigError::invalid(&path, origin, &key.expected()),
                _ => ConfigError::missing(&path, file, &key.expected()),
            });
        }
        for (section, key) in DISTINCT {
            self.distinct(section, key)?;
        }
        self.known_bots()?;
        self.tracker(file)?;
        if let Some((index, key, expected)) = texts::fault(&self.values) {
            return Err(self.invalid_element("texts", index, key, &expected));
        }
        self.worded(file)?;
        let config = texts::merged(self.values.clone()).try_into::<Config>();
        let mut config = config.map_err(|error| ConfigError::unreadable(file, error.message()))?;
        if let Some((index, key, expected)) = queues::contradiction(&config.queues, &config.hours) {
            return Err(self.invalid_element("queues", index, key, &expected));
        }
        if let Some((index, key, expected)) = rules::fault(&config) {
            return Err(self.invalid_element("rules", index, key, &expected));
        }
        config.layers = self;
        Ok(config)
    }

    /// Where the value is kept; makes the next element of a list of tables.
    fn spot(&mut self, path: &KeyPath, origin: &Origin) -> Result<&mut Value, ConfigError> {
        let element = path.0.first().and_then(|section| self.elements.get(section));
        let mut spot = &mut self.values;
        for segment in &path.0 {
            if let (Value::Array(items), Some(element)) = (&mut *spot, element)
                && *segment == items.len().to_string()
            {
                items.push(element.clone());
            }
            spot = match spot {
                Value::Table(table) => table.get_mut(segment),
                Value::Array(items) => segment.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
                _ => None,
            }
            .ok_or_else(|| ConfigError::invalid(path, origin, "indices that count from 0 without a gap"))?;
        }
        Ok(spot)
    }

    /// Refuses two elements of a list with the same value of that key, unless it is empty.
    fn distinct(&self, section: &str, key: &str) -> Result<(), ConfigError> {
        let mut seen = BTreeMap::new();
        for (index, element) in self.tables(section).enumerate() {
            let value = element.get(key).and_then(Value::as_str).filter(|value| !value.is_empty());
            if let Some(first) = value.and_then(|value| seen.insert(value, index)) {
                let expected = format!("a value of its own: {section}[{first}].{key} has the same");
                return Err(self.invalid_element(section, index, key, &expected));
            }
        }
        Ok(())
    }

    /// Refuses an endpoint for a bot that there is not.
    fn known_bots(&self) -> Result<(), ConfigError> {
        let known: Vec<&str> = self.tables("bots").filter_map(|bot| bot.get("id")).filter_map(Value::as_str).collect();
        for (index, endpoint) in self.tables("webhooks").enumerate() {
            let bots = endpoint.get("bots").and_then(Value::as_array).into_iter().flatten();
            if !bots.filter_map(Value::as_str).all(|bot| known.contains(&bot)) {
                return Err(self.invalid_element("webhooks", index, "bots", "ids of bots in [[bots]]"));
            }
        }
        Ok(())
    }

    /// Refuses a text that nobody has worded: only what is left empty on purpose is not sent.
    fn worded(&self, file: &Origin) -> Result<(), ConfigError> {
        let paths =
            (0..self.tables("texts").count()).map(|index| ["texts", &index.to_string(), "text"].map(str::to_owned));
        match paths.map(|path| KeyPath(path.to_vec())).find(|path| !self.origins.contains_key(path)) {
            Some(path) => Err(ConfigError::missing(&path, file, "a text, or an empty string: then it is not sent")),
            None => Ok(()),
        }
    }

    /// What a tracker needs depends on its kind.
    fn tracker(&self, file: &Origin) -> Result<(), ConfigError> {
        let Some(tracker) = self.values.get("tracker") else { return Ok(()) };
        let text = |key: &str| tracker.get(key).and_then(Value::as_str).unwrap_or_default();
        let needed: &[&str] = match text("kind") {
            "asana" => &["token", "project"],
            "webhook" => &["secret"],
            _ => &[],
        };
        let Some(key) = needed.iter().find(|key| text(key).is_empty()) else { return Ok(()) };
        let path = KeyPath(vec!["tracker".to_owned(), (*key).to_owned()]);
        let expected = format!("a value, since tracker.kind is `{}`", text("kind"));
        Err(ConfigError::missing(&path, file, &expected))
    }

    pub(super) fn tables(&self, list: &str) -> impl Iterator<Item = &Value> {
        self.values.get(list).and_then(Value::as_array).into_iter().flatten()
    }

    /// Refuses the value of a key in an element of a list.
    fn invalid_element(&self, section: &str, index: usize, key: &str, expected: &str) -> ConfigError {
        let path = KeyPath(vec![section.to_owned(), index.to_string(), key.to_owned()]);
        ConfigError::invalid(&path, self.origins.get(&path).unwrap_or(&Origin::Defaults), expected)
    }
}

fn parse(text: &str, origin: &Origin) -> Result<Table, ConfigError> {
    text.parse::<Table>().map_err(|error| {
        // The error's own Display shows the line, which may hold a secret.
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        ConfigError::unreadable(origin, &format!("line {line} is not TOML: {}", error.message()))
    })
}

/// Every value below that is no section, and every empty section.
fn leaves(value: &Value) -> Vec<(KeyPath, Value)> {
    fn visit(path: KeyPath, value: &Value, found: &mut Vec<(KeyPath, Value)>) {
        match value {
            Value::Table(table) if !table.is_empty() => {
                for (name, value) in table {
                    visit(path.child(name.clone()), value, found);
                }
            }
            Value::Array(items) if items.iter().any(Value::is_table) => {
                for (index, value) in items.iter().enumerate() {
                    visit(path.child(index.to_string()), value, found);
                }
            }
            _ => found.push((path, value.clone())),
        }
    }
    let mut found = Vec::new();
    visit(KeyPath(Vec::new()), value, &mut found);
    found.retain(|(path, _)| !path.0.is_empty());
    found
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Table(table) => table.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
