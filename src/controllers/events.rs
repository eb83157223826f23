//! Which event tells of which write. Every event says one thing that has happened, in names. What is found out, rather
//! than done, is told in `news`.

use std::collections::BTreeMap;

use pim_core::action::{Action, Cause, Difference, GrantVerb, Write};
use pim_core::desired::{Object, Unit};
use pim_core::schedule::Kind;

use super::context::Context;
use super::reconcile::Applied;
use crate::adapters::events::EventReason;
use crate::adapters::kinds::Manifest;
use crate::providers::Effect;
use crate::resolve::Manifests;

/// The most events of one meaning about one object in one stage; the last one counts the others.
const MOST: usize = 20;

/// Tells of the writes of a stage that were done.
pub async fn publish(context: &Context, manifests: &Manifests, unit: &Unit, applied: &[Applied]) {
    let mut told: BTreeMap<(Object, String), (EventReason, Vec<String>)> = BTreeMap::new();
    let is_done = |one: &&Applied| matches!(one.result, Ok(Effect::Created(_) | Effect::Done(_)));
    for action in applied.iter().filter(is_done).map(|one| &one.action) {
        let (reason, note) = words(unit, action);
        expect_author(context, manifests, unit, action, &note);
        let entry = told.entry((action.object.clone(), reason.to_string()));
        entry.or_insert_with(|| (reason, Vec::new())).1.push(note);
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
        let mine = told.iter().filter(|((about, _), _)| *about == object);
        for (reason, notes) in mine.map(|(_, told)| told) {
            each(context, &manifest, *reason, notes).await;
        }
    }
}

/// Whose doing a difference was may show in the audit log later.
fn expect_author(
    context: &Context,
    manifests: &Manifests,
    unit: &Unit,
    action: &Action,
    note: &str,
) {
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
        let group = &unit.group.name;
        context.notes.unexplained(group, about, touched, note);
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

fn words(unit: &Unit, action: &Action) -> (EventReason, String) {
    let done = unit.tell(&action.write).done();
    match &action.cause {
        Cause::Drift(differences) => {
            let list = differences.iter().map(Difference::to_string);
            let list: Vec<String> = list.collect();
            let touched = action.write.touched();
            let author = touched.and_then(|touched| unit.audit.author_of(touched));
            let who = author.map_or_else(|| "somebody".to_owned(), ToString::to_string);
            let note = format!(
                "{who} changed it in the tenant ({}); {done}",
                list.join("; ")
            );
            (EventReason::DriftCorrected, note)
        }
        Cause::EmergencyStop => {
            let tenant = &unit.group.tenant;
            let note = format!("EntraTenant {tenant} denies them (spec.deniedPrincipals); {done}");
            (reason(&action.write), note)
        }
        Cause::Declared => (reason(&action.write), done),
    }
}

/// What a write is called, in events and in the audit log.
pub fn reason(write: &Write) -> EventReason {
    match write {
        Write::CreateGroup(_) => EventReason::GroupCreated,
        Write::RestoreGroup(_) => EventReason::GroupRestored,
        Write::UpdateGroup { .. } => EventReason::GroupUpdated,
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
