//! Why a process could not be run, watched or ended.

use std::io;
use std::path::PathBuf;

/// Why a process could not be run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no file to execute.
    #[error("{} is not a file that can be run", path.display())]
    NoProgram {
        /// The program asked for.
        path: PathBuf,
    },
    /// The log or output file cannot be opened.
    #[error("cannot open {} for the output of {program}: {source}", path.display())]
    OpenOutput {
        /// The program asked for.
        program: String,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The process did not come up.
    #[error("cannot start {program}: {source}")]
    Start {
        /// The program asked for.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// The process cannot be asked about or signalled.
    #[error("cannot {action} {program}: {source}")]
    Control {
        /// The program.
        program: String,
        /// What was tried.
        action: &'static str,
        /// What the system says.
        source: io::Error,
    },
}
