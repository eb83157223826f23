//! The handle that tests hold.
//!
//! Its own reads and writes go past interceptors and counters: they are the hand of the test, not a client.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Client;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::call::{Call, Options, Part, PatchKind, Payload, Verb, key};
use super::hooks::{Hooks, Interception, RequestSummary};
use super::managed::Force;
use super::refusal::Refusal;
use super::resources::{Registry, Resource, Scope};
use super::server::{Clock, Server};
use super::service::MemoryService;

/// The manager under which manifests are applied.
const MANIFEST_MANAGER: &str = "kubectl";

/// Midnight of 2026-01-01 UTC, where the default clock starts.
const EPOCH_SECOND: i64 = 1_767_225_600;

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
    /// The server refuses.
    #[error("{kind} {name} was refused: {refusal}")]
    Refused {
        /// Kind of the object.
        kind: String,
        /// Name of the object.
        name: String,
        /// The answer.
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
        let clock: Clock = Arc::new(move || running_since(start.elapsed()));
        let cluster = MemoryCluster {
            server: Arc::new(Server::new(registry, clock)),
            hooks: Arc::default(),
        };
        for namespace in ["default", "kube-system"] {
            cluster.create_namespace(namespace)?;
        }
        cluster.compact();
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
        self.client_named("")
    }

    /// A client that interceptors can tell from others, for example one per replica.
    pub fn client_named(&self, name: &str) -> Client {
        Client::new(self.service(name), "default")
    }

    /// The service under such a client.
    pub fn service(&self, name: &str) -> MemoryService {
        MemoryService::new(
            Arc::clone(&self.server),
            Arc::clone(&self.hooks),
            name.to_owned(),
        )
    }

    /// Asks this function before each write what becomes of it. Replaces an earlier one.
    pub fn on_request(
        &self,
        interceptor: impl FnMut(&RequestSummary) -> Interception + Send + 'static,
    ) {
        self.hooks.intercept_writes(Some(Box::new(interceptor)));
    }

    /// Lets all requests pass again.
    pub fn clear_interceptors(&self) {
        self.hooks.intercept_writes(None);
    }

    /// How many requests of each verb came for each `plural.group`, `/status` counted apart.
    pub fn requests(&self) -> BTreeMap<(Verb, String), u64> {
        self.hooks.counts()
    }

    /// How many writes came, whatever became of them.
    pub fn writes(&self) -> u64 {
        self.requests()
            .into_iter()
            .filter(|((verb, _), _)| verb.is_mutation())
            .map(|(_, count)| count)
            .sum()
    }

    /// Every object that is stored, by kind, namespace and name.
    pub fn objects(&self) -> Vec<Value> {
        self.server
            .store()
            .objects()
            .map(|object| object.as_ref().clone())
            .collect()
    }

    /// One object. `kind` is a kind, or `Kind.group` where names collide.
    pub fn get(&self, kind: &str, namespace: Option<&str>, name: &str) -> Option<Value> {
        let resource = self.server.registry.named(kind)?;
        let object = self
            .server
            .store()
            .get(&resource.qualified_plural(), &key(namespace, name))
            .cloned()?;
        Some(object.as_ref().clone())
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
        let text = |path: &str| {
            manifest
                .pointer(path)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (api_version, kind, name) =
            (text("/apiVersion"), text("/kind"), text("/metadata/name"));
        let resource = self.server.registry.of_manifest(&api_version, &kind);
        let resource =
            resource.ok_or_else(|| Error::UnknownKind(format!("{api_version} {kind}")))?;
        let namespace = Some(text("/metadata/namespace")).filter(|namespace| !namespace.is_empty());
        let options = Options {
            manager: MANIFEST_MANAGER.to_owned(),
            force: Force::Yes,
            ..Options::default()
        };
        let payload = Payload::Patch(PatchKind::Apply, manifest);
        self.run(
            Verb::Patch,
            resource,
            namespace.as_deref(),
            &name,
            options,
            payload,
        )
    }

    /// Stores an object as it is, whatever the schema of its kind says: as another version of the kind left it.
    pub fn plant(&self, object: Value) -> Result<(), Error> {
        let text = |path| object.pointer(path).and_then(Value::as_str);
        let kind = text("/kind").unwrap_or_default();
        let resource = self.server.registry.named(kind);
        let resource = resource.ok_or_else(|| Error::UnknownKind(kind.to_owned()))?;
        let name = text("/metadata/name").unwrap_or_default();
        let key = key(text("/metadata/namespace"), name);
        self.server
            .plant(&resource.qualified_plural(), &key, object);
        Ok(())
    }

    /// Deletes an object as `kubectl delete --wait=false` does.
    pub fn delete(&self, kind: &str, namespace: Option<&str>, name: &str) -> Result<(), Error> {
        let resource = self
            .server
            .registry
            .named(kind)
            .ok_or_else(|| Error::UnknownKind(kind.to_owned()))?;
        self.run(
            Verb::Delete,
            resource,
            namespace,
            name,
            Options::default(),
            Payload::None,
        )
        .map(|_| ())
    }

    /// Creates a namespace; one that stands is left alone.
    pub fn create_namespace(&self, name: &str) -> Result<(), Error> {
        self.apply(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
            .map(|_| ())
    }

    /// Forgets the past: watches and pages that start before now are answered with 410.
    pub fn compact(&self) {
        self.server.store().compact();
    }

    /// Keeps changes from all watches until [`release_watches`](Self::release_watches). Reads are not held.
    pub fn hold_watches(&self) {
        self.server.hold_watches();
    }

    /// Delivers what was held, in order, and lets watches hear of changes at once again.
    pub fn release_watches(&self) {
        self.server.release_watches();
    }

    /// Breaks every open watch, as a lost connection does. Clients resume where they were.
    pub fn drop_watches(&self) {
        self.server.drop_watches();
    }

    fn run(
        &self,
        verb: Verb,
        resource: &Arc<Resource>,
        namespace: Option<&str>,
        name: &str,
        options: Options,
        payload: Payload,
    ) -> Result<Value, Error> {
        let namespace = (resource.scope == Scope::Namespaced)
            .then(|| namespace.unwrap_or("default").to_owned());
        let call = Call {
            verb,
            resource: Arc::clone(resource),
            namespace,
            name: name.to_owned(),
            part: Part::Whole,
            options,
            payload,
        };
        let refused = |refusal| Error::Refused {
            kind: resource.kind.clone(),
            name: name.to_owned(),
            refusal,
        };
        self.server
            .execute(&call)
            .map(|answer| answer.body)
            .map_err(refused)
    }
}

fn running_since(elapsed: Duration) -> Timestamp {
    let seconds = i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(EPOCH_SECOND.saturating_add(seconds)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
