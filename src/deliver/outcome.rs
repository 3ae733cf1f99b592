//! What a refusal of Slack means for a delivery. The only place that classifies errors; the Slack client builds a
//! [`Refusal`] here, the delivery worker acts on its [`Class`], and agents read [`Refusal::explain`].

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use slack_morphism::errors::SlackClientError;

use super::explain::explain;
use super::method::Method;
use super::retry;

/// Why a call did not succeed, without anything of its content: safe to log and to show.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}")]
pub struct Refusal {
    /// Slack's error code, or one of ours: `unreachable`, `no_answer`, `connection_lost`, `not_json`, `bad_request`,
    /// `http_<status>`.
    pub code: String,
    /// What to do about it.
    pub class: Class,
    /// What Slack says in `errors` and `response_metadata.messages`, such as the block that is wrong. Not in `Debug`:
    /// it may quote the content.
    pub messages: Vec<String>,
    /// The scope that is missing.
    pub needed: Option<String>,
}

/// What to do about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Nothing: it was already so. Counts as done.
    Done,
    /// It did not happen; send the same again, not before `after` if Slack said so.
    Later {
        /// How long Slack wants this method to rest, a day at most.
        after: Option<Duration>,
    },
    /// It did not happen and will not for a while: the workspace is being moved, or somebody must log in.
    LongPause,
    /// It may have happened. What must not happen twice is looked for before it is sent again.
    Unsure,
    /// The token is dead: stop the workspace, ask the bot for another token.
    TokenDead,
    /// A person must grant something first.
    Permission,
    /// What we sent is not what the method takes. Our bug.
    Bug,
    /// Slack takes the call, but not this content: send it plainer.
    Content,
    /// No reply is possible there: send it once more without the thread.
    Unthreadable,
    /// The message cannot be changed any more: say the change in a new one.
    Uneditable,
    /// The channel name is taken: try the next one.
    NameTaken,
    /// The channel, message, person or file is not there any more, or not for us.
    Gone,
    /// Anything else, codes we do not know included. Not sent again; shown to the agents.
    Permanent,
}

impl Class {
    /// As metrics call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Later { .. } => "later",
            Self::LongPause => "long_pause",
            Self::Unsure => "unsure",
            Self::TokenDead => "token_dead",
            Self::Permission => "permission",
            Self::Bug => "bug",
            Self::Content => "content",
            Self::Unthreadable => "unthreadable",
            Self::Uneditable => "uneditable",
            Self::NameTaken => "name_taken",
            Self::Gone => "gone",
            Self::Permanent => "permanent",
        }
    }
}

impl Refusal {
    /// A refusal of `method` with one of Slack's codes or of ours.
    #[must_use]
    pub fn new(method: Method, code: &str) -> Self {
        Self { code: code.to_owned(), class: classify(method, code), messages: Vec::new(), needed: None }
    }

    /// Whether another try may overcome it.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self.class, Class::Later { .. } | Class::LongPause | Class::Unsure)
    }

    /// A sentence for agents.
    #[must_use]
    pub fn explain(&self) -> String {
        match &self.needed {
            Some(scope) if self.code == "missing_scope" => format!("the app is missing the permission {scope}"),
            _ => explain(&self.code),
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("code", &self.code)
            .field("class", &self.class)
            .field("needed", &self.needed)
            .finish_non_exhaustive()
    }
}

