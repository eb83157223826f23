//! Two objects that name one group: the older has it, the younger says so and waits.

use std::time::Duration;

use serde_json::{Value, json};

use super::{GROUP, adopted, boundary, group, held};
use crate::harness::{NAMESPACE, World};
use crate::story;

const OTHER: &str = "other";

/// The boundary of another namespace.
fn boundary_elsewhere(id: &str, adoptable: bool) -> Value {
    let mut other = boundary(id);
    other["metadata"]["name"] = json!(OTHER);
    other["spec"]["namespaces"] = json!([OTHER]);
    if !adoptable {
        other["spec"]["groups"]["adoptable"] = json!([]);
    }
    other
}

/// The same group, declared in another namespace.
fn group_elsewhere(id: &str) -> Value {
    let mut other = group("elsewhere", id);
    other["metadata"]["namespace"] = json!(OTHER);
    other["spec"]["boundaryRef"] = json!({"name": OTHER});
    other
}

fn ready_elsewhere(world: &World) -> Value {
    let object = world
        .cluster
        .get("PrivilegedGroup", Some(OTHER), "elsewhere");
    let conditions = object.unwrap()["status"]["conditions"].as_array().cloned();
    let mut conditions = conditions.unwrap_or_default().into_iter();
    let ready = conditions.find(|one| one["type"] == "Ready");
    ready.unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn the_younger_of_two_objects_waits_until_the_older_is_gone() {
    let (world, id) = adopted().await;
    let before = held(&world, &id);
    world.pass(Duration::from_secs(5)).await;
    let mut younger = group("younger", &id);
    younger["spec"]["displayName"] = json!("PAG-Exchange-Younger");
    world.apply(&younger);
    world
        .until_reason("PrivilegedGroup", "younger", "Conflict")
        .await;
    let message = world.message("PrivilegedGroup", "younger");
    assert!(message.contains("PrivilegedGroup legacy"), "{message}");
    assert_eq!(world.writes_within(Duration::from_mins(30)).await, 0);
    assert!(world.is_ready("PrivilegedGroup", GROUP));
    for (kind, name) in world.ours(NAMESPACE) {
        if name != "younger" {
            world.delete(&kind, &name);
        }
    }
    world
        .until("the younger has it", |world| {
            world.is_ready("PrivilegedGroup", "younger")
        })
        .await;
    assert_eq!(held(&world, &id), before, "nothing but the name is written");
}

#[tokio::test(start_paused = true)]
async fn an_object_of_another_namespace_is_not_named_and_counts_only_where_its_boundary_lists_the_group()
 {
    let (world, id) = adopted().await;
    world.kill();
    let older = World::beside(&world);
    older.cluster.create_namespace(OTHER).unwrap();
    older.apply(&boundary_elsewhere(&id, false));
    older.apply(&group_elsewhere(&id));
    older.pass(Duration::from_secs(5)).await;
    super::apply(&older, &id);
    older.start();
    older.until_ready(NAMESPACE).await;
    assert_eq!(ready_elsewhere(&older)["reason"], "AdoptionRequired");
    older.apply(&boundary_elsewhere(&id, true));
    older
        .until_reason("PrivilegedGroup", GROUP, "Conflict")
        .await;
    let message = older.message("PrivilegedGroup", GROUP);
    assert!(message.contains("another namespace"), "{message}");
    assert!(!message.contains("elsewhere"), "{message}");
    older
        .until("the older has it", |world| {
            ready_elsewhere(world)["status"] == "True"
        })
        .await;
    older.apply(&boundary_elsewhere(&id, false));
    older.until_ready(NAMESPACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_group_that_the_operator_made_for_another_object_is_not_taken_over() {
    let world = story::standing().await;
    let id = world.group_id(story::GROUP).await;
    world.pass(Duration::from_secs(5)).await;
    let before = world.held();
    world.apply(&boundary(&id));
    world.apply(&group(GROUP, &id));
    world
        .until_reason("PrivilegedGroup", GROUP, "Conflict")
        .await;
    assert_eq!(world.writes_within(Duration::from_mins(30)).await, 0);
    assert_eq!(world.held(), before);
    assert!(world.is_ready("PrivilegedGroup", story::GROUP));
}
