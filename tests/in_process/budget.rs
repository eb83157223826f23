//! What a workload costs: operations, writes and HTTP requests are counted and held to bounds. Of time only what calls take,
//! which a paused clock counts; seconds depend on the machine and are measured by `make bench`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use entra_pim_operator::settings::USUAL_WORKERS;
use entra_sim::Profile;
use entra_sim::journal::Counters;
use serde_json::{Value, json};
use testenv::workload::{NAMESPACE, Objects, Setting, TENANT, Workload};
use tokio::time::Instant;

use super::harness::World;

/// Long enough for everything to have come to rest, and shorter than the interval of reconciles.
const REST: Duration = Duration::from_mins(1);

/// How exactly it is measured how long something takes.
const EXACTLY: Duration = Duration::from_millis(50);

struct Cost {
    operations: u64,
    requests: u64,
    writes: u64,
    /// How often each operation was asked for.
    asked: BTreeMap<String, u64>,
}

impl Cost {
    fn new(counters: Counters, asked: BTreeMap<String, u64>) -> Self {
        Self {
            operations: counters.operations,
            requests: counters.requests,
            writes: counters.writes,
            asked,
        }
    }

    /// Each number beside its bound, for whoever has to find out where the operations went.
    fn show(&self, phase: &str) -> String {
        let mut text = format!(
            "{phase}: {} operations, {} requests, {} writes",
            self.operations, self.requests, self.writes
        );
        for (operation, times) in &self.asked {
            let _ = write!(text, "\n  {times:4} {operation}");
        }
        text
    }
}

/// The world of a workload, its manifests in the cluster, no operator yet.
fn world(workload: Workload, latency: &str) -> World {
    let overrides = [("latency", latency)];
    let world = World::seeded(workload.seed(), Profile::Ideal, &overrides);
    world.cluster.create_namespace(NAMESPACE).unwrap();
    for manifest in workload.manifests() {
        world.apply(&manifest);
    }
    world
}

/// What has been asked since the last time, once everything is at rest.
async fn cost(world: &World, phase: &str) -> Cost {
    tokio::time::sleep(REST).await;
    let cost = Cost::new(world.tenant.counters(), world.tenant.operations());
    println!("{}", cost.show(phase));
    world.tenant.reset_journal();
    cost
}

async fn ready(workload: Workload, latency: &str) -> (World, Cost) {
    let world = world(workload, latency);
    world.start();
    world.until_ready(NAMESPACE).await;
    let empty = cost(&world, "from empty").await;
    assert_eq!(world.tenant.holdings().eligible().len(), 200);
    (world, empty)
}

fn both() -> [Workload; 2] {
    [Objects::PerGroup, Objects::PerPerson].map(Workload::medium)
}

