//! Turns a group's manifests into what the planner takes: every name looked up, every status read as memory. Reads the
//! tenant, writes nothing. Nothing is looked up for an object whose group, tenant or window its boundary does not admit:
//! whoever is admitted nothing learns nothing.

mod assignment;
mod binding;
mod boundary;
mod common;
mod group;
pub mod identity;
mod inner;
mod manifests;
pub mod memory;
pub mod nesting;
pub mod precedence;
pub mod rivals;
pub mod template;
mod tenant;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures::FutureExt;
use jiff::Timestamp;
use pim_api::AccessBoundary;
use pim_core::audit_log::AuditLog;
use pim_core::boundary::{Boundary, RoleList, RoleLists};
use pim_core::context::Contexts;
use pim_core::desired::{
    self, AdministrativeUnit, FoundUnit, Licence, Lifecycle, Nesting, Undeclared,
};
use pim_core::ids::PrincipalId;
use pim_core::memory::Memory;
use pim_core::plan::judge_window;
use pim_core::principal::{Names, Principal, PrincipalKind};
use pim_core::reason::Reason;
use pim_core::role::{EVERYWHERE, KeptAs, RoleReference, RoleScope, RoleSystem};
use pim_core::rollout::RolloutTurn;
use pim_core::schedule::{Access, Kind};
use pim_core::settings;

pub use boundary::roles as roles_of;
pub use manifests::{AskedResync, Manifests};

use crate::adapters::lenient;
use crate::adapters::status::Statuses;
use crate::providers::Catalogues;
use crate::reader::{Ask, Class, Depth, Error, MaximumAge, Reader};

/// Turns the manifests into what the planner takes, with every name resolved in the tenant: those of roles at the scopes at which
/// roles of the group are looked for.
pub async fn resolve(
    reader: &Reader,
    manifests: &Manifests,
    statuses: &Statuses,
    memory: &Memory,
    scopes: &BTreeSet<(RoleSystem, RoleScope)>,
    depth: Depth,
    turn: RolloutTurn,
) -> Result<desired::Unit, Error> {
    let mut unit = desired::Unit {
        group: group::group(manifests, statuses),
        rules: tenant::rules(&manifests.tenant),
        operator: None,
        licence: Licence::default(),
        boundary: None,
        boundary_fault: boundary_fault(manifests),
        names: Names::default(),
        nesting: Nesting::default(),
        strangers: BTreeMap::new(),
        audit: AuditLog::default(),
        role_names: BTreeMap::new(),
        bindings: Vec::new(),
        assignments: assignment::all(manifests, statuses),
    };
    if let Some(template) = &mut unit.group.template {
        template.turn = turn;
    }
    let licence = licence(reader, &unit.group);
    let (licence, found, catalogues, place) = futures::try_join!(
        licence.map(Ok),
        names(reader, manifests, statuses, &unit, memory, depth),
        catalogues(reader, manifests, scopes),
        async { Ok(administrative_unit(reader, manifests, &unit.group).await) }
    )?;
    unit.licence = licence;
    unit.group.administrative_unit = place;
    unit.meet(found);
    unit.boundary =
        readable_boundary(manifests).map(|object| boundary::boundary(object, &catalogues));
    unit.nesting = inner::nesting(manifests, statuses, unit.boundary.as_ref());
    unit.bindings = binding::all(manifests, statuses, &catalogues);
    Ok(unit)
}

/// The administrative unit that is named, with what there is under its id. Where that cannot be read, what takes away goes on.
async fn administrative_unit(
    reader: &Reader,
    manifests: &Manifests,
    group: &desired::Group,
) -> Option<AdministrativeUnit> {
    let unit = group.administrative_unit.clone()?;
    if admitting(manifests, group).is_none() || group.lifecycle == Lifecycle::Deleting {
        return Some(unit);
    }
    let found = match reader.graph().administrative_unit(unit.id).await {
        Ok(found) => found,
        Err(error) => {
            let reason = match error.class {
                Class::PermissionDenied { .. } => Reason::PermissionDenied,
                _ => Reason::ReadRefused,
            };
            FoundUnit::Unread(reason, error.to_string())
        }
    };
    Some(AdministrativeUnit { found, ..unit })
}

/// Whether the tenant has the licence that PIM needs: asked for a group that is still to be made. Of one that is there PIM
/// itself says so.
async fn licence(reader: &Reader, group: &desired::Group) -> Licence {
    if group.last_seen.is_some() || group.adopt.is_some() {
        return Licence::Unknown;
    }
    reader.licences(MaximumAge::HOUR).await.pim
}

