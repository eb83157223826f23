//! What objects in the cluster need permissions in a tenant. Nothing is read but the caches.

use std::collections::BTreeSet;

use kube::ResourceExt;
use kube::runtime::reflector::ObjectRef;
use pim_api::{EntraTenant, PrivilegedGroup};
use pim_core::context::ContextReference;
use pim_core::reason::ConditionType;
use pim_core::settings;

use crate::controllers::context::Context;
use crate::controllers::watches::is_of;
use crate::providers::{InUse, PermissionNeed};
use crate::resolve::memory;

/// What objects of a tenant need permissions. A tenant is declared for groups, so what those need counts before there is any.
pub fn in_use(context: &Context, tenant: &EntraTenant) -> InUse {
    let name = tenant.name_any();
    let mut in_use = InUse {
        needs: BTreeSet::from([PermissionNeed::Groups]),
        management: tenant.spec.management_policy,
        ..InUse::default()
    };
    let stores = &context.stores;
    let groups = stores.groups.state();
    for group in groups.iter().filter(|group| is_of(group, &name)) {
        in_use.needs.extend(of_group(context, group));
    }
    let is_of_tenant = |namespace: Option<String>, group: &str| {
        let group = ObjectRef::new(group).within(&namespace.unwrap_or_default());
        let group = stores.groups.get(&group);
        group.is_some_and(|group| is_of(&group, &name))
    };
    let bindings = stores.bindings.state().into_iter();
    let bindings = bindings.filter(|one| is_of_tenant(one.namespace(), &one.spec.group_ref.name));
    in_use
        .systems
        .extend(bindings.map(|one| one.spec.role().system));
    let mut eligible = stores.eligible.state().into_iter();
    if eligible.any(|one| is_of_tenant(one.namespace(), &one.spec.group_ref.name)) {
        let needs = [PermissionNeed::Eligibility, PermissionNeed::Assignments];
        in_use.needs.extend(needs);
    }
    let mut active = stores.active.state().into_iter();
    if active.any(|one| is_of_tenant(one.namespace(), &one.spec.group_ref.name)) {
        in_use.needs.insert(PermissionNeed::Assignments);
    }
    in_use
}

fn of_group(context: &Context, group: &PrivilegedGroup) -> BTreeSet<PermissionNeed> {
    let is_made = group.spec.adopt.is_none();
    let needs = [
        (true, PermissionNeed::Groups),
        (is_made, PermissionNeed::MadeGroups),
        (
            group.spec.role_assignable,
            PermissionNeed::RoleAssignableGroups,
        ),
        (
            is_made && group.spec.role_assignable,
            PermissionNeed::MadeRoleAssignableGroups,
        ),
        (!has_its_policies(context, group), PermissionNeed::Policies),
        (
            group.spec.administrative_unit_id.is_some(),
            PermissionNeed::Units,
        ),
        (
            names_a_context(context, group),
            PermissionNeed::ContextNames,
        ),
    ];
    let needed = needs.into_iter().filter(|(is_needed, _)| *is_needed);
    needed.map(|(_, need)| need).collect()
}

/// Whether its settings, or those of its template, name an authentication context by its display name.
fn names_a_context(context: &Context, group: &PrivilegedGroup) -> bool {
    let policy = &group.spec.policy;
    let template = policy.template_ref.as_ref();
    let template =
        template.and_then(|one| context.stores.templates.get(&ObjectRef::new(&one.name)));
    let of_template = template
        .iter()
        .flat_map(|one| [&one.spec.member, &one.spec.owner]);
    let mut settings = [&policy.member, &policy.owner]
        .into_iter()
        .chain(of_template)
        .flatten();
    settings.any(|one| matches!(settings::context(one), Some(ContextReference::Name(_))))
}

/// Whether both policies were last seen to be as declared: then nothing has to be written to them.
fn has_its_policies(context: &Context, group: &PrivilegedGroup) -> bool {
    let policies = [
        ConditionType::MemberPolicyApplied,
        ConditionType::OwnerPolicyApplied,
    ];
    context.statuses.read(group, |status| {
        let is_current = status.observed_generation == group.metadata.generation;
        let holds = |kind: &ConditionType| {
            let known = memory::condition(&status.conditions, *kind);
            known.is_some_and(|one| one.status == "True")
        };
        is_current && policies.iter().all(holds)
    })
}
