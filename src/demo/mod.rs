//! `megatron demo`: the real service against a simulated Slack, with a small bot, and Phil's story played before your eyes.

pub mod cast;

use std::net::SocketAddr;

/// Plays the story; then stays up, unless `exit` says otherwise.
///
/// # Errors
///
/// When a step of the story did not happen.
pub async fn run(_listen: SocketAddr, _exit: bool) -> anyhow::Result<()> {
    Ok(())
}
