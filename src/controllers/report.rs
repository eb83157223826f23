//! Writes the truth into the status of every object of a group: on every path, from one place, and only what changed.
//! Never calls the tenant.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use pim_api::{
    AssignmentStatus, DriftEntry, LastError, PendingWrite, PrivilegedGroupStatus,
    RoleBindingStatus, SubjectCounts, SubjectProblem, SubjectRow,
};
use pim_core::action::Difference;
use pim_core::desired::{Object, ObjectKind};
use pim_core::plan::Plan;
use pim_core::reason::Reason;
use pim_core::schedule::{End, Kind};
use pim_core::verdict::{AssignmentVerdict, Authorization, PolicyState, Row, State, SubjectState};

use super::conditions::{ConditionType, Conditions, Truth, cut, whole_second};
use super::context::Context;
use super::measure;
use super::outcome::Failure;
use crate::adapters::kinds::{Kind as ApiKind, object_name};
use crate::adapters::status::Error;
use crate::resolve::Manifests;

/// What there is to report about a group.
pub struct Findings<'a> {
    /// What was planned; nothing when the tenant could not be read.
    pub plan: Option<&'a Plan>,
    /// What failed, by object.
    pub failures: HashMap<Object, Failure>,
    /// What failed for all of them.
    pub failure: Option<Failure>,
    /// A creation that is about to be sent.
    pub pending: Option<PendingWrite>,
    /// The identity of the group in the tenant.
    pub key: String,
}

/// How long a status stays believable without a look, in resync intervals.
const BELIEVABLE: i32 = 2;

/// Reports about every object of a group.
pub async fn report(
    context: &Context,
    manifests: &Manifests,
    findings: &Findings<'_>,
) -> Result<(), Error> {
    let now = context.clock.now();
    group(context, manifests, findings, now).await?;
    let bindings = manifests
        .bindings
        .iter()
        .map(|object| binding(context, manifests, object, findings, now));
    futures::future::try_join_all(bindings).await?;
    let eligible = manifests.eligible.iter().map(|object| {
        assignment(
            context,
            manifests,
            &**object,
            (Kind::Eligible, &object.spec.subjects),
            findings,
            now,
        )
    });
    futures::future::try_join_all(eligible).await?;
    let active = manifests.active.iter().map(|object| {
        assignment(
            context,
            manifests,
            &**object,
            (Kind::Active, &object.spec.subjects),
            findings,
            now,
        )
    });
    futures::future::try_join_all(active).await?;
    Ok(())
}

impl Findings<'_> {
    fn failure_of<K: ApiKind>(&self, kind: ObjectKind, object: &K) -> Option<&Failure> {
        self.failures
            .get(&Object {
                kind,
                name: object_name(object),
            })
            .or(self.failure.as_ref())
    }
}

/// What failed, in the words of a status; the old note stays while nothing was tried.
fn last_error(
    failure: Option<&Failure>,
    known: Option<LastError>,
    now: Timestamp,
) -> Option<LastError> {
    let failure = failure.filter(|failure| !failure.operation.is_empty())?;
    let fresh = LastError {
        reason: failure.reason.as_str().to_owned(),
        operation: failure.operation.clone(),
        code: failure.code.clone(),
        request_id: failure.request_id.clone(),
        time: whole_second(now),
    };
    // The same failure again is no news; only its first time is kept, so that nothing is written for time alone.
    match known {
        Some(known)
            if (&known.reason, &known.operation, &known.code)
                == (&fresh.reason, &fresh.operation, &fresh.code) =>
        {
            Some(known)
        }
        _ => Some(fresh),
    }
}

fn drift(differences: &[Difference]) -> Vec<DriftEntry> {
    let entry = |difference: &Difference| DriftEntry {
        path: cut(&difference.field, 256),
        desired: cut(&difference.declared, 512),
        actual: cut(&difference.stands, 512),
    };
    differences.iter().take(20).map(entry).collect()
}

/// What every kind's conditions are made from.
struct Subject<'a> {
    previous: &'a [Condition],
    generation: Option<i64>,
    deleting: bool,
    last_sync: Option<&'a Time>,
    resync: SignedDuration,
}

