//! Plans the group itself: makes it, brings it back, keeps its name, and keeps both policies as declared.

use jiff::Timestamp;

use super::context::PlanContext;
use super::draft::Draft;
use super::facts::cleanup::{CleanupTarget, doubtful_until};
use super::facts::{adopted, adoption};
use super::group_write::{add, cause};
use super::stage::StageKind;
use super::{administrative_unit, mail, policy, preflight, undeclared};
use crate::action::{Cause, Difference, NewGroup, Write, WriteKey};
use crate::desired::{
    Assignability, Assignment, GroupOperation, LastReport, Lifecycle, Object, PendingGroup,
};
use crate::ids::GroupId;
use crate::knowledge::{APART, later, next_look, whole_second};
use crate::memory::Answer;
use crate::observed::{self, Presence};
use crate::reason::Reason;
use crate::schedule::{Access, ByAccess, End, Kind, ScheduleExpiration};
use crate::verdict::{Authorization, GroupRecord, PolicyState, State, SubjectState, Verdict};

/// Plans a group that is wanted.
pub fn plan(context: &PlanContext<'_>, draft: &mut Draft) -> Verdict<GroupRecord> {
    let mut verdict = verdict(context);
    if let Some(state) = &context.blocker {
        verdict.state = state.clone();
        need_roles(context, draft);
        return verdict;
    }
    match &context.observed.group {
        Presence::Absent { since } => create(context, *since, &mut verdict, draft),
        Presence::Deleted { group, .. } => restore(context, group, &mut verdict, draft),
        Presence::Living(group) => keep(context, group, &mut verdict, draft),
        // An blocker says so.
        Presence::Duplicates(_) | Presence::KeyMismatch(_) => {}
    }
    verdict
}

/// What a group holds that was adopted before is read once in a pass; nobody waits for that to take something away.
fn need_roles(context: &PlanContext<'_>, draft: &mut Draft) {
    let is_adopted = context.desired.group.adopt.is_some();
    let is_admitted = context.authorization == Authorization::Admitted;
    if is_adopted && is_admitted && matches!(context.observed.group, Presence::Living(_)) {
        adopted::never_read(context.observed).for_each(|part| draft.need(part));
    }
}

/// A verdict that says only what is known without planning.
pub fn verdict(context: &PlanContext<'_>) -> Verdict<GroupRecord> {
    Verdict {
        state: State::Ready,
        authorization: context.authorization.clone(),
        drift: Vec::new(),
        record: GroupRecord {
            id: known_id(context),
            pending: pending(context),
            policies: ByAccess {
                member: policy::last_state(context, Access::Member),
                owner: policy::last_state(context, Access::Owner),
            },
            policies_read: context.observed.policies.last_at(),
            eligible: 0,
            active: 0,
            contested: contested(context),
            undeclared: undeclared::unread(context),
            settings: policy::settings(context),
            turn: context.desired.group.turn(),
            unheard_mail: mail::unheard(context),
            unenforced_contexts: preflight::unenforced(context),
        },
    }
}

/// Says what somebody else keeps changing. An operator of another cluster that has the same installation name works under the
/// same keys, and corrects what this one corrects.
fn contested(context: &PlanContext<'_>) -> Option<String> {
    let fields: Vec<String> = context
        .memory
        .contested()
        .map(|(object, field, reversal)| {
            format!(
                "{field} of {object} ({} times since {}, last to {})",
                reversal.times,
                whole_second(reversal.since),
                reversal.to
            )
        })
        .collect();
    (!fields.is_empty()).then(|| {
        format!(
            "somebody else keeps changing {}; each pass corrects it once. If an operator of another cluster serves this tenant under the \
             same spec.installation, give one of the two another; otherwise the tenant's audit log says who it is{}",
            fields.join(", "),
            maker(context)
        )
    })
}

