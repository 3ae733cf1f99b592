//! Who plays: a company with its support people, a customer, and a bot that both know. The tests play with the same cast.

use jiff::Timestamp;
use url::Url;

use crate::config::{Config, ConfigError};
use crate::simulator::{App, AppUrls, Simulator, User, UserToken};

/// The support workspace.
pub const HUB: &str = "T0INITECH";
/// The customer's workspace.
pub const ACME: &str = "T0ACME";
/// An agent.
pub const JANE: &str = "U0JANE";
/// Another agent, who administers the workspace.
pub const RAJ: &str = "U0RAJ";
/// The customer.
pub const PHIL: &str = "U0PHIL";
/// Another customer, of the same first name.
pub const PHILIPPA: &str = "U0PHILIPPA";
/// Phil's DM with the bot.
pub const PHILS_DM: &str = "D0PHIL";
/// Philippa's DM with the bot.
pub const PHILIPPAS_DM: &str = "D0PHILIPPA";
/// Where the agents are when no customer needs them.
pub const SUPPORT: &str = "support";
/// The hub app.
pub const HUB_APP: &str = "A0MEGATRON";
/// The bot's own app.
pub const BOT_APP: &str = "A0EXPENSES";
/// The hub app's token.
pub const HUB_TOKEN: &str = "xoxb-hub-token";
/// The hub app's token for Socket Mode.
pub const APP_TOKEN: &str = "xapp-hub-token";
/// A token of an administrator, who may unarchive rooms.
pub const ADMIN_TOKEN: &str = "xoxp-admin-token";
/// The bot's token in the customer's workspace.
pub const BOT_TOKEN: &str = "xoxb-acme-token";
/// Signs what Slack sends to the hub app.
pub const SIGNING_SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
/// Signs what Slack sends to the bot's own app.
pub const BOT_SIGNING_SECRET: &str = "the bot's own signing secret";
/// The bot's id in the configuration.
pub const BOT: &str = "expenses";
/// What the bot presents.
pub const API_KEY: &str = "mgt_demo_key_of_the_expense_bot";
/// Signs callbacks.
pub const CALLBACK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Scopes of the hub app, as its manifest asks for them.
const HUB_SCOPES: &str = "commands chat:write chat:write.customize groups:write groups:read groups:history channels:manage channels:read app_mentions:read \
                          channels:history users:read users:read.email files:read files:write reactions:read reactions:write im:write usergroups:read";
/// Events of the hub app, as its manifest asks for them.
const HUB_EVENTS: &str = "message.groups message.channels reaction_added reaction_removed channel_archive group_archive channel_unarchive \
                          group_unarchive channel_rename group_rename channel_deleted group_deleted channel_left group_left channel_id_changed \
                          channel_shared channel_unshared member_joined_channel member_left_channel tokens_revoked app_uninstalled app_home_opened app_mention";
/// Scopes of the bot's own app.
const BOT_SCOPES: &str = "chat:write im:history im:write users:read users:read.email channels:read usergroups:read files:read files:write reactions:read reactions:write";

