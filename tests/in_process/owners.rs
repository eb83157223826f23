//! The service never takes the last active owner of a group away and makes them permanent after a while, so the operator
//! never gets there: the last one stays, a new one comes first, and no other comes before one that lasts.

use std::time::Duration;

use entra_sim::journal::Effect;
use serde_json::json;

use super::harness::{NAMESPACE, World, manifest};
use super::story::{self, GROUP, OWNER, person};

/// Longer than the service insists on keeping what was just made.
const OLD_ENOUGH: Duration = Duration::from_mins(6);

fn owners(world: &World) -> Vec<String> {
    let held = world.held().into_iter();
    held.filter(|what| what.contains(" owner ")).collect()
}

#[tokio::test(start_paused = true)]
async fn the_last_owner_stays_while_the_group_stays() {
    let world = story::standing().await;
    world.pass(OLD_ENOUGH).await;
    world.delete("ActiveAssignment", OWNER);
    world
        .until_reason("ActiveAssignment", OWNER, "LastOwner")
        .await;
    world.pass(Duration::from_mins(30)).await;
    assert_eq!(owners(&world), ["active owner boss@contoso.com"]);
    let message = world.message("ActiveAssignment", OWNER);
    assert!(
        message.contains("declare another permanent owner"),
        "{message}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_new_owner_comes_before_the_last_one_goes() {
    let world = story::standing().await;
    world.pass(OLD_ENOUGH).await;
    world.tenant.reset_journal();
    world.edit("ActiveAssignment", OWNER, |manifest| {
        manifest["spec"]["subjects"] = json!([person("dana@contoso.com")]);
    });
    world.until_ready(NAMESPACE).await;
    assert_eq!(owners(&world), ["active owner dana@contoso.com"]);
    let journal = world.tenant.journal();
    let effects: Vec<&Effect> = journal
        .iter()
        .flat_map(|entry| entry.effects.iter().map(|recorded| &recorded.effect))
        .collect();
    let place = |is: fn(&Effect) -> bool| effects.iter().position(|effect| is(effect)).unwrap();
    let added = place(|effect| matches!(effect, Effect::OwnerAdded { .. }));
    let removed = place(|effect| matches!(effect, Effect::OwnerRemoved { .. }));
    assert!(added < removed, "{effects:?}");
}

#[tokio::test(start_paused = true)]
async fn an_eligible_owner_waits_for_one_that_lasts() {
    let world = story::applied();
    world.edit("AccessBoundary", "exchange", |manifest| {
        let owners = &mut manifest["spec"]["assignments"]["owners"];
        owners["eligible"] = json!({"permanent": "Forbidden", "maximumDuration": "P90D"});
    });
    world.delete("ActiveAssignment", OWNER);
    world.apply(&manifest("EligibleAssignment", "deputies", &json!({
            "groupRef": {"name": GROUP}, "access": "Owner", "subjects": [person("dana@contoso.com")],
            "schedule": {"expiration": {"afterDuration": "P90D"}},
        })));
    world.start();
    world
        .until_reason("EligibleAssignment", "deputies", "LastOwner")
        .await;
    world.pass(Duration::from_mins(15)).await;
    assert_eq!(owners(&world), Vec::<String>::new());
    world.tenant.reset_journal();
    world.apply(&manifest("ActiveAssignment", OWNER, &json!({
            "groupRef": {"name": GROUP}, "access": "Owner", "subjects": [person("boss@contoso.com")],
            "schedule": {"expiration": {"never": {}}},
        })));
    world.until_ready(NAMESPACE).await;
    let both = [
        "active owner boss@contoso.com",
        "eligible owner dana@contoso.com",
    ];
    assert_eq!(owners(&world), both);
    let journal = world.tenant.journal();
    let granted = journal.iter().flat_map(|entry| &entry.effects);
    let order: Vec<bool> = granted
        .filter_map(|recorded| match recorded.effect {
            Effect::ActiveCreated(_) => Some(true),
            Effect::EligibilityCreated(_) => Some(false),
            _ => None,
        })
        .collect();
    assert_eq!(order, [true, false], "the permanent owner stands first");
}
