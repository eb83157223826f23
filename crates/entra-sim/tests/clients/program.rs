//! Running a program of somebody else. It ends with the test, whatever comes of it.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::process::Command;

/// Longer than any of them takes, so that one that waits for ever fails.
const PATIENCE: Duration = Duration::from_mins(10);

/// A program with the environment that it runs in.
pub struct Program {
    path: PathBuf,
    variables: Vec<(String, String)>,
}

/// What came of one run.
#[derive(Debug)]
pub struct Run {
    words: String,
    pub succeeded: bool,
    stdout: String,
    pub stderr: String,
}

impl Program {
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            variables: Vec::new(),
        }
    }

    /// The same program with a further variable in its environment.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs it and says how long that took.
    pub async fn run(&self, arguments: &[&str]) -> Run {
        let name = self.path.file_name().unwrap().to_string_lossy();
        let words = format!("{name} {}", arguments.join(" "));
        let begun = Instant::now();
        let mut command = Command::new(&self.path);
        command
            .args(arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let ended = tokio::time::timeout(PATIENCE, command.output()).await;
        let Ok(ended) = ended else {
            panic!("{words} did not end");
        };
        let Output {
            status,
            stdout,
            stderr,
        } = ended.unwrap();
        let outcome = if status.success() { "ran" } else { "failed" };
        let seconds = begun.elapsed().as_secs_f64();
        eprintln!("    {words}: {outcome} in {seconds:.1} s");
        Run {
            words,
            succeeded: status.success(),
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
        }
    }
}

impl Run {
    /// What it printed, after it succeeded.
    #[track_caller]
    pub fn text(self) -> String {
        assert!(self.succeeded, "{}: {}", self.words, self.stderr);
        self.stdout
    }

    /// The same as JSON; null when it printed nothing.
    #[track_caller]
    pub fn json(self) -> Value {
        let words = self.words.clone();
        let text = self.text();
        if text.trim().is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{words}: {error} in {text}"))
    }
}
