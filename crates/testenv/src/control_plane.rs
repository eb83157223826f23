//! A real Kubernetes control plane for one test run or one demo: etcd, kube-apiserver and kube-controller-manager as
//! children of this process, on loopback, with a directory of their own; and kubectl and helm that talk to it.
//!
//! There is no kubelet: Deployments are stored and pods never start. What needs a running operator starts it itself
//! (see [`crate::operator`]). Where `ENTRA_PIM_TESTENV_USE_KUBECONFIG=1` says so, the cluster that `KUBECONFIG` names is
//! used instead, and nothing is started.

mod components;
mod credentials;
mod kubeconfig;
mod start;
mod tools;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kube::{Client, Config};
use tokio::sync::OnceCell;

use crate::binaries::{self, Binaries, Binary};
use crate::process::{self, ScratchDir, Supervised};
use crate::progress::{Progress, ToStderr};

pub use tools::Output;

/// Set to `1`, the cluster of `KUBECONFIG` is used. Without it a developer's own cluster is never touched.
const USE_KUBECONFIG: &str = "ENTRA_PIM_TESTENV_USE_KUBECONFIG";

/// How much of a log an error shows.
const LOG_LINES: usize = 25;

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

/// How to start a control plane.
#[derive(Clone)]
pub struct Options {
    /// Who is told about long steps.
    pub progress: Arc<dyn Progress>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            progress: Arc::new(ToStderr),
        }
    }
}

/// A control plane, alive as long as this value. Dropping it, or the end of this process in whatever way, stops it.
///
/// It belongs to no runtime, so tests with a runtime each can share it.
pub struct ControlPlane {
    binaries: Binaries,
    kubeconfig: PathBuf,
    config: Config,
    ca: Option<PathBuf>,
    /// In the order in which they are to be stopped: who writes before who stores.
    processes: Vec<Supervised>,
    files: AtomicUsize,
    /// Last, so that nobody writes here any more when it is removed.
    scratch: ScratchDir,
}

impl ControlPlane {
    /// Starts a control plane and waits until it serves everything that a fresh cluster has.
    pub async fn start(options: &Options) -> Result<Self, Error> {
        if std::env::var_os(USE_KUBECONFIG).is_some_and(|value| value == "1") {
            return Self::existing(options).await;
        }
        let binaries = Binaries::locate(&Binary::ALL, Arc::clone(&options.progress)).await?;
        start::control_plane(binaries, start::free_ports).await
    }

    /// The control plane that all tests of this process share. The first caller starts it; it ends with the process.
    pub async fn shared() -> Result<&'static Self, Error> {
        static SHARED: OnceCell<ControlPlane> = OnceCell::const_new();
        SHARED
            .get_or_try_init(|| async { Self::start(&Options::default()).await })
            .await
    }

    /// The cluster that `KUBECONFIG` names.
    async fn existing(options: &Options) -> Result<Self, Error> {
        let named = std::env::var_os("KUBECONFIG").unwrap_or_default();
        let kubeconfig = std::env::split_paths(&named)
            .find(|path| path.is_file())
            .ok_or(Error::NoKubeconfig)?;
        let binaries = Binaries::locate(&Binary::CLIENTS, Arc::clone(&options.progress)).await?;
        let config = kubeconfig::load(&kubeconfig).await?;
        let scratch = scratch()?;
        Ok(Self {
            binaries,
            kubeconfig,
            config,
            ca: None,
            processes: Vec::new(),
            files: AtomicUsize::new(0),
            scratch,
        })
    }

    /// The kubeconfig of an administrator.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The address of the API server.
    pub fn url(&self) -> String {
        self.config
            .cluster_url
            .to_string()
            .trim_end_matches('/')
            .to_owned()
    }

    /// The certificate authority of the API server, where it was made here.
    pub fn ca(&self) -> Option<&Path> {
        self.ca.as_deref()
    }

    /// Where a client program is, to tell people or to run it in a way of one's own.
    pub fn binary(&self, binary: Binary) -> Result<&Path, Error> {
        Ok(self.binaries.path(binary)?)
    }

    /// A directory that lives as long as the control plane, for files that tests and the demo need beside it.
    pub fn directory(&self) -> &Path {
        self.scratch.path()
    }

    /// A client with the rights of an administrator.
    ///
    /// It is made anew each time, because a client keeps a task on the runtime that made it.
    pub fn client(&self) -> Result<Client, Error> {
        client(self.config.clone())
    }

    /// Runs kubectl as an administrator.
    pub async fn kubectl(&self, arguments: &[&str]) -> Result<Output, Error> {
        tools::run(self, Binary::Kubectl, arguments, None).await
    }

    /// Runs kubectl as an administrator, with `input` as its standard input.
    pub async fn kubectl_with_input(
        &self,
        arguments: &[&str],
        input: &str,
    ) -> Result<Output, Error> {
        tools::run(self, Binary::Kubectl, arguments, Some(input)).await
    }

    /// Runs helm as an administrator, with a configuration and a cache of its own.
    pub async fn helm(&self, arguments: &[&str]) -> Result<Output, Error> {
        tools::run(self, Binary::Helm, arguments, None).await
    }

    /// Writes a kubeconfig with a token of the service account `name`, so that a process has exactly its rights.
    pub async fn service_account_kubeconfig(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<PathBuf, Error> {
        let path = self.new_file(&format!("{namespace}-{name}.kubeconfig"));
        kubeconfig::write_for_account(&self.client()?, &self.kubeconfig, namespace, name, &path)
            .await?;
        Ok(path)
    }

    /// Whether every process still runs; an error shows the end of the log of one that does not.
    pub fn check(&self) -> Result<(), Error> {
        all_alive(&self.processes)
    }

    /// A path in the scratch directory that nobody else uses.
    fn new_file(&self, suffix: &str) -> PathBuf {
        self.scratch.path().join(format!(
            "{}-{suffix}",
            self.files.fetch_add(1, Ordering::Relaxed)
        ))
    }
}

fn client(config: Config) -> Result<Client, Error> {
    Client::try_from(config).map_err(|source| Error::Api {
        action: "make a client".into(),
        source: Box::new(source),
    })
}

fn all_alive(newest_first: &[Supervised]) -> Result<(), Error> {
    // The oldest is asked first: the others fail because of it.
    for process in newest_first.iter().rev() {
        if let Some(status) = process.exit_status()? {
            return Err(Error::Ended {
                process: process.name().to_owned(),
                status,
                log: process.log_tail(LOG_LINES),
            });
        }
    }
    Ok(())
}

fn scratch() -> Result<ScratchDir, Error> {
    ScratchDir::new().map_err(|source| Error::System {
        what: "a directory",
        source,
    })
}