#[tokio::test(start_paused = true)]
async fn a_tenant_is_filled_with_few_reads_beside_its_writes() {
    for workload in both() {
        let (_, cost) = ready(workload, "0s").await;
        assert!(cost.operations <= 330, "{}", cost.show("from empty"));
        // One of them counts the tenant's role-assignable groups, once an hour.
        assert!(cost.requests <= 33, "{}", cost.show("from empty"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_tenant_is_looked_at_in_four_requests() {
    for workload in both() {
        let (world, _) = ready(workload, "0s").await;
        resync(&world);
        let cost = cost(&world, "unchanged").await;
        assert_eq!(
            cost.asked.get("policyAssignments.list"),
            Some(&10),
            "policies were read"
        );
        assert_eq!(cost.writes, 0, "{}", cost.show("unchanged"));
        assert!(cost.operations <= 35, "{}", cost.show("unchanged"));
        assert!(cost.requests <= 4, "{}", cost.show("unchanged"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_changed_setting_costs_its_writes_and_the_reads_around_them() {
    for workload in both() {
        let (world, _) = ready(workload, "0s").await;
        for manifest in workload.group_manifests(Setting::After) {
            world.apply(&manifest);
        }
        let cost = cost(&world, "one setting changed").await;
        world.until_ready(NAMESPACE).await;
        assert_eq!(cost.writes, 10, "{}", cost.show("one setting changed"));
        assert!(
            cost.operations <= 40,
            "{}",
            cost.show("one setting changed")
        );
    }
}

/// How long it takes until a workload stands, where every call takes a tenth of a second and nothing else takes time.
async fn filled(workload: Workload) -> Duration {
    let world = world(workload, "100ms");
    let begun = Instant::now();
    world.start();
    let stands = async {
        while !world.all_ready(NAMESPACE) {
            tokio::time::sleep(EXACTLY).await;
        }
    };
    let stands = tokio::time::timeout(REST, stands).await;
    assert!(stands.is_ok(), "{}", world.summary());
    begun.elapsed()
}

/// `make bench ARGS=--large` prints it, too: in the seconds of a machine that is busy with Kubernetes itself it does not show.
#[tokio::test(start_paused = true)]
async fn a_hundred_groups_take_hardly_more_time_than_the_longest_chain_of_calls_of_one() {
    let all = Workload::large();
    assert_eq!(all.groups, usize::from(USUAL_WORKERS));
    let one = filled(Workload { groups: 1, ..all }).await;
    let all = filled(all).await;
    let chains = all.as_secs_f64() / one.as_secs_f64();
    let shown = format!(
        "workload L from empty where only calls take time, 100 ms each: {all:.2?}, which is {chains:.2} times what one group takes ({one:.2?}; goal: 1.5 times)"
    );
    println!("{shown}");
    assert!(chains <= 1.5, "{shown}");
}

/// Deletes everything, one object so long after the other, as Kubernetes does.
async fn everything_goes(workload: Workload, latency: &str, apart: Duration) -> Cost {
    let (world, _) = ready(workload, latency).await;
    tokio::time::sleep(Duration::from_mins(10)).await;
    world.tenant.reset_journal();
    for (kind, name) in world.ours(NAMESPACE) {
        world.cluster.delete(&kind, Some(NAMESPACE), &name).unwrap();
        tokio::time::sleep(apart).await;
    }
    world
        .until("no object is left", |world| {
            world.ours(NAMESPACE).is_empty()
        })
        .await;
    let cost = cost(&world, "everything deleted").await;
    let holdings = world.tenant.holdings();
    assert!(holdings.eligible().is_empty() && holdings.active().is_empty());
    cost
}

#[tokio::test(start_paused = true)]
async fn everything_goes_with_few_reads_beside_its_writes() {
    let [per_group, per_person] = both();
    let at_once = Duration::ZERO;
    let one_by_one = Duration::from_millis(7);
    // Eleven of them see that no group goes with a role of an application or of Intune that nobody named.
    for (workload, latency, apart, most) in [
        (per_group, "0s", at_once, 295),
        (per_group, "0s", one_by_one, 300),
        (per_group, "100ms", one_by_one, 300),
        (per_person, "0s", at_once, 295),
        // That takes more than a second: people who were taken out first are out by then.
        (per_person, "0s", one_by_one, 350),
        (per_person, "100ms", one_by_one, 350),
    ] {
        let cost = everything_goes(workload, latency, apart).await;
        let shown = cost.show("everything deleted");
        assert!(cost.operations <= most, "{latency} {apart:?}: {shown}");
    }
}

/// Has all groups of the tenant reconciled once, with everything that a reconcile can read.
fn resync(world: &World) {
    let tenant = world.cluster.get("EntraTenant", None, TENANT).unwrap();
    let mut manifest: Value = json!({
        "apiVersion": tenant["apiVersion"], "kind": tenant["kind"],
        "metadata": {"name": TENANT, "annotations": {"entra-pim.dev/resync": "now"}},
    });
    manifest["spec"] = tenant["spec"].clone();
    world.apply(&manifest);
}
