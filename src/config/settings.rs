//! What administrators set in Slack: one more layer, over the file and the environment, under the same rules.
//! [`crate::store::settings`] keeps it.

use std::fmt;
use std::slice;

use toml::Value;

use super::layers::{KeyPath, Layers, Origin};
use super::{Config, ConfigError, schema, texts, wordings};

/// What can be set: a key of the configuration, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The key, such as `templates.room_closed`, `bots[].show_agent_name` or `reminders.close_after`.
    pub key: String,
    /// The id of the bot that it is for; empty: all.
    pub bot: String,
    /// The label of the queue that it is for; empty: all.
    pub queue: String,
}

impl Place {
    /// A key for all.
    #[must_use]
    pub fn of_all(key: &str) -> Self {
        Self { key: key.to_owned(), bot: String::new(), queue: String::new() }
    }

    /// A key of one bot.
    #[must_use]
    pub fn of_bot(key: &str, bot: &str) -> Self {
        Self { bot: bot.to_owned(), ..Self::of_all(key) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)?;
        for (kind, name) in [("bot", &self.bot), ("queue", &self.queue)] {
            if !name.is_empty() {
                write!(f, " of {kind} {name}")?;
            }
        }
        Ok(())
    }
}

/// A place, and what is set there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// What, and for whom.
    pub place: Place,
    /// The value, written as an environment variable writes it.
    pub value: String,
}

/// What becomes of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// This holds there from now on.
    To(Setting),
    /// What the configuration says holds there again.
    Back(Place),
}

impl Config {
    /// This configuration with these settings over it.
    ///
    /// # Errors
    ///
    /// What is wrong with the first of them that cannot be.
    pub fn with(&self, settings: &[Setting]) -> Result<Self, ConfigError> {
        let mut layers = self.layers.clone();
        for setting in settings {
            layers.lay(setting)?;
        }
        layers.finish(&Origin::Settings)
    }

    /// This configuration with those of the settings over it that can be; the others with the reason. What could be set once
    /// may not fit a later configuration: a bot is gone.
    #[must_use]
    pub fn with_fitting<'s>(&self, settings: &'s [Setting]) -> (Self, Vec<(&'s Place, ConfigError)>) {
        if let Ok(all) = self.with(settings) {
            return (all, Vec::new());
        }
        let (mut config, mut misfits) = (self.clone(), Vec::new());
        for setting in settings {
            match config.with(slice::from_ref(setting)) {
                Ok(next) => config = next,
                Err(error) => misfits.push((&setting.place, error)),
            }
        }
        (config, misfits)
    }

    /// What holds at a place, written as a [`Setting`] writes it.
    #[must_use]
    pub fn value(&self, place: &Place) -> String {
        self.layers.value(place)
    }

    /// The texts that were set in Slack: those for all, then those for one bot or queue.
    #[must_use]
    pub fn texts_set_in_slack(&self) -> Vec<Place> {
        let all = wordings().into_iter().map(|wording| Place::of_all(wording.key));
        let own = self.layers.tables("texts").map(|entry| {
            let field = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            Place { key: format!("templates.{}", field("name")), bot: field("bot"), queue: field("queue") }
        });
        all.chain(own).filter(|place| self.is_set_in_slack(place)).collect()
    }

    /// Whether that was set in Slack, at this very place.
    #[must_use]
    pub fn is_set_in_slack(&self, place: &Place) -> bool {
        let path = self.layers.path(place);
        path.is_ok_and(|path| self.layers.origins.get(&path) == Some(&Origin::Settings))
    }
}

impl Layers {
    fn lay(&mut self, setting: &Setting) -> Result<(), ConfigError> {
        let place = &setting.place;
        let path = self.path(place)?;
        let Some(key) = schema::find(&place.key).filter(|key| key.is_settable()) else {
            return Err(ConfigError::unknown(&path, &Origin::Settings));
        };
        let value = key.read(&setting.value);
        let value = value.ok_or_else(|| ConfigError::invalid(&path, &Origin::Settings, &key.expected()))?;
        if let Some(name) = own_text(place) {
            for (field, text) in [("name", name), ("bot", &place.bot), ("queue", &place.queue)] {
                let beside = KeyPath(vec![path.0[0].clone(), path.0[1].clone(), field.to_owned()]);
                self.set(&beside, text.into(), &Origin::Settings)?;
            }
        }
        self.set(&path, value, &Origin::Settings)
    }

    fn value(&self, place: &Place) -> String {
        if let Some(name) = place.key.strip_prefix("templates.") {
            return texts::worded(&self.values, name, &place.bot, &place.queue).to_owned();
        }
        let Ok(path) = self.path(place) else { return String::new() };
        let value = path.0.iter().try_fold(&self.values, |value, segment| match value {
            Value::Array(items) => items.get(segment.parse::<usize>().ok()?),
            other => other.get(segment),
        });
        value.map(written).unwrap_or_default()
    }

    /// The way to what a place means.
    fn path(&self, place: &Place) -> Result<KeyPath, ConfigError> {
        let Place { key, bot, queue } = place;
        let plain = KeyPath(key.split('.').map(str::to_owned).collect());
        let is = |element: &Value, field: &str, text: &str| element.get(field).and_then(Value::as_str) == Some(text);
        let of =
            |list: &str, index: usize, field: &str| KeyPath(vec![list.to_owned(), index.to_string(), field.to_owned()]);
        if let Some(name) = own_text(place) {
            let known = self
                .tables("texts")
                .position(|entry| is(entry, "name", name) && is(entry, "bot", bot) && is(entry, "queue", queue));
            return Ok(of("texts", known.unwrap_or(self.tables("texts").count()), "text"));
        }
        if let Some(field) = key.strip_prefix("bots[].").filter(|_| queue.is_empty()) {
            let index = self.tables("bots").position(|one| is(one, "id", bot));
            let expected = "the id of a bot in [[bots]]";
            return index
                .map(|index| of("bots", index, field))
                .ok_or_else(|| ConfigError::invalid(&plain, &Origin::Settings, expected));
        }
        if bot.is_empty() && queue.is_empty() {
            return Ok(plain);
        }
        Err(ConfigError::invalid(&plain, &Origin::Settings, "no bot and no queue: it holds for all"))
    }
}

