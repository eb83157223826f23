//! Lists of members and owners, and of what a group is a member of.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::Access;
use crate::odata::{self, Capabilities, ENDS, EQ, IN, LIKE, NE, NOT, Property};
use crate::state::Tenant;

use super::super::json as render;
use super::super::model::PrincipalKind;
use super::find::find;
use super::holders::{hides_service_principals, holders, seen};
use super::list::counted;

/// What lists of directory objects support.
pub(in crate::directory) const CAPABILITIES: Capabilities = Capabilities {
    filter: &[
        Property::plain("id", EQ | IN),
        Property::plain("displayName", 0).advanced(LIKE | NE | NOT),
        Property::plain("userPrincipalName", 0).advanced(LIKE | NE | NOT | ENDS),
        Property::plain("accountEnabled", 0).advanced(EQ | NE | NOT),
    ],
    order_by: &["displayName"],
    ..Capabilities::DIRECTORY
};

/// Members or owners, of whatever type.
pub(super) fn list(tenant: &Tenant, call: &Call, access: Access) -> Answered {
    let group = find(tenant, call)?;
    listed(call, holders(tenant, call, group, access))
}

pub(super) fn member_count(tenant: &mut Tenant, call: &Call) -> Answered {
    let group = find(tenant, call)?;
    counted(
        call,
        holders(tenant, call, group, Access::Member),
        &CAPABILITIES,
    )
}

pub(super) fn transitive_members(tenant: &mut Tenant, call: &Call) -> Answered {
    let group = find(tenant, call)?;
    let mut seen = BTreeSet::new();
    let mut open = vec![group.id];
    while let Some(id) = open.pop() {
        let Some(group) = tenant.directory.group(id) else {
            continue;
        };
        for member in group.members.keys() {
            if seen.insert(*member) {
                open.push(*member);
            }
        }
    }
    let hide = hides_service_principals(tenant, call.version);
    let rows = seen
        .into_iter()
        .filter(|id| !(hide && tenant.directory.service_principals.contains_key(id)))
        .filter_map(|id| render::directory_object(tenant, id, &call.caller))
        .collect();
    listed(call, rows)
}

pub(super) fn member_of(tenant: &mut Tenant, call: &Call) -> Answered {
    let group = find(tenant, call)?;
    listed(call, render::containers(tenant, group.id, &call.caller))
}

/// A list of directory objects as the query asks for it.
pub(in crate::directory) fn listed(call: &Call, rows: Vec<Value>) -> Answered {
    let mut rows = odata::collection(call, rows, &CAPABILITIES)?;
    if call.query.select.is_empty() {
        rows.values.iter_mut().for_each(render::keep_defaults);
    }
    Ok(Reply::rows(rows))
}

/// Members or owners of one type. Their rows carry no `@odata.type`.
pub(super) fn of_type(tenant: &Tenant, call: &Call, access: Access) -> Answered {
    let group = find(tenant, call)?;
    let cast = call.param("cast");
    let kinds = [
        PrincipalKind::User,
        PrincipalKind::Group,
        PrincipalKind::ServicePrincipal,
    ];
    let kind = kinds
        .into_iter()
        .find(|kind| kind.type_name().eq_ignore_ascii_case(cast));
    let known = ["microsoft.graph.device", "microsoft.graph.orgContact"];
    if kind.is_none() && !known.iter().any(|name| name.eq_ignore_ascii_case(cast)) {
        return Err(GraphError::not_simulated(format_args!(
            "/{}/{cast}",
            access.navigation()
        )));
    }
    let rows: Vec<Value> = seen(tenant, call, group, access)
        .filter(|id| {
            tenant
                .directory
                .principal(*id)
                .map(|principal| principal.kind)
                == kind
        })
        .filter_map(|id| render::directory_object(tenant, id, &call.caller))
        .collect();
    let mut rows = odata::collection(call, rows, &CAPABILITIES)?;
    for row in &mut rows.values {
        if call.query.select.is_empty() {
            render::keep_defaults(row);
        }
        render::retain(row, |name| name != "@odata.type");
    }
    Ok(Reply::rows(rows))
}
