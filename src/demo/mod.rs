//! `megatron demo`: the real service against a simulated Slack, with a small bot, and a page to play customer and agent on.
//!
//! `stage` is all that runs: the simulated Slack with its `people`, the `bot`, the `service`, and the `playground`, which is the
//! page. `story` plays Phil's story on it in the terminal, drawn on the `screen`. `cast` is who plays; the tests play with the same
//! cast.

pub mod cast;

mod bot;
mod guide;
mod look;
mod people;
mod playground;
mod screen;
mod service;
mod stage;
mod story;
mod wrap;

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;

use crate::shutdown;
use cast::{HUB, SUPPORT};
use screen::Screen;
use stage::Stage;
use wrap::Ink;

/// Where the page and the service are unless told otherwise.
const USUAL_ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Lets people play until they stop it; or plays the story in the terminal, and ends.
///
/// # Errors
///
/// When the address is taken, or a step of the story did not happen.
pub async fn run(listen: Option<SocketAddr>, story: bool) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    let screen = Screen::of_stdout();
    let stage = Stage::set(bind(listen).await?).await?;
    if story {
        screen::show(&screen.text(Ink::Bold, "Megatron demo: Phil's story"))?;
        match stop.run_until_cancelled(story::play(&stage, screen)).await {
            Some(played) => played?,
            None => bail!("stopped before the story was over"),
        }
    } else {
        welcome(&stage, screen, listen)?;
        stop.cancelled().await;
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
    let taken = listen.is_none() && stage.address.port() != Some(USUAL_ADDRESS.port());
    let why = if taken { format!(" ({USUAL_ADDRESS} is taken)") } else { String::new() };
    let support = stage.people.slack.channel(HUB, SUPPORT).context("there is no support channel")?;
    let mut drawn = screen.text(Ink::Bold, "Megatron demo");
    write!(drawn, "\nOpen {} in your browser{why}.\n\n", guide::shown(&stage.address))?;
    drawn += &screen.text(
        Ink::Plain,
        "You play both sides there: Phil, who is stuck with a bot, and Jane, who takes over. The real service runs underneath, \
         between two simulated Slack workspaces and a small bot; nothing leaves this machine. It runs until you press Ctrl-C.\n\n\
         For developers, the same address from a shell:",
    );
    for (what, command) in guide::guide(&stage.address, &support.id) {
        drawn.extend(["\n", &screen.text(Ink::Dim, &format!("# {what}")), &command, "\n"]);
    }
    Ok(screen::show(&drawn)?)
}
