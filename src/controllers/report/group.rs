//! The status of a `PrivilegedGroup`.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use pim_api::{PendingWrite, PrivilegedGroupStatus};
use pim_core::desired::{ObjectKind, Pause};
use pim_core::reason::{ConditionType, Reason};
use pim_core::verdict::{Authorization, PolicyState};

use super::Report;
use super::shared::{Found, drift, last_error, listed, matched};
use crate::adapters::status::Error;
use crate::controllers::conditions::{Conditions, Truth, whole_second};
use crate::controllers::outcome::Failure;
use crate::resolve::Manifests;

impl Report<'_> {
    pub(super) async fn group(&self) -> Result<(), Error> {
        let object = &*self.manifests.group;
        let known = self.context.statuses.latest(object);
        let failure = self.failure_of(ObjectKind::PrivilegedGroup, object);
        let subject = self.subject(object, &known.conditions);
        let mut status = PrivilegedGroupStatus {
            observed_generation: object.metadata.generation,
            external_name: Some(self.findings.key.clone()),
            ..known.clone()
        };
        match (self.findings.plan, failure) {
            (Some(plan), _) => {
                let verdict = &plan.group;
                let state = failure.map_or_else(|| verdict.state.clone(), Failure::state);
                let found = Found {
                    state: &state,
                    authorization: &verdict.authorization,
                    drift: &verdict.drift,
                };
                let mut conditions = subject.conditions(&found);
                let holds = Holds::of(&verdict.authorization, self.manifests);
                policy(
                    &mut conditions,
                    ConditionType::MemberPolicyApplied,
                    (&verdict.policies.member, holds),
                );
                policy(
                    &mut conditions,
                    ConditionType::OwnerPolicyApplied,
                    (&verdict.policies.owner, holds),
                );
                status.conditions = conditions.finish();
                status.external_id = verdict.id;
                status.pending_write = verdict.pending.as_ref().map(|pending| PendingWrite {
                    operation: pending.operation,
                    key: self.findings.key.clone(),
                    since: whole_second(pending.since),
                    id: pending.group,
                });
                status.policies_read_time = policies_read(&known, verdict.policies_read);
                status.matched_generation =
                    matched(&state, object.metadata.generation, known.matched_generation);
                status.drift = drift(&verdict.drift);
                status.eligible = i64::try_from(verdict.eligible).ok();
                status.active = i64::try_from(verdict.active).ok();
                status.last_sync_time = Some(synced(&known, &status, self.resync(), self.now));
            }
            (None, Some(failure)) => status.conditions = subject.unreachable(failure),
            (None, None) => return Ok(()),
        }
        status.last_error = last_error(
            failure,
            known.last_error.as_ref(),
            &status.conditions,
            self.now,
        );
        self.write(ObjectKind::PrivilegedGroup, object, status)
            .await
    }
}

/// The time of the last reading of the policies moves by minutes: while something is waited for they are read every few
/// seconds, and nobody is served by a write for each.
fn policies_read(known: &PrivilegedGroupStatus, read: Option<Timestamp>) -> Option<Time> {
    let read = read?;
    match &known.policies_read_time {
        Some(time) if read.duration_since(time.0) < SignedDuration::from_mins(1) => {
            Some(time.clone())
        }
        _ => Some(whole_second(read)),
    }
}

/// The time of the last comparison moves with any other change, and else once in a resync interval: the group is the
/// unit, so its time stands for all of its objects.
fn synced(
    known: &PrivilegedGroupStatus,
    fresh: &PrivilegedGroupStatus,
    resync: SignedDuration,
    now: Timestamp,
) -> Time {
    match &known.last_sync_time {
        Some(time) if known == fresh && now.duration_since(time.0) < resync => time.clone(),
        _ => whole_second(now),
    }
}

/// Why a policy that differs is left as it is, if it is.
#[derive(Debug, Clone, Copy)]
enum Holds {
    Nothing,
    Boundary,
    Pause,
}

impl Holds {
    fn of(authorization: &Authorization, manifests: &Manifests) -> Self {
        match authorization {
            Authorization::Denied(_) => Self::Boundary,
            _ if manifests.pause(&*manifests.group) != Pause::Running => Self::Pause,
            _ => Self::Nothing,
        }
    }

    fn reason(self) -> Reason {
        match self {
            Self::Nothing => Reason::DriftDetected,
            Self::Boundary => Reason::BoundaryDenied,
            Self::Pause => Reason::Paused,
        }
    }
}

fn policy(
    conditions: &mut Conditions<'_>,
    kind: ConditionType,
    (state, holds): (&PolicyState, Holds),
) {
    match state {
        PolicyState::Unknown => {
            conditions.set(kind, Truth::Unknown, Reason::Progressing, "not read yet")
        }
        PolicyState::Applied => conditions.set(
            kind,
            Truth::True,
            Reason::Succeeded,
            "every rule equals the manifest",
        ),
        PolicyState::Different(differences) => {
            conditions.set(kind, Truth::False, holds.reason(), &listed(differences))
        }
        PolicyState::Unmanaged(rules) => {
            let message = format!(
                "rules that are not known and not switched off: {}",
                rules.join(", ")
            );
            conditions.set(kind, Truth::False, Reason::UnmanagedRule, &message)
        }
        PolicyState::Incomplete(rules) => {
            let message = format!(
                "rules that every policy has are missing or cannot be read: {}",
                rules.join(", ")
            );
            conditions.set(kind, Truth::False, Reason::PolicyIncomplete, &message)
        }
    };
}
