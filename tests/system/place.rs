//! The place of one test: a namespace, a tenant of its own over TLS, and an `EntraTenant` that leads there, all of one
//! name. What is said about facts that never came is enough to understand a failure without running it again.

use std::time::{Duration, Instant};

use entra_sim::ids::ObjectId;
use entra_sim::{Config, Profile, Seed, Simulator};
use http::{Method, StatusCode};
use kube::api::{
    Api, ApiResource, DeleteParams, DynamicObject, GroupVersionKind, Patch, PatchParams,
};
use serde_json::{Value, json};
use testenv::ControlPlane;
use testenv::installation::{NAMESPACE, RELEASE};
use testenv::process;
use testenv::simulated::{CONFIG_MAP, SECRET, SECRET_KEY, SimulatedTenant};

use super::world;

/// How long a test waits for a fact on a machine that does other things at the same time.
const PATIENCE: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(20);
/// The story of a group: boundary, settings, role, people.
const STORY: &str = include_str!("story.yaml");

pub struct Place {
    pub control_plane: &'static ControlPlane,
    pub name: String,
    pub tenant: SimulatedTenant,
}

impl Place {
    /// A place with the demo's people, beside those of other tests.
    pub async fn shared(name: &str) -> Self {
        Self::new(world::shared().await.control_plane, name).await
    }

    /// The same, in which the story is true.
    pub async fn with_story(name: &str) -> Self {
        let place = Self::shared(name).await;
        place.tell_story().await;
        place
    }

    /// A place with the demo's people.
    pub async fn new(control_plane: &'static ControlPlane, name: &str) -> Self {
        Self::seeded(control_plane, name, Seed::default()).await
    }

    /// A place whose tenant holds something else.
    pub async fn seeded(control_plane: &'static ControlPlane, name: &str, seed: Seed) -> Self {
        let place = Self {
            control_plane,
            name: name.to_owned(),
            tenant: tenant(seed).await,
        };
        let namespace =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        place.put("Namespace", None, &namespace).await;
        place.sign_in(name).await;
        place
    }

    /// Only the tenant, under the name that manifests use: everything else is theirs.
    pub async fn bare(control_plane: &'static ControlPlane, namespace: &str, name: &str) -> Self {
        let place = Self {
            control_plane,
            name: namespace.to_owned(),
            tenant: tenant(Seed::default()).await,
        };
        place.sign_in(name).await;
        place
    }

    /// Writes the certificate of this tenant and its `EntraTenant`.
    async fn sign_in(&self, name: &str) {
        let key = format!("{name}.crt");
        let certificate = self.tenant.certificate(NAMESPACE, &key);
        self.put("ConfigMap", Some(NAMESPACE), &certificate).await;
        let tenant = json!({
            "apiVersion": "entra-pim.dev/v1alpha1", "kind": "EntraTenant", "metadata": {"name": name},
            "spec": {
                "tenantId": self.tenant.tenant_id(), "installation": name, "cloud": "Custom",
                "endpoints": {
                    "authority": self.tenant.server.authority_url, "graph": self.tenant.server.graph_url,
                    "resourceManager": self.tenant.server.resource_manager_url,
                    "caBundle": {"configMapRef": {"name": CONFIG_MAP, "key": key}},
                },
                "credential": {"clientSecret": {
                    "clientId": self.tenant.client_id(), "secretRef": {"name": SECRET, "key": SECRET_KEY},
                }},
                // No reconcile by the clock comes between a test and what it waits for.
                "resyncInterval": "PT24H",
            },
        });
        self.put("EntraTenant", None, &tenant).await;
    }

    /// Applies server-side, each place under a field manager of its own.
    async fn put(&self, kind: &str, namespace: Option<&str>, object: &Value) {
        let name = object["metadata"]["name"].as_str().unwrap();
        let parameters = PatchParams::apply(&self.name);
        let api = self.api(kind, namespace);
        api.patch(name, &parameters, &Patch::Apply(object))
            .await
            .unwrap();
    }