impl Subject<'_> {
    /// A look that failed says nothing about the tenant; what was seen shortly before still holds.
    fn still_believable(&self, now: Timestamp) -> bool {
        let ready = self.previous.iter().any(|condition| {
            condition.type_ == "Ready"
                && condition.status == "True"
                && condition.observed_generation == self.generation
        });
        let fresh = self
            .last_sync
            .is_some_and(|synced| now.duration_since(synced.0) < self.resync * BELIEVABLE);
        ready && fresh
    }
}

/// The conditions that every kind of a group has.
fn common<'a>(
    subject: &Subject<'a>,
    state: &State,
    authorization: &Authorization,
    differences: &[Difference],
    now: Timestamp,
) -> Conditions<'a> {
    let mut conditions = Conditions::new(subject.previous, subject.generation, now);
    conditions.state(state);
    match authorization {
        Authorization::Admitted => conditions.set(
            ConditionType::Authorized,
            Truth::True,
            Reason::Succeeded,
            "the boundary admits it",
        ),
        Authorization::Denied(denial) => {
            let reason = match state {
                State::Stuck {
                    reason: reason @ (Reason::BoundaryDenied | Reason::BoundaryViolated),
                    ..
                } => *reason,
                _ => Reason::BoundaryDenied,
            };
            conditions.set(
                ConditionType::Authorized,
                Truth::False,
                reason,
                &denial.message,
            )
        }
        Authorization::Unjudged => conditions.set(
            ConditionType::Authorized,
            Truth::Unknown,
            Reason::Progressing,
            "not judged yet",
        ),
    };
    match (differences, state) {
        ([], State::Ready | State::Expired | State::Gone) => conditions.set(
            ConditionType::Synced,
            Truth::True,
            Reason::Succeeded,
            "no difference was found",
        ),
        ([], _) => conditions.set(
            ConditionType::Synced,
            Truth::Unknown,
            Reason::Progressing,
            "not compared completely yet",
        ),
        (differences, _) => {
            let fields: Vec<String> = differences.iter().map(ToString::to_string).collect();
            conditions.set(
                ConditionType::Synced,
                Truth::False,
                Reason::DriftDetected,
                &fields.join("; "),
            )
        }
    };
    if subject.deleting {
        let (reason, message) = match state {
            State::Waiting { reason, message } | State::Stuck { reason, message } => {
                (*reason, message.as_str())
            }
            _ => (Reason::DeletionInProgress, "nothing is left in the tenant"),
        };
        conditions.set(ConditionType::Deleting, Truth::True, reason, message);
    }
    conditions
}

/// Conditions when the tenant could not be read.
fn unreachable(subject: &Subject<'_>, failure: &Failure, now: Timestamp) -> Vec<Condition> {
    let mut conditions = Conditions::new(subject.previous, subject.generation, now);
    if subject.still_believable(now) && matches!(failure.state(), State::Waiting { .. }) {
        conditions.set(
            ConditionType::Ready,
            Truth::True,
            Reason::Succeeded,
            "the tenant matched at the last look",
        );
        conditions.set(
            ConditionType::Reconciling,
            Truth::True,
            failure.reason,
            &failure.message,
        );
        conditions.set(
            ConditionType::Stalled,
            Truth::False,
            failure.reason,
            &failure.message,
        );
    } else {
        conditions.state(&failure.state());
    }
    let mut list = conditions.finish();
    // Everything else was true when it was last seen.
    let kept = subject
        .previous
        .iter()
        .filter(|known| !list.iter().any(|fresh| fresh.type_ == known.type_))
        .cloned();
    let kept: Vec<Condition> = kept.collect();
    list.extend(kept);
    list
}

fn resync(manifests: &Manifests) -> SignedDuration {
    manifests.tenant.spec.resync_interval.length().to_signed()
}

