//! A tenant that answers nothing any more: nothing is written to Kubernetes for time alone.

use std::time::Duration;

use entra_sim::faults::{FaultEffect, Match};
use jiff::SignedDuration;

use crate::story;

#[tokio::test(start_paused = true)]
async fn nothing_is_written_to_kubernetes_for_time_alone_while_a_tenant_is_silent() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(30)).await;
    let duration = SignedDuration::from_hours(24);
    world.fault(Match::default(), FaultEffect::Delay { duration });
    world.pass(Duration::from_hours(1)).await;
    let before = world.kubernetes_writes();
    world.pass(Duration::from_hours(2)).await;
    assert_eq!(world.kubernetes_writes(), before, "{}", world.summary());
}
