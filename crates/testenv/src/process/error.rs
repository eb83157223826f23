//! Why a process could not be run, watched or ended.

use std::io;
use std::path::PathBuf;

/// Why a process could not be run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no file to execute.
    #[error("{} is not a file that can be run", path.display())]
    NoProgram {
        /// The path of the program that was asked for.
        path: PathBuf,
    },
    /// The log or output file cannot be opened.
    #[error("cannot open {} for the output of {program}: {source}", path.display())]
    OpenOutput {
        /// The name of the program that was asked for.
        program: String,
        /// The file that cannot be opened.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The process did not come up.
    #[error("cannot start {program}: {source}")]
    Start {
        /// The name of the program that was asked for.
        program: String,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The process cannot be asked about or signalled.
    #[error("cannot {action} {program}: {source}")]
    Control {
        /// The name of the program that runs.
        program: String,
        /// What was tried, as the message puts it behind `cannot`.
        action: &'static str,
        /// The error of the operating system.
        source: io::Error,
    },
}
