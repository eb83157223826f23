//! Many groups under the limits of the service.

use std::collections::BTreeMap;
use std::time::Duration;

use entra_sim::Profile;
use entra_sim::journal::{Effect, Entry};
use serde_json::Value;
use testenv::workload::{self, Objects, Systems, Workload};
use tokio::time::Instant;

use crate::harness::World;

fn lane(path: &str) -> &'static str {
    if path.contains("roleManagementPolic") {
        "policies"
    } else if path.contains("privilegedAccess") || path.contains("Schedule") {
        "schedules"
    } else if path.contains("auditLogs") {
        "audit"
    } else if path.contains("onditionalAccess") {
        "ca"
    } else {
        "directory"
    }
}

fn show(world: &World, phase: &str, since: &mut u64) {
    let journal = world.tenant.journal();
    let ours: Vec<&Entry> = journal
        .iter()
        .filter(|entry| entry.sequence > *since)
        .collect();
    let mut asked: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    let mut by_operation: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for entry in &ours {
        if entry.method.is_empty() {
            continue;
        }
        let one = asked.entry(lane(&entry.path)).or_default();
        let op = by_operation.entry(&entry.operation).or_default();
        op.0 += 1;
        one.0 += 1;
        if entry.method != "GET" {
            one.1 += 1;
        }
        if entry.status == 429 {
            one.2 += 1;
            op.1 += 1;
        }
    }
    println!("== {phase}");
    for (lane, (all, writes, refused)) in asked {
        println!("   {lane:10} {all:6} operations, {writes:6} not GET, {refused:5} of 429");
    }
    for (operation, (all, refused)) in by_operation {
        println!("      {operation:40} {all:6} {refused:5}");
    }
    *since = journal.last().map_or(0, |entry| entry.sequence);
    for line in world.metrics().lines() {
        let told = (line.contains("reconcile") && line.contains("_total"))
            || line.contains("reconcile_duration_seconds_sum")
            || line.contains("reconcile_duration_seconds_count");
        if told && !line.starts_with('#') {
            println!("   {line}");
        }
    }
}

fn ready(world: &World) -> (usize, usize) {
    let ours = world.ours(workload::NAMESPACE);
    let ready = ours
        .iter()
        .filter(|(kind, name)| {
            let object = world
                .cluster
                .get(kind, Some(workload::NAMESPACE), name)
                .unwrap();
            object["status"]["conditions"]
                .as_array()
                .is_some_and(|all| {
                    all.iter()
                        .any(|one| one["type"] == "Ready" && one["status"] == "True")
                })
        })
        .count();
    (ready, ours.len())
}

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}

#[tokio::test(start_paused = true)]
#[ignore = "measures"]
async fn measure() {
    let workload = Workload {
        groups: number("GROUPS_", 100),
        roles: 1,
        systems: Systems::Directory,
        people: number("PEOPLE", 2),
        objects: Objects::PerGroup,
    };
    let of_env = std::env::var("OVERRIDES").unwrap_or_default();
    let mut overrides = vec![("roleAssignableLimit", "5000")];
    overrides.extend(of_env.split(',').filter_map(|one| one.split_once('=')));
    let began = std::time::Instant::now();
    let world = World::seeded(workload.seed(), Profile::Service, &overrides);
    world.cluster.create_namespace(workload::NAMESPACE).unwrap();
    for manifest in workload.manifests() {
        world.apply(&manifest);
    }
    world.start();
    let started = Instant::now();
    let mut since = 0;
    let mut revoked: Option<(Instant, u64)> = None;
    loop {
        world.pass(Duration::from_secs(20)).await;
        let (done, all) = ready(&world);
        println!(
            "{:6.0} s: {done} of {all} ready, cpu {:.0} s",
            started.elapsed().as_secs_f64(),
            began.elapsed().as_secs_f64()
        );
        if revoked.is_none()
            && started.elapsed() > Duration::from_secs(number("REVOKE_AT", 330) as u64)
            && done < all
        {
            // The first group's only object loses one person.
            let name = "group-001-001";
            let mut object = world
                .cluster
                .get("EligibleAssignment", Some(workload::NAMESPACE), name)
                .unwrap();
            object["spec"]["subjects"].as_array_mut().unwrap().remove(0);
            let manifest = serde_json::json!({"apiVersion": object["apiVersion"], "kind": object["kind"],
                "metadata": {"name": name, "namespace": workload::NAMESPACE}, "spec": object["spec"]});
            world.apply(&manifest);
            let last = world
                .tenant
                .journal()
                .last()
                .map_or(0, |entry| entry.sequence);
            revoked = Some((Instant::now(), last));
            println!(
                "   revoke asked at {:.0} s, {}",
                started.elapsed().as_secs_f64(),
                world.clock.time()
            );
        }
        if done == all || started.elapsed() > Duration::from_secs(7200) {
            break;
        }
    }
    if let Some((_, last)) = revoked {
        let journal = world.tenant.journal();
        let ended = journal
            .iter()
            .filter(|entry| entry.sequence > last)
            .find(|entry| {
                entry
                    .effects
                    .iter()
                    .any(|one| matches!(one.effect, Effect::EligibilityEnded(_)))
            });
        println!("   revoke carried out at {:?}", ended.map(|entry| entry.at));
    }
    show(&world, "from empty", &mut since);
    for hour in 0..number("HOURS", 2) {
        world.pass(Duration::from_mins(60)).await;
        show(&world, &format!("hour {hour}"), &mut since);
        let tenant: Value = world.cluster.get("EntraTenant", None, "contoso").unwrap();
        println!(
            "   effectiveResync {} cpu {:.0}",
            tenant["status"]["effectiveResync"],
            began.elapsed().as_secs_f64()
        );
    }
}
