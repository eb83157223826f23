//! Which event tells of which write. Every event says one thing that has happened, in names. What is found out, rather
//! than done, is told in `news`.

use std::collections::BTreeMap;

use pim_core::action::{Action, Cause, Difference, GrantVerb, Write};
use pim_core::desired::{Object, Unit};
use pim_core::event::EventReason;
use pim_core::schedule::Kind;
use pim_core::telling::Telling;

use super::context::Context;
use super::reconcile::Applied;
use crate::adapters::kinds::Manifest;
use crate::providers::Effect;
use crate::resolve::Manifests;

/// The most events of one meaning about one object in one stage; the last one counts the others.
const MOST: usize = 20;

/// The longest sentence that names several people, in bytes: with what stands before it an event takes it whole.
const LONGEST: usize = 900;

/// Tells of the writes of a stage that were done.
pub async fn publish(context: &Context, manifests: &Manifests, unit: &Unit, applied: &[Applied]) {
    let mut done: BTreeMap<(Object, String), Vec<&Applied>> = BTreeMap::new();
    for one in applied.iter().filter(|one| is_told(one)) {
        let action = &one.action;
        expect_author(context, manifests, unit, one);
        let topic = (action.object.clone(), meaning(action).to_string());
        done.entry(topic).or_default().push(one);
        if let Cause::Drift(differences) = &action.cause {
            for found in differences {
                context
                    .metrics
                    .drift_corrected(action.object.kind, &found.field);
            }
        }
    }
    for manifest in manifests.all() {
        let object = manifest.object();
        let mine = done.iter().filter(|((about, _), _)| *about == object);
        for applied in mine.map(|(_, applied)| applied) {
            let Some(first) = applied.first() else {
                continue;
            };
            let reason = meaning(&first.action);
            each(context, &manifest, reason, &notes(unit, applied)).await;
        }
    }
}

/// Whether a write is told now. What the tenant has taken for later is told when it has come about; that somebody made
/// it necessary is known now, and would be lost by then.
fn is_told(applied: &Applied) -> bool {
    match &applied.result {
        Ok(Effect::Created(_) | Effect::Done(_)) => true,
        Ok(Effect::Accepted(_)) => matches!(applied.action.cause, Cause::Drift(_)),
        Ok(Effect::Existed | Effect::WasGone) | Err(_) => false,
    }
}

/// Whose doing a difference was may show in the audit log later.
fn expect_author(context: &Context, manifests: &Manifests, unit: &Unit, applied: &Applied) {
    let action = &applied.action;
    let is_drift = matches!(action.cause, Cause::Drift(_));
    let Some(touched) = action.write.touched() else {
        return;
    };
    if !is_drift || unit.audit.read.is_none() || unit.audit.author_of(touched).is_some() {
        return;
    }
    let mut all = manifests.all();
    if let Some(manifest) = all.find(|manifest| manifest.object() == action.object) {
        let about = manifest.reference();
        let (group, note) = (&unit.group.name, drift(unit, applied));
        context.notes.unexplained(group, about, touched, &note);
    }
}

async fn each(context: &Context, manifest: &Manifest, reason: EventReason, notes: &[String]) {
    let shown = if notes.len() > MOST {
        MOST - 1
    } else {
        notes.len()
    };
    for note in notes.iter().take(shown) {
        let about = manifest.reference();
        context.events.publish(about, reason, note).await;
    }
    if notes.len() > shown {
        let rest = format!("and {} more; status lists all", notes.len() - shown);
        let about = manifest.reference();
        context.events.publish(about, reason, &rest).await;
    }
}

/// What writes of one meaning did, in words. What answers a drift has a sentence of its own, because it says what was found.
fn notes(unit: &Unit, applied: &[&Applied]) -> Vec<String> {
    let (drifts, others): (Vec<&Applied>, Vec<&Applied>) = applied
        .iter()
        .partition(|one| matches!(one.action.cause, Cause::Drift(_)));
    let of = |cause: Cause| -> Vec<&Action> {
        let actions = others.iter().map(|one| &one.action);
        actions.filter(|action| action.cause == cause).collect()
    };
    let (stopped, violations) = (of(Cause::EmergencyStop), of(Cause::Violation));
    let declared = of(Cause::Declared);
    let together = |actions: &[&Action]| {
        let writes: Vec<&Write> = actions.iter().map(|action| &action.write).collect();
        let told = unit.tell_together(&writes, LONGEST);
        told.iter().map(Telling::done).collect::<Vec<_>>()
    };
    let tenant = &unit.group.tenant;
    let denied = together(&stopped)
        .into_iter()
        .map(|done| format!("EntraTenant {tenant} denies them (spec.deniedPrincipals); {done}"));
    let boundary = &unit.group.boundary;
    let violated = together(&violations).into_iter().map(|done| {
        format!("AccessBoundary {boundary} does not admit it any more (spec.onViolation); {done}")
    });
    let drifted = drifts.iter().map(|one| drift(unit, one));
    let declared = together(&declared);
    let all = declared.into_iter().chain(denied);
    all.chain(violated).chain(drifted).collect()
}

fn drift(unit: &Unit, applied: &Applied) -> String {
    let action = &applied.action;
    let told = unit.tell(&action.write);
    let done = match applied.result {
        Ok(Effect::Accepted(_)) => format!("asked the tenant to {}", told.to_do()),
        _ => told.done(),
    };
    let Cause::Drift(differences) = &action.cause else {
        return done;
    };
    let list: Vec<String> = differences.iter().map(Difference::to_string).collect();
    let touched = action.write.touched();
    let author = touched.and_then(|touched| unit.audit.author_of(touched));
    let who = author.map_or_else(|| "somebody".to_owned(), ToString::to_string);
    format!(
        "{who} changed it in the tenant ({}); {done}",
        list.join("; ")
    )
}

/// What an action is called, in events.
fn meaning(action: &Action) -> EventReason {
    match action.cause {
        Cause::Drift(_) => EventReason::DriftCorrected,
        Cause::Declared | Cause::EmergencyStop | Cause::Violation => reason(&action.write),
    }
}

/// What a write is called, in events and in the audit log.
pub fn reason(write: &Write) -> EventReason {
    match write {
        Write::CreateGroup(_) => EventReason::GroupCreated,
        Write::RestoreGroup(_) => EventReason::GroupRestored,
        Write::UpdateGroup { .. } | Write::JoinUnit { .. } => EventReason::GroupUpdated,
        Write::DeleteGroup(_) => EventReason::GroupDeleted,
        Write::UpdatePolicy { .. } => EventReason::PolicyUpdated,
        Write::Grant { key, verb, .. } => match (key.kind, verb) {
            (Kind::Eligible, GrantVerb::Assign) => EventReason::EligibilityGranted,
            (Kind::Eligible, GrantVerb::Update) => EventReason::EligibilityExtended,
            (Kind::Active, _) => EventReason::ActiveGranted,
        },
        Write::Revoke { key, .. } if key.kind == Kind::Eligible => EventReason::EligibilityRevoked,
        Write::Revoke { .. } | Write::RemoveDirect { .. } => EventReason::ActiveRevoked,
        Write::BindRole { .. } => EventReason::RoleAssigned,
        Write::UnbindRole { .. } | Write::DeletePlainRole { .. } => EventReason::RoleRevoked,
    }
}
