//! The members and owners of a group as reads see them: without what is not replicated yet or not shown.

use serde_json::Value;

use crate::behaviours::directory::SERVICE_PRINCIPALS_IN_LISTS;
use crate::call::Call;
use crate::ids::{Access, ObjectId};
use crate::state::Tenant;
use crate::version::Version;

use super::super::model::Group;
use super::super::{json as render, replication};

/// Members or owners as an untyped list shows them: without service principals
/// (learn.microsoft.com: group-list-owners; hashicorp/terraform-provider-azuread#1023).
pub(super) fn holders(tenant: &Tenant, call: &Call, group: &Group, access: Access) -> Vec<Value> {
    let hide = hides_service_principals(tenant, call.version);
    seen(tenant, call, group, access)
        .filter(|id| !(hide && tenant.directory.service_principals.contains_key(id)))
        .filter_map(|id| render::directory_object(tenant, id, &call.caller))
        .collect()
}

/// The beta version lists them, which is why clients use it for owners.
pub(super) fn hides_service_principals(tenant: &Tenant, version: Version) -> bool {
    version == Version::V1 && !tenant.behaviours.get(&SERVICE_PRINCIPALS_IN_LISTS)
}

pub(super) fn seen<'a>(
    tenant: &'a Tenant,
    call: &'a Call,
    group: &'a Group,
    access: Access,
) -> impl Iterator<Item = ObjectId> + 'a {
    group
        .holders(access)
        .iter()
        .filter(move |(id, since)| replication::replicated(tenant, **id, **since, call.operation))
        .map(|(id, _)| *id)
}
