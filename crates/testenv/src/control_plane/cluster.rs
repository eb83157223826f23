//! An API server that answers, with the processes behind it and the directory for what belongs to it. How it came up,
//! and what is run against it, is not for here.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use kube::{Client, Config};

use super::error::Error;
use crate::process::{ScratchDir, Supervised};

/// How much of a log an error shows.
pub(super) const LOG_LINES: usize = 25;

/// Alive as long as this value.
pub(super) struct RunningCluster {
    /// The kubeconfig file of an administrator.
    pub(super) kubeconfig: PathBuf,
    pub(super) config: Config,
    /// The certificate authority, where it was made here.
    pub(super) ca: Option<PathBuf>,
    /// In the order in which they are to be stopped: who writes before who stores.
    pub(super) processes: Vec<Supervised>,
    pub(super) files: AtomicUsize,
    /// Last, so that nobody writes here any more when it is removed.
    pub(super) scratch: ScratchDir,
}

impl RunningCluster {
    /// Whether every process still runs; an error shows the end of the log of one that does not.
    pub(super) fn check(&self) -> Result<(), Error> {
        all_alive(&self.processes)
    }

    /// A path in the scratch directory that nobody else uses.
    pub(super) fn new_file(&self, suffix: &str) -> PathBuf {
        let number = self.files.fetch_add(1, Ordering::Relaxed);
        self.scratch.path().join(format!("{number}-{suffix}"))
    }
}

/// A client that follows a configuration.
pub(super) fn client(config: Config) -> Result<Client, Error> {
    Client::try_from(config).map_err(|source| Error::Api {
        action: "make a client".into(),
        source: Box::new(source),
    })
}

/// Whether all of these run.
pub(super) fn all_alive(newest_first: &[Supervised]) -> Result<(), Error> {
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

/// A directory of its own.
pub(super) fn scratch() -> Result<ScratchDir, Error> {
    ScratchDir::new().map_err(|source| Error::System {
        what: "a directory",
        source,
    })
}
