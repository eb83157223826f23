//! What the group holds, and who holds it, without an object that declares it: somebody gave it beside the manifests. It is told,
//! and taken away where the group says so. What is declared is decided elsewhere.

mod access;
mod roles;
mod stray;

use std::collections::BTreeSet;

use super::context::PlanContext;
use super::draft::Draft;
use super::stage::StageKind;
use crate::action::{Action, Cause, Difference};
use crate::desired::Undeclared;
use crate::ids::GroupId;
use crate::knowledge::{Held, Part};
use crate::reason::Reason;
use crate::schedule::Kind;
use crate::verdict::{GroupRecord, State, UndeclaredFinding, Verdict};
use stray::{Removal, Search, SearchExtent, Stray, dwells_until};

/// What is known before anything is looked at.
pub fn unread(context: &PlanContext<'_>) -> UndeclaredFinding {
    if context.desired.group.undeclared.is_ignored() {
        UndeclaredFinding::Ignored
    } else {
        UndeclaredFinding::Unread
    }
}

/// Looks for what nobody declares in a group that is admitted, and plans its removal where that is asked for.
pub fn plan(
    context: &PlanContext<'_>,
    group: GroupId,
    verdict: &mut Verdict<GroupRecord>,
    draft: &mut Draft,
) {
    let searches = [
        access::search(context, group, Kind::Eligible, draft),
        access::search(context, group, Kind::Active, draft),
        roles::search(context, group, draft),
    ];
    let searches: Vec<Search> = searches.into_iter().flatten().collect();
    forget_others(&searches, draft);
    if is_partial_look(context) {
        return;
    }
    let is_whole = searches
        .iter()
        .all(|one| one.extent == SearchExtent::Everything);
    let strays = || searches.iter().flat_map(|one| &one.strays);
    let is_known = is_whole || strays().next().is_some();
    if searches.is_empty() || !is_known {
        return;
    }
    verdict.record.undeclared = UndeclaredFinding::Found {
        told: strays().map(|stray| stray.told.clone()).collect(),
        people: strays().filter_map(|stray| stray.principal).collect(),
    };
    for search in searches {
        if search.wish == Undeclared::Remove {
            remove(context, search.strays, verdict, draft);
        }
    }
}

/// Whether this look leaves out what others read: then what was told of them stays, whatever is found.
fn is_partial_look(context: &PlanContext<'_>) -> bool {
    let is_fresh = |part| context.observed.is_fresh(part);
    context.desired.group.undeclared.roles != Undeclared::Ignore
        && is_fresh(Part::Policies)
        && is_fresh(Part::Roles)
        && !is_fresh(Part::PlainRoles)
}

/// What is not found any more, or not to be taken away, begins anew if it is found again.
fn forget_others(searches: &[Search], draft: &mut Draft) {
    let to_go = searches.iter().filter(|one| one.wish == Undeclared::Remove);
    let to_go: BTreeSet<Held> = to_go
        .flat_map(|one| one.strays.iter().map(|stray| stray.held.clone()))
        .collect();
    draft.memory.strays.retain(|held, _| to_go.contains(held));
}

/// Takes away what nobody declares, and says so.
fn remove(
    context: &PlanContext<'_>,
    strays: Vec<Stray>,
    verdict: &mut Verdict<GroupRecord>,
    draft: &mut Draft,
) {
    if strays.is_empty() {
        return;
    }
    let state = state(&strays);
    verdict.state = std::mem::replace(&mut verdict.state, State::Ready).graver(state);
    for stray in strays {
        let difference = Difference {
            field: format!("undeclared[{}]", stray.told),
            declared: "not held".to_owned(),
            stands: "held".to_owned(),
        };
        verdict.drift.push(difference.clone());
        let until = dwells_until(context, &stray.held, draft);
        draft.wake(until);
        if let (Removal::Now(write), None) = (stray.removal, until) {
            let action = Action {
                object: context.desired.group.object(),
                cause: Cause::Drift(vec![difference]),
                write: *write,
            };
            draft.add(StageKind::Revoke, action);
        }
    }
}

/// How many are named in one message.
const NAMED: usize = 10;

/// How the group stands while something is to be taken away.
fn state(strays: &[Stray]) -> State {
    let last_owner = strays
        .iter()
        .find(|stray| matches!(stray.removal, Removal::LastOwner));
    if let Some(stray) = last_owner {
        let message = format!(
            "nobody declares {}, who stays because the group would be left without an owner; declare a permanent one",
            stray.told
        );
        return State::stuck(Reason::LastOwner, message);
    }
    let told = strays.iter().map(|stray| stray.told.as_str());
    let told: Vec<&str> = told.take(NAMED).collect();
    let message = format!("taking away what nobody declares: {}", told.join(", "));
    State::waiting(Reason::Progressing, message)
}
