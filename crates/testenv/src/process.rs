//! Child processes that never outlive the process that started them, not even when that one is killed with SIGKILL.
//!
//! Two small shells do it, because a parent that is killed can run nothing of its own, and the kernel's parent-death
//! signal follows the thread that started the child (prctl(2), `PR_SET_PDEATHSIG`), which in a test is gone long before
//! the process. Each of them reads a pipe whose other end only this process holds:
//!
//! - the *gate* waits for a word and then becomes the program; without the word it leaves,
//! - the *watchdog* waits for the end of the pipe and then kills the process group of the program.
//!
//! The word is given when the watchdog stands, so at no instant does a program run unwatched. Nothing here knows which
//! programs are run.

mod error;
mod program;
mod scratch;
#[cfg(test)]
mod tests;

use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

pub use error::Error;
use program::SHELL;
pub use program::{Environment, Program};
pub use scratch::ScratchDir;

const GATE: &str = r#"read -r _ || exit 1; input=$1; shift; exec "$@" <"$input""#;
const WATCHDOG: &str = r#"trap '' HUP INT TERM; read -r _; kill -s KILL -- "-$1""#;
/// How often a waiting caller checks whether a process has ended.
const POLL: Duration = Duration::from_millis(10);
/// How many bytes of the end of a log are read.
const TAIL_BYTES: u64 = 64 * 1024;

/// A running or ended process and its watchdog. Dropping it kills the process and all that it started.
#[derive(Debug)]
pub struct Supervised {
    name: String,
    log: PathBuf,
    pid: Pid,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    program: Child,
    watchdog: Child,
    ended: Option<ExitStatus>,
}

impl Supervised {
    /// Starts `program` in a process group of its own, so that Ctrl-C in a terminal reaches only the parent.
    pub fn spawn(program: &Program) -> Result<Self, Error> {
        let name = program.name();
        let start = |source| Error::Start {
            program: name.clone(),
            source,
        };
        let mut gate = gate(program)?.spawn().map_err(start)?;
        match watch(&mut gate) {
            Ok((pid, watchdog)) => {
                let state = State {
                    program: gate,
                    watchdog,
                    ended: None,
                };
                Ok(Self {
                    name,
                    log: program.log_path().to_owned(),
                    pid,
                    state: Mutex::new(state),
                })
            }
            Err(source) => {
                // The gate has not become the program; without it there is nothing to clean up.
                let _ = gate.kill();
                let _ = gate.wait();
                Err(start(source))
            }
        }
    }

    /// The name of the program, for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The process id of the program itself, not of a shell around it.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Where the process logs to.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The last `lines` lines of the log.
    pub fn log_tail(&self, lines: usize) -> String {
        tail(&self.log, lines)
    }

    /// How the process ended, if it has.
    pub fn exit_status(&self) -> Result<Option<ExitStatus>, Error> {
        let mut state = self.state();
        if state.ended.is_none() {
            // The exit is only asked for: until it is collected, the process id and the group stay ours.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            let exited = rustix::process::waitid(WaitId::Pid(self.pid), options);
            if exited
                .map_err(|errno| self.control("ask about", errno.into()))?
                .is_some()
            {
                self.collect(&mut state)?;
            }
        }
        Ok(state.ended)
    }

    /// Kills the process and all that it started (SIGKILL), and returns when it is gone.
    pub fn kill(&self) -> Result<ExitStatus, Error> {
        let mut state = self.state();
        match state.ended {
            Some(status) => Ok(status),
            None => self.collect(&mut state),
        }
    }

    /// Has a process go on that was stopped by SIGSTOP (SIGCONT).
    pub fn resume(&self) -> Result<(), Error> {
        self.signal(Signal::CONT, "resume")
    }

    /// Asks the process to end (SIGTERM), and returns at once.
    pub fn terminate(&self) -> Result<(), Error> {
        self.signal(Signal::TERM, "terminate")
    }

    fn signal(&self, signal: Signal, deed: &'static str) -> Result<(), Error> {
        let state = self.state();
        if state.ended.is_some() {
            return Ok(());
        }
        rustix::process::kill_process(self.pid, signal)
            .map_err(|errno| self.control(deed, errno.into()))
    }

    /// Waits until the process has ended. It may be waited for from any runtime.
    pub async fn wait(&self) -> Result<ExitStatus, Error> {
        loop {
            if let Some(status) = self.exit_status()? {
                return Ok(status);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until the process has ended, but no longer than `limit`; `None` is "still running".
    pub async fn wait_at_most(&self, limit: Duration) -> Result<Option<ExitStatus>, Error> {
        match tokio::time::timeout(limit, self.wait()).await {
            Ok(status) => status.map(Some),
            Err(_) => Ok(None),
        }
    }

    /// Ends what is left of the process group and of the watchdog, and collects the exit status.
    fn collect(&self, state: &mut State) -> Result<ExitStatus, Error> {
        // An empty group is no error: the process may have ended by itself.
        let _ = rustix::process::kill_process_group(self.pid, Signal::KILL);
        let _ = state.watchdog.kill();
        let _ = state.watchdog.wait();
        let status = state
            .program
            .wait()
            .map_err(|source| self.control("wait for", source))?;
        state.ended = Some(status);
        Ok(status)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    fn control(&self, action: &'static str, source: io::Error) -> Error {
        Error::Control {
            program: self.name.clone(),
            action,
            source,
        }
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        // What cannot be killed here is still watched by its watchdog.
        let _ = self.kill();
    }
}

/// The shell that becomes the program when it is told so.
fn gate(program: &Program) -> Result<Command, Error> {
    let mut gate = Command::new(SHELL);
    program.prepare(&mut gate)?;
    gate.args(["-c", GATE, "gate"])
        .arg(program.input_path())
        .arg(program.path())
        .args(program.arguments());
    gate.stdin(Stdio::piped()).process_group(0);
    Ok(gate)
}

/// Puts a watchdog beside the gate, and opens the gate.
fn watch(gate: &mut Child) -> io::Result<(Pid, Child)> {
    let pid = i32::try_from(gate.id())
        .ok()
        .and_then(Pid::from_raw)
        .ok_or(io::ErrorKind::InvalidData)?;
    // Its output must not be ours: a reader of our output would wait for the watchdog, too.
    let mut watchdog = Command::new(SHELL)
        .args(["-c", WATCHDOG, "watchdog"])
        .arg(gate.id().to_string())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    let opened = gate
        .stdin
        .take()
        .ok_or_else(|| io::ErrorKind::BrokenPipe.into())
        .and_then(|mut word| word.write_all(b"\n"));
    match opened {
        Ok(()) => Ok((pid, watchdog)),
        Err(error) => {
            let _ = watchdog.kill();
            let _ = watchdog.wait();
            Err(error)
        }
    }
}

/// The last `lines` lines of the file at `path`; what cannot be read is said instead.
pub fn tail(path: &Path, lines: usize) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            let all: Vec<&str> = text.lines().collect();
            all[all.len().saturating_sub(lines)..].join("\n")
        }
        Err(error) => format!("(no log at {}: {error})", path.display()),
    }
}
