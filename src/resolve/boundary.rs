//! The boundary, with the ids that its role names lead to. Roles are compared as ids, never as names.

use std::collections::{BTreeMap, BTreeSet};

use kube::ResourceExt;
use pim_api::AccessBoundary;
use pim_core::boundary::{Boundary, NamedRoles};
use pim_core::principal::Principal;
use pim_core::role::{RoleId, RoleReference, RoleSystem};

use crate::providers::Catalogues;

/// The boundary as the planner takes it.
pub fn boundary(object: &AccessBoundary, catalogues: &Catalogues) -> Boundary {
    let mut named: BTreeMap<(RoleSystem, &str), BTreeSet<RoleId>> = BTreeMap::new();
    for role in roles(object) {
        let of_name = named.entry((role.system, role.role)).or_default();
        // A name that several roles share admits none of them: which one was meant is not certain.
        if let [id] = catalogues.all(role).as_slice() {
            of_name.insert(id.clone());
        }
    }
    let role_ids = named.into_iter().map(|((system, name), ids)| NamedRoles {
        system,
        name: name.to_owned(),
        ids: ids.into_iter().collect(),
    });
    Boundary {
        name: object.name_any(),
        role_ids: role_ids.collect(),
        rules: object.spec.rules.clone(),
    }
}

/// The roles that the boundary names, at each of their scopes.
pub fn roles(object: &AccessBoundary) -> impl Iterator<Item = RoleReference<'_>> {
    object.spec.rules.roles.all().flat_map(|list| {
        let pairs = list
            .roles
            .iter()
            .flat_map(move |role| list.scopes.iter().map(move |scope| (role, scope)));
        pairs.map(move |(role, scope)| RoleReference {
            system: list.system,
            role,
            scope,
        })
    })
}

/// The principals that the boundary names.
pub fn principals(object: &AccessBoundary) -> Vec<Principal> {
    let floor = object.spec.rules.policy_floor.approval.as_ref();
    floor
        .and_then(|floor| floor.approvers.clone())
        .unwrap_or_default()
}
