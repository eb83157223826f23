//! Why there is no control plane, or what it did not do.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::binaries;
use crate::process;

/// Set to `1`, the cluster of `KUBECONFIG` is used. Without it a developer's own cluster is never touched.
pub(super) const USE_KUBECONFIG: &str = "ENTRA_PIM_TESTENV_USE_KUBECONFIG";

/// Why there is no control plane, or what it did not do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A binary is lacking.
    #[error(transparent)]
    Binaries(#[from] binaries::Error),
    /// A process could not be run.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// A process of the control plane has ended while it was needed.
    #[error("{process} ended ({status}); the last lines of its log say:\n{log}")]
    Ended {
        /// Which one.
        process: String,
        /// How.
        status: std::process::ExitStatus,
        /// The end of its log.
        log: String,
    },
    /// The control plane did not become ready.
    #[error("{waited_for} was not reached within {} s ({last}); the last lines of {process} say:\n{log}", limit.as_secs())]
    NotReady {
        /// What was waited for.
        waited_for: &'static str,
        /// For how long.
        limit: Duration,
        /// What the last attempt said.
        last: String,
        /// Whose log it is.
        process: String,
        /// The end of that log.
        log: String,
    },
    /// A file of the control plane cannot be used.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no directory or port.
    #[error("cannot get {what} for the control plane: {source}")]
    System {
        /// What was asked for.
        what: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// Keys or certificates cannot be made.
    #[error("cannot make keys and certificates for the control plane: {source}")]
    Credentials {
        /// What the generator says.
        source: rcgen::Error,
    },
    /// A kubeconfig cannot be read or written.
    #[error("kubeconfig {} cannot be used: {message}", path.display())]
    Kubeconfig {
        /// Which one.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// `KUBECONFIG` is to be used and names no file.
    #[error(
        "{USE_KUBECONFIG}=1 asks for the cluster of KUBECONFIG, but KUBECONFIG names no file; set it, or unset {USE_KUBECONFIG}"
    )]
    NoKubeconfig,
    /// The API server refuses.
    #[error("cannot {action}: {source}")]
    Api {
        /// What was tried.
        action: String,
        /// What the client says.
        source: Box<kube::Error>,
    },
    /// A client program failed.
    #[error("{command} failed ({status}):\n{stderr}")]
    Tool {
        /// The command line.
        command: String,
        /// How it ended.
        status: std::process::ExitStatus,
        /// What it said.
        stderr: String,
    },
    /// A client program did not end.
    #[error("{command} did not end within {} s and was killed:\n{stderr}", limit.as_secs())]
    ToolHangs {
        /// The command line.
        command: String,
        /// For how long it was waited.
        limit: Duration,
        /// What it said so far.
        stderr: String,
    },
}
