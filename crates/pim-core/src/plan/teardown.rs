//! Plans the end of a group: nothing while objects still refer to it; then everything out, declared or not, because a
//! restore would bring back what it held; then the group, with its last owner.

use std::collections::BTreeSet;

use super::context::{PlanContext, YOUNGEST};
use super::draft::Draft;
use super::facts::adoption;
use super::facts::cleanup::{self, CleanupTarget};
use super::facts::retention::{self, Retention};
use super::group;
use super::protection;
use super::removal;
use super::stage::StageKind;
use crate::action::{Action, Cause, Write};
use crate::desired::Object;
use crate::ids::GroupId;
use crate::knowledge::Part;
use crate::memory::Attempt;
use crate::observed::{Nature, RoleSchedule, Schedule};
use crate::reason::Reason;
use crate::role::{BoundRole, KeptAs};
use crate::schedule::{Access, Key, Kind};
use crate::verdict::{GroupRecord, Row, State, Verdict};

/// What has to be read of a group before it is deleted. Users and groups that are members or owners stand in the list of
/// active assignments, whatever made them so (learn.microsoft.com: privilegedaccessgroup-list-assignmentscheduleinstances);
/// service principals may not.
pub const LAST_LOOK: [Part; 6] = [
    Part::Eligible,
    Part::Active,
    Part::Roles,
    Part::EligibleRoles,
    Part::PlainRoles,
    Part::Applications,
];

/// Plans a group that is being deleted.
pub fn plan<'a>(
    context: &PlanContext<'_>,
    others: impl Iterator<Item = &'a (Object, Verdict)>,
    draft: &mut Draft,
) -> Verdict<GroupRecord> {
    let mut verdict = group::verdict(context);
    // In one order, however they are listed: a status that only lists anew is no news.
    let referrers: BTreeSet<Object> = context.desired.referrers().collect();
    verdict.state = if referrers.is_empty() {
        match (retention::of_group(context.desired), &context.cleanup) {
            (_, CleanupTarget::Nothing) => State::Gone,
            (Retention::Left, _) => release(context, others),
            (Retention::Refused(state), _) => state,
            (Retention::Taken, CleanupTarget::Ready(group)) => empty(context, *group, draft),
            (Retention::Taken, CleanupTarget::Blocked(state)) => state.clone(),
        }
    } else {
        let referrers: Vec<String> = referrers.iter().map(Object::to_string).collect();
        let message = format!(
            "waiting until these are deleted, which refer to it: {}",
            referrers.join(", ")
        );
        State::waiting(Reason::DeletionBlocked, message)
    };
    verdict
}

/// Lets the group go as it is, once its objects have taken away what they must not leave. The last owner, whom the service
/// keeps, stays in it: their object has nothing more to wait for.
fn release<'a>(
    context: &PlanContext<'_>,
    others: impl Iterator<Item = &'a (Object, Verdict)>,
) -> State {
    let is_last_owner = |object: &Object, row: &Row| {
        let mut assignments = context.desired.assignments.iter();
        let of_owners = assignments.any(|one| {
            one.object() == *object && one.access == Access::Owner && one.kind == Kind::Active
        });
        of_owners && row.principal.is_some() && row.principal == context.retained_last_owner
    };
    let waits = |(object, verdict): &&(Object, Verdict)| {
        let rows = verdict.rows();
        let is_done = !rows.is_empty() && rows.iter().all(|row| is_last_owner(object, row));
        verdict.state != State::Gone && !is_done
    };
    let waiting: BTreeSet<String> = others
        .filter(waits)
        .map(|(object, _)| object.to_string())
        .collect();
    if waiting.is_empty() {
        return State::Gone;
    }
    let waiting: Vec<String> = waiting.into_iter().collect();
    let message = format!(
        "the group stays in the tenant; waiting until these have taken away what they must not leave: {}",
        waiting.join(", ")
    );
    State::waiting(Reason::DeletionInProgress, message)
}

fn empty(context: &PlanContext<'_>, group: GroupId, draft: &mut Draft) -> State {
    let left = revoke(context, group, draft)
        + unbind(context, group, draft)
        + unbind_eligible(context, group, draft)
        + remove_direct(context, group, draft);
    let unread = adoption::unread(context.observed, &LAST_LOOK);
    if let Some(kept) = protection::left_in(context) {
        let message = format!("{kept} is left in the group; {}", protection::told(context));
        return State::stuck(Reason::PrincipalProtected, message);
    }
    // Nothing more is written now, and something is read anyway: all that is missing is read together.
    if draft.actions.is_empty() && !draft.needs.is_empty() {
        for part in &unread {
            draft.need(*part);
        }
    }
    if left == 0 && !unread.is_empty() {
        for part in &unread {
            draft.need(*part);
        }
        let message = "reading whether the group is empty";
        return State::waiting(Reason::DeletionInProgress, message);
    }
    if let Some(why) = adoption::unread_scope(context.desired, context.observed)
        && left == 0
    {
        let message = format!("what roles the group holds cannot be read, so it stays: {why}");
        return State::waiting(Reason::ReadRefused, message);
    }
    // What was granted a moment ago may still appear, and a restore would bring it back.
    let left = left + draft.doubts;
    if left == 0 {
        return delete(context, group, draft);
    }
    let left = match left {
        1 => "1 schedule or role".to_owned(),
        several => format!("{several} schedules and roles"),
    };
    let message = format!(
        "taking away what is left in the group ({left}); active ones can only be ended once they are {} minutes old",
        YOUNGEST.as_mins()
    );
    State::waiting(Reason::DeletionInProgress, message)
}

