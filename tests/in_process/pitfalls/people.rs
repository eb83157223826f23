//! People who leave the directory, owners whom nobody declared, and rights that nobody needs.

use std::time::Duration;

use crate::harness::{NAMESPACE, World, text};
use crate::hazards::activation::activate;
use crate::story::{self, GROUP};

const JOSE: &str = "jose@contoso.com";

/// Whom the directory lists as owners of the group: users by their names, applications by theirs.
async fn owners(world: &World) -> Vec<String> {
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let mut owners = Vec::new();
    for (kind, name) in [
        ("user", "userPrincipalName"),
        ("servicePrincipal", "displayName"),
    ] {
        let path = format!("/groups/{group}/owners/microsoft.graph.{kind}");
        let rows = actor.rows(&path).await;
        owners.extend(rows.iter().map(|one| text(&one[name])));
    }
    owners
}

#[tokio::test(start_paused = true)]
async fn the_operator_does_not_stay_as_a_hidden_owner_of_what_it_made() {
    let world = story::standing().await;
    assert_eq!(owners(&world).await, ["boss@contoso.com"]);
}

#[tokio::test(start_paused = true)]
async fn an_operator_whom_the_service_makes_an_owner_leaves_once_a_declared_one_stands() {
    let world = World::behaving(&[("appCreateAddsOwner", "on")]);
    story::comes_true(&world).await;
    assert_eq!(owners(&world).await.len(), 2, "it is none of the wish");
    world.pass(Duration::from_hours(2)).await;
    assert_eq!(owners(&world).await, ["boss@contoso.com"]);
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
    assert_eq!(world.writes_within(Duration::from_hours(12)).await, 0);
}

#[tokio::test(start_paused = true)]
async fn an_operator_that_is_the_only_owner_says_so_until_one_is_declared() {
    let world = World::behaving(&[("appCreateAddsOwner", "on")]);
    story::apply_core(&world);
    world.start();
    story::until_group(&world, "LastOwner").await;
    let message = world.message("PrivilegedGroup", GROUP);
    assert!(
        message.contains("the operator's own application"),
        "{message}"
    );
    world.pass(Duration::from_hours(2)).await;
    assert_eq!(owners(&world).await.len(), 1, "it stays");
    story::apply_owner(&world);
    world.pass(Duration::from_hours(2)).await;
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
    assert_eq!(owners(&world).await, ["boss@contoso.com"]);
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
