//! Which event tells of which write or verdict. Writes on behalf of one object with one meaning are told together; a
//! verdict is told when it is new.

use std::collections::BTreeMap;

use pim_core::action::{Action, Cause, GrantVerb, Write};
use pim_core::desired::{Object, ObjectKind};
use pim_core::plan::Plan;
use pim_core::reason::Reason;
use pim_core::schedule::Kind;
use pim_core::verdict::State;

use super::apply::{Applied, Done};
use super::context::Context;
use super::measure;
use crate::adapters::events::EventReason;
use crate::resolve::{Manifest, Manifests};

/// Tells of the writes of a stage that were done.
pub async fn publish(context: &Context, manifests: &Manifests, applied: &[Applied]) {
    let mut told: BTreeMap<(Object, String), (EventReason, Vec<String>)> = BTreeMap::new();
    for action in applied
        .iter()
        .filter(|outcome| matches!(outcome.result, Ok(Done::Created(_) | Done::Written)))
        .map(|outcome| &outcome.action)
    {
        let (reason, note) = words(action);
        let entry = told.entry((action.object.clone(), reason.to_string()));
        entry.or_insert_with(|| (reason, Vec::new())).1.push(note);
        if let Cause::Drift(differences) = &action.cause {
            measure::corrected(&context.metrics, action.object.kind, differences);
        }
    }
    for manifest in manifests.all() {
        let object = manifest.object();
        for (reason, notes) in told
            .iter()
            .filter(|((about, _), _)| *about == object)
            .map(|(_, told)| told)
        {
            context
                .events
                .publish(manifest.reference(), *reason, &notes.join("; "))
                .await;
        }
    }
}

fn words(action: &Action) -> (EventReason, String) {
    if let Cause::Drift(differences) = &action.cause {
        let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
        let note = format!(
            "somebody changed the tenant: {}; {}",
            differences.join(", "),
            action.write
        );
        return (EventReason::DriftCorrected, note);
    }
    (reason(&action.write), action.write.to_string())
}

/// What a write is called, in events and in the audit log.
pub fn reason(write: &Write) -> EventReason {
    match write {
        Write::CreateGroup(_) => EventReason::GroupCreated,
        Write::RestoreGroup(_) => EventReason::GroupRestored,
        Write::UpdateGroup { .. } => EventReason::GroupUpdated,
        Write::DeleteGroup(_) => EventReason::GroupDeleted,
        Write::UpdatePolicy { .. } => EventReason::PolicyUpdated,
        Write::Grant {
            key,
            verb: GrantVerb::Assign,
            ..
        } if key.kind == Kind::Eligible => EventReason::EligibilityGranted,
        Write::Grant { key, .. } if key.kind == Kind::Eligible => EventReason::EligibilityExtended,
        Write::Grant { .. } => EventReason::ActiveGranted,
        Write::Revoke { key, .. } if key.kind == Kind::Eligible => EventReason::EligibilityRevoked,
        Write::Revoke { .. } => EventReason::ActiveRevoked,
        Write::BindRole { .. } => EventReason::RoleAssigned,
        Write::UnbindRole { .. } | Write::DeletePlainRole { .. } => EventReason::RoleRevoked,
    }
}

/// Warns of verdicts that need somebody, once for each.
pub async fn warn(context: &Context, manifests: &Manifests, plan: &Plan) {
    for manifest in manifests.all() {
        let object = manifest.object();
        let Some((reason, message)) = warning(&manifest, plan) else {
            // What was warned of is over; if it comes again, it is news again.
            context.notes.is_news(&object.to_string(), "");
            continue;
        };
        if context.notes.is_news(&object.to_string(), &message) {
            context
                .events
                .publish(manifest.reference(), reason, &message)
                .await;
        }
    }
}

fn warning(manifest: &Manifest, plan: &Plan) -> Option<(EventReason, String)> {
    let object = manifest.object();
    let state = match object.kind {
        ObjectKind::PrivilegedGroup => &plan.group.state,
        ObjectKind::RoleBinding => &plan.bindings.get(&object.name)?.state,
        ObjectKind::EligibleAssignment => {
            &plan.assignments.get(&(Kind::Eligible, object.name))?.state
        }
        ObjectKind::ActiveAssignment => &plan.assignments.get(&(Kind::Active, object.name))?.state,
    };
    let (State::Stuck { reason, message } | State::Waiting { reason, message }) = state else {
        return None;
    };
    let event = match reason {
        Reason::BoundaryDenied | Reason::BoundaryViolated => EventReason::BoundaryDenied,
        Reason::PrincipalNotFound | Reason::PrincipalChanged | Reason::AmbiguousName => {
            EventReason::PrincipalNotFound
        }
        Reason::Conflict => EventReason::Conflict,
        Reason::AdoptionConflict | Reason::AdoptionRequired => EventReason::AdoptionConflict,
        Reason::DeletionBlocked => EventReason::DeletionBlocked,
        _ => return None,
    };
    Some((event, message.clone()))
}
