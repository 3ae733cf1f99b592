//! Defaults, file, environment: one over the other, in this order. Called by the commands and by tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::layers::{Layers, Origin};
use super::{Config, ConfigError, environment};

/// The configuration of `file`, or else of the file that `MEGATRON_CONFIG` names, or else of the defaults; over it the variables
/// of `env`.
///
/// # Errors
/// An unknown key, a wrong type or a missing required value, in words for the operator.
pub fn load(file: Option<&Path>, env: impl Iterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let variables: BTreeMap<String, String> = env.collect();
    let named = || variables.get(environment::CONFIG).filter(|name| !name.is_empty()).map(PathBuf::from);
    let origin = match file.map(Path::to_owned).or_else(named) {
        Some(file) => Origin::File(file),
        None => Origin::Defaults,
    };
    let mut layers = Layers::new()?;
    if let Origin::File(file) = &origin {
        let text = fs::read_to_string(file).map_err(|error| {
            ConfigError::unreadable(&origin, &format!("expected a configuration file, but {error}"))
        })?;
        layers.add(&text, &origin)?;
    }
    environment::apply(&variables, &mut layers)?;
    layers.finish(&origin)
}

impl Config {
    /// The defaults with `text` over them; no file and no environment.
    ///
    /// # Errors
    /// As [`load`].
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        let mut layers = Layers::new()?;
        layers.add(text, &Origin::Text)?;
        layers.finish(&Origin::Text)
    }
}

#[cfg(test)]
mod tests;
