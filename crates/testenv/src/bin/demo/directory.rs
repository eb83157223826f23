//! The directory of a demo, usually `target/demo`: what people use while it runs. One demo runs in a directory at a time;
//! whoever holds the lock may write here. A demo that was killed loses the lock with its process.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use testenv::repository;

/// The file that a shell sources.
const ENVIRONMENT: &str = "env";
/// Programs of this demo, by their plain names.
const PROGRAMS: &str = "bin";

pub(super) struct Directory {
    path: PathBuf,
    _lock: File,
}

impl Directory {
    /// The directory of a demo that is asked for no other.
    pub(super) fn usual() -> PathBuf {
        repository::root().join("target").join("demo")
    }

    /// Claims a directory, and removes what a demo that was killed has left.
    pub(super) fn claim(path: &Path) -> anyhow::Result<Self> {
        let cannot = || format!("cannot use {}", path.display());
        let path = std::path::absolute(path).with_context(cannot)?;
        fs::create_dir_all(path.join(PROGRAMS)).with_context(cannot)?;
        let lock = File::create(path.join("lock")).with_context(cannot)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "another demo runs in this directory: use it (source {}), or stop it first",
                shown(&path.join(ENVIRONMENT))
            ),
            Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
        }
        let directory = Self { path, _lock: lock };
        directory.forget();
        remove(&directory.operator_log()).context("cannot remove the log of the last demo")?;
        Ok(directory)
    }

    /// Where the operator logs to; the file stays when the demo has ended.
    pub(super) fn operator_log(&self) -> PathBuf {
        self.path.join("operator.log")
    }

    /// Where another replica logs to.
    pub(super) fn replica_log(&self, number: usize) -> PathBuf {
        self.path.join(format!("operator-{number}.log"))
    }

    /// The same as people would type it.
    pub(super) fn shown_operator_log(&self) -> String {
        shown(&self.operator_log())
    }

    pub(super) fn programs(&self) -> PathBuf {
        self.path.join(PROGRAMS)
    }

    /// The file that a shell sources, as people would type it.
    pub(super) fn environment(&self) -> String {
        shown(&self.path.join(ENVIRONMENT))
    }

    /// Makes a program available under its plain name.
    pub(super) fn link(&self, name: &str, program: &Path) -> io::Result<()> {
        let link = self.programs().join(name);
        remove(&link)?;
        symlink(program, link)
    }

    /// Writes a program that only this user can run.
    pub(super) fn script(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        Self::put(self.programs().join(name), text, 0o700)
    }

    /// Writes a file that only this user can read.
    pub(super) fn write(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        Self::put(self.path.join(name), text, 0o600)
    }

    fn put(path: PathBuf, text: &str, mode: u32) -> anyhow::Result<PathBuf> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(mode)
            .open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// Writes what a shell sources.
    pub(super) fn write_environment(&self, text: &str) -> anyhow::Result<()> {
        self.write(ENVIRONMENT, text).map(drop)
    }

    /// Removes what would be wrong after the end. What cannot be removed says itself that it is stale.
    pub(super) fn forget(&self) {
        let _ = remove(&self.path.join(ENVIRONMENT));
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        self.forget();
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The path from where the shell is, if it lies below.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here)
        .unwrap_or(path)
        .display()
        .to_string()
}
