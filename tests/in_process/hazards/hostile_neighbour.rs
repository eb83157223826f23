//! A namespace whose editor does all that may stop others, beside one that goes on as always: they annotate all they
//! have twenty times a second, declare a thousand groups under no boundary with crowds of people, give them names of
//! three-byte letters and change them every second, and write dates that nobody can read.

use std::time::Duration;

use memory_cluster::MemoryCluster;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{Noise, eligible, group, holds, time_until};
use crate::harness::{NAMESPACE, World};
use crate::story::{self, GROUP};

const NEIGHBOUR: &str = "neighbour";

/// So much longer than usual may anything take.
const GRACE: Duration = Duration::from_secs(5);

/// How long both lives last.
const LIFE: Duration = Duration::from_secs(90);

/// What the neighbour declares in the same tenant.
fn neighbours() -> Vec<Value> {
    let all = [group("n0"), eligible("n0", &["dana@contoso.com"])];
    all.map(of_neighbour).to_vec()
}

/// How many groups the neighbour declares under no boundary.
const CROWD: usize = 1_000;

/// The most people that one object may list.
const PEOPLE: usize = 100;

fn of_neighbour(mut manifest: Value) -> Value {
    manifest["metadata"]["namespace"] = json!(NEIGHBOUR);
    manifest
}

/// A group that no boundary admits.
fn outside(number: usize) -> Value {
    let mut manifest = of_neighbour(group(&format!("outside-{number}")));
    manifest["spec"]["boundaryRef"] = json!({"name": "nowhere"});
    manifest["spec"]["displayName"] = json!(format!("管理者グループ-{number}"));
    manifest
}

/// As many people as an object may list, other ones each time, for a group that no boundary admits.
fn crowd(number: usize, time: usize) -> Value {
    let people: Vec<String> = (0..PEOPLE)
        .map(|one| format!("somebody-{time}-{one}@contoso.com"))
        .collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let mut manifest = of_neighbour(eligible(&format!("outside-{number}"), &people));
    manifest["spec"]["justification"] = json!("管理者".repeat(150));
    manifest
}

/// A date beyond what can be read is refused, and held by Kubernetes all the same, as an older version stored it.
fn poison(cluster: &MemoryCluster) {
    let mut manifest = of_neighbour(eligible("poison", &["dana@contoso.com"]));
    manifest["spec"]["groupRef"] = json!({"name": "n0"});
    let mut poisoned = manifest.clone();
    poisoned["spec"]["schedule"] = json!({"expiration": {"endTime": "9999-12-31T23:59:59Z"}});
    assert!(cluster.apply(poisoned.clone()).is_err());
    let mut stored = cluster.apply(manifest).unwrap();
    stored["spec"] = poisoned["spec"].clone();
    stored["metadata"]["generation"] = json!(2);
    cluster.plant(stored).unwrap();
}

/// All that the neighbour does beside annotating.
fn hostility(cluster: MemoryCluster) -> Noise {
    Noise(tokio::spawn(async move {
        poison(&cluster);
        for number in 0..CROWD {
            cluster.apply(outside(number)).unwrap();
            if number % 100 == 0 {
                sleep(Duration::from_secs(1)).await;
            }
        }
        for time in 1.. {
            for number in 0..3 {
                cluster.apply(crowd(number, time)).unwrap();
            }
            sleep(Duration::from_secs(1)).await;
        }
    }))
}

/// How long things took, and what the tenant was asked meanwhile.
struct Life {
    correction: Duration,
    revoke: Duration,
    asked: u64,
}

async fn live(noisy: bool) -> Life {
    let world = World::new();
    world.cluster.create_namespace(NEIGHBOUR).unwrap();
    story::apply(&world);
    world.edit("AccessBoundary", "exchange", |manifest| {
        manifest["spec"]["namespaces"] = json!([NAMESPACE, NEIGHBOUR]);
    });
    story::look_every(&world, "PT1M");
    for manifest in neighbours() {
        world.apply(&manifest);
    }
    world.start();
    world.until_ready(NAMESPACE).await;
    world.until_ready(NEIGHBOUR).await;
    world.pass(Duration::from_mins(6)).await;
    let before = world.tenant.counters().operations;
    let begun = Instant::now();
    let _noise = noisy.then(|| Noise::on(&world, neighbours(), Duration::from_millis(50)));
    let _hostility = noisy.then(|| hostility(world.cluster.clone()));
    let jose = "jose@contoso.com";
    world.take_eligibility(GROUP, jose).await;
    let correction = time_until(&world, LIFE, |world| holds(world, jose)).await;
    world.delete("EligibleAssignment", GROUP);
    let revoke = time_until(&world, LIFE, |world| !holds(world, jose)).await;
    sleep(LIFE.saturating_sub(begun.elapsed())).await;
    Life {
        correction: correction.unwrap(),
        revoke: revoke.unwrap(),
        asked: world.tenant.counters().operations - before,
    }
}

#[tokio::test(start_paused = true)]
async fn a_namespace_whose_editor_is_hostile_costs_its_neighbours_nothing() {
    let (quiet, noisy) = (live(false).await, live(true).await);
    let later = noisy.correction.saturating_sub(quiet.correction);
    assert!(
        later <= GRACE,
        "{:?} and {:?}",
        quiet.correction,
        noisy.correction
    );
    let later = noisy.revoke.saturating_sub(quiet.revoke);
    assert!(later <= GRACE, "{:?} and {:?}", quiet.revoke, noisy.revoke);
    let bound = quiet.asked + quiet.asked / 10;
    assert!(noisy.asked < bound, "{} and {}", quiet.asked, noisy.asked);
}
