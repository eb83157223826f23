//! Changing groups, by id and by unique name.

use serde_json::{Map, Value};

use crate::behaviours::directory::{
    DELETED_GROUP_HOLDS_UNIQUE_NAME, ROLE_ASSIGNABLE_UPSERT, RoleAssignableUpsert,
};
use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::{Access, ObjectId};
use crate::journal::Effect;
use crate::state::Tenant;

use super::super::model::{DeletedObject, Group};
use super::super::permissions::WRITE_GROUPS;
use super::super::{index, json as render, membership};
use super::find::{by_unique_name, find};
use super::{create, fields, references, rules};

/// Properties that stay what they were at creation.
const IMMUTABLE: &[&str] = &[
    "isAssignableToRole",
    "mailEnabled",
    "groupTypes",
    // learn.microsoft.com: group-set-options.
    "resourceBehaviorOptions",
];

/// What belongs to dynamic membership alone.
const RULE: [&str; 2] = ["membershipRule", "membershipRuleProcessingState"];

pub(super) fn update(tenant: &mut Tenant, call: &Call) -> Answered {
    let group = find(tenant, call)?.clone();
    let body = call.body_object()?;
    if body.keys().any(|name| !name.contains('@')) {
        call.require(WRITE_GROUPS)?;
    }
    change(tenant, call, &group, body)?;
    Ok(Reply::no_content())
}

/// `PATCH /groups(uniqueName='..')`, with `Prefer: create-if-missing` an upsert.
pub(super) fn upsert(tenant: &mut Tenant, call: &Call) -> Answered {
    let key = Value::String(call.param("uniqueName").to_owned());
    let Some(unique_name) = fields::unique_name(&key)? else {
        return Err(fields::missing("uniqueName"));
    };
    let mut body = call.body_object()?.clone();
    if body.remove("uniqueName").is_some_and(|given| given != key) {
        return Err(GraphError::invalid(
            "The value of 'uniqueName' differs from the key in the request.",
        ));
    }
    if let Some(group) = by_unique_name(tenant, &unique_name).cloned() {
        refuse_role_assignable(tenant, group.is_role_assignable())?;
        call.require(WRITE_GROUPS)?;
        change(tenant, call, &group, &body)?;
        return Ok(Reply::no_content());
    }
    if !call.prefers("create-if-missing") {
        return Err(GraphError::not_found(unique_name));
    }
    let requested = body.get("isAssignableToRole").and_then(Value::as_bool) == Some(true);
    refuse_role_assignable(tenant, requested)?;
    if held_by_deleted(tenant, &unique_name)
        && tenant.behaviours.get(&DELETED_GROUP_HOLDS_UNIQUE_NAME)
    {
        return Err(GraphError::invalid(
            "A conflicting object with one or more of the specified property values is present in the directory.",
        ));
    }
    let (mut group, bindings) = create::new_group(tenant, call, &body)?;
    group.unique_name = Some(unique_name);
    let id = create::insert_new(tenant, call, group, bindings);
    create::created(tenant, id)
}

fn held_by_deleted(tenant: &Tenant, unique_name: &str) -> bool {
    tenant
        .directory
        .deleted
        .values()
        .any(|item| match &item.object {
            DeletedObject::Group(group) => group.unique_name.as_deref() == Some(unique_name),
            DeletedObject::User(_) => false,
        })
}

fn refuse_role_assignable(tenant: &Tenant, role_assignable: bool) -> Result<(), GraphError> {
    if !role_assignable {
        return Ok(());
    }
    match tenant.behaviours.get(&ROLE_ASSIGNABLE_UPSERT) {
        RoleAssignableUpsert::Refused400 => Err(unique_name_refused()),
        RoleAssignableUpsert::Refused403 => Err(GraphError::denied()),
        RoleAssignableUpsert::Allowed => Ok(()),
    }
}

fn unique_name_refused() -> GraphError {
    GraphError::invalid("Value for ArmUniqueName cannot be updated for groups assignable to role.")
}

/// Checks the whole body, then writes it: all or nothing.
fn change(
    tenant: &mut Tenant,
    call: &Call,
    before: &Group,
    body: &Map<String, Value>,
) -> Result<(), GraphError> {
    rules::writable(tenant, call, before)?;
    let mut after = before.clone();
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        fields::write(&mut after, name, value)?;
    }
    immutable(before, &after, body)?;
    if RULE.iter().any(|name| body.contains_key(*name)) {
        create::rule_fits(&after)?;
    }
    if before.mail_nickname != after.mail_nickname {
        create::nickname_is_free(tenant, &after)?;
    }
    let members = bound(tenant, call, before, body)?;
    let properties = changed(tenant, before, &after);
    let id = before.id;
    if !properties.is_empty() {
        tenant.directory.groups.insert(id, after);
        index::keep(
            tenant,
            id,
            DeletedObject::Group(Box::new(before.clone())),
            call.now,
        );
        tenant.effect(
            call.now,
            Effect::GroupUpdated {
                group: id,
                properties,
            },
        );
    }
    for member in members {
        membership::add(tenant, id, Access::Member, member, call.now);
    }
    Ok(())
}

fn immutable(before: &Group, after: &Group, body: &Map<String, Value>) -> Result<(), GraphError> {
    let differs = |name: &str| match name {
        "isAssignableToRole" => before.is_role_assignable() != after.is_role_assignable(),
        "mailEnabled" => before.mail_enabled != after.mail_enabled,
        "resourceBehaviorOptions" => before.behaviors != after.behaviors,
        _ => before.group_types != after.group_types,
    };
    if let Some(name) = IMMUTABLE
        .iter()
        .find(|name| body.contains_key(**name) && differs(name))
    {
        return Err(GraphError::invalid(format!(
            "The property '{name}' of a group cannot be changed after its creation."
        )));
    }
    if before.unique_name != after.unique_name {
        if after.is_role_assignable() {
            return Err(unique_name_refused());
        }
        if before.unique_name.is_some() {
            return Err(GraphError::invalid(
                "The property 'uniqueName' of a group cannot be changed.",
            ));
        }
    }
    if after.is_role_assignable()
        && (after.visibility.as_deref() != Some("Private") || !after.security_enabled)
    {
        return Err(fields::refused("visibility"));
    }
    let hidden = |group: &Group| group.visibility.as_deref() == Some("HiddenMembership");
    if hidden(before) != hidden(after) {
        return Err(fields::refused("visibility"));
    }
    if !after.mail_enabled && !after.security_enabled {
        return Err(fields::refused("securityEnabled"));
    }
    Ok(())
}

fn bound(
    tenant: &Tenant,
    call: &Call,
    group: &Group,
    body: &Map<String, Value>,
) -> Result<Vec<ObjectId>, GraphError> {
    if body.contains_key("owners@odata.bind") {
        return Err(GraphError::invalid(
            "Owners of an existing group are added by reference, one at a time.",
        ));
    }
    let members = references::bound(tenant, call, group, Access::Member, body)?;
    references::few_enough(members.len())?;
    if members
        .iter()
        .any(|member| group.members.contains_key(member))
    {
        return Err(references::already(Access::Member));
    }
    Ok(members)
}

/// The properties whose value is another one.
fn changed(tenant: &Tenant, before: &Group, after: &Group) -> Vec<String> {
    let (before, after) = (render::group(tenant, before), render::group(tenant, after));
    let Value::Object(after) = after else {
        return Vec::new();
    };
    after
        .into_iter()
        .filter(|(name, value)| before.get(name) != Some(value))
        .map(|(name, _)| name)
        .collect()
}
