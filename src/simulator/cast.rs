//! Who takes part: people, apps, and the tokens that stand for them. Tests and the demo write them down, `setup` brings
//! them in.

/// A person or a bot user, as `users.info` shows it.
#[derive(Debug, Clone, Default)]
#[allow(clippy::struct_excessive_bools, reason = "the flags of Slack's own user object")]
pub struct User {
    /// Id, `U...` or `W...`.
    pub id: String,
    /// Handle.
    pub name: String,
    /// Full name.
    pub real_name: String,
    /// Chosen name; may be empty.
    pub display_name: String,
    /// E-mail address, shown to apps with `users:read.email`.
    pub email: Option<String>,
    /// URL of the picture.
    pub image: Option<String>,
    /// Time zone, such as `Europe/Berlin`.
    pub tz: Option<String>,
    /// Home workspace of a person from a connected one.
    pub team_id: Option<String>,
    /// Deactivated.
    pub deleted: bool,
    /// Not online.
    pub is_away: bool,
    /// A bot user.
    pub is_bot: bool,
    /// An administrator of the workspace.
    pub is_admin: bool,
    /// A guest.
    pub is_restricted: bool,
    /// A guest of a single channel.
    pub is_ultra_restricted: bool,
    /// From another organisation and not in a channel with the caller.
    pub is_stranger: bool,
}

impl User {
    /// The name that Slack shows: display name, else full name, else handle.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        [&self.display_name, &self.real_name].into_iter().find(|name| !name.is_empty()).unwrap_or(&self.name)
    }
}

/// An app as installed in one workspace. The same `app_id` may be installed in several, with other ids and tokens.
#[derive(Clone, Default)]
pub struct App {
    /// Id, the same in every workspace.
    pub app_id: String,
    /// Name, which is also the bot user's.
    pub name: String,
    /// `B...` of this workspace.
    pub bot_id: String,
    /// `U...` of this workspace.
    pub bot_user_id: String,
    /// Bot token.
    pub token: String,
    /// App-level token for Socket Mode; empty when there is none.
    pub app_token: String,
    /// A person's token, where one was granted.
    pub user_token: Option<UserToken>,
    /// Scopes of the bot token.
    pub scopes: Vec<String>,
    /// Secret that signs what is sent to the app.
    pub signing_secret: String,
    /// Where the app listens.
    pub urls: Option<AppUrls>,
    /// Subscribed events, such as `message.groups`.
    pub events: Vec<String>,
    /// One request a minute and 15 items for history and replies: distributed, not in the Marketplace.
    pub restricted_history: bool,
}

/// A token that acts for a person.
#[derive(Clone, Default)]
pub struct UserToken {
    /// The token.
    pub token: String,
    /// The person.
    pub user_id: String,
    /// Scopes of the token.
    pub scopes: Vec<String>,
}

/// Where an app listens. An empty address is not served.
#[derive(Debug, Clone, Default)]
pub struct AppUrls {
    /// Events API.
    pub events: String,
    /// Slash commands.
    pub commands: String,
    /// Clicks, shortcuts, modals.
    pub interactivity: String,
    /// Options of external selects.
    pub options: String,
}

/// Whom a token stands for.
#[derive(Clone)]
pub(super) struct Credential {
    pub(super) team: String,
    pub(super) app_id: String,
    /// The bot user of a bot token, the person of a user token; empty for an app-level token.
    pub(super) user_id: String,
    pub(super) bot_id: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) revoked: bool,
}

impl Credential {
    /// Whether it stands for an app, and not for a bot or a person.
    pub(super) fn is_app_level(&self) -> bool {
        self.user_id.is_empty()
    }
}
