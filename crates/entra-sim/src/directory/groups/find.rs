//! Finding groups, and what their collection supports.

use super::super::model::Group;
use super::super::replication;
use crate::call::Call;
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::odata::{ANY, Capabilities, ENDS, EQ, IN, LIKE, NE, NOT, Property, RANGE, STARTS};
use crate::state::Tenant;

pub(super) const GROUP: &str = "microsoft.graph.group";

/// What the collection of groups supports.
pub(in crate::directory) const CAPABILITIES: Capabilities = Capabilities {
    filter: &[
        Property::plain("id", EQ | IN).advanced(NE | NOT),
        Property::plain("displayName", LIKE).advanced(NE | NOT),
        Property::plain("description", LIKE).advanced(NE | NOT),
        Property::plain("mailNickname", LIKE).advanced(NE | NOT),
        Property::plain("mail", LIKE).advanced(NE | NOT | ENDS),
        Property::plain("securityEnabled", EQ | IN).advanced(NE | NOT),
        Property::plain("mailEnabled", EQ).advanced(NE | NOT),
        Property::plain("isAssignableToRole", EQ | IN).advanced(NE | NOT),
        Property::plain("groupTypes", EQ | ANY).advanced(NOT | NE | STARTS),
        Property::plain("onPremisesSyncEnabled", EQ | IN).advanced(NE | NOT),
        Property::plain("createdDateTime", EQ | RANGE).advanced(NE | NOT | IN),
        Property::plain("membershipRule", EQ | STARTS).advanced(NE | NOT | IN | RANGE),
    ],
    order_by: &["displayName"],
    expand: &["members", "owners"],
    ..Capabilities::DIRECTORY
};

/// The living group that a parameter of the path names, once this operation can see it.
pub(super) fn find<'a>(tenant: &'a Tenant, call: &Call) -> Result<&'a Group, GraphError> {
    let id = call.object_id("group")?;
    visible(tenant, id, call.operation).ok_or_else(|| GraphError::not_found(id))
}

fn visible<'a>(tenant: &'a Tenant, id: ObjectId, operation: &str) -> Option<&'a Group> {
    tenant
        .directory
        .group(id)
        .filter(|group| replication::replicated(tenant, id, group.fresh_since, operation))
}

/// The living group of a unique name. Alternate keys are answered by the store itself, without delay.
pub(super) fn by_unique_name<'a>(tenant: &'a Tenant, unique_name: &str) -> Option<&'a Group> {
    tenant
        .directory
        .groups
        .values()
        .find(|group| group.unique_name.as_deref() == Some(unique_name))
}
