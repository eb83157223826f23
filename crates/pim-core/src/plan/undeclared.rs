//! Roles that the group holds and that no object declares: somebody gave them to it beside the manifests. They are told, and
//! taken away where the group says so. Decides nothing about what is declared.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::context::PlanContext;
use super::draft::Draft;
use super::stage::StageKind;
use crate::action::{Action, Cause, Difference, Write};
use crate::desired::{Binding, Readability, Undeclared};
use crate::ids::GroupId;
use crate::knowledge::{Held, Part, later};
use crate::observed::{Nature, ScopeFault};
use crate::reason::Reason;
use crate::role::{BoundRole, KeptAs};
use crate::schedule::Kind;
use crate::verdict::{GroupRecord, State, UndeclaredRoles, Verdict};

/// How long lists may go on showing what was taken away.
const LINGERS: SignedDuration = SignedDuration::from_mins(5);

/// The lists in which a role shows that the group holds.
const SHOWN_IN: [Part; 3] = [Part::Roles, Part::EligibleRoles, Part::PlainRoles];

/// How an undeclared role is taken away; nothing while that cannot be said, or cannot be done yet.
type Removal = Option<Write>;

/// What is known before anything is looked at.
pub fn unread(context: &PlanContext<'_>) -> UndeclaredRoles {
    match context.desired.group.undeclared_roles {
        Undeclared::Ignore => UndeclaredRoles::Ignored,
        Undeclared::Report | Undeclared::Remove => UndeclaredRoles::Unread,
    }
}

/// Looks for such roles in a group that is admitted, and plans their removal if that is asked for.
pub fn plan(
    context: &PlanContext<'_>,
    group: GroupId,
    verdict: &mut Verdict<GroupRecord>,
    draft: &mut Draft,
) {
    let wish = context.desired.group.undeclared_roles;
    if wish == Undeclared::Ignore || may_declare_anything(context) {
        return;
    }
    look_for_assignments(context, draft);
    let found = found(context, group, draft);
    if found.is_empty() && !is_all_read(context) {
        return;
    }
    let told: Vec<String> = found.keys().map(|key| context.desired.held(key)).collect();
    if wish == Undeclared::Remove && !found.is_empty() {
        let message = format!(
            "taking away what the group holds and nobody declares: {}",
            told.join(", ")
        );
        let state = State::waiting(Reason::Progressing, message);
        verdict.state = std::mem::replace(&mut verdict.state, State::Ready).graver(state);
        for (told, removal) in told.iter().zip(found.into_values()) {
            remove(context, told, removal, verdict, draft);
        }
    }
    verdict.record.undeclared = UndeclaredRoles::Found(told);
}

/// Assignments that no schedule shows are looked for in the looks that read no policies: none should read everything at once.
fn look_for_assignments(context: &PlanContext<'_>, draft: &mut Draft) {
    let is_look = context.observed.is_fresh(Part::Roles);
    if is_look && !context.observed.is_fresh(Part::Policies) {
        need(context, Part::PlainRoles, draft);
    }
}

/// Asks for a list that was not read in this pass.
fn need(context: &PlanContext<'_>, part: Part, draft: &mut Draft) {
    if !context.observed.is_fresh(part) {
        draft.need(part);
    }
}

/// Whether a binding that cannot be read may declare any of them.
fn may_declare_anything(context: &PlanContext<'_>) -> bool {
    let mut bindings = context.desired.bindings.iter();
    bindings.any(|one| one.readability != Readability::Readable && one.bound.is_none())
}

/// Whether every list was read in this pass, and of every scope in use.
fn is_all_read(context: &PlanContext<'_>) -> bool {
    let faults = &context.observed.scope_faults;
    let hides = |(part, ..): &(Part, _, _), fault: &ScopeFault| {
        SHOWN_IN.contains(part) && !matches!(fault, ScopeFault::Missing(_))
    };
    SHOWN_IN.iter().all(|part| context.observed.is_fresh(*part))
        && !faults.iter().any(|(place, fault)| hides(place, fault))
}

