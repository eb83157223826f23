//! How long steps tell people what they are doing. Only the telling belongs here; what is told is the step's own.

use std::io::Write as _;

/// Takes one line at a time for a person who waits.
pub trait Progress: Send + Sync {
    /// Tells one line, without a line end.
    fn say(&self, line: &str);
}

/// Tells on standard error.
///
/// It writes to the stream itself, because the test harness holds back what `eprintln!` prints until a test has
/// failed, and a build of some minutes has to be visible while it runs.
#[derive(Debug, Clone, Copy, Default)]
pub struct ToStderr;

impl Progress for ToStderr {
    fn say(&self, line: &str) {
        // A closed standard error must not fail the work that is told about.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }
}

/// Discards every line.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn say(&self, _line: &str) {}
}
