//! A person activates what the operator let them: status and events tell, and it ends with the eligibility.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{NAMESPACE, World, text};
use crate::story::{self, GROUP};

const JOSE: &str = "jose@contoso.com";
const EMI: &str = "emi@contoso.com";

/// What they hold while their activation runs.
const ACTIVE: &str = "active member jose@contoso.com";

/// Longer than the interval of reconciles.
const NEXT_LOOK: Duration = Duration::from_mins(12);

/// José asks for an hour, and Emi approves.
pub async fn activate(world: &World) {
    activate_as(world, JOSE).await;
    assert!(world.held().contains(ACTIVE), "{:?}", world.held());
}

async fn activate_as(world: &World, who: &str) {
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    actor.activate(&group, who, EMI).await;
}

/// Their row and how many activations are counted.
fn shown(world: &World) -> (Value, Value) {
    let status = world.object("EligibleAssignment", GROUP).unwrap()["status"].clone();
    let rows = status["subjects"].as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == JOSE).unwrap();
    (
        row["activatedUntil"].clone(),
        status["counts"]["activated"].clone(),
    )
}

fn told(world: &World, reason: &str) -> usize {
    let notes = world.notes(reason, GROUP);
    notes.iter().filter(|note| note.contains(JOSE)).count()
}

#[tokio::test(start_paused = true)]
async fn an_activation_is_shown_while_it_runs_and_told_when_it_begins_and_ends() {
    let world = story::standing().await;
    assert_eq!(shown(&world), (Value::Null, json!(0)));
    activate(&world).await;
    world.pass(NEXT_LOOK).await;
    let (until, count) = shown(&world);
    assert!(text(&until).starts_with("2026-11-21T09:0"), "{until}");
    assert_eq!(count, json!(1));
    assert_eq!(told(&world, "ActivationStarted"), 1);
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
    world.pass(Duration::from_hours(1)).await;
    assert!(!world.held().contains(ACTIVE));
    assert_eq!(shown(&world), (Value::Null, json!(0)));
    assert_eq!(told(&world, "ActivationStarted"), 1);
    assert_eq!(told(&world, "ActivationEnded"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_activation_ends_with_the_eligibility_that_it_came_from() {
    let world = story::standing().await;
    activate(&world).await;
    world.pass(NEXT_LOOK).await;
    world.delete("EligibleAssignment", GROUP);
    world.until_gone("EligibleAssignment", GROUP).await;
    let theirs = |held: &String| held.ends_with(JOSE);
    assert!(!world.held().iter().any(theirs), "{:?}", world.held());
}

#[tokio::test(start_paused = true)]
async fn an_activation_does_not_end_because_nobody_can_look_into_its_group() {
    let world = story::standing().await;
    activate(&world).await;
    world.pass(NEXT_LOOK).await;
    let id = world.group_id(GROUP).await;
    let body = json!({"mailNickname": "another"});
    let path = format!("/groups/{id}");
    world.external_actor().ask("PATCH", &path, Some(body)).await;
    world.pass(NEXT_LOOK).await;
    let reason = world.reason("PrivilegedGroup", GROUP);
    assert_eq!(reason, "AdoptionConflict", "{}", world.summary());
    assert_eq!(told(&world, "ActivationEnded"), 0);
    assert_eq!(shown(&world).1, json!(1));
    world.pass(Duration::from_hours(1)).await;
    assert_eq!(told(&world, "ActivationEnded"), 1);
    assert_eq!(shown(&world), (Value::Null, json!(0)));
}

#[tokio::test(start_paused = true)]
async fn an_activation_ends_with_an_eligibility_that_nobody_declares() {
    const DANA: &str = "dana@contoso.com";
    for ends_by_itself in ["true", "false"] {
        let world = World::behaving(&[("removeEndsActivation", ends_by_itself)]);
        story::comes_true(&world).await;
        let group = world.group_id(GROUP).await;
        world
            .external_actor()
            .make_eligible(&group, DANA, "P30D")
            .await;
        activate_as(&world, DANA).await;
        let theirs = |world: &World| {
            world
                .held()
                .iter()
                .filter(|held| held.ends_with(DANA))
                .count()
        };
        assert_eq!(theirs(&world), 2, "{:?}", world.held());
        world.edit("PrivilegedGroup", GROUP, |manifest| {
            manifest["spec"]["undeclared"] = json!({"eligible": "Remove"});
        });
        world
            .until("both are gone", |world| theirs(world) == 0)
            .await;
        world.until_ready(NAMESPACE).await;
    }
}
