//! Why a binary is not there, and what the person who needs it can do.

use std::io;
use std::path::PathBuf;

/// Why a binary is not there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Go is needed and not there.
    #[error(
        "cannot run `go`, which builds the Kubernetes control plane: {source}; install Go 1.26 or newer (https://go.dev/dl) and \
         have it in PATH, or let KUBEBUILDER_ASSETS name a directory with etcd, kube-apiserver, kube-controller-manager, kubectl and helm"
    )]
    NoGo {
        /// What the system says.
        source: io::Error,
    },
    /// Go is there and refuses.
    #[error("`go env` failed: {message}")]
    GoEnvironment {
        /// What it printed.
        message: String,
    },
    /// The build failed.
    #[error("cannot build {binary}; the last lines of the build say:\n{log}")]
    Build {
        /// What was built.
        binary: &'static str,
        /// The end of the build's output.
        log: String,
    },
    /// The build could not be run.
    #[error("cannot build {binary}: {source}")]
    RunBuild {
        /// What was to be built.
        binary: &'static str,
        /// Why not.
        source: crate::process::Error,
    },
    /// No directory to keep results in.
    #[error(
        "neither XDG_CACHE_HOME nor HOME names an absolute directory to keep the built binaries in; set one of them"
    )]
    NoCacheDirectory,
    /// The cache cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Cache {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A binary is used that was not looked for.
    #[error("{binary} was not looked for; name it where the binaries are located")]
    NotLocated {
        /// Which one.
        binary: &'static str,
    },
    /// The thread that builds has panicked.
    #[error("the build of the control plane was cut short: {source}")]
    Interrupted {
        /// The runtime's error.
        source: tokio::task::JoinError,
    },
}
