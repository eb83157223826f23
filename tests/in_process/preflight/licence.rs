//! The licence that PIM needs.

use std::time::Duration;

use entra_sim::journal::Effect;

use super::{stands, status, until};
use crate::harness::{NAMESPACE, World};
use crate::story;

const READ: &str = "LicenseAssignment.Read.All";

fn asked(world: &World, operation: &str) -> u64 {
    world
        .tenant
        .operations()
        .get(operation)
        .copied()
        .unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_missing_licence_is_told_before_a_group_is_made_and_its_arrival_is_seen() {
    for licence in ["none", "p1"] {
        let world = World::behaving(&[("licence", licence)]);
        world.permit(&[READ], &[]);
        story::apply(&world);
        world.start();
        story::until_group(&world, "LicenseMissing").await;
        until(&world, "Licensed", "False", "LicenseMissing").await;
        assert_eq!(
            status(&world)["licences"]["privilegedIdentityManagement"],
            "Missing"
        );
        world.pass(Duration::from_hours(3)).await;
        let counters = world.tenant.counters();
        assert_eq!(counters.writes, 0, "{}", world.summary());
        assert_eq!(world.notes("LicenseMissing", "contoso").len(), 1);
        assert!(
            world.is_ready("EntraTenant", "contoso"),
            "a sign-in needs no licence"
        );
        world.tenant.set_behaviour("licence", "governance").unwrap();
        world.until_ready(NAMESPACE).await;
        until(&world, "Licensed", "True", "Succeeded").await;
        let plans = &status(&world)["licences"]["plans"];
        assert_eq!(plans[1], "Entra_Identity_Governance", "{plans}");
    }
}

#[tokio::test(start_paused = true)]
async fn subscriptions_that_may_not_be_read_hold_nothing_back() {
    let world = story::standing().await;
    until(&world, "Licensed", "Unknown", "ReadRefused").await;
    assert_eq!(
        asked(&world, "subscribedSkus.list"),
        0,
        "nobody asks in vain"
    );
    assert_eq!(world.held().len(), 6);
    assert!(world.is_ready("EntraTenant", "contoso"));
}

#[tokio::test(start_paused = true)]
async fn subscriptions_that_cannot_be_read_hold_nothing_back() {
    let world = World::new();
    world.permit(&[READ], &[]);
    world.fault(
        crate::harness::operation("subscribedSkus.list"),
        crate::harness::refuse(500, None),
    );
    story::comes_true(&world).await;
    assert_eq!(stands(&world, "Licensed").0, "Unknown");
}

#[tokio::test(start_paused = true)]
async fn a_licence_that_is_lost_for_a_week_takes_nothing_away_and_comes_back_by_itself() {
    let world = World::new();
    world.permit(&[READ], &[]);
    story::comes_true(&world).await;
    until(&world, "Licensed", "True", "Succeeded").await;
    let before = world.held();
    world.tenant.set_behaviour("licence", "none").unwrap();
    story::add_person(&world, "chidi@contoso.com");
    story::until_people(&world, "LicenseMissing").await;
    until(&world, "Licensed", "False", "LicenseMissing").await;
    world.pass(Duration::from_hours(7 * 24)).await;
    assert_eq!(world.held(), before);
    let journal = world.tenant.journal();
    let mut effects = journal.iter().flat_map(|entry| &entry.effects);
    assert!(!effects.any(|one| matches!(one.effect, Effect::GroupDeleted { .. })));
    world.tenant.set_behaviour("licence", "p2").unwrap();
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.held().len(), before.len() + 1);
    until(&world, "Licensed", "True", "Succeeded").await;
}
