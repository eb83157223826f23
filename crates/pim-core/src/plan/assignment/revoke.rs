//! Takes access away that was declared once and is not any more. Only what the status of an object remembers is
//! touched: what stands undeclared is somebody else's until a rule says otherwise.

use std::collections::{BTreeMap, BTreeSet};

use super::Sheet;
use crate::action::{Action, Cause, Write};
use crate::desired::{Assignment, Lifecycle, Memo, Object};
use crate::ids::{GroupId, PrincipalId};
use crate::observed::{Nature, Presence, Schedule};
use crate::plan::context::Context;
use crate::plan::{Draft, StageKind};
use crate::reason::Reason;
use crate::schedule::{Access, End, Key, Kind};
use crate::verdict::{Row, State, SubjectState};

/// Plans the revokes of all assignments, and says for each object what still stands of them.
pub fn plan(context: &Context<'_>, draft: &mut Draft) -> BTreeMap<Object, Sheet> {
    let leaving = leaving(context);
    let spared = spared_owner(context, &leaving);
    let mut sheets: BTreeMap<Object, Sheet> = BTreeMap::new();
    for (assignment, memo, key) in leaving {
        let sheet = sheets.entry(assignment.object()).or_default();
        let is_spared = spared.as_ref().is_some_and(|spared| spared.key == key);
        let outcome = match (&context.observed.group, context.group_id()) {
            (_, Some(group)) if is_spared => Outcome::Stays(spared_state(context, group)),
            (_, Some(group)) => take_away(context, assignment, key, group, draft),
            // A deleted group gives nobody anything, but a restore would bring back what it held.
            (Presence::Absent { .. } | Presence::Deleted(_), None) if context.desired.group.lifecycle == Lifecycle::Deleting => Outcome::Done,
            (Presence::Absent { .. }, None) if context.desired.group.last_seen.is_none() => Outcome::Done,
            _ => Outcome::Stays(State::waiting(Reason::WaitingForDependency, "the group cannot be looked at")),
        };
        if let Outcome::Stays(state) = outcome {
            sheet.raise(state);
            sheet.rows.push(row(context, memo, key));
        }
    }
    sheets
}

/// What became of one revoke.
enum Outcome {
    /// Nothing is left.
    Done,
    /// Something still stands.
    Stays(State),
}

fn row(context: &Context<'_>, memo: &Memo, key: Key) -> Row {
    Row {
        subject: memo.subject.clone(),
        principal: Some(memo.principal),
        state: SubjectState::Revoking,
        end: find(context, key, Nature::Assigned).map(|schedule| schedule.window.end),
        activated_until: find(context, Key { kind: Kind::Active, ..key }, Nature::Activated).map(|schedule| schedule.window.end),
        first_granted: memo.first_granted,
    }
}

/// Everything remembered that no object stands for any more.
fn leaving<'a>(context: &'a Context<'_>) -> Vec<(&'a Assignment, &'a Memo, Key)> {
    let remembered = context.desired.assignments.iter().flat_map(|assignment| {
        assignment.memory.iter().map(move |memo| {
            let key = Key { access: assignment.access, principal: memo.principal, kind: assignment.kind };
            (assignment, memo, key)
        })
    });
    remembered
        .filter(|(assignment, memo, key)| {
            let still_named = assignment.lifecycle == Lifecycle::Living && assignment.subjects.contains(&memo.subject);
            !still_named && !context.claims.is_kept(key)
        })
        .collect()
}

/// The schedule of a key, if one stands.
pub fn find<'a>(context: &'a Context<'_>, key: Key, nature: Nature) -> Option<&'a Schedule> {
    let list = match key.kind {
        Kind::Eligible => &context.observed.eligible,
        Kind::Active => &context.observed.active,
    };
    list.iter().find(|schedule| {
        schedule.access == key.access && schedule.principal == key.principal && schedule.nature == nature
    })
}

fn take_away(context: &Context<'_>, assignment: &Assignment, key: Key, group: GroupId, draft: &mut Draft) -> Outcome {
    let active = Key { kind: Kind::Active, ..key };
    let standing = find(context, key, Nature::Assigned).map(|schedule| (key, schedule));
    // An activation outlives the eligibility that it came from; the revoke is done when neither remains.
    let activated = find(context, active, Nature::Activated).filter(|_| !context.claims.is_kept(&active)).map(|schedule| (active, schedule));
    let Some((key, schedule)) = standing.or(activated) else { return Outcome::Done };
    let age = if key.kind == Kind::Active { schedule.created } else { None };
    if let Some(until) = context.too_young_until(age) {
        draft.wake(Some(until));
        let message = format!("{} became active less than five minutes ago; the service lets it be ended at {until}", key.principal);
        return Outcome::Stays(State::waiting(Reason::TooYoung, message));
    }
    let write = Write::Revoke { group, key };
    draft.add(StageKind::Revoke, Action { object: assignment.object(), cause: Cause::Declared, write });
    Outcome::Stays(State::waiting(Reason::Progressing, "access is being taken away"))
}

/// An owner who must stay for now.
struct Spared {
    key: Key,
}

/// The service never takes the last active owner of a group away. When all owners that stand are to leave, one of them
/// stays until a new one stands or the group goes.
fn spared_owner(context: &Context<'_>, leaving: &[(&Assignment, &Memo, Key)]) -> Option<Spared> {
    let going: BTreeSet<PrincipalId> = leaving
        .iter()
        .filter(|(_, _, key)| key.access == Access::Owner && key.kind == Kind::Active)
        .map(|(_, _, key)| key.principal)
        .collect();
    let mut owners: Vec<&Schedule> = owners(context).collect();
    if going.is_empty() || owners.iter().any(|owner| !going.contains(&owner.principal)) {
        return None;
    }
    owners.sort_by_key(|owner| (owner.window.end != End::Never, owner.principal));
    let kept = owners.first()?;
    Some(Spared { key: Key { access: Access::Owner, principal: kept.principal, kind: Kind::Active } })
}

/// Owners that an administrator assigned and that own the group now.
pub fn owners<'a>(context: &'a Context<'_>) -> impl Iterator<Item = &'a Schedule> {
    context.observed.active.iter().filter(|schedule| {
        schedule.access == Access::Owner && schedule.nature == Nature::Assigned && !schedule.window.is_future(context.now())
    })
}

fn spared_state(context: &Context<'_>, group: GroupId) -> State {
    if context.desired.group.lifecycle == Lifecycle::Deleting {
        return State::waiting(Reason::DeletionInProgress, format!("the last owner of group {group} goes together with the group"));
    }
    let successor = context.claims.holders().any(|(key, _)| key.access == Access::Owner && key.kind == Kind::Active);
    if successor {
        return State::waiting(Reason::Progressing, "the new owner is added before the last one goes");
    }
    State::stuck(
        Reason::LastOwner,
        format!("group {group} would be left without an owner; declare another permanent owner, or delete the PrivilegedGroup"),
    )
}
