//! What the group holds, and who holds it, without an object that declares it: somebody gave it beside the manifests. It is told,
//! and taken away where the group says so. What is declared is decided elsewhere.

mod access;
mod operator;
mod people;
mod roles;
mod standing;
mod stray;

use std::collections::BTreeSet;

use super::context::PlanContext;
use super::draft::Draft;
use super::protection;
use super::stage::StageKind;
use crate::action::{Action, Cause, Difference};
use crate::desired::Undeclared;
use crate::ids::{GroupId, PrincipalId};
use crate::knowledge::Held;
use crate::reason::Reason;
use crate::schedule::Kind;
use crate::verdict::{GroupRecord, MOST_TOLD, State, UndeclaredFinding, Verdict};
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
    // What weighs most is told first.
    let searches = [
        roles::search(context, group, draft),
        operator::search(context, group, draft),
        standing::search(context, group, draft),
        access::search(context, group, Kind::Active, draft),
        access::search(context, group, Kind::Eligible, draft),
    ];
    let searches: Vec<Search> = searches.into_iter().flatten().collect();
    forget_others(&searches, draft);
    let is_whole = searches
        .iter()
        .all(|one| one.extent == SearchExtent::Everything);
    let strays = || searches.iter().flat_map(|one| &one.strays);
    let mut spared = searches.iter().filter_map(|one| match &one.extent {
        SearchExtent::Spared(object) => Some(object),
        SearchExtent::Everything | SearchExtent::Part => None,
    });
    if searches.is_empty() {
        return;
    }
    if is_whole || strays().next().is_some() {
        verdict.record.undeclared = UndeclaredFinding::Found {
            told: strays().map(|stray| stray.told.clone()).collect(),
            people: named(&searches),
        };
    } else if let Some(object) = spared.next() {
        verdict.record.undeclared = UndeclaredFinding::InDoubt(object.clone());
    }
    for search in searches {
        if search.wish == Undeclared::Remove {
            remove(context, search.strays, verdict, draft);
        }
    }
}

/// Who is told by name: the first of the list, whoever is to go, and whoever cannot. Of a long list that is left alone nobody
/// else is shown.
fn named(searches: &[Search]) -> Vec<PrincipalId> {
    let all = searches
        .iter()
        .flat_map(|one| one.strays.iter().map(move |stray| (one.wish, stray)));
    let shown = all.enumerate().filter(|(position, (wish, stray))| {
        let is_later = matches!(stray.removal, Removal::Later);
        *position < MOST_TOLD || (*wish == Undeclared::Remove && !is_later)
    });
    shown
        .filter_map(|(_, (_, stray))| stray.principal)
        .collect()
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
    mut strays: Vec<Stray>,
    verdict: &mut Verdict<GroupRecord>,
    draft: &mut Draft,
) {
    // It is told like everything that is left alone, and nobody waits for it.
    strays.retain(|stray| !matches!(stray.removal, Removal::Unproven));
    if strays.is_empty() {
        return;
    }
    let state = state(context, &strays);
    verdict.state.raise(state);
    for stray in strays {
        let difference = Difference {
            field: format!("undeclared[{}]", stray.told),
            declared: "not held".to_owned(),
            stands: "held".to_owned(),
        };
        verdict.drift.push(difference.clone());
        let until = dwells_until(context, &stray.held, draft);
        draft.wake(until);
        let write = match stray.removal {
            Removal::AtOnce(write) => write,
            Removal::Now(write) if until.is_none() => write,
            _ => continue,
        };
        let action = Action {
            object: context.desired.group.object(),
            cause: Cause::Drift(vec![difference]),
            write: *write,
        };
        draft.add(StageKind::Undeclared, action);
    }
}

/// How the group stands while something is to be taken away.
fn state(context: &PlanContext<'_>, strays: &[Stray]) -> State {
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
    let mut kept = strays
        .iter()
        .filter(|stray| matches!(stray.removal, Removal::Protected));
    if let Some(stray) = kept.next() {
        let message = format!(
            "nobody declares {}; {}, or declare or allow it here",
            stray.told,
            protection::told(context)
        );
        return State::stuck(Reason::PrincipalProtected, message);
    }
    let told = strays.iter().map(|stray| stray.told.as_str());
    let told: Vec<&str> = told.take(MOST_TOLD).collect();
    let message = format!("taking away what nobody declares: {}", told.join(", "));
    State::waiting(Reason::Progressing, message)
}