async fn group(
    context: &Context,
    manifests: &Manifests,
    findings: &Findings<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    let object = &*manifests.group;
    let known = context.statuses.latest(object);
    let failure = findings.failure_of(ObjectKind::PrivilegedGroup, object);
    let subject = Subject {
        previous: &known.conditions,
        generation: object.metadata.generation,
        deleting: object.metadata.deletion_timestamp.is_some(),
        last_sync: known.last_sync_time.as_ref(),
        resync: resync(manifests),
    };
    let mut status = PrivilegedGroupStatus {
        observed_generation: object.metadata.generation,
        pending_write: findings.pending.clone(),
        last_error: last_error(failure, known.last_error.clone(), now),
        external_name: Some(findings.key.clone()),
        ..known.clone()
    };
    match (findings.plan, failure) {
        (Some(plan), _) => {
            let verdict = &plan.group;
            let state = failure.map_or_else(|| verdict.state.clone(), Failure::state);
            let mut conditions = common(
                &subject,
                &state,
                &verdict.authorization,
                &verdict.drift,
                now,
            );
            policy_condition(
                &mut conditions,
                ConditionType::MemberPolicyApplied,
                &verdict.member_policy,
            );
            policy_condition(
                &mut conditions,
                ConditionType::OwnerPolicyApplied,
                &verdict.owner_policy,
            );
            status.conditions = conditions.finish();
            status.external_id = verdict.id.or(known.external_id);
            status.drift = drift(&verdict.drift);
            status.eligible = i64::try_from(verdict.eligible).ok();
            status.active = i64::try_from(verdict.active).ok();
            status.last_sync_time = Some(refreshed(
                known.last_sync_time.as_ref(),
                &known != &status,
                resync(manifests),
                now,
            ));
        }
        (None, Some(failure)) => status.conditions = unreachable(&subject, failure, now),
        (None, None) => return Ok(()),
    }
    measure::stands(
        &context.metrics,
        &Object {
            kind: ObjectKind::PrivilegedGroup,
            name: object_name(object),
        },
        &status.conditions,
    );
    context.statuses.apply(object, status).await.map(|_| ())
}

/// The time of the last comparison moves with any other change, and else once in a resync interval.
fn refreshed(known: Option<&Time>, changed: bool, resync: SignedDuration, now: Timestamp) -> Time {
    match known {
        Some(known) if !changed && now.duration_since(known.0) < resync => known.clone(),
        _ => whole_second(now),
    }
}

fn policy_condition(conditions: &mut Conditions<'_>, kind: ConditionType, state: &PolicyState) {
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
            let fields: Vec<String> = differences.iter().map(ToString::to_string).collect();
            conditions.set(
                kind,
                Truth::False,
                Reason::DriftDetected,
                &fields.join("; "),
            )
        }
        PolicyState::Unmanaged(rules) => {
            let message = format!(
                "rules that are not known and not switched off: {}",
                rules.join(", ")
            );
            conditions.set(kind, Truth::False, Reason::UnmanagedRule, &message)
        }
    };
}

async fn binding(
    context: &Context,
    manifests: &Manifests,
    object: &pim_api::RoleBinding,
    findings: &Findings<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    let known = context.statuses.latest(object);
    let failure = findings.failure_of(ObjectKind::RoleBinding, object);
    let subject = Subject {
        previous: &known.conditions,
        generation: object.metadata.generation,
        deleting: object.metadata.deletion_timestamp.is_some(),
        last_sync: known.last_sync_time.as_ref(),
        resync: resync(manifests),
    };
    let mut status = RoleBindingStatus {
        observed_generation: object.metadata.generation,
        last_error: last_error(failure, known.last_error.clone(), now),
        ..known.clone()
    };
    let verdict = findings
        .plan
        .and_then(|plan| plan.bindings.get(&object_name(object)));
    match (verdict, failure) {
        (Some(verdict), _) => {
            let state = failure.map_or_else(|| verdict.state.clone(), Failure::state);
            let mut conditions = common(
                &subject,
                &state,
                &verdict.authorization,
                &verdict.drift,
                now,
            );
            standing_condition(&mut conditions, ConditionType::Bound, &state);
            status.conditions = conditions.finish();
            status.external_id = verdict.role;
            status.drift = drift(&verdict.drift);
        }
        (None, Some(failure)) => status.conditions = unreachable(&subject, failure, now),
        (None, None) => return Ok(()),
    }
    if status != known {
        status.last_sync_time = Some(whole_second(now));
    }
    measure::stands(
        &context.metrics,
        &Object {
            kind: ObjectKind::RoleBinding,
            name: object_name(object),
        },
        &status.conditions,
    );
    context.statuses.apply(object, status).await.map(|_| ())
}

