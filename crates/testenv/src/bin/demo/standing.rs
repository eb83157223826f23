//! How our objects stand in Kubernetes, and waiting until all of them are Ready. Every change is told when it is seen.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind, ListParams};
use kube::{Client, ResourceExt as _};
use serde_json::Value;

use super::stage::Stage;
use super::tell::Tell;

/// How often the objects are read. A person cannot follow faster.
const LOOK: Duration = Duration::from_millis(250);

#[derive(Debug, Clone)]
pub(super) struct Standing {
    name: String,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    kind: String,
    status: String,
    reason: String,
    message: String,
}

impl Standing {
    fn read(object: &DynamicObject, kind: &str) -> Self {
        let name = match object.namespace() {
            Some(namespace) => format!("{kind} {namespace}/{}", object.name_any()),
            None => format!("{kind} {}", object.name_any()),
        };
        let known = object.data["status"]["conditions"].as_array();
        // A condition of an older generation speaks of another manifest.
        let current = |condition: &&Value| {
            condition["observedGeneration"].as_i64() == object.metadata.generation
        };
        let conditions = known.into_iter().flatten().filter(current);
        Self {
            name,
            conditions: conditions.map(Condition::read).collect(),
        }
    }

    fn ready(&self) -> Option<&Condition> {
        let mut conditions = self.conditions.iter();
        conditions.find(|condition| condition.kind == "Ready")
    }

    fn is_ready(&self) -> bool {
        self.ready().is_some_and(|ready| ready.status == "True")
    }

    fn summary(&self) -> String {
        match self.ready() {
            None => format!("{}: not looked at yet", self.name),
            Some(ready) if ready.status == "True" => format!("{}: Ready", self.name),
            Some(ready) => format!("{}: {}: {}", self.name, ready.reason, ready.message),
        }
    }
}

impl Condition {
    fn read(condition: &Value) -> Self {
        let text = |key: &str| condition[key].as_str().unwrap_or_default().to_owned();
        Self {
            kind: text("type"),
            status: text("status"),
            reason: text("reason"),
            message: text("message"),
        }
    }
}

/// Waits until every object of our kinds is Ready, and returns those that are not in the end.
pub(super) async fn wait(
    stage: &Stage,
    tell: &Tell,
    within: Duration,
) -> anyhow::Result<Vec<Standing>> {
    let client = stage.control_plane().client()?;
    let begun = Instant::now();
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    loop {
        stage.check()?;
        let all = all(&client).await?;
        for object in all.iter().filter(|object| object.ready().is_some()) {
            let summary = object.summary();
            if told.get(&object.name) != Some(&summary) {
                tell.done(&summary);
                told.insert(object.name.clone(), summary);
            }
        }
        let missing: Vec<Standing> = all
            .iter()
            .filter(|object| !object.is_ready())
            .cloned()
            .collect();
        if (missing.is_empty() && !all.is_empty()) || begun.elapsed() > within {
            return Ok(missing);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// All conditions of objects that are not Ready.
pub(super) fn explain(missing: &[Standing]) -> String {
    let mut lines = Vec::new();
    for object in missing {
        lines.push(object.summary());
        let others = object.conditions.iter();
        lines.extend(others.map(|condition| {
            let Condition {
                kind,
                status,
                reason,
                message,
            } = condition;
            format!("  {kind}={status} {reason}: {message}")
        }));
    }
    lines.join("\n")
}

async fn all(client: &Client) -> Result<Vec<Standing>, kube::Error> {
    let mut all = Vec::new();
    for definition in pim_api::all_crds() {
        let kind = &definition.spec.names.kind;
        let versioned = GroupVersionKind::gvk(pim_api::API_GROUP, pim_api::API_VERSION, kind);
        let resource = ApiResource::from_gvk_with_plural(&versioned, &definition.spec.names.plural);
        let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
        let objects = api.list(&ListParams::default()).await?;
        all.extend(objects.iter().map(|object| Standing::read(object, kind)));
    }
    Ok(all)
}
