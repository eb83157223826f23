//! Directory objects as JSON, with all their properties; projection is done by `odata`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::model::PrincipalKind;
use super::model::{AdministrativeUnit, AppRole, Group, ServicePrincipal, User, UserType};
use super::registry::Directory;
use crate::behaviours::directory::SHOWS_CREATED_BY_APP;
use crate::call::Caller;
use crate::ids::ObjectId;
use crate::state::Tenant;
use crate::token::{Application, Secret};

/// Properties of a user that are returned without `$select`.
pub(super) const USER_DEFAULTS: &[&str] = &[
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];

/// Properties of a user that are returned only with `$select`, and that nobody has set in this tenant.
const USER_UNSET: &[&str] = &[
    "ageGroup",
    "city",
    "companyName",
    "consentProvidedForMinor",
    "country",
    "creationType",
    "department",
    "employeeHireDate",
    "employeeId",
    "employeeOrgData",
    "employeeType",
    "externalUserState",
    "faxNumber",
    "onPremisesDistinguishedName",
    "onPremisesDomainName",
    "onPremisesImmutableId",
    "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier",
    "onPremisesUserPrincipalName",
    "postalCode",
    "showInAddressList",
    "state",
    "streetAddress",
    "usageLocation",
];

/// Properties of a group that are returned only with `$select`.
pub(super) const GROUP_HIDDEN: &[&str] = &[
    "allowExternalSenders",
    "assignedLabels",
    "assignedLicenses",
    "autoSubscribeNewMembers",
    "hasMembersWithLicenseErrors",
    "hideFromAddressLists",
    "hideFromOutlookClients",
    "isSubscribedByMail",
    "licenseProcessingState",
    "unseenCount",
];

/// A time as the directory writes it (learn.microsoft.com: group resource type, example of a creation).
pub(super) fn whole_seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A group. What is returned only with `$select` is in [`group_hidden`].
pub(super) fn group(tenant: &Tenant, group: &Group) -> Value {
    let mut value = json!({
        "id": group.id,
        "deletedDateTime": null,
        "classification": group.classification,
        "createdDateTime": whole_seconds(group.created_at),
        "description": group.description,
        "displayName": group.display_name,
        "expirationDateTime": null,
        "groupTypes": group.group_types,
        "infoCatalogs": [],
        "isAssignableToRole": group.assignable_to_role,
        "isManagementRestricted": tenant.directory.is_management_restricted(group.id).then_some(true),
        "mail": null,
        "mailEnabled": group.mail_enabled,
        "mailNickname": group.mail_nickname,
        "membershipRule": group.membership_rule,
        "membershipRuleProcessingState": group.membership_rule_processing,
        "onPremisesDomainName": null,
        "onPremisesLastSyncDateTime": null,
        "onPremisesNetBiosName": null,
        "onPremisesProvisioningErrors": [],
        "onPremisesSamAccountName": null,
        "onPremisesSecurityIdentifier": null,
        "onPremisesSyncEnabled": group.on_premises_sync,
        "organizationId": tenant.id,
        "preferredDataLocation": null,
        "preferredLanguage": group.preferred_language,
        "proxyAddresses": [],
        "renewedDateTime": whole_seconds(group.created_at),
        "resourceBehaviorOptions": group.behaviors,
        "resourceProvisioningOptions": group.provisioned,
        "securityEnabled": group.security_enabled,
        "securityIdentifier": security_identifier(group.id),
        "serviceProvisioningErrors": [],
        "theme": group.theme,
        "uniqueName": group.unique_name,
        "visibility": group.visibility,
    });
    if tenant.behaviours.get(&SHOWS_CREATED_BY_APP) {
        value["createdByAppId"] = json!(group.created_by);
    }
    value
}

/// Adds what is returned only with `$select`.
pub(super) fn group_hidden(value: &mut Value) {
    for name in GROUP_HIDDEN {
        value[*name] = match *name {
            "assignedLabels" | "assignedLicenses" => json!([]),
            _ => Value::Null,
        };
    }
}

/// `S-1-12-1-` and the four little-endian words of the id.
fn security_identifier(id: ObjectId) -> String {
    let bytes = id.uuid().to_bytes_le();
    let words: Vec<String> = bytes
        .chunks_exact(4)
        .map(|chunk| u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]).to_string())
        .collect();
    format!("S-1-12-1-{}", words.join("-"))
}

pub(super) fn user(user: &User) -> Value {
    json!({
        "id": user.id,
        "deletedDateTime": null,
        "accountEnabled": user.account_enabled,
        "businessPhones": [],
        "createdDateTime": whole_seconds(user.created_at),
        "displayName": user.display_name,
        "givenName": user.given_name,
        "jobTitle": user.job_title,
        "mail": user.mail,
        "mailNickname": user.user_principal_name.split('@').next(),
        "mobilePhone": null,
        "officeLocation": null,
        "onPremisesSyncEnabled": null,
        "preferredLanguage": null,
        "surname": user.surname,
        "userPrincipalName": user.user_principal_name,
        "userType": match user.user_type {
            UserType::Member => "Member",
            UserType::Guest => "Guest",
        },
    })
}

