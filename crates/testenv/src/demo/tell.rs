//! What the demo says while it works: steps, what came of them and when. On standard output, line by line.

use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::progress::Progress;

/// Says things with the time since the start.
pub(super) struct Tell {
    begun: Instant,
}

impl Tell {
    pub(super) fn new() -> Self {
        Self {
            begun: Instant::now(),
        }
    }

    /// How long the demo has been running.
    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// A step begins.
    pub(super) fn step(&self, what: &str) {
        line(&format!("==> {what}"));
    }

    /// Something was reached.
    pub(super) fn done(&self, what: &str) {
        line(&format!(
            "    [{:5.1} s] {what}",
            self.elapsed().as_secs_f64()
        ));
    }

    /// Something was not reached.
    pub(super) fn failure(&self, what: &str) {
        line(&format!("==> FAILED: {what}"));
    }

    /// Text of several lines, set in.
    pub(super) fn block(&self, text: &str) {
        for text in text.lines() {
            line(&format!("    {text}").trim_end());
        }
    }
}

/// Long steps of others, such as building the control plane, are said the same way.
pub(super) struct Inset;

impl Progress for Inset {
    fn say(&self, text: &str) {
        line(&format!("    {text}"));
    }
}

/// A closed standard output, such as that of `| head`, must not fail what is told about.
fn line(text: &str) {
    let mut output = std::io::stdout().lock();
    let _ = writeln!(output, "{text}").and_then(|()| output.flush());
}
