//! The command line. `main` parses it here and carries the command out; a command with more to it than a call has a module below.

pub mod doctor;
pub mod keys;
pub mod manifest;
pub mod migrate;
pub mod outbox;
pub mod restored;
pub mod rotate;
pub mod serve;
pub mod webhooks;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use url::Url;

pub use outbox::OutboxCommand;
pub use webhooks::WebhooksCommand;

/// What the operator asked for.
#[derive(Debug, Clone, PartialEq, Eq, Parser)]
#[command(name = "megatron", version, about, arg_required_else_help = true)]
pub enum Command {
    /// Run the service; apply migrations first
    Serve {
        /// Configuration file; else the one that `MEGATRON_CONFIG` names
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Try it out: the real service with a simulated Slack, a small bot, and a web page on which you play both sides
    Demo {
        /// Address and port of the page and the service [default: 127.0.0.1:8080, or any free port where that is taken]
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
        /// Play a customer's story in the terminal instead, and end
        #[arg(long)]
        story: bool,
    },
    /// Apply migrations and stop
    Migrate {
        /// Configuration file; else the one that `MEGATRON_CONFIG` names
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// After the database was put back from a backup, and before `serve`: what is older is looked for in Slack before it is sent
    Restored {
        /// Configuration file; else the one that `MEGATRON_CONFIG` names
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Check the configuration, the database, Slack's tokens and scopes, and whether callbacks arrive
    Doctor {
        /// Configuration file; else the one that `MEGATRON_CONFIG` names
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Look at what waits to be delivered or was given up, and retry or drop it
    Outbox {
        /// What to do
        #[command(subcommand)]
        command: OutboxCommand,
        /// Configuration file; else the one that `MEGATRON_CONFIG` names
        #[arg(long, value_name = "FILE", global = true)]
        config: Option<PathBuf>,
    },
    /// Look at the endpoints that are told what happens; ping them, and have them told again
    Webhooks {
        /// What to do
        #[command(subcommand)]
        command: WebhooksCommand,
        /// Configuration file; else the one that `MEGATRON_CONFIG` names
        #[arg(long, value_name = "FILE", global = true)]
        config: Option<PathBuf>,
    },
    /// Print the Slack app manifest of the hub app, or what to add to that of a bot's own app
    Manifest {
        /// Where Slack reaches the service, such as <https://relay.example.com>
        #[arg(long, required_unless_present = "socket")]
        url: Option<Url>,
        /// For Socket Mode: Slack need not reach the service
        #[arg(long, conflicts_with = "url")]
        socket: bool,
        /// The id of a bot: print what to add to the bot's own app
        #[arg(long, value_name = "ID")]
        bot: Option<String>,
        /// The slash command, as in `slack.command`
        #[arg(long, default_value = "/megatron", value_parser = slash_command)]
        command: String,
    },
    /// Print a fresh encryption key, API key and callback secret
    Keys {
        /// What to do instead
        #[command(subcommand)]
        instead: Option<KeysCommand>,
    },
}

/// What else can be done about keys.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum KeysCommand {
    /// Seal the customers' tokens anew with the present encryption key, so that the old ones can go
    Rotate {
        /// Configuration file; else the one that `MEGATRON_CONFIG` names
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

/// The command that the process was started with; stops the process with a message if there is none.
#[must_use]
pub fn parse() -> Command {
    Command::parse()
}

/// Lower-case letters, digits, `-` and `_` after a slash, as the configuration requires it.
fn slash_command(text: &str) -> Result<String, &'static str> {
    crate::config::is_command(text).then(|| text.to_owned()).ok_or("expected a command such as /megatron")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Command::command().debug_assert();
    }

    #[test]
    fn each_command_is_understood() {
        let config = Some(PathBuf::from("m.toml"));
        let url = Some("https://relay.example.com/".parse().unwrap());
        let listen = Some("127.0.0.1:8080".parse().unwrap());
        let command = "/megatron".to_owned();
        for (line, expected) in [
            ("serve", Command::Serve { config: None }),
            ("serve --config m.toml", Command::Serve { config: config.clone() }),
            ("demo", Command::Demo { listen: None, story: false }),
            ("demo --listen 127.0.0.1:8080 --story", Command::Demo { listen, story: true }),
            ("migrate --config m.toml", Command::Migrate { config: config.clone() }),
            ("restored --config m.toml", Command::Restored { config: config.clone() }),
            ("doctor --config m.toml", Command::Doctor { config: config.clone() }),
            (
                "manifest --url https://relay.example.com --bot b",
                Command::Manifest { url, socket: false, bot: Some("b".to_owned()), command: command.clone() },
            ),
            ("manifest --socket", Command::Manifest { url: None, socket: true, bot: None, command }),
            ("outbox list --config m.toml", Command::Outbox { command: OutboxCommand::List, config: config.clone() }),
            (
                "outbox show 7 --content",
                Command::Outbox { command: OutboxCommand::Show { id: "7".to_owned(), content: true }, config: None },
            ),
            ("outbox drop 7", Command::Outbox { command: OutboxCommand::Drop { id: "7".to_owned() }, config: None }),
            (
                "webhooks ping lake --config m.toml",
                Command::Webhooks { command: WebhooksCommand::Ping { id: "lake".to_owned() }, config: config.clone() },
            ),
            (
                "webhooks replay lake --since 1970-01-01T00:00:00Z",
                Command::Webhooks {
                    command: WebhooksCommand::Replay {
                        id: "lake".to_owned(),
                        since: jiff::Timestamp::UNIX_EPOCH,
                        until: None,
                    },
                    config: None,
                },
            ),
            ("keys", Command::Keys { instead: None }),
            ("keys rotate --config m.toml", Command::Keys { instead: Some(KeysCommand::Rotate { config }) }),
        ] {
            let words = std::iter::once("megatron").chain(line.split(' '));
            assert_eq!(Command::try_parse_from(words).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn a_manifest_is_for_an_address_or_for_socket_mode() {
        for line in ["manifest", "manifest --socket --url https://a.example"] {
            assert!(Command::try_parse_from(std::iter::once("megatron").chain(line.split(' '))).is_err(), "{line}");
        }
    }

    #[test]
    fn a_command_that_slack_refuses_is_refused() {
        let line = ["megatron", "manifest", "--url", "https://a.example", "--command", "two words"];
        assert!(Command::try_parse_from(line).is_err());
    }
}
