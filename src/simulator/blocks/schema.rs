//! The fields of every block and element that `chat.postMessage` and `views.open` take, as tables.
//!
//! <https://docs.slack.dev/reference/block-kit>

/// What a field must be.
pub(super) enum Rule {
    Any,
    Flag,
    Number,
    /// A string of at most so many characters.
    Chars(usize),
    /// The address of an image.
    Url,
    /// A file of the same workspace.
    SlackFile,
    /// One of these.
    Word(&'static [&'static str]),
    /// Unique within a message.
    ActionId,
    /// A text object of either kind.
    Text(usize),
    /// A `plain_text` object.
    Plain(usize),
    Object(&'static Shape),
    /// A block element of one of these types.
    Element(&'static [&'static str]),
    List {
        least: usize,
        most: usize,
        of: &'static Rule,
    },
}

/// The fields of an object.
pub(super) struct Shape {
    pub(super) fields: &'static [Field],
    /// At least one of these must be there.
    pub(super) one_of: &'static [&'static str],
}

/// A field and its rule.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) rule: Rule,
}

impl Shape {
    /// Whether the field may be there; `type` always may.
    pub(super) fn allows(&self, name: &str) -> bool {
        name == "type" || self.fields.iter().any(|field| field.name == name)
    }
}

/// The shape of a block that may be posted. Blocks that Slack only sends (`call`, `event`, `share_shortcut`, remote
/// `file`, ...) have none.
pub(super) fn block(kind: &str) -> Option<&'static Shape> {
    Some(match kind {
        "section" => &SECTION,
        "header" => &HEADER,
        "divider" => &DIVIDER,
        "image" => &IMAGE_BLOCK,
        "context" => &CONTEXT,
        "actions" => &ACTIONS,
        "context_actions" => &CONTEXT_ACTIONS,
        "input" => &INPUT,
        "rich_text" => &RICH_TEXT,
        "video" => &VIDEO,
        "markdown" => &MARKDOWN,
        "table" => &TABLE,
        _ => return None,
    })
}

/// The shape of a block element.
pub(super) fn element(kind: &str) -> Option<&'static Shape> {
    Some(match kind {
        "button" => &BUTTON,
        "image" => &IMAGE,
        "overflow" => &OVERFLOW,
        "checkboxes" | "radio_buttons" => &CHOICES,
        "static_select" | "multi_static_select" => &STATIC_SELECT,
        "external_select" | "multi_external_select" => &EXTERNAL_SELECT,
        "users_select"
        | "multi_users_select"
        | "channels_select"
        | "multi_channels_select"
        | "conversations_select"
        | "multi_conversations_select" => &PEOPLE_SELECT,
        "datepicker" | "timepicker" | "datetimepicker" => &PICKER,
        "plain_text_input" | "email_text_input" | "url_text_input" | "number_input" | "rich_text_input"
        | "file_input" => &TYPED_INPUT,
        "feedback_buttons" | "icon_button" | "workflow_button" => &OTHER_BUTTON,
        "rich_text_section" | "rich_text_quote" | "rich_text_preformatted" => &RICH_PART,
        "rich_text_list" => &RICH_LIST,
        _ => return None,
    })
}

const fn must(name: &'static str, rule: Rule) -> Field {
    Field { name, required: true, rule }
}

const fn may(name: &'static str, rule: Rule) -> Field {
    Field { name, required: false, rule }
}

const fn shape(fields: &'static [Field]) -> Shape {
    Shape { fields, one_of: &[] }
}

const BLOCK_ID: Field = may("block_id", Rule::Chars(255));
const ACTION_ID: Field = may("action_id", Rule::ActionId);
const CONFIRM: Field = may("confirm", Rule::Object(&CONFIRM_DIALOG));
const FOCUS: Field = may("focus_on_load", Rule::Flag);
const PLACEHOLDER: Field = may("placeholder", Rule::Plain(150));

const ACCESSORIES: &[&str] = &[
    "button",
    "image",
    "overflow",
    "checkboxes",
    "radio_buttons",
    "static_select",
    "multi_static_select",
    "external_select",
    "multi_external_select",
    "users_select",
    "multi_users_select",
    "channels_select",
    "multi_channels_select",
    "conversations_select",
    "multi_conversations_select",
    "datepicker",
    "timepicker",
    "workflow_button",
];
const ACTION_ELEMENTS: &[&str] = &[
    "button",
    "overflow",
    "checkboxes",
    "radio_buttons",
    "static_select",
    "multi_static_select",
    "external_select",
    "multi_external_select",
    "users_select",
    "multi_users_select",
    "channels_select",
    "multi_channels_select",
    "conversations_select",
    "multi_conversations_select",
    "datepicker",
    "timepicker",
    "datetimepicker",
    "workflow_button",
];
const INPUTS: &[&str] = &[
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "file_input",
    "checkboxes",
    "radio_buttons",
    "static_select",
    "multi_static_select",
    "external_select",
    "multi_external_select",
    "users_select",
    "multi_users_select",
    "channels_select",
    "multi_channels_select",
    "conversations_select",
    "multi_conversations_select",
    "datepicker",
    "timepicker",
    "datetimepicker",
];

