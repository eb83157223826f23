//! `@odata.context`: what an answer holds, as a fragment of the metadata address.

use serde_json::{Map, Value};

use crate::call::Call;

/// A text of the route with its `{param}`s filled in from the path. A cast loses its namespace, as in the name of its
/// set.
pub(super) fn filled(call: &Call, text: &str) -> String {
    call.params
        .iter()
        .fold(text.to_owned(), |text, (name, value)| {
            text.replace(
                &format!("{{{name}}}"),
                value.trim_start_matches("microsoft.graph."),
            )
        })
}

pub(super) fn context(call: &Call, shape: &str) -> String {
    let mut fragment = filled(call, shape);
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
