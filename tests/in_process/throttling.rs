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

/// How long somebody stays in at most who is to be taken out while groups are let in for minutes: what their own pass has to read
/// goes before what the passes read that run.
const PATIENCE: Duration = Duration::from_secs(5);

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

/// So many groups, each with two eligible people, an owner, a role and its settings, declared in a tenant with the budgets of the
/// service. What it shows late is another matter, and a pass that meets it counts as failed.
fn declared(groups: usize) -> World {
    let workload = Workload {
        groups,
        roles: 1,
        systems: Systems::Directory,
        people: 2,
        objects: Objects::PerGroup,
    };
    let overrides = [
        ("roleAssignableLimit", "1000"),
        ("replicationDelay", "0s"),
        ("pimPhase1", "0s"),
        ("pimPhase2", "0s"),
    ];
    let world = World::seeded(workload.seed(), Profile::Service, &overrides);
    world.cluster.create_namespace(workload::NAMESPACE).unwrap();
    for manifest in workload.manifests() {
        world.apply(&manifest);
    }
    world
}

fn first_people(world: &World) -> Value {
    let (kind, name) = ("EligibleAssignment", "group-001-001");
    let found = world.cluster.get(kind, Some(workload::NAMESPACE), name);
    found.unwrap()
}

fn are_in(assignment: &Value) -> bool {
    let conditions = assignment["status"]["conditions"].as_array();
    let is_ready = |one: &Value| one["type"] == "Ready" && one["status"] == "True";
    conditions.is_some_and(|all| all.iter().any(is_ready))
}

/// Takes somebody out of the first group, and says how long it takes until they are out.
async fn takes_somebody_out(world: &World) -> Duration {
    let found = first_people(world);
    let mut wanted = json!({
        "apiVersion": found["apiVersion"], "kind": found["kind"], "spec": found["spec"],
        "metadata": {"name": found["metadata"]["name"], "namespace": workload::NAMESPACE},
    });
    wanted["spec"]["subjects"].as_array_mut().unwrap().remove(0);
    let last = world.tenant.journal().last().unwrap().sequence;
    world.apply(&wanted);
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
async fn fills_and_looks(world: &World) {
    let begun = Instant::now();
    world.start();
    let are_first_in = |world: &World| are_in(&first_people(world));
    world.until("the first are in", are_first_in).await;
    let took = takes_somebody_out(world).await;
    println!("somebody was out after {took:?}");
    assert!(took < PATIENCE, "somebody stayed in for {took:?}");
    let is_done = world.all_ready(workload::NAMESPACE);
    assert!(!is_done, "others still wait to be let in");
    world.until_ready(workload::NAMESPACE).await;
    println!("filled after {:?}: {:?}", begun.elapsed(), refusals(world));
    no_pass_failed(world);
    limits_are_kept(world);

    world.pass(Duration::from_mins(30)).await;
    let refused = world.tenant.counters().throttled;
    world.pass(Duration::from_mins(30)).await;
    let after = world.tenant.counters().throttled;
    assert_eq!(
        after, refused,
        "looks that are spread evenly meet no limits"
    );
    let tenant = world.object("EntraTenant", "contoso").unwrap();
    assert_eq!(tenant["status"]["effectiveResync"], "PT10M");
}

#[tokio::test(start_paused = true)]
async fn dozens_of_groups_keep_to_the_services_budgets_and_who_is_to_go_waits_for_nobody() {
    let world = declared(48);
    fills_and_looks(&world).await;
}

/// Takes some minutes: `cargo test --test in_process -- --ignored --nocapture five_hundred_groups`
#[tokio::test(start_paused = true)]
#[ignore = "takes some minutes"]
async fn five_hundred_groups_keep_to_the_services_budgets_and_who_is_to_go_waits_for_nobody() {
    let world = declared(500);
    fills_and_looks(&world).await;
}
