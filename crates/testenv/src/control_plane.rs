//! A real Kubernetes control plane for one test run or one demo: etcd, kube-apiserver and kube-controller-manager as
//! children of this process, on loopback, with a directory of their own; and kubectl and helm that talk to it.
//!
//! There is no kubelet: Deployments are stored and pods never start. What needs a running operator starts it itself
//! (see [`crate::operator`]). Where `ENTRA_PIM_TESTENV_USE_KUBECONFIG=1` says so, the cluster that `KUBECONFIG` names is
//! used instead, and nothing is started.

mod cluster;
mod components;
mod credentials;
mod error;
mod kubeconfig;
mod start;
mod tools;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use kube::Client;
use tokio::sync::OnceCell;

use crate::binaries::{Binaries, Binary};
use crate::progress::{Progress, ToStderr};
use cluster::RunningCluster;

pub use error::Error;
use error::USE_KUBECONFIG;
pub use tools::Output;

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
    cluster: RunningCluster,
}

impl ControlPlane {
    /// Starts a control plane and waits until it serves everything that a fresh cluster has.
    pub async fn start(options: &Options) -> Result<Self, Error> {
        if std::env::var_os(USE_KUBECONFIG).is_some_and(|value| value == "1") {
            return Self::existing(options).await;
        }
        let binaries = Binaries::locate(&Binary::ALL, Arc::clone(&options.progress)).await?;
        let cluster = start::cluster(&binaries, start::free_ports).await?;
        Ok(Self { binaries, cluster })
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
        let cluster = RunningCluster {
            config: kubeconfig::load(&kubeconfig).await?,
            kubeconfig,
            ca: None,
            processes: Vec::new(),
            files: AtomicUsize::new(0),
            scratch: cluster::scratch()?,
        };
        Ok(Self { binaries, cluster })
    }

    /// The kubeconfig of an administrator.
    pub fn kubeconfig(&self) -> &Path {
        &self.cluster.kubeconfig
    }

    /// The address of the API server.
    pub fn url(&self) -> String {
        let url = self.cluster.config.cluster_url.to_string();
        url.trim_end_matches('/').to_owned()
    }

    /// The certificate authority of the API server, where it was made here.
    pub fn ca(&self) -> Option<&Path> {
        self.cluster.ca.as_deref()
    }

    /// Where a client program is, to tell people or to run it in a way of one's own.
    pub fn binary(&self, binary: Binary) -> Result<&Path, Error> {
        Ok(self.binaries.path(binary)?)
    }

    /// A directory that lives as long as the control plane, for files that tests and the demo need beside it.
    pub fn directory(&self) -> &Path {
        self.cluster.scratch.path()
    }

    /// A client with the rights of an administrator.
    ///
    /// It is made anew each time, because a client keeps a task on the runtime that made it.
    pub fn client(&self) -> Result<Client, Error> {
        cluster::client(self.cluster.config.clone())
    }

    /// Runs kubectl as an administrator.
    pub async fn kubectl(&self, arguments: &[&str]) -> Result<Output, Error> {
        self.run(Binary::Kubectl, arguments, None).await
    }

    /// Runs kubectl as an administrator, with `input` as its standard input.
    pub async fn kubectl_with_input(
        &self,
        arguments: &[&str],
        input: &str,
    ) -> Result<Output, Error> {
        self.run(Binary::Kubectl, arguments, Some(input)).await
    }

    /// Runs helm as an administrator, with a configuration and a cache of its own.
    pub async fn helm(&self, arguments: &[&str]) -> Result<Output, Error> {
        self.run(Binary::Helm, arguments, None).await
    }

    /// Writes a kubeconfig with a token of the service account `name`, so that a process has exactly its rights.
    pub async fn service_account_kubeconfig(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<PathBuf, Error> {
        let path = self
            .cluster
            .new_file(&format!("{namespace}-{name}.kubeconfig"));
        kubeconfig::write_for_account(
            &self.client()?,
            &self.cluster.kubeconfig,
            namespace,
            name,
            &path,
        )
        .await?;
        Ok(path)
    }

    /// A file with a token of a service account (namespace and name), as a kubelet projects it into a pod.
    pub async fn service_account_token(
        &self,
        (namespace, name): (&str, &str),
        audience: Option<&str>,
        seconds: Option<i64>,
    ) -> Result<PathBuf, Error> {
        let path = self.cluster.new_file(&format!("{namespace}-{name}.token"));
        let token = kubeconfig::token(&self.client()?, namespace, name, audience, seconds).await?;
        credentials::write_secret(&path, &token)?;
        Ok(path)
    }

    /// Whether every process still runs; an error shows the end of the log of one that does not.
    pub fn check(&self) -> Result<(), Error> {
        self.cluster.check()
    }

    async fn run(
        &self,
        binary: Binary,
        arguments: &[&str],
        input: Option<&str>,
    ) -> Result<Output, Error> {
        let path = self.binaries.path(binary)?;
        tools::run(&self.cluster, path, arguments, input).await
    }
}
