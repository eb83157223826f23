//! Groups that are not adopted, each with its reason; nothing is written to any of them, and nothing is made instead.

use std::time::Duration;

use entra_sim::Profile;
use entra_sim::seed::SeedGroup;
use serde_json::{Value, json};

use super::{GROUP, adopted, apply, boundary, group, held, made_by_hand, make_group};
use crate::harness::{NAMESPACE, World, demo};
use crate::story::{EXCHANGE_ADMINISTRATOR, person};

/// Applies a group that names this one, and its boundary; waits for the reason, and for as long as anybody would.
async fn assert_refused(world: &World, id: &str, role_assignable: bool, reason: &str) -> String {
    world.apply(&boundary(id));
    let mut manifest = group(GROUP, id);
    manifest["spec"]["roleAssignable"] = json!(role_assignable);
    world.apply(&manifest);
    let writes = world.tenant.counters().writes;
    world.start();
    world.until_reason("PrivilegedGroup", GROUP, reason).await;
    world.pass(Duration::from_hours(1)).await;
    assert_eq!(
        world.reason("PrivilegedGroup", GROUP),
        reason,
        "{}",
        world.summary()
    );
    let message = world.message("PrivilegedGroup", GROUP);
    world.delete("PrivilegedGroup", GROUP);
    world.until_gone("PrivilegedGroup", GROUP).await;
    assert_eq!(world.tenant.counters().writes, writes, "{message}");
    message
}

#[tokio::test(start_paused = true)]
async fn a_group_that_the_boundary_does_not_list_is_not_even_looked_at() {
    let (world, id) = made_by_hand().await;
    apply(&world, &id);
    world.edit("AccessBoundary", GROUP, |manifest| {
        manifest["spec"]["groups"]["adoptable"] = json!([]);
    });
    let before = world.tenant.counters().writes;
    world.start();
    world
        .until_reason("PrivilegedGroup", GROUP, "AdoptionRequired")
        .await;
    world.pass(Duration::from_mins(30)).await;
    let message = world.message("PrivilegedGroup", GROUP);
    assert!(
        message.contains("spec.groups.adoptable of AccessBoundary legacy"),
        "{message}"
    );
    let is_of_operator = |path: &str| path.starts_with("/v1.0/groups") && path.contains(&id);
    let journal = world.tenant.journal();
    let since = journal
        .iter()
        .rev()
        .take_while(|entry| entry.path != "/v1.0/organization");
    assert_eq!(since.filter(|entry| is_of_operator(&entry.path)).count(), 0);
    world.edit("AccessBoundary", GROUP, |manifest| {
        manifest["spec"]["groups"]["adoptable"] = json!([id]);
    });
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.tenant.counters().writes, before);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_the_boundary_lists_no_more_is_not_written_to_at_all() {
    let (world, id) = adopted().await;
    let before = held(&world, &id);
    world.edit("AccessBoundary", GROUP, |manifest| {
        manifest["spec"]["groups"]["adoptable"] = json!([]);
    });
    world
        .until_reason("PrivilegedGroup", GROUP, "AdoptionRequired")
        .await;
    let writes = world.tenant.counters().writes;
    world.edit("EligibleAssignment", "people", |manifest| {
        manifest["spec"]["subjects"] = json!([person("chidi@contoso.com")]);
    });
    world.edit("ActiveAssignment", "break-glass", |manifest| {
        manifest["spec"]["deletionPolicy"] = json!("Delete");
    });
    world.delete("ActiveAssignment", "break-glass");
    world.pass(Duration::from_hours(1)).await;
    assert_eq!(
        world.tenant.counters().writes,
        writes,
        "{}",
        world.summary()
    );
    assert_eq!(held(&world, &id), before);
    world.edit("AccessBoundary", GROUP, |manifest| {
        manifest["spec"]["groups"]["adoptable"] = json!([id]);
    });
    world.until_gone("ActiveAssignment", "break-glass").await;
    world.until_ready(NAMESPACE).await;
    let after = held(&world, &id);
    assert!(after.contains("eligible member chidi@contoso.com"));
    assert!(!after.contains("eligible member jose@contoso.com"));
    assert!(!after.contains("active member breakglass1@contoso.com"));
}

