//! The status of a `PrivilegedGroup`.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use pim_api::PrivilegedGroupStatus;
use pim_core::desired::ObjectKind;
use pim_core::reason::Reason;
use pim_core::verdict::PolicyState;

use super::Report;
use super::shared::{Found, drift, last_error, listed};
use crate::adapters::status::Error;
use crate::controllers::conditions::{ConditionType, Conditions, Truth, whole_second};
use crate::controllers::outcome::Failure;

impl Report<'_> {
    pub(super) async fn group(&self) -> Result<(), Error> {
        let object = &*self.manifests.group;
        let known = self.context.statuses.latest(object);
        let failure = self.failure_of(ObjectKind::PrivilegedGroup, object);
        let subject = self.subject(object, &known.conditions);
        let mut status = PrivilegedGroupStatus {
            observed_generation: object.metadata.generation,
            pending_write: self.findings.pending.clone(),
            last_error: last_error(failure, known.last_error.as_ref(), self.now),
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
                policy(
                    &mut conditions,
                    ConditionType::MemberPolicyApplied,
                    &verdict.member_policy,
                );
                policy(
                    &mut conditions,
                    ConditionType::OwnerPolicyApplied,
                    &verdict.owner_policy,
                );
                status.conditions = conditions.finish();
                status.external_id = verdict.id.or(known.external_id);
                status.drift = drift(&verdict.drift);
                status.eligible = i64::try_from(verdict.eligible).ok();
                status.active = i64::try_from(verdict.active).ok();
                status.last_sync_time = Some(synced(&known, &status, self.resync(), self.now));
            }
            (None, Some(failure)) => status.conditions = subject.unreachable(failure),
            (None, None) => return Ok(()),
        }
        self.write(ObjectKind::PrivilegedGroup, object, status)
            .await
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

fn policy(conditions: &mut Conditions<'_>, kind: ConditionType, state: &PolicyState) {
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
        PolicyState::Different(differences) => conditions.set(
            kind,
            Truth::False,
            Reason::DriftDetected,
            &listed(differences),
        ),
        PolicyState::Unmanaged(rules) => {
            let message = format!(
                "rules that are not known and not switched off: {}",
                rules.join(", ")
            );
            conditions.set(kind, Truth::False, Reason::UnmanagedRule, &message)
        }
    };
}
