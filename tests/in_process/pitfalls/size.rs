//! Tenants and groups of the size that other tools fail at: the limits of the service are kept before it has to refuse,
//! lists are read to their last page, and nothing is read that nobody declares.

use std::collections::BTreeSet;
use std::time::Duration;

use entra_sim::Profile;
use entra_sim::journal::Effect;
use entra_sim::seed::{Seed, SeedGroup, SeedUser};
use pim_core::ids::GroupId;
use pim_core::schedule::Access;
use serde_json::json;
use testenv::workload::{self, Objects, Workload};

use crate::harness::{Setup, World, demo};
use crate::story;
use crate::throttling;

/// A group that is none of the operator's.
const BIG: &str = "1a910b00-1111-4111-8111-1a910b0000ff";

/// The demo's tenant with a group of so many people in it.
fn with_big_group(people: usize) -> Seed {
    let mut seed = demo();
    let names: Vec<String> = (0..people)
        .map(|number| format!("many-{number:05}@contoso.com"))
        .collect();
    seed.users.extend(names.iter().map(SeedUser::named));
    let group = json!({"id": BIG, "displayName": "Everybody", "members": names});
    seed.groups
        .push(serde_json::from_value::<SeedGroup>(group).unwrap());
    seed
}

#[tokio::test(start_paused = true)]
async fn a_thousand_eligibilities_under_the_services_limits_are_all_given() {
    let workload = Workload {
        people: 100,
        ..Workload::medium(Objects::PerGroup)
    };
    // What the service shows late is another matter, and a pass that meets it counts as failed.
    let on_time = [
        ("replicationDelay", "0s"),
        ("pimPhase1", "0s"),
        ("pimPhase2", "0s"),
    ];
    let world = World::seeded(workload.seed(), Profile::Service, &on_time);
    world.cluster.create_namespace(workload::NAMESPACE).unwrap();
    for manifest in workload.manifests() {
        world.apply(&manifest);
    }
    world.start();
    world.until_ready(workload::NAMESPACE).await;
    assert_eq!(world.tenant.holdings().eligible().len(), 1000);
    let journal = world.tenant.journal();
    let given = journal
        .iter()
        .flat_map(|entry| &entry.effects)
        .filter(|recorded| matches!(recorded.effect, Effect::EligibilityCreated(_)));
    assert_eq!(given.count(), 1000, "nobody is given anything twice");
    throttling::no_pass_failed(&world);
    throttling::limits_are_kept(&world);
}

#[tokio::test(start_paused = true)]
async fn a_list_of_ten_thousand_is_read_to_its_last_page() {
    const MANY: usize = 10_000;
    let world = World::with(Setup {
        seed: Some(with_big_group(MANY)),
        ..Setup::default()
    });
    let services = world.services().await;
    let group: GroupId = BIG.parse().unwrap();
    let read = services.graph.people(group, Access::Member).await.unwrap();
    let different: BTreeSet<_> = read.rows.iter().map(|row| row.principal).collect();
    assert_eq!((read.rows.len(), different.len()), (MANY, MANY));
    assert!(world.tenant.counters().operations > 10, "it came in pages");
}

#[tokio::test(start_paused = true)]
async fn what_nobody_declares_is_not_read_and_nobody_is_asked_what_they_are_member_of() {
    let world = World::with(Setup {
        seed: Some(with_big_group(2000)),
        ..Setup::default()
    });
    story::comes_true(&world).await;
    world.pass(Duration::from_hours(3)).await;
    let ours = world.tenant.journal();
    let strange = |path: &str| path.contains(BIG) || path.to_lowercase().contains("memberof");
    let strange: Vec<&String> = ours
        .iter()
        .map(|entry| &entry.path)
        .filter(|path| strange(path))
        .collect();
    assert_eq!(strange, Vec::<&String>::new());
}