/// Adds what is returned only with `$select`. A mail address is among the proxy addresses
/// (learn.microsoft.com: user resource type).
pub(super) fn user_hidden(value: &mut Value) {
    for name in USER_UNSET {
        value[*name] = Value::Null;
    }
    for name in ["imAddresses", "otherMails"] {
        value[name] = json!([]);
    }
    let mail = value["mail"].as_str().map(|mail| format!("SMTP:{mail}"));
    value["proxyAddresses"] = json!(mail.into_iter().collect::<Vec<_>>());
}

/// The roles that an application declares, as its registration and its service principal both show them.
fn app_roles(principal: &ServicePrincipal) -> Vec<Value> {
    let role = |role: &AppRole| {
        json!({
            "allowedMemberTypes": role.allowed_member_types,
            "description": role.display_name,
            "displayName": role.display_name,
            "id": role.id,
            "isEnabled": role.enabled,
            "origin": "Application",
            "value": role.value,
        })
    };
    principal.app_roles.iter().map(role).collect()
}

/// The registration of an application. Of a secret nothing is shown but its first characters (learn.microsoft.com:
/// passwordCredential).
pub(super) fn application(tenant: &Tenant, application: &Application) -> Option<Value> {
    let principal = tenant.directory.service_principal_of(application.app_id)?;
    let secret = |one: &Secret| {
        json!({
            "customKeyIdentifier": null,
            "displayName": null,
            "endDateTime": one.expires,
            "hint": one.hint,
            "keyId": one.id,
            "secretText": null,
            "startDateTime": principal.created_at,
        })
    };
    let secrets: Vec<Value> = application.secrets.iter().map(secret).collect();
    Some(json!({
        "id": application.id,
        "deletedDateTime": null,
        "appId": application.app_id,
        "appRoles": app_roles(principal),
        "createdDateTime": principal.created_at,
        "displayName": principal.display_name,
        "identifierUris": [],
        "passwordCredentials": secrets,
        "signInAudience": "AzureADMyOrg",
        "tags": [],
    }))
}

pub(super) fn service_principal(tenant: &Tenant, principal: &ServicePrincipal) -> Value {
    json!({
        "id": principal.id,
        "deletedDateTime": null,
        "accountEnabled": principal.account_enabled,
        "alternativeNames": [],
        "appDisplayName": principal.display_name,
        "appId": principal.app_id,
        "appOwnerOrganizationId": tenant.id,
        "appRoleAssignmentRequired": false,
        "appRoles": app_roles(principal),
        "displayName": principal.display_name,
        "servicePrincipalNames": [principal.app_id],
        "servicePrincipalType": principal.kind,
        "tags": [],
    })
}

pub(super) fn unit(unit: &AdministrativeUnit) -> Value {
    json!({
        "id": unit.id,
        "deletedDateTime": null,
        "description": unit.description,
        "displayName": unit.display_name,
        "isMemberManagementRestricted": unit.restricted,
        "visibility": null,
    })
}

/// A principal among objects of other types: with its type, and with no more than its id where the caller may not read
/// the type (learn.microsoft.com: "Limited information returned for inaccessible member objects").
pub(super) fn directory_object(tenant: &Tenant, id: ObjectId, caller: &Caller) -> Option<Value> {
    let directory = &tenant.directory;
    let kind = directory.principal(id)?.kind;
    let mut value = match kind {
        _ if !may_read(caller, kind) => json!({ "id": id }),
        PrincipalKind::User => directory.users.get(&id).map(user)?,
        PrincipalKind::Group => group(tenant, directory.groups.get(&id)?),
        PrincipalKind::ServicePrincipal => {
            service_principal(tenant, directory.service_principals.get(&id)?)
        }
    };
    value["@odata.type"] = json!(kind.odata_type());
    Some(value)
}

/// Whether the caller may read more than ids of objects of a type.
pub(super) fn may_read(caller: &Caller, kind: PrincipalKind) -> bool {
    let permissions = match kind {
        PrincipalKind::User => super::permissions::READ_USERS,
        PrincipalKind::Group => super::permissions::READ_GROUPS,
        PrincipalKind::ServicePrincipal => super::permissions::READ_APPLICATIONS,
    };
    caller.signed_in_user.is_some() || caller.has_any(permissions)
}

/// Leaves the properties that a plain read returns; rows of mixed types do this by their own type.
pub(super) fn keep_defaults(value: &mut Value) {
    let kind = value
        .get("@odata.type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if kind == PrincipalKind::User.odata_type() {
        retain(value, |name| {
            USER_DEFAULTS.contains(&name) || name.starts_with('@')
        });
    }
}

/// Keeps the properties that a test names.
pub(super) fn retain(value: &mut Value, keep: impl Fn(&str) -> bool) {
    if let Value::Object(map) = value {
        let kept: Map<String, Value> = std::mem::take(map)
            .into_iter()
            .filter(|(name, _)| keep(name))
            .collect();
        *map = kept;
    }
}

/// The groups and units that an object is in, directly, as directory objects.
pub(super) fn containers(tenant: &Tenant, id: ObjectId, caller: &Caller) -> Vec<Value> {
    let directory: &Directory = &tenant.directory;
    let groups = directory
        .groups_of(id)
        .filter_map(|group| directory_object(tenant, group.id, caller));
    let units = directory
        .units
        .values()
        .filter(|one| one.members.contains(&id))
        .map(|one| {
            let mut value = unit(one);
            value["@odata.type"] = json!("#microsoft.graph.administrativeUnit");
            value
        });
    groups.chain(units).collect()
}
