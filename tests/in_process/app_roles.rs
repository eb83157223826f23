//! Roles of enterprise applications.

use std::time::Duration;

use serde_json::{Value, json};

use super::harness::{NAMESPACE, World, manifest, operation, refuse_with, text};
use super::story::{self, GROUP};

/// The client id of the demo's ticket desk.
pub const DESK: &str = "55555555-5555-4555-8555-555555555555";

/// Id of its role Admin.Write.
const ADMIN: &str = "66666666-6666-4666-8666-666666666666";

const DESK_ADMIN: &str = "desk-admin";

fn binding(role: &str, application: &str) -> Value {
    let spec = json!({
        "groupRef": {"name": GROUP},
        "appRole": {"application": application, "role": role},
    });
    manifest("RoleBinding", DESK_ADMIN, &spec)
}

/// The story, whose boundary admits a role of the ticket desk, too.
async fn standing() -> World {
    let world = World::new();
    story::apply(&world);
    world.edit("AccessBoundary", "exchange", |manifest| {
        manifest["spec"]["appRoles"] = json!([{
            "applications": [DESK.to_uppercase()], "roles": ["Admin.Write"], "assignments": ["Active"],
        }]);
    });
    world.start();
    world.until_ready(NAMESPACE).await;
    world
}

/// The app roles of the operator's group, as somebody sees them there.
async fn held(world: &World) -> Vec<(String, String)> {
    let group = world.group_id(GROUP).await;
    let rows = world
        .external_actor()
        .rows(&format!("/groups/{group}/appRoleAssignments"))
        .await;
    rows.iter()
        .map(|row| (text(&row["id"]), text(&row["appRoleId"])))
        .collect()
}

async fn until_binding(world: &World, reason: &str) -> String {
    world.until_reason("RoleBinding", DESK_ADMIN, reason).await;
    world.message("RoleBinding", DESK_ADMIN)
}

#[tokio::test(start_paused = true)]
async fn a_group_is_given_a_role_of_an_application_has_it_restored_and_loses_it_with_the_object() {
    for role in ["admin.write", ADMIN] {
        let world = standing().await;
        world.apply(&binding(role, DESK));
        until_binding(&world, "Succeeded").await;
        let [(id, given)] = <[_; 1]>::try_from(held(&world).await).unwrap();
        assert_eq!(given, ADMIN);

        let group = world.group_id(GROUP).await;
        let path = format!("/groups/{group}/appRoleAssignments/{id}");
        world.external_actor().ask("DELETE", &path, None).await;
        story::resync(&world);
        while held(&world).await.is_empty() {
            world.pass(Duration::from_secs(1)).await;
        }
        until_binding(&world, "Succeeded").await;
        assert!(!world.notes("DriftCorrected", DESK_ADMIN).is_empty());

        world.delete("RoleBinding", DESK_ADMIN);
        world.until_gone("RoleBinding", DESK_ADMIN).await;
        assert_eq!(held(&world).await, Vec::new());
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_meant_is_told_and_nothing_is_given() {
    let world = standing().await;
    let other = "44444444-4444-4444-8444-444444444444";
    for (role, application, reason, what) in [
        (
            "Admin.Read",
            DESK,
            "RoleNotFound",
            "no app role is named \"Admin.Read\"",
        ),
        (
            "Admin.Write",
            other,
            "BoundaryDenied",
            "spec.appRoles of AccessBoundary exchange",
        ),
    ] {
        world.apply(&binding(role, application));
        let message = until_binding(&world, reason).await;
        assert!(message.contains(what), "{message}");
        assert_eq!(held(&world).await, Vec::new());
        world.delete("RoleBinding", DESK_ADMIN);
        world.until_gone("RoleBinding", DESK_ADMIN).await;
    }
    world.fault(
        operation("servicePrincipals.appRoleAssignedTo.create"),
        refuse_with(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges",
        ),
    );
    world.apply(&binding("Admin.Write", DESK));
    let message = until_binding(&world, "PermissionDenied").await;
    assert!(
        message.contains("AppRoleAssignment.ReadWrite.All"),
        "{message}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_app_role_that_may_not_be_read_stops_its_binding_and_nobody_is_kept_in_by_it() {
    let world = standing().await;
    world.fault(
        operation("groups.appRoleAssignments.list"),
        refuse_with(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges",
        ),
    );
    world.apply(&binding("Admin.Write", DESK));
    until_binding(&world, "PermissionDenied").await;
    story::remove_person(&world, "farid@contoso.com");
    world
        .until("he is out", |world| {
            !world.held().contains("eligible member farid@contoso.com")
        })
        .await;
    world.clear_faults();
    story::resync(&world);
    until_binding(&world, "Succeeded").await;
}
