//! The cache of this user: built once for each combination of pinned sources, flags and Go version, by one process at a
//! time, and never visible before it is complete.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::binary::Binary;
use super::compile::{Compile, Module};
use super::error::Error;
use crate::progress::Progress;

/// How often somebody who waits is told that it goes on.
const HEARTBEAT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(200);
const LOCK: &str = "build.lock";
/// Builds stand aside under this prefix, in the file system of their destination, until they are renamed.
const ASIDE: &str = ".build-";

/// The cached binaries, and the means to make those that lack.
pub(super) struct Cache<'a, C> {
    root: &'a Path,
    compiler: &'a C,
    progress: &'a dyn Progress,
}

impl<'a, C: Compile> Cache<'a, C> {
    pub(super) fn new(root: &'a Path, compiler: &'a C, progress: &'a dyn Progress) -> Self {
        Self {
            root,
            compiler,
            progress,
        }
    }

    /// The wanted binaries; those that are not there yet are built first.
    pub(super) fn provide(&self, wanted: &[Binary]) -> Result<BTreeMap<Binary, PathBuf>, Error> {
        if !self.lacking(wanted).is_empty() {
            create(self.root)?;
            // The lock goes with the file, so also with a builder that is killed.
            let _lock = self.lock()?;
            // Somebody else may have built them while this one waited.
            let lacking = self.lacking(wanted);
            for (index, binary) in lacking.iter().enumerate() {
                self.build(
                    *binary,
                    &format!(
                        "{} ({} of {})",
                        binary.file_name(),
                        index + 1,
                        lacking.len()
                    ),
                )?;
            }
        }
        Ok(wanted
            .iter()
            .map(|binary| (*binary, self.finished(*binary)))
            .collect())
    }

    /// Where a binary is when it is complete. Nothing is ever written there, only moved.
    pub(super) fn finished(&self, binary: Binary) -> PathBuf {
        self.home(binary).join(binary.file_name())
    }

    fn home(&self, binary: Binary) -> PathBuf {
        self.root.join(self.compiler.key(Module::of(binary)))
    }

    fn lacking(&self, wanted: &[Binary]) -> Vec<Binary> {
        wanted
            .iter()
            .copied()
            .filter(|binary| !self.finished(*binary).is_file())
            .collect()
    }

    fn lock(&self) -> Result<File, Error> {
        let path = self.root.join(LOCK);
        let failed = |source| Error::Cache {
            action: "lock",
            path: path.clone(),
            source,
        };
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        let mut heartbeat =
            Heartbeat::new("waiting for another process that builds the control plane".into());
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => heartbeat.tick(self.progress),
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
            std::thread::sleep(POLL);
        }
    }

    fn build(&self, binary: Binary, title: &str) -> Result<(), Error> {
        let home = self.home(binary);
        create(&home)?;
        sweep(&home)?;
        let aside = tempfile::Builder::new().prefix(ASIDE).tempdir_in(&home);
        let aside = aside.map_err(|source| Error::Cache {
            action: "write to",
            path: home.clone(),
            source,
        })?;

        let mut heartbeat = Heartbeat::new(format!("building {title}"));
        heartbeat.tick(self.progress);
        self.compiler
            .compile(binary, aside.path(), &mut || heartbeat.tick(self.progress))?;
        publish(
            &aside.path().join(binary.file_name()),
            &self.finished(binary),
        )?;
        self.progress
            .say(&format!("built {title} in {} s", heartbeat.elapsed()));
        Ok(())
    }
}

/// Tells at once, and then every ten seconds, how long something has taken.
struct Heartbeat {
    what: String,
    begun: Instant,
    told: Option<Instant>,
}

impl Heartbeat {
    fn new(what: String) -> Self {
        Self {
            what,
            begun: Instant::now(),
            told: None,
        }
    }

    fn elapsed(&self) -> u64 {
        self.begun.elapsed().as_secs()
    }

    fn tick(&mut self, progress: &dyn Progress) {
        if self.told.is_none_or(|told| told.elapsed() >= HEARTBEAT) {
            progress.say(&format!("{}, {} s", self.what, self.elapsed()));
            self.told = Some(Instant::now());
        }
    }
}

/// Moves a complete binary to its place. It is on the disk before it has its name, so that not even a power cut leaves
/// half of it there.
fn publish(from: &Path, to: &Path) -> Result<(), Error> {
    let written = File::open(from).and_then(|file| file.sync_all());
    written.map_err(|source| Error::Cache {
        action: "write",
        path: from.to_owned(),
        source,
    })?;
    fs::rename(from, to).map_err(|source| Error::Cache {
        action: "write",
        path: to.to_owned(),
        source,
    })
}

/// Removes what killed builds have left. Only the holder of the lock may do so.
fn sweep(home: &Path) -> Result<(), Error> {
    let failed = |source| Error::Cache {
        action: "read",
        path: home.to_owned(),
        source,
    };
    for entry in fs::read_dir(home).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().starts_with(ASIDE) {
            let path = entry.path();
            fs::remove_dir_all(&path).map_err(|source| Error::Cache {
                action: "remove",
                path,
                source,
            })?;
        }
    }
    Ok(())
}

fn create(directory: &Path) -> Result<(), Error> {
    let created = fs::create_dir_all(directory);
    created.map_err(|source| Error::Cache {
        action: "create",
        path: directory.to_owned(),
        source,
    })
}
