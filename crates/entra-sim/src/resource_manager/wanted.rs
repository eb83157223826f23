//! What a request to write a role assignment asks for.

use http::StatusCode;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::condition::Condition;
use super::definitions;
use super::scope::Scope;
use super::state::AzureState;
use crate::directory::model::PrincipalKind;
use crate::error::GraphError;
use crate::ids::ObjectId;

/// The longest condition and description, in bytes.
const LONGEST_CONDITION: usize = 8 * 1024;
const LONGEST_DESCRIPTION: usize = 2 * 1024;

/// What a request to write an assignment holds.
pub(super) struct Wanted {
    pub(super) role: Uuid,
    pub(super) principal: ObjectId,
    pub(super) kind: Option<PrincipalKind>,
    pub(super) condition: Option<String>,
    pub(super) condition_version: Option<String>,
    pub(super) description: Option<String>,
}

/// Reads the body of a request.
pub(super) fn wanted(
    azure: &AzureState,
    scope: &Scope,
    body: Option<&Value>,
) -> Result<Wanted, GraphError> {
    let missing = || {
        GraphError::bad_request(
            "InvalidRequestContent",
            "The request content was invalid and could not be deserialized.",
        )
    };
    let properties = body.and_then(|body| body["properties"].as_object());
    let properties = properties.ok_or_else(missing)?;
    let text = |name: &str| properties.get(name).and_then(Value::as_str);
    let role = text("roleDefinitionId").ok_or_else(missing)?;
    let principal = text("principalId").ok_or_else(missing)?;
    of_another_subscription(scope, role)?;
    let definition = definitions::assignable(azure, role, scope).ok_or_else(|| {
        let message = format!("The specified role definition with ID '{role}' does not exist.");
        GraphError::bad_request("InvalidRoleDefinitionId", message)
    })?;
    let principal = principal.parse().map_err(|_| {
        let message =
            format!("The Principal ID '{principal}' is not valid. Principal ID must be a GUID.");
        GraphError::bad_request("InvalidPrincipalId", message)
    })?;
    Ok(Wanted {
        role: definition.id,
        principal,
        kind: text("principalType").map(kind_of).transpose()?,
        condition: bounded(properties, "condition", LONGEST_CONDITION)?,
        condition_version: condition_version(text("condition"), text("conditionVersion"))?,
        description: bounded(properties, "description", LONGEST_DESCRIPTION)?,
    })
}

/// A role that is named with a subscription belongs to that one.
fn of_another_subscription(scope: &Scope, role: &str) -> Result<(), GraphError> {
    let (Some(own), Some(named)) = (
        scope.within_subscription(),
        role.to_ascii_lowercase()
            .split_once("/providers/microsoft.authorization/")
            .and_then(|(before, _)| Scope::parse(before)),
    ) else {
        return Ok(());
    };
    match named.within_subscription() {
        Some(other) if !other.eq_ignore_ascii_case(own) => Err(GraphError::new(
            StatusCode::FORBIDDEN,
            "LinkedAuthorizationFailed",
            format!(
                "The linked scope '{named}' is another subscription than the one of the assignment."
            ),
        )),
        _ => Ok(()),
    }
}

fn kind_of(name: &str) -> Result<PrincipalKind, GraphError> {
    match name.to_ascii_lowercase().as_str() {
        "user" => Ok(PrincipalKind::User),
        "group" => Ok(PrincipalKind::Group),
        "serviceprincipal" => Ok(PrincipalKind::ServicePrincipal),
        _ => Err(GraphError::bad_request(
            "InvalidPrincipalType",
            format!("The principal type '{name}' is not valid."),
        )),
    }
}

fn bounded(
    properties: &Map<String, Value>,
    name: &str,
    longest: usize,
) -> Result<Option<String>, GraphError> {
    let text = properties.get(name).and_then(Value::as_str);
    match text.filter(|text| !text.is_empty()) {
        Some(text) if text.len() > longest => Err(GraphError::bad_request(
            "BadRequestFormat",
            format!("The {name} is longer than {longest} bytes."),
        )),
        text => Ok(text.map(str::to_owned)),
    }
}

/// One refusal for whatever is wrong with a condition, its version included (learn.microsoft.com: "Troubleshoot Azure role
/// assignment conditions"; MicrosoftDocs/azure-docs#119449). The words are published, the code is not.
fn condition_version(
    condition: Option<&str>,
    version: Option<&str>,
) -> Result<Option<String>, GraphError> {
    let Some(text) = condition.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    readable(text)?;
    match version {
        Some("2.0") => Ok(version.map(str::to_owned)),
        _ => Err(invalid_condition()),
    }
}

/// Refuses a text that is no condition.
pub(super) fn readable(condition: &str) -> Result<(), GraphError> {
    Condition::parse(condition)
        .map(|_| ())
        .map_err(|_| invalid_condition())
}

fn invalid_condition() -> GraphError {
    GraphError::bad_request(
        "InvalidCondition",
        "The given role assignment condition is invalid.",
    )
}
