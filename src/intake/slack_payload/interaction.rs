//! Clicks, menus, shortcuts and dialogs (<https://docs.slack.dev/reference/interaction-payloads>).

use serde_json::Value;

use crate::intake::check::{Check, Node, json};
use crate::intake::form::Form;
use crate::intake::problem::Problem;

/// What somebody did in a message, a dialog or the menus of Slack.
#[derive(Clone, PartialEq)]
pub struct Interaction {
    /// In which way.
    pub kind: Kind,
    /// Who. Slack lets people of other workspaces act in shared channels: check the team.
    pub user: User,
    /// The workspace; none after an installation for a whole organisation.
    pub team_id: Option<String>,
    /// The organisation, if there is one.
    pub enterprise_id: Option<String>,
    /// The channel, if it happened in one.
    pub channel_id: Option<String>,
    /// The message that it happened on.
    pub message_ts: Option<String>,
    /// The thread of that message.
    pub thread_ts: Option<String>,
    /// That message, verbatim; null if there is none or only its author sees it.
    pub message: Value,
    /// The app that posted that message.
    pub message_app_id: Option<String>,
    /// The bot that posted that message.
    pub message_bot_id: Option<String>,
    /// Only one person sees that message.
    pub is_ephemeral: bool,
    /// The name of the shortcut or dialog.
    pub callback_id: Option<String>,
    /// What was used. For [`Kind::BlockSuggestion`]: the menu that asks.
    pub actions: Vec<Action>,
    /// What was typed into a menu that asks for its options.
    pub value: Option<String>,
    /// The dialog or Home, verbatim; else null.
    pub view: Value,
    /// Takes up to five answers within 30 minutes; whoever has it can post.
    pub response_url: Option<String>,
    /// Opens a dialog within three seconds, once.
    pub trigger_id: Option<String>,
}

/// The type of an interaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A button, a menu or the like was used.
    BlockActions,
    /// A dialog was sent.
    ViewSubmission,
    /// A dialog was closed.
    ViewClosed,
    /// A shortcut of the whole app.
    Shortcut,
    /// A shortcut of a message.
    MessageAction,
    /// A menu asks for its options.
    BlockSuggestion,
    /// `interactive_message`, `dialog_submission` and others from before blocks.
    Legacy(String),
    /// A type that Slack has yet to explain. Any field may be missing, even the user's id (empty then).
    Unknown(String),
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: String,
    /// The handle.
    pub name: Option<String>,
    /// The person's own workspace.
    pub team_id: Option<String>,
}

/// One thing that was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its id; of a legacy one its name.
    pub action_id: String,
    /// The block it is in.
    pub block_id: Option<String>,
    /// The value of a button, or what was typed.
    pub value: Option<String>,
    /// What was chosen: values of options, ids, dates or times.
    pub selected: Vec<String>,
}

/// Without what people wrote, and without the address that lets others post.
impl std::fmt::Debug for Interaction {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, user, team_id, channel_id, .. } = self;
        let mut output = formatter.debug_struct("Interaction");
        output.field("kind", kind).field("user", &user.id).field("team_id", team_id);
        output.field("channel_id", channel_id).finish_non_exhaustive()
    }
}

/// Reads the body of `POST /slack/interactivity` and `/slack/options`: a form with the field `payload`.
///
/// # Errors
///
/// 400 unless it is UTF-8 and the payload JSON; 422 when fields are missing.
pub fn interaction(body: &[u8]) -> Result<Interaction, Problem> {
    let form = Form::parse(body)?;
    let payload = form.get("payload").ok_or_else(|| Problem::invalid_field("payload", "is required"))?;
    interaction_of(json(payload.as_bytes())?)
}

/// As [`interaction`], for a payload that is JSON already.
///
/// # Errors
///
/// 422 when fields are missing.
pub fn interaction_of(mut payload: Value) -> Result<Interaction, Problem> {
    let root = Node::root(&payload, "");
    let mut check = Check::default();
    let kind = Kind::read(&check.string(&root.get("type"), |_| true, "must be a string"));
    let user = root.get("user");
    let id = if matches!(kind, Kind::Unknown(_)) {
        user.get("id").string().unwrap_or_default()
    } else {
        check.id(&user.get("id"))
    };
    check.finish()?;
    let [container, message] = ["container", "message"].map(|key| root.get(key));
    let original = message.clone().or(root.get("original_message"));
    let interaction = Interaction {
        user: User {
            id,
            name: user.get("name").or(user.get("username")).string(),
            team_id: user.get("team_id").string(),
        },
        team_id: root.get("team").get("id").string(),
        enterprise_id: root.get("enterprise").get("id").or(root.get("team").get("enterprise_id")).string(),
        channel_id: root.get("channel").get("id").or(container.get("channel_id")).string(),
        message_ts: container.get("message_ts").or(root.get("message_ts")).or(original.get("ts")).string(),
        thread_ts: container.get("thread_ts").or(original.get("thread_ts")).string(),
        message_app_id: original.get("app_id").or(original.get("bot_profile").get("app_id")).string(),
        message_bot_id: original.get("bot_id").string(),
        is_ephemeral: container.get("is_ephemeral").value == true,
        callback_id: root.get("callback_id").or(root.get("view").get("callback_id")).string(),
        actions: actions(&kind, &root),
        value: root.get("value").string(),
        response_url: root.get("response_url").string(),
        trigger_id: root.get("trigger_id").string(),
        message: Value::Null,
        view: Value::Null,
        kind,
    };
    let [message, view] =
        ["/message", "/view"].map(|place| payload.pointer_mut(place).map(Value::take).unwrap_or_default());
    Ok(Interaction { message, view, ..interaction })
}

impl Kind {
    fn read(name: &str) -> Self {
        match name {
            "block_actions" => Self::BlockActions,
            "view_submission" => Self::ViewSubmission,
            "view_closed" => Self::ViewClosed,
            "shortcut" => Self::Shortcut,
            "message_action" => Self::MessageAction,
            "block_suggestion" => Self::BlockSuggestion,
            "interactive_message" | "dialog_submission" | "dialog_suggestion" | "dialog_cancellation" => {
                Self::Legacy(name.to_owned())
            }
            unknown => Self::Unknown(unknown.to_owned()),
        }
    }
}

fn actions(kind: &Kind, root: &Node<'_>) -> Vec<Action> {
    if *kind == Kind::BlockSuggestion {
        return Action::read(root).into_iter().collect();
    }
    let actions = root.get("actions").value.as_array();
    actions.into_iter().flatten().filter_map(|action| Action::read(&Node::root(action, ""))).collect()
}

impl Action {
    fn read(action: &Node<'_>) -> Option<Self> {
        let one = SELECTED_ONE.iter().map(|key| action.get(key).value);
        let many = SELECTED_MANY.iter().filter_map(|key| action.get(key).value.as_array()).flatten();
        Some(Self {
            action_id: action.get("action_id").or(action.get("name")).string()?,
            block_id: action.get("block_id").string(),
            value: action.get("value").string(),
            selected: one.chain(many).filter_map(chosen).collect(),
        })
    }
}

const SELECTED_ONE: [&str; 6] =
    ["selected_option", "selected_user", "selected_conversation", "selected_channel", "selected_date", "selected_time"];

const SELECTED_MANY: [&str; 4] = ["selected_options", "selected_users", "selected_conversations", "selected_channels"];

/// An id or date is itself, an option its value.
fn chosen(value: &Value) -> Option<String> {
    value.as_str().or_else(|| value["value"].as_str()).map(str::to_owned)
}
