//! Plans the group itself: makes it, brings it back, keeps its name, and keeps both policies as declared.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::context::Context;
use super::ground::{Ground, doubtful_until};
use super::{Draft, StageKind, policy};
use crate::action::{Action, Cause, Difference, NewGroup, Write};
use crate::desired::{Lifecycle, Settlement};
use crate::ids::{GroupId, ObjectName};
use crate::observed::{self, Presence};
use crate::reason::Reason;
use crate::schedule::{Access, Kind};
use crate::verdict::{AssignmentVerdict, GroupVerdict, PolicyState, State, SubjectState};

/// Plans a group that is wanted.
pub fn plan(context: &Context<'_>, draft: &mut Draft) -> GroupVerdict {
    let mut verdict = verdict(context);
    if let Some(state) = &context.obstacle {
        verdict.state = state.clone();
        return verdict;
    }
    match &context.observed.group {
        Presence::Absent { since } => create(context, *since, &mut verdict, draft),
        Presence::Deleted(group) => restore(context, group, &mut verdict, draft),
        Presence::Living(group) => keep(context, group, &mut verdict, draft),
        // An obstacle says so.
        Presence::Twins(_) | Presence::Stranger(_) => {}
    }
    verdict
}

/// A verdict that says only what is known without planning.
pub fn verdict(context: &Context<'_>) -> GroupVerdict {
    GroupVerdict {
        state: State::Ready,
        authorization: context.authorization.clone(),
        id: known_id(context),
        member_policy: policy::last_state(context, Access::Member),
        owner_policy: policy::last_state(context, Access::Owner),
        drift: Vec::new(),
        eligible: 0,
        active: 0,
    }
}

/// Where the group stands, once it is ours. A group under our key that was not taken up is not remembered, or it would
/// count as taken up from then on.
fn known_id(context: &Context<'_>) -> Option<GroupId> {
    let (Presence::Living(group) | Presence::Deleted(group)) = &context.observed.group else {
        return None;
    };
    let is_known = context.desired.group.last_seen == Some(group.id);
    let is_ours = match context.desired.group.lifecycle {
        Lifecycle::Living => context.obstacle.is_none(),
        Lifecycle::Deleting => matches!(context.ground, Ground::Open(_)),
    };
    (is_known || is_ours).then_some(group.id)
}

/// What a group that is not where it was differs in, if somebody else did that.
fn loss(declared: String, stands: &str) -> Vec<Difference> {
    vec![Difference {
        field: "status.externalId".to_owned(),
        declared,
        stands: stands.to_owned(),
    }]
}

fn create(context: &Context<'_>, since: Timestamp, verdict: &mut GroupVerdict, draft: &mut Draft) {
    let group = &context.desired.group;
    if let Some(until) = doubtful_until(context.desired, since, context.now()) {
        let message = format!(
            "no group with the key {} can be read; it is made again if that stays so until {until}",
            group.key
        );
        verdict.state = State::waiting(Reason::WaitingForReplication, message);
        draft.wake_soon();
        return;
    }
    let cause = match group.last_seen {
        Some(id) => Cause::Drift(loss(id.to_string(), "nothing")),
        None => Cause::Declared,
    };
    let new = NewGroup {
        key: group.key.clone(),
        display_name: group.display_name.clone(),
        description: group.description.clone(),
        assignability: group.assignability,
    };
    add(
        context,
        StageKind::Group,
        cause,
        Write::CreateGroup(new),
        verdict,
        draft,
    );
    verdict.state = State::waiting(Reason::Progressing, "the group is being created");
}

/// Adds a write of the group itself, and says what it corrects.
fn add(
    context: &Context<'_>,
    stage: StageKind,
    cause: Cause,
    write: Write,
    verdict: &mut GroupVerdict,
    draft: &mut Draft,
) {
    if let Cause::Drift(differences) = &cause {
        verdict.drift.extend(differences.iter().cloned());
    }
    draft.add(
        stage,
        Action {
            object: context.desired.group.object(),
            cause,
            write,
        },
    );
}

/// A difference is somebody else's doing if the tenant matched this very manifest before.
fn cause(context: &Context<'_>, differences: Vec<Difference>) -> Cause {
    match context.desired.group.settlement {
        Settlement::Settled => Cause::Drift(differences),
        Settlement::Unsettled => Cause::Declared,
    }
}

fn restore(
    context: &Context<'_>,
    group: &observed::Group,
    verdict: &mut GroupVerdict,
    draft: &mut Draft,
) {
    let cause = cause(context, loss(group.id.to_string(), "deleted"));
    add(
        context,
        StageKind::Group,
        cause,
        Write::RestoreGroup(group.id),
        verdict,
        draft,
    );
    verdict.state = State::waiting(
        Reason::Progressing,
        "the group is being restored from the deleted items",
    );
}

fn keep(
    context: &Context<'_>,
    group: &observed::Group,
    verdict: &mut GroupVerdict,
    draft: &mut Draft,
) {
    rename(context, group, verdict, draft);
    for access in Access::ALL {
        let state = match policy::plan(context, group.id, access, draft) {
            PolicyState::Applied => continue,
            PolicyState::Unknown => State::waiting(
                Reason::WaitingForReplication,
                format!("the {access} policy cannot be read yet"),
            ),
            PolicyState::Different(differences) => {
                let differences = policy::in_policy(access, &differences);
                let fields: Vec<&str> = differences
                    .iter()
                    .map(|difference| difference.field.as_str())
                    .collect();
                let message = format!(
                    "the {access} policy is being brought in line: {}",
                    fields.join(", ")
                );
                if context.desired.group.settlement == Settlement::Settled {
                    verdict.drift.extend(differences);
                }
                State::waiting(Reason::Progressing, message)
            }
            PolicyState::Unmanaged(rules) => policy::unmanaged(access, &rules),
        };
        verdict.state = std::mem::replace(&mut verdict.state, State::Ready).graver(state);
    }
}

fn rename(
    context: &Context<'_>,
    group: &observed::Group,
    verdict: &mut GroupVerdict,
    draft: &mut Draft,
) {
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
    let cause = cause(context, differences);
    let write = Write::UpdateGroup {
        group: group.id,
        display_name: wanted.display_name.clone(),
        description: wanted.description.clone(),
    };
    add(context, StageKind::Rename, cause, write, verdict, draft);
    verdict.state = State::waiting(Reason::Progressing, "the group is being renamed");
}

/// Adds how many people stand as declared.
pub fn count(
    mut verdict: GroupVerdict,
    assignments: &BTreeMap<(Kind, ObjectName), AssignmentVerdict>,
) -> GroupVerdict {
    let rows = || {
        assignments
            .values()
            .flat_map(|assignment| assignment.rows.iter())
    };
    verdict.eligible = rows()
        .filter(|row| row.state == SubjectState::Eligible)
        .count();
    verdict.active = rows()
        .filter(|row| row.state == SubjectState::Active)
        .count();
    verdict
}
