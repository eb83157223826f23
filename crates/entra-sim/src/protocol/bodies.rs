//! Bodies against the published types: what comes in is refused, what goes out is noted.

use serde_json::Value;

use crate::behaviours::protocol::CHECK_ANSWERS;
use crate::call::Call;
use crate::error::GraphError;
use crate::route::{Denial, REFERENCE, Route, Shape, Verb};
use crate::schema::{self, Selection};
use crate::state::Tenant;

use super::context::filled;
use super::message::NotJson;

/// The body of a request, if it has the shape that the route asks for.
pub(super) fn checked(
    route: &Route,
    body: Result<&Option<Value>, &NotJson>,
) -> Result<Option<Value>, GraphError> {
    if route.verb == Verb::Get || route.verb == Verb::Delete {
        return Ok(None);
    }
    let body = body.map_err(|NotJson| {
        GraphError::bad_request(
            "BadRequest",
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid \
             JSON format.",
        )
    })?;
    let (Some(kind), Some(body)) = (route.request_type, body) else {
        return Ok(body.clone());
    };
    let outcome = if kind == REFERENCE {
        schema::check_reference(body)
    } else {
        schema::check_request(local(kind), body)
    };
    outcome.map_err(|violations| {
        let code = match route.denial {
            Denial::Directory => "Request_BadRequest",
            Denial::Scope | Denial::RoleScope | Denial::Gateway => "BadRequest",
        };
        let list: Vec<String> = violations.iter().map(ToString::to_string).collect();
        GraphError::bad_request(
            code,
            format!(
                "The request body does not match the schema: {}.",
                list.join("; ")
            ),
        )
    })?;
    Ok(Some(body.clone()))
}

/// The name of a type without its namespace, as the tables of `schema` have it.
fn local(kind: &str) -> &str {
    kind.strip_prefix("microsoft.graph.").unwrap_or(kind)
}

/// The name of the type that an operation answers.
pub(super) fn answered(route: &Route, call: &Call) -> String {
    match route.response {
        Shape::Entity { kind, .. } | Shape::Collection { kind, .. } => {
            local(&filled(call, kind)).to_owned()
        }
        Shape::Untyped => String::new(),
    }
}

/// Notes where an answer departs from the published types; tests assert that nothing was noted.
pub(super) fn hold_against_schema(tenant: &mut Tenant, route: &Route, call: &Call, body: &Value) {
    if !tenant.behaviours.get(&CHECK_ANSWERS) {
        return;
    }
    let expanded = call.query.expand.iter().map(|expand| expand.name.as_str());
    let names: Vec<&str> = call
        .query
        .select
        .iter()
        .map(String::as_str)
        .chain(expanded)
        .collect();
    // A star, and the directory's habit of leaving out what a subtype lacks, make every subset possible.
    let selection = if call.query.select.is_empty() || names.contains(&"*") || route.mixed {
        Selection::Partial
    } else {
        Selection::Only(&names)
    };
    let outcome = match route.response {
        Shape::Entity { .. } => schema::check_response(&call.kind, body, selection),
        Shape::Collection { .. } => schema::check_collection_response(&call.kind, body, selection),
        Shape::Untyped => Ok(()),
    };
    if let Err(violations) = outcome {
        tenant.violations.extend(
            violations
                .iter()
                .map(|one| format!("{}: {one}", route.operation)),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::behaviours::{Behaviours, Profile};
    use crate::call::{Caller, Reply};
    use crate::clock::Clock;
    use crate::ids::{AppId, ObjectId, TenantId};
    use crate::odata::Query;
    use crate::version::Version;

    fn call() -> Call {
        Call {
            version: Version::V1,
            path: "/groups".to_owned(),
            params: BTreeMap::new(),
            query: Query::default(),
            headers: http::HeaderMap::new(),
            body: None,
            caller: Caller {
                app_id: AppId::new(Uuid::nil()),
                object_id: ObjectId::new(Uuid::nil()),
                permissions: Arc::default(),
                signed_in_user: None,
            },
            operation: "groups.get",
            kind: "group".to_owned(),
            mixed: false,
            now: jiff::Timestamp::UNIX_EPOCH,
            deferral: None,
            base_url: String::new(),
        }
    }

    #[test]
    fn an_answer_that_departs_from_the_published_types_is_noted_unless_switched_off() {
        let route = Route::get("/groups", "groups.get", |_, _| Ok(Reply::no_content()))
            .entity("microsoft.graph.group", "groups");
        for (value, noted) in [("on", 1), ("off", 0)] {
            let mut behaviours = Behaviours::new(Profile::Ideal);
            behaviours.set("checkAnswers", value).unwrap();
            let mut tenant = Tenant::new(
                TenantId::new(Uuid::nil()),
                Clock::wall(),
                behaviours,
                0,
                &[],
            );
            hold_against_schema(
                &mut tenant,
                &route,
                &call(),
                &json!({"displayName": "x", "colour": "red"}),
            );
            assert_eq!(
                tenant.violations.len(),
                noted,
                "{value}: {:?}",
                tenant.violations
            );
        }
    }
}