/// Deletes the group, unless another one bears its key: which of them is meant has to be settled by a person.
fn delete(context: &PlanContext<'_>, group: GroupId, draft: &mut Draft) -> State {
    if let Some(state) = cleanup::duplicated(context.desired, context.observed) {
        return state;
    }
    draft.add(
        StageKind::Delete,
        action(context, Write::DeleteGroup(group)),
    );
    State::waiting(Reason::DeletionInProgress, "the group is being deleted")
}

fn action(context: &PlanContext<'_>, write: Write) -> Action {
    Action {
        object: context.desired.group.object(),
        cause: Cause::Declared,
        write,
    }
}

/// Whether the service refused to take something away from somebody who is gone from the tenant: nothing is left there
/// that could be taken away.
fn left_the_tenant(context: &PlanContext<'_>, write: &Write, draft: &Draft) -> bool {
    let was_refused = draft
        .memory
        .series(write)
        .is_some_and(Attempt::knows_nothing);
    let is_gone = |principal| context.desired.names.is_gone(principal);
    was_refused && write.principal().is_some_and(is_gone)
}

/// Takes everybody out but the last owner, declared or not, and says how many are left.
fn revoke(context: &PlanContext<'_>, group: GroupId, draft: &mut Draft) -> usize {
    let of = |kind| {
        let rows = context.observed.list(kind).rows().iter();
        rows.map(move |schedule: &Schedule| (kind, schedule))
    };
    let mut left = 0_usize;
    for (kind, schedule) in of(Kind::Eligible).chain(of(Kind::Active)) {
        let key = schedule.key(kind);
        if context
            .retained_last_owner
            .is_some_and(|retained_last_owner| key == Key::owner(retained_last_owner))
        {
            continue;
        }
        if context.desired.rules.protects(key.principal) {
            continue;
        }
        let write = removal::of(group, kind, schedule, draft);
        if left_the_tenant(context, &write, draft) {
            continue;
        }
        left += 1;
        // The emergency stop takes care of whoever is denied.
        if context.desired.rules.denies(key.principal) {
            continue;
        }
        let young = context.too_young_until(kind, schedule.created, &schedule.window);
        draft.wake(young);
        if young.is_none() {
            draft.add(StageKind::Revoke, action(context, write));
        }
    }
    left
}

/// Takes every role away, declared or not, and says how many are left.
fn unbind(context: &PlanContext<'_>, group: GroupId, draft: &mut Draft) -> usize {
    let mut left = 0_usize;
    let scheduled: Vec<_> = context
        .observed
        .roles
        .rows()
        .iter()
        .filter(|row| row.nature == Nature::Assigned)
        // What is an assignment goes as one: who may take that away may not ask PIM.
        .filter(|row| !row.may_be_of_assignment(Kind::Active, context.now()))
        .collect();
    for row in &scheduled {
        left += 1;
        let young = context.too_young_until(Kind::Active, row.created, &row.window);
        draft.wake(young);
        if young.is_none() {
            draft.add(
                StageKind::Unbind,
                action(context, unbinding(group, row, Kind::Active)),
            );
        }
    }
    // A row that no schedule shows shows only in two fresh lists, which are read once nothing else is left.
    let is_known = [Part::Roles, Part::PlainRoles]
        .into_iter()
        .all(|part| context.observed.is_fresh(part));
    let rows = context.observed.plain_roles.rows().iter();
    for row in rows.filter(|_| is_known) {
        let role = row.target.clone();
        // A row that a schedule shows goes with the schedule.
        if scheduled.iter().any(|schedule| schedule.target == role) {
            continue;
        }
        left += 1;
        // What a binding has just made is listed here before its schedule is, and goes with that.
        let active = BoundRole {
            target: role.clone(),
            kind: Kind::Active,
        };
        let is_unseen = context
            .desired
            .bindings
            .iter()
            .any(|binding| binding.sent.is_some() && binding.bound().as_ref() == Some(&active));
        if is_unseen {
            continue;
        }
        let write = Write::DeletePlainRole {
            group,
            role,
            assignment: row.id.clone(),
        };
        draft.add(StageKind::Unbind, action(context, write));
    }
    left
}

/// Takes every eligibility for a role away, and says how many are left.
fn unbind_eligible(context: &PlanContext<'_>, group: GroupId, draft: &mut Draft) -> usize {
    let rows = context.observed.eligible_roles.rows();
    for row in rows {
        draft.add(
            StageKind::Unbind,
            action(context, unbinding(group, row, Kind::Eligible)),
        );
    }
    rows.len()
}

fn unbinding(group: GroupId, row: &RoleSchedule, kind: Kind) -> Write {
    let target = row.target.clone();
    Write::UnbindRole {
        group,
        role: BoundRole { target, kind },
        by: KeptAs::Schedule,
    }
}

/// Takes service principals out that no schedule shows, and says how many are left. Who stands in no schedule shows only
/// in two fresh lists, which are read once nothing else is left.
fn remove_direct(context: &PlanContext<'_>, group: GroupId, draft: &mut Draft) -> usize {
    let (Some(applications), Some(active)) = (
        context.observed.applications.fresh(),
        context.observed.active.fresh(),
    ) else {
        return 0;
    };
    let mut left = 0_usize;
    for direct in applications {
        let is_scheduled = active.iter().any(|schedule| {
            schedule.principal == direct.principal && schedule.access == direct.access
        });
        if is_scheduled {
            continue;
        }
        let rules = &context.desired.rules;
        if rules.protects(direct.principal) {
            continue;
        }
        left += 1;
        if rules.denies(direct.principal) {
            continue;
        }
        let write = Write::RemoveDirect {
            group,
            access: direct.access,
            principal: direct.principal,
        };
        draft.add(StageKind::Revoke, action(context, write));
    }
    left
}
