//! The methods that are simulated: arguments, scopes, rate limit.
//!
//! <https://docs.slack.dev/reference/methods>

use super::args::Args;
use super::{Outcome, chat, conversations, directory, files, history, marks, membership, sockets, views};
use crate::simulator::cast::Credential;
use crate::simulator::world::World;

/// A method of the Web API.
pub(in crate::simulator) struct Method {
    pub(super) name: &'static str,
    /// Takes a form or a query only; the others take JSON too.
    pub(in crate::simulator) reads: bool,
    /// Calls a minute for each workspace and app; none for methods with a limit of their own.
    pub(super) per_minute: Option<u32>,
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
    /// One of these must be granted; which one may depend on the channel.
    pub(super) scopes: &'static [&'static str],
    pub(super) run: fn(&mut World, &Credential, &Args) -> Outcome,
}

/// Looks a method up by name.
pub(in crate::simulator) fn method(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

type Run = fn(&mut World, &Credential, &Args) -> Outcome;
type Names = &'static [&'static str];

const fn read(name: &'static str, tier: u32, required: Names, optional: Names, scopes: Names, run: Run) -> Method {
    Method { name, reads: true, per_minute: tier_limit(tier), required, optional, scopes, run }
}

const fn write(name: &'static str, tier: u32, required: Names, optional: Names, scopes: Names, run: Run) -> Method {
    Method { name, reads: false, per_minute: tier_limit(tier), required, optional, scopes, run }
}

/// Calls a minute of a tier; tier 0 stands for a special one.
const fn tier_limit(tier: u32) -> Option<u32> {
    match tier {
        1 => Some(1),
        2 => Some(20),
        3 => Some(50),
        4 => Some(100),
        _ => None,
    }
}

const MANAGE: Names = &["channels:manage", "channels:write", "groups:write", "im:write"];
const READ: Names = &["channels:read", "groups:read", "im:read"];
const HISTORY: Names = &["channels:history", "groups:history", "im:history"];

