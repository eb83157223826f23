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
    /// A binary of the control plane is missing.
    #[error(transparent)]
    Binaries(#[from] binaries::Error),
    /// A process could not be run.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// A process of the control plane has ended while it was needed.
    #[error("{process} ended ({status}); the last lines of its log say:\n{log}")]
    Ended {
        /// The process that has ended.
        process: String,
        /// The exit status of the process.
        status: std::process::ExitStatus,
        /// The end of its log.
        log: String,
    },
    /// The control plane did not become ready.
    #[error("{waited_for} was not reached within {} s ({last}); the last lines of {process} say:\n{log}", limit.as_secs())]
    NotReady {
        /// The component or state that was waited for.
        waited_for: &'static str,
        /// How long it was waited for.
        limit: Duration,
        /// What the last attempt said.
        last: String,
        /// The process whose log is shown.
        process: String,
        /// The end of that log.
        log: String,
    },
    /// A file of the control plane cannot be used.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried, as the message puts it behind `cannot`.
        action: &'static str,
        /// The file that cannot be used.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The system gives no directory or port.
    #[error("cannot get {what} for the control plane: {source}")]
    System {
        /// The directory or port that was asked for.
        what: &'static str,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Keys or certificates cannot be made.
    #[error("cannot make keys and certificates for the control plane: {source}")]
    Credentials {
        /// The error of the certificate library.
        source: rcgen::Error,
    },
    /// A kubeconfig cannot be read or written.
    #[error("kubeconfig {} cannot be used: {message}", path.display())]
    Kubeconfig {
        /// The path of the kubeconfig.
        path: PathBuf,
        /// Why it cannot be used.
        message: String,
    },
    /// `KUBECONFIG` is to be used and names no file.
    #[error(
        "{USE_KUBECONFIG}=1 asks for the cluster of KUBECONFIG, but KUBECONFIG names no file; set it, or unset {USE_KUBECONFIG}"
    )]
    NoKubeconfig,
    /// The API server refused a request.
    #[error("cannot {action}: {source}")]
    Api {
        /// What was tried, as the message puts it behind `cannot`.
        action: String,
        /// The error of the Kubernetes client.
        source: Box<kube::Error>,
    },
    /// A client program, such as kubectl or helm, failed.
    #[error("{command} failed ({status}):\n{stderr}")]
    Tool {
        /// The command line of the program.
        command: String,
        /// The exit status of the program.
        status: std::process::ExitStatus,
        /// What the program wrote to standard error.
        stderr: String,
    },
    /// A client program did not end.
    #[error("{command} did not end within {} s and was killed:\n{stderr}", limit.as_secs())]
    ToolHangs {
        /// The command line of the program.
        command: String,
        /// For how long it was waited.
        limit: Duration,
        /// What it said so far.
        stderr: String,
    },
}
