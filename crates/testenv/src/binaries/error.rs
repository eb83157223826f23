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
        /// The error of the operating system.
        source: io::Error,
    },
    /// Go is there and refuses.
    #[error("`go env` failed: {message}")]
    GoEnvironment {
        /// What `go env` printed.
        message: String,
    },
    /// The build ran and failed.
    #[error("cannot build {binary}; the last lines of the build say:\n{log}")]
    Build {
        /// The binary that was being built.
        binary: &'static str,
        /// The end of the build's output.
        log: String,
    },
    /// The build could not be run.
    #[error("cannot build {binary}: {source}")]
    RunBuild {
        /// What was to be built.
        binary: &'static str,
        /// The error of the build process.
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
        /// What was tried, as the message puts it behind `cannot`.
        action: &'static str,
        /// The file or directory in the cache.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A binary is used that was not asked for when binaries were located.
    #[error("{binary} was not looked for; name it where the binaries are located")]
    NotLocated {
        /// The name of the binary.
        binary: &'static str,
    },
    /// The thread that builds has panicked.
    #[error("the build of the control plane was cut short: {source}")]
    Interrupted {
        /// The error of the async runtime.
        source: tokio::task::JoinError,
    },
}
