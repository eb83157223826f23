//! Takes the role of a binding away that is deleted, whose window has ended, or which the boundary does not admit any more where
//! it says so. Needs no guard: it only reduces what the group holds. The object goes when the absence of the role is believed, because lists show a role half a minute after it was bound.

use jiff::Timestamp;

use super::held::{fault, heir, holder, is_read, looked, plain, schedule, unreadable};
use crate::action::{Action, Cause, Write, WriteKey};
use crate::desired::{Binding, Lifecycle};
use crate::ids::GroupId;
use crate::knowledge::{APART, Held, later, next_look, next_whole_second};
use crate::observed::{PlainOrigin, ScopeFault};
use crate::plan::context::PlanContext;
use crate::plan::draft::Draft;
use crate::plan::facts::cleanup::CleanupTarget;
use crate::plan::facts::remembered;
use crate::plan::stage::StageKind;
use crate::plan::unseen;
use crate::reason::Reason;
use crate::role::{BoundRole, KeptAs};
use crate::schedule::Kind;
use crate::verdict::State;

/// Plans the end of one binding.
pub fn plan(context: &PlanContext<'_>, binding: &Binding, draft: &mut Draft) -> State {
    let Some(key) = binding.bound() else {
        return State::Gone;
    };
    match &context.cleanup {
        CleanupTarget::Nothing => State::Gone,
        CleanupTarget::Blocked(state) => state.clone(),
        CleanupTarget::Ready(group) => from_group(context, binding, &key, *group, draft),
    }
}

fn from_group(
    context: &PlanContext<'_>,
    binding: &Binding,
    key: &BoundRole,
    group: GroupId,
    draft: &mut Draft,
) -> State {
    let is_handed_over = heir(context, binding, key)
        .is_some_and(|other| other.bound().as_ref() == Some(key) && other.sent.is_none());
    if is_handed_over && binding.sent.is_none() {
        // Another object declares the same. It has seen what is held, and goes on holding it.
        return State::Gone;
    }
    if let Some(row) = schedule(context, binding, key) {
        draft.shown(&Held::Role(key.clone()));
        if heir(context, binding, key).is_some() {
            return handed_over(context, binding, draft);
        }
        if let Some(until) = context.too_young_until(key.kind, row.created, &row.window) {
            return too_young(until, draft);
        }
        let write = unbinding(key, KeptAs::Schedule, group);
        return unbind(context, binding, write, draft);
    }
    if let Some(state) = of_fault(context, key, draft) {
        return state;
    }
    let is_read = is_read(context, key.kind, draft);
    let Some(looked) = looked(context, key).filter(|_| is_read) else {
        return State::waiting(
            Reason::DeletionInProgress,
            "reading whether the role is still held",
        );
    };
    let row = match key.kind {
        Kind::Active => plain(context.observed.plain_roles.rows(), &key.target),
        Kind::Eligible => None,
    };
    match row {
        // It is seen, and another object declares it.
        Some(_) if holder(context, key).is_some() => handed_over(context, binding, draft),
        // Somebody else made it under a name of their own: it stays, once nothing of ours can be there.
        Some(row) if row.origin == PlainOrigin::Another => {
            let removal = WriteKey::Unbind(key.clone());
            match remembered::sent(binding.sent.as_ref(), context.now()) {
                Some(sent) if !unseen::was_gone(&removal, sent.at, draft) => unbind(
                    context,
                    binding,
                    unbinding(key, binding.kept_as(), group),
                    draft,
                ),
                _ => State::Gone,
            }
        }
        Some(row)
            if row.origin == PlainOrigin::Ours || !is_hidden(context, binding, key, draft) =>
        {
            let write = Write::DeletePlainRole {
                group,
                role: key.target.clone(),
                assignment: row.id.clone(),
            };
            unbind(context, binding, write, draft)
        }
        // What was bound a moment ago is listed here before its schedule is, and goes with the schedule.
        Some(_) => take_unseen(context, binding, key, group, draft),
        None => may_appear(context, binding, key, group, looked, draft),
    }
}

/// How the object stands where nothing can be read of the scope.
fn of_fault(context: &PlanContext<'_>, key: &BoundRole, draft: &mut Draft) -> Option<State> {
    match fault(context, key)? {
        // Nothing is listed where there is nothing; that this is so is believed as every other absence.
        ScopeFault::Missing(_) => None,
        unread => {
            // The group must not go, either, before it is known what it holds.
            draft.doubt(later(context.now(), APART));
            Some(unreadable(unread))
        }
    }
}

