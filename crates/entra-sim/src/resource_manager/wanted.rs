//! What a request to write a role assignment asks for.

use http::StatusCode;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::definitions;
use super::scope::Scope;
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
pub(super) fn wanted(scope: &Scope, body: Option<&Value>) -> Result<Wanted, GraphError> {
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
    let definition = definitions::find(role).ok_or_else(|| {
        let message = format!("The specified role definition with ID '{role}' does not exist.");
        GraphError::bad_request("InvalidRoleDefinitionId", message)
    })?;
    of_another_subscription(scope, role)?;
    let principal = principal.parse().map_err(|_| {
        let message =
            format!("The Principal ID '{principal}' is not valid. Principal ID must be a GUID.");
        GraphError::bad_request("InvalidPrincipalId", message)
    })?;
    Ok(Wanted {
        role: definition.id(),
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

fn condition_version(
    condition: Option<&str>,
    version: Option<&str>,
) -> Result<Option<String>, GraphError> {
    match (condition.filter(|text| !text.is_empty()), version) {
        (None, _) => Ok(None),
        (Some(_), Some(version @ ("1.0" | "2.0"))) => Ok(Some(version.to_owned())),
        (Some(_), _) => Err(GraphError::bad_request(
            "InvalidConditionVersion",
            "The condition version must be 1.0 or 2.0 where there is a condition.",
        )),
    }
}