static METHODS: &[Method] = &[
    write(sockets::OPEN, 1, &[], &[], &["connections:write"], sockets::open),
    write("auth.test", 0, &[], &[], &[], directory::auth_test),
    write(
        "chat.postMessage",
        0,
        &["channel"],
        &[
            "text",
            "blocks",
            "attachments",
            "thread_ts",
            "reply_broadcast",
            "username",
            "icon_url",
            "icon_emoji",
            "metadata",
            "unfurl_links",
            "unfurl_media",
            "mrkdwn",
            "parse",
            "link_names",
            "markdown_text",
        ],
        &["chat:write"],
        chat::post_message,
    ),
    write(
        "chat.update",
        3,
        &["channel", "ts"],
        &[
            "text",
            "blocks",
            "attachments",
            "metadata",
            "file_ids",
            "parse",
            "link_names",
            "markdown_text",
            "reply_broadcast",
        ],
        &["chat:write"],
        chat::update,
    ),
    write("chat.delete", 3, &["channel", "ts"], &[], &["chat:write"], chat::delete),
    write(
        "chat.postEphemeral",
        4,
        &["channel", "user"],
        &[
            "text",
            "blocks",
            "attachments",
            "thread_ts",
            "username",
            "icon_url",
            "icon_emoji",
            "parse",
            "link_names",
            "markdown_text",
        ],
        &["chat:write"],
        chat::post_ephemeral,
    ),
    read("chat.getPermalink", 0, &["channel", "message_ts"], &[], &[], chat::get_permalink),
    write("conversations.create", 2, &["name"], &["is_private", "team_id"], MANAGE, conversations::create),
    write("conversations.archive", 2, &["channel"], &[], MANAGE, conversations::archive),
    write("conversations.unarchive", 2, &["channel"], &[], MANAGE, conversations::unarchive),
    write("conversations.rename", 2, &["channel", "name"], &[], MANAGE, conversations::rename),
    write("conversations.setTopic", 2, &["channel", "topic"], &[], MANAGE, conversations::set_topic),
    write("conversations.setPurpose", 2, &["channel", "purpose"], &[], MANAGE, conversations::set_purpose),
    write("conversations.invite", 3, &["channel", "users"], &["force"], MANAGE, membership::invite),
    write("conversations.kick", 3, &["channel", "user"], &[], MANAGE, membership::kick),
    write("conversations.leave", 3, &["channel"], &[], MANAGE, membership::leave),
    write(
        "conversations.open",
        3,
        &[],
        &["users", "channel", "return_im", "prevent_creation"],
        &["im:write"],
        membership::open,
    ),
    read("conversations.members", 4, &["channel"], &["cursor", "limit"], READ, membership::members),
    read("conversations.info", 3, &["channel"], &["include_num_members", "include_locale"], READ, conversations::info),
    read(
        "conversations.list",
        2,
        &[],
        &["types", "exclude_archived", "limit", "cursor", "team_id"],
        READ,
        conversations::list,
    ),
    read(
        "users.conversations",
        2,
        &[],
        &["types", "exclude_archived", "limit", "cursor", "user", "team_id"],
        READ,
        conversations::list_of_user,
    ),
    read(
        "conversations.history",
        3,
        &["channel"],
        &["oldest", "latest", "inclusive", "limit", "cursor", "include_all_metadata"],
        HISTORY,
        history::history,
    ),
    read(
        "conversations.replies",
        3,
        &["channel", "ts"],
        &["oldest", "latest", "inclusive", "limit", "cursor", "include_all_metadata"],
        HISTORY,
        history::replies,
    ),
    read("users.info", 4, &["user"], &["include_locale"], &["users:read"], directory::user_info),
    read("users.getPresence", 3, &[], &["user"], &["users:read"], directory::presence),
    read("users.list", 2, &[], &["cursor", "limit", "include_locale"], &["users:read"], directory::user_list),
    read("users.lookupByEmail", 3, &["email"], &[], &["users:read.email"], directory::lookup_by_email),
    read(
        "usergroups.list",
        2,
        &[],
        &["include_count", "include_disabled", "include_users", "team_id"],
        &["usergroups:read"],
        directory::group_list,
    ),
    read(
        "usergroups.users.list",
        2,
        &["usergroup"],
        &["include_disabled", "team_id"],
        &["usergroups:read"],
        directory::group_members,
    ),
    write("reactions.add", 3, &["channel", "timestamp", "name"], &[], &["reactions:write"], marks::add_reaction),
    write("reactions.remove", 2, &["name"], &["channel", "timestamp"], &["reactions:write"], marks::remove_reaction),
    write("pins.add", 2, &["channel"], &["timestamp"], &["pins:write"], marks::pin),
    write(
        "bookmarks.add",
        2,
        &["channel_id", "title", "type"],
        &["link", "emoji"],
        &["bookmarks:write"],
        marks::bookmark,
    ),
    write("views.open", 4, &["view", "trigger_id"], &[], &[], views::open),
    write("views.push", 4, &["view", "trigger_id"], &[], &[], views::push),
    write("views.update", 4, &["view"], &["view_id", "external_id", "hash"], &[], views::update),
    write("views.publish", 4, &["user_id", "view"], &["hash"], &[], views::publish),
    read(
        "files.getUploadURLExternal",
        4,
        &["filename", "length"],
        &["alt_txt", "snippet_type"],
        &["files:write"],
        files::upload_url,
    ),
    write(
        "files.completeUploadExternal",
        4,
        &["files"],
        &["channel_id", "channels", "thread_ts", "initial_comment", "blocks"],
        &["files:write"],
        files::complete_upload,
    ),
    write("files.delete", 3, &["file"], &[], &["files:write"], files::delete),
    read("files.info", 4, &["file"], &["limit", "cursor"], &["files:read"], files::info),
];
