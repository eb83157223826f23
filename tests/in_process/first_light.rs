//! The story of the examples: a boundary, a group with its settings, a role, people. It becomes true, stays true, and
//! goes again.

use jiff::SignedDuration;

use super::harness::World;

const STORY: &str = include_str!("story.yaml");

#[tokio::test(start_paused = true)]
async fn what_is_declared_becomes_true_in_the_tenant() {
    let mut world = World::new();
    world.apply_yaml(STORY);
    world.start();
    world.until_ready("exchange").await;
    let holdings = world.tenant.holdings();
    assert_eq!(holdings.eligible().len(), 3, "{}", world.summary());
    assert_eq!(
        holdings.active().len(),
        3,
        "owner, break-glass account and the role: {}",
        world.summary()
    );
    assert_eq!(world.tenant.violations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_second_pass_writes_nothing() {
    let mut world = World::new();
    world.apply_yaml(STORY);
    world.start();
    world.until_ready("exchange").await;
    let before = world.tenant.counters();
    tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
    let after = world.tenant.counters();
    assert!(after.operations > before.operations, "it was looked at");
    assert_eq!(after.writes, before.writes, "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn everything_goes_when_everything_is_deleted() {
    let mut world = World::new();
    world.apply_yaml(STORY);
    world.start();
    world.until_ready("exchange").await;
    for (kind, name) in world.ours("exchange") {
        world
            .cluster
            .delete(&kind, Some("exchange"), &name)
            .unwrap();
    }
    world
        .until("no object is left", |world| {
            world.ours("exchange").is_empty()
        })
        .await;
    let holdings = world.tenant.holdings();
    assert!(
        holdings.eligible().is_empty() && holdings.active().is_empty(),
        "{}",
        world.summary()
    );
    let _ = SignedDuration::ZERO;
}
