//! Plans the assignments of a group: revokes what nobody declares any more, then grants what is missing. Each subject
//! is judged for itself, so that one wrong name never holds up the others.

mod grant;
mod hold;
mod line;
mod revoke;
mod sheet;

use std::collections::BTreeMap;

use super::claims;
use super::context::Context;
use super::{Draft, Stage};
use crate::action::Write;
use crate::desired::{Assignment, Lifecycle};
use crate::ids::ObjectName;
use crate::schedule::{End, Kind};
use crate::verdict::{AssignmentVerdict, Authorization};
use sheet::Sheet;

/// Plans all assignments.
pub fn plan(
    context: &Context<'_>,
    draft: &mut Draft,
) -> BTreeMap<(Kind, ObjectName), AssignmentVerdict> {
    let mut leaving = revoke::plan(context, draft);
    let mut verdicts = BTreeMap::new();
    for assignment in &context.desired.assignments {
        let mut sheet = leaving.remove(&assignment.object()).unwrap_or_default();
        match assignment.lifecycle {
            Lifecycle::Living => living(context, assignment, &mut sheet, draft),
            Lifecycle::Deleting => sheet.close(),
        }
        wake(assignment, &sheet, draft);
        verdicts.insert((assignment.kind, assignment.name.clone()), sheet.verdict());
    }
    verdicts
}

fn living(context: &Context<'_>, assignment: &Assignment, sheet: &mut Sheet, draft: &mut Draft) {
    let authorization = match claims::judge_window(context.desired, assignment, context.now()) {
        Err(denial) if context.authorization == Authorization::Admitted => {
            let boundary = context.desired.boundary.as_ref();
            draft.wake(boundary.and_then(|boundary| boundary.admits_window_from(assignment)));
            Authorization::Denied(denial)
        }
        _ => context.authorization.clone(),
    };
    sheet.judged(authorization, assignment.standing);
    for subject in &assignment.subjects {
        if !sheet.speaks_of(subject) {
            grant::plan(context, assignment, subject, sheet, draft);
        }
    }
    sheet.expire();
}

/// What begins or ends by itself is reported when it does.
fn wake(assignment: &Assignment, sheet: &Sheet, draft: &mut Draft) {
    if assignment.lifecycle == Lifecycle::Living {
        draft.wake(assignment.schedule.start);
    }
    let now = draft.now;
    for row in sheet.rows() {
        let is_fixed = line::ends_at_a_fixed_time(assignment, row.first_granted, now);
        for end in [row.end.filter(|_| is_fixed), row.activated_until] {
            if let Some(End::At(end)) = end {
                draft.wake(Some(end));
            }
        }
    }
}

/// Notes the grants that are next, and no others: `afterDuration` counts from the grant, not from the wish.
pub fn note_grants(
    stages: &[Stage],
    verdicts: &mut BTreeMap<(Kind, ObjectName), AssignmentVerdict>,
) {
    let rows = verdicts.values_mut().flat_map(|verdict| &mut verdict.rows);
    for row in rows.filter(|row| row.to_note.is_some()) {
        row.first_granted = row.noted;
    }
    let next = stages.first().map(|stage| stage.actions.as_slice());
    for action in next.unwrap_or_default() {
        let Write::Grant { key, .. } = action.write else {
            continue;
        };
        let Some(verdict) = verdicts.get_mut(&(key.kind, action.object.name.clone())) else {
            continue;
        };
        for row in &mut verdict.rows {
            if row.principal == Some(key.principal) && row.to_note.is_some() {
                row.first_granted = row.to_note;
            }
        }
    }
}
