//! Many groups under the limits of the service: the lanes find its budgets and keep to them, what is too much for them waits
//! and is no failure, and nobody who is to be taken out waits for those who are let in.

use std::collections::BTreeMap;
use std::time::Duration;

use entra_sim::Profile;
use entra_sim::journal::{Effect, Entry};
use serde_json::{Value, json};
use testenv::workload::{self, Objects, Systems, Workload};
use tokio::time::Instant;

use crate::harness::World;

/// The budgets of the simulator that the service does not publish.
const BUDGETS: [&str; 2] = ["policies", "schedules"];

/// How many operations of a budget may be refused until it is known. What is sent at once doubles while nothing is refused, so the
/// first time at most as many are refused as were taken, which is the burst of the budget; the second time half as many, after
/// which the rate is known. Each try for more is refused half a second's worth at most, and the next one is twice as far away.
const FORESEEABLE: usize = 60;

/// The budget that an operation draws on, if it is one of those.
fn budget(entry: &Entry) -> Option<&'static str> {
    let path = &entry.path;
    if path.contains("roleManagementPolic") {
        Some("policies")
    } else if path.contains("privilegedAccess") || path.contains("Schedule") {
        Some("schedules")
    } else {
        None
    }
}

/// How many operations of each budget were asked for, and how many of them refused.
fn refusals(world: &World) -> BTreeMap<&'static str, (usize, usize)> {
    let mut found = BTreeMap::new();
    for entry in world.tenant.journal() {
        let Some(budget) = budget(&entry) else {
            continue;
        };
        let (asked, refused): &mut (usize, usize) = found.entry(budget).or_default();
        *asked += 1;
        *refused += usize::from(entry.status == 429);
    }
    found
}

/// Since the beginning no budget has refused more than could not be foreseen, and nothing else has refused anything.
pub fn limits_are_kept(world: &World) {
    let found = refusals(world);
    let known: usize = BUDGETS.iter().map(|budget| found[budget].1).sum();
    assert!(
        found.values().all(|(_, refused)| *refused <= FORESEEABLE),
        "{found:?}"
    );
    let all = world.tenant.counters().throttled;
    assert_eq!(all, u64::try_from(known).unwrap(), "{found:?}");
}

/// A pass that was put off because of the limits has not failed.
pub fn no_pass_failed(world: &World) {
    let metrics = world.metrics();
    let failed = metrics
        .lines()
        .find(|line| line.contains(r#"reconcile_errors_total{controller="group"}"#));
    assert!(
        failed.is_some_and(|line| line.ends_with(" 0")),
        "{failed:?}"
    );
}

/// So many groups, each with two eligible people, an owner, a role and its settings, declared in a tenant with these budgets.
fn declared(groups: usize, budgets: &[(&str, &str)]) -> World {
    let workload = Workload {
        groups,
        roles: 1,
        systems: Systems::Directory,
        people: 2,
        objects: Objects::PerGroup,
    };
    let mut overrides = vec![
        ("roleAssignableLimit", "1000"),
        ("replicationDelay", "0s"),
        ("pimPhase1", "0s"),
        ("pimPhase2", "0s"),
    ];
    overrides.extend(budgets);
    let world = World::seeded(workload.seed(), Profile::Service, &overrides);
    world.cluster.create_namespace(workload::NAMESPACE).unwrap();
    for manifest in workload.manifests() {
        world.apply(&manifest);
    }
    world
}

fn object(world: &World, kind: &str, name: &str) -> Value {
    let found = world
        .cluster
        .get(kind, Some(workload::NAMESPACE), name)
        .unwrap();
    json!({
        "apiVersion": found["apiVersion"], "kind": kind,
        "metadata": {"name": name, "namespace": workload::NAMESPACE}, "spec": found["spec"],
    })
}

/// Takes somebody out of the first group, and says how long it takes until they are out.
async fn takes_somebody_out(world: &World) -> Duration {
    let mut first = object(world, "EligibleAssignment", "group-001-001");
    first["spec"]["subjects"].as_array_mut().unwrap().remove(0);
    let last = world.tenant.journal().last().unwrap().sequence;
    world.apply(&first);
    let asked = Instant::now();
    let is_out = |world: &World| {
        let journal = world.tenant.journal();
        let mut since = journal
            .iter()
            .rev()
            .take_while(|entry| entry.sequence > last);
        since.any(|entry| {
            let mut effects = entry.effects.iter();
            effects.any(|one| matches!(one.effect, Effect::EligibilityEnded(_)))
        })
    };
    world.until("somebody is out", is_out).await;
    asked.elapsed()
}

/// Fills the tenant, takes somebody out in the middle of that, and looks at everything for an hour.
async fn fills_and_looks(world: &World, middle: Duration, patience: Duration) {
    let begun = Instant::now();
    world.start();
    world.pass(middle).await;
    assert!(!world.all_ready(workload::NAMESPACE), "there is a queue");
    let took = takes_somebody_out(world).await;
    println!("somebody was out after {took:?}");
    assert!(took < patience, "somebody stayed in for {took:?}");
    world.until_ready(workload::NAMESPACE).await;
    println!("filled after {:?}: {:?}", begun.elapsed(), refusals(world));
    no_pass_failed(world);
    limits_are_kept(world);

    world.pass(Duration::from_mins(30)).await;
    let refused = world.tenant.counters().throttled;
    world.pass(Duration::from_mins(30)).await;
    assert_eq!(
        world.tenant.counters().throttled,
        refused,
        "looks that are spread evenly meet no limits"
    );
    let tenant = world.object("EntraTenant", "contoso").unwrap();
    println!("looked at every {}", tenant["status"]["effectiveResync"]);
    assert_eq!(tenant["status"]["effectiveResync"], "PT10M");
}

#[tokio::test(start_paused = true)]
async fn many_groups_keep_to_narrow_budgets_and_who_is_to_go_waits_for_nobody() {
    let tenth = [
        ("pimRate", "1"),
        ("pimBurst", "3"),
        ("policyRate", "1"),
        ("policyBurst", "1"),
    ];
    let world = declared(30, &tenth);
    fills_and_looks(&world, Duration::from_mins(3), Duration::from_mins(1)).await;
}

/// Takes some minutes: `cargo test --test in_process -- --ignored --nocapture five_hundred_groups`
#[tokio::test(start_paused = true)]
#[ignore = "takes some minutes"]
async fn five_hundred_groups_keep_to_the_services_budgets_and_who_is_to_go_waits_for_nobody() {
    let world = declared(500, &[]);
    fills_and_looks(&world, Duration::from_mins(7), Duration::from_mins(1)).await;
}
