//! Checks of values against a structural schema: types, limits, list invariants.
//!
//! Wording and reasons follow the API server closely enough for clients that read `details.causes`.
//! Rules written in CEL are not here, see `rules`.

use serde_json::{Map, Value, json};

use super::problem::{Problem, ProblemKind};
use super::schema::{Field, Format, ListType, Schema};

/// Adds every problem of a value, named from `path`.
pub(super) fn check(schema: &Schema, value: &Value, path: &str, found: &mut Vec<Problem>) {
    if value.is_null() && schema.nullable {
        return;
    }
    if let Some(problem) = wrong_type(schema, value, path) {
        found.push(problem);
        return;
    }
    if let Some(members) = schema.members.as_ref().filter(|all| !all.contains(value)) {
        let list: Vec<String> = members.iter().map(ToString::to_string).collect();
        let detail = format!("supported values: {}", list.join(", "));
        let kind = ProblemKind::NotSupported;
        found.push(Problem::with_value(kind, path, value, detail));
    }
    match value {
        Value::Object(fields) => check_object(schema, fields, path, found),
        Value::Array(items) => check_list(schema, items, path, found),
        Value::String(text) => check_text(schema, text, path, found),
        Value::Number(_) | Value::Null | Value::Bool(_) => {}
    }
}

fn wrong_type(schema: &Schema, value: &Value, path: &str) -> Option<Problem> {
    let kind = schema.kind?;
    let actual = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.as_f64().is_some_and(|number| number.fract() != 0.0) => {
            "number"
        }
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let expected = kind.name();
    (expected != actual).then(|| {
        let detail = format!("{path} in body must be of type {expected}: \"{actual}\"");
        Problem::with_value(ProblemKind::TypeInvalid, path, value, detail)
    })
}

fn check_object(
    schema: &Schema,
    fields: &Map<String, Value>,
    path: &str,
    found: &mut Vec<Problem>,
) {
    let below = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    let missing = schema.required.iter();
    let missing = missing.filter(|name| !fields.contains_key(*name));
    found.extend(missing.map(|name| Problem::plain(ProblemKind::Required, below(name), "")));
    for (name, value) in fields {
        if let Field::Named(child) | Field::Entry(child) = schema.field(name) {
            check(child, value, &below(name), found);
        }
    }
}

fn check_list(schema: &Schema, items: &[Value], path: &str, found: &mut Vec<Problem>) {
    let length = json!(items.len());
    if let Some(most) = schema.max_items.filter(|most| items.len() > *most) {
        let detail = format!("must have at most {most} items");
        found.push(Problem::with_value(
            ProblemKind::TooMany,
            path,
            &length,
            detail,
        ));
    }
    if let Some(least) = schema.min_items.filter(|least| items.len() < *least) {
        let detail = format!("{path} in body should have at least {least} items");
        found.push(Problem::invalid(path, &length, detail));
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
            let kind = ProblemKind::Duplicate;
            found.push(Problem::with_value(kind, place, &identity, ""));
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
fn check_text(schema: &Schema, text: &str, path: &str, found: &mut Vec<Problem>) {
    let value = json!(text);
    let length = text.chars().count();
    if let Some(most) = schema.max_length.filter(|most| length > *most) {
        let detail = format!("may not be more than {most} bytes");
        found.push(Problem::plain(ProblemKind::TooLong, path, detail));
    } else if let Some(least) = schema.min_length.filter(|least| length < *least) {
        let detail = format!("{path} in body should be at least {least} chars long");
        found.push(Problem::invalid(path, &value, detail));
    } else if let Some(pattern) = schema.pattern.as_ref().filter(|one| !one.matches(text)) {
        let detail = format!("{path} in body should match '{}'", pattern.text());
        found.push(Problem::invalid(path, &value, detail));
    }
    if schema.format == Some(Format::DateTime) && text.parse::<jiff::Timestamp>().is_err() {
        let detail = format!("{path} in body must be of type date-time: {value}");
        let kind = ProblemKind::TypeInvalid;
        found.push(Problem::with_value(kind, path, &value, detail));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(schema: Value, value: &Value) -> Vec<String> {
        let schema: Schema = serde_json::from_value(schema).unwrap();
        let mut found = Vec::new();
        check(&schema, value, "", &mut found);
        found.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn each_problem_names_its_field() {
        let schema = json!({"type": "object", "required": ["kind"], "properties": {
            "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 3},
            "mode": {"type": "string", "enum": ["A", "B"]},
            "list": {"type": "array", "maxItems": 2, "items": {"type": "integer"}},
        }});
        let value = json!({"name": "A123", "mode": "C", "list": [0.5, "x", 1]});
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
}
