//! A directory that is removed with this process, also when the process is killed or the directory belongs to a
//! `static`, which Rust never drops.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::program::SHELL;

/// The part of the name that the sweeper insists on before it removes anything.
const PREFIX: &str = "entra-pim-testenv-";
/// Other watchdogs kill the processes that write here at the same time; so it is tried again for a while.
const SWEEPER: &str = r#"trap '' HUP INT TERM; read -r _
case $1 in */entra-pim-testenv-*) ;; *) exit 1 ;; esac
tries=0
while [ -e "$1" ] && [ "$tries" -lt 20 ]; do
  rm -rf -- "$1" && [ ! -e "$1" ] || sleep 1
  tries=$((tries + 1))
done"#;

/// A temporary directory of this process.
#[derive(Debug)]
pub struct ScratchDir {
    sweeper: Child,
    directory: TempDir,
}

impl ScratchDir {
    /// Makes an empty directory that only this user can read.
    pub fn new() -> io::Result<Self> {
        let directory = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        let sweeper = Command::new(SHELL)
            .args(["-c", SWEEPER, "sweeper"])
            .arg(directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self { sweeper, directory })
    }

    /// The path of the directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }
}

impl Drop for ScratchDir {
    fn drop(&mut self) {
        // The directory itself goes with its own field, after this.
        let _ = self.sweeper.kill();
        let _ = self.sweeper.wait();
    }
}