/// Whether what is declared stands: the one condition that each kind names in its own word.
fn standing_condition(conditions: &mut Conditions<'_>, kind: ConditionType, state: &State) {
    match state {
        State::Ready => conditions.set(kind, Truth::True, Reason::Succeeded, "stands as declared"),
        State::Expired => conditions.set(
            kind,
            Truth::False,
            Reason::Expired,
            "every window has ended",
        ),
        State::Gone => conditions.set(kind, Truth::False, Reason::Succeeded, "taken away"),
        State::Waiting { reason, message } => {
            conditions.set(kind, Truth::Unknown, *reason, message)
        }
        State::Stuck { reason, message } => conditions.set(kind, Truth::False, *reason, message),
    };
}

async fn assignment<K>(
    context: &Context,
    manifests: &Manifests,
    object: &K,
    (kind, subjects): (Kind, &Vec<pim_core::principal::Principal>),
    findings: &Findings<'_>,
    now: Timestamp,
) -> Result<(), Error>
where
    K: ApiKind<Status = AssignmentStatus>,
{
    let object_kind = match kind {
        Kind::Eligible => ObjectKind::EligibleAssignment,
        Kind::Active => ObjectKind::ActiveAssignment,
    };
    let known = context.statuses.latest(object);
    let failure = findings.failure_of(object_kind, object);
    let subject = Subject {
        previous: &known.conditions,
        generation: object.meta().generation,
        deleting: object.meta().deletion_timestamp.is_some(),
        last_sync: known.last_sync_time.as_ref(),
        resync: resync(manifests),
    };
    let mut status = AssignmentStatus {
        observed_generation: object.meta().generation,
        last_error: last_error(failure, known.last_error.clone(), now),
        ..known.clone()
    };
    let verdict = findings
        .plan
        .and_then(|plan| plan.assignments.get(&(kind, object_name(object))));
    match (verdict, failure) {
        (Some(verdict), _) => {
            let state = failure.map_or_else(|| verdict.state.clone(), Failure::state);
            let mut conditions = common(
                &subject,
                &state,
                &verdict.authorization,
                &verdict.drift,
                now,
            );
            standing_condition(&mut conditions, ConditionType::Scheduled, &state);
            status.conditions = conditions.finish();
            fill(&mut status, verdict, subjects.len());
        }
        (None, Some(failure)) => status.conditions = unreachable(&subject, failure, now),
        (None, None) => return Ok(()),
    }
    if status != known {
        status.last_sync_time = Some(whole_second(now));
    }
    measure::stands(
        &context.metrics,
        &Object {
            kind: object_kind,
            name: object_name(object),
        },
        &status.conditions,
    );
    context.statuses.apply(object, status).await.map(|_| ())
}

fn fill(status: &mut AssignmentStatus, verdict: &AssignmentVerdict, desired: usize) {
    status.subjects = verdict.rows.iter().map(row).collect();
    let problem = |problem: &pim_core::verdict::Problem| SubjectProblem {
        subject: problem.subject.to_string(),
        reason: problem.reason.as_str().to_owned(),
        message: cut(&problem.message, 256),
    };
    status.problems = verdict.problems.iter().take(20).map(problem).collect();
    let stands = |row: &&Row| {
        matches!(
            row.state,
            SubjectState::Eligible | SubjectState::Active | SubjectState::Scheduled
        )
    };
    let scheduled = verdict.rows.iter().filter(stands).count();
    let activated = verdict
        .rows
        .iter()
        .filter(|row| row.activated_until.is_some())
        .count();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    status.counts = Some(SubjectCounts {
        desired: count(desired),
        scheduled: count(scheduled),
        activated: count(activated),
    });
    status.summary = Some(format!("{scheduled}/{desired}"));
    status.drift = drift(&verdict.drift);
}

fn row(row: &Row) -> SubjectRow {
    let time = |end: &Option<End>| match end {
        Some(End::At(end)) => Some(whole_second(*end)),
        _ => None,
    };
    SubjectRow {
        kind: row.subject.kind,
        name: row.subject.name.clone(),
        principal_id: row.principal,
        state: format!("{:?}", row.state),
        end_time: time(&row.end),
        activated_until: time(&row.activated_until),
        first_granted: row.first_granted.map(whole_second),
    }
}
