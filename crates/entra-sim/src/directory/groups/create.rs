//! Creating groups, by POST, by unique name and inside an administrative unit.

use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use crate::behaviours::directory::{
    APP_CREATE_ADDS_OWNER, LICENCE, Licence, QuotaAnswer, ROLE_ASSIGNABLE_LIMIT,
    ROLE_ASSIGNABLE_LIMIT_ANSWER,
};
use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::{Access, ObjectId};
use crate::journal::Effect;
use crate::state::Tenant;

use super::super::delegation::may_assign_roles;
use super::super::model::Group;
use super::super::permissions::{ROLE_ASSIGNABLE, WRITE_GROUPS};
use super::super::{json as render, membership};
use super::fields::{self, missing, refused};
use super::references;

/// Who a new group is to hold.
#[derive(Clone, Debug, Default)]
pub(in crate::directory) struct Bindings {
    pub(super) owners: Vec<ObjectId>,
    pub(super) members: Vec<ObjectId>,
}

pub(super) fn create(tenant: &mut Tenant, call: &Call) -> Answered {
    let body = call.body_object()?;
    if body.contains_key("uniqueName") {
        return Err(GraphError::invalid(
            "Property 'uniqueName' can only be set through the alternate key.",
        ));
    }
    let (group, bindings) = new_group(tenant, call, body)?;
    let id = insert_new(tenant, call, group, bindings);
    created(tenant, id)
}

pub(super) fn created(tenant: &Tenant, id: ObjectId) -> Answered {
    let group = tenant
        .directory
        .group(id)
        .ok_or_else(|| GraphError::not_found(id))?;
    let mut value = render::group(tenant, group);
    let address = format!(
        "https://graph.microsoft.com/v2/{}/directoryObjects/{id}/Microsoft.DirectoryServices.Group",
        tenant.id
    );
    value["@odata.id"] = json!(address);
    let reply = Reply::created(value);
    Ok(match HeaderValue::from_str(&address) {
        Ok(address) => reply.header(http::header::LOCATION, address),
        Err(_) => reply,
    })
}

/// Checks a body and makes the record of it. Nothing is written yet.
pub(in crate::directory) fn new_group(
    tenant: &Tenant,
    call: &Call,
    body: &Map<String, Value>,
) -> Result<(Group, Bindings), GraphError> {
    let mut group = assemble(tenant, body)?;
    group.created_by = call
        .caller
        .signed_in_user
        .is_none()
        .then_some(call.caller.app_id);
    if group.is_role_assignable() {
        call.require(ROLE_ASSIGNABLE)?;
        may_assign_roles(tenant, call)?;
        role_assignable(tenant, &mut group, body)?;
    }
    let bindings = bindings(tenant, call, &group, body)?;
    Ok((group, bindings))
}

/// The record of a body, without regard to who asks. The id is still to be given.
fn assemble(tenant: &Tenant, body: &Map<String, Value>) -> Result<Group, GraphError> {
    for name in [
        "displayName",
        "mailEnabled",
        "mailNickname",
        "securityEnabled",
    ] {
        if body.get(name).is_none_or(Value::is_null) {
            return Err(missing(name));
        }
    }
    let mut group = Group::new(tenant.now());
    for (name, value) in body {
        if !name.contains('@') {
            fields::write(&mut group, name, value)?;
        }
    }
    consistent(tenant, &group)?;
    Ok(group)
}

fn consistent(tenant: &Tenant, group: &Group) -> Result<(), GraphError> {
    if group.mail_enabled != group.is_unified() {
        return Err(GraphError::invalid(
            "The service does not currently support writes of mail-enabled groups. Please ensure that the \
             mail-enablement property is unset and the security-enablement property is set.",
        ));
    }
    if !group.mail_enabled && !group.security_enabled {
        return Err(refused("securityEnabled"));
    }
    rule_fits(group)?;
    nickname_is_free(tenant, group)
}

/// A group with dynamic membership has a rule with its state; no other group has either.
pub(super) fn rule_fits(group: &Group) -> Result<(), GraphError> {
    let any = group.membership_rule.is_some() || group.membership_rule_processing.is_some();
    let whole = group.membership_rule.is_some() && group.membership_rule_processing.is_some();
    if group.is_dynamic() && !whole || !group.is_dynamic() && any {
        return Err(refused("membershipRule"));
    }
    Ok(())
}

