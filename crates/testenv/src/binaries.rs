//! Where the binaries of the control plane come from: the directory that `KUBEBUILDER_ASSETS` names, the cache of this
//! user, or a build from the Go modules in `control-plane/`, whose result goes into that cache. Running them is not
//! for here.

mod cache;
mod compile;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::progress::Progress;
use cache::Cache;
use compile::Toolchain;

/// Names a directory with binaries that are used as they are, as in controller-runtime's envtest.
const ASSETS: &str = "KUBEBUILDER_ASSETS";

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

/// The programs that tests and the demo need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binary {
    /// The store.
    Etcd,
    /// The API server.
    KubeApiserver,
    /// Namespace deletion, owner references, default service accounts, aggregated roles, checks of admission policies.
    KubeControllerManager,
    /// The client that users have.
    Kubectl,
    /// The installer that users have.
    Helm,
}

impl Binary {
    /// All of them, in the order in which they are built.
    pub const ALL: [Self; 5] = [
        Self::Etcd,
        Self::KubeApiserver,
        Self::KubeControllerManager,
        Self::Kubectl,
        Self::Helm,
    ];
    /// Those that a cluster which is there already needs beside it.
    pub const CLIENTS: [Self; 2] = [Self::Kubectl, Self::Helm];

    /// The name of the file.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Etcd => "etcd",
            Self::KubeApiserver => "kube-apiserver",
            Self::KubeControllerManager => "kube-controller-manager",
            Self::Kubectl => "kubectl",
            Self::Helm => "helm",
        }
    }
}

/// Where each binary is.
#[derive(Debug, Clone)]
pub struct Binaries {
    paths: BTreeMap<Binary, PathBuf>,
}

impl Binaries {
    /// Finds the binaries, and builds what is lacking while it tells `progress` about it: a few minutes the first
    /// time on a machine, nothing afterwards.
    pub async fn locate(wanted: &[Binary], progress: Arc<dyn Progress>) -> Result<Self, Error> {
        let wanted = wanted.to_vec();
        let search = move || {
            let assets = std::env::var_os(ASSETS).map(PathBuf::from);
            let (mut paths, lacking) = among_assets(assets.as_deref(), &wanted);
            if !lacking.is_empty() {
                let toolchain = Toolchain::detect(&std::env::var_os("PATH").unwrap_or_default())?;
                let cache = cache_directory(|name| std::env::var_os(name))?;
                paths.extend(Cache::new(&cache, &toolchain, progress.as_ref()).provide(&lacking)?);
            }
            Ok(Self { paths })
        };
        tokio::task::spawn_blocking(search)
            .await
            .map_err(|source| Error::Interrupted { source })?
    }

    /// Where `binary` is.
    pub fn path(&self, binary: Binary) -> Result<&Path, Error> {
        self.paths
            .get(&binary)
            .map(PathBuf::as_path)
            .ok_or(Error::NotLocated {
                binary: binary.file_name(),
            })
    }
}

/// What the assets directory holds, and what it lacks.
fn among_assets(
    assets: Option<&Path>,
    wanted: &[Binary],
) -> (BTreeMap<Binary, PathBuf>, Vec<Binary>) {
    let mut found = BTreeMap::new();
    let mut lacking = Vec::new();
    for binary in wanted {
        let candidate = assets
            .map(|directory| directory.join(binary.file_name()))
            .filter(|path| path.is_file());
        match candidate.and_then(|path| path.canonicalize().ok()) {
            Some(path) => drop(found.insert(*binary, path)),
            None => lacking.push(*binary),
        }
    }
    (found, lacking)
}

/// The directory of this user for what can be made again (XDG Base Directory Specification: relative paths are ignored).
fn cache_directory(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, Error> {
    let absolute = |name: &str| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base =
        absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    Ok(base
        .ok_or(Error::NoCacheDirectory)?
        .join("entra-pim-operator")
        .join("control-plane"))
}