/// What came back from a call of `method`: the answer if it says `"ok": true`, else the refusal.
pub(super) fn read(method: Method, result: Result<Value, SlackClientError>) -> Result<Value, Refusal> {
    match result {
        Ok(answer) => judge(method, Some(answer)),
        Err(SlackClientError::ApiError(error)) => {
            judge(method, parse(error.http_response_body)).map_err(|refusal| match refusal.code.as_str() {
                NOT_JSON => Refusal::new(method, &error.code),
                _ => refusal,
            })
        }
        // The library wants more of an answer than we do: an odd field must not turn a success into a failure.
        Err(SlackClientError::ProtocolError(error)) => judge(method, parse(error.json_body)),
        Err(SlackClientError::RateLimitError(error)) => {
            let after = error.retry_after.map(|wait| wait.min(retry::LONGEST_PAUSE));
            Err(Refusal { class: Class::Later { after }, ..Refusal::new(method, "ratelimited") })
        }
        Err(SlackClientError::HttpError(error)) => {
            Err(Refusal::new(method, &format!("http_{}", error.status_code.as_u16())))
        }
        Err(SlackClientError::HttpProtocolError(error)) => Err(Refusal::new(
            method,
            match error.cause.as_ref().map(|cause| cause.downcast_ref::<hyper_util::client::legacy::Error>()) {
                Some(Some(error)) if error.is_connect() => "unreachable",
                Some(Some(_)) | None => "connection_lost",
                Some(None) => "bad_request",
            },
        )),
        Err(
            SlackClientError::SystemError(_)
            | SlackClientError::EndOfStream(_)
            | SlackClientError::SocketModeProtocolError(_),
        ) => Err(Refusal::new(method, "connection_lost")),
    }
}

/// Our code for an answer of 200 that is not what the Web API answers: a proxy's page, or a broken one.
const NOT_JSON: &str = "not_json";

fn parse(body: Option<String>) -> Option<Value> {
    serde_json::from_str(&body?).ok()
}

fn judge(method: Method, answer: Option<Value>) -> Result<Value, Refusal> {
    let Some(answer) = answer else { return Err(Refusal::new(method, NOT_JSON)) };
    if answer["ok"] == true {
        return Ok(answer);
    }
    let mut refusal = Refusal::new(method, answer["error"].as_str().unwrap_or(NOT_JSON));
    let details = [&answer["errors"], &answer["response_metadata"]["messages"]];
    refusal.messages = details.into_iter().filter_map(Value::as_array).flatten().map(detail).collect();
    refusal.needed = answer["needed"].as_str().map(str::to_owned);
    Err(refusal)
}

/// `errors` holds strings, or objects: `conversations.invite` has one for each person it could not add.
fn detail(entry: &Value) -> String {
    entry.as_str().map_or_else(|| entry.to_string(), str::to_owned)
}

/// Codes of every method: <https://docs.slack.dev/reference/methods>, section "Errors" of each page.
fn classify(method: Method, code: &str) -> Class {
    if already_so(method, code) {
        return Class::Done;
    }
    match code {
        "unreachable"
        | "ratelimited"
        | "rate_limited"
        | "message_limit_exceeded"
        | "service_unavailable"
        | "too_many_requests"
        | "update_failed"
        | "fetch_members_failed"
        | "streaming_state_conflict" => Class::Later { after: None },
        "team_added_to_org" | "org_login_required" | "external_channel_migrating" => Class::LongPause,
        "no_answer" | "connection_lost" | NOT_JSON | "internal_error" | "fatal_error" | "request_timeout"
        | "http_408" => Class::Unsure,
        "invalid_auth" | "not_authed" | "account_inactive" | "token_revoked" | "token_expired" => Class::TokenDead,
        "cannot_reply_to_message" | "restricted_action_thread_locked" | "restricted_action_non_threadable_channel" => {
            Class::Unthreadable
        }
        "missing_scope"
        | "not_allowed_token_type"
        | "no_permission"
        | "access_denied"
        | "accesslimited"
        | "team_access_not_granted"
        | "ekm_access_denied"
        | "enterprise_is_restricted"
        | "two_factor_setup_required"
        | "cannot_create_channel"
        | "not_authorized" => Class::Permission,
        "bad_request"
        | "invalid_arguments"
        | "invalid_arg_name"
        | "invalid_array_arg"
        | "invalid_form_data"
        | "invalid_charset"
        | "invalid_post_type"
        | "missing_post_type"
        | "missing_argument"
        | "method_deprecated"
        | "deprecated_endpoint" => Class::Bug,
        "invalid_blocks"
        | "invalid_blocks_format"
        | "msg_blocks_too_long"
        | "msg_blocks_too_many"
        | "msg_too_long"
        | "no_text"
        | "markdown_text_conflict"
        | "invalid_attachments"
        | "too_many_attachments"
        | "attachment_payload_limit_exceeded"
        | "too_many_contact_cards"
        | "metadata_too_large"
        | "invalid_metadata_format"
        | "invalid_metadata_schema"
        | "view_too_large" => Class::Content,
        "cant_update_message" | "edit_window_closed" | "is_inactive" | "block_mismatch" => Class::Uneditable,
        "name_taken" => Class::NameTaken,
        "channel_not_found"
        | "is_archived"
        | "not_in_channel"
        | "messages_tab_disabled"
        | "message_not_found"
        | "thread_not_found"
        | "user_not_found"
        | "users_not_found"
        | "user_disabled"
        | "user_not_visible"
        | "user_not_in_channel"
        | "no_such_subteam"
        | "file_not_found"
        | "file_deleted" => Class::Gone,
        _ if code.starts_with("restricted_action") => Class::Permission,
        _ if code.starts_with("http_5") => Class::Unsure,
        _ => Class::Permanent,
    }
}

