//! Two objects that name the same person for the same access.

use std::time::Duration;

use serde_json::json;

use super::harness::{NAMESPACE, World, manifest};
use super::story::{self, GROUP, person};

const SECOND: &str = "second-team";

fn second_team(world: &World, people: &[&str]) {
    let people: Vec<_> = people.iter().map(|name| person(name)).collect();
    world.apply(&manifest(
        "EligibleAssignment",
        SECOND,
        &json!({
            "groupRef": {"name": GROUP}, "subjects": people,
            "schedule": {"expiration": {"afterDuration": "P180D"}},
        }),
    ));
}

#[tokio::test(start_paused = true)]
async fn whoever_holds_a_person_keeps_them_and_the_other_says_so() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(1)).await;
    let before = world.held();
    second_team(&world, &["jose@contoso.com", "dana@contoso.com"]);
    world
        .until_reason("EligibleAssignment", SECOND, "Conflict")
        .await;
    world.pass(Duration::from_secs(30)).await;
    let message = world.message("EligibleAssignment", SECOND);
    assert!(
        message.contains(GROUP) && message.contains("jose@contoso.com"),
        "{message}"
    );
    let added: Vec<String> = world.held().difference(&before).cloned().collect();
    assert_eq!(
        added,
        ["eligible member dana@contoso.com"],
        "the others are granted"
    );
    assert!(world.is_ready("EligibleAssignment", GROUP));
    assert_eq!(world.notes("Conflict", SECOND).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn deleting_the_second_claim_takes_nothing_away() {
    let world = story::standing().await;
    let before = world.held();
    second_team(&world, &["jose@contoso.com"]);
    world
        .until_reason("EligibleAssignment", SECOND, "Conflict")
        .await;
    world.delete("EligibleAssignment", SECOND);
    assert_eq!(world.writes_within(Duration::from_mins(30)).await, 0);
    assert_eq!(world.held(), before);
    assert!(world.object("EligibleAssignment", SECOND).is_none());
}

#[tokio::test(start_paused = true)]
async fn moving_a_person_from_one_object_to_another_writes_nothing() {
    let world = story::standing().await;
    let before = world.held();
    story::remove_person(&world, "jose@contoso.com");
    second_team(&world, &["jose@contoso.com"]);
    assert_eq!(world.writes_within(Duration::from_mins(30)).await, 0);
    assert_eq!(world.held(), before);
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
    world.delete("EligibleAssignment", SECOND);
    world.pass(Duration::from_mins(1)).await;
    let gone: Vec<String> = before.difference(&world.held()).cloned().collect();
    assert_eq!(
        gone,
        ["eligible member jose@contoso.com"],
        "the second object holds them now"
    );
}
