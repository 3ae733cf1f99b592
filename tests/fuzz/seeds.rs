//! What bytes look like that come in reality: where mutation begins.

/// Texts, forms, headers, configurations and payloads, and whatever `SLACK_CORPUS` has.
#[allow(clippy::disallowed_methods, reason = "tests are set up by the environment")]
pub(crate) fn all() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = SEEDS.iter().map(|seed| seed.as_bytes().to_vec()).collect();
    if let Some(corpus) = std::env::var_os("SLACK_CORPUS") {
        let files = walk(std::path::Path::new(&corpus));
        let small = files.into_iter().filter_map(|file| std::fs::read(file).ok()).filter(|seed| seed.len() < 8192);
        seeds.extend(small);
    }
    seeds
}

/// What mutation puts in: what the parsers look for.
pub(crate) const TOKENS: [&str; 44] = [
    "<@U0PHIL>",
    "<#C1|x>",
    "<!channel>",
    "<!date^1^x|y>",
    "<!subteam^S1|@g>",
    "&lt;",
    "&amp;",
    "```",
    "`",
    "\u{301}",
    "👩‍👩‍👧",
    "\u{202e}",
    "\\ud83d",
    "\\ud800",
    "\\u0000",
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "null",
    "true",
    "-1",
    "1e999",
    "9223372036854775808",
    "\"ts\"",
    "\"1700000000.000100\"",
    "\"thread_ts\"",
    "\"subtype\"",
    "\"message\"",
    "\"blocks\"",
    "\"attachments\"",
    "\"files\"",
    "\"metadata\"",
    "\"type\":\"rich_text\"",
    "4111 1111 1111 1111",
    "CVV 123",
    "%",
    "&",
    "=",
    "+",
    "\n",
];

const SEEDS: [&str; 22] = [
    r#"{"direction":"incoming","team_id":"T0CUST","channel_id":"D0PHIL","user_id":"U0PHIL","message":{"ts":"1700000000.000100","text":"help!","blocks":[],"files":[],"thread_ts":null},"control_epoch":3,"signals":{"unanswered":true}}"#,
    r#"[{"direction":"outgoing","team_id":"T1","channel_id":"D1","user_id":"U1","message":{"subtype":"message_changed","ts":"2.000001","hidden":true,"message":{"ts":"1.000001","text":"new","edited":{"user":"U1","ts":"2.000000"}},"previous_message":{"ts":"1.000001","text":"old"}}}]"#,
    r#"{"team_id":"T1","user_id":"U1","response":{"ok":true,"channel":"D1","ts":"1.000001","message":{"bot_id":"B1","text":"hi","metadata":{"event_type":"megatron","event_payload":{"id":"x"}}}}}"#,
    r#"{"type":"event_callback","team_id":"T1","api_app_id":"A1","event":{"type":"message","channel":"C1","user":"U1","text":"hello <@U2>","ts":"1.000001","channel_type":"group","client_msg_id":"x","blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"hello "},{"type":"user","user_id":"U2"},{"type":"emoji","name":"wave","unicode":"1f44b"},{"type":"link","url":"https://x.example","text":"x"}]}]}]},"event_id":"Ev1","event_time":1,"authorizations":[{"team_id":"T1","user_id":"U0","is_bot":true}],"is_ext_shared_channel":false}"#,
    r#"{"type":"event_callback","team_id":"T1","event":{"type":"message","subtype":"message_deleted","channel":"C1","ts":"3.000001","deleted_ts":"1.000001","hidden":true,"previous_message":{"type":"message","user":"U1","text":"x","ts":"1.000001","thread_ts":"1.000001","files":[{"id":"F1"}]}}}"#,
    r#"{"type":"event_callback","team_id":null,"event":{"type":"reaction_added","user":"U1","reaction":"tada","item":{"type":"message","channel":"C1","ts":"1.000001"},"item_user":"U2","event_ts":"2.000001"}}"#,
    r#"{"token":"x","challenge":"abc","type":"url_verification"}"#,
    r#"{"type":"event_callback","team_id":"T1","event":{"type":"channel_id_changed","old_channel_id":"G1","new_channel_id":"C1","event_ts":"1.0"}}"#,
    r#"{"type":"block_actions","user":{"id":"U1","team_id":"T1"},"team":{"id":"T1"},"trigger_id":"1.2.x","response_url":"https://hooks.slack.com/actions/x","container":{"type":"message","message_ts":"1.000001","channel_id":"C1","is_ephemeral":true},"channel":{"id":"C1"},"message":{"ts":"1.000001","blocks":[]},"actions":[{"type":"button","action_id":"megatron.pause","block_id":"b","value":"1","text":{"type":"plain_text","text":"Pause"},"action_ts":"2.0"}]}"#,
    r#"{"type":"view_submission","user":{"id":"U1"},"team":null,"view":{"id":"V1","callback_id":"x","private_metadata":"","state":{"values":{"b":{"a":{"type":"plain_text_input","value":"x"}}}}}}"#,
    r#"{"text":"see","attachments":[{"fallback":"f","color":"good","pretext":"<!here>","title":"t","title_link":"https://x.example","text":"CVV 123 <@U1|al>","fields":[{"title":"Card","value":"4111 1111 1111 1111","short":true}],"ts":1700000000,"blocks":[{"type":"section","text":{"type":"mrkdwn","text":"*x*"}}],"actions":[{"name":"n","type":"button","text":"Go"}]}]}"#,
    r#"{"text":"","blocks":[{"type":"section","text":{"type":"mrkdwn","text":"pick"},"accessory":{"type":"static_select","action_id":"a","options":[{"text":{"type":"plain_text","text":"One"},"value":"1"}]}},{"type":"table","rows":[[{"type":"raw_text","text":"a"}]]},{"type":"image","image_url":"https://x.example/a.png","alt_text":"a"},{"type":"markdown","text":"**x** <@U1>"},{"type":"input","label":{"type":"plain_text","text":"l"},"element":{"type":"plain_text_input"}}]}"#,
    r#"{"ts":"1.000001","subtype":"file_share","files":[{"id":"F1","name":"a.pdf","mimetype":"application/pdf","size":12345,"mode":"hosted","url_private_download":"https://files.slack.com/x"},{"id":"F2","mode":"tombstone"},{"id":"F3","mode":"file_access","file_access":"check_file_info"}],"streaming_state":"in_progress"}"#,
    r#"{"messages":[{"ts":"3.000001","text":"c"},{"ts":"1.000001","text":"a"},{"ts":"x"},{"ts":"200.000001","reply_count":2}]}"#,
    "token=x&team_id=T1&team_domain=d&channel_id=C1&channel_name=cs-phil&user_id=U1&user_name=jane&command=%2Fmegatron&text=open+phil%20harris&api_app_id=A1&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2Fx&trigger_id=1.2.x",
    "payload=%7B%22type%22%3A%22block_actions%22%7D",
    "ssl_check=1&token=x",
    "1700000000\nv0=00ff\n{\"a\":1}",
    "listen = \"127.0.0.1:0\"\n[rooms]\nprefix = \"cs-\"\nhistory = 15\non_agent_message = \"hold\"\n[reminders]\npause_every = \"60m\"\n[redaction]\npatterns = ['\\bPAT-\\d{6}\\b']\n[[bots]]\nid = \"expenses\"\n",
    "90s",
    "100MB",
    "open *Phil* `code` ```\nfn x() {}\n``` &lt;b&gt; <https://x.example|link> <@U1|phil> long words and more of them. A sentence! Another?\n\nA paragraph 4111-1111-1111-1111, cvc: 123",
];

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    paths.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
