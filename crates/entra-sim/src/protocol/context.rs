//! `@odata.context`: what an answer holds, as a fragment of the metadata address.

use serde_json::{Map, Value};

use crate::call::Call;

/// The context of an answer. `shape` is the route's, with `{param}` for parameters of the path.
pub(super) fn context(call: &Call, shape: &str) -> String {
    // A cast names its set without the namespace.
    let mut fragment = shape.to_owned();
    for (name, value) in &call.params {
        fragment = fragment.replace(
            &format!("{{{name}}}"),
            value.trim_start_matches("microsoft.graph."),
        );
    }
    let mut chosen = call.query.select.clone();
    chosen.extend(
        call.query
            .expand
            .iter()
            .map(|one| format!("{}()", one.name)),
    );
    if !chosen.is_empty() && !chosen.iter().any(|one| one.starts_with('*')) {
        let list = format!("({})", chosen.join(","));
        fragment = match fragment.strip_suffix("/$entity") {
            Some(set) => format!("{set}{list}/$entity"),
            None => format!("{fragment}{list}"),
        };
    }
    format!("{}/$metadata#{fragment}", call.base_url)
}

/// The object with its context first.
pub(super) fn with_context(context: &str, entity: Value) -> Value {
    let Value::Object(fields) = entity else {
        return entity;
    };
    let mut object = Map::new();
    object.insert(
        "@odata.context".to_owned(),
        Value::String(context.to_owned()),
    );
    object.extend(fields);
    Value::Object(object)
}
