//! What is to be reached. Goals hold for a tenant of profile `ideal`; those in seconds for one without latency.

use std::time::Duration;

use serde::Serialize;

use super::case::{Case, Phase};

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
}

impl Goal {
    /// The goal of a phase of a case.
    pub fn of(case: &Case, phase: Phase) -> Self {
        if case.letter != 'M' {
            return Self::default();
        }
        let mut goal = match phase {
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