/// Looks up the names once more, to the given depth.
pub async fn names(
    reader: &Reader,
    manifests: &Manifests,
    statuses: &Statuses,
    unit: &desired::Unit,
    memory: &Memory,
    depth: Depth,
) -> Result<Names, Error> {
    let records = unit.assignments.iter().flat_map(|one| one.memory.iter());
    let known: HashMap<Principal, PrincipalId> = records
        .map(|record| (record.subject.clone(), record.principal))
        .collect();
    let names = admitted_names(reader, manifests, unit);
    let (nested, names): (BTreeSet<Principal>, BTreeSet<Principal>) = names
        .into_iter()
        .partition(|name| name.kind == PrincipalKind::PrivilegedGroup);
    let doubtful: BTreeSet<PrincipalId> = memory
        .unknown_people()
        .into_iter()
        .chain(leaving_owners(unit, &names))
        .collect();
    let ask = Ask {
        namespace: &unit.group.name.namespace,
        names: &names.into_iter().collect::<Vec<_>>(),
        known: &known,
        doubtful: &doubtful.into_iter().collect::<Vec<_>>(),
        depth,
    };
    let boundary = admitting(manifests, &unit.group).map(|(_, boundary)| boundary);
    let outer = (&unit.group, boundary.as_ref());
    let contexts = async {
        if names_contexts(manifests, unit) {
            Ok(reader.contexts().await)
        } else {
            Ok(Contexts::Unasked)
        }
    };
    let (found, nested, contexts) = futures::try_join!(
        reader.names(&ask),
        inner::resolve(reader, manifests, statuses, outer, &nested),
        contexts
    )?;
    Ok(found.and(nested).with_contexts(contexts))
}

/// Whether settings of an admitted group name an authentication context.
fn names_contexts(manifests: &Manifests, unit: &desired::Unit) -> bool {
    let mut policies = Access::ALL
        .into_iter()
        .filter_map(|access| unit.group.settings(access).ok());
    policies.any(|policy| settings::context(&policy).is_some())
        && admitting(manifests, &unit.group).is_some()
}

/// Permanent owners of a living group who are named no more. The last owner is never taken out, so nothing else would show
/// that they have left the tenant, and that the group has no owner.
fn leaving_owners<'a>(
    unit: &'a desired::Unit,
    names: &'a BTreeSet<Principal>,
) -> impl Iterator<Item = PrincipalId> + 'a {
    let is_kept = unit.group.lifecycle == Lifecycle::Living;
    let of_owners = move |one: &&desired::Assignment| {
        is_kept && one.access == Access::Owner && one.kind == Kind::Active
    };
    let records = unit.assignments.iter().filter(of_owners);
    let records = records.flat_map(|one| one.memory.iter());
    records
        .filter(|record| !names.contains(&record.subject))
        .map(|record| record.principal)
}

/// Whether not even the group is looked for: its boundary, as far as the manifests alone tell, does not admit it, and
/// nothing was ever made or given for any of its objects. Otherwise a thousand groups without a boundary would cost the
/// tenant a read each whenever they change.
pub fn is_never_admitted(manifests: &Manifests, statuses: &Statuses) -> bool {
    let group = group::group(manifests, statuses);
    let was_made = group.last_seen.is_some() || group.pending.is_some();
    let was_granted = || {
        let assignments = assignment::all(manifests, statuses);
        assignments.iter().any(|one| !one.memory.is_empty())
    };
    let was_bound = || {
        let bindings = binding::all(manifests, statuses, &Catalogues::default());
        let mut bindings = bindings.iter();
        bindings.any(|one| one.bound.is_some() || one.sent.is_some())
    };
    !was_made && admitting(manifests, &group).is_none() && !was_granted() && !was_bound()
}

/// All that a group holds, where that can be listed at once.
fn everywhere() -> impl Iterator<Item = (RoleSystem, RoleScope)> {
    let all = RoleSystem::ALL.into_iter();
    all.filter(|system| system.is_listed_everywhere())
        .map(|system| (system, RoleScope::new(EVERYWHERE)))
}

/// The scopes that a list of the boundary names.
fn listed(list: RoleList<'_>) -> impl Iterator<Item = (RoleSystem, RoleScope)> {
    let scopes = list.scopes.iter();
    scopes.map(move |scope| (list.system, RoleScope::of(list.system, scope)))
}

/// Where roles of the group are looked for: where its bindings declare them, and where the boundary would admit some, as far as
/// the boundary admits group and scope. Whoever is admitted nothing learns nothing; what was bound before is looked at anyway.
pub fn role_scopes(
    manifests: &Manifests,
    statuses: &Statuses,
) -> BTreeSet<(RoleSystem, RoleScope)> {
    let group = group::group(manifests, statuses);
    let admitted = admitting(manifests, &group).map(|(_, boundary)| boundary.rules.roles);
    let of_bindings = manifests.bindings().filter_map(|binding| {
        let role = binding.spec.role();
        let scope = RoleScope::of(role.system, &role.scope);
        let was_bound = statuses.latest(binding).external_id.is_some();
        let is_admitted = || {
            let lists = admitted.as_ref();
            lists.is_some_and(|lists| lists.admits_scope(role.system, &scope))
        };
        (was_bound || is_admitted()).then_some((role.system, scope))
    });
    let mut scopes: BTreeSet<_> = of_bindings.collect();
    // A group that is to be taken up, or that goes, may hold what no binding names; and one that was there before is judged
    // by all that it holds again and again.
    let is_looked_through = group.last_seen.is_none()
        || group.lifecycle == Lifecycle::Deleting
        || group.adopt.is_some();
    if is_looked_through && admitted.is_some() {
        scopes.extend(everywhere());
    }
    if group.last_seen.is_none() {
        let lists = admitted.iter().flat_map(RoleLists::all);
        scopes.extend(lists.flat_map(listed));
    }
    scopes
}

