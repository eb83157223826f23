//! An object that an older or newer version stored and this one cannot read: it says so, and nobody loses anything.

use std::time::Duration;

use serde_json::{Value, json};

use super::{eligible, group, holds};
use crate::harness::{NAMESPACE, World};
use crate::story::{self, GROUP};

/// The story and another group, and in the story's group people who may activate of whom Kubernetes holds what no schema
/// would let pass.
async fn world_with(change: impl Fn(&mut Value)) -> World {
    let world = story::standing().await;
    world.apply(&group("other"));
    world.apply(&eligible("other", &["chidi@contoso.com"]));
    world.until_ready(NAMESPACE).await;
    world.pass(Duration::from_mins(6)).await;
    let mut stored = world.object("EligibleAssignment", GROUP).unwrap();
    change(&mut stored["spec"]);
    let generation = stored["metadata"]["generation"].as_i64().unwrap();
    stored["metadata"]["generation"] = json!(generation + 1);
    world.cluster.plant(stored).unwrap();
    world
}

async fn cannot_be_read(change: impl Fn(&mut Value)) {
    let world = world_with(change).await;
    let before = world.held();
    for restarted in [false, true] {
        if restarted {
            world.kill();
            world.start();
        }
        says_so_and_keeps_what_it_granted(&world).await;
        assert_eq!(world.held(), before);
    }
    others_go_on(&world).await;
}

async fn says_so_and_keeps_what_it_granted(world: &World) {
    story::until_people(world, "InvalidSpec").await;
    assert_eq!(world.writes_within(Duration::from_hours(1)).await, 0);
    let reason = world.reason("EligibleAssignment", GROUP);
    assert_eq!(reason, "InvalidSpec", "{}", world.summary());
}

/// In its own group and elsewhere.
async fn others_go_on(world: &World) {
    world.delete("ActiveAssignment", story::BREAK_GLASS);
    world
        .until_gone("ActiveAssignment", story::BREAK_GLASS)
        .await;
    assert!(!holds(world, "breakglass1@contoso.com"));
    world.apply(&eligible("other", &["dana@contoso.com"]));
    world
        .until("the people of the other group", |world| {
            holds(world, "dana@contoso.com") && !holds(world, "chidi@contoso.com")
        })
        .await;
    world
        .until("their object says so", |world| {
            world.is_ready("EligibleAssignment", "other")
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn an_object_with_a_subject_of_an_unknown_kind_keeps_what_it_granted() {
    cannot_be_read(|spec| spec["subjects"][0]["kind"] = json!("Robot")).await;
}

#[tokio::test(start_paused = true)]
async fn an_object_with_an_access_that_nobody_knows_keeps_what_it_granted() {
    cannot_be_read(|spec| spec["access"] = json!("Auditor")).await;
}

#[tokio::test(start_paused = true)]
async fn an_object_that_takes_no_status_either_holds_up_nobody() {
    // The rules of the schema cannot be worked out with it, so Kubernetes refuses whatever is written to the object.
    let world = world_with(|spec| spec["schedule"]["startTime"] = json!("next Monday")).await;
    let mut before = world.held();
    assert_eq!(world.writes_within(Duration::from_hours(1)).await, 0);
    assert_eq!(world.held(), before);
    others_go_on(&world).await;
    before.retain(|held| !held.ends_with("breakglass1@contoso.com"));
    before.remove("eligible member chidi@contoso.com");
    before.insert("eligible member dana@contoso.com".to_owned());
    assert_eq!(world.held(), before);
}

#[tokio::test(start_paused = true)]
async fn an_object_whose_group_cannot_be_read_is_not_let_go() {
    let world = world_with(|spec| spec["groupRef"] = json!(GROUP)).await;
    story::until_people(&world, "InvalidSpec").await;
    let before = world.held();
    world.delete("EligibleAssignment", GROUP);
    world.pass(Duration::from_hours(1)).await;
    let mut stored = world.object("EligibleAssignment", GROUP).unwrap();
    assert_eq!(world.held(), before);
    stored["spec"]["groupRef"] = json!({"name": GROUP});
    world.cluster.plant(stored).unwrap();
    story::resync(&world);
    world.until_gone("EligibleAssignment", GROUP).await;
    assert!(!holds(&world, "jose@contoso.com"), "{:?}", world.held());
}

#[tokio::test(start_paused = true)]
async fn under_a_boundary_that_cannot_be_read_people_go_and_nobody_comes() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(6)).await;
    let mut stored = world
        .cluster
        .get("AccessBoundary", None, "exchange")
        .unwrap();
    stored["spec"]["subjects"]["kinds"] = json!(["Robot"]);
    let generation = stored["metadata"]["generation"].as_i64().unwrap();
    stored["metadata"]["generation"] = json!(generation + 1);
    world.cluster.plant(stored).unwrap();
    world.kill();
    world.start();
    let mut expected = world.held();
    story::edit_people(&world, |people| {
        people.retain(|one| one["name"] != "farid@contoso.com");
        people.push(story::person("chidi@contoso.com"));
    });
    world
        .until("the one who was taken out gone", |world| {
            !holds(world, "farid@contoso.com")
        })
        .await;
    world.pass(Duration::from_hours(1)).await;
    expected.remove("eligible member farid@contoso.com");
    assert_eq!(world.held(), expected);
    let message = world.message("PrivilegedGroup", GROUP);
    assert!(message.contains("cannot be read"), "{message}");
}
