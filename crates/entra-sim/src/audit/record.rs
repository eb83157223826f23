//! One record of the audit log: the words of the service for one effect.
//!
//! Activities: learn.microsoft.com, "reference-audit-activities". PIM for Groups uses the words of roles under the
//! category `GroupManagement`; the membership that follows is logged by `Core Directory` as a change made by the
//! application `MS-PIM`.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::log::Actor;
use crate::ids::ObjectId;
use crate::journal::{Effect, Grant, Target};
use crate::pim::window::stamp;
use crate::state::Tenant;

/// What a record says before it names anybody.
struct Activity {
    name: String,
    service: &'static str,
    category: &'static str,
    operation: &'static str,
}

const DIRECTORY: &str = "Core Directory";
const PIM: &str = "PIM";

/// The record of an effect; `None` where the service makes none.
pub(super) fn of(
    tenant: &Tenant,
    at: Timestamp,
    effect: &Effect,
    actor: Option<&Actor>,
    id: Uuid,
) -> Option<Value> {
    let (activity, targets, window) = describe(tenant, effect, actor)?;
    let by = initiator(tenant, actor, activity.service);
    let service = actor
        .and_then(|actor| actor.service.as_deref())
        .unwrap_or(activity.service);
    let reason = actor.and_then(|actor| actor.justification.clone());
    let mut details = Vec::new();
    if let Some(grant) = window {
        details.push(json!({"key": "StartTime", "value": grant.start.to_string()}));
        if let Some(end) = grant.end {
            details.push(json!({"key": "ExpirationTime", "value": end.to_string()}));
        }
    }
    if let Some(reason) = &reason {
        details.push(json!({"key": "Justification", "value": reason}));
    }
    Some(json!({
        "id": format!("{}_{}", service.replace(' ', ""), id.as_simple()),
        "activityDateTime": stamp(at),
        "activityDisplayName": activity.name,
        "additionalDetails": details,
        "category": activity.category,
        "correlationId": id,
        "initiatedBy": by,
        "loggedByService": service,
        "operationType": activity.operation,
        "result": "success",
        "resultReason": reason.unwrap_or_default(),
        "targetResources": targets,
    }))
}

type Description<'a> = (Activity, Vec<Value>, Option<&'a Grant>);

fn describe<'a>(
    tenant: &Tenant,
    effect: &'a Effect,
    actor: Option<&Actor>,
) -> Option<Description<'a>> {
    let Some((name, category, operation)) = words(effect) else {
        return schedule(tenant, effect, actor);
    };
    let service = match effect {
        Effect::GroupPolicyChanged { .. } | Effect::RolePolicyChanged { .. } => PIM,
        _ => DIRECTORY,
    };
    let activity = Activity {
        name: name.to_owned(),
        service,
        category,
        operation,
    };
    Some((activity, targets(tenant, effect), None))
}

/// Name, category and operation of what is no schedule.
fn words(effect: &Effect) -> Option<(&'static str, &'static str, &'static str)> {
    const GROUPS: &str = "GroupManagement";
    const USERS: &str = "UserManagement";
    const ROLES: &str = "RoleManagement";
    const UNITS: &str = "AdministrativeUnit";
    Some(match effect {
        Effect::GroupCreated { .. } => ("Add group", GROUPS, "Add"),
        Effect::GroupUpdated { .. } => ("Update group", GROUPS, "Update"),
        Effect::GroupDeleted { .. } => ("Delete group", GROUPS, "Delete"),
        Effect::GroupRestored { .. } => ("Restore Group", GROUPS, "Restore"),
        Effect::GroupPurged { .. } => ("Hard Delete group", GROUPS, "Delete"),
        Effect::UserCreated { .. } => ("Add user", USERS, "Add"),
        Effect::UserUpdated { .. } => ("Update user", USERS, "Update"),
        Effect::UserDeleted { .. } => ("Delete user", USERS, "Delete"),
        Effect::UserRestored { .. } => ("Restore user", USERS, "Restore"),
        Effect::UserPurged { .. } => ("Hard Delete user", USERS, "Delete"),
        Effect::MemberAdded { .. } => ("Add member to group", GROUPS, "Assign"),
        Effect::MemberRemoved { .. } => ("Remove member from group", GROUPS, "Unassign"),
        Effect::OwnerAdded { .. } => ("Add owner to group", GROUPS, "Assign"),
        Effect::OwnerRemoved { .. } => ("Remove owner from group", GROUPS, "Unassign"),
        Effect::RoleAssigned { .. } => ("Add member to role", ROLES, "Assign"),
        Effect::RoleUnassigned { .. } => ("Remove member from role", ROLES, "Unassign"),
        Effect::AppRoleAssigned { .. } => {
            ("Add app role assignment grant to user", USERS, "Assign")
        }
        Effect::AppRoleUnassigned { .. } => {
            ("Remove app role assignment from user", USERS, "Unassign")
        }
        Effect::UnitMemberAdded { .. } => ("Add member to administrative unit", UNITS, "Assign"),
        Effect::UnitMemberRemoved { .. } => {
            ("Remove member from administrative unit", UNITS, "Unassign")
        }
        Effect::GroupPolicyChanged { .. } => ("Update role setting in PIM", GROUPS, "Update"),
        Effect::RolePolicyChanged { .. } => ("Update role setting in PIM", ROLES, "Update"),
        _ => return None,
    })
}

