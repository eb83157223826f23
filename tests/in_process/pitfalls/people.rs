//! People who leave the directory, owners whom nobody declared, and rights that nobody needs.

use std::time::Duration;

use serde_json::Value;

use crate::harness::{NAMESPACE, World, text};
use crate::hazards::activation::activate;
use crate::story::{self, GROUP};

const JOSE: &str = "jose@contoso.com";

#[tokio::test(start_paused = true)]
async fn the_operator_does_not_stay_as_a_hidden_owner_of_what_it_made() {
    let world = story::standing().await;
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let mut owners: Vec<Value> = Vec::new();
    for kind in ["user", "servicePrincipal"] {
        owners.extend(
            actor
                .rows(&format!("/groups/{group}/owners/microsoft.graph.{kind}"))
                .await,
        );
    }
    let names: Vec<String> = owners
        .iter()
        .map(|one| text(&one["userPrincipalName"]))
        .collect();
    assert_eq!(names, ["boss@contoso.com"]);
}

#[tokio::test(start_paused = true)]
async fn an_application_that_the_service_makes_an_owner_of_what_it_made_is_no_secret() {
    let world = World::behaving(&[("appCreateAddsOwner", "on")]);
    story::comes_true(&world).await;
    world.pass(Duration::from_hours(2)).await;
    let undeclared = world.condition("PrivilegedGroup", GROUP, "UndeclaredAccess");
    let told = undeclared.unwrap().message;
    assert!(told.contains("plain owner "), "{told}");
    assert!(
        told.contains("a service principal that PIM does not list"),
        "{told}"
    );
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn somebody_who_is_deleted_from_the_directory_is_named_and_holds_up_nobody() {
    let world = World::behaving(&[("phantomHours", "4h")]);
    story::comes_true(&world).await;
    world.pass(Duration::from_mins(6)).await;
    let jose = world.external_actor().user(JOSE).await;
    world
        .external_actor()
        .ask("DELETE", &format!("/users/{jose}"), None)
        .await;
    story::until_people(&world, "PrincipalNotFound").await;
    let message = world.message("EligibleAssignment", GROUP);
    assert!(message.contains(JOSE), "{message}");
    story::add_person(&world, "dana@contoso.com");
    world
        .until("the others go on", |world| {
            crate::hazards::holds(world, "dana@contoso.com")
        })
        .await;
    // Once the manifest does not name them any more, nothing is left to say, whatever lists still show.
    story::remove_person(&world, JOSE);
    world.until_ready(NAMESPACE).await;
    assert!(
        world.writes_within(Duration::from_hours(5)).await <= 1,
        "{}",
        world.summary()
    );
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn an_activation_is_nobodys_assignment_and_is_not_planned_against() {
    let world = story::standing().await;
    activate(&world).await;
    assert_eq!(world.writes_within(Duration::from_hours(12)).await, 0);
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_looked_up_that_needs_more_rights_than_the_writes() {
    let world = story::applied();
    let just = [
        "Group.ReadWrite.All",
        "User.Read.All",
        "RoleManagement.ReadWrite.Directory",
        "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
        "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
        "RoleManagementPolicy.ReadWrite.AzureADGroup",
    ];
    world.permit_only(&just);
    world.start();
    world
        .until("everything held", |world| world.held().len() == 6)
        .await;
    world.until_ready(NAMESPACE).await;
}