/// Those of them of whose roles the service may keep schedules: where a binding declares such a role, or the boundary of a group
/// that is to be taken up admits it to be eligible. Elsewhere nobody is asked who need not have that right.
pub fn schedule_scopes(
    manifests: &Manifests,
    statuses: &Statuses,
    role_scopes: &BTreeSet<(RoleSystem, RoleScope)>,
) -> BTreeSet<(RoleSystem, RoleScope)> {
    let bindings = binding::all(manifests, statuses, &Catalogues::default());
    let of_bindings = bindings
        .into_iter()
        .filter(|one| one.kept_as() == KeptAs::Schedule)
        .map(|one| (one.system, one.scope));
    let mut scopes: BTreeSet<_> = of_bindings.collect();
    let group = group::group(manifests, statuses);
    if group.last_seen.is_none()
        && let Some((_, boundary)) = admitting(manifests, &group)
    {
        let lists = boundary.rules.roles.all();
        let eligible = lists.filter(|list| list.assignments.contains(&Kind::Eligible));
        scopes.extend(eligible.flat_map(listed));
    }
    scopes.retain(|scope| role_scopes.contains(scope));
    let is_looked_through = group.last_seen.is_none()
        || group.lifecycle == Lifecycle::Deleting
        || group.adopt.is_some()
        || group.undeclared.roles != Undeclared::Ignore;
    if is_looked_through {
        let all = everywhere()
            .filter(|(system, _)| system.has_schedules() && group.assignability.admits(*system));
        scopes.extend(all);
    }
    scopes
}

/// Why the boundary cannot be read, if so. Then it admits nothing, as one that does not exist; what has to go goes, because
/// that needs no boundary.
fn boundary_fault(manifests: &Manifests) -> Option<String> {
    lenient::reason(manifests.boundary.as_deref()?).map(str::to_owned)
}

fn readable_boundary(manifests: &Manifests) -> Option<&AccessBoundary> {
    let object = manifests.boundary.as_deref()?;
    lenient::reason(object).is_none().then_some(object)
}

/// The boundary of a group, if it admits the group as far as the manifests alone tell.
fn admitting<'a>(
    manifests: &'a Manifests,
    group: &desired::Group,
) -> Option<(&'a AccessBoundary, Boundary)> {
    let object = readable_boundary(manifests)?;
    let boundary = boundary::boundary(object, &Catalogues::default());
    boundary
        .judge_group(group)
        .is_ok()
        .then_some((object, boundary))
}

/// The names of those objects that their boundary admits, as far as the manifests alone tell.
fn admitted_names(
    reader: &Reader,
    manifests: &Manifests,
    unit: &desired::Unit,
) -> BTreeSet<Principal> {
    let Some((object, boundary)) = admitting(manifests, &unit.group) else {
        return BTreeSet::new();
    };
    let now = reader.now();
    let policies = Access::ALL
        .into_iter()
        .filter_map(|access| unit.group.settings(access).ok());
    let approvers = policies.flat_map(|policy| settings::principals(&policy));
    let floor = boundary::principals(object);
    let living = unit
        .assignments
        .iter()
        .filter(|one| one.lifecycle == Lifecycle::Living && is_admitted(&boundary, one, now));
    let subjects = living.flat_map(|assignment| assignment.subjects.iter().cloned());
    let allowed = unit.group.undeclared.allowed.iter().cloned();
    let others = approvers.chain(floor).chain(allowed);
    others.chain(subjects).collect()
}

/// Whether the boundary admits the window of an assignment, or admitted it before.
fn is_admitted(boundary: &Boundary, assignment: &desired::Assignment, now: Timestamp) -> bool {
    !assignment.memory.is_empty() || judge_window(boundary, assignment, now).is_ok()
}

/// The catalogues in which the roles are looked up that bindings at these scopes and the boundary name.
async fn catalogues(
    reader: &Reader,
    manifests: &Manifests,
    scopes: &BTreeSet<(RoleSystem, RoleScope)>,
) -> Result<Catalogues, Error> {
    let mut wanted: Vec<RoleReference<'_>> = Vec::new();
    let of_bindings = manifests.bindings().map(|binding| binding.spec.role());
    wanted.extend(of_bindings.filter(|role| {
        let scope = RoleScope::of(role.system, &role.scope);
        scopes.contains(&(role.system, scope))
    }));
    // Of a boundary that admits nothing here, nothing is looked up.
    let of_boundary = manifests.boundary.iter().filter(|_| !scopes.is_empty());
    wanted.extend(of_boundary.flat_map(|object| boundary::roles(object)));
    reader.roles().catalogues(&wanted).await
}
