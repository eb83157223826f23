//! Deleted items: what was deleted in the last days, and can be taken back or removed for good
//! (learn.microsoft.com: directory resource type, directory-deleteditems-*).

use serde_json::{Value, json};

use crate::behaviours::directory::DELETED_SECURITY_FLAG;
use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::odata;
use crate::permission::permissions;
use crate::route::{Delegated, Service, routes};
use crate::state::Tenant;

use super::groups::{self, CAPABILITIES};
use super::model::{Deleted, DeletedObject};
use super::permissions::{READ_USERS, ROLE_ASSIGNABLE};
use super::purge::purge;
use super::{json as render, users};

permissions! {
    READ = "Group.Read.All" | "Group.ReadWrite.All" | "User.Read.All" | "User.ReadWrite.All" | "Directory.Read.All"
        | "Directory.ReadWrite.All";
    WRITE = "Group.ReadWrite.All" | "User.ReadWrite.All" | "User.DeleteRestore.All" | "Directory.ReadWrite.All";
    /// Reading a deleted group takes the permission for all its properties.
    READ_DELETED_GROUPS = "Group.Read.All" | "Group.ReadWrite.All";
    WRITE_DELETED_GROUPS = "Group.ReadWrite.All" | "Directory.ReadWrite.All";
    WRITE_DELETED_USERS = "User.ReadWrite.All" | "User.DeleteRestore.All" | "Directory.ReadWrite.All";
}

const OBJECT: &str = "microsoft.graph.directoryObject";

routes! { pub(super) ROUTES, Service::DIRECTORY;
    get "/directory/deletedItems", READ, untyped, "deletedItems.listUntyped";
    get "/directory/deletedItems/microsoft.graph.group", READ_DELETED_GROUPS, list_groups,
        "deletedItems.listGroups" => collection("microsoft.graph.group", "groups");
    get "/directory/deletedItems/microsoft.graph.user", READ_USERS, list_users,
        "deletedItems.listUsers" => collection("microsoft.graph.user", "users");
    get "/directory/deletedItems/{object}", READ, get, "deletedItems.get" => mixed(), entity(OBJECT, "directoryObjects");
    post "/directory/deletedItems/{object}/restore", WRITE, restore,
        "deletedItems.restore" => delegate(Delegated::DeletedItem), mixed(), entity(OBJECT, "directoryObjects");
    delete "/directory/deletedItems/{object}", WRITE, remove, "deletedItems.purge" => delegate(Delegated::DeletedItem);
}

/// Lists need a cast; the words are those that users report (microsoftgraph/microsoft-graph-docs#10080).
fn untyped(_: &mut Tenant, _: &Call) -> Answered {
    Err(GraphError::unsupported_query(
        "Searches against this resource are not supported. Only specific instances can be queried.",
    ))
}

fn list_groups(tenant: &mut Tenant, call: &Call) -> Answered {
    let items = tenant.directory.deleted.values();
    let groups = items.filter(|item| matches!(item.object, DeletedObject::Group(_)));
    let mut rows: Vec<Value> = groups.map(|item| row(tenant, item)).collect();
    if !call.query.select.is_empty() {
        rows.iter_mut().for_each(render::group_hidden);
    }
    odata::collection(call, rows, &CAPABILITIES).map(Reply::rows)
}

fn list_users(tenant: &mut Tenant, call: &Call) -> Answered {
    let items = tenant.directory.deleted.values();
    let users = items.filter(|item| matches!(item.object, DeletedObject::User(_)));
    let rows = users.map(|item| row(tenant, item)).collect();
    odata::collection(call, rows, &users::CAPABILITIES).map(Reply::rows)
}

fn get(tenant: &mut Tenant, call: &Call) -> Answered {
    let (_, item) = find(tenant, call)?;
    let sets = match item.object {
        DeletedObject::Group(_) => READ_DELETED_GROUPS,
        DeletedObject::User(_) => READ_USERS,
    };
    call.require(sets)?;
    let mut value = row(tenant, item);
    value["@odata.type"] = json!(kind(item));
    odata::entity(call, value, &groups::CAPABILITIES).map(Reply::ok)
}

fn restore(tenant: &mut Tenant, call: &Call) -> Answered {
    let (id, item) = find(tenant, call)?;
    let item = item.clone();
    let kind = kind(&item);
    let mut value = match item.object {
        DeletedObject::Group(group) => {
            call.require(WRITE_DELETED_GROUPS)?;
            groups::restore(tenant, call, *group)?;
            let group = tenant
                .directory
                .group(id)
                .ok_or_else(|| GraphError::not_found(id))?;
            render::group(tenant, group)
        }
        DeletedObject::User(user) => {
            call.require(WRITE_DELETED_USERS)?;
            let value = render::user(&user);
            users::restore(tenant, call, user)?;
            value
        }
    };
    value["@odata.type"] = json!(kind);
    Ok(Reply::ok(value))
}

fn remove(tenant: &mut Tenant, call: &Call) -> Answered {
    let (id, item) = find(tenant, call)?;
    match &item.object {
        DeletedObject::Group(group) => {
            call.require(WRITE_DELETED_GROUPS)?;
            if group.is_role_assignable() {
                call.require(ROLE_ASSIGNABLE)?;
            }
        }
        DeletedObject::User(_) => call.require(WRITE_DELETED_USERS)?,
    }
    purge(tenant, id, call.now);
    Ok(Reply::no_content())
}

fn find<'a>(tenant: &'a Tenant, call: &Call) -> Result<(ObjectId, &'a Deleted), GraphError> {
    let id = call.object_id("object")?;
    let item = tenant
        .directory
        .deleted
        .get(&id)
        .ok_or_else(|| GraphError::not_found(id))?;
    Ok((id, item))
}

fn kind(item: &Deleted) -> &'static str {
    match item.object {
        DeletedObject::Group(_) => "#microsoft.graph.group",
        DeletedObject::User(_) => "#microsoft.graph.user",
    }
}

fn row(tenant: &Tenant, item: &Deleted) -> Value {
    let mut value = match &item.object {
        DeletedObject::Group(group) => {
            let mut value = render::group(tenant, group);
            // Known issue: the flag of a deleted security group is lost; its kind is told by its empty groupTypes.
            if tenant.behaviours.get(&DELETED_SECURITY_FLAG) && group.group_types.is_empty() {
                value["securityEnabled"] = json!(false);
            }
            value
        }
        DeletedObject::User(user) => render::user(user),
    };
    value["deletedDateTime"] = json!(render::whole_seconds(item.at));
    value
}
