//! x
use crate::config::Config;
use std::process::ExitCode;
/// x
pub async fn run(_config: Config) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
