//! Who is admitted nothing learns nothing.

use std::time::Duration;

use super::{eligible, group};
use crate::harness::World;

#[tokio::test(start_paused = true)]
async fn a_namespace_without_a_boundary_does_not_learn_who_exists() {
    let world = World::new();
    world.apply(&group("spy"));
    world.apply(&eligible("spy", &["emi@contoso.com", "nobody@contoso.com"]));
    world.start();
    world.pass(Duration::from_mins(10)).await;
    let status = world.object("EligibleAssignment", "spy").unwrap()["status"].clone();
    let rows = status["subjects"].as_array().cloned().unwrap_or_default();
    for row in &rows {
        assert!(row.get("principalId").is_none(), "{row}");
        assert_eq!(row["state"], rows[0]["state"], "{rows:?}");
    }
    let problems = status["problems"].to_string();
    assert!(!problems.contains("nobody@contoso.com"), "{problems}");
    assert_eq!(world.tenant.operations().get("users.list"), None);
    assert_eq!(world.tenant.counters().writes, 0);
}
