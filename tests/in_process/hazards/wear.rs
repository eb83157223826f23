//! What never comes right is tried less and less often, and a wait that a tenant asks for has a bound.

use std::time::Duration;

use entra_sim::faults::Rule;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{group, holds, metric, time_until};
use crate::harness::{OUTDATED_SECRET, World, always, operation, refuse};
use crate::story::{self, GROUP};

#[tokio::test(start_paused = true)]
async fn a_wrong_secret_is_not_tried_for_each_group() {
    let world = story::applied();
    for place in 0..50 {
        world.apply(&group(&format!("g{place}")));
    }
    world.set_secret(OUTDATED_SECRET);
    world.start();
    world.pass(Duration::from_mins(10)).await;
    let tries = metric(&world, "entra_pim_token_refresh_total");
    assert!((1.0..=20.0).contains(&tries), "{tries}");
}

#[tokio::test(start_paused = true)]
async fn a_setting_that_somebody_else_insists_on_is_not_written_in_a_loop() {
    const RULE: &str = "Expiration_EndUser_Assignment";
    let insist = |rule: &mut Value| rule["maximumDuration"] = json!("PT4H");
    let world = story::standing().await;
    let (actor, id) = (world.external_actor(), world.group_id(GROUP).await);
    let name = "entra_pim_external_writes_total{kind=\"PrivilegedGroup\",action=\"update\"";
    let before = metric(&world, name);
    actor.edit_rule(&id, "member", RULE, insist).await;
    story::resync(&world);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_mins(1) {
        let rule = actor.rule(&id, "member", RULE).await;
        if rule["maximumDuration"] != "PT4H" {
            actor.edit_rule(&id, "member", RULE, insist).await;
        }
        sleep(Duration::from_millis(50)).await;
    }
    let written = metric(&world, name) - before;
    assert!((1.0..=20.0).contains(&written), "{written}");
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_is_never_listed_is_asked_for_less_and_less_often() {
    let world = World::behaving(&[
        ("policyListedFirst", "member"),
        ("policyListingDelay", "5h"),
    ]);
    story::apply(&world);
    world.start();
    world.pass(Duration::from_mins(10)).await;
    let before = world.tenant.counters().operations;
    world.pass(Duration::from_hours(1)).await;
    let asked = world.tenant.counters().operations - before;
    assert!(asked < 500, "{asked}: {:#?}", world.tenant.operations());
}

#[tokio::test(start_paused = true)]
async fn an_absurd_wait_that_a_tenant_asks_for_ends_after_minutes() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(6)).await;
    let months = SignedDuration::from_secs(10_000_000);
    world.tenant.faults().add(Rule {
        count: Some(1),
        ..always(
            operation("pimGroups.eligibilitySchedules.list"),
            refuse(429, Some(months)),
        )
    });
    let amira = "amira@contoso.com";
    story::remove_person(&world, amira);
    let limit = Duration::from_mins(20);
    let revoked = time_until(&world, limit, |world| !holds(world, amira)).await;
    assert!(revoked.is_some(), "{}", world.summary());
}
