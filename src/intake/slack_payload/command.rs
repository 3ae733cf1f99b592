//! Slash commands (<https://docs.slack.dev/interactivity/implementing-slash-commands>).

use serde_json::Value;

use crate::intake::check::{Check, Node};
use crate::intake::form::Form;
use crate::intake::problem::Problem;

/// What Slack posts to the address of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Slack checks the certificate: answer 200.
    SslCheck,
    /// Somebody typed a command.
    Slash(Box<SlashCommand>),
}

/// A command as it was typed.
#[derive(Clone, PartialEq, Eq)]
pub struct SlashCommand {
    /// The workspace.
    pub team_id: String,
    /// The organisation, if there is one.
    pub enterprise_id: Option<String>,
    /// Where it was typed.
    pub channel_id: String,
    /// The name of that channel; `directmessage` or `privategroup` where Slack tells none.
    pub channel_name: Option<String>,
    /// Who typed it.
    pub user_id: String,
    /// The handle; Slack means to leave it out one day.
    pub user_name: Option<String>,
    /// Such as `/megatron`.
    pub command: String,
    /// What stands behind the command.
    pub text: String,
    /// Takes up to five answers within 30 minutes; whoever has it can post.
    pub response_url: Option<String>,
    /// Opens a dialog within three seconds.
    pub trigger_id: Option<String>,
    /// The app that was called.
    pub api_app_id: Option<String>,
}

/// Without the address that lets others post.
impl std::fmt::Debug for SlashCommand {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { team_id, channel_id, user_id, command, .. } = self;
        let mut output = formatter.debug_struct("SlashCommand");
        output.field("team_id", team_id).field("channel_id", channel_id).field("user_id", user_id);
        output.field("command", command).finish_non_exhaustive()
    }
}

/// Reads the body of `POST /slack/commands`, a form.
///
/// # Errors
///
/// 400 unless it is UTF-8; 422 when fields are missing.
pub fn command(body: &[u8]) -> Result<Command, Problem> {
    let form = Form::parse(body)?;
    read(|name| form.get(name))
}

/// As [`command`], for a payload of Socket Mode, where the fields are those of an object.
///
/// # Errors
///
/// 422 when fields are missing.
pub fn command_of(payload: &Value) -> Result<Command, Problem> {
    let fields = Node::root(payload, "");
    read(|name| fields.get(name).text())
}

fn read<'v>(field: impl Fn(&str) -> Option<&'v str>) -> Result<Command, Problem> {
    if field("ssl_check") == Some("1") {
        return Ok(Command::SslCheck);
    }
    let mut check = Check::default();
    let optional = |name| field(name).map(str::to_owned);
    let mut required = |name: &str| {
        let value = field(name).map_or(Value::Null, Value::from);
        check.id(&Node::root(&value, name))
    };
    let command = SlashCommand {
        team_id: required("team_id"),
        enterprise_id: optional("enterprise_id"),
        channel_id: required("channel_id"),
        channel_name: optional("channel_name"),
        user_id: required("user_id"),
        user_name: optional("user_name"),
        command: required("command"),
        text: optional("text").unwrap_or_default(),
        response_url: optional("response_url"),
        trigger_id: optional("trigger_id"),
        api_app_id: optional("api_app_id"),
    };
    check.finish()?;
    Ok(Command::Slash(Box::new(command)))
}
