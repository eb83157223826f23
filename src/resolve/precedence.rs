//! Whether what stands in Kubernetes takes access away from somebody, as far as that shows before anything is read: such a
//! pass does not wait for those that give.

use std::collections::BTreeSet;

use kube::runtime::reflector::ObjectRef;
use pim_api::{AssignmentStatus, PrivilegedGroup};
use pim_core::ids::PrincipalId;
use pim_core::principal::Principal;

use crate::adapters::kinds::{Manifest, Stores};
use crate::adapters::status::Statuses;
use crate::adapters::wish::object_name;
use crate::reader::Precedence;

/// The precedence of a pass over a group now. It reduces where an object goes, or somebody was taken out of one or is denied by
/// the tenant.
pub fn of(stores: &Stores, statuses: &Statuses, group: &PrivilegedGroup) -> Precedence {
    let tenant = stores
        .tenants
        .get(&ObjectRef::new(&group.spec.tenant_ref.name));
    let denied = tenant
        .iter()
        .flat_map(|tenant| &tenant.spec.denied_principals);
    let denied: BTreeSet<&PrincipalId> = denied.collect();
    let takes_away = |manifest: &Manifest| {
        manifest.is_deleting()
            || match manifest {
                Manifest::EligibleAssignment(one) => statuses.read(&**one, |status| {
                    has_left(status, &one.spec.subjects, &denied)
                }),
                Manifest::ActiveAssignment(one) => statuses.read(&**one, |status| {
                    has_left(status, &one.spec.subjects, &denied)
                }),
                _ => false,
            }
    };
    let goes = group.metadata.deletion_timestamp.is_some();
    if goes || stores.members(&object_name(group)).iter().any(takes_away) {
        Precedence::Reducing
    } else {
        Precedence::Usual
    }
}

/// Whether a status remembers somebody who is named no more or who is denied.
fn has_left(
    status: &AssignmentStatus,
    named: &[Principal],
    denied: &BTreeSet<&PrincipalId>,
) -> bool {
    status.subjects.iter().any(|row| {
        let is_named = |one: &Principal| one.kind == row.kind && one.name == row.name;
        !named.iter().any(is_named) || row.principal_id.is_some_and(|id| denied.contains(&id))
    })
}
