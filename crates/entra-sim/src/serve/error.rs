//! Why a server could not be started.

use std::net::SocketAddr;

/// Why a server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken or not of this machine.
    #[error("can not listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// No certificate could be made.
    #[error("no certificate can be made for {names}: {problem}")]
    Certificate {
        /// The names that the certificate should bear.
        names: String,
        /// What the certificate library says.
        problem: String,
    },
}
