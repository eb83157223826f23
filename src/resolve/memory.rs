//! What a status remembers, as the planner takes it. Status is memory, never proof.

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::Resource;
use pim_api::{AssignmentStatus, PendingWrite, RequestReference, SubjectRow};
use pim_core::desired::{GrantRecord, HeldRemoval, LastReport, PendingGroup, PreviousAdmission};
use pim_core::ids::RequestId;
use pim_core::knowledge::{Request, Sent};
use pim_core::principal::Principal;
use pim_core::reason::{ConditionType, Reason};
use pim_core::schedule::End;
use pim_core::verdict::Row;

use crate::reader;

/// What the status of an assignment remembers of its subjects.
pub fn records(status: &AssignmentStatus) -> Vec<GrantRecord> {
    status
        .subjects
        .iter()
        .filter_map(|one| row(one).record())
        .collect()
}

fn row(row: &SubjectRow) -> Row {
    let end = |time: &Option<Time>| time.as_ref().map(|time| End::At(time.0));
    Row {
        subject: Principal {
            kind: row.kind,
            name: row.name.clone(),
        },
        principal: row.principal_id,
        state: row.state,
        end: end(&row.end_time),
        activated_until: end(&row.activated_until),
        first_granted: row.first_granted.as_ref().map(|time| time.0),
        sent: sent(row.last_write.as_ref(), row.request.as_ref()),
        record_on_grant: None,
        removed: row.removed_in_generation.map(|generation| HeldRemoval {
            generation,
            by: row.removed_by.unwrap_or_default(),
        }),
    }
}

/// A write that was sent and is not seen yet.
pub fn sent(at: Option<&Time>, request: Option<&RequestReference>) -> Option<Sent> {
    Some(Sent {
        at: at?.0,
        request: request.map(|request| Request {
            id: RequestId::new(request.id.clone()),
            status: request.status.clone(),
            progress: reader::progress(&request.status),
        }),
    })
}

/// A creation or restore that has begun.
pub fn pending(pending: &PendingWrite) -> PendingGroup {
    PendingGroup {
        operation: pending.operation,
        since: pending.since.0,
        group: pending.id,
    }
}

/// The condition of a type, if it was reported.
pub fn condition(conditions: &[Condition], kind: ConditionType) -> Option<&Condition> {
    conditions
        .iter()
        .find(|condition| condition.type_ == kind.as_str())
}

/// Whether the boundary admitted an object before: its last report says so, or says that this has changed.
pub fn previous_admission(conditions: &[Condition]) -> PreviousAdmission {
    let Some(authorized) = condition(conditions, ConditionType::Authorized) else {
        return PreviousAdmission::None;
    };
    match authorized.reason.parse() {
        _ if authorized.status == "True" => PreviousAdmission::Admitted,
        Ok(Reason::BoundaryViolated) => PreviousAdmission::Admitted,
        Ok(Reason::RevokedByBoundary) => PreviousAdmission::Revoked,
        _ => PreviousAdmission::None,
    }
}

/// The subjects from whom something was taken away because the boundary did not admit it any more.
pub fn revoked(status: &AssignmentStatus) -> BTreeSet<Principal> {
    let rows = status.subjects.iter().map(row);
    rows.filter(Row::is_revoked)
        .map(|row| row.subject)
        .collect()
}

/// Whether the tenant has matched this very manifest. Then a difference is somebody else's doing, also after an outage.
pub fn last_report<K: Resource>(object: &K, matched: Option<i64>) -> LastReport {
    if matched.is_some() && matched == object.meta().generation {
        LastReport::Matched
    } else {
        LastReport::Differed
    }
}
