//! Whether the operator is ready to work: its kinds are served and its caches are filled. Neither the health of a
//! tenant nor leadership decides: a pod that waits for either is as good as it gets. Who writes is told beside it, for people.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

/// Knows what the operator still waits for. Not ready before the first gate, nor while any gate is closed.
#[derive(Debug, Clone, Default)]
pub struct Readiness {
    gates: Arc<Mutex<Vec<GateState>>>,
    details: Arc<Mutex<BTreeMap<Detail, Vec<String>>>>,
}

/// What is told beside the answer of the readiness probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Which replica writes.
    Lease,
    /// Which release acts for each tenant.
    Claims,
}

#[derive(Debug)]
struct GateState {
    name: String,
    open: bool,
}

/// One thing that must be there.
#[derive(Debug, Clone)]
pub struct Gate {
    readiness: Readiness,
    index: usize,
}

/// Whether the readiness probe succeeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GateVerdict {
    /// All gates are open.
    Ready,
    /// These are not; none are named before the operator knows what it waits for.
    Waiting(Vec<String>),
}

impl Readiness {
    /// Adds a gate, closed. The name is shown to people: what is waited for.
    pub fn gate(&self, name: impl Into<String>) -> Gate {
        let mut gates = self.lock();
        gates.push(GateState {
            name: name.into(),
            open: false,
        });
        Gate {
            readiness: self.clone(),
            index: gates.len() - 1,
        }
    }

    /// Returns what the readiness probe must answer now.
    pub fn verdict(&self) -> GateVerdict {
        let gates = self.lock();
        if !gates.is_empty() && gates.iter().all(|gate| gate.open) {
            return GateVerdict::Ready;
        }
        GateVerdict::Waiting(
            gates
                .iter()
                .filter(|gate| !gate.open)
                .map(|gate| gate.name.clone())
                .collect(),
        )
    }

    /// Tells something in place of what was told of it before.
    pub fn tell(&self, detail: Detail, lines: Vec<String>) {
        self.details.lock().insert(detail, lines);
    }

    /// What is told, line by line.
    pub fn details(&self) -> Vec<String> {
        self.details.lock().values().flatten().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<GateState>> {
        self.gates.lock()
    }
}

impl Gate {
    /// Marks the thing as there.
    pub fn open(&self) {
        self.set(true);
    }

    /// Marks the thing as missing again.
    pub fn close(&self) {
        self.set(false);
    }

    fn set(&self, open: bool) {
        if let Some(gate) = self.readiness.lock().get_mut(self.index) {
            gate.open = open;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_ready_before_the_first_gate() {
        assert_eq!(Readiness::default().verdict(), GateVerdict::Waiting(vec![]));
    }

    #[test]
    fn every_gate_must_be_open() {
        let readiness = Readiness::default();
        let kinds = readiness.gate("kinds");
        let caches = readiness.gate("caches");
        kinds.open();
        assert_eq!(
            readiness.verdict(),
            GateVerdict::Waiting(vec!["caches".to_owned()])
        );
        caches.open();
        assert_eq!(readiness.verdict(), GateVerdict::Ready);
        kinds.close();
        assert_eq!(
            readiness.verdict(),
            GateVerdict::Waiting(vec!["kinds".to_owned()])
        );
    }
}
