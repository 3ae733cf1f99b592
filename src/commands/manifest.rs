//! `megatron manifest`: the manifest of the hub app, and what to add to that of a bot's own app. Called by `main`.
//!
//! The texts are templates, not built values, so that their comments can explain each scope.

use std::collections::BTreeSet;

use url::Url;

/// The manifest of the hub app (YAML), for a service that Slack reaches under `url`; without one, for Socket Mode.
///
/// See <https://docs.slack.dev/reference/app-manifest>.
#[must_use]
pub fn hub(url: Option<&Url>, command: &str) -> String {
    let template = include_str!("manifest/hub.yaml").replace("{command}", command);
    let Some(url) = url else {
        let lines: String = template.split_inclusive('\n').filter(|line| !line.contains("{url}")).collect();
        return lines.replace("socket_mode_enabled: false", "socket_mode_enabled: true");
    };
    // A serialised URL holds no quote and no backslash outside of its fragment, which is cut off.
    let mut base = url.clone();
    base.set_query(None);
    base.set_fragment(None);
    template.replace("{url}", base.as_str().trim_end_matches('/'))
}

/// What to add to the manifest of the bot's own app (YAML).
#[must_use]
pub fn bot(id: &str) -> String {
    include_str!("manifest/bot.yaml").replace("{bot}", id)
}

/// Scopes of an app, as its manifest names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes {
    /// The service does not work without.
    pub required: BTreeSet<&'static str>,
    /// The service does less without.
    pub optional: BTreeSet<&'static str>,
}

/// Scopes of the hub app's bot token.
#[must_use]
pub fn hub_scopes() -> Scopes {
    scopes(include_str!("manifest/hub.yaml"))
}

/// Scopes of a bot's own token.
#[must_use]
pub fn bot_scopes() -> Scopes {
    scopes(include_str!("manifest/bot.yaml"))
}

