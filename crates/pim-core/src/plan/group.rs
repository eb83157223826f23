//! Plans the group itself: makes it, brings it back, keeps its name, and keeps both policies as declared.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::context::{Context, Footing, denied};
use super::{Draft, Need, StageKind, policy};
use crate::action::{Action, Cause, Difference, NewGroup, Write};
use crate::desired::Settlement;
use crate::ids::{GroupId, ObjectName};
use crate::observed::{self, PlainRoles, Presence};
use crate::reason::Reason;
use crate::schedule::{Access, Kind};
use crate::verdict::{AssignmentVerdict, Authorization, GroupVerdict, PolicyState, State, SubjectState};

/// How long an absence must last before it is believed, where something may exist that a replica does not show yet.
const STABLE: SignedDuration = SignedDuration::from_mins(1);

/// Plans a group that is wanted.
pub fn plan(context: &Context<'_>, draft: &mut Draft) -> GroupVerdict {
    let mut verdict = verdict(context);
    if let Authorization::Denied(denial) = &context.authorization {
        verdict.state = denied(denial, context.desired.group.standing);
        return verdict;
    }
    if let (Footing::None(state @ State::Stuck { .. }), Presence::Living(_) | Presence::Twins(_) | Presence::Stranger(_)) =
        (&context.footing, &context.observed.group)
    {
        verdict.state = state.clone();
        return verdict;
    }
    if let Some(state) = unclear(context) {
        verdict.state = state;
        return verdict;
    }
    match &context.observed.group {
        Presence::Absent { since } => verdict.state = create(context, *since, draft),
        Presence::Deleted(group) => verdict.state = restore(context, group, draft),
        Presence::Living(group) => keep(context, group, &mut verdict, draft),
        Presence::Twins(_) | Presence::Stranger(_) => {}
    }
    verdict
}

/// A verdict that says only what is known without planning.
pub fn verdict(context: &Context<'_>) -> GroupVerdict {
    GroupVerdict {
        state: State::Ready,
        authorization: context.authorization.clone(),
        id: match &context.observed.group {
            Presence::Living(group) | Presence::Deleted(group) => Some(group.id),
            _ => None,
        },
        member_policy: PolicyState::Unknown,
        owner_policy: PolicyState::Unknown,
        drift: Vec::new(),
        eligible: 0,
        active: 0,
    }
}

fn unclear(context: &Context<'_>) -> Option<State> {
    Access::ALL.into_iter().find_map(|access| match context.targets.get(access) {
        policy::Target::Unclear(state) => Some(state.clone()),
        policy::Target::Rules(_) => None,
    })
}

/// When an absence can be believed, if it cannot be yet: a group that was seen may be hidden by a slow replica, and a
/// creation whose answer was lost may have made one.
pub fn doubtful_until(context: &Context<'_>, since: Timestamp) -> Option<Timestamp> {
    let group = &context.desired.group;
    if group.last_seen.is_none() && group.creation_begun.is_none() {
        return None;
    }
    let from = group.creation_begun.map_or(since, |begun| begun.max(since));
    from.checked_add(STABLE).ok().filter(|until| *until > context.now())
}

fn create(context: &Context<'_>, since: Timestamp, draft: &mut Draft) -> State {
    let group = &context.desired.group;
    if let Some(until) = doubtful_until(context, since) {
        draft.wake(Some(until));
        let message = format!("no group with the key {} can be read; it is made again if that stays so until {until}", group.key);
        return State::waiting(Reason::WaitingForReplication, message);
    }
    let cause = match group.last_seen {
        Some(id) => Cause::Drift(vec![Difference {
            field: "status.externalId".to_owned(),
            declared: id.to_string(),
            stands: "nothing".to_owned(),
        }]),
        None => Cause::Declared,
    };
    let new = NewGroup {
        key: group.key.clone(),
        display_name: group.display_name.clone(),
        description: group.description.clone(),
        assignability: group.assignability,
    };
    draft.add(StageKind::Group, Action { object: group.object(), cause, write: Write::CreateGroup(new) });
    State::waiting(Reason::Progressing, "the group is being created")
}

