//! Reading collections, whole or in pages.
//!
//! All pages of one list show the collection as of the revision of the first
//! (`kubernetes.io: API concepts, retrieving large results sets in chunks`).

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::VersionMatch;
use super::refusal::Refusal;
use super::resources::Nature;
use super::selector::Selector;
use super::server::{Answer, Transaction};

/// Where the next page begins.
#[derive(Debug, Deserialize, Serialize)]
struct Continuation {
    #[serde(rename = "rv")]
    revision: u64,
    #[serde(rename = "after")]
    after: String,
}

impl Continuation {
    fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn decode(token: &str) -> Result<Continuation, Refusal> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok();
        let decoded = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        decoded.ok_or_else(|| Refusal::bad_request("continue key is not valid"))
    }
}

impl Transaction<'_> {
    /// GET on a collection.
    pub(super) fn list(&self) -> Result<Answer, Refusal> {
        let options = &self.call.options;
        let selector = Selector::parse(
            self.resource(),
            options.labels.as_deref(),
            options.fields.as_deref(),
        )?;
        let continuation = options
            .continue_token
            .as_deref()
            .map(Continuation::decode)
            .transpose()?;
        let revision = match (&continuation, options.version_match) {
            (Some(continuation), _) => continuation.revision,
            (None, VersionMatch::Exact(revision)) => revision,
            (None, VersionMatch::Latest) => self.store.revision(),
        };
        let objects = self.collection_at(revision, continuation.is_some())?;
        let after = continuation.map(|continuation| continuation.after);
        let (items, rest) = self.page(objects, after.as_deref(), &selector);
        let last = items.last().map(|(key, _)| key.clone()).unwrap_or_default();
        let items: Vec<Value> = items
            .iter()
            .map(|(_, object)| self.as_item(object))
            .collect();
        let mut metadata = self.list_metadata(revision);
        if rest > 0 {
            metadata["continue"] = json!(
                Continuation {
                    revision,
                    after: last
                }
                .encode()
            );
            if selector.selects_all() {
                metadata["remainingItemCount"] = json!(rest);
            }
        }
        let resource = self.resource();
        Ok(Answer::ok(
            &json!({"apiVersion": resource.api_version(), "kind": resource.list_kind, "metadata": metadata, "items": items}),
        ))
    }

    /// The selected objects of one page, and how many come after it.
    fn page(
        &self,
        objects: BTreeMap<String, Arc<Value>>,
        after: Option<&str>,
        selector: &Selector,
    ) -> (Vec<(String, Arc<Value>)>, usize) {
        let begins = |key: &str| after.is_none_or(|after| key > after);
        let mut chosen: Vec<(String, Arc<Value>)> = objects
            .into_iter()
            .filter(|(key, object)| begins(key) && selector.matches(object))
            .collect();
        let size = self
            .call
            .options
            .limit
            .unwrap_or(chosen.len())
            .min(chosen.len());
        let rest = chosen.len() - size;
        chosen.truncate(size);
        (chosen, rest)
    }

    /// Lists of custom resources always have a continue token, if only an empty one (observed on 1.36).
    pub(super) fn list_metadata(&self, revision: u64) -> Value {
        let mut metadata = json!({"resourceVersion": revision.to_string()});
        if matches!(self.resource().nature, Nature::Custom(_)) {
            metadata["continue"] = json!("");
        }
        metadata
    }

    /// The start of the keys of the addressed collection.
    pub(super) fn prefix(&self) -> String {
        self.call
            .namespace
            .as_ref()
            .map(|namespace| format!("{namespace}/"))
            .unwrap_or_default()
    }

    fn collection_at(
        &self,
        revision: u64,
        is_page: bool,
    ) -> Result<BTreeMap<String, Arc<Value>>, Refusal> {
        let message = if is_page {
            "The provided continue parameter is too old to display a consistent list result."
        } else {
            "The resourceVersion for the provided list is too old."
        };
        self.store
            .list_at(&self.table(), &self.prefix(), revision)
            .ok_or_else(|| Refusal::expired(message))
    }

    /// Items of built-in kinds do not repeat their type.
    fn as_item(&self, object: &Value) -> Value {
        let mut item = object.clone();
        if let (Nature::BuiltIn(_), Value::Object(fields)) = (&self.resource().nature, &mut item) {
            fields.remove("apiVersion");
            fields.remove("kind");
        }
        item
    }
}