/// What an effect that is no schedule touches.
fn targets(tenant: &Tenant, effect: &Effect) -> Vec<Value> {
    match effect {
        Effect::GroupCreated { group, .. }
        | Effect::GroupUpdated { group, .. }
        | Effect::GroupDeleted { group }
        | Effect::GroupRestored { group }
        | Effect::GroupPurged { group } => vec![target(tenant, *group)],
        Effect::UserCreated { user }
        | Effect::UserUpdated { user, .. }
        | Effect::UserDeleted { user }
        | Effect::UserRestored { user }
        | Effect::UserPurged { user } => vec![target(tenant, *user)],
        Effect::MemberAdded { group, principal }
        | Effect::MemberRemoved { group, principal }
        | Effect::OwnerAdded { group, principal }
        | Effect::OwnerRemoved { group, principal } => {
            vec![target(tenant, *principal), target(tenant, *group)]
        }
        Effect::RoleAssigned {
            role, principal, ..
        }
        | Effect::RoleUnassigned {
            role, principal, ..
        } => {
            vec![target(tenant, *principal), role_target(tenant, role)]
        }
        Effect::AppRoleAssigned { principal, .. } | Effect::AppRoleUnassigned { principal, .. } => {
            vec![target(tenant, *principal)]
        }
        Effect::UnitMemberAdded { unit, member } | Effect::UnitMemberRemoved { unit, member } => {
            vec![target(tenant, *member), unit_target(tenant, *unit)]
        }
        // In the records of PIM the group comes third.
        Effect::GroupPolicyChanged { group, access, .. } => vec![
            json!({"id": null, "displayName": title(access.as_str()), "type": "Role", "modifiedProperties": []}),
            json!({"id": null, "displayName": null, "type": "Other", "modifiedProperties": []}),
            target(tenant, *group),
        ],
        Effect::RolePolicyChanged { role, .. } => vec![role_target(tenant, role)],
        _ => Vec::new(),
    }
}

/// The record of what PIM does with a schedule.
fn schedule<'a>(
    tenant: &Tenant,
    effect: &'a Effect,
    actor: Option<&Actor>,
) -> Option<Description<'a>> {
    let (grant, name, operation) = schedule_words(effect, actor)?;
    let (category, role, resource) = match &grant.target {
        Target::Group { group, access } => {
            let role = json!({
                "id": null, "displayName": title(access.as_str()), "type": "Role", "modifiedProperties": [],
            });
            ("GroupManagement", role, Some(target(tenant, *group)))
        }
        Target::DirectoryRole { role, .. } => ("RoleManagement", role_target(tenant, role), None),
        Target::AzureRole { role, scope } => {
            let named = |id: &str, kind: &str| json!({"id": id, "displayName": null, "type": kind, "modifiedProperties": []});
            (
                "ResourceManagement",
                named(role, "Role"),
                Some(named(scope, "Resource")),
            )
        }
    };
    let mut targets = vec![role, target(tenant, grant.principal)];
    targets.extend(resource);
    let activity = Activity {
        name,
        service: PIM,
        category,
        operation,
    };
    Some((activity, targets, Some(grant)))
}

