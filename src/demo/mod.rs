//! `megatron demo`: the real service against a simulated Slack, with a small bot, and Phil's story played before your eyes.
//!
//! `stage` is all that runs, with `bot` (and its `dialogue`) on it; `story` plays on the stage and draws on the `screen`; `visit` is
//! what is left to play with afterwards. `cast` is who plays; the tests play with the same cast.

pub mod cast;

mod bot;
mod dialogue;
mod look;
mod screen;
mod stage;
mod story;
mod visit;
mod wrap;

use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;

use crate::shutdown;
use screen::Screen;
use stage::Stage;
use wrap::Ink;

/// Where the service listens unless told otherwise.
const USUAL_ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);

/// Plays the story; then stays up until it is stopped, unless `exit` says otherwise.
///
/// # Errors
///
/// When the address is taken, or a step of the story did not happen.
pub async fn run(listen: Option<SocketAddr>, exit: bool) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    let screen = Screen::of_stdout();
    let stage = Stage::set(bind(listen).await?).await?;
    let shown = stop
        .run_until_cancelled(async {
            welcome(&stage, screen, listen)?;
            story::play(&stage, screen).await?;
            if !exit {
                story::reopen(&stage).await?;
                farewell(&stage, screen)?;
            }
            anyhow::Ok(())
        })
        .await;
    match shown {
        Some(Ok(())) if !exit => stop.cancelled().await,
        Some(shown) => shown?,
        None if exit => bail!("stopped before the story was over"),
        None => {}
    }
    stage.strike().await
}

async fn bind(listen: Option<SocketAddr>) -> anyhow::Result<TcpListener> {
    let address = listen.unwrap_or(USUAL_ADDRESS);
    match TcpListener::bind(address).await {
        Err(_) if listen.is_none() => Ok(TcpListener::bind((USUAL_ADDRESS.ip(), 0)).await?),
        bound => bound.with_context(|| format!("cannot listen on {address}; choose another address with --listen")),
    }
}

fn welcome(stage: &Stage, screen: Screen, listen: Option<SocketAddr>) -> anyhow::Result<()> {
    let taken = listen.is_none() && stage.service.port() != Some(USUAL_ADDRESS.port());
    let why = if taken { format!(" ({USUAL_ADDRESS} is taken)") } else { String::new() };
    let running = format!(
        "The real service, at {}{why}, between two simulated Slack workspaces and a small bot. Events, commands and callbacks move over \
         HTTP. Nothing leaves this machine.\n",
        visit::shown(&stage.service)
    );
    let title = screen.text(Ink::Bold, "Megatron demo: Phil's story");
    Ok(screen::show(&(title + &screen.text(Ink::Plain, &running)))?)
}

fn farewell(stage: &Stage, screen: Screen) -> anyhow::Result<()> {
    let room = stage.people.room().context("Phil's room is closed")?;
    let mut drawn = format!("\n{}", screen.text(Ink::Bold, "The story is over. Now it is your turn."));
    drawn +=
        &screen.text(Ink::Plain, "Jane has opened a room for Phil again, and everything runs until you press Ctrl-C.");
    for (what, command) in visit::guide(&stage.service, &room.id) {
        drawn.extend(["\n", &screen.text(Ink::Dim, &format!("# {what}")), &command, "\n"]);
    }
    Ok(screen::show(&drawn)?)
}