/// A group under our key that the status does not know is taken up only when the boundary covers every role it holds.
fn taken_up(context: &Context<'_>, id: GroupId, draft: &mut Draft) -> Option<State> {
    if context.desired.group.last_seen == Some(id) {
        return None;
    }
    let PlainRoles::Fresh(plain) = &context.observed.plain_roles else {
        draft.needs.plain_roles = Need::Now;
        return Some(State::waiting(Reason::Progressing, "looks at what the group holds"));
    };
    let boundary = context.desired.boundary.as_ref()?;
    let scheduled = context.observed.roles.iter().map(|row| (row.role, &row.scope));
    let plain = plain.iter().map(|row| (row.role, &row.scope));
    let denial = scheduled
        .chain(plain)
        .find_map(|(role, scope)| boundary.judge_role(role, scope.as_str(), &role.to_string()).err())?;
    let message = format!("group {id} already bears the key of this object and holds more than is admitted: {}", denial.message);
    Some(State::stuck(Reason::AdoptionRequired, message))
}

fn restore(context: &Context<'_>, group: &observed::Group, draft: &mut Draft) -> State {
    if let Some(state) = taken_up(context, group.id, draft) {
        return state;
    }
    let cause = match context.desired.group.settlement {
        Settlement::Settled => Cause::Drift(vec![Difference {
            field: "status.externalId".to_owned(),
            declared: group.id.to_string(),
            stands: "deleted".to_owned(),
        }]),
        Settlement::Unsettled => Cause::Declared,
    };
    let action = Action { object: context.desired.group.object(), cause, write: Write::RestoreGroup(group.id) };
    draft.add(StageKind::Group, action);
    State::waiting(Reason::Progressing, "the group is being restored from the deleted items")
}

fn keep(context: &Context<'_>, group: &observed::Group, verdict: &mut GroupVerdict, draft: &mut Draft) {
    if let Some(state) = taken_up(context, group.id, draft) {
        verdict.state = state;
        return;
    }
    rename(context, group, verdict, draft);
    verdict.member_policy = policy::plan(context, group.id, Access::Member, draft);
    verdict.owner_policy = policy::plan(context, group.id, Access::Owner, draft);
    for (access, state) in [(Access::Member, verdict.member_policy.clone()), (Access::Owner, verdict.owner_policy.clone())] {
        let state = match state {
            PolicyState::Applied => continue,
            PolicyState::Unknown => State::waiting(Reason::WaitingForReplication, format!("the {access} policy cannot be read yet")),
            PolicyState::Different(differences) => {
                let differences = policy::in_policy(access, &differences);
                let fields: Vec<&str> = differences.iter().map(|difference| difference.field.as_str()).collect();
                let message = format!("the {access} policy is being brought in line: {}", fields.join(", "));
                if context.desired.group.settlement == Settlement::Settled {
                    verdict.drift.extend(differences.clone());
                }
                State::waiting(Reason::Progressing, message)
            }
            PolicyState::Unmanaged(rules) => State::stuck(
                Reason::UnmanagedRule,
                format!("the {access} policy of group {} holds rules that are not known and not switched off: {}; switch them off in the portal", group.id, rules.join(", ")),
            ),
        };
        verdict.state = std::mem::replace(&mut verdict.state, State::Ready).graver(state);
    }
}

fn rename(context: &Context<'_>, group: &observed::Group, verdict: &mut GroupVerdict, draft: &mut Draft) {
    let wanted = &context.desired.group;
    let mut differences = Vec::new();
    if group.display_name != wanted.display_name {
        differences.push(Difference {
            field: "spec.displayName".to_owned(),
            declared: wanted.display_name.clone(),
            stands: group.display_name.clone(),
        });
    }
    if group.description != wanted.description {
        let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
        differences.push(Difference {
            field: "spec.description".to_owned(),
            declared: shown(&wanted.description),
            stands: shown(&group.description),
        });
    }
    if differences.is_empty() {
        return;
    }
    let cause = match wanted.settlement {
        Settlement::Settled => {
            verdict.drift.extend(differences.clone());
            Cause::Drift(differences)
        }
        Settlement::Unsettled => Cause::Declared,
    };
    let write = Write::UpdateGroup {
        group: group.id,
        display_name: wanted.display_name.clone(),
        description: wanted.description.clone(),
    };
    draft.add(StageKind::Group, Action { object: wanted.object(), cause, write });
    verdict.state = State::waiting(Reason::Progressing, "the group is being renamed");
}

/// Adds how many people stand as declared.
pub fn count(mut verdict: GroupVerdict, assignments: &BTreeMap<(Kind, ObjectName), AssignmentVerdict>) -> GroupVerdict {
    let rows = || assignments.values().flat_map(|assignment| assignment.rows.iter());
    verdict.eligible = rows().filter(|row| row.state == SubjectState::Eligible).count();
    verdict.active = rows().filter(|row| row.state == SubjectState::Active).count();
    verdict
}
