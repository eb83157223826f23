//! Single values out of the body of a rule.

use serde_json::{Map, Value};

use super::refusal::PolicyRefusal;
use super::rule::RuleId;

pub(super) fn flag(
    object: &Map<String, Value>,
    id: RuleId,
    name: &str,
) -> Result<bool, PolicyRefusal> {
    object
        .get(name)
        .and_then(Value::as_bool)
        .ok_or_else(|| PolicyRefusal::invalid(id, format!("{name} is missing")))
}

pub(super) fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

pub(super) fn texts(
    object: &Map<String, Value>,
    id: RuleId,
    name: &str,
) -> Result<Vec<String>, PolicyRefusal> {
    let Some(Value::Array(items)) = object.get(name) else {
        return Err(PolicyRefusal::invalid(id, format!("{name} is missing")));
    };
    items
        .iter()
        .map(|item| {
            item.as_str()
                .map(str::to_owned)
                .ok_or_else(|| PolicyRefusal::body(id, format!("{name} holds texts")))
        })
        .collect()
}
