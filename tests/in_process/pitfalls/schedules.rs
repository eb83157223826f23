//! Windows that change and access that is too young to go: one update without a gap, and a wait with its end told.

use std::time::Duration;

use entra_sim::journal::Effect;
use serde_json::{Value, json};

use crate::harness::{NAMESPACE, World, always, operation, refuse_with};
use crate::hazards::holds;
use crate::story::{self, BREAK_GLASS, GROUP};

const GRANT: &str = "pimGroups.eligibilityRequests.create";

/// What the requests for eligibilities asked for.
fn asked(world: &World) -> Vec<Value> {
    let journal = world.tenant.journal();
    let requests = journal
        .iter()
        .filter(|entry| entry.operation == GRANT && entry.method == "POST");
    requests
        .filter_map(|entry| Some(entry.body.as_ref()?["action"].clone()))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn another_duration_is_one_update_each_and_nobody_is_without_for_a_moment() {
    let world = story::standing().await;
    world.tenant.reset_journal();
    world.edit("EligibleAssignment", GROUP, |manifest| {
        manifest["spec"]["schedule"]["expiration"] = json!({"afterDuration": "P90D"});
    });
    world.until_ready(NAMESPACE).await;
    assert_eq!(asked(&world), vec![json!("adminUpdate"); 3]);
    let journal = world.tenant.journal();
    let mut effects = journal.iter().flat_map(|entry| &entry.effects);
    let gap = effects.find(|one| matches!(one.effect, Effect::EligibilityCreated(_)));
    assert!(gap.is_none(), "{gap:?}");
}

#[tokio::test(start_paused = true)]
async fn that_an_assignment_exists_already_is_a_reason_to_read_again_and_no_failure() {
    let world = story::standing().await;
    let exists = refuse_with(
        400,
        "RoleAssignmentExists",
        "The Role assignment already exists.",
    );
    world.tenant.faults().add(entra_sim::faults::Rule {
        count: Some(1),
        ..always(operation(GRANT), exists)
    });
    story::add_person(&world, "dana@contoso.com");
    world.until_ready(NAMESPACE).await;
    assert!(holds(&world, "dana@contoso.com"), "{:?}", world.held());
    assert!(
        super::failed(&world).abs() < f64::EPSILON,
        "{}",
        world.metrics()
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_too_young_to_go_says_when_it_is_tried_next_and_holds_up_nobody() {
    let world = story::standing().await;
    world.delete("ActiveAssignment", BREAK_GLASS);
    story::remove_person(&world, "farid@contoso.com");
    world
        .until_reason("ActiveAssignment", BREAK_GLASS, "TooYoung")
        .await;
    let message = world.message("ActiveAssignment", BREAK_GLASS);
    let hour = world.clock.time().to_string();
    let day = hour.split('T').next().unwrap();
    assert!(message.contains(&format!("{day}T")), "{message}");
    world.pass(Duration::from_secs(10)).await;
    assert!(!holds(&world, "farid@contoso.com"), "{:?}", world.held());
    assert!(
        holds(&world, "breakglass1@contoso.com"),
        "{:?}",
        world.held()
    );
    world.until_gone("ActiveAssignment", BREAK_GLASS).await;
    assert!(
        !holds(&world, "breakglass1@contoso.com"),
        "{:?}",
        world.held()
    );
}
