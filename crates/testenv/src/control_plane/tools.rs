//! One run of kubectl or helm: what it gets, how long it may take, what it said.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use super::cluster::RunningCluster;
use super::credentials::write_secret;
use super::error::Error;
use crate::process::{Environment, Program, Supervised};

/// Above every `--timeout` that a caller has a reason to give.
const LIMIT: Duration = Duration::from_mins(15);
/// Variables with these beginnings change what kubectl and helm do; a user's own must not reach a test.
const FOREIGN: [&str; 2] = ["KUBE", "HELM_"];

/// What a client program said.
#[derive(Debug, Clone)]
#[must_use = "whether the command has succeeded is in here"]
pub struct Output {
    /// The command line, for people.
    pub command: String,
    /// The exit status of the program.
    pub status: ExitStatus,
    /// What the program wrote to standard output.
    pub stdout: String,
    /// What the program wrote to standard error.
    pub stderr: String,
}

impl Output {
    /// The standard output of a command that has succeeded, and an error that shows what one that failed has said.
    pub fn succeeded(self) -> Result<String, Error> {
        if self.status.success() {
            return Ok(self.stdout);
        }
        Err(Error::Tool {
            command: self.command,
            status: self.status,
            stderr: self.stderr,
        })
    }
}

/// Runs a client program to its end. It is supervised like the servers, so a `kubectl wait` does not outlive a test run.
pub(super) async fn run(
    cluster: &RunningCluster,
    path: &Path,
    arguments: &[&str],
    input: Option<&str>,
) -> Result<Output, Error> {
    let [output, log] = ["stdout", "stderr"].map(|suffix| cluster.new_file(suffix));
    let mut program = program(cluster, path, &log).args(arguments).output(&output);
    if let Some(text) = input {
        let file = cluster.new_file("stdin");
        write_secret(&file, text)?;
        program = program.input(file);
    }

    let command = format!("{} {}", program.name(), arguments.join(" "));
    let process = Supervised::spawn(&program)?;
    let ended = process.wait_at_most(LIMIT).await?;
    let (stdout, stderr) = (take(&output)?, take(&log)?);
    if ended.is_none_or(|status| !status.success()) {
        // A dead server is a better explanation than what a client says of it.
        cluster.check()?;
    }
    match ended {
        Some(status) => Ok(Output {
            command,
            status,
            stdout,
            stderr,
        }),
        None => Err(Error::ToolHangs {
            command,
            limit: LIMIT,
            stderr,
        }),
    }
}

fn program(cluster: &RunningCluster, path: &Path, log: &Path) -> Program {
    let home = cluster.scratch.path();
    let foreign = |name: &OsString| {
        FOREIGN
            .iter()
            .any(|prefix| name.to_string_lossy().starts_with(prefix))
    };
    let program = Program::new(path, log).environment(Environment::Inherited);
    std::env::vars_os()
        .map(|(name, _)| name)
        .filter(foreign)
        .fold(program, Program::without_env)
        .env("KUBECONFIG", &cluster.kubeconfig)
        .env("KUBECACHEDIR", home.join("kubectl"))
        .env("HELM_CACHE_HOME", home.join("helm/cache"))
        .env("HELM_CONFIG_HOME", home.join("helm/config"))
        .env("HELM_DATA_HOME", home.join("helm/data"))
}

fn take(path: &Path) -> Result<String, Error> {
    let read = fs::read(path).and_then(|bytes| fs::remove_file(path).map(|()| bytes));
    let bytes = read.map_err(|source| Error::File {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
