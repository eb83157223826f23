//! How an answer shows objects: whole, or metadata only.

use serde_json::{Value, json};

use super::call::View;

impl View {
    /// The view that an `Accept` header asks for. Anything but metadata is answered as plain JSON.
    pub(super) fn of_accept(accept: &str) -> View {
        if accept.contains("as=PartialObjectMetadata") {
            View::Metadata
        } else {
            View::Full
        }
    }

    /// One object.
    pub(super) fn object(self, object: Value) -> Value {
        match self {
            View::Full => object,
            View::Metadata => partial(&object),
        }
    }

    /// Any successful answer: an object, a list, or a `Status`.
    pub(super) fn answer(self, body: Value) -> Value {
        if self == View::Full || body.get("kind") == Some(&json!("Status")) {
            return body;
        }
        let Some(items) = body.get("items").and_then(Value::as_array) else {
            return partial(&body);
        };
        let items: Vec<Value> = items.iter().map(partial).collect();
        let mut metadata = body["metadata"].clone();
        if let Value::Object(fields) = &mut metadata {
            fields.retain(|_, value| value != "");
        }
        json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList", "metadata": metadata, "items": items})
    }
}

fn partial(object: &Value) -> Value {
    json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": object["metadata"]})
}
