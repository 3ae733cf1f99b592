//! Who people are: their names and pictures, asked of Slack and remembered for a while.

use std::time::Duration;

use moka::future::Cache;
use serde_json::Value;

use crate::takeover::conversation::Profile;

/// Profiles that were asked for lately, also those that Slack would not tell.
#[derive(Debug, Clone)]
pub struct People(pub(super) Cache<(String, String), Option<Person>>);

/// Somebody's profile, and where they belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What people see.
    pub profile: Profile,
    /// Their workspace.
    pub team_id: String,
    /// Known only through a shared channel.
    pub is_stranger: bool,
}

impl Default for People {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(100_000).time_to_live(Duration::from_hours(1)).build())
    }
}

/// The parts of Slack's user object that we show (<https://docs.slack.dev/reference/objects/user-object>).
pub(super) fn read(user: &Value) -> Person {
    let profile = &user["profile"];
    let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
    let first =
        |values: &[&Value]| values.iter().map(|value| text(value)).find(|text| !text.is_empty()).unwrap_or_default();
    Person {
        profile: Profile {
            name: first(&[&profile["display_name"], &profile["real_name"], &user["real_name"], &user["name"]]),
            real_name: first(&[&profile["real_name"], &user["real_name"]]),
            email: text(&profile["email"]),
            title: text(&profile["title"]),
            tz: text(&user["tz"]),
            icon_url: first(&[&profile["image_192"], &profile["image_72"], &profile["image_48"]]),
            workspace: String::new(),
        },
        team_id: text(&user["team_id"]),
        is_stranger: user["is_stranger"].as_bool().unwrap_or(false),
    }
}
