//! The story of the examples without anything that goes wrong: it becomes true, stays true, and goes again.

use std::time::Duration;

use super::harness::World;
use super::story::{self, Part};

#[tokio::test(start_paused = true)]
async fn the_story_comes_to_each_of_its_ends() {
    for (part, writes) in story::tell(&World::new(), &[]).await.writes {
        assert!(!writes.is_empty(), "{part:?}");
    }
}

/// At first, before the write that has to be remembered, and in the end: who has two hundred objects waits for these.
#[tokio::test(start_paused = true)]
async fn an_object_that_comes_true_has_its_status_written_three_times() {
    let told = story::tell(&World::new(), &[]).await;
    let (part, writes) = &told.writes[0];
    assert_eq!(*part, Part::Creation);
    for object in [
        "eligibleassignments/exchange-admins",
        "activeassignments/break-glass",
        "rolebindings/exchange-administrator",
    ] {
        let status = format!("{object}/status");
        let times = writes
            .iter()
            .filter(|write| write.ends_with(&status))
            .count();
        assert_eq!(times, 3, "{object}: {writes:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_pass_writes_nothing() {
    let world = story::standing().await;
    world.line.arm([]);
    let before = world.tenant.counters();
    world.pass(Duration::from_hours(1)).await;
    let after = world.tenant.counters();
    assert!(after.operations > before.operations, "it was looked at");
    assert_eq!(after.writes, before.writes, "{}", world.summary());
}
