//! `MEGATRON_SECTION__KEY`: which variables there are, which key each one sets, and the value as that key's type. Used by `load`.

use std::collections::BTreeMap;
use std::fs;

use super::ConfigError;
use super::layers::{KeyPath, Layers, Origin};
use super::schema;

/// Names the configuration file.
pub(super) const CONFIG: &str = "MEGATRON_CONFIG";

const PREFIX: &str = "MEGATRON_";
/// Variables of the project's own tests.
const TEST_PREFIX: &str = "MEGATRON_TEST_";

/// The process's environment, for [`load`](super::load()).
///
/// Bytes that are not UTF-8 become U+FFFD: a configuration holds text only.
pub fn variables() -> impl Iterator<Item = (String, String)> {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let variables = std::env::vars_os();
    variables.map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
}

/// Lays the variables over what is there.
pub(super) fn apply(variables: &BTreeMap<String, String>, layers: &mut Layers) -> Result<(), ConfigError> {
    for (mut path, name, value) in keys(variables) {
        let origin = Origin::Variable(name.to_owned());
        let mut text = value.to_owned();
        if let Some(plain) = named_by_file(&path) {
            if variables.contains_key(&plain.variable()) {
                let reason = format!("expected either this or {}, not both", plain.variable());
                return Err(ConfigError::unreadable(&origin, &reason));
            }
            text = read(value, &plain, &origin)?;
            path = plain;
        }
        let value = match schema::find(&path.name()) {
            Some(key) => key.read(&text).ok_or_else(|| ConfigError::invalid(&path, &origin, &key.expected()))?,
            None => text.into(),
        };
        layers.set(&path, value, &origin)?;
    }
    Ok(())
}

/// The variables that set keys.
fn keys(variables: &BTreeMap<String, String>) -> Vec<(KeyPath, &str, &str)> {
    let mut found: Vec<_> = variables
        .iter()
        .filter(|(name, _)| *name != CONFIG && !name.starts_with(TEST_PREFIX))
        .filter_map(|(name, value)| {
            let path = name.strip_prefix(PREFIX)?.to_lowercase().split("__").map(str::to_owned).collect();
            Some((KeyPath(path), name.as_str(), value.as_str()))
        })
        .collect();
    // An element of a list is made before the one that follows it: 2 before 10.
    found.sort_by_key(|(path, ..)| path.0.iter().map(|s| (s.parse::<usize>().ok(), s.clone())).collect::<Vec<_>>());
    found
}

/// The key whose value is in a file that the variable names.
fn named_by_file(path: &KeyPath) -> Option<KeyPath> {
    let (last, section) = path.0.split_last()?;
    let mut plain = section.to_vec();
    plain.push(last.strip_suffix("_file")?.to_owned());
    let plain = KeyPath(plain);
    (schema::find(&path.name()).is_none() && schema::find(&plain.name()).is_some()).then_some(plain)
}

fn read(file: &str, path: &KeyPath, origin: &Origin) -> Result<String, ConfigError> {
    let text = fs::read_to_string(file).map_err(|error| {
        ConfigError::invalid(path, origin, &format!("the name of a file that can be read, but {file}: {error}"))
    })?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}
