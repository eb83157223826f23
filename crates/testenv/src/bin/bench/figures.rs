//! What was measured, as it is printed and as it stands in the file.

use std::collections::BTreeMap;
use std::time::Duration;

use entra_sim::Simulator;
use serde::Serialize;

use super::case::Phase;
use super::goals::Goal;

/// The figures of all cases, as they are written to the report.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub cases: Vec<Measured>,
}

/// The figures of one case.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    pub case: String,
    /// The letter of its workload.
    pub letter: char,
    pub groups: usize,
    pub eligibilities: usize,
    /// In how many objects they stand.
    pub assignment_objects: usize,
    /// How long every HTTP request to the tenant takes at least.
    pub latency_ms: u128,
    pub phases: Vec<Figures>,
    /// The most memory that the operator had resident, over all phases.
    pub peak_resident_kib: u64,
}

/// What one phase cost in time, calls and memory.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    pub phase: Phase,
    /// Operations of Graph: single requests and items of batches.
    pub operations: u64,
    pub requests: u64,
    /// TLS connections that were set up.
    pub handshakes: u64,
    pub writes: u64,
    /// Writes to Kubernetes: status, finalizers, events, the Lease.
    pub kubernetes_writes: u64,
    /// From the cause until the last object is as it should be.
    pub seconds: f64,
    /// The memory that the operator had resident at the end of the phase,
    pub resident_kib: u64,
    /// and the most that it had until then.
    pub peak_resident_kib: u64,
    /// How much of one core the operator used while the phase lasted, in percent.
    pub core_percent: f64,
    /// How often each operation was asked for.
    pub asked: BTreeMap<String, u64>,
    /// What is to be reached.
    pub goal: Goal,
}

impl Figures {
    /// From what the tenant has counted.
    pub fn new(phase: Phase, tenant: &Simulator, spent: &Spent, goal: Goal) -> Self {
        let counted = tenant.counters();
        Self {
            phase,
            operations: counted.operations,
            requests: counted.requests,
            handshakes: counted.handshakes,
            writes: counted.writes,
            kubernetes_writes: spent.kubernetes,
            seconds: rounded(spent.took.as_secs_f64(), 1000.0),
            resident_kib: spent.memory.resident_kib,
            peak_resident_kib: spent.memory.peak_kib,
            core_percent: rounded(
                100.0 * spent.processor.as_secs_f64() / spent.measured.as_secs_f64(),
                10.0,
            ),
            asked: tenant.operations(),
            goal,
        }
    }
}

fn rounded(figure: f64, parts: f64) -> f64 {
    (figure * parts).round() / parts
}

/// What the operator has spent on a phase.
#[derive(Debug)]
pub struct Spent {
    /// From the cause until the last object was as it should be.
    pub took: Duration,
    /// From the cause until nothing happened any more,
    pub measured: Duration,
    /// and how long processors worked for it in that time.
    pub processor: Duration,
    /// What it had in memory then.
    pub memory: Memory,
    /// How much it had written to Kubernetes.
    pub kubernetes: u64,
}

/// How much memory the operator has.
#[derive(Debug)]
pub struct Memory {
    /// Resident now,
    pub resident_kib: u64,
    /// and the most that was resident since it started.
    pub peak_kib: u64,
}