/// Only groups with mail need a nickname of their own.
pub(super) fn nickname_is_free(tenant: &Tenant, group: &Group) -> Result<(), GraphError> {
    let taken = group.mail_enabled
        && tenant.directory.groups.values().any(|other| {
            other.id != group.id
                && other.mail_enabled
                && other
                    .mail_nickname
                    .eq_ignore_ascii_case(&group.mail_nickname)
        });
    if taken {
        return Err(GraphError::invalid(
            "Another object with the same value for property mailNickname already exists.",
        )
        .detail(
            "ObjectConflict",
            "mailNickname",
            "Another object with the same value for property mailNickname already exists.",
        ));
    }
    Ok(())
}

/// Rules of role-assignable groups (learn.microsoft.com: groups-concept).
fn role_assignable(
    tenant: &Tenant,
    group: &mut Group,
    body: &Map<String, Value>,
) -> Result<(), GraphError> {
    if tenant.behaviours.get(&LICENCE) == Licence::None {
        return Err(GraphError::bad_request(
            "AadPremiumLicenseRequired",
            "The tenant needs a Microsoft Entra ID P1 license for groups that roles can be assigned to.",
        ));
    }
    if !group.security_enabled || group.is_dynamic() {
        return Err(refused("isAssignableToRole"));
    }
    let private = |text: &str| text.eq_ignore_ascii_case("Private");
    if body
        .get("visibility")
        .and_then(Value::as_str)
        .is_some_and(|text| !private(text))
    {
        return Err(refused("visibility"));
    }
    group.visibility = Some("Private".to_owned());
    let existing = tenant
        .directory
        .groups
        .values()
        .filter(|one| one.is_role_assignable())
        .count();
    let limit =
        usize::try_from(tenant.behaviours.get(&ROLE_ASSIGNABLE_LIMIT)).unwrap_or(usize::MAX);
    if existing < limit {
        return Ok(());
    }
    let message = format!(
        "The tenant has reached its limit of {limit} groups that roles can be assigned to."
    );
    Err(match tenant.behaviours.get(&ROLE_ASSIGNABLE_LIMIT_ANSWER) {
        QuotaAnswer::Forbidden => {
            GraphError::new(StatusCode::FORBIDDEN, "Directory_QuotaExceeded", message)
        }
        QuotaAnswer::BadRequest => GraphError::invalid(message),
    })
}

fn bindings(
    tenant: &Tenant,
    call: &Call,
    group: &Group,
    body: &Map<String, Value>,
) -> Result<Bindings, GraphError> {
    let bindings = Bindings {
        owners: references::bound(tenant, call, group, Access::Owner, body)?,
        members: references::bound(tenant, call, group, Access::Member, body)?,
    };
    readable(tenant, call, &bindings)?;
    references::few_enough(bindings.owners.len() + bindings.members.len())?;
    if group.is_dynamic() && !bindings.members.is_empty() {
        return Err(references::dynamic());
    }
    Ok(bindings)
}

/// Who may create groups and nothing more must be able to read what they bind (learn.microsoft.com: group-post-groups).
fn readable(tenant: &Tenant, call: &Call, bindings: &Bindings) -> Result<(), GraphError> {
    let writes = call.caller.has_any(WRITE_GROUPS);
    if writes || !call.caller.has("Group.Create") {
        return Ok(());
    }
    let bound = bindings.owners.iter().chain(&bindings.members);
    let mut principals = bound.filter_map(|id| tenant.directory.principal(*id));
    if principals.all(|principal| render::may_read(&call.caller, principal.kind)) {
        Ok(())
    } else {
        Err(GraphError::denied())
    }
}

pub(in crate::directory) fn insert_new(
    tenant: &mut Tenant,
    call: &Call,
    mut group: Group,
    mut bindings: Bindings,
) -> ObjectId {
    let id = tenant.new_object_id();
    group.id = id;
    let caller = match call.caller.signed_in_user {
        // A signed-in creator is added even beside an explicit list.
        Some(user) => Some(user),
        None => tenant
            .behaviours
            .get(&APP_CREATE_ADDS_OWNER)
            .then_some(call.caller.object_id),
    };
    bindings.owners.extend(caller);
    tenant.effect(
        call.now,
        Effect::GroupCreated {
            group: id,
            display_name: group.display_name.clone(),
            unique_name: group.unique_name.clone(),
            role_assignable: group.is_role_assignable(),
        },
    );
    tenant.directory.groups.insert(id, group);
    for owner in bindings.owners {
        membership::add(tenant, id, Access::Owner, owner, call.now);
    }
    for member in bindings.members {
        membership::add(tenant, id, Access::Member, member, call.now);
    }
    id
}
