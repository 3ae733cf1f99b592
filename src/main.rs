//! The program: reads the command line, turns logs on, carries the command out.

use std::path::Path;
use std::process::ExitCode;

use megatron::commands::{self, Command, KeysCommand, keys, manifest};
use megatron::config::{self, Config, Log, LogFormat};
use megatron::{demo, telemetry};

#[tokio::main]
#[allow(clippy::print_stderr)] // The one message of a failed command.
async fn main() -> ExitCode {
    match Box::pin(run(commands::parse())).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::print_stdout)] // Two commands exist to print.
async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve { config } => {
            let config = load(config.as_deref())?;
            let traces = telemetry::init(&config.log, Some(&config.telemetry))?;
            let served = Box::pin(commands::serve::run(config)).await;
            traces.finish().await;
            served?;
        }
        Command::Migrate { config } => commands::migrate::run(start(config.as_deref())?).await?,
        Command::Restored { config } => commands::restored::run(start(config.as_deref())?).await?,
        Command::Doctor { config } => return commands::doctor::run(load(config.as_deref())?).await,
        Command::Outbox { command, config } => commands::outbox::run(load(config.as_deref())?, command).await?,
        Command::Webhooks { command, config } => commands::webhooks::run(load(config.as_deref())?, command).await?,
        Command::Demo { listen, story } => {
            // The screen is the visitor's.
            let _ = telemetry::init(&Log { filter: "warn".to_owned(), format: LogFormat::Text }, None)?;
            demo::run(listen, story).await?;
        }
        Command::Manifest { bot: Some(id), .. } => print!("{}", manifest::bot(&id)),
        Command::Manifest { url, command, .. } => print!("{}", manifest::hub(url.as_ref(), &command)),
        Command::Keys { instead: None } => print!("{}", keys::fresh()?),
        Command::Keys { instead: Some(KeysCommand::Rotate { config }) } => {
            return commands::rotate::run(load(config.as_deref())?).await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The configuration, with logs as it wants them.
fn start(file: Option<&Path>) -> anyhow::Result<Config> {
    let config = load(file)?;
    let _ = telemetry::init(&config.log, None)?;
    Ok(config)
}

fn load(file: Option<&Path>) -> anyhow::Result<Config> {
    Ok(config::load(file, config::variables())?)
}
