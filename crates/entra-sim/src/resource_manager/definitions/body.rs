//! What a request to write a custom role asks for. Codes as the service's own tests expect them (Azure/azure-sdk-for-net,
//! Authorization.Tests), words as far as they are published (learn.microsoft.com: "Troubleshoot Azure RBAC", custom roles).

use http::StatusCode;
use serde_json::{Map, Value};

use crate::error::GraphError;
use crate::resource_manager::allowed::AllowedActions;
use crate::resource_manager::scope::{Scope, ScopeLevel};

/// The longest name, in letters.
const LONGEST_NAME: usize = 512;

/// A custom role as somebody wants it.
pub(super) struct WantedRole {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) allowed: Vec<AllowedActions>,
    pub(super) assignable_scopes: Vec<Scope>,
}

/// Reads the body of a request.
pub(super) fn wanted(body: Option<&Value>) -> Result<WantedRole, GraphError> {
    let properties = body.and_then(|body| body["properties"].as_object());
    let properties = properties.ok_or_else(|| {
        GraphError::bad_request(
            "InvalidRequestContent",
            "The request content was invalid and could not be deserialized.",
        )
    })?;
    let text = |name: &str| properties.get(name).and_then(Value::as_str);
    let is_custom = text("type").is_none_or(|kind| kind.eq_ignore_ascii_case("CustomRole"));
    if !is_custom {
        return Err(GraphError::bad_request(
            "InvalidRoleDefinitionType",
            "The role definition type must be 'CustomRole'.",
        ));
    }
    let wanted = WantedRole {
        name: name_of(text("roleName"))?,
        description: text("description").unwrap_or_default().to_owned(),
        allowed: allowed(properties)?,
        assignable_scopes: assignable_scopes(properties)?,
    };
    in_management_groups(&wanted)?;
    Ok(wanted)
}

fn name_of(name: Option<&str>) -> Result<String, GraphError> {
    match name.map(str::trim).unwrap_or_default() {
        "" => Err(GraphError::bad_request(
            "RoleDefinitionNameNullOrEmpty",
            "The role definition name cannot be null or empty.",
        )),
        name if name.chars().count() > LONGEST_NAME => Err(GraphError::bad_request(
            "BadRequestFormat",
            format!("The role definition name is longer than {LONGEST_NAME} characters."),
        )),
        name => Ok(name.to_owned()),
    }
}

fn texts(of: &Map<String, Value>, name: &str) -> Vec<String> {
    let all = of.get(name).and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn allowed(properties: &Map<String, Value>) -> Result<Vec<AllowedActions>, GraphError> {
    let entries = properties.get("permissions").and_then(Value::as_array);
    let entries = entries.into_iter().flatten().filter_map(Value::as_object);
    let allowed: Vec<AllowedActions> = entries
        .map(|entry| AllowedActions {
            actions: texts(entry, "actions"),
            not_actions: texts(entry, "notActions"),
            data_actions: texts(entry, "dataActions"),
            not_data_actions: texts(entry, "notDataActions"),
        })
        .collect();
    for entry in &allowed {
        let control = entry.actions.iter().chain(&entry.not_actions);
        let data = entry.data_actions.iter().chain(&entry.not_data_actions);
        // Which actions providers have is not known here: only what can be none is refused.
        let wrong = control
            .chain(data)
            .find(|one| one.as_str() != "*" && !one.contains('/'));
        if let Some(wrong) = wrong {
            return Err(GraphError::bad_request(
                "InvalidActionOrNotAction",
                format!("'{wrong}' does not match any of the actions supported by the providers."),
            ));
        }
    }
    Ok(allowed)
}

fn assignable_scopes(properties: &Map<String, Value>) -> Result<Vec<Scope>, GraphError> {
    let given = texts(properties, "assignableScopes");
    if given.is_empty() {
        return Err(GraphError::bad_request(
            "MissingAssignableScopes",
            "The role definition must have at least one assignable scope.",
        ));
    }
    let read = given.into_iter().map(|text| {
        let scope = Scope::parse(&text).filter(|_| text.starts_with('/'));
        match scope {
            // Custom roles can not be given at the root (learn.microsoft.com: "Azure custom roles", assignable scopes).
            Some(scope) if scope.level() != Some(ScopeLevel::Tenant) => Ok(scope),
            _ => Err(GraphError::new(
                StatusCode::BAD_REQUEST,
                "LinkedInvalidPropertyId",
                format!(
                    "Property id '{text}' at path 'properties.assignableScopes' is invalid. Expect fully qualified resource \
                     Id that start with '/subscriptions/{{subscriptionId}}' or '/providers/{{resourceProviderNamespace}}/'."
                ),
            )),
        }
    });
    read.collect()
}

/// One management group at most, and none where data is concerned. The codes are not published.
fn in_management_groups(wanted: &WantedRole) -> Result<(), GraphError> {
    let is_group = |scope: &&Scope| matches!(scope.level(), Some(ScopeLevel::ManagementGroup(_)));
    let groups = wanted.assignable_scopes.iter().filter(is_group).count();
    let of_data = wanted
        .allowed
        .iter()
        .any(|one| !one.data_actions.is_empty());
    let why = match groups {
        0 => return Ok(()),
        1 if !of_data => return Ok(()),
        1 => {
            "You cannot add data action permissions when you have a management group as an assignable scope"
        }
        _ => "You can define only one management group in AssignableScopes of a custom role.",
    };
    Err(GraphError::bad_request("BadRequestFormat", why))
}
