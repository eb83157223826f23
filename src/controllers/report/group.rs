//! What only the status of a `PrivilegedGroup` has.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use pim_api::{PendingWrite, PrivilegedGroup, PrivilegedGroupStatus};
use pim_core::boundary::about_unlisted_rules;
use pim_core::reason::{ConditionType, Reason};
use pim_core::rollout::RolloutTurn;
use pim_core::verdict::{
    Authorization, GroupRecord, MOST_TOLD, PolicyState, Record, UndeclaredFinding, Verdict,
};
use sha2::{Digest, Sha256};

use super::common::listed;
use super::one::{Report, Reported};
use super::{settings, warnings};
use crate::controllers::conditions::{Conditions, LONGEST_MESSAGE, Truth, whole_second};
use crate::resolve::Manifests;

impl Reported for PrivilegedGroup {
    const OWN: Option<ConditionType> = None;

    /// The key is what people look for in the tenant, also while it cannot be read. A group that was there before bears
    /// its own.
    fn identify(report: &Report<'_>, status: &mut PrivilegedGroupStatus) {
        let bears_key = report.manifests.group.spec.adopt.is_none();
        status.external_name = bears_key.then(|| report.key.to_owned());
    }

    /// Once in a resync interval: the group is the unit, so its time stands for all of its objects.
    fn renewed_after(report: &Report<'_>) -> Option<SignedDuration> {
        Some(report.resync())
    }

    fn fill(
        &self,
        report: &Report<'_>,
        verdict: &Verdict,
        status: &mut PrivilegedGroupStatus,
        conditions: &mut Conditions<'_>,
    ) {
        let Record::Group(record) = &verdict.record else {
            return;
        };
        let has_stood = status.matched_generation == self.metadata.generation;
        let differs = match Differs::of(&verdict.authorization, record.turn, report.manifests) {
            Differs::Drift if !has_stood => Differs::New,
            differs => differs,
        };
        let policies = [
            (ConditionType::MemberPolicyApplied, &record.policies.member),
            (ConditionType::OwnerPolicyApplied, &record.policies.owner),
        ];
        for (kind, state) in policies {
            policy(conditions, kind, (state, differs), report.manifests);
        }
        if let Some(message) = &record.contested {
            let (contested, reason) = (ConditionType::Contested, Reason::AnotherWriter);
            conditions.set(contested, Truth::True, reason, message);
        }
        undeclared(conditions, &record.undeclared);
        warnings::set(conditions, record);
        fill(status, record, report.key);
        settings::fill(status, verdict, record, report.manifests);
    }
}

/// Says what the group holds that no object declares. While that is not known, what was said of it stays.
fn undeclared(conditions: &mut Conditions<'_>, found: &UndeclaredFinding) {
    let kind = ConditionType::UndeclaredAccess;
    match found {
        UndeclaredFinding::Ignored => {}
        UndeclaredFinding::Unread => conditions.keep(kind),
        UndeclaredFinding::InDoubt(object) => {
            let message = format!(
                "what {object} names was not looked up, so anything that it may mean counts as declared; its own conditions say why"
            );
            conditions.set(kind, Truth::Unknown, Reason::WaitingForDependency, &message);
        }
        UndeclaredFinding::Found { told, .. } if told.is_empty() => {
            let message = "everything that the group was found to hold is declared or allowed";
            conditions.set(kind, Truth::False, Reason::Succeeded, message);
        }
        UndeclaredFinding::Found { told, .. } => {
            let message = found_undeclared(told);
            conditions.set(kind, Truth::True, Reason::Undeclared, &message);
        }
    }
}

/// What is told of what nobody declares: how much, what to do, and the first of it.
pub fn found_undeclared(told: &[String]) -> String {
    let named: Vec<&str> = told.iter().take(MOST_TOLD).map(String::as_str).collect();
    let named = named.join("; ");
    let what_to_do = "declare it, take it away, or set spec.undeclared";
    let whole = format!("no object declares {}; {what_to_do}: {named}", told.len());
    if told.len() <= MOST_TOLD && whole.chars().count() <= LONGEST_MESSAGE {
        return whole;
    }
    // Another one among those that are not named is news, too.
    let [first, second, third, fourth, ..]: [u8; 32] = Sha256::digest(told.join("\n")).into();
    let digest = u32::from_be_bytes([first, second, third, fourth]);
    let count = told.len();
    format!("no object declares {count} (list {digest:08x}); {what_to_do}; the first are: {named}")
}

fn fill(status: &mut PrivilegedGroupStatus, record: &GroupRecord, key: &str) {
    status.external_id = record.id;
    status.pending_write = record.pending.as_ref().map(|pending| PendingWrite {
        operation: pending.operation,
        key: key.to_owned(),
        since: whole_second(pending.since),
        id: pending.group,
    });
    status.policies_read_time = policies_read(status, record.policies_read);
    status.eligible = i64::try_from(record.eligible).ok();
    status.active = i64::try_from(record.active).ok();
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

/// Why a policy differs from what is declared.
#[derive(Debug, Clone, Copy)]
enum Differs {
    /// What stood does not any more: somebody changed it, or a template was.
    Drift,
    /// What this generation declares has not stood yet.
    New,
    /// The boundary admits no change.
    Boundary,
    /// The group is paused or only observed.
    Pause,
    /// It is the turn of other groups to take over a template.
    Turn,
}

impl Differs {
    fn of(authorization: &Authorization, turn: RolloutTurn, manifests: &Manifests) -> Self {
        match authorization {
            Authorization::Denied(_) => Self::Boundary,
            _ if manifests.is_at_rest(&*manifests.group) => Self::Pause,
            _ if turn != RolloutTurn::Now => Self::Turn,
            _ => Self::Drift,
        }
    }

    fn reason(self) -> Reason {
        match self {
            Self::Drift => Reason::DriftDetected,
            Self::New => Reason::Progressing,
            Self::Boundary => Reason::BoundaryDenied,
            Self::Pause => Reason::Paused,
            Self::Turn => Reason::WaitingForDependency,
        }
    }
}

fn policy(
    conditions: &mut Conditions<'_>,
    kind: ConditionType,
    (state, differs): (&PolicyState, Differs),
    manifests: &Manifests,
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
            conditions.set(kind, Truth::False, differs.reason(), &listed(differences))
        }
        PolicyState::Unmanaged(rules) => {
            let message = format!(
                "rules are switched on that are not admitted: {}; {}",
                rules.join(", "),
                about_unlisted_rules(&manifests.group.spec.boundary_ref.name)
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
