//! Names and types in query options, held against the published type of what is asked for.
//!
//! The gateway reads `$filter` and `$select` by the metadata before any service sees them, so these refusals are the
//! same everywhere (learn.microsoft.com: "Use the $filter query parameter", "Microsoft Graph error responses").

use serde_json::Value;

use crate::call::Call;
use crate::error::GraphError;
use crate::schema::{self, Form, Published};

use super::expression::{Comparison, Expression, Literal};

/// Refuses a filter or a selection that does not fit the type of what is asked for.
pub(crate) fn check_names(call: &Call) -> Result<(), GraphError> {
    check_select(&call.query.select, &call.kind)?;
    let filter = call.query.filter.as_ref();
    filter.map_or(Ok(()), |filter| check_filter(filter, &call.kind))
}

/// Refuses a filter that names what the type does not publish, or compares it with a literal of another type.
fn check_filter(expression: &Expression, kind: &str) -> Result<(), GraphError> {
    if kind.is_empty() {
        return Ok(());
    }
    within(expression, kind, &[])
}

/// `prefix` is the path of the collection of the lambda around the expression.
fn within(expression: &Expression, kind: &str, prefix: &[String]) -> Result<(), GraphError> {
    let full = |path: &[String]| [prefix, path].concat();
    match expression {
        Expression::And(left, right) | Expression::Or(left, right) => {
            within(left, kind, prefix)?;
            within(right, kind, prefix)
        }
        Expression::Not(inner) => within(inner, kind, prefix),
        Expression::Compare {
            path,
            comparison,
            value,
        } => fits(form(kind, &full(path))?, value, operator_name(*comparison)),
        Expression::In { path, values } => {
            let form = form(kind, &full(path))?;
            values.iter().try_for_each(|value| fits(form, value, "In"))
        }
        Expression::Text { path, .. } => match form(kind, &full(path))? {
            Form::Text | Form::Word => Ok(()),
            other => Err(invalid(&format!(
                "No function signature matches the specified arguments '{}' and 'Edm.String'.",
                other.name()
            ))),
        },
        Expression::Any { path, predicate } => {
            let path = full(path);
            form(kind, &path)?;
            let inner = predicate.as_ref();
            inner.map_or(Ok(()), |inner| within(inner, kind, &path))
        }
    }
}

/// Refuses a selection of what the type does not publish.
pub(super) fn check_select(names: &[String], kind: &str) -> Result<(), GraphError> {
    if kind.is_empty() {
        return Ok(());
    }
    for name in names.iter().filter(|name| *name != "*") {
        let (first, rest) = name.split_once('/').unwrap_or((name, ""));
        if schema::published(kind, first) == Published::Nothing {
            return Err(GraphError::bad_request(
                "BadRequest",
                format!(
                    "Parsing OData Select and Expand failed: {}",
                    unknown(first, kind)
                ),
            ));
        }
        if !rest.is_empty() {
            return Err(GraphError::not_simulated(format_args!("$select={name}")));
        }
    }
    Ok(())
}

/// Says that a published property is not part of the simulator, where an object that was selected from lacks it.
pub(super) fn check_present(
    names: &[String],
    kind: &str,
    object: &Value,
) -> Result<(), GraphError> {
    let lacks = |name: &&String| {
        schema::published(kind, name) == Published::Property
            && object
                .as_object()
                .is_some_and(|map| !map.keys().any(|key| key.eq_ignore_ascii_case(name)))
    };
    names.iter().find(lacks).map_or(Ok(()), |name| {
        Err(GraphError::not_simulated(format_args!(
            "the property '{name}' of microsoft.graph.{kind}"
        )))
    })
}

fn form(kind: &str, path: &[String]) -> Result<Form, GraphError> {
    schema::form(kind, path).map_err(|(name, owner)| invalid(&unknown(&name, &owner)))
}

fn fits(form: Form, literal: &Literal, operator: &str) -> Result<(), GraphError> {
    let given = match literal {
        Literal::Null => return Ok(()),
        Literal::Bool(_) => Form::Flag,
        Literal::Integer(_) => Form::Number,
        Literal::Text(_) => Form::Text,
        Literal::Guid(_) => Form::Guid,
        Literal::Time(_) => Form::Instant,
    };
    // Members of enumerations are written as texts; what no literal can be compared with is left to the capabilities.
    if form == given || form == Form::Other || (form, given) == (Form::Word, Form::Text) {
        return Ok(());
    }
    Err(invalid(&format!(
        "A binary operator with incompatible types was detected. Found operand types '{}' and '{}' for operator kind \
         '{operator}'.",
        form.name(),
        given.name()
    )))
}

fn operator_name(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "Equal",
        Comparison::NotEqual => "NotEqual",
        Comparison::Greater => "GreaterThan",
        Comparison::GreaterOrEqual => "GreaterThanOrEqual",
        Comparison::Less => "LessThan",
        Comparison::LessOrEqual => "LessThanOrEqual",
    }
}

fn invalid(problem: &str) -> GraphError {
    GraphError::bad_request("BadRequest", format!("Invalid filter clause: {problem}"))
}

fn unknown(name: &str, kind: &str) -> String {
    format!("Could not find a property named '{name}' on type 'microsoft.graph.{kind}'.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: &str, filter: &str) -> Option<String> {
        let expression = Expression::parse(filter).unwrap();
        let error = check_filter(&expression, kind).err()?;
        assert_eq!(
            (error.status.as_u16(), error.code.as_str()),
            (400, "BadRequest")
        );
        Some(error.message)
    }

    #[test]
    fn literals_have_the_type_of_their_property() {
        for (kind, filter) in [
            ("group", "id eq 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee'"),
            ("group", "securityEnabled eq true or mail eq null"),
            ("group", "groupTypes/any(c:c eq 'Unified')"),
            ("directoryAudit", "activityDateTime ge 2026-01-01T00:00:00Z"),
            ("directoryAudit", "targetResources/any(t:t/id eq 'x')"),
            (
                "privilegedAccessGroupAssignmentSchedule",
                "accessId eq 'member'",
            ),
            (
                "appRoleAssignment",
                "resourceId eq aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
            ),
            ("", "anything eq 3"),
        ] {
            assert_eq!(message(kind, filter), None, "{filter}");
        }
    }

    #[test]
    fn literals_of_another_type_are_refused() {
        for (kind, filter) in [
            ("group", "id eq aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"),
            ("group", "securityEnabled eq 'true'"),
            ("group", "displayName in ('a',3)"),
            ("group", "groupTypes/any(c:c eq 1)"),
            ("group", "startswith(securityEnabled,'t')"),
            (
                "directoryAudit",
                "activityDateTime ge '2026-01-01T00:00:00Z'",
            ),
            ("directoryAudit", "targetResources/any(t:t/id eq 3)"),
            ("privilegedAccessGroupAssignmentSchedule", "accessId eq 1"),
            (
                "appRoleAssignment",
                "resourceId eq 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee'",
            ),
        ] {
            assert!(message(kind, filter).is_some(), "{filter}");
        }
    }

    #[test]
    fn refusals_name_both_types_or_the_unknown_property() {
        assert_eq!(
            message("group", "securityEnabled eq 'true'").unwrap(),
            "Invalid filter clause: A binary operator with incompatible types was detected. Found operand types \
             'Edm.Boolean' and 'Edm.String' for operator kind 'Equal'."
        );
        assert_eq!(
            message("group", "colour eq 'red'").unwrap(),
            "Invalid filter clause: Could not find a property named 'colour' on type 'microsoft.graph.group'."
        );
    }
}
