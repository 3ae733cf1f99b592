//! x
/// x
pub async fn run(_listen: std::net::SocketAddr, _exit: bool) -> anyhow::Result<()> { Ok(()) }