    fn api(&self, kind: &str, namespace: Option<&str>) -> Api<DynamicObject> {
        let (group, version) = match kind {
            "Namespace" | "ConfigMap" => ("", "v1"),
            "Lease" => ("coordination.k8s.io", "v1"),
            _ => ("entra-pim.dev", "v1alpha1"),
        };
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
        let client = self.control_plane.client().unwrap();
        match namespace {
            Some(namespace) => Api::namespaced_with(client, namespace, &resource),
            None => Api::all_with(client, &resource),
        }
    }

    /// Deletes the Lease of the operator.
    pub async fn delete_lease(&self) {
        let leases = self.api("Lease", Some(NAMESPACE));
        let parameters = DeleteParams::default();
        leases.delete(RELEASE, &parameters).await.unwrap();
    }

    /// The story with the names of this place.
    pub fn story(&self) -> String {
        STORY.replace("${NAME}", &self.name)
    }

    /// Applies the story, and waits until it is true.
    pub async fn tell_story(&self) {
        self.apply(&self.story()).await;
        self.until_ready().await;
    }

    /// Runs kubectl in the namespace, and insists that it succeeds.
    pub async fn kubectl(&self, arguments: &[&str]) -> String {
        let in_namespace = format!("--namespace={}", self.name);
        let all: Vec<&str> = arguments
            .iter()
            .copied()
            .chain([in_namespace.as_str()])
            .collect();
        let output = self.control_plane.kubectl(&all).await.unwrap();
        match output.succeeded() {
            Ok(text) => text,
            Err(error) => panic!("{error}\n{}", self.summary().await),
        }
    }

    /// Applies manifests as a user does.
    pub async fn apply(&self, manifests: &str) -> String {
        let output = self
            .control_plane
            .kubectl_with_input(&["apply", "-f", "-"], manifests);
        output.await.unwrap().succeeded().unwrap()
    }

    /// Applies manifests that are refused, and returns what kubectl says.
    pub async fn refused(&self, manifests: &str) -> String {
        let output = self
            .control_plane
            .kubectl_with_input(&["apply", "-f", "-"], manifests);
        let output = output.await.unwrap();
        assert!(!output.status.success(), "accepted: {}", output.stdout);
        output.stderr
    }

    /// Merges a change into an object, without the time that kubectl takes.
    pub async fn patch(&self, kind: &str, name: &str, change: &Value) {
        let api = self.api(kind, Some(&self.name));
        api.patch(name, &PatchParams::default(), &Patch::Merge(change))
            .await
            .unwrap();
    }

    /// Asks for a reconcile at once.
    pub async fn resync(&self, value: &str) {
        let change = json!({"metadata": {"annotations": {"entra-pim.dev/resync": value}}});
        self.patch("PrivilegedGroup", "admins", &change).await;
    }

    /// Asks for a reconcile at once, and returns when it is over and settled: a second one asked for afterwards begins
    /// only then.
    pub async fn look(&self) {
        for round in ["first", "second"] {
            let before = self.looks();
            self.resync(&format!("{round}-{before}")).await;
            self.until("a look at the policies", |_| self.looks() > before)
                .await;
        }
    }

    fn looks(&self) -> u64 {
        let operations = self.tenant.simulator.operations();
        let of = |name: &str| operations.get(name).copied().unwrap_or_default();
        of("policyAssignments.list")
    }

    /// Waits with kubectl until everything in the namespace is Ready.
    pub async fn until_ready(&self) {
        self.kubectl(&[
            "wait",
            "pgroup,prb,pea,paa",
            "--all",
            "--for=condition=Ready",
            "--timeout=60s",
        ])
        .await;
    }

    /// Waits for a fact in the tenant, and says how long it took.
    pub async fn until(&self, what: &str, mut fact: impl FnMut(&Simulator) -> bool) -> Duration {
        let begun = Instant::now();
        while !fact(&self.tenant.simulator) {
            let in_time = begun.elapsed() <= PATIENCE;
            assert!(in_time, "never came: {what}\n{}", self.summary().await);
            tokio::time::sleep(POLL).await;
        }
        begun.elapsed()
    }

