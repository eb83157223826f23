//! Deleting groups and taking them back.

use crate::behaviours::directory::{RESTORE_BRINGS_MEMBERS_BACK, SOFT_DELETE_SECURITY_GROUPS};
use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::{Access, ObjectId};
use crate::journal::Effect;
use crate::roles::well_known::PRIVILEGED_ROLE_ADMINISTRATOR;
use crate::state::{Event, Tenant};

use super::super::model::{DeletedObject, Group};
use super::super::permissions::ROLE_ASSIGNABLE;
use super::super::purge::purge;
use super::super::{index, membership};
use super::find::find;
use super::rules;

pub(super) fn delete(tenant: &mut Tenant, call: &Call) -> Answered {
    let group = find(tenant, call)?;
    rules::restricted(tenant, group.id)?;
    if group.is_synced() {
        return Err(GraphError::invalid(
            "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects \
             currently undergoing migration.",
        ));
    }
    // Its owner and a Privileged Role Administrator need no further permission (learn.microsoft.com: group-delete).
    let caller = call.caller.principal();
    let trusted = group.owners.contains_key(&caller)
        || crate::roles::held::holds_any(tenant, caller, &[PRIVILEGED_ROLE_ADMINISTRATOR]);
    if group.is_role_assignable() && !trusted {
        call.require(ROLE_ASSIGNABLE)?;
    }
    let (id, kept) = (
        group.id,
        group.is_unified() || tenant.behaviours.get(&SOFT_DELETE_SECURITY_GROUPS),
    );
    remove(tenant, id, call);
    if !kept {
        purge(tenant, id, call.now);
    }
    Ok(Reply::no_content())
}

fn remove(tenant: &mut Tenant, id: ObjectId, call: &Call) {
    if let Some(group) = tenant.directory.groups.remove(&id) {
        index::discard(tenant, id, DeletedObject::Group(Box::new(group)), call.now);
        tenant.effect(call.now, Effect::GroupDeleted { group: id });
        tenant.tell(&Event::GroupDeleted(id));
        tenant.tell(&Event::PrincipalDeleted(id));
    }
}

pub(in crate::directory) fn restore(
    tenant: &mut Tenant,
    call: &Call,
    mut group: Group,
) -> Result<(), GraphError> {
    if group.is_role_assignable() {
        call.require(ROLE_ASSIGNABLE)?;
    }
    let id = group.id;
    let taken = group.unique_name.is_some()
        && tenant
            .directory
            .groups
            .values()
            .any(|other| other.unique_name == group.unique_name);
    if taken {
        return Err(GraphError::invalid(
            "A conflicting object with one or more of the specified property values is present in the directory.",
        ));
    }
    group.fresh_since = call.now;
    let holders: Vec<(Access, ObjectId)> = [Access::Member, Access::Owner]
        .into_iter()
        .flat_map(|access| {
            group
                .holders(access)
                .keys()
                .map(move |principal| (access, *principal))
        })
        .collect();
    tenant.directory.deleted.remove(&id);
    tenant.directory.groups.insert(id, group);
    tenant.effect(call.now, Effect::GroupRestored { group: id });
    let back = tenant.behaviours.get(&RESTORE_BRINGS_MEMBERS_BACK);
    for (access, principal) in holders {
        let gone = tenant.directory.principal(principal).is_none()
            && !tenant.directory.deleted.contains_key(&principal);
        if !back || gone {
            membership::forget(tenant, id, access, principal, call.now);
        }
    }
    tenant.tell(&Event::PrincipalRestored(id));
    Ok(())
}
