//! The handle that tests hold.
//!
//! Its own reads and writes go past interceptors and counters: they are the test's, not a client's.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Client;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::builtin::Scope;
use super::call::{Call, Options, Part, PatchKind, Payload, Verb, View, key};
use super::hooks::{Hooks, Interception};
use super::managed::Force;
use super::refusal::Refusal;
use super::resources::{Registry, Resource};
use super::server::{Clock, Server};
use super::service::MemoryService;
use super::transaction::own;

/// The manager under which manifests are applied.
const MANIFEST_MANAGER: &str = "kubectl";

/// Midnight of 2026-01-01 UTC, where the default clock starts.
const EPOCH: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// What the handle could not do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A custom resource definition has a schema that is not structural, or a rule that does not compile.
    #[error("a custom resource definition cannot be served, correct its schema or rules: {0}")]
    Definition(#[source] serde_json::Error),
    /// The cluster does not serve the kind.
    #[error("kind {0} is not served, pass its definition to MemoryCluster::new")]
    UnknownKind(String),
    /// A manifest is no YAML.
    #[error("a manifest cannot be read, correct its YAML: {0}")]
    Manifest(#[source] Box<serde_saphyr::Error>),
    /// The server refuses the request, as a real API server would.
    #[error("{kind} {name} was refused: {refusal}")]
    Refused {
        /// Kind of the object that was refused.
        kind: String,
        /// Name of the object that was refused.
        name: String,
        /// The answer of the server, with its code and message.
        refusal: Refusal,
    },
}

/// A Kubernetes API server in memory.
#[derive(Clone)]
pub struct MemoryCluster {
    server: Arc<Server>,
    hooks: Arc<Hooks>,
}

impl MemoryCluster {
    /// Serves the built-in kinds and the given custom resources, with the namespaces `default` and
    /// `kube-system`. Time starts at 2026-01-01 and runs with tokio's clock.
    pub fn new(
        crds: impl IntoIterator<Item = CustomResourceDefinition>,
    ) -> Result<MemoryCluster, Error> {
        let crds: Vec<CustomResourceDefinition> = crds.into_iter().collect();
        let registry = Registry::new(&crds).map_err(Error::Definition)?;
        let start = Instant::now();
        let elapsed = move || SignedDuration::try_from(start.elapsed()).unwrap_or_default();
        let clock: Clock = Arc::new(move || EPOCH.saturating_add(elapsed()).unwrap_or(EPOCH));
        let cluster = MemoryCluster {
            server: Arc::new(Server::new(registry, clock)),
            hooks: Arc::default(),
        };
        for namespace in ["default", "kube-system"] {
            cluster.create_namespace(namespace)?;
        }
        Ok(cluster)
    }

    /// The same cluster with timestamps from another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> MemoryCluster {
        self.server.set_clock(clock);
        self
    }

    /// A client with the default namespace `default`. Needs a tokio runtime.
    pub fn client(&self) -> Client {
        Client::new(self.service(), "default")
    }

    /// The service under such a client.
    pub fn service(&self) -> MemoryService {
        MemoryService::new(Arc::clone(&self.server), Arc::clone(&self.hooks))
    }

    /// Asks this function before each write what becomes of it. It is given `plural.group`, with `/status`
    /// behind it where that is addressed. Replaces an earlier one.
    pub fn on_write(&self, interceptor: impl FnMut(&str) -> Interception + Send + 'static) {
        self.hooks.intercept(Some(Box::new(interceptor)));
    }

    /// Lets all writes pass again.
    pub fn clear_interceptor(&self) {
        self.hooks.intercept(None);
    }

    /// How many writes came, whatever became of them.
    pub fn writes(&self) -> u64 {
        self.hooks.count()
    }

    /// Every object that is stored, by kind, namespace and name.
    pub fn objects(&self) -> Vec<Value> {
        self.objects_where(|_| true)
    }

    /// Those of the objects that are stored that meet something, by kind, namespace and name. Only they are copied.
    pub fn objects_where(&self, meets: impl Fn(&Value) -> bool) -> Vec<Value> {
        let store = self.server.store();
        let found = store.objects().filter(|object| meets(object));
        found.map(own).collect()
    }

    /// One object as it is stored, or none if it does not exist.
    pub fn get(&self, kind: &str, namespace: Option<&str>, name: &str) -> Option<Value> {
        let table = self.named(kind).ok()?.qualified_plural();
        let store = self.server.store();
        store.get(&table, &key(namespace, name)).map(own)
    }

    /// The revision of the newest change of anything.
    pub fn revision(&self) -> u64 {
        self.server.store().revision()
    }

    /// Applies manifests as `kubectl apply` does: what an earlier version of a manifest said and this one
    /// does not is removed, what others wrote stays. Manifests without a namespace go to `default`.
    pub fn apply_yaml(&self, manifests: &str) -> Result<Vec<Value>, Error> {
        let documents: Vec<Value> = serde_saphyr::from_multiple(manifests)
            .map_err(|error| Error::Manifest(Box::new(error)))?;
        documents
            .into_iter()
            .filter(|document| !document.is_null())
            .map(|document| self.apply(document))
            .collect()
    }

    /// Applies one object under the name of kubectl.
    pub fn apply(&self, manifest: Value) -> Result<Value, Error> {
        let text = |path| text(&manifest, path).to_owned();
        let (api_version, kind) = (text("/apiVersion"), text("/kind"));
        let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
        let resource = self.server.registry.of_manifest(&api_version, &kind);
        let resource =
            resource.ok_or_else(|| Error::UnknownKind(format!("{api_version} {kind}")))?;
        let namespace = Some(namespace.as_str()).filter(|namespace| !namespace.is_empty());
        let payload = Payload::Patch(PatchKind::Apply, manifest);
        self.run(Verb::Patch, resource, namespace, &name, payload)
    }

    /// Stores an object as it is, whatever the schema of its kind says: as another version of the kind left it.
    pub fn plant(&self, object: Value) -> Result<(), Error> {
        let table = self.named(text(&object, "/kind"))?.qualified_plural();
        let namespace = object.pointer("/metadata/namespace");
        let key = key(
            namespace.and_then(Value::as_str),
            text(&object, "/metadata/name"),
        );
        self.server.plant(&table, &key, object);
        Ok(())
    }

    /// Deletes an object as `kubectl delete --wait=false` does.
    pub fn delete(&self, kind: &str, namespace: Option<&str>, name: &str) -> Result<(), Error> {
        let resource = self.named(kind)?;
        self.run(Verb::Delete, resource, namespace, name, Payload::None)
            .map(drop)
    }

    /// Creates a namespace; one that exists is left alone.
    pub fn create_namespace(&self, name: &str) -> Result<(), Error> {
        self.apply(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
            .map(drop)
    }

    fn named(&self, kind: &str) -> Result<&Arc<Resource>, Error> {
        let resource = self.server.registry.named(kind);
        resource.ok_or_else(|| Error::UnknownKind(kind.to_owned()))
    }

    fn run(
        &self,
        verb: Verb,
        resource: &Arc<Resource>,
        namespace: Option<&str>,
        name: &str,
        payload: Payload,
    ) -> Result<Value, Error> {
        let namespace = namespace.unwrap_or("default");
        let call = Call {
            verb,
            resource: Arc::clone(resource),
            namespace: (resource.scope == Scope::Namespaced).then(|| namespace.to_owned()),
            name: name.to_owned(),
            part: Part::Whole,
            view: View::Full,
            options: Options {
                field_manager: MANIFEST_MANAGER.to_owned(),
                force: Force::Yes,
                ..Options::default()
            },
            payload,
        };
        let answer = self.server.execute(&call);
        answer
            .map(|answer| answer.body)
            .map_err(|refusal| Error::Refused {
                kind: resource.kind.clone(),
                name: name.to_owned(),
                refusal,
            })
    }
}

fn text<'v>(object: &'v Value, path: &str) -> &'v str {
    let text = object.pointer(path).and_then(Value::as_str);
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests;
