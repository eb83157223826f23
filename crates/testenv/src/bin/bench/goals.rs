//! What is to be reached. Goals hold for a tenant of profile `ideal`; those of filling it and those in seconds for one without
//! latency.

use std::time::Duration;

use serde::Serialize;

use super::case::{Case, LARGE, MEDIUM, Phase};

/// The most that a phase may cost; what is absent has no goal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Goal {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operations: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Resident memory when nothing is left to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resident_kib: Option<u64>,
    /// Of one core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub core_percent: Option<f64>,
}

/// How many reads a group and a subscription may cost when nothing has changed.
const READS_PER_GROUP: u64 = 5;
const READS_PER_SUBSCRIPTION: u64 = 3;

impl Goal {
    /// The goal of a phase of a case.
    pub fn of(case: &Case, phase: Phase) -> Self {
        match case.letter {
            MEDIUM => Self::of_medium(case, phase),
            LARGE => Self::of_large(case, phase),
            _ => Self::default(),
        }
    }

    fn of_large(case: &Case, phase: Phase) -> Self {
        let groups = u64::try_from(case.workload.groups).unwrap_or(u64::MAX);
        let steady = Self {
            resident_kib: Some(64 * 1024),
            ..Self::default()
        };
        match phase {
            Phase::Unchanged => Self {
                operations: Some(groups * READS_PER_GROUP + READS_PER_SUBSCRIPTION),
                writes: Some(0),
                ..steady
            },
            // Of so many groups some are always due for a look.
            Phase::AtRest => Self {
                core_percent: Some(5.0),
                ..steady
            },
            _ => Self::default(),
        }
    }

    fn of_medium(case: &Case, phase: Phase) -> Self {
        let mut goal = match phase {
            Phase::FromEmpty if case.latency != Duration::ZERO => Self::default(),
            Phase::FromEmpty => Self {
                operations: Some(330),
                requests: Some(30),
                seconds: Some(5.0),
                ..Self::default()
            },
            Phase::Unchanged => Self {
                operations: Some(45),
                requests: Some(4),
                writes: Some(0),
                ..Self::default()
            },
            // Once a minute it asks what has changed.
            Phase::AtRest => Self {
                operations: Some(1),
                core_percent: Some(5.0),
                ..Self::default()
            },
            Phase::OneSettingChanged => Self {
                operations: Some(40),
                seconds: Some(2.0),
                ..Self::default()
            },
            Phase::EverythingDeleted => Self {
                operations: Some(280),
                seconds: Some(5.0),
                ..Self::default()
            },
        };
        if case.latency != Duration::ZERO {
            goal.seconds = None;
        }
        goal
    }
}