/// Which other application has made the group, if one has.
fn maker(context: &PlanContext<'_>) -> String {
    let Presence::Living(group) = &context.observed.group else {
        return String::new();
    };
    let client = context.desired.group.client;
    group
        .created_by
        .filter(|maker| client.is_some_and(|client| client.0 != maker.0))
        .map_or_else(String::new, |maker| {
            format!(". The group was made by application {maker}, which is not this operator's")
        })
}

/// Where the group stands, once it is ours. A group under our key that was not judged while it lived is not remembered,
/// or it would count as taken up from then on.
fn known_id(context: &PlanContext<'_>) -> Option<GroupId> {
    let known = context.desired.group.last_seen;
    let Presence::Living(group) = &context.observed.group else {
        return known;
    };
    let is_ours = match context.desired.group.lifecycle {
        Lifecycle::Living => context.blocker.is_none(),
        Lifecycle::Deleting => matches!(context.cleanup, CleanupTarget::Ready(_)),
    };
    if is_ours { Some(group.id) } else { known }
}

/// What is kept of a creation or restore: it is settled once the group is seen, and for a restored one judged.
fn pending(context: &PlanContext<'_>) -> Option<PendingGroup> {
    let pending = context.desired.group.pending?;
    let is_settled = matches!(context.observed.group, Presence::Living(_))
        && context.desired.group.lifecycle == Lifecycle::Living
        && context.blocker.is_none();
    let is_created = pending.operation == GroupOperation::CreateGroup
        && matches!(context.observed.group, Presence::Living(_))
        && known_id(context).is_some();
    (!is_settled && !is_created).then_some(pending)
}

/// What a group that is not where it was differs in, if somebody else did that.
fn loss(declared: String, stands: &str) -> Vec<Difference> {
    vec![Difference {
        field: "status.externalId".to_owned(),
        declared,
        stands: stands.to_owned(),
    }]
}

