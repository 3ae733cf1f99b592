//! TLS for every outgoing connection: rustls with the `ring` provider. `main` installs the provider before anything
//! connects; the Slack and the host client and Socket Mode take their configuration from here.

use hyper_rustls::ConfigBuilderExt;
use rustls::ClientConfig;

/// Makes `ring` the provider of the whole process. May be called again; the first call wins.
pub fn install_tls() {
    // An error means that a provider is there already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Trusts what the machine trusts. A bare container has no certificates at all; there the Mozilla roots that are
/// compiled in stand for them.
pub(crate) fn client_config() -> ClientConfig {
    install_tls();
    ClientConfig::builder()
        .with_native_roots()
        .unwrap_or_else(|_| ClientConfig::builder().with_webpki_roots())
        .with_no_client_auth()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installing_twice_is_harmless() {
        install_tls();
        install_tls();
        assert!(rustls::crypto::CryptoProvider::get_default().is_some());
    }
}