#[tokio::test(start_paused = true)]
async fn a_group_of_another_kind_is_refused() {
    let world = World::new();
    let id = make_group(world.external_actor(), json!({})).await;
    let message = assert_refused(&world, &id, true, "AdoptionConflict").await;
    assert!(message.contains("spec.roleAssignable"), "{message}");
}

/// A tenant with one more group from the beginning.
fn with_group(more: &Value) -> (World, String) {
    let id = "1a910b00-1111-4111-8111-1a910b0000ff";
    let mut group = json!({"displayName": "PAG-Exchange-Odd", "id": id});
    for (field, value) in more.as_object().unwrap() {
        group[field] = value.clone();
    }
    let mut seed = demo();
    let group: SeedGroup = serde_json::from_value(group).unwrap();
    if group.description.as_deref() == Some("restricted") {
        let unit = &mut seed.administrative_units[0];
        unit.members.push(group.display_name.clone());
    }
    seed.groups.push(group);
    (World::seeded(seed, Profile::Ideal, &[]), id.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_group_that_pim_does_not_manage_is_refused() {
    let kinds = [
        (
            json!({"membershipRule": "user.accountEnabled -eq true"}),
            "AdoptionConflict",
            "a rule decides",
        ),
        (json!({"synced": true}), "AdoptionConflict", "on premises"),
        (
            json!({"kind": "distribution"}),
            "AdoptionConflict",
            "mail-enabled",
        ),
        (
            json!({"description": "restricted"}),
            "ManagementRestricted",
            "restricted management unit",
        ),
    ];
    for (more, reason, why) in kinds {
        let (world, id) = with_group(&more);
        let message = assert_refused(&world, &id, false, reason).await;
        assert!(message.contains(why), "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_that_there_is_not_is_not_made() {
    let world = World::new();
    let id = "1a910b00-1111-4111-8111-1a910b0000fe";
    let message = assert_refused(&world, id, true, "ReferenceNotFound").await;
    assert!(message.contains(id), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_deleted_group_that_was_never_adopted_is_not_brought_back() {
    let (world, id) = made_by_hand().await;
    let actor = world.external_actor();
    actor.ask("DELETE", &format!("/groups/{id}"), None).await;
    let message = assert_refused(&world, &id, true, "ReferenceNotFound").await;
    assert!(message.contains("deleted items"), "{message}");
    apply(&world, &id);
    let path = format!("/directory/deletedItems/{id}/restore");
    actor.ask("POST", &path, Some(json!({}))).await;
    super::look(&world, GROUP).await;
    assert_eq!(
        world.object("PrivilegedGroup", GROUP).unwrap()["status"]["externalId"],
        id.as_str()
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_with_a_role_that_the_boundary_does_not_cover_is_refused() {
    let (world, id) = made_by_hand().await;
    apply(&world, &id);
    world.edit("AccessBoundary", GROUP, |manifest| {
        let of_messages = json!([{"roles": ["Message Center Reader"], "scopes": ["/"], "assignments": ["Active", "Eligible"]}]);
        manifest["spec"]["directoryRoles"] = of_messages;
    });
    let writes = world.tenant.counters().writes;
    world.start();
    world
        .until_reason("PrivilegedGroup", GROUP, "AdoptionRequired")
        .await;
    let message = world.message("PrivilegedGroup", GROUP);
    assert!(message.contains(EXCHANGE_ADMINISTRATOR), "{message}");
    world.pass(Duration::from_mins(30)).await;
    assert_eq!(world.tenant.counters().writes, writes);
    world.apply(&boundary(&id));
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.tenant.counters().writes, writes);
}
