//! Many groups: one that is changed by hand is found among them without a look at the others, and looks at all of them keep to
//! what the tenant takes.

use std::time::Duration;

use entra_sim::Profile;
use testenv::workload::{NAMESPACE, Objects, Systems, Workload};

use super::super::harness::{Setup, World};
use super::{EVERY, NOTICED};

/// A world of many small groups that stand.
async fn many(groups: usize, roles: usize, profile: Profile, interval: &str) -> World {
    let workload = Workload {
        groups,
        roles,
        systems: Systems::Directory,
        people: 1,
        objects: Objects::PerGroup,
    };
    let world = World::with(Setup {
        profile: Some(profile),
        seed: Some(workload.seed()),
        hints_every: Some(EVERY),
        ..Setup::default()
    });
    super::super::story::look_every(&world, interval);
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
    let world = many(100, 0, Profile::Ideal, "PT12H").await;
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
    // Four of them list members and owners of the one group, and five are batches around the others.
    assert!(total <= 20, "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn looks_at_many_groups_are_spread_so_that_the_tenant_refuses_none_and_status_says_how_often_they_are()
 {
    let world = many(40, 1, Profile::Service, "PT10M").await;
    world.pass(Duration::from_mins(30)).await;
    world.tenant.reset_journal();
    world.pass(Duration::from_mins(70)).await;
    let counted = world.tenant.counters();
    assert_eq!((counted.throttled, counted.writes), (0, 0));
    let asked = world.tenant.operations();
    let looks = asked["pimGroups.eligibilitySchedules.list"] / 40;
    assert!((6..=8).contains(&looks), "{asked:?}");
    let tenant = world.object("EntraTenant", "contoso").unwrap();
    let reached = tenant["status"]["effectiveResync"].as_str().unwrap();
    assert!(["PT10M", "PT11M"].contains(&reached), "{reached}");
}
