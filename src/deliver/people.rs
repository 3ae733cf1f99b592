//! Who people are, and what channels and groups are called: asked of Slack and remembered for a while.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use serde_json::Value;

use crate::takeover::conversation::Profile;

/// What was asked for lately, also what Slack would not tell. Keys begin with the account that asked: one token may see
/// what another may not.
#[derive(Debug, Clone)]
pub struct People {
    /// By account and user id.
    pub(super) persons: Cache<(String, String), Option<Person>>,
    /// By account and channel id.
    pub(super) channels: Cache<(String, String), Option<Channel>>,
    /// Handles of user groups by id, by account: Slack gives them all at once.
    pub(super) groups: Cache<String, Arc<BTreeMap<String, String>>>,
}

/// Somebody's profile, and where they belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What people see.
    pub profile: Profile,
    /// Their workspace.
    pub team_id: String,
    /// Known only through a shared channel.
    pub is_stranger: bool,
    /// A guest of one channel or of several.
    pub is_guest: bool,
    /// An administrator or owner of the workspace.
    pub is_admin: bool,
}

/// What a channel is called, and who may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Without `#`.
    pub name: String,
    /// Only its members know that it exists.
    pub is_private: bool,
}

impl Default for People {
    fn default() -> Self {
        const KEPT: Duration = Duration::from_hours(1);
        Self {
            persons: Cache::builder().max_capacity(100_000).time_to_live(KEPT).build(),
            channels: Cache::builder().max_capacity(100_000).time_to_live(KEPT).build(),
            groups: Cache::builder().max_capacity(10_000).time_to_live(KEPT).build(),
        }
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
        is_stranger: user["is_stranger"] == true,
        is_guest: user["is_restricted"] == true || user["is_ultra_restricted"] == true,
        is_admin: user["is_admin"] == true || user["is_owner"] == true,
    }
}

/// The parts of Slack's conversation object that we show; none for a DM, which has no name
/// (<https://docs.slack.dev/reference/objects/conversation-object>).
pub(super) fn channel(channel: &Value) -> Option<Channel> {
    let name = channel["name"].as_str().filter(|name| !name.is_empty())?;
    // What does not say that it is public is not.
    let is_private = channel["is_private"].as_bool().unwrap_or(true) || channel["is_mpim"] == true;
    Some(Channel { name: name.to_owned(), is_private })
}

/// Handles by id, of the list that `usergroups.list` answers
/// (<https://docs.slack.dev/reference/objects/usergroup-object>).
pub(super) fn groups(list: &Value) -> BTreeMap<String, String> {
    let group = |group: &Value| Some((group["id"].as_str()?.to_owned(), group["handle"].as_str()?.to_owned()));
    list.as_array().into_iter().flatten().filter_map(group).collect()
}
