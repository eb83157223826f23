//! Checks of values against a structural schema: types, limits, list invariants.
//!
//! Wording and reasons follow the API server closely enough for clients that read `details.causes`.
//! Rules written in CEL are not here, see `rules`.

use serde_json::Value;

use super::problem::{Problem, ProblemKind};
use super::schema::{Field, ListType, Schema, Type};

/// Every problem of a value, named from `path`.
pub(super) fn problems(schema: &Schema, value: &Value, path: &str) -> Vec<Problem> {
    let mut found = Vec::new();
    check(schema, value, path, &mut found);
    found
}

fn check(schema: &Schema, value: &Value, path: &str, found: &mut Vec<Problem>) {
    if value.is_null() && schema.nullable {
        return;
    }
    if let Some(problem) = wrong_type(schema, value, path) {
        found.push(problem);
        return;
    }
    check_members(schema, value, path, found);
    match value {
        Value::Object(_) => check_object(schema, value, path, found),
        Value::Array(items) => check_list(schema, items, path, found),
        Value::String(text) => check_text(schema, text, value, path, found),
        Value::Number(number) => check_number(schema, number.as_f64(), value, path, found),
        Value::Null | Value::Bool(_) => {}
    }
    check_combinations(schema, value, path, found);
}

fn wrong_type(schema: &Schema, value: &Value, path: &str) -> Option<Problem> {
    if schema.int_or_string {
        let fits = value.is_i64() || value.is_u64() || value.is_string();
        return (!fits).then(|| type_problem("integer,string", value, path));
    }
    let kind = schema.kind?;
    let fits = match kind {
        Type::Object => value.is_object(),
        Type::Array => value.is_array(),
        Type::String => value.is_string(),
        Type::Boolean => value.is_boolean(),
        Type::Number => value.is_number(),
        Type::Integer => {
            value.is_i64()
                || value.is_u64()
                || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
    };
    (!fits).then(|| type_problem(kind.name(), value, path))
}

fn type_problem(expected: &str, value: &Value, path: &str) -> Problem {
    let actual = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    Problem::with_value(
        ProblemKind::TypeInvalid,
        path,
        value,
        format!("{path} in body must be of type {expected}: \"{actual}\""),
    )
}

fn check_members(schema: &Schema, value: &Value, path: &str, found: &mut Vec<Problem>) {
    let Some(members) = &schema.limits.members else {
        return;
    };
    if members.contains(value) {
        return;
    }
    let list: Vec<String> = members.iter().map(ToString::to_string).collect();
    let detail = format!("supported values: {}", list.join(", "));
    found.push(Problem::with_value(
        ProblemKind::NotSupported,
        path,
        value,
        detail,
    ));
}

fn check_object(schema: &Schema, value: &Value, path: &str, found: &mut Vec<Problem>) {
    let Some(fields) = value.as_object() else {
        return;
    };
    for name in &schema.required {
        if !fields.contains_key(name) {
            found.push(Problem::plain(ProblemKind::Required, below(path, name), ""));
        }
    }
    if let Some(most) = schema
        .limits
        .max_properties
        .filter(|most| fields.len() > *most)
    {
        found.push(Problem::with_value(
            ProblemKind::TooMany,
            path,
            &fields.len().into(),
            format!("must have at most {most} items"),
        ));
    }
    if let Some(least) = schema
        .limits
        .min_properties
        .filter(|least| fields.len() < *least)
    {
        let detail = format!("{path} in body should have at least {least} properties");
        found.push(Problem::with_value(
            ProblemKind::Invalid,
            path,
            value,
            detail,
        ));
    }
    for (name, value) in fields {
        if let Field::Named(child) | Field::Entry(child) = schema.field(name) {
            check(child, value, &below(path, name), found);
        }
    }
}

fn check_list(schema: &Schema, items: &[Value], path: &str, found: &mut Vec<Problem>) {
    if let Some(most) = schema.limits.max_items.filter(|most| items.len() > *most) {
        found.push(Problem::with_value(
            ProblemKind::TooMany,
            path,
            &items.len().into(),
            format!("must have at most {most} items"),
        ));
    }
    if let Some(least) = schema.limits.min_items.filter(|least| items.len() < *least) {
        let detail = format!("{path} in body should have at least {least} items");
        found.push(Problem::with_value(
            ProblemKind::Invalid,
            path,
            &items.len().into(),
            detail,
        ));
    }
    let mut seen: Vec<Value> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let place = format!("{path}[{index}]");
        if let Some(child) = &schema.items {
            check(child, item, &place, found);
        }
        let Some(identity) = identity_of(schema, item) else {
            continue;
        };
        if seen.contains(&identity) {
            found.push(Problem::with_value(
                ProblemKind::Duplicate,
                place,
                &identity,
                "",
            ));
        }
        seen.push(identity);
    }
}

/// What must be unique in a set list or a map list.
fn identity_of(schema: &Schema, item: &Value) -> Option<Value> {
    match schema.list_type {
        ListType::Atomic => None,
        ListType::Set => Some(item.clone()),
        ListType::Map => {
            let keys = schema
                .list_map_keys
                .iter()
                .filter_map(|key| Some((key.clone(), item.get(key)?.clone())));
            Some(Value::Object(keys.collect()))
        }
    }
}

