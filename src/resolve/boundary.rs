//! The boundary, with the ids that its role names lead to. Roles are compared as ids, never as names.

use std::borrow::Cow;

use kube::ResourceExt;
use pim_api::AccessBoundary;
use pim_core::boundary::{Boundary, NamedRoles};
use pim_core::principal::Principal;
use pim_core::role::RoleReference;

use crate::providers::Catalogues;

/// The boundary as the planner takes it.
pub fn boundary(object: &AccessBoundary, catalogues: &Catalogues) -> Boundary {
    let role_ids = roles(object).map(|role| {
        let mut ids = catalogues.all(&role);
        // A name that several roles share admits none of them: which one was meant is not certain.
        if ids.len() > 1 {
            ids.clear();
        }
        NamedRoles {
            system: role.system,
            name: role.role.to_owned(),
            scope: role.scope.into_owned(),
            ids,
        }
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
            scope: Cow::Borrowed(scope.as_str()),
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
