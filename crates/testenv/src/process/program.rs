//! What to run: path, arguments, environment and files. Running it is not for here.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::Error;

/// What the small shells around a program run in.
pub(super) const SHELL: &str = "/bin/sh";

/// What a program's environment starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Nothing: only what is set explicitly.
    Empty,
    /// The environment of this process.
    Inherited,
}

/// A program to run, with everything that it gets.
#[derive(Clone)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
    environment: Environment,
    variables: Vec<(OsString, OsString)>,
    removed: Vec<OsString>,
    directory: Option<PathBuf>,
    input: PathBuf,
    output: Option<PathBuf>,
    log: PathBuf,
}

impl Program {
    /// The program at `path`, with an empty environment and no input, whose output is appended to the file `log`.
    pub fn new(path: impl Into<PathBuf>, log: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            arguments: Vec::new(),
            environment: Environment::Empty,
            variables: Vec::new(),
            removed: Vec::new(),
            directory: None,
            input: PathBuf::from("/dev/null"),
            output: None,
            log: log.into(),
        }
    }

    /// Adds one argument to the command line.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds several arguments to the command line.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(
            arguments
                .into_iter()
                .map(|argument| argument.as_ref().to_owned()),
        );
        self
    }

    /// Sets what the environment starts from.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Sets one environment variable of the process.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.variables
            .push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Takes a variable out of the environment that it starts from.
    #[must_use]
    pub fn without_env(mut self, name: impl AsRef<OsStr>) -> Self {
        self.removed.push(name.as_ref().to_owned());
        self
    }

    /// Sets the working directory of the process.
    #[must_use]
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// Gives the program a file as its standard input.
    #[must_use]
    pub fn input(mut self, input: impl Into<PathBuf>) -> Self {
        self.input = input.into();
        self
    }

    /// Appends standard output to a file of its own; the log then takes standard error only.
    #[must_use]
    pub fn output(mut self, output: impl Into<PathBuf>) -> Self {
        self.output = Some(output.into());
        self
    }

    /// The last part of the path, for people.
    pub fn name(&self) -> String {
        self.path
            .file_name()
            .unwrap_or(self.path.as_os_str())
            .to_string_lossy()
            .into_owned()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn arguments(&self) -> &[OsString] {
        &self.arguments
    }

    pub(super) fn input_path(&self) -> &Path {
        &self.input
    }

    pub(super) fn log_path(&self) -> &Path {
        &self.log
    }

    /// Sets environment, working directory and output of the command that is going to become this program.
    pub(super) fn prepare(&self, command: &mut Command) -> Result<(), Error> {
        if !self.path.is_absolute() || !self.path.is_file() {
            return Err(Error::NoProgram {
                path: self.path.clone(),
            });
        }
        if self.environment == Environment::Empty {
            command.env_clear();
        }
        for name in &self.removed {
            command.env_remove(name);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        let output = self.output.as_deref().unwrap_or(&self.log);
        command
            .stdout(Stdio::from(self.append(output)?))
            .stderr(Stdio::from(self.append(&self.log)?));
        Ok(())
    }

    fn append(&self, path: &Path) -> Result<File, Error> {
        let opened = OpenOptions::new().create(true).append(true).open(path);
        opened.map_err(|source| Error::OpenOutput {
            program: self.name(),
            path: path.to_owned(),
            source,
        })
    }
}

/// Values of variables and arguments are left out: a secret of the environment must not reach a failed assertion.
impl fmt::Debug for Program {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Program")
            .field("path", &self.path)
            .field("log", &self.log)
            .finish_non_exhaustive()
    }
}
