//! Slack's error codes in words for agents. [`Refusal::explain`](super::outcome::Refusal::explain) calls it; notices and
//! `doctor` call it for codes that were stored.

/// A sentence for agents about one of the codes they may meet; it goes on after a colon.
#[must_use]
pub fn explain(code: &str) -> String {
    let sentence = match code {
        "unreachable" => "Slack cannot be reached",
        "no_answer" | "request_timeout" => "Slack did not answer in time",
        "not_json" => "the answer was not one of Slack's",
        "connection_lost" => "the connection to Slack broke",
        "ratelimited" | "rate_limited" | "too_many_requests" => "Slack asks us to slow down",
        "message_limit_exceeded" => "the workspace's message limit is reached",
        "internal_error" | "fatal_error" | "service_unavailable" => "Slack has a problem of its own",
        "invalid_auth" | "not_authed" => "Slack does not accept the bot's token",
        "account_inactive" => "the app was removed from the workspace, or the workspace is gone",
        "token_revoked" => "the bot's token was revoked",
        "token_expired" => "the bot's token has expired",
        "missing_scope" => "the app is missing a permission",
        "not_allowed_token_type" => "this needs another kind of token",
        "team_access_not_granted" => "the app has no access to this workspace",
        "team_added_to_org" | "external_channel_migrating" => "Slack is moving the workspace; it will be tried again",
        "org_login_required" => "the workspace is being moved into an organisation; it will be tried again",
        "channel_not_found" => "the channel does not exist, or the app cannot see it",
        "is_archived" => "the channel is archived",
        "not_in_channel" => "the app is not in the channel",
        "messages_tab_disabled" => "the app does not take messages in this workspace",
        "message_not_found" => "the message was deleted",
        "thread_not_found" => "the thread was deleted",
        "user_not_found" | "users_not_found" => "there is no such person in this workspace",
        "user_not_visible" => "the app cannot see this person",
        "user_disabled" => "this person's account is deactivated",
        "user_is_restricted" | "ura_max_channels" => "this person is a guest who cannot be added to the channel",
        "org_user_not_in_team" => "this person is not in this workspace",
        "no_external_invite_permission" => "the app may not invite people from outside",
        "restricted_action_read_only_channel" => "the channel is read-only",
        "restricted_action_thread_only_channel" => "the channel takes replies only",
        "restricted_action" | "no_permission" | "access_denied" | "not_authorized" | "cannot_create_channel" => {
            "the workspace's settings do not allow it"
        }
        "name_taken" => "a channel of this name exists already",
        "msg_too_long" | "msg_blocks_too_long" | "msg_blocks_too_many" => "the message is too long",
        "no_text" => "the message is empty",
        "invalid_blocks" | "invalid_blocks_format" => "Slack does not accept the layout of the message",
        "cant_update_message" | "edit_window_closed" => "the message cannot be edited any more",
        "cant_delete_message" => "the message cannot be deleted by the app",
        "posting_to_channel_denied" => "the channel does not take files",
        "cant_delete_file" | "delete_not_allowed" | "file_deleting_disabled" => "the file cannot be deleted by the app",
        "not_visible" => "the app cannot see the file",
        "file_deleted" | "file_not_found" => "the file was deleted",
        "file_uploads_disabled" | "file_uploads_except_images_disabled" | "file_type_not_allowed" => {
            "the workspace does not take such files"
        }
        "file_upload_size_restricted" => "the workspace does not take files of this size",
        "storage_limit_reached" => "the workspace has no room for files left",
        _ if code.starts_with("http_5") => "Slack has a problem of its own",
        _ => return format!("Slack answered \"{code}\""),
    };
    sentence.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_read_sentences() {
        for (code, sentence) in [
            ("token_revoked", "the bot's token was revoked"),
            ("is_archived", "the channel is archived"),
            ("http_503", "Slack has a problem of its own"),
            ("a_code_of_next_year", "Slack answered \"a_code_of_next_year\""),
        ] {
            assert_eq!(explain(code), sentence);
        }
    }
}
