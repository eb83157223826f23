//! A namespace that annotates all it has twenty times a second, beside one that goes on as always.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{Noise, eligible, group, holds, time_until};
use crate::harness::{NAMESPACE, World};
use crate::story::{self, GROUP};

/// The neighbour's namespace.
const NEIGHBOUR: &str = "neighbour";

/// So much longer than usual may anything take.
const GRACE: Duration = Duration::from_secs(5);

/// How long both lives last.
const LIFE: Duration = Duration::from_secs(90);

/// What the neighbour declares in the same tenant.
fn neighbours() -> Vec<Value> {
    let mut all = vec![group("n0"), eligible("n0", &["dana@contoso.com"])];
    for manifest in &mut all {
        manifest["metadata"]["namespace"] = json!(NEIGHBOUR);
    }
    all
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
    world.edit("EntraTenant", "contoso", |manifest| {
        manifest["spec"]["resyncInterval"] = json!("PT1M");
    });
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
    let jose = "jose@contoso.com";
    let id = world.hand().group(&world.key(GROUP)).await;
    world
        .hand()
        .remove("eligibility", &id, jose, "member")
        .await;
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
async fn a_namespace_that_makes_noise_costs_its_neighbours_nothing() {
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
