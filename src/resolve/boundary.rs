//! The boundary, with the ids that its role names lead to. Roles are compared as ids, never as names.

use std::collections::BTreeSet;

use kube::ResourceExt;
use pim_api::AccessBoundary;
use pim_core::boundary::Boundary;
use pim_core::principal::Principal;

use crate::reader::RoleDirectory;

/// The boundary as the planner takes it.
pub fn boundary(object: &AccessBoundary, roles: &RoleDirectory) -> Boundary {
    let spec = object.spec.rules.clone();
    let named: BTreeSet<&String> = spec
        .directory_roles
        .iter()
        .flat_map(|entry| entry.roles.iter())
        .collect();
    // A name that several roles share admits none of them: which one was meant is not certain.
    let one = |name: &str| match roles.all(name).as_slice() {
        [role] => vec![*role],
        _ => Vec::new(),
    };
    let role_ids = named
        .into_iter()
        .map(|name| (name.clone(), one(name)))
        .collect();
    Boundary {
        name: object.name_any(),
        role_ids,
        rules: spec,
    }
}

/// The principals that the boundary names.
pub fn principals(object: &AccessBoundary) -> Vec<Principal> {
    let floor = object.spec.rules.policy_floor.approval.as_ref();
    floor
        .and_then(|floor| floor.approvers.clone())
        .unwrap_or_default()
}
