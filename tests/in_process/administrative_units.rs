//! Groups in administrative units.

use std::time::Duration;

use serde_json::{Value, json};

use super::harness::{NAMESPACE, World, text};
use super::story::{self, GROUP};

/// The guide whose manifest is applied here.
const GUIDE: &str = include_str!("../../docs/administrative-units.md");

/// The unit of the demo's tenant that anybody may use.
const UNIT: &str = "ad000000-1111-4111-8111-ad0000000001";

/// The permission that units need.
const PERMISSION: &str = "AdministrativeUnit.ReadWrite.All";

/// Declares the story with its group in a unit, which the boundary lists.
fn apply_group(world: &World, unit: &str) {
    story::apply(world);
    let mut group = world.object("PrivilegedGroup", GROUP).unwrap();
    world.delete("PrivilegedGroup", GROUP);
    group["metadata"] = json!({"name": GROUP, "namespace": NAMESPACE});
    group["spec"]["administrativeUnitId"] = json!(unit);
    group.as_object_mut().unwrap().remove("status");
    world.apply(&group);
    list(world, unit);
}

fn list(world: &World, unit: &str) {
    world.edit("AccessBoundary", "exchange", |manifest| {
        manifest["spec"]["groups"]["administrativeUnits"] = json!([unit]);
    });
}

async fn members(world: &World) -> Vec<String> {
    let path = format!("/directory/administrativeUnits/{UNIT}/members");
    let rows = world.external_actor().rows(&path).await;
    rows.iter().map(|row| text(&row["id"])).collect()
}

async fn restricted(world: &World) -> String {
    let rows = world
        .external_actor()
        .rows("/directory/administrativeUnits")
        .await;
    let is_restricted = |row: &&Value| row["isMemberManagementRestricted"] == true;
    text(&rows.iter().find(is_restricted).unwrap()["id"])
}

#[tokio::test(start_paused = true)]
async fn a_group_comes_into_its_unit_before_its_policy_is_written() {
    let world = World::new();
    apply_group(&world, UNIT);
    world.start();
    world.until_ready(NAMESPACE).await;
    assert_eq!(members(&world).await, [world.group_id(GROUP).await]);
    let journal = world.tenant.journal();
    let mut all = journal.iter();
    let joined = all.position(|entry| {
        let is_reference = entry.path.ends_with("/members/$ref");
        entry.status < 300 && is_reference && entry.path.contains("administrativeUnits")
    });
    let mut all = journal.iter();
    let policy = all.position(|entry| {
        entry.method == "PATCH" && entry.path.contains("/roleManagementPolicies/")
    });
    assert!(joined.unwrap() < policy.unwrap());
    assert_eq!(world.writes_within(Duration::from_mins(25)).await, 0);
    // It goes as any other group does.
    world.pass(Duration::from_mins(6)).await;
    world.delete_ours();
    world.until_nothing_is_left().await;
    assert!(world.held().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_group_that_was_taken_out_of_its_unit_comes_back_and_that_is_told() {
    let world = World::new();
    apply_group(&world, UNIT);
    world.start();
    world.until_ready(NAMESPACE).await;
    let group = world.group_id(GROUP).await;
    let path = format!("/directory/administrativeUnits/{UNIT}/members/{group}/$ref");
    world.external_actor().ask("DELETE", &path, None).await;
    assert!(members(&world).await.is_empty());
    story::resync(&world);
    world
        .until("told", |world| {
            !world.notes("DriftCorrected", GROUP).is_empty()
        })
        .await;
    world.until_ready(NAMESPACE).await;
    assert_eq!(members(&world).await, [group]);
    let told = world.notes("DriftCorrected", GROUP).join("\n");
    assert!(told.contains(UNIT), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_unit_with_restricted_management_is_refused_and_nothing_is_made() {
    let world = World::new();
    let unit = restricted(&world).await;
    apply_group(&world, &unit);
    world.start();
    story::until_group(&world, "InvalidSpec").await;
    let told = world.message("PrivilegedGroup", GROUP);
    assert!(told.contains("restricted management"), "{told}");
    assert_eq!(world.writes_within(Duration::from_mins(25)).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_is_not_listed_or_not_there_is_refused() {
    let world = World::new();
    apply_group(&world, UNIT);
    list(&world, "ad000000-1111-4111-8111-ad0000000002");
    world.start();
    story::until_group(&world, "BoundaryDenied").await;
    assert_eq!(world.tenant.counters().writes, 0);
    list(&world, UNIT);
    world.until_ready(NAMESPACE).await;

    let world = World::new();
    apply_group(&world, "ad000000-1111-4111-8111-ad0000000002");
    world.start();
    story::until_group(&world, "ReferenceNotFound").await;
    assert_eq!(world.tenant.counters().writes, 0);
}

#[tokio::test(start_paused = true)]
async fn a_missing_permission_is_named_and_keeps_nobody_in() {
    let world = World::new();
    apply_group(&world, UNIT);
    world.start();
    world.until_ready(NAMESPACE).await;
    world.pass(Duration::from_mins(6)).await;
    let of_roles = [
        "AppRoleAssignment.ReadWrite.All",
        "DeviceManagementRBAC.ReadWrite.All",
    ];
    world.permit(&[], &[PERMISSION, of_roles[0], of_roles[1]]);
    // A token shows what it was granted when it was made.
    world.pass(Duration::from_mins(90)).await;
    story::remove_person(&world, "jose@contoso.com");
    story::until_group(&world, "PermissionDenied").await;
    let told = world.message("PrivilegedGroup", GROUP);
    assert!(told.contains(PERMISSION), "{told}");
    world
        .until("gone", |world| {
            !world.held().contains("eligible member jose@contoso.com")
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn what_the_guide_shows_stands() {
    let world = World::new();
    story::apply(&world);
    list(&world, UNIT);
    let shown = GUIDE.split("```yaml\n").skip(1);
    let shown = shown.filter_map(|rest| rest.split("```").next());
    let yaml = shown
        .into_iter()
        .find(|yaml| yaml.contains("PrivilegedGroup"));
    world.apply_yaml(yaml.unwrap());
    world.start();
    world.until_ready(NAMESPACE).await;
    assert_eq!(members(&world).await.len(), 1);
}
