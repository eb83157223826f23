//! Which other objects claim a group: those that name it by its id, and one that has made it. Whoever is not admitted by
//! their boundary claims nothing, so nobody takes a group from anybody by writing its id down.

use kube::ResourceExt;
use kube::runtime::reflector::ObjectRef;
use pim_api::{EntraTenant, PrivilegedGroup};
use pim_core::desired::GroupClaim;
use pim_core::ids::{GroupId, TenantId};

use super::common::created;
use crate::adapters::kinds::Stores;
use crate::adapters::lenient;
use crate::adapters::wish::{object_name, uid};

/// The claims of others on the group that an object names, or of one that names none, on any group that is named.
pub fn of(stores: &Stores, group: &PrivilegedGroup, tenant: &EntraTenant) -> Vec<GroupClaim> {
    let named = named(group);
    let all = stores.groups.state();
    let others = all.iter().filter(|other| uid(&***other) != uid(group));
    let claims = others.filter_map(|other| {
        let id = if named.is_some() {
            claimed(other)?
        } else {
            self::named(other)?
        };
        let is_meant = named.is_none_or(|named| named == id);
        (is_meant && is_admitted(stores, other, id, tenant.spec.tenant_id)).then(|| GroupClaim {
            object: object_name(&**other),
            created: created(&**other),
            group: id,
        })
    });
    let mut claims: Vec<GroupClaim> = claims.collect();
    claims.sort_by(|one, other| one.object.cmp(&other.object));
    claims
}

/// The group that an object claims: the one that it names, or the one that was made for it.
pub fn claimed(group: &PrivilegedGroup) -> Option<GroupId> {
    let status = group.status.as_ref();
    named(group).or_else(|| status.and_then(|status| status.external_id))
}

fn named(group: &PrivilegedGroup) -> Option<GroupId> {
    group.spec.adopt.as_ref().map(|group| group.id)
}

/// Whether an object claims its group rightly, in the tenant of this id.
fn is_admitted(stores: &Stores, group: &PrivilegedGroup, id: GroupId, tenant: TenantId) -> bool {
    let name = &group.spec.tenant_ref.name;
    let of_tenant = stores.tenants.get(&ObjectRef::new(name));
    if of_tenant.is_none_or(|found| found.spec.tenant_id != tenant) {
        return false;
    }
    // What was made for an object is its own, whatever its boundary says now.
    if named(group).is_none() {
        return true;
    }
    let boundary = stores
        .boundaries
        .get(&ObjectRef::new(&group.spec.boundary_ref.name));
    let namespace = group.namespace().unwrap_or_default();
    boundary.is_some_and(|boundary| {
        lenient::reason(&*boundary).is_none()
            && boundary.spec.rules.admits_adoption(&namespace, name, id)
    })
}
