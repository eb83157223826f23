//! Hazards that ended badly elsewhere or once did here: slow lists, strangers, noise, silence, and edits at the wrong
//! instant. Each test is named after what must hold in spite of one of them.

pub mod activation;
mod adoption;
mod dead_neighbour;
mod endless;
mod fence;
mod hostile_neighbour;
mod lag;
mod later;
mod noise;
mod refused_reads;
mod secrecy;
mod silence;
mod twins;
mod unreadable;
mod wear;

use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::harness::{World, manifest};

/// Whether somebody holds anything of the operator's groups.
pub fn holds(world: &World, who: &str) -> bool {
    world.held().iter().any(|held| held.ends_with(who))
}

/// How long a fact about the tenant takes to come true, checked often; none if it takes longer than the limit.
pub async fn time_until(
    world: &World,
    limit: Duration,
    mut fact: impl FnMut(&World) -> bool,
) -> Option<Duration> {
    let begun = Instant::now();
    let mut looked = None;
    while begun.elapsed() <= limit {
        // Facts about the tenant follow from what it was asked, so nothing is missed.
        let asked = world.tenant.counters().operations;
        if looked.replace(asked) != Some(asked) && fact(world) {
            return Some(begun.elapsed());
        }
        sleep(Duration::from_millis(50)).await;
    }
    None
}

/// The sum of all series of a metric whose line begins so.
fn metric(world: &World, beginning: &str) -> f64 {
    world
        .metrics()
        .lines()
        .filter(|line| line.starts_with(beginning))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

/// What the boundary of the example asks of a policy.
fn settings() -> Value {
    json!({"activation": {
        "maximumDuration": "PT8H",
        "require": ["Justification", "MultiFactorAuthentication"],
        "approval": {"required": "Always", "approvers": [{"kind": "User", "name": "emi@contoso.com"}]},
    }})
}

/// A group beside the example's.
pub fn group(name: &str) -> Value {
    manifest(
        "PrivilegedGroup",
        name,
        &json!({
            "tenantRef": {"name": "contoso"}, "boundaryRef": {"name": "exchange"},
            "displayName": format!("PAG-Exchange-{name}"),
            "policy": {"member": settings(), "owner": settings()},
        }),
    )
}

/// People who may activate, of a group of the same name.
pub fn eligible(name: &str, people: &[&str]) -> Value {
    let people: Vec<Value> = people.iter().copied().map(super::story::person).collect();
    manifest(
        "EligibleAssignment",
        name,
        &json!({
            "groupRef": {"name": name}, "subjects": people,
            "schedule": {"expiration": {"afterDuration": "P30D"}},
        }),
    )
}

/// The manifest of an object of the example, as somebody applies it again.
fn declared(world: &World, kind: &str, name: &str) -> Value {
    manifest(kind, name, &world.object(kind, name).unwrap()["spec"])
}

/// What somebody does in the cluster without end, until this is dropped.
struct Noise(JoinHandle<()>);

impl Noise {
    /// Objects annotated again and again with what means nothing to the operator.
    fn on(world: &World, manifests: Vec<Value>, every: Duration) -> Self {
        let cluster = world.cluster.clone();
        Self(tokio::spawn(async move {
            for number in 1_u64.. {
                for manifest in &manifests {
                    let mut noisy = manifest.clone();
                    noisy["metadata"]["annotations"]["example.com/noise"] =
                        json!(number.to_string());
                    cluster.apply(noisy).unwrap();
                }
                sleep(every).await;
            }
        }))
    }

    /// Somebody who edits an object of the example again and again.
    fn of_edits(world: &World, kind: &str, name: &str, every: Duration) -> Self {
        let mut manifest = declared(world, kind, name);
        let cluster = world.cluster.clone();
        Self(tokio::spawn(async move {
            for number in 1_u64.. {
                manifest["spec"]["justification"] = json!(format!("reason {number}"));
                cluster.apply(manifest.clone()).unwrap();
                sleep(every).await;
            }
        }))
    }

    /// On an object of the example.
    fn on_object(world: &World, kind: &str, name: &str, every: Duration) -> Self {
        Self::on(world, vec![declared(world, kind, name)], every)
    }
}

impl Drop for Noise {
    fn drop(&mut self) {
        self.0.abort();
    }
}