static SECTION: Shape = Shape {
    fields: &[
        BLOCK_ID,
        may("text", Rule::Text(3000)),
        may("fields", Rule::List { least: 1, most: 10, of: &Rule::Text(2000) }),
        may("accessory", Rule::Element(ACCESSORIES)),
        may("expand", Rule::Flag),
    ],
    one_of: &["text", "fields"],
};
static HEADER: Shape = shape(&[BLOCK_ID, must("text", Rule::Plain(150)), may("level", Rule::Number)]);
static DIVIDER: Shape = shape(&[BLOCK_ID]);
static IMAGE_BLOCK: Shape = Shape {
    fields: &[
        BLOCK_ID,
        must("alt_text", Rule::Chars(2000)),
        may("title", Rule::Plain(2000)),
        may("image_url", Rule::Url),
        may("slack_file", Rule::SlackFile),
    ],
    one_of: &["image_url", "slack_file"],
};
static CONTEXT: Shape = shape(&[
    BLOCK_ID,
    must("elements", Rule::List { least: 1, most: 10, of: &Rule::Element(&["image", "plain_text", "mrkdwn"]) }),
]);
static ACTIONS: Shape =
    shape(&[BLOCK_ID, must("elements", Rule::List { least: 1, most: 25, of: &Rule::Element(ACTION_ELEMENTS) })]);
static CONTEXT_ACTIONS: Shape = shape(&[
    BLOCK_ID,
    must("elements", Rule::List { least: 1, most: 5, of: &Rule::Element(&["feedback_buttons", "icon_button"]) }),
]);
static INPUT: Shape = shape(&[
    BLOCK_ID,
    must("label", Rule::Plain(2000)),
    must("element", Rule::Element(INPUTS)),
    may("hint", Rule::Plain(2000)),
    may("optional", Rule::Flag),
    may("dispatch_action", Rule::Flag),
]);
static RICH_TEXT: Shape = shape(&[
    BLOCK_ID,
    must(
        "elements",
        Rule::List {
            least: 1,
            most: 1000,
            of: &Rule::Element(&["rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"]),
        },
    ),
]);
static VIDEO: Shape = shape(&[
    BLOCK_ID,
    must("alt_text", Rule::Chars(2000)),
    must("title", Rule::Plain(200)),
    must("video_url", Rule::Chars(3000)),
    must("thumbnail_url", Rule::Url),
    may("title_url", Rule::Chars(3000)),
    may("description", Rule::Plain(200)),
    may("author_name", Rule::Chars(50)),
    may("provider_name", Rule::Chars(50)),
    may("provider_icon_url", Rule::Chars(3000)),
]);
static MARKDOWN: Shape = shape(&[BLOCK_ID, must("text", Rule::Chars(12_000))]);
static TABLE: Shape = shape(&[
    BLOCK_ID,
    must("rows", Rule::List { least: 1, most: 100, of: &Rule::List { least: 1, most: 20, of: &Rule::Any } }),
    may("column_settings", Rule::List { least: 0, most: 20, of: &Rule::Any }),
]);

static BUTTON: Shape = shape(&[
    ACTION_ID,
    must("text", Rule::Plain(75)),
    may("url", Rule::Chars(3000)),
    may("value", Rule::Chars(2000)),
    may("style", Rule::Word(&["primary", "danger"])),
    may("accessibility_label", Rule::Chars(75)),
    CONFIRM,
]);
static IMAGE: Shape = Shape {
    fields: &[must("alt_text", Rule::Chars(2000)), may("image_url", Rule::Url), may("slack_file", Rule::SlackFile)],
    one_of: &["image_url", "slack_file"],
};
static OVERFLOW: Shape =
    shape(&[ACTION_ID, must("options", Rule::List { least: 1, most: 5, of: &Rule::Object(&OPTION) }), CONFIRM]);
