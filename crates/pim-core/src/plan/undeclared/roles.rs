//! Roles that the group holds and that no object declares.

use std::collections::{BTreeMap, BTreeSet};

use super::stray::{Removal, Search, SearchExtent, Stray, lingers};
use crate::action::Write;
use crate::desired::{Binding, Readability, Role, Undeclared};
use crate::ids::GroupId;
use crate::knowledge::{Held, Part};
use crate::observed::{Nature, PlainRole, ScopeFault};
use crate::plan::context::PlanContext;
use crate::plan::draft::Draft;
use crate::role::{BoundRole, Holders, KeptAs};
use crate::schedule::Kind;

/// The lists in which a role shows that the group holds.
const SHOWN_IN: [Part; 3] = [Part::Roles, Part::EligibleRoles, Part::PlainRoles];

/// Looks for roles that nobody declares; nothing where nobody wants to know.
pub fn search(context: &PlanContext<'_>, group: GroupId, draft: &mut Draft) -> Option<Search> {
    let wish = context.desired.group.undeclared.roles;
    if wish == Undeclared::Ignore {
        return None;
    }
    let mut search = Search {
        wish,
        strays: Vec::new(),
        extent: SearchExtent::Part,
    };
    let spared = |is_spared: fn(&PlanContext<'_>, &Binding) -> bool| {
        let bindings = context.desired.bindings.iter();
        let bindings = bindings.filter(|one| is_spared(context, one));
        bindings.map(Binding::object).min()
    };
    if let Some(unreadable) = spared(|_, one| one.readability != Readability::Readable) {
        search.extent = SearchExtent::Spared(unreadable);
        return Some(search);
    }
    let mut found: Vec<(BoundRole, Removal)> = found(context, group, draft).into_iter().collect();
    // Roles of the directory weigh most.
    found.sort_by_key(|(key, _)| key.target.system.holders != Holders::RoleAssignable);
    search.strays = found
        .into_iter()
        .map(|(key, removal)| Stray {
            held: Held::Role(key.clone()),
            told: format!("role {}", context.desired.held(&key)),
            principal: None,
            removal,
        })
        .collect();
    if let Some(unread) = spared(is_name_unread) {
        search.extent = SearchExtent::Spared(unread);
    } else if is_all_read(context) {
        search.extent = SearchExtent::Everything;
    }
    Some(search)
}

/// Whether it was not read what a binding names: what it spares may be undeclared.
fn is_name_unread(context: &PlanContext<'_>, binding: &Binding) -> bool {
    match binding.role {
        Role::Unread(_) => true,
        Role::NotFound => binding.bound.is_none() && !was_looked_up(context, binding),
        Role::Found(_) | Role::Ambiguous(_) => false,
    }
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
        let is_told_otherwise = is_of_declared(context, row) || is_in_doubt(context, row);
        if is_of_schedule || is_declared(context, &key) || is_told_otherwise {
            continue;
        }
        // It may have gone since.
        draft.need(Part::PlainRoles);
        if lingers(context, &Held::Role(key.clone()), draft) {
            continue;
        }
        let removal = Write::DeletePlainRole {
            group,
            role: key.target.clone(),
            assignment: row.id.clone(),
        };
        let removal = if is_certain {
            Removal::Now(Box::new(removal))
        } else {
            Removal::Later
        };
        found.insert(key, removal);
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
            draft.need(part);
            if lingers(context, &Held::Role(key.clone()), draft) {
                continue;
            }
            let young = context.too_young_until(kind, row.created, &row.window);
            draft.wake(young);
            let waits = young.is_some()
                || !context.observed.is_fresh(part)
                || row.may_be_of_assignment(kind, context.now());
            let removal = Write::UnbindRole {
                group,
                role: key.clone(),
                by: KeptAs::Schedule,
            };
            let removal = if waits {
                Removal::Later
            } else {
                Removal::Now(Box::new(removal))
            };
            found.insert(key, removal);
        }
    }
    found
}

/// Whether what lists show as a schedule may be an assignment and nothing else.
fn is_of_assignment(context: &PlanContext<'_>, key: &BoundRole) -> bool {
    let mut rows = context.observed.role_list(key.kind).rows().iter();
    rows.any(|row| row.target == key.target && row.may_be_of_assignment(key.kind, context.now()))
}

/// Whether an assignment is that of a role which an object declares, however it was changed.
fn is_of_declared(context: &PlanContext<'_>, row: &PlainRole) -> bool {
    let mut rows = context.observed.plain_roles.rows().iter();
    rows.any(|other| {
        let key = BoundRole {
            target: other.target.clone(),
            kind: Kind::Active,
        };
        other.id == row.id && is_declared(context, &key)
    })
}

/// Whether something of a system could not be read: then its rows may say otherwise where they hold.
fn is_in_doubt(context: &PlanContext<'_>, row: &PlainRole) -> bool {
    let mut faults = context.observed.scope_faults.iter();
    faults.any(|((part, system, _), fault)| {
        *part == Part::PlainRoles
            && *system == row.target.system
            && !matches!(fault, ScopeFault::Missing(_))
    })
}

/// Whether an object declares a role, or may declare it.
fn is_declared(context: &PlanContext<'_>, key: &BoundRole) -> bool {
    let mut bindings = context.desired.bindings.iter();
    bindings.any(|one| may_declare(context, one, key))
}

fn may_declare(context: &PlanContext<'_>, binding: &Binding, key: &BoundRole) -> bool {
    if binding.bound().as_ref() == Some(key) {
        return true;
    }
    let of_place = binding.kind == key.kind
        && (binding.system, &binding.scope) == (key.target.system, &key.target.scope)
        && binding.bound.is_none();
    match &binding.role {
        Role::Found(target) => binding.kind == key.kind && *target == key.target,
        // A name that was looked up and leads nowhere means none of those that are held.
        Role::NotFound if was_looked_up(context, binding) => false,
        Role::Ambiguous(ids) => of_place && ids.contains(&key.target.role),
        Role::NotFound | Role::Unread(_) => of_place,
    }
}

/// Whether the name of a role was looked up: where the boundary admits nothing, nobody looks.
fn was_looked_up(context: &PlanContext<'_>, binding: &Binding) -> bool {
    let boundary = context.desired.boundary.as_ref();
    boundary.is_some_and(|boundary| boundary.judge_binding(binding).is_ok())
}