/// Refusals that say that there is nothing left to do.
fn already_so(method: Method, code: &str) -> bool {
    matches!(
        (method, code),
        (Method::CHAT_DELETE, "message_not_found")
            | (Method::CONVERSATIONS_ARCHIVE, "already_archived")
            | (Method::CONVERSATIONS_INVITE, "already_in_channel" | "cant_invite_self")
            | (Method::CONVERSATIONS_KICK, "not_in_channel")
            | (Method::CONVERSATIONS_UNARCHIVE, "not_archived")
            | (Method::FILES_DELETE, "file_deleted" | "file_not_found")
            | (Method::PINS_ADD, "already_pinned")
            | (Method::REACTIONS_ADD, "already_reacted")
            | (Method::REACTIONS_REMOVE, "no_reaction" | "message_not_found")
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    const LATER: Class = Class::Later { after: None };

    #[rstest]
    #[case::try_again(
        LATER,
        "unreachable ratelimited rate_limited message_limit_exceeded service_unavailable too_many_requests \
        update_failed fetch_members_failed streaming_state_conflict"
    )]
    #[case::wait_long(Class::LongPause, "team_added_to_org org_login_required external_channel_migrating")]
    #[case::in_doubt(
        Class::Unsure,
        "internal_error fatal_error request_timeout http_500 http_502 http_503 http_504 http_408 \
        no_answer connection_lost not_json"
    )]
    #[case::token_is_dead(Class::TokenDead, "invalid_auth not_authed account_inactive token_revoked token_expired")]
    #[case::wait_for_a_person(
        Class::Permission,
        "missing_scope not_allowed_token_type no_permission access_denied accesslimited \
        team_access_not_granted ekm_access_denied restricted_action restricted_action_read_only_channel \
        restricted_action_thread_only_channel enterprise_is_restricted two_factor_setup_required"
    )]
    #[case::our_bug(
        Class::Bug,
        "invalid_arguments invalid_arg_name invalid_array_arg invalid_form_data invalid_charset \
        invalid_post_type missing_post_type missing_argument method_deprecated deprecated_endpoint bad_request"
    )]
    #[case::plainer(Class::Content, "invalid_blocks msg_too_long no_text metadata_too_large invalid_attachments")]
    #[case::without_thread(
        Class::Unthreadable,
        "cannot_reply_to_message restricted_action_thread_locked \
        restricted_action_non_threadable_channel"
    )]
    #[case::say_it_anew(Class::Uneditable, "cant_update_message edit_window_closed is_inactive block_mismatch")]
    #[case::next_name(Class::NameTaken, "name_taken")]
    #[case::gone(
        Class::Gone,
        "channel_not_found is_archived not_in_channel messages_tab_disabled message_not_found user_disabled"
    )]
    #[case::the_unknown(Class::Permanent, "http_403 http_302 cant_delete_message a_code_of_next_year invalid_cursor")]
    fn every_code_has_its_class(#[case] class: Class, #[case] codes: &str) {
        for code in codes.split_whitespace() {
            assert_eq!(Refusal::new(Method::CHAT_UPDATE, code).class, class, "{code}");
        }
    }

    #[test]
    fn what_is_already_so_counts_as_done_for_its_own_method_only() {
        for (method, code) in [
            (Method::CHAT_DELETE, "message_not_found"),
            (Method::CONVERSATIONS_INVITE, "already_in_channel"),
            (Method::CONVERSATIONS_INVITE, "cant_invite_self"),
            (Method::CONVERSATIONS_KICK, "not_in_channel"),
            (Method::CONVERSATIONS_ARCHIVE, "already_archived"),
            (Method::CONVERSATIONS_UNARCHIVE, "not_archived"),
            (Method::REACTIONS_ADD, "already_reacted"),
            (Method::REACTIONS_REMOVE, "no_reaction"),
            (Method::REACTIONS_REMOVE, "message_not_found"),
            (Method::FILES_DELETE, "file_deleted"),
            (Method::FILES_DELETE, "file_not_found"),
            (Method::PINS_ADD, "already_pinned"),
        ] {
            assert_eq!(Refusal::new(method, code).class, Class::Done, "{method:?} {code}");
            assert_ne!(Refusal::new(Method::CHAT_UPDATE, code).class, Class::Done, "{code}");
        }
    }

    #[test]
    fn codes_common_to_all_methods_are_all_known() {
        #[expect(clippy::disallowed_methods, reason = "a test is set up by its environment")]
        let Ok(corpus) = std::env::var("SLACK_CORPUS") else {
            #[allow(clippy::print_stderr)]
            return eprintln!("skipped: SLACK_CORPUS is not set");
        };
        let file = std::fs::read_to_string(format!("{corpus}/web_api_errors.json")).unwrap();
        let file: Value = serde_json::from_str(&file).unwrap();
        for code in file["common_errors"].as_array().unwrap() {
            let code = code.as_str().unwrap();
            assert_ne!(Refusal::new(Method::CHAT_UPDATE, code).class, Class::Permanent, "{code}");
        }
    }

    #[test]
    fn only_ok_true_is_an_answer() {
        let answer = json!({"ok": true, "ts": "1.2", "warning": "missing_charset"});
        assert_eq!(read(Method::CHAT_POST_MESSAGE, Ok(answer.clone())), Ok(answer));
        for odd in [json!({}), json!({"ok": "true"}), json!({"ok": false}), json!([]), json!(null), json!({"ok": 1})] {
            let refusal = read(Method::CHAT_POST_MESSAGE, Ok(odd.clone())).unwrap_err();
            assert_eq!((refusal.code.as_str(), refusal.class), ("not_json", Class::Unsure), "{odd}");
        }
    }

    #[test]
    fn the_details_are_kept_but_not_shown() {
        let answer = json!({
            "ok": false, "error": "invalid_blocks", "errors": ["unsupported type: salary", {"pointer": "/blocks/0"}],
            "response_metadata": {"messages": ["[ERROR] missing field [json-pointer:/blocks/0/text]"]}
        });
        let refusal = judge(Method::CHAT_POST_MESSAGE, Some(answer)).unwrap_err();
        assert_eq!(
            refusal.messages,
            [
                "unsupported type: salary",
                r#"{"pointer":"/blocks/0"}"#,
                "[ERROR] missing field [json-pointer:/blocks/0/text]"
            ]
        );
        assert_eq!(refusal.to_string(), "invalid_blocks");
        assert!(!format!("{refusal:?}").contains("salary"));
    }

    #[test]
    fn agents_read_which_permission_is_missing() {
        let answer = json!({"ok": false, "error": "missing_scope", "needed": "chat:write", "provided": "im:history"});
        let refusal = judge(Method::CHAT_POST_MESSAGE, Some(answer)).unwrap_err();
        assert_eq!(refusal.explain(), "the app is missing the permission chat:write");
        assert_eq!(Refusal::new(Method::CHAT_POST_MESSAGE, "is_archived").explain(), "the channel is archived");
    }
}
