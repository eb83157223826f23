//! Links from a group to its members and owners: bound in a body, added and removed by `$ref`.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::{Map, Value};

use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::{Access, ObjectId};
use crate::state::{Event, Tenant};

use super::super::model::{Group, PrincipalKind};
use super::super::{membership, replication};
use super::find::find;
use super::rules;

const MAXIMUM_OWNERS: usize = 100;
/// Links that one request may make (learn.microsoft.com: group-post-groups, group-post-members).
const MAXIMUM_LINKS: usize = 20;

/// An object that a reference names, with the collection it was named in.
struct Reference {
    collection: String,
    id: ObjectId,
}

pub(super) fn add(tenant: &mut Tenant, call: &Call, access: Access) -> Answered {
    let group = find(tenant, call)?;
    let link = call
        .body_object()?
        .get("@odata.id")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let reference = parse(link)?;
    rules::writable(tenant, call, group)?;
    let id = group.id;
    may_hold(tenant, call, group, access, &reference)?;
    if group.holders(access).contains_key(&reference.id) {
        return Err(already(access));
    }
    membership::add(tenant, id, access, reference.id, call.now);
    Ok(Reply::no_content())
}

pub(super) fn remove(tenant: &mut Tenant, call: &Call, access: Access) -> Answered {
    let group = find(tenant, call)?;
    let principal = call.object_id("principal")?;
    rules::writable(tenant, call, group)?;
    if access == Access::Member && group.is_dynamic() {
        return Err(dynamic());
    }
    if !group.holders(access).contains_key(&principal) {
        return Err(GraphError::not_found(principal));
    }
    let id = group.id;
    membership::remove(tenant, id, access, principal, call.now).map_err(
        |membership::LastOwner| {
            GraphError::invalid(
                "The group must have at least one owner, hence this owner cannot be removed.",
            )
        },
    )?;
    tenant.tell(&Event::HolderRemoved {
        group: id,
        access,
        principal,
    });
    Ok(Reply::no_content())
}

/// The principals of `owners@odata.bind` or `members@odata.bind`, checked.
pub(super) fn bound(
    tenant: &Tenant,
    call: &Call,
    group: &Group,
    access: Access,
    body: &Map<String, Value>,
) -> Result<Vec<ObjectId>, GraphError> {
    let name = format!("{}@odata.bind", access.navigation());
    let Some(links) = body.get(&name) else {
        return Ok(Vec::new());
    };
    let links = links
        .as_array()
        .ok_or_else(|| GraphError::invalid(format!("Invalid value for '{name}'.")))?;
    let mut seen = BTreeSet::new();
    let mut ids = Vec::new();
    for link in links {
        let reference = parse(link.as_str().unwrap_or_default())?;
        if !seen.insert(reference.id) {
            return Err(GraphError::invalid(
                "Request contains a property with duplicate values.",
            ));
        }
        // In a body an unknown object is a bad value, not a missing resource.
        may_hold(tenant, call, group, access, &reference).map_err(|mut error| {
            if error.status == StatusCode::NOT_FOUND {
                error.status = StatusCode::BAD_REQUEST;
                "Request_BadRequest".clone_into(&mut error.code);
            }
            error
        })?;
        ids.push(reference.id);
    }
    Ok(ids)
}

/// Refuses a principal that the group can not hold.
fn may_hold(
    tenant: &Tenant,
    call: &Call,
    group: &Group,
    access: Access,
    reference: &Reference,
) -> Result<(), GraphError> {
    let id = reference.id;
    let principal = tenant
        .directory
        .principal(id)
        .filter(|principal| named_rightly(principal.kind, &reference.collection))
        .filter(|principal| {
            replication::replicated(tenant, id, principal.created_at, call.operation)
        })
        .ok_or_else(|| GraphError::not_found(id))?;
    if access == Access::Member && group.is_dynamic() {
        return Err(dynamic());
    }
    if access == Access::Owner && group.owners.len() >= MAXIMUM_OWNERS {
        return Err(GraphError::new(
            StatusCode::FORBIDDEN,
            "Directory_QuotaExceeded",
            format!("The group has reached its limit of {MAXIMUM_OWNERS} owners."),
        ));
    }
    match (access, principal.kind) {
        (Access::Owner, PrincipalKind::Group) => Err(GraphError::invalid(format!(
            "The reference target 'Group_{id}' of type 'Group' is invalid for property 'owners'."
        ))),
        (Access::Member, PrincipalKind::Group) if group.is_role_assignable() => {
            Err(GraphError::invalid(
                // As users report it (MicrosoftDocs/azure-docs#88710, hashicorp/terraform-provider-azuread#651).
                "Nesting is currently not supported for groups that can be assigned to a role.",
            ))
        }
        (Access::Member, PrincipalKind::Group) if id == group.id => {
            Err(GraphError::invalid("A group cannot be a member of itself."))
        }
        _ => Ok(()),
    }
}

/// `directoryObjects/{id}` names every principal, `users/{id}` only users.
fn named_rightly(kind: PrincipalKind, collection: &str) -> bool {
    match collection {
        "directoryobjects" => true,
        "users" => kind == PrincipalKind::User,
        "groups" => kind == PrincipalKind::Group,
        "serviceprincipals" => kind == PrincipalKind::ServicePrincipal,
        _ => false,
    }
}

/// Reads `https://host/v1.0/{collection}/{id}`.
fn parse(link: &str) -> Result<Reference, GraphError> {
    let malformed = || GraphError::invalid(format!("Invalid object reference '{link}'."));
    let url = url::Url::parse(link).map_err(|_| malformed())?;
    let path = url
        .path()
        .replace("('", "/")
        .replace("')", "")
        .replace("(%27", "/")
        .replace("%27)", "");
    let mut segments = path.rsplit('/').filter(|segment| !segment.is_empty());
    let id = segments
        .next()
        .and_then(|id| id.parse().ok())
        .ok_or_else(malformed)?;
    let collection = segments
        .next()
        .map(str::to_ascii_lowercase)
        .ok_or_else(malformed)?;
    Ok(Reference { collection, id })
}

/// Refuses a body that makes more links than the service takes, in its words
/// (microsoftgraph/microsoft-graph-docs#6016).
pub(super) fn few_enough(links: usize) -> Result<(), GraphError> {
    if links > MAXIMUM_LINKS {
        return Err(GraphError::invalid(format!(
            "A resource cannot contain more than {MAXIMUM_LINKS} link changes"
        )));
    }
    Ok(())
}

/// The 400 for a principal that is there already.
pub(super) fn already(access: Access) -> GraphError {
    GraphError::invalid(format!(
        "One or more added object references already exist for the following modified properties: '{}'.",
        access.navigation()
    ))
}

/// The 400 for members that a rule decides.
pub(super) fn dynamic() -> GraphError {
    GraphError::invalid("The members of a group with dynamic membership cannot be changed.")
}