fn create(
    context: &PlanContext<'_>,
    since: Timestamp,
    verdict: &mut Verdict<GroupRecord>,
    draft: &mut Draft,
) {
    let group = &context.desired.group;
    if let Some(state) = preflight::unlicensed(context) {
        verdict.state = state;
        return;
    }
    if let Some(state) = not_yet(context, since, draft) {
        verdict.state = state;
        draft.wake(Some(next_look(since, context.now())));
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

/// Why the group is not made yet, if so. Whoever refused the creation has said why, and nobody has to wait to hear it;
/// nothing was made then, so that it is tried again a minute later.
fn not_yet(context: &PlanContext<'_>, since: Timestamp, draft: &Draft) -> Option<State> {
    let (desired, now) = (context.desired, context.now());
    let until = doubtful_until(desired, since, now)?;
    let attempt = draft.memory.attempts.get(&WriteKey::Create);
    let Some(Answer::Refused(state)) = attempt.map(|attempt| &attempt.answer) else {
        let message = not_readable(context, until);
        return Some(State::waiting(Reason::WaitingForReplication, message));
    };
    let tried = adoption::creation(desired, now).map_or(since, |creation| creation.since);
    (desired.group.last_seen.is_some() || now < later(tried, APART)).then(|| state.clone())
}

fn not_readable(context: &PlanContext<'_>, until: Timestamp) -> String {
    let group = &context.desired.group;
    let made = adoption::creation(context.desired, context.now()).and_then(|made| made.group);
    match made {
        Some(id) => format!(
            "group {id} was created and cannot be read yet; another one is made only if that stays so until {until}"
        ),
        None => format!(
            "no group with the key {} can be read; it is made again if that stays so until {until}",
            group.key
        ),
    }
}

fn restore(
    context: &PlanContext<'_>,
    group: &observed::Group,
    verdict: &mut Verdict<GroupRecord>,
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
    context: &PlanContext<'_>,
    group: &observed::Group,
    verdict: &mut Verdict<GroupRecord>,
    draft: &mut Draft,
) {
    rename(context, group, verdict, draft);
    administrative_unit::plan(context, group.id, verdict, draft);
    undeclared::plan(context, group.id, verdict, draft);
    for access in Access::ALL {
        let state = match policy::plan(context, group.id, access, draft) {
            PolicyState::Applied => continue,
            PolicyState::Unknown => policy::unlisted(context, access, draft),
            PolicyState::Different(differences) => {
                let differences = policy::in_policy(access, &differences);
                let fields: Vec<&str> = differences
                    .iter()
                    .map(|difference| difference.field.as_str())
                    .collect();
                let state = policy::different(context, access, &fields);
                if context.desired.group.last_report == LastReport::Matched {
                    verdict.drift.extend(differences);
                }
                state
            }
            PolicyState::Unmanaged(rules) => policy::unmanaged(context, access, &rules),
            PolicyState::Incomplete(rules) => policy::lacking(access, &rules),
        };
        verdict.state.raise(state);
    }
}

fn rename(
    context: &PlanContext<'_>,
    group: &observed::Group,
    verdict: &mut Verdict<GroupRecord>,
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
    let fields: Vec<&str> = differences.iter().map(|one| one.field.as_str()).collect();
    let message = format!("the group is being updated: {}", fields.join(", "));
    let cause = cause(context, differences);
    let write = Write::UpdateGroup {
        group: group.id,
        display_name: wanted.display_name.clone(),
        description: wanted.description.clone(),
    };
    add(context, StageKind::Rename, cause, write, verdict, draft);
    verdict.state = State::waiting(Reason::Progressing, message);
}

/// Adds how many people have what is declared for them, and whether somebody owns the group.
pub fn count(
    context: &PlanContext<'_>,
    mut verdict: Verdict<GroupRecord>,
    assignments: &[(Object, Verdict)],
) -> Verdict<GroupRecord> {
    let rows = || {
        assignments
            .iter()
            .flat_map(|(_, assignment)| assignment.rows())
    };
    verdict.record.eligible = rows()
        .filter(|row| row.state == SubjectState::Eligible)
        .count();
    verdict.record.active = rows()
        .filter(|row| row.state == SubjectState::Active)
        .count();
    if verdict.state == State::Ready
        && context.desired.group.lifecycle == Lifecycle::Living
        && let Some(state) = ownerless(context, assignments)
    {
        verdict.state = state;
    }
    verdict
}

/// A role-assignable group without an owner can be managed by nobody but the holders of tenant-wide roles, and its
/// notifications reach nobody (learn.microsoft.com: groups-concept). Only a declared owner counts as needed: whoever
/// declares none has decided so.
fn ownerless(context: &PlanContext<'_>, assignments: &[(Object, Verdict)]) -> Option<State> {
    let is_declared = |one: &&Assignment| {
        one.access == Access::Owner
            && one.kind == Kind::Active
            && one.lifecycle == Lifecycle::Living
            && one.schedule.expiration == ScheduleExpiration::Never
    };
    let declared = context.desired.assignments.iter().filter(is_declared);
    // One of several, and always the same one, however they are listed.
    let declared = declared.min_by_key(|one| one.object())?;
    let is_gone = |principal| context.desired.names.is_gone(principal);
    let mut owners = context.observed.owners();
    let has_owner = owners.any(|owner| owner.window.end == End::Never && !is_gone(owner.principal));
    let is_certain = context.observed.active.last().is_some()
        && context.desired.group.assignability == Assignability::RoleAssignable;
    if !is_certain || has_owner {
        return None;
    }
    let object = declared.object();
    let verdict = assignments.iter().find(|(one, _)| *one == object);
    Some(match verdict.map(|(_, verdict)| &verdict.state) {
        Some(State::Stuck { .. } | State::Ready | State::Expired) => State::stuck(
            Reason::OwnerMissing,
            format!(
                "the group has no permanent owner, although {object} declares one; see its status"
            ),
        ),
        _ => State::waiting(
            Reason::WaitingForDependency,
            format!("waiting for the permanent owner that {object} declares"),
        ),
    })
}
