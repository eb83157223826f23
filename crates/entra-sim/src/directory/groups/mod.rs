//! Groups (learn.microsoft.com: group resource and its operations).

mod create;
mod delete;
mod delta;
mod fields;
mod list;
mod members;
mod references;
mod rules;
mod update;

use crate::call::Call;
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::odata::{
    ANY, Advanced, Capabilities, ENDS, EQ, IN, LIKE, NE, NOT, Paging, Property, RANGE, STARTS,
};
use crate::route::{Denial, REFERENCE, Route};
use crate::state::Tenant;

use super::delegation::{Delegated, GROUP_REMOVERS, GROUP_WRITERS};
use super::model::Group;
use super::permissions::{CREATE_GROUPS, DELETE_GROUPS, READ_GROUPS, WRITE_GROUPS, WRITE_MEMBERS};
use super::replication;

pub(super) use create::{new_group, plant};
pub(super) use delete::restore;
pub(super) use delta::ROUTES as DELTA_ROUTES;
pub(super) use members::{CAPABILITIES as MEMBER_CAPABILITIES, holders, listed};
pub(crate) use rules::restricted;

const GROUP: &str = "microsoft.graph.group";
const OBJECT: &str = "microsoft.graph.directoryObject";

/// Groups themselves.
pub(super) const ROUTES: &[Route] = &[
    Route::get("/groups", "groups.list", list::list)
        .permit(READ_GROUPS, Denial::Directory)
        .collection(GROUP, "groups"),
    Route::get("/groups/$count", "groups.count", list::count)
        .permit(READ_GROUPS, Denial::Directory),
    Route::post("/groups", "groups.create", create::create)
        .permit(CREATE_GROUPS, Denial::Directory)
        .delegate(Delegated::NewGroup)
        .takes(GROUP)
        .entity(GROUP, "groups/$entity"),
    Route::get("/groups/{group}", "groups.get", list::get)
        .permit(READ_GROUPS, Denial::Directory)
        .entity(GROUP, "groups/$entity"),
    Route::get(
        "/groups(uniqueName='{uniqueName}')",
        "groups.getByUniqueName",
        list::get_by_unique_name,
    )
    .permit(READ_GROUPS, Denial::Directory)
    .entity(GROUP, "groups/$entity"),
    Route::patch("/groups/{group}", "groups.update", update::update)
        .permit(WRITE_MEMBERS, Denial::Directory)
        .delegate(Delegated::Group(GROUP_WRITERS))
        .takes(GROUP),
    Route::patch(
        "/groups(uniqueName='{uniqueName}')",
        "groups.upsert",
        update::upsert,
    )
    .permit(CREATE_GROUPS, Denial::Directory)
    .delegate(Delegated::Upsert)
    .takes(GROUP)
    .entity(GROUP, "groups/$entity"),
    Route::delete("/groups/{group}", "groups.delete", delete::delete)
        .permit(DELETE_GROUPS, Denial::Directory)
        .delegate(Delegated::Group(GROUP_REMOVERS)),
];

/// Members, owners and the links from the other side.
pub(super) const MEMBER_ROUTES: &[Route] = &[
    Route::get(
        "/groups/{group}/members",
        "groups.members.list",
        members::members,
    )
    .permit(READ_GROUPS, Denial::Directory)
    .draws(crate::route::Bucket::Directory { units: 3 })
    .mixed()
    .collection(OBJECT, "directoryObjects"),
    Route::get(
        "/groups/{group}/members/$count",
        "groups.members.count",
        members::member_count,
    )
    .permit(READ_GROUPS, Denial::Directory),
    Route::get(
        "/groups/{group}/members/{cast}",
        "groups.members.listTyped",
        members::members_of_type,
    )
    .permit(READ_GROUPS, Denial::Directory)
    .draws(crate::route::Bucket::Directory { units: 3 })
    .mixed()
    .collection("{cast}", "{cast}s"),
    Route::get(
        "/groups/{group}/owners",
        "groups.owners.list",
        members::owners,
    )
    .permit(READ_GROUPS, Denial::Directory)
    .mixed()
    .collection(OBJECT, "directoryObjects"),
    Route::get(
        "/groups/{group}/owners/{cast}",
        "groups.owners.listTyped",
        members::owners_of_type,
    )
    .permit(READ_GROUPS, Denial::Directory)
    .mixed()
    .collection("{cast}", "{cast}s"),
    Route::get(
        "/groups/{group}/transitiveMembers",
        "groups.transitiveMembers.list",
        members::transitive_members,
    )
    .permit(READ_GROUPS, Denial::Directory)
    .draws(crate::route::Bucket::Directory { units: 5 })
    .mixed()
    .collection(OBJECT, "directoryObjects"),
    Route::get(
        "/groups/{group}/memberOf",
        "groups.memberOf.list",
        members::member_of,
    )
    .permit(READ_GROUPS, Denial::Directory)
    .mixed()
    .collection(OBJECT, "directoryObjects"),
    Route::post(
        "/groups/{group}/members/$ref",
        "groups.members.add",
        references::add_member,
    )
    .permit(WRITE_MEMBERS, Denial::Directory)
    .delegate(Delegated::Group(GROUP_WRITERS))
    .takes(REFERENCE),
    Route::delete(
        "/groups/{group}/members/{principal}/$ref",
        "groups.members.remove",
        references::remove_member,
    )
    .permit(WRITE_MEMBERS, Denial::Directory)
    .delegate(Delegated::Group(GROUP_WRITERS)),
    Route::post(
        "/groups/{group}/owners/$ref",
        "groups.owners.add",
        references::add_owner,
    )
    .permit(WRITE_GROUPS, Denial::Directory)
    .delegate(Delegated::Group(GROUP_WRITERS))
    .takes(REFERENCE),
    Route::delete(
        "/groups/{group}/owners/{principal}/$ref",
        "groups.owners.remove",
        references::remove_owner,
    )
    .permit(WRITE_GROUPS, Denial::Directory)
    .delegate(Delegated::Group(GROUP_WRITERS)),
];

/// What the collection of groups supports.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
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
    paging: Paging {
        default: 100,
        maximum: 999,
    },
    advanced: Advanced::Offered,
    refusal: "Request_UnsupportedQuery",
    defaults: &[],
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
