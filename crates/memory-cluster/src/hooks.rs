//! What a test does to writes on their way, and how many there were. Reads always take their course.

use parking_lot::Mutex;

use super::refusal::Refusal;

/// What becomes of an intercepted write.
#[derive(Clone, Debug)]
pub enum Interception {
    /// The write goes to the server as usual.
    Pass,
    /// It is answered with this error and has no effect.
    Refuse(Refusal),
    /// The connection breaks before the server has it: no effect.
    Disconnect,
}

/// Asked with `plural.group`, and `/status` behind it where that is addressed.
pub(super) type Interceptor = Box<dyn FnMut(&str) -> Interception + Send>;

/// The interceptor and the counter of one cluster's writes.
#[derive(Default)]
pub(super) struct Hooks(Mutex<Writes>);

#[derive(Default)]
struct Writes {
    interceptor: Option<Interceptor>,
    count: u64,
}

impl Hooks {
    /// Counts a write and asks what becomes of it.
    pub(super) fn judge(&self, target: &str) -> Interception {
        let mut writes = self.0.lock();
        writes.count += 1;
        let interceptor = writes.interceptor.as_mut();
        interceptor.map_or(Interception::Pass, |interceptor| interceptor(target))
    }

    pub(super) fn intercept(&self, interceptor: Option<Interceptor>) {
        self.0.lock().interceptor = interceptor;
    }

    pub(super) fn count(&self) -> u64 {
        self.0.lock().count
    }
}
