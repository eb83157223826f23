//! What the demo says while it works: steps, what came of them and when. On standard output, line by line.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use testenv::progress::Progress;

/// Says things with the time since the start. Clones speak with one voice.
#[derive(Clone)]
pub(super) struct Tell {
    begun: Instant,
    voice: Arc<Mutex<io::Stdout>>,
}

impl Tell {
    pub(super) fn new() -> Self {
        Self {
            begun: Instant::now(),
            voice: Arc::new(Mutex::new(io::stdout())),
        }
    }

    /// How long the demo has been running.
    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Says that a step begins.
    pub(super) fn step(&self, what: &str) {
        self.line(&format!("==> {what}"));
    }

    /// Says that something was reached, and after which time.
    pub(super) fn done(&self, what: &str) {
        let seconds = self.elapsed().as_secs_f64();
        self.line(&format!("    [{seconds:5.1} s] {what}"));
    }

    /// Says that something was not reached.
    pub(super) fn failure(&self, what: &str) {
        self.line(&format!("==> FAILED: {what}"));
    }

    /// Text of several lines, set in.
    pub(super) fn block(&self, text: &str) {
        for text in text.lines() {
            self.line(format!("    {text}").trim_end());
        }
    }

    /// A closed standard output, such as that of `| head`, must not fail what is told about.
    fn line(&self, text: &str) {
        let mut voice = self.voice.lock();
        let _ = writeln!(voice, "{text}").and_then(|()| voice.flush());
    }
}

/// Long steps of others, such as building the control plane, are told set in.
impl Progress for Tell {
    fn say(&self, text: &str) {
        self.block(text);
    }
}
