//! Directory roles at less than the whole tenant: at an administrative unit, at one application.

use serde_json::{Value, json};

use super::app_roles::DESK;
use super::harness::{NAMESPACE, World, manifest, text};
use super::story::{self, GROUP};

const BINDING: &str = "scoped";

/// Ids of the roles (learn.microsoft.com: "Microsoft Entra built-in roles").
const HELPDESK: &str = "729827e3-9c14-49f7-bb1b-9608f156bbb8";
const APPLICATIONS: &str = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";

/// The story, whose boundary admits these roles at a scope, too.
async fn standing(world: &World, scope: &str) {
    story::apply(world);
    world.edit("AccessBoundary", "exchange", |manifest| {
        let list = json!({
            "roles": ["Helpdesk Administrator", "Application Administrator", "Exchange Administrator"],
            "scopes": [scope], "assignments": ["Active"],
        });
        manifest["spec"]["directoryRoles"].as_array_mut().unwrap().push(list);
    });
    world.start();
    world.until_ready(NAMESPACE).await;
}

async fn unit(world: &World) -> String {
    let actor = world.external_actor();
    let units = actor.rows("/directory/administrativeUnits").await;
    text(&units[0]["id"])
}

async fn desk(world: &World) -> String {
    let actor = world.external_actor();
    let found = actor
        .ask("GET", &format!("/servicePrincipals(appId='{DESK}')"), None)
        .await;
    text(&found["id"])
}

fn binding(role: &str, scope: &str) -> Value {
    let spec = json!({
        "groupRef": {"name": GROUP}, "directoryRole": {"role": role, "scope": scope},
    });
    manifest("RoleBinding", BINDING, &spec)
}

async fn gone(world: &World) {
    world.delete("RoleBinding", BINDING);
    world.until_gone("RoleBinding", BINDING).await;
}

#[tokio::test(start_paused = true)]
async fn a_role_holds_at_an_administrative_unit_or_at_one_application_and_nowhere_else() {
    let world = World::new();
    let (unit, desk) = (unit(&world).await, desk(&world).await);
    let scopes = [format!("/administrativeUnits/{unit}"), format!("/{desk}")];
    standing(&world, "/").await;
    for (role, id, scope) in [
        ("Helpdesk Administrator", HELPDESK, &scopes[0]),
        ("Application Administrator", APPLICATIONS, &scopes[1]),
    ] {
        // Whoever writes the id in capitals means the same.
        let (place, object) = scope.rsplit_once('/').unwrap();
        world.apply(&binding(
            role,
            &format!("{place}/{}", object.to_uppercase()),
        ));
        world
            .until_reason("RoleBinding", BINDING, "Succeeded")
            .await;
        let held = world.held();
        assert!(held.contains(&format!("role {id} at {scope}")), "{held:?}");
        gone(&world).await;
        let held = world.held();
        assert!(!held.iter().any(|what| what.contains(id)), "{held:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_boundary_that_lists_a_unit_admits_nothing_beyond_it() {
    let world = World::new();
    let unit = format!("/administrativeUnits/{}", unit(&world).await);
    standing(&world, &unit).await;
    world.apply(&binding("Helpdesk Administrator", "/"));
    world
        .until_reason("RoleBinding", BINDING, "BoundaryDenied")
        .await;
    gone(&world).await;
    world.apply(&binding("Exchange Administrator", &unit));
    world
        .until_reason("RoleBinding", BINDING, "InvalidSpec")
        .await;
    let message = world.message("RoleBinding", BINDING);
    assert!(
        message.contains("scope"),
        "the service does not take it there: {message}"
    );
    gone(&world).await;
}
