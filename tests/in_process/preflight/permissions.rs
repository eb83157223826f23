//! Each profile does what it says, and a missing permission stops only what needs it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{sign_in_anew, status};
use crate::harness::{NAMESPACE, World};
use crate::story::{self, GROUP};

/// What is enough to compare everything.
pub const READ: [&str; 7] = [
    "Group.Read.All",
    "User.Read.All",
    "Application.Read.All",
    "RoleManagement.Read.Directory",
    "PrivilegedEligibilitySchedule.Read.AzureADGroup",
    "PrivilegedAssignmentSchedule.Read.AzureADGroup",
    "RoleManagementPolicy.Read.AzureADGroup",
];
const WRITE_POLICIES: &str = "RoleManagementPolicy.ReadWrite.AzureADGroup";
const READ_POLICIES: &str = "RoleManagementPolicy.Read.AzureADGroup";

#[tokio::test(start_paused = true)]
async fn the_profile_says_what_the_granted_permissions_amount_to() {
    let more: [(&str, &[&str]); 4] = [
        ("Observe", &[]),
        (
            "Assign",
            &[
                "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
                "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
            ],
        ),
        ("Govern", &[WRITE_POLICIES]),
        (
            "Own",
            &["Group.ReadWrite.All", "RoleManagement.ReadWrite.Directory"],
        ),
    ];
    let mut granted = READ.to_vec();
    for (profile, permissions) in more {
        granted.extend(permissions);
        let world = World::new();
        world.permit_only(&granted);
        world.start();
        world.until_tenant_ready().await;
        let told = &status(&world)["permissions"];
        assert_eq!(told["profile"], profile, "{told}");
        assert_eq!(told["missing"], json!([]), "nothing in use needs more");
        let with_roles = if profile == "Own" {
            json!(["DirectoryRoles"])
        } else {
            json!([])
        };
        assert_eq!(told["addOns"], with_roles);
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_may_not_read_everything_has_no_profile_and_is_told_what_is_missing() {
    let world = World::new();
    world.permit_only(&READ[1..]);
    world.start();
    world.until_tenant("PermissionDenied").await;
    let told = &status(&world)["permissions"];
    assert_eq!(told["profile"], Value::Null);
    let names = "Group.Read.All or Group.ReadWrite.All or Directory.Read.All";
    assert_eq!(told["missing"], json!([names]));
}

/// The story stands, and the operator may change PIM settings no more.
async fn without_writing_policies() -> World {
    let world = story::standing().await;
    world.permit(&[READ_POLICIES], &[WRITE_POLICIES]);
    sign_in_anew(&world);
    let weaker = |world: &World| status(world)["permissions"]["profile"] == "Assign";
    world.until("the profile is weaker", weaker).await;
    world.until_tenant_ready().await;
    world
}

#[tokio::test(start_paused = true)]
async fn settings_that_are_as_declared_let_grants_go_on_without_the_permission_to_change_them() {
    let world = without_writing_policies().await;
    story::add_person(&world, "chidi@contoso.com");
    world
        .until("chidi is eligible", |world| world.held().len() == 7)
        .await;
    world.until_ready(NAMESPACE).await;
    story::remove_person(&world, "chidi@contoso.com");
    world
        .until("chidi is out", |world| world.held().len() == 6)
        .await;
    world.until_tenant_ready().await;
}

#[tokio::test(start_paused = true)]
async fn weaker_settings_stop_grants_and_nothing_else_without_the_permission_to_change_them() {
    let world = without_writing_policies().await;
    story::lets_anybody_activate(&world).await;
    story::resync(&world);
    story::until_group(&world, "PermissionDenied").await;
    let message = world.message("PrivilegedGroup", GROUP);
    assert!(message.contains(WRITE_POLICIES), "{message}");
    let (gone, new) = ("amira@contoso.com", "chidi@contoso.com");
    story::edit_people(&world, |people| {
        people.retain(|one| one["name"] != gone);
        people.push(story::person(new));
    });
    let holds = |world: &World, who: &str| world.held().iter().any(|held| held.ends_with(who));
    world
        .until("amira is out", |world| !holds(world, gone))
        .await;
    world.pass(Duration::from_hours(1)).await;
    assert!(
        !holds(&world, new),
        "nothing is granted under weaker settings"
    );
    story::until_people(&world, "PermissionDenied").await;
    let message = world.message("EligibleAssignment", GROUP);
    assert!(message.contains(WRITE_POLICIES), "{message}");
    world.until_tenant("PermissionDenied").await;
    assert_eq!(
        status(&world)["permissions"]["missing"],
        json!([WRITE_POLICIES])
    );
    world.permit(&[], &[]);
    sign_in_anew(&world);
    world.until_ready(NAMESPACE).await;
    assert!(holds(&world, new));
}

#[tokio::test(start_paused = true)]
async fn groups_that_exist_are_served_without_the_permission_to_make_some() {
    let world = story::standing().await;
    world.permit(&["Group.Read.All"], &["Group.ReadWrite.All"]);
    sign_in_anew(&world);
    story::add_person(&world, "chidi@contoso.com");
    world
        .until("chidi is eligible", |world| world.held().len() == 7)
        .await;
    world.until_tenant("PermissionDenied").await;
    assert_eq!(
        status(&world)["permissions"]["missing"],
        json!(["Group.ReadWrite.All"])
    );
    assert_eq!(status(&world)["permissions"]["profile"], "Govern");
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        manifest["spec"]["displayName"] = json!("PAG-Exchange-Renamed");
    });
    story::until_group(&world, "PermissionDenied").await;
    story::remove_person(&world, "chidi@contoso.com");
    world
        .until("chidi is out", |world| world.held().len() == 6)
        .await;
    story::add_person(&world, "chidi@contoso.com");
    world
        .until("a name stops nobody", |world| world.held().len() == 7)
        .await;
}
