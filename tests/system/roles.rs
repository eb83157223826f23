//! Every role that a group can hold, of every system and at every scope: applied with kubectl, changed, drifted by hand and
//! torn down.

mod by_hand;
mod cells;

use std::collections::BTreeSet;

use entra_sim::ids::ObjectId;
use entra_sim::journal::{Target, Window};
use entra_sim::{Seed, Simulator};
use jiff::SignedDuration;
use serde_json::json;

use super::place::Place;
use super::world;
use by_hand::taken_by_hand;
use cells::{Cell, cells, length};

const STORY: &str = include_str!("roles.yaml");

/// What the tenant's record says that a group holds.
fn held(simulator: &Simulator, group: ObjectId) -> BTreeSet<String> {
    let now = simulator.clock().now();
    let length = |window: &Window| {
        let left = window.end.map(|end| end.duration_since(now));
        length(left.map(|left| u32::try_from(left.as_hours() / 24).unwrap()))
    };
    let holdings = simulator.holdings();
    let mut held = BTreeSet::new();
    for (assignment, schedules) in [
        ("Eligible", holdings.eligible()),
        ("Active", holdings.active()),
    ] {
        for ((target, who), window) in schedules {
            let (system, role, scope) = match target {
                Target::DirectoryRole { role, scope } => ("directory", role.clone(), scope.clone()),
                Target::AzureRole { role, scope } if assignment == "Eligible" => {
                    ("azure", role.clone(), scope.clone())
                }
                _ => continue,
            };
            if *who == group {
                let (scope, length) = (scope.to_lowercase(), length(window));
                held.insert(format!(
                    "{assignment} {system} role {role} at {scope} {length}"
                ));
            }
        }
    }
    let of_azure = holdings
        .azure_roles()
        .iter()
        .filter(|(_, who, _)| *who == group);
    held.extend(of_azure.map(|(role, _, scope)| {
        format!("Active azure role {role} at {} now", scope.to_lowercase())
    }));
    let of_apps = holdings
        .app_roles()
        .iter()
        .filter(|(_, _, who)| *who == group);
    held.extend(of_apps.map(|(application, role, _)| format!("app role {role} of {application}")));
    let of_intune = holdings
        .intune_roles()
        .iter()
        .filter(|(_, who, _)| *who == group);
    held.extend(of_intune.map(|(role, _, scope)| format!("Intune role {role} over {scope}")));
    held
}

/// What the objects say that they hold: the ids of the roles stand in their status.
async fn declared(place: &Place, cells: &[Cell]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for cell in cells {
        let object = place
            .until_object("RoleBinding", cell.name, "bound", |object| {
                object["status"]["externalId"].is_string()
            })
            .await;
        let role = object["status"]["externalId"].as_str().unwrap();
        all.insert(format!("{} {role} {}", cell.held, cell.at));
    }
    assert_eq!(all.len(), cells.len(), "{all:#?}");
    all
}

/// The tenant of the demo, whose operator may give every role in Azure.
fn seed() -> Seed {
    let mut seed = Seed::default();
    for assignment in &mut seed.azure.role_assignments {
        assignment.scope = "/providers/Microsoft.Management/managementGroups/contoso".into();
    }
    seed
}

#[tokio::test]
async fn every_role_of_every_system_is_bound_changed_restored_and_taken_away() {
    let control_plane = world::shared().await.control_plane;
    let place = Place::seeded(control_plane, "roles", seed()).await;
    let mut cells = cells(&place).await;
    let mut manifests = STORY.replace("${NAME}", &place.name);
    for cell in &cells {
        manifests += "---\n";
        manifests += &cell.manifest(&place).to_string();
        manifests += "\n";
    }
    place.apply(&manifests).await;
    let ready = [
        "wait",
        "pgroup,prb",
        "--all",
        "--for=condition=Ready",
        "--timeout=120s",
    ];
    place.kubectl(&ready).await;
    let group = place.group().await;
    let simulator = &place.tenant.simulator;
    assert_eq!(held(simulator, group), declared(&place, &cells).await);

    // What is younger than five minutes cannot be taken away.
    simulator.advance(SignedDuration::from_mins(6));
    // One that was applied without a schedule is applied with one, as people do it.
    for cell in cells.iter_mut().filter(|cell| cell.name == "dir") {
        cell.spec["schedule"] = json!({"expiration": {"afterDuration": "P30D"}});
        cell.at = cell.at.replace("for ever", "for a month");
        place.apply(&cell.manifest(&place).to_string()).await;
    }
    for cell in &mut cells {
        if !cell.at.ends_with("for a month") {
            continue;
        }
        cell.at = cell.at.replace("for a month", "for longer");
        let change = json!({"spec": {"schedule": {"expiration": {"afterDuration": "P90D"}}}});
        place.patch("RoleBinding", cell.name, &change).await;
    }
    let longer = declared(&place, &cells).await;
    place
        .until("longer windows", |simulator| {
            held(simulator, group) == longer
        })
        .await;
    place.kubectl(&ready).await;

    simulator.advance(SignedDuration::from_mins(6));
    taken_by_hand(&place, group).await;
    assert_eq!(held(simulator, group), BTreeSet::new());
    place.look().await;
    place
        .until("all of them again", |simulator| {
            held(simulator, group) == longer
        })
        .await;
    place.kubectl(&ready).await;
    assert_eq!(declared(&place, &cells).await, longer);

    simulator.advance(SignedDuration::from_mins(6));
    place
        .kubectl(&["delete", "prb", "--all", "--timeout=120s"])
        .await;
    assert_eq!(held(simulator, group), BTreeSet::new());
    assert_eq!(simulator.violations(), Vec::<String>::new());
}
