//! Where the binaries of the control plane come from: the directory that `KUBEBUILDER_ASSETS` names, the cache of this
//! user, or a build from the Go modules in `control-plane/`, whose result goes into that cache. Running them is not
//! for here.

mod binary;
mod cache;
mod compile;
mod error;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::progress::Progress;
use cache::Cache;
use compile::Toolchain;

pub use binary::Binary;
pub use error::Error;

/// Names a directory with binaries that are used as they are, as in controller-runtime's envtest.
const ASSETS: &str = "KUBEBUILDER_ASSETS";

/// The paths of the located binaries.
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

    /// The path of a binary; an error if it was not among those to locate.
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