/// The name of a text that is worded for one bot or one queue.
fn own_text(place: &Place) -> Option<&str> {
    let is_own = !place.bot.is_empty() || !place.queue.is_empty();
    place.key.strip_prefix("templates.").filter(|_| is_own)
}

/// As an environment variable writes it.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(written).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn file() -> Config {
        Config::from_toml(
            "security.encryption_key = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='\n\
             slack.bot_token = 'xoxb-secret'\nslack.signing_secret = 'x'\n\
             [[texts]]\nname = 'room_closed'\ntext = 'Done.'\nbot = 'expenses'\n\
             [[bots]]\nid = 'expenses'\nname = 'Expense Bot'\napi_key = 'k'\ncallback_url = 'http://127.0.0.1/'\n\
             callback_secret = 'whsec_AAAA'",
        )
        .unwrap()
    }

    fn setting(key: &str, bot: &str, queue: &str, value: &str) -> Setting {
        let place = Place { key: key.to_owned(), bot: bot.to_owned(), queue: queue.to_owned() };
        Setting { place, value: value.to_owned() }
    }

    #[test]
    fn a_setting_wins_over_the_file_and_can_be_read_back() {
        let settings = [
            setting("reminders.close_after", "", "", "2h"),
            setting("bots[].show_agent_name", "expenses", "", "false"),
            setting("support.further_admins", "", "", "U1,S2"),
            setting("templates.queue_asked", "", "", "{customer} asks."),
            setting("templates.queue_asked", "", "billing", "{customer} asks about money."),
            setting("templates.room_closed", "expenses", "", ""),
        ];
        let config = file().with(&settings).unwrap();
        assert_eq!(config.reminders.close_after, Duration::from_hours(2));
        assert!(!config.bots[0].show_agent_name);
        assert_eq!(config.support.further_admins, ["U1", "S2"]);
        assert_eq!(config.templates.of("expenses", "").get(texts::QUEUE_ASKED), "{customer} asks.");
        assert_eq!(config.templates.of("expenses", "billing").get(texts::QUEUE_ASKED), "{customer} asks about money.");
        assert_eq!(config.templates.of("expenses", "").get(texts::ROOM_CLOSED), "", "over the one of the file");
        for Setting { place, value } in &settings {
            assert_eq!(config.value(place), *value, "{place}");
            assert!(config.is_set_in_slack(place) && !file().is_set_in_slack(place), "{place}");
        }
        let texts: Vec<String> = config.texts_set_in_slack().iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "templates.queue_asked",
                "templates.room_closed of bot expenses",
                "templates.queue_asked of queue billing"
            ]
        );
        let inherited = Place::of_bot("templates.queue_asked", "expenses");
        assert_eq!(config.value(&inherited), "{customer} asks.");
        assert!(!config.is_set_in_slack(&inherited));
    }

    #[test]
    fn what_does_not_fit_says_what_is_expected() {
        for (bad, expected) in [
            (
                setting("reminders.close_after", "", "", "soon"),
                "a duration above zero, such as 36h (units s, m, h, d; ten years at most)",
            ),
            (
                setting("templates.customer_paused", "", "", "{who}"),
                "a text with no placeholders but {agent}, {bot}, {company}, {customer}",
            ),
            (
                setting("templates.customer_paused", "expenses", "", "{who}"),
                "a text with no placeholders but {agent}, {bot}, {company}, {customer}",
            ),
            (setting("templates.customer_paused", "", "billing", "Hi"), "an empty string: this text is no queue's"),
            (setting("templates.customer_paused", "gone", "", "Hi"), "the id of a bot in [[bots]], or an empty string"),
            (setting("bots[].show_agent_name", "gone", "", "true"), "the id of a bot in [[bots]]"),
            (setting("bots[].show_agent_name", "expenses", "", "maybe"), "true or false"),
            (setting("support.further_admins", "", "", "jane"), "a list of user ids (U...) and user group ids (S...)"),
            (setting("reminders.close_after", "expenses", "", "2h"), "no bot and no queue: it holds for all"),
        ] {
            assert_eq!(file().with(slice::from_ref(&bad)).unwrap_err().expected(), expected, "{}", bad.place);
        }
    }

    #[test]
    fn a_secret_can_neither_be_set_nor_seen() {
        let stolen = setting("slack.bot_token", "", "", "xoxb-mine");
        assert!(file().with(&[stolen]).is_err());
        assert!(!format!("{:?}", file()).contains("xoxb-secret"));
    }

    #[test]
    fn what_does_not_fit_any_more_is_left_out_and_named() {
        let settings = [
            setting("reminders.pause_every", "", "", "10m"),
            setting("bots[].show_agent_name", "gone", "", "false"),
            setting("templates.of_next_year", "", "", "Hi"),
            setting("reminders.close_after", "", "", "2h"),
        ];
        let (config, misfits) = file().with_fitting(&settings);
        assert_eq!(config.reminders.close_after, Duration::from_hours(2));
        let named: Vec<String> = misfits.iter().map(|(place, _)| place.to_string()).collect();
        assert_eq!(named, ["bots[].show_agent_name of bot gone", "templates.of_next_year"]);
    }
}
