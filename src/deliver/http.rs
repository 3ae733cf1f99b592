//! The HTTP client of everything that is not a call of the Web API: callbacks, files, and the one question that needs an
//! answer's headers.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

use super::tls;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A client that follows no redirect: what is meant for one host is not given to another.
pub(crate) fn client() -> ClientBuilder {
    Client::builder()
        .tls_backend_preconfigured(tls::client_config())
        // Only the configuration reads the environment.
        .no_proxy()
        .redirect(Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(concat!("megatron/", env!("CARGO_PKG_VERSION")))
}
