//! What is measured: a workload at a distance from its tenant, phase by phase.

use std::time::Duration;

use serde::Serialize;

use testenv::workload::{Objects, Workload};

/// A workload at a distance from its tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    pub letter: char,
    pub workload: Workload,
    /// How long every HTTP request to the tenant takes at least.
    pub latency: Duration,
}

/// The letters of workloads M and L.
pub const MEDIUM: char = 'M';
pub const LARGE: char = 'L';

/// The distances: none, and that of a tenant on another continent.
const LATENCIES: [Duration; 2] = [Duration::ZERO, Duration::from_millis(100)];

impl Case {
    /// Workload M in both ways to write it down.
    pub fn usual() -> Vec<Self> {
        let ways = [Objects::PerGroup, Objects::PerPerson];
        ways.into_iter()
            .flat_map(|objects| Self::of(MEDIUM, Workload::medium(objects)))
            .collect()
    }

    /// The cases of workload L, one for each latency.
    pub fn large() -> Vec<Self> {
        Self::of(LARGE, Workload::large())
    }

    fn of(letter: char, workload: Workload) -> Vec<Self> {
        LATENCIES
            .into_iter()
            .map(|latency| Self {
                letter,
                workload,
                latency,
            })
            .collect()
    }

    /// How many assignment objects carry the eligibilities.
    pub fn assignments(&self) -> usize {
        match self.workload.objects {
            Objects::PerGroup => self.workload.groups,
            Objects::PerPerson => self.workload.groups * self.workload.people,
        }
    }

    /// Its name, for people and for `--only`.
    pub fn name(&self) -> String {
        format!(
            "{}-{}-objects-{}ms",
            self.letter,
            self.assignments(),
            self.latency.as_millis()
        )
    }
}

/// A part of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// The operator starts with everything declared and nothing in the tenant.
    FromEmpty,
    /// All groups are reconciled, with their policies, and nothing differs.
    Unchanged,
    /// Nothing is asked for, for a while.
    AtRest,
    /// One setting of all groups is changed.
    OneSettingChanged,
    /// All objects are deleted, ten minutes of the tenant's clock later.
    EverythingDeleted,
}

impl Phase {
    pub fn name(self) -> &'static str {
        match self {
            Self::FromEmpty => "from empty",
            Self::Unchanged => "unchanged",
            Self::AtRest => "at rest",
            Self::OneSettingChanged => "one setting changed",
            Self::EverythingDeleted => "everything deleted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_has_a_name_of_its_own() {
        let mut cases = Case::usual();
        cases.extend(Case::large());
        let mut names: Vec<String> = cases.iter().map(Case::name).collect();
        assert_eq!(names[1], "M-10-objects-100ms");
        names.dedup();
        assert_eq!(names.len(), cases.len());
    }
}
