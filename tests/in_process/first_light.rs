//! The story of the examples without anything that goes wrong: it becomes true, stays true, and goes again.

use std::time::Duration;

use super::harness::World;
use super::story;

#[tokio::test(start_paused = true)]
async fn the_story_comes_to_each_of_its_ends() {
    for (part, writes) in story::tell(&World::new(), None).await.writes {
        assert!(!writes.is_empty(), "{part:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_pass_writes_nothing() {
    let world = story::standing().await;
    world.line.arm(None);
    let before = world.tenant.counters();
    world.pass(Duration::from_hours(1)).await;
    let after = world.tenant.counters();
    assert!(after.operations > before.operations, "it was looked at");
    assert_eq!(after.writes, before.writes, "{}", world.summary());
}