/// The first problem of a text: one that is too long is not matched any more.
fn check_text(schema: &Schema, text: &str, value: &Value, path: &str, found: &mut Vec<Problem>) {
    let limits = &schema.limits;
    let length = text.chars().count();
    if let Some(most) = limits.max_length.filter(|most| length > *most) {
        found.push(Problem::plain(
            ProblemKind::TooLong,
            path,
            format!("may not be more than {most} bytes"),
        ));
    } else if let Some(least) = limits.min_length.filter(|least| length < *least) {
        let detail = format!("{path} in body should be at least {least} chars long");
        found.push(Problem::with_value(
            ProblemKind::Invalid,
            path,
            value,
            detail,
        ));
    } else if let Some(pattern) = limits
        .pattern
        .as_ref()
        .filter(|pattern| !pattern.matches(text))
    {
        let detail = format!("{path} in body should match '{}'", pattern.text());
        found.push(Problem::with_value(
            ProblemKind::Invalid,
            path,
            value,
            detail,
        ));
    }
    if let Some(format) = limits
        .format
        .as_deref()
        .filter(|format| !fits_format(format, text))
    {
        let detail = format!("{path} in body must be of type {format}: {value}");
        found.push(Problem::with_value(
            ProblemKind::TypeInvalid,
            path,
            value,
            detail,
        ));
    }
}

/// The formats that matter to kinds with times and ids; the others are not enforced here.
fn fits_format(format: &str, text: &str) -> bool {
    match format {
        "date-time" => text.parse::<jiff::Timestamp>().is_ok(),
        "uuid" => uuid::Uuid::try_parse(text).is_ok(),
        _ => true,
    }
}

fn check_number(
    schema: &Schema,
    number: Option<f64>,
    value: &Value,
    path: &str,
    found: &mut Vec<Problem>,
) {
    let Some(number) = number else { return };
    if let Some(least) = schema.limits.minimum.filter(|least| number < *least) {
        let detail = format!("{path} in body should be greater than or equal to {least}");
        found.push(Problem::with_value(
            ProblemKind::Invalid,
            path,
            value,
            detail,
        ));
    }
    if let Some(most) = schema.limits.maximum.filter(|most| number > *most) {
        let detail = format!("{path} in body should be less than or equal to {most}");
        found.push(Problem::with_value(
            ProblemKind::Invalid,
            path,
            value,
            detail,
        ));
    }
}

/// Combinations are reported without a field, with the problems of the first branch where none fits.
fn check_combinations(schema: &Schema, value: &Value, path: &str, found: &mut Vec<Problem>) {
    let limits = &schema.limits;
    let outcomes = |branches: &[Schema]| -> Vec<Vec<Problem>> {
        branches
            .iter()
            .map(|branch| problems(branch, value, path))
            .collect()
    };
    let unmet = |detail: &str| {
        Problem::with_value(
            ProblemKind::Invalid,
            "<nil>",
            &Value::from(""),
            format!("\"{path}\" {detail}"),
        )
    };
    let all_of = outcomes(&limits.all_of);
    if all_of.iter().any(|problems| !problems.is_empty()) {
        found.push(unmet("must validate all the schemas (allOf)"));
        found.extend(all_of.concat());
    }
    let any_of = outcomes(&limits.any_of);
    if !any_of.is_empty() && fitting(&any_of) == 0 {
        found.push(unmet("must validate at least one schema (anyOf)"));
        found.extend(any_of.into_iter().next().unwrap_or_default());
    }
    let one_of = outcomes(&limits.one_of);
    if !one_of.is_empty() && fitting(&one_of) != 1 {
        found.push(unmet("must validate one and only one schema (oneOf)"));
        let nothing_fits = fitting(&one_of) == 0;
        found.extend(
            one_of
                .into_iter()
                .next()
                .filter(|_| nothing_fits)
                .unwrap_or_default(),
        );
    }
    if limits
        .not
        .as_ref()
        .is_some_and(|branch| problems(branch, value, path).is_empty())
    {
        found.push(unmet("must not validate the schema (not)"));
    }
}

fn fitting(outcomes: &[Vec<Problem>]) -> usize {
    outcomes
        .iter()
        .filter(|problems| problems.is_empty())
        .count()
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(schema: Value, value: &Value) -> Vec<String> {
        let schema: Schema = serde_json::from_value(schema).unwrap();
        problems(&schema, value, "")
            .into_iter()
            .map(|problem| problem.field)
            .collect()
    }

    #[test]
    fn each_problem_names_its_field() {
        let schema = json!({"type": "object", "required": ["kind"], "properties": {
            "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 3},
            "mode": {"type": "string", "enum": ["A", "B"]},
            "list": {"type": "array", "maxItems": 2, "items": {"type": "integer", "minimum": 1}},
        }});
        let value = json!({"name": "A123", "mode": "C", "list": [0, "x", 1]});
        assert_eq!(
            fields(schema, &value),
            vec!["kind", "list", "list[0]", "list[1]", "mode", "name"]
        );
    }

    #[test]
    fn keys_of_a_map_list_are_unique() {
        let schema = json!({"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["kind", "name"],
            "items": {"type": "object"}});
        let value = json!([{"kind": "User", "name": "a"}, {"kind": "User", "name": "b"}, {"kind": "User", "name": "a"}]);
        assert_eq!(fields(schema, &value), vec!["[2]"]);
    }

    #[test]
    fn one_of_admits_exactly_one_branch() {
        let schema = json!({"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["b"]}]});
        assert!(fields(schema.clone(), &json!({"a": 1})).is_empty());
        assert_eq!(
            fields(schema.clone(), &json!({"a": 1, "b": 2})),
            vec!["<nil>"]
        );
        assert_eq!(fields(schema, &json!({})), vec!["<nil>", "a"]);
    }
}