/// Brings everybody onto the stage.
///
/// # Errors
///
/// Never with a fresh simulator.
pub fn enter(slack: &Simulator) -> anyhow::Result<()> {
    slack.add_workspace(HUB, "Initech", "initech");
    slack.add_workspace(ACME, "Acme", "acme");
    slack.add_user(HUB, person(JANE, "jane", "Jane Doe", "Jane", "jane@initech.example"))?;
    let raj = person(RAJ, "raj", "Raj Patel", "Raj", "raj@initech.example");
    slack.add_user(HUB, User { is_admin: true, ..raj })?;
    slack.add_user(ACME, person(PHIL, "phil", "Phil Harris", "Phil", "phil@acme.example"))?;
    slack.add_user(ACME, person(PHILIPPA, "philippa", "Philippa Long", "Philippa", "philippa@acme.example"))?;
    slack.install_app(
        HUB,
        App {
            app_id: HUB_APP.into(),
            name: "Megatron".into(),
            bot_id: "B0MEGATRON".into(),
            bot_user_id: "U0MEGATRON".into(),
            token: HUB_TOKEN.into(),
            app_token: APP_TOKEN.into(),
            user_token: Some(UserToken {
                token: ADMIN_TOKEN.into(),
                user_id: RAJ.into(),
                scopes: words("channels:write groups:write"),
            }),
            scopes: words(HUB_SCOPES),
            signing_secret: SIGNING_SECRET.into(),
            events: words(HUB_EVENTS),
            ..App::default()
        },
    )?;
    slack.install_app(
        ACME,
        App {
            app_id: BOT_APP.into(),
            name: "Expense Bot".into(),
            bot_id: "B0EXPENSES".into(),
            bot_user_id: "U0EXPENSES".into(),
            token: BOT_TOKEN.into(),
            scopes: words(BOT_SCOPES),
            signing_secret: BOT_SIGNING_SECRET.into(),
            events: words("message.im reaction_added reaction_removed tokens_revoked app_uninstalled"),
            ..App::default()
        },
    )?;
    slack.open_dm(ACME, PHIL, BOT_APP, PHILS_DM)?;
    slack.open_dm(ACME, PHILIPPA, BOT_APP, PHILIPPAS_DM)?;
    let support = slack.create_channel(HUB, JANE, SUPPORT, false)?;
    slack.join_channel(HUB, &support, RAJ)
}

/// Tells Slack where the service listens.
pub fn listen(slack: &Simulator, service: &Url) {
    let at = |path: &str| service.join(path).map(String::from).unwrap_or_default();
    let urls = AppUrls {
        events: at("slack/events"),
        commands: at("slack/commands"),
        interactivity: at("slack/interactivity"),
        options: at("slack/options"),
    };
    slack.set_urls(HUB_APP, &urls);
}

/// Tells Slack where the bot listens for its events.
pub fn bot_listens(slack: &Simulator, events: &Url) {
    slack.set_urls(BOT_APP, &AppUrls { events: events.to_string(), ..AppUrls::default() });
}

/// A configuration for this cast; `more` is TOML that goes before the bots, such as `[rooms]`.
///
/// # Errors
///
/// When `more` is not valid.
pub fn config(slack: &Simulator, database: &str, callbacks: &Url, more: &str) -> Result<Config, ConfigError> {
    let api_url = slack.api_url();
    // Any 32 bytes do for a database that lives as long as the process.
    let key = "bWVnYXRyb24gZGVtbyBlbmNyeXB0aW9uIGtleSAhISE=";
    Config::from_toml(&format!(
        r#"
        listen = "127.0.0.1:0"
        database.url = "{database}"
        security.encryption_key = "{key}"
        slack.api_url = "{api_url}"
        slack.bot_token = "{HUB_TOKEN}"
        slack.signing_secret = "{SIGNING_SECRET}"
        {more}
        [[bots]]
        id = "{BOT}"
        name = "Expense Bot"
        icon_url = "https://bots.example/expenses.png"
        api_key = "{API_KEY}"
        callback_url = "{callbacks}"
        callback_secret = "{CALLBACK_SECRET}"
        "#
    ))
}

/// The time at which every story begins.
#[must_use]
pub fn curtain() -> Timestamp {
    crate::clock::from_millis(1_795_168_800_000)
}

fn person(id: &str, handle: &str, real_name: &str, display_name: &str, email: &str) -> User {
    User {
        id: id.into(),
        name: handle.into(),
        real_name: real_name.into(),
        display_name: display_name.into(),
        email: Some(email.into()),
        image: Some(format!("https://avatars.example/{handle}.png")),
        tz: Some("Europe/Berlin".into()),
        ..User::default()
    }
}

fn words(list: &str) -> Vec<String> {
    list.split_whitespace().map(str::to_owned).collect()
}
