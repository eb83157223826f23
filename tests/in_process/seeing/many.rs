//! Many groups: one that is changed by hand is found among them without a look at the others.

use std::time::Duration;

use entra_sim::Profile;
use testenv::workload::{NAMESPACE, Objects, Systems, Workload};

use super::super::harness::{Setup, World};
use super::{EVERY, NOTICED};

const GROUPS: usize = 100;

/// A world of many small groups that stand.
async fn many() -> World {
    let workload = Workload {
        groups: GROUPS,
        roles: 0,
        systems: Systems::Directory,
        people: 1,
        objects: Objects::PerGroup,
    };
    let world = World::with(Setup {
        profile: Some(Profile::Ideal),
        seed: Some(workload.seed()),
        hints_every: Some(EVERY),
        ..Setup::default()
    });
    super::super::story::look_every(&world, "PT12H");
    world.cluster.create_namespace(NAMESPACE).unwrap();
    for manifest in workload.manifests() {
        world.apply(&manifest);
    }
    world.start();
    world.until_ready(NAMESPACE).await;
    world.pass(Duration::from_mins(2)).await;
    world
}

#[tokio::test(start_paused = true)]
async fn a_change_in_one_of_a_hundred_groups_is_noticed_within_a_minute_without_reading_the_others()
{
    let world = many().await;
    let object = world
        .cluster
        .get("PrivilegedGroup", Some(NAMESPACE), "group-042");
    let group = object.unwrap()["status"]["externalId"].clone();
    let actor = world.external_actor();
    let grace = actor.user("grace@contoso.com").await;
    world.tenant.reset_journal();
    actor.join(group.as_str().unwrap(), "members", &grace).await;
    world.pass(NOTICED).await;
    let object = world
        .cluster
        .get("PrivilegedGroup", Some(NAMESPACE), "group-042");
    let conditions = object.unwrap()["status"]["conditions"].to_string();
    assert!(conditions.contains("grace@contoso.com"), "{conditions}");
    let asked = world.tenant.operations();
    assert_eq!(asked["groups.delta"], 2, "fifty groups in each: {asked:?}");
    let total: u64 = asked.values().sum();
    assert!(total <= 16, "with four batches around them: {asked:?}");
}