/// Name and operation of what PIM does with a schedule.
fn schedule_words<'a>(
    effect: &'a Effect,
    actor: Option<&Actor>,
) -> Option<(&'a Grant, String, &'static str)> {
    let completed = |what: &str, grant: &Grant| {
        let length = if grant.end.is_some() {
            "timebound"
        } else {
            "permanent"
        };
        format!("{what} in PIM completed ({length})")
    };
    Some(match effect {
        Effect::EligibilityCreated(grant) | Effect::EligibilityChanged(grant) => (
            grant,
            completed("Add eligible member to role", grant),
            "AssignEligibleRole",
        ),
        Effect::EligibilityEnded(grant) => (
            grant,
            completed("Remove eligible member from role", grant),
            "UnassignEligibleRole",
        ),
        Effect::ActiveCreated(grant) | Effect::ActiveChanged(grant) => (
            grant,
            completed("Add member to role", grant),
            "AssignPermanentGrantedRole",
        ),
        Effect::ActiveEnded(grant) => (
            grant,
            completed("Remove member from role", grant),
            "UnassignPermanentGrantedRole",
        ),
        Effect::ActivationStarted(grant) => (
            grant,
            "Add member to role completed (PIM activation)".to_owned(),
            "ActivateRole",
        ),
        Effect::ActivationEnded(grant) => {
            let name = match actor {
                Some(_) => "Remove member from role completed (PIM deactivate)",
                None => "Remove member from role (PIM activation expired)",
            };
            (grant, name.to_owned(), "DeactivateRole")
        }
        _ => return None,
    })
}

fn title(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// The alert about a role that a group holds without PIM; it names who gave it, not PIM.
pub(super) fn outside_pim(
    tenant: &Tenant,
    at: Timestamp,
    (role, group): (&str, ObjectId),
    creator: &Value,
    id: Uuid,
) -> Value {
    json!({
        "id": format!("{PIM}_{}", id.as_simple()),
        "activityDateTime": stamp(at),
        "activityDisplayName": "Add member to role outside of PIM (permanent)",
        "additionalDetails": [],
        "category": "RoleManagement",
        "correlationId": id,
        "initiatedBy": creator,
        "loggedByService": PIM,
        "operationType": "RoleElevatedOutsidePimAlert",
        "result": "success",
        "resultReason": "",
        "targetResources": [role_target(tenant, role), target(tenant, group)],
    })
}

pub(super) fn acting(tenant: &Tenant, actor: Option<&Actor>) -> Value {
    initiator(tenant, actor, DIRECTORY)
}

/// Who did it: the user, the application, another service, or PIM itself.
fn initiator(tenant: &Tenant, actor: Option<&Actor>, service: &str) -> Value {
    let app = |name: &str, app: Option<String>, principal: Option<ObjectId>| {
        json!({
            "app": {"appId": app, "displayName": name, "servicePrincipalId": principal, "servicePrincipalName": null},
            "user": null,
        })
    };
    let pim = |service: &str| {
        app(
            if service == DIRECTORY {
                "MS-PIM"
            } else {
                "Azure AD PIM"
            },
            None,
            None,
        )
    };
    let Some(actor) = actor else {
        return pim(service);
    };
    if let Some(service) = &actor.service {
        return app(service, None, None);
    }
    if actor.pim && service == DIRECTORY {
        return pim(service);
    }
    if let Some(user) = actor.user.and_then(|id| tenant.directory.users.get(&id)) {
        return json!({
            "app": null,
            "user": {
                "id": user.id, "displayName": user.display_name, "userPrincipalName": user.user_principal_name,
                "ipAddress": null,
            },
        });
    }
    let name = tenant
        .directory
        .principal(actor.principal)
        .map(|one| one.display_name);
    app(
        &name.unwrap_or_default(),
        Some(actor.app.to_string()),
        Some(actor.principal),
    )
}

/// A directory object, deleted or not, as a target.
fn target(tenant: &Tenant, id: ObjectId) -> Value {
    let directory = &tenant.directory;
    let deleted = || directory.deleted.get(&id).map(|item| item.object.summary());
    let living = || {
        let user = directory.users.get(&id).map(|user| {
            (
                "User",
                user.display_name.clone(),
                Some(user.user_principal_name.clone()),
            )
        });
        user.or_else(|| {
            directory
                .groups
                .get(&id)
                .map(|group| ("Group", group.display_name.clone(), None))
        })
        .or_else(|| {
            directory
                .service_principals
                .get(&id)
                .map(|one| ("ServicePrincipal", one.display_name.clone(), None))
        })
    };
    let (kind, name, principal_name) =
        living()
            .or_else(deleted)
            .unwrap_or(("Other", String::new(), None));
    json!({
        "id": id, "displayName": name, "type": kind, "userPrincipalName": principal_name, "modifiedProperties": [],
    })
}

fn unit_target(tenant: &Tenant, id: ObjectId) -> Value {
    let unit = tenant.directory.units.get(&id);
    let name = unit.map(|unit| unit.display_name.as_str());
    json!({"id": id, "displayName": name, "type": "Other", "modifiedProperties": []})
}

fn role_target(tenant: &Tenant, role: &str) -> Value {
    let name = role
        .parse()
        .ok()
        .and_then(|id| tenant.roles.definition(id))
        .map(|definition| definition.display_name.clone());
    json!({"id": role, "displayName": name, "type": "Role", "modifiedProperties": []})
}