static CHOICES: Shape = shape(&[
    ACTION_ID,
    must("options", Rule::List { least: 1, most: 10, of: &Rule::Object(&OPTION) }),
    may("initial_options", Rule::List { least: 1, most: 10, of: &Rule::Object(&OPTION) }),
    may("initial_option", Rule::Object(&OPTION)),
    FOCUS,
    CONFIRM,
]);
static STATIC_SELECT: Shape = Shape {
    fields: &[
        ACTION_ID,
        PLACEHOLDER,
        may("options", Rule::List { least: 1, most: 100, of: &Rule::Object(&OPTION) }),
        may("option_groups", Rule::List { least: 1, most: 100, of: &Rule::Object(&OPTION_GROUP) }),
        may("initial_option", Rule::Object(&OPTION)),
        may("initial_options", Rule::List { least: 1, most: 100, of: &Rule::Object(&OPTION) }),
        may("max_selected_items", Rule::Number),
        FOCUS,
        CONFIRM,
    ],
    one_of: &["options", "option_groups"],
};
static EXTERNAL_SELECT: Shape = shape(&[
    ACTION_ID,
    PLACEHOLDER,
    may("min_query_length", Rule::Number),
    may("initial_option", Rule::Object(&OPTION)),
    may("initial_options", Rule::List { least: 1, most: 100, of: &Rule::Object(&OPTION) }),
    may("max_selected_items", Rule::Number),
    FOCUS,
    CONFIRM,
]);
static PEOPLE_SELECT: Shape = shape(&[
    ACTION_ID,
    PLACEHOLDER,
    may("initial_user", Rule::Chars(255)),
    may("initial_users", Rule::Any),
    may("initial_channel", Rule::Chars(255)),
    may("initial_channels", Rule::Any),
    may("initial_conversation", Rule::Chars(255)),
    may("initial_conversations", Rule::Any),
    may("default_to_current_conversation", Rule::Flag),
    may("response_url_enabled", Rule::Flag),
    may("filter", Rule::Any),
    may("max_selected_items", Rule::Number),
    FOCUS,
    CONFIRM,
]);
static PICKER: Shape = shape(&[
    ACTION_ID,
    PLACEHOLDER,
    may("initial_date", Rule::Chars(10)),
    may("initial_time", Rule::Chars(5)),
    may("initial_date_time", Rule::Number),
    may("timezone", Rule::Chars(255)),
    FOCUS,
    CONFIRM,
]);
static TYPED_INPUT: Shape = shape(&[
    ACTION_ID,
    PLACEHOLDER,
    may("initial_value", Rule::Any),
    may("multiline", Rule::Flag),
    may("min_length", Rule::Number),
    may("max_length", Rule::Number),
    may("min_value", Rule::Any),
    may("max_value", Rule::Any),
    may("is_decimal_allowed", Rule::Flag),
    may("filetypes", Rule::Any),
    may("max_files", Rule::Number),
    may("dispatch_action_config", Rule::Any),
    FOCUS,
]);
static OTHER_BUTTON: Shape = shape(&[
    ACTION_ID,
    may("text", Rule::Plain(75)),
    may("icon", Rule::Chars(255)),
    may("value", Rule::Chars(2000)),
    may("visible_to_user_ids", Rule::Any),
    may("positive_button", Rule::Any),
    may("negative_button", Rule::Any),
    may("workflow", Rule::Any),
    may("style", Rule::Word(&["primary", "danger"])),
    may("accessibility_label", Rule::Chars(75)),
    CONFIRM,
]);
/// Leaves are not looked into: there are more kinds than are documented, and Slack takes back what it sent.
static RICH_PART: Shape = shape(&[
    must("elements", Rule::List { least: 0, most: 1000, of: &Rule::Any }),
    may("border", Rule::Number),
    may("language", Rule::Chars(255)),
]);
static RICH_LIST: Shape = shape(&[
    must("elements", Rule::List { least: 0, most: 1000, of: &Rule::Element(&["rich_text_section"]) }),
    must("style", Rule::Word(&["bullet", "ordered"])),
    may("indent", Rule::Number),
    may("offset", Rule::Number),
    may("border", Rule::Number),
]);

static OPTION: Shape = shape(&[
    must("text", Rule::Text(75)),
    must("value", Rule::Chars(150)),
    may("description", Rule::Text(75)),
    may("url", Rule::Chars(3000)),
]);
/// An option of a menu, which takes no marks.
static MENU_OPTION: Shape =
    shape(&[must("text", Rule::Plain(75)), must("value", Rule::Chars(150)), may("description", Rule::Plain(75))]);
/// The options for a menu that asks for them; there may be none.
pub(super) static OFFER: Shape = Shape {
    fields: &[
        may("options", Rule::List { least: 0, most: 100, of: &Rule::Object(&MENU_OPTION) }),
        may("option_groups", Rule::List { least: 0, most: 100, of: &Rule::Object(&OPTION_GROUP) }),
    ],
    one_of: &["options", "option_groups"],
};
static OPTION_GROUP: Shape = shape(&[
    must("label", Rule::Plain(75)),
    must("options", Rule::List { least: 1, most: 100, of: &Rule::Object(&OPTION) }),
]);
static CONFIRM_DIALOG: Shape = shape(&[
    must("title", Rule::Plain(100)),
    must("text", Rule::Text(300)),
    must("confirm", Rule::Plain(30)),
    must("deny", Rule::Plain(30)),
    may("style", Rule::Word(&["primary", "danger"])),
]);

/// A modal, its blocks apart.
pub(super) static MODAL: Shape = shape(&[
    must("title", Rule::Plain(24)),
    may("submit", Rule::Plain(24)),
    may("close", Rule::Plain(24)),
    may("blocks", Rule::Any),
    may("private_metadata", Rule::Chars(3000)),
    may("callback_id", Rule::Chars(255)),
    may("external_id", Rule::Chars(255)),
    may("clear_on_close", Rule::Flag),
    may("notify_on_close", Rule::Flag),
    may("submit_disabled", Rule::Flag),
]);
/// A Home tab, its blocks apart.
pub(super) static HOME: Shape = shape(&[
    may("blocks", Rule::Any),
    may("private_metadata", Rule::Chars(3000)),
    may("callback_id", Rule::Chars(255)),
    may("external_id", Rule::Chars(255)),
]);
