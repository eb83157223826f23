//! Why the operator does not run, in words for whoever started it.

use std::process::ExitStatus;
use std::time::Duration;

use crate::control_plane;
use crate::process;

/// Why the operator does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The control plane did not do its part.
    #[error(transparent)]
    ControlPlane(#[from] control_plane::Error),
    /// The process could not be run.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// The cluster cannot be read.
    #[error("cannot read {object}: {source}")]
    Read {
        /// The object that was read.
        object: String,
        /// The error of the Kubernetes client.
        source: Box<kube::Error>,
    },
    /// The release has no Deployment, or several.
    #[error(
        "release {release} has {found} Deployments in namespace {namespace}, and must have one: install the chart first"
    )]
    NotOneDeployment {
        /// The name of the release.
        release: String,
        /// The namespace where it was searched for.
        namespace: String,
        /// How many Deployments were found.
        found: usize,
    },
    /// The Deployment asks for something that only a kubelet can give.
    #[error("Deployment {deployment} cannot be run as a process: {reason}")]
    Unsupported {
        /// The name of the Deployment.
        deployment: String,
        /// The part of the Deployment that a process cannot have.
        reason: String,
    },
    /// The operator ended before it was ready.
    #[error(
        "the operator ended ({status}) before it was ready; the last lines of its log say:\n{log}"
    )]
    Ended {
        /// The exit status of the process.
        status: ExitStatus,
        /// The end of its log.
        log: String,
    },
    /// The process runs and is not ready.
    #[error("the operator did not become ready at {url} within {} s ({last}); the last lines of its log say:\n{log}", limit.as_secs())]
    NotReady {
        /// The URL of the readiness probe.
        url: String,
        /// For how long it was asked.
        limit: Duration,
        /// What the last attempt said.
        last: String,
        /// The end of its log.
        log: String,
    },
    /// The probe has no answer, or a bad one.
    #[error("the operator does not answer its probe: {source}")]
    Probe {
        /// The error of the HTTP client.
        source: reqwest::Error,
    },
}
