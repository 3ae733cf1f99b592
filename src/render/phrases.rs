//! Words that are looked for in what people say. Made ready by [`crate::config`]; read on the hot path, so a text in which
//! there is nothing costs no memory.

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::text::escape;

/// The most memory of one list of phrases, compiled, in bytes.
const LIMIT: usize = 1 << 20;
/// What stands between the words of a phrase, and around it: no letter and no digit.
const BETWEEN: &str = r"[\W_]";

/// Words and phrases, each found as a whole: in any case, with anything around them, and with any punctuation in between.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Phrases(Option<Regex>);

/// Messages of which each consists of one of these words and nothing else, in any case.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "Vec<String>")]
pub struct Commands(Vec<String>);

impl Phrases {
    /// The phrase that comes first in a text of Slack's, as it is written there.
    #[must_use]
    pub fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        // Asking for groups takes memory, which a text without a phrase is not worth.
        let pattern = self.0.as_ref().filter(|pattern| pattern.is_match(text))?;
        pattern.captures(text)?.get(1).map(|found| found.as_str())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl TryFrom<Vec<String>> for Phrases {
    type Error = regex::Error;

    fn try_from(phrases: Vec<String>) -> Result<Self, regex::Error> {
        if phrases.is_empty() {
            return Ok(Self(None));
        }
        let phrases: Vec<String> = phrases.iter().map(|phrase| pattern(phrase)).collect();
        let pattern = format!("(?:^|{BETWEEN})({})(?:$|{BETWEEN})", phrases.join("|"));
        Ok(Self(Some(RegexBuilder::new(&pattern).case_insensitive(true).size_limit(LIMIT).build()?)))
    }
}

impl Commands {
    /// Whether the message is one of them.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        let lower = |text: &str| text.trim().chars().flat_map(char::to_lowercase).collect::<String>();
        // Most messages are longer than any of them.
        let longest = self.0.iter().map(String::len).max().unwrap_or_default();
        text.trim().len() <= 2 * longest && self.0.contains(&lower(text))
    }
}

impl From<Vec<String>> for Commands {
    fn from(commands: Vec<String>) -> Self {
        Self(commands.iter().map(|command| escape(command.trim()).to_lowercase()).collect())
    }
}

/// A phrase as a regular expression, for a text that Slack has escaped.
fn pattern(phrase: &str) -> String {
    let mut pattern = String::new();
    let mut gap = String::new();
    for character in escape(phrase.trim()).chars() {
        if !character.is_alphanumeric() {
            gap.push(character);
            continue;
        }
        match (pattern.is_empty(), gap.is_empty()) {
            (_, true) => {}
            // What a phrase begins or ends with is part of it: `/human`.
            (true, false) => pattern.push_str(&regex::escape(&gap)),
            (false, false) => pattern.extend([BETWEEN, "+"]),
        }
        gap.clear();
        pattern.push(character);
    }
    pattern + &regex::escape(&gap)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn phrases(phrases: &[&str]) -> Phrases {
        Phrases::try_from(phrases.iter().map(|&phrase| phrase.to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn a_phrase_is_found_as_a_whole_with_anything_around_it() {
        let asking = phrases(&["talk to a human", "live agent", "/human", "R&D", "human?"]);
        for (text, found) in [
            ("talk to a human", Some("talk to a human")),
            ("I want to TALK to a  human, please", Some("TALK to a  human")),
            ("talk to a\nhuman", Some("talk to a\nhuman")),
            ("_talk to a *human*_!", Some("talk to a *human")),
            ("Live-agent.", Some("Live-agent")),
            ("live agents", None),
            ("olive agent", None),
            ("talk to a superhuman", None),
            ("talk to human", None),
            ("please /human", Some("/human")),
            ("human", None),
            ("a human? yes", Some("human?")),
            ("who does r&amp;d here", Some("r&amp;d")),
            ("", None),
        ] {
            assert_eq!(asking.find(text), found, "{text}");
        }
    }

    #[test]
    fn letters_of_every_script_are_letters() {
        let asking = phrases(&["ÄRGER", "поговорить с человеком"]);
        assert_eq!(asking.find("so ein ärger!"), Some("ärger"));
        assert_eq!(asking.find("ärgerlich"), None);
        assert_eq!(asking.find("Хочу поговорить с человеком."), Some("поговорить с человеком"));
    }

    #[test]
    fn without_phrases_nothing_is_found() {
        assert_eq!(phrases(&[]).find(""), None);
        assert!(phrases(&[]).is_empty());
    }

    #[test]
    fn a_command_is_the_whole_message() {
        let ending = Commands::from(vec!["/end_chat".to_owned(), "/END".to_owned()]);
        for (text, is_one) in [
            ("/end", true),
            (" /End_Chat\n", true),
            ("/end it", false),
            ("/end_chats", false),
            ("end", false),
            ("", false),
        ] {
            assert_eq!(ending.is(text), is_one, "{text}");
        }
    }
}