/// Another object goes on holding the role, but knows nothing of a request that the service is still at.
fn handed_over(context: &PlanContext<'_>, binding: &Binding, draft: &mut Draft) -> State {
    unseen::remaining(binding.sent.as_ref(), draft)
        .and_then(|sent| unseen::underway(sent, "", context.now()))
        .unwrap_or(State::Gone)
}

fn unbinding(key: &BoundRole, by: KeptAs, group: GroupId) -> Write {
    Write::UnbindRole {
        group,
        role: key.clone(),
        by,
    }
}

fn too_young(until: Timestamp, draft: &mut Draft) -> State {
    draft.wake(Some(until));
    let message = format!(
        "the role was bound less than five minutes ago; the service lets it be taken away at {}",
        next_whole_second(until)
    );
    State::waiting(Reason::TooYoung, message)
}

/// Whether the plain row of a role may belong to a schedule that was made a moment ago and is not listed yet.
fn is_hidden(
    context: &PlanContext<'_>,
    binding: &Binding,
    key: &BoundRole,
    draft: &mut Draft,
) -> bool {
    let removal = WriteKey::Unbind(key.clone());
    remembered::sent(binding.sent.as_ref(), context.now())
        .is_some_and(|sent| !unseen::was_gone(&removal, sent.at, draft))
}

/// Takes a role away that was bound and never seen: the service knows of it even where its lists do not.
fn take_unseen(
    context: &PlanContext<'_>,
    binding: &Binding,
    key: &BoundRole,
    group: GroupId,
    draft: &mut Draft,
) -> State {
    let sent = remembered::sent(binding.sent.as_ref(), context.now());
    let young = sent.and_then(|sent| context.old_enough(sent.at));
    match young.filter(|_| key.kind == Kind::Active) {
        Some(until) => too_young(until, draft),
        None => unbind(
            context,
            binding,
            unbinding(key, binding.kept_as(), group),
            draft,
        ),
    }
}

/// How the object stands while a role that no list shows may still appear.
fn may_appear(
    context: &PlanContext<'_>,
    binding: &Binding,
    key: &BoundRole,
    group: GroupId,
    looked: Timestamp,
    draft: &mut Draft,
) -> State {
    let held = Held::Role(key.clone());
    let sent = remembered::sent(binding.sent.as_ref(), context.now());
    if let Some(sent) = sent {
        draft.wake(Some(next_look(sent.at, context.now())));
        if let Some(state) = unseen::underway(sent, "", context.now()) {
            draft.still_comes(&held, &WriteKey::Unbind(key.clone()));
            draft.doubt(later(context.now(), APART));
            return state;
        }
    }
    let doubtful = draft.absence(&held, looked, sent.map(|sent| sent.at));
    let removal = WriteKey::Unbind(key.clone());
    let unanswered = sent.and_then(|sent| unseen::may_appear_until(sent, &held, &removal, draft));
    let Some(until) = doubtful.max(unanswered) else {
        return State::Gone;
    };
    draft.doubt(until);
    if unanswered.is_some() && holder(context, key).is_none() {
        return take_unseen(context, binding, key, group, draft);
    }
    let message = format!(
        "nothing can be read of the role; it counts as gone if that stays so until {}",
        next_whole_second(until)
    );
    State::waiting(Reason::WaitingForReplication, message)
}

/// While the group is wanted, a role goes in the same stage as people: both take power away. When the group goes too,
/// its people go first.
fn unbind(context: &PlanContext<'_>, binding: &Binding, write: Write, draft: &mut Draft) -> State {
    let object = binding.object();
    let is_violation = context.violations.of_binding(&object).is_some();
    let (stage, cause) = match context.desired.group.lifecycle {
        _ if is_violation => (StageKind::Violation, Cause::Violation),
        Lifecycle::Living => (StageKind::Revoke, Cause::Declared),
        Lifecycle::Deleting => (StageKind::Unbind, Cause::Declared),
    };
    draft.add(
        stage,
        Action {
            object,
            cause,
            write,
        },
    );
    State::waiting(Reason::DeletionInProgress, "the role is being taken away")
}
