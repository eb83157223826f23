//! In which groups an object is, itself or through other groups
//! (learn.microsoft.com: directoryobject-checkmembergroups, directoryobject-getmembergroups).

use serde_json::{Map, Value, json};

use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::permission::Permissions;
use crate::route::{Service, routes};
use crate::state::Tenant;

use super::model::{Principal, PrincipalKind};
use super::permissions::{READ_APPLICATIONS, READ_GROUPS, READ_OBJECTS, READ_USERS};
use super::replication;

/// Groups that one request may ask about.
const MAXIMUM: usize = 20;

routes! { pub(super) ROUTES, Service::DIRECTORY;
    post "/directoryObjects/{object}/checkMemberGroups", READ_OBJECTS, |tenant, call| check(tenant, call, None),
        "directoryObjects.checkMemberGroups" => units(4), reading();
    post "/groups/{object}/checkMemberGroups", READ_GROUPS, |tenant, call| check(tenant, call, Some(PrincipalKind::Group)),
        "groups.checkMemberGroups" => units(4), reading();
    post "/users/{object}/checkMemberGroups", READ_USERS, |tenant, call| check(tenant, call, Some(PrincipalKind::User)),
        "users.checkMemberGroups" => units(4), reading();
    post "/servicePrincipals/{object}/checkMemberGroups", READ_APPLICATIONS,
        |tenant, call| check(tenant, call, Some(PrincipalKind::ServicePrincipal)),
        "servicePrincipals.checkMemberGroups" => units(4), reading();
    post "/directoryObjects/{object}/getMemberGroups", READ_OBJECTS, |tenant, call| list(tenant, call, None),
        "directoryObjects.getMemberGroups" => units(2), reading();
    post "/groups/{object}/getMemberGroups", READ_GROUPS, |tenant, call| list(tenant, call, Some(PrincipalKind::Group)),
        "groups.getMemberGroups" => units(2), reading();
    post "/users/{object}/getMemberGroups", READ_USERS, |tenant, call| list(tenant, call, Some(PrincipalKind::User)),
        "users.getMemberGroups" => units(2), reading();
    post "/servicePrincipals/{object}/getMemberGroups", READ_APPLICATIONS,
        |tenant, call| list(tenant, call, Some(PrincipalKind::ServicePrincipal)),
        "servicePrincipals.getMemberGroups" => units(2), reading();
}

/// Of the groups that the body names, those that the object is in.
fn check(tenant: &Tenant, call: &Call, kind: Option<PrincipalKind>) -> Answered {
    let object = find(tenant, call, kind)?;
    let body = parameters(call, "groupIds")?;
    let asked: Vec<ObjectId> = body
        .get("groupIds")
        .and_then(Value::as_array)
        .and_then(|ids| ids.iter().map(|id| id.as_str()?.parse().ok()).collect())
        .ok_or_else(|| {
            GraphError::invalid("The parameter 'groupIds' must be a collection of ids.")
        })?;
    if asked.len() > MAXIMUM {
        return Err(GraphError::invalid(format!(
            "Too many groupIds: {}. At most {MAXIMUM} are supported.",
            asked.len()
        )));
    }
    let held = tenant.directory.all_groups_of(object.id);
    let found: Vec<ObjectId> = asked.into_iter().filter(|id| held.contains(id)).collect();
    Ok(ids(call, &found))
}

/// All groups that the object is in. Security groups alone are told of people and service principals only.
fn list(tenant: &Tenant, call: &Call, kind: Option<PrincipalKind>) -> Answered {
    let object = find(tenant, call, kind)?;
    let body = parameters(call, "securityEnabledOnly")?;
    let security_only = match body.get("securityEnabledOnly") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(flag)) => *flag,
        Some(_) => {
            return Err(GraphError::invalid(
                "The parameter 'securityEnabledOnly' must be a boolean.",
            ));
        }
    };
    if security_only && object.kind == PrincipalKind::Group {
        return Err(GraphError::invalid(
            "'securityEnabledOnly' can be true for users and service principals only.",
        ));
    }
    let held = tenant.directory.all_groups_of(object.id).into_iter();
    let found: Vec<ObjectId> = held
        .filter(|id| {
            let group = tenant.directory.group(*id);
            group.is_some_and(|group| group.security_enabled || !security_only)
        })
        .collect();
    Ok(ids(call, &found))
}

/// The object that the path names, if the caller may read in which groups it is.
fn find(
    tenant: &Tenant,
    call: &Call,
    kind: Option<PrincipalKind>,
) -> Result<Principal, GraphError> {
    let key = call.param("object");
    let id = match kind {
        Some(PrincipalKind::User) => tenant.directory.user(key).map(|user| user.id),
        _ => Some(call.object_id("object")?),
    };
    let principal = id.and_then(|id| tenant.directory.principal(id));
    let found = principal
        .filter(|one| kind.is_none_or(|kind| kind == one.kind))
        .filter(|one| replication::replicated(tenant, one.id, one.created_at, call.operation))
        .ok_or_else(|| GraphError::not_found(key))?;
    for permissions in needed(found.kind) {
        call.require(permissions)?;
    }
    Ok(found)
}

/// What reading the memberships of an object takes, each of these.
fn needed(kind: PrincipalKind) -> &'static [Permissions] {
    match kind {
        PrincipalKind::User => &[READ_USERS, READ_GROUPS],
        PrincipalKind::Group => &[READ_GROUPS],
        PrincipalKind::ServicePrincipal => &[READ_APPLICATIONS],
    }
}

/// The body, which holds this parameter and no other.
fn parameters<'a>(call: &'a Call, only: &str) -> Result<&'a Map<String, Value>, GraphError> {
    let body = call.body_object()?;
    match body.keys().find(|name| *name != only) {
        Some(name) => Err(GraphError::bad_request(
            "BadRequest",
            format!(
                "The parameter '{name}' in the request payload is not a valid parameter for the operation."
            ),
        )),
        None => Ok(body),
    }
}

fn ids(call: &Call, found: &[ObjectId]) -> Reply {
    let context = format!("{}/$metadata#Collection(Edm.String)", call.base_url);
    Reply::raw(json!({"@odata.context": context, "value": found}))
}
