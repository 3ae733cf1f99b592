//! What the page offers: the service's own commands and shortcuts, as it names them itself.

use serde_json::{Value, json};

use crate::commands::manifest;
use crate::demo::people::COMMAND;
use crate::intake::commands::help;

/// What can be typed behind the slash command, and what each does, out of the service's own help: in each of its lines commands in
/// backticks, and behind them what they do.
pub(super) fn commands() -> Vec<Value> {
    let help = help(COMMAND);
    let mut commands = Vec::new();
    for line in help.lines() {
        let pieces: Vec<&str> = line.split('`').collect();
        let usages = pieces.iter().skip(1).step_by(2);
        for (number, usage) in usages.enumerate() {
            let behind = pieces.iter().skip(2 + 2 * number).step_by(2);
            let what = behind.map(|words| words.trim_matches([' ', ','])).find(|words| !words.is_empty());
            let usage = usage.strip_prefix(COMMAND).unwrap_or(usage).trim();
            commands.extend(what.map(|what| json!({ "usage": usage, "what": what })));
        }
    }
    commands
}

/// The shortcuts of a kind, `message` or `global`, out of the app's own manifest.
pub(super) fn shortcuts(kind: &str) -> Vec<Value> {
    let manifest = manifest::hub(None, COMMAND);
    let mut shortcuts = Vec::new();
    let (mut name, mut of_kind) = ("", false);
    for line in manifest.lines() {
        let line = line.trim().trim_start_matches("- ");
        match line.split_once(": ") {
            Some(("name", value)) => name = value,
            Some(("type", value)) => of_kind = value == kind,
            Some(("callback_id", id)) if of_kind => shortcuts.push(json!({ "callback_id": id, "name": name })),
            _ => {}
        }
    }
    shortcuts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_offered_as_the_help_names_them() {
        let commands = commands();
        let what =
            |usage: &str| commands.iter().find(|command| command["usage"] == usage).map(|command| &command["what"]);
        assert_eq!(what("open <customer>"), Some(&json!("opens a room for a customer: name, e-mail, @mention or id")));
        assert_eq!(what("unpause [customer]"), Some(&json!("lets it answer again")));
        assert_eq!(what("status [customer]"), Some(&json!("tell how things stand")));
    }

    #[test]
    fn shortcuts_are_offered_as_the_manifest_names_them() {
        assert!(shortcuts("message").contains(&json!({ "callback_id": "megatron.transfer", "name": "Transfer" })));
        assert!(shortcuts("global").iter().any(|shortcut| shortcut["callback_id"] == "megatron.admin"));
    }
}