/// The undeclared roles that lists show, and how each is taken away.
fn found(
    context: &PlanContext<'_>,
    group: GroupId,
    draft: &mut Draft,
) -> BTreeMap<BoundRole, Removal> {
    let mut found = scheduled(context, group, draft);
    let by_schedule: BTreeSet<BoundRole> = found.keys().cloned().collect();
    let is_certain =
        context.observed.is_fresh(Part::Roles) && context.observed.is_fresh(Part::PlainRoles);
    for row in context.observed.plain_roles.rows() {
        let key = BoundRole {
            target: row.target.clone(),
            kind: Kind::Active,
        };
        // A row that a schedule shows goes with the schedule.
        let is_of_schedule = by_schedule.contains(&key) && !is_of_assignment(context, &key);
        if is_of_schedule || is_declared(context, &key) {
            continue;
        }
        // It may have gone since.
        need(context, Part::PlainRoles, draft);
        if lingers(context, &key, draft) {
            continue;
        }
        let removal = Write::DeletePlainRole {
            group,
            role: key.target.clone(),
            assignment: row.id.clone(),
        };
        found.insert(key, is_certain.then_some(removal));
    }
    found
}

/// Those that the group holds by a schedule. What may be of an assignment goes as one, if it is one.
fn scheduled(
    context: &PlanContext<'_>,
    group: GroupId,
    draft: &mut Draft,
) -> BTreeMap<BoundRole, Removal> {
    let mut found = BTreeMap::new();
    for kind in [Kind::Active, Kind::Eligible] {
        for row in context.observed.role_list(kind).rows() {
            let key = BoundRole {
                target: row.target.clone(),
                kind,
            };
            let stands = row.nature == Nature::Assigned && !row.window.end.is_over(context.now());
            if !stands || is_declared(context, &key) {
                continue;
            }
            // It may have gone since.
            let part = Part::of_role(kind);
            need(context, part, draft);
            if lingers(context, &key, draft) {
                continue;
            }
            let young = match kind {
                Kind::Active => context.too_young_until(row.created, &row.window),
                Kind::Eligible => None,
            };
            draft.wake(young);
            let waits = young.is_some()
                || !context.observed.is_fresh(part)
                || row.may_be_of_assignment(kind, context.now());
            let removal = Write::UnbindRole {
                group,
                role: key.clone(),
                by: KeptAs::Schedule,
            };
            found.insert(key, (!waits).then_some(removal));
        }
    }
    found
}

/// Whether what lists show as a schedule may be an assignment and nothing else.
fn is_of_assignment(context: &PlanContext<'_>, key: &BoundRole) -> bool {
    let mut rows = context.observed.role_list(key.kind).rows().iter();
    rows.any(|row| row.target == key.target && row.may_be_of_assignment(key.kind, context.now()))
}

/// Whether an object declares a role, or may declare it.
fn is_declared(context: &PlanContext<'_>, key: &BoundRole) -> bool {
    let mut bindings = context.desired.bindings.iter();
    bindings.any(|one| may_declare(one, key))
}

/// Whether lists may just go on showing what was taken away.
fn lingers(context: &PlanContext<'_>, key: &BoundRole, draft: &Draft) -> bool {
    let removed = draft.memory.removed.get(&Held::Role(key.clone()));
    removed.is_some_and(|at| later(*at, LINGERS) > context.now())
}

fn may_declare(binding: &Binding, key: &BoundRole) -> bool {
    if binding.bound().as_ref() == Some(key) {
        return true;
    }
    let of_place = binding.kind == key.kind
        && (binding.system, &binding.scope) == (key.target.system, &key.target.scope);
    match binding.role.found() {
        Some(target) => binding.kind == key.kind && *target == key.target,
        // Which role it names is not known.
        None => of_place && binding.bound.is_none(),
    }
}

fn remove(
    context: &PlanContext<'_>,
    told: &str,
    removal: Removal,
    verdict: &mut Verdict<GroupRecord>,
    draft: &mut Draft,
) {
    let difference = Difference {
        field: format!("role {told}"),
        declared: "not held".to_owned(),
        stands: "held".to_owned(),
    };
    verdict.drift.push(difference.clone());
    if let Some(write) = removal {
        let action = Action {
            object: context.desired.group.object(),
            cause: Cause::Drift(vec![difference]),
            write,
        };
        draft.add(StageKind::Revoke, action);
    }
}
