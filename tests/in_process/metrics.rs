//! What a scraper sees of what happens: nothing that happened is missing, nothing that is gone is shown.

use std::time::Duration;

use entra_sim::faults::FaultEffect;
use jiff::SignedDuration;

use super::harness::{World, operation};
use super::story;

fn shows(world: &World, series: &str) -> bool {
    world.metrics().lines().any(|line| line.starts_with(series))
}

#[tokio::test(start_paused = true)]
async fn cluster_wide_objects_that_are_deleted_have_no_series_left() {
    let world = story::standing().await;
    world.pass(Duration::from_secs(10)).await;
    for (kind, name) in [("EntraTenant", "contoso"), ("AccessBoundary", "exchange")] {
        let one = format!(r#"entra_pim_resource_ready{{kind="{kind}""#);
        let all = format!(r#"entra_pim_resources{{kind="{kind}""#);
        assert!(shows(&world, &one), "{}", world.metrics());
        world.delete(kind, name);
        world.pass(Duration::from_mins(2)).await;
        assert!(
            !shows(&world, &one) && !shows(&world, &all),
            "{}",
            world.metrics()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_under_way_when_the_operator_was_cut_off_is_counted() {
    let world = story::applied();
    world.fault(
        operation("roleAssignmentRequests.create"),
        FaultEffect::Delay {
            duration: SignedDuration::from_hours(1),
        },
    );
    world.start();
    let of = |kind: &str, action: &str, outcome: &str| {
        format!(
            r#"entra_pim_external_writes_total{{kind="{kind}",action="{action}",outcome="{outcome}"}}"#
        )
    };
    let policies = of("PrivilegedGroup", "update", "success") + " 2";
    world
        .until("policies are written", |world| shows(world, &policies))
        .await;
    world.pass(Duration::from_secs(3)).await;
    let grants = of("EligibleAssignment", "create", "unknown") + " 3";
    assert!(!shows(&world, &grants), "{}", world.metrics());
    world.kill();
    tokio::task::yield_now().await;
    assert!(shows(&world, &grants), "{}", world.metrics());
}