    /// Waits until an object is as described; the fact sees `null` when there is none.
    pub async fn until_object(
        &self,
        kind: &str,
        name: &str,
        what: &str,
        mut fact: impl FnMut(&Value) -> bool,
    ) -> Value {
        let begun = Instant::now();
        let is_clusters = matches!(kind, "EntraTenant" | "AccessBoundary" | "PolicyTemplate");
        let namespace = (!is_clusters).then_some(self.name.as_str());
        let api = self.api(kind, namespace);
        loop {
            let object = api.get_opt(name).await.unwrap();
            let object = object.map_or(Value::Null, |object| serde_json::to_value(object).unwrap());
            if fact(&object) {
                return object;
            }
            if begun.elapsed() > PATIENCE {
                let summary = self.summary().await;
                panic!(
                    "{kind} {name} never came to be {what}: {:#}\n{summary}",
                    object["status"]
                );
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until a condition of the present generation has a reason, and returns its status and message.
    pub async fn until_reason(
        &self,
        kind: &str,
        name: &str,
        condition: &str,
        reason: &str,
    ) -> (String, String) {
        let what = format!("{condition} for reason {reason}");
        let object = self
            .until_object(kind, name, &what, |object| {
                self::condition(object, condition).is_some_and(|found| found["reason"] == reason)
            })
            .await;
        let found = self::condition(&object, condition).unwrap();
        let text = |key: &str| found[key].as_str().unwrap().to_owned();
        (text("status"), text("message"))
    }

    /// Asks Graph past the operator, as somebody at the portal does.
    pub async fn graph(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let answer = self.tenant.graph(method, path, body).await.unwrap();
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        assert!(answer.status().is_success(), "{path}: {text}");
        match answer.status() {
            StatusCode::NO_CONTENT => Value::Null,
            _ => serde_json::from_str(&text).unwrap(),
        }
    }

    /// The id of a person.
    pub async fn person(&self, name: &str) -> ObjectId {
        let user = self
            .graph(Method::GET, &format!("/users/{name}"), None)
            .await;
        user["id"].as_str().unwrap().parse().unwrap()
    }

    /// The id of the group of the story, as its status says.
    pub async fn group(&self) -> ObjectId {
        let object = self
            .until_object("PrivilegedGroup", "admins", "known by id", |object| {
                object["status"]["externalId"].is_string()
            })
            .await;
        let id = object["status"]["externalId"].as_str().unwrap();
        id.parse().unwrap()
    }

    /// How everything stands, for a failed test.
    async fn summary(&self) -> String {
        let arguments = [
            "get",
            "pgroup,prb,pea,paa,ev",
            "--output=wide",
            "--namespace",
            &self.name,
        ];
        let objects = match self.control_plane.kubectl(&arguments).await {
            Ok(output) => output.stdout + &output.stderr,
            Err(error) => error.to_string(),
        };
        let journal = self.tenant.simulator.journal();
        let journal: Vec<String> = journal
            .iter()
            .rev()
            .take(30)
            .rev()
            .map(|entry| {
                let (operation, status, code) = (&entry.operation, entry.status, &entry.code);
                format!(
                    "{} {operation} {status} {code:?} {:?}",
                    entry.at, entry.effects
                )
            })
            .collect();
        let log = process::tail(&world::log(self.control_plane), 20);
        format!("{objects}\n{}\n{log}", journal.join("\n"))
    }
}

async fn tenant(seed: Seed) -> SimulatedTenant {
    let config = Config {
        profile: Profile::Ideal,
        seed,
        ..Config::default()
    };
    SimulatedTenant::start(config).await.unwrap()
}

/// A condition, if it speaks of the present generation.
pub fn condition<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let conditions = object["status"]["conditions"].as_array()?;
    let found = conditions.iter().find(|found| found["type"] == name)?;
    (found["observedGeneration"] == object["metadata"]["generation"]).then_some(found)
}