/// Reads the list below `bot:`; what follows the word "Optional" is optional, and may be a comment.
fn scopes(template: &'static str) -> Scopes {
    let list = template.split_once("\n    bot:\n").map_or("", |(_, list)| list);
    let list = list.split("\n    # user:").next().unwrap_or_default().split("\nsettings:").next().unwrap_or_default();
    let (required, optional) = list.split_once("# Optional").unwrap_or((list, ""));
    let read = |list: &'static str| {
        let items = list.lines().filter_map(|line| line.trim_start().trim_start_matches("# ").strip_prefix("- "));
        items.filter_map(|item| item.split_whitespace().next()).collect()
    };
    Scopes { required: read(required), optional: read(optional) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::*;
    use crate::takeover::cards::shortcut as shortcuts;

    fn parsed_hub() -> Value {
        let url = "https://relay.example.com/base/?a=1#b".parse().unwrap();
        serde_saphyr::from_str(&hub(Some(&url), "/megatron")).unwrap()
    }

    fn parsed_socket_hub() -> Value {
        serde_saphyr::from_str(&hub(None, "/megatron")).unwrap()
    }

    fn strings(value: &Value) -> Vec<&str> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    #[test]
    #[allow(clippy::print_stdout, clippy::disallowed_methods)] // A test says when it is skipped.
    fn the_manifests_satisfy_slacks_schema() {
        let folder = std::env::var("SLACK_CORPUS").unwrap_or_default();
        let Ok(schema) = std::fs::read(Path::new(&folder).join("manifest-schema-2.0.0.json")) else {
            println!("skipped: no manifest-schema-2.0.0.json in the folder named by SLACK_CORPUS");
            return;
        };
        let validator = jsonschema::draft7::new(&serde_json::from_slice(&schema).unwrap()).unwrap();
        for manifest in [parsed_hub(), parsed_socket_hub()] {
            let errors: Vec<_> = validator.iter_errors(&manifest).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{errors:?}");
        }

        // The bot's part is merged into a manifest that has a name.
        let mut part: Value = serde_saphyr::from_str(&bot("expenses")).unwrap();
        part["display_information"] = serde_json::json!({ "name": "Expense Bot" });
        assert!(validator.is_valid(&part));
        assert!(!validator.is_valid(&serde_json::json!({ "surprise": 1 })), "the schema refuses what it does not know");
    }

    #[test]
    fn every_request_goes_to_the_service() {
        let manifest = parsed_hub();
        let base = "https://relay.example.com/base/slack";
        assert_eq!(manifest["settings"]["event_subscriptions"]["request_url"], format!("{base}/events"));
        assert_eq!(manifest["settings"]["interactivity"]["request_url"], format!("{base}/interactivity"));
        assert_eq!(manifest["settings"]["interactivity"]["message_menu_options_url"], format!("{base}/options"));
        let command = &manifest["features"]["slash_commands"][0];
        assert_eq!(command["url"], format!("{base}/commands"));
        assert_eq!(command["command"], "/megatron");
        assert_eq!(command["should_escape"], true);
        let ours = [
            ("message", shortcuts::RECALL),
            ("message", shortcuts::RETRY),
            ("message", shortcuts::NOTE),
            ("message", shortcuts::LIVE_CHAT),
            ("message", shortcuts::TRANSFER),
            ("global", shortcuts::ADMIN),
        ];
        let named = manifest["features"]["shortcuts"].as_array().unwrap().iter();
        let named = named.map(|one| (one["type"].as_str().unwrap(), one["callback_id"].as_str().unwrap()));
        assert_eq!(named.collect::<Vec<_>>(), ours);
    }

    #[test]
    fn with_socket_mode_there_is_no_address_and_all_else_is_the_same() {
        let (mut http, socket) = (parsed_hub(), parsed_socket_hub());
        assert!(!socket.to_string().contains("url\":"), "{socket}");
        assert_eq!(socket["settings"]["socket_mode_enabled"], true);
        http["settings"]["socket_mode_enabled"] = true.into();
        for place in ["/settings/event_subscriptions", "/settings/interactivity", "/features/slash_commands/0"] {
            let fields = http.pointer_mut(place).and_then(Value::as_object_mut).unwrap();
            fields.retain(|name, _| !name.ends_with("url"));
        }
        assert_eq!(http, socket);
    }

    #[test]
    fn every_scope_is_required_or_optional() {
        let manifest = parsed_hub();
        let Scopes { required, optional } = hub_scopes();
        let named = strings(&manifest["oauth_config"]["scopes"]["bot"]);
        assert_eq!(required.union(&optional).copied().collect::<BTreeSet<_>>(), named.into_iter().collect());
        assert!(required.contains("chat:write.customize") && optional.contains("pins:write"));

        let Scopes { required, optional } = bot_scopes();
        assert_eq!(required.into_iter().collect::<Vec<_>>(), ["chat:write"]);
        assert!(optional.contains("im:history") && optional.len() == 10, "{optional:?}");
    }

    /// The scope of each event: <https://docs.slack.dev/reference/events>.
    #[test]
    fn every_event_has_its_scope() {
        let manifest = parsed_hub();
        let scopes = strings(&manifest["oauth_config"]["scopes"]["bot"]);
        let events = strings(&manifest["settings"]["event_subscriptions"]["bot_events"]);
        assert!(events.len() > 20);
        for event in events {
            let needed: &[&str] = match event {
                "message.channels" => &["channels:history"],
                "message.groups" => &["groups:history"],
                "reaction_added" | "reaction_removed" => &["reactions:read"],
                "app_mention" => &["app_mentions:read"],
                "app_home_opened" | "tokens_revoked" | "app_uninstalled" => &[],
                "member_joined_channel" | "member_left_channel" => &["channels:read", "groups:read"],
                _ if event.starts_with("channel_") => &["channels:read"],
                _ if event.starts_with("group_") => &["groups:read"],
                _ => panic!("{event}: which scope does it need?"),
            };
            for scope in needed {
                assert!(scopes.contains(scope), "{event} needs {scope}");
            }
        }
    }

    #[test]
    fn a_change_of_a_public_room_is_also_heard_of_a_private_one() {
        let manifest = parsed_hub();
        let events = strings(&manifest["settings"]["event_subscriptions"]["bot_events"]);
        for change in ["archive", "unarchive", "rename", "deleted", "left"] {
            assert!(events.contains(&format!("channel_{change}").as_str()), "{change}");
            assert!(events.contains(&format!("group_{change}").as_str()), "{change}");
        }
    }

    #[test]
    fn a_bots_own_app_must_only_be_able_to_write() {
        let part: Value = serde_saphyr::from_str(&bot("expenses")).unwrap();
        assert_eq!(part, serde_json::json!({ "oauth_config": { "scopes": { "bot": ["chat:write"] } } }));
    }
}
