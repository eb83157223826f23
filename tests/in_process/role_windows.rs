//! Directory roles that a group is eligible for, and roles that begin and end.

use std::time::Duration;

use entra_sim::journal::Target;
use serde_json::{Value, json};

use super::harness::{NAMESPACE, World, days, manifest, text};
use super::story::{self, GROUP};

const BINDING: &str = "window";

/// User Administrator (learn.microsoft.com: "Microsoft Entra built-in roles").
const USERS: &str = "fe930be7-5e62-47db-91af-98c3a49a38b1";

/// The story, whose boundary admits User Administrator in both ways.
async fn standing(world: &World) {
    story::apply(world);
    world.edit("AccessBoundary", "exchange", |manifest| {
        let list = json!({
            "roles": ["User Administrator"], "scopes": ["/"], "assignments": ["Active", "Eligible"],
        });
        manifest["spec"]["directoryRoles"]
            .as_array_mut()
            .unwrap()
            .push(list);
    });
    world.start();
    world.until_ready(NAMESPACE).await;
}

fn binding(assignment: &str, schedule: &Value) -> Value {
    let spec = json!({
        "groupRef": {"name": GROUP}, "directoryRole": {"role": "User Administrator", "scope": "/"},
        "assignment": assignment, "schedule": schedule,
    });
    manifest("RoleBinding", BINDING, &spec)
}

fn held(world: &World, what: &str) -> bool {
    let role = format!("{what}{USERS}");
    world.held().iter().any(|held| held.starts_with(&role))
}

/// The end of the one row that the tenant lists of the role.
async fn end(world: &World, assignment: &str) -> String {
    let group = world.group_id(GROUP).await;
    let actor = world.external_actor();
    let rows = match assignment {
        "Active" => actor.roles(&group).await,
        _ => actor.eligible_roles(&group).await,
    };
    let of_role: Vec<&Value> = rows
        .iter()
        .filter(|row| row["roleDefinitionId"] == USERS)
        .collect();
    assert_eq!(of_role.len(), 1, "{rows:?}");
    text(&of_role[0]["scheduleInfo"]["expiration"]["endDateTime"])
}

async fn until_bound(world: &World) {
    world
        .until_reason("RoleBinding", BINDING, "Succeeded")
        .await;
}

fn status(world: &World, field: &str) -> Value {
    let binding = world.object("RoleBinding", BINDING).unwrap();
    binding["status"][field].clone()
}

/// The tenants in which a role is bound: one that shows everything at once, and one that lags.
fn tenants() -> [World; 2] {
    let lagging = [
        ("roleGrantLag", "25s"),
        ("roleRemovalLag", "20s"),
        ("roleAssignmentReadDelay", "3s"),
    ];
    [World::new(), World::behaving(&lagging)]
}

#[tokio::test(start_paused = true)]
async fn a_role_is_held_in_its_window_which_changes_in_place_is_restored_and_goes_with_the_object()
{
    for (assignment, word, list) in [
        ("Eligible", "eligible role ", "Eligibility"),
        ("Active", "role ", "Assignment"),
    ] {
        for world in tenants() {
            standing(&world).await;
            world.apply(&binding(assignment, &days(30)));
            until_bound(&world).await;
            let month = end(&world, assignment).await;
            assert_eq!(status(&world, "endTime"), month.as_str());
            world.pass(Duration::from_mins(6)).await;
            for longer in [60, 20] {
                world.reschedule(BINDING, days(longer));
                until_bound(&world).await;
                let other = end(&world, assignment).await;
                assert_eq!(status(&world, "endTime"), other.as_str());
                assert_eq!(other > month, longer > 30, "{other} {month}");
                assert!(held(&world, word), "without a gap");
                world.pass(Duration::from_mins(6)).await;
            }
            let declared = end(&world, assignment).await;
            let group = world.group_id(GROUP).await;
            let actor = world.external_actor();
            let expiration = json!({"type": "afterDuration", "duration": "P90D"});
            let change =
                json!({"action": "adminUpdate", "scheduleInfo": {"expiration": expiration}});
            actor.request_role(list, &group, USERS, change).await;
            world
                .until("told", |world| {
                    !world.notes("DriftCorrected", BINDING).is_empty()
                })
                .await;
            until_bound(&world).await;
            world.pass(Duration::from_mins(6)).await;
            assert_eq!(end(&world, assignment).await, declared);
            let removal = json!({"action": "adminRemove"});
            actor.request_role(list, &group, USERS, removal).await;
            assert!(!held(&world, word));
            world.until("restored", |world| held(world, word)).await;
            world.pass(Duration::from_mins(6)).await;
            assert_eq!(end(&world, assignment).await, declared, "its time goes on");
            assert_eq!(world.writes_within(Duration::from_hours(2)).await, 0);
            world.delete("RoleBinding", BINDING);
            world.until_gone("RoleBinding", BINDING).await;
            assert!(!held(&world, word), "{:?}", world.held());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_ends_by_itself_and_stays_ended_whatever_happens_to_the_operator() {
    for (assignment, word) in [("Eligible", "eligible role "), ("Active", "role ")] {
        let world = World::new();
        standing(&world).await;
        world.apply(&binding(assignment, &world.hours(3)));
        until_bound(&world).await;
        world.pass(Duration::from_hours(3)).await;
        world
            .until("ended", |world| {
                world.reason("RoleBinding", BINDING) == "Expired"
            })
            .await;
        assert!(!held(&world, word), "{:?}", world.held());
        world.kill();
        world.start();
        assert_eq!(world.writes_within(Duration::from_hours(3)).await, 0);
        assert_eq!(world.reason("RoleBinding", BINDING), "Expired");
        world.reschedule(BINDING, days(5));
        until_bound(&world).await;
        assert!(held(&world, word), "a longer one is another wish");
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_that_begins_later_is_not_held_before() {
    for assignment in ["Eligible", "Active"] {
        let world = World::new();
        standing(&world).await;
        let start = world.clock.time() + Duration::from_hours(3);
        let schedule = json!({
            "startTime": start.to_string(), "expiration": {"afterDuration": "P10D"},
        });
        world.apply(&binding(assignment, &schedule));
        until_bound(&world).await;
        let has_begun = |world: &World| {
            let (holdings, now) = (world.tenant.holdings(), world.clock.time());
            let windows = match assignment {
                "Eligible" => holdings.eligible(),
                _ => holdings.active(),
            };
            let of_role = |target: &Target| matches!(target, Target::DirectoryRole { role, .. } if role == USERS);
            let mut windows = windows.iter();
            windows.any(|((target, _), window)| of_role(target) && window.contains(now))
        };
        assert!(!has_begun(&world), "{:?}", world.held());
        world.pass(Duration::from_hours(3)).await;
        world.until("begun", has_begun).await;
        assert_eq!(world.writes_within(Duration::from_hours(1)).await, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_roles_own_settings_refuse_names_the_rule_and_what_to_change() {
    let world = World::new();
    standing(&world).await;
    let actor = world.external_actor();
    actor
        .edit_role_rule(USERS, "Expiration_Admin_Assignment", |rule| {
            rule["isExpirationRequired"] = json!(true);
            rule["maximumDuration"] = json!("P15D");
        })
        .await;
    world.apply(&binding("Active", &json!({"expiration": {"never": {}}})));
    world
        .until_reason("RoleBinding", BINDING, "PolicyForbids")
        .await;
    let message = world.message("RoleBinding", BINDING);
    for part in ["ExpirationRule", "spec.schedule.expiration"] {
        assert!(message.contains(part), "{message}");
    }
    world.reschedule(BINDING, days(10));
    until_bound(&world).await;
    actor
        .edit_role_rule(USERS, "Enablement_Admin_Assignment", |rule| {
            rule["enabledRules"] = json!(["Justification", "Ticketing"]);
        })
        .await;
    world.pass(Duration::from_mins(6)).await;
    world.reschedule(BINDING, days(14));
    world
        .until_reason("RoleBinding", BINDING, "PolicyForbids")
        .await;
    let message = world.message("RoleBinding", BINDING);
    assert!(message.contains("spec.ticket"), "{message}");
    world.edit("RoleBinding", BINDING, |manifest| {
        manifest["spec"]["ticket"] = json!({"number": "CHG-1", "system": "desk"});
    });
    until_bound(&world).await;
}

#[tokio::test(start_paused = true)]
async fn a_boundary_that_lists_a_role_as_active_does_not_admit_it_as_eligible() {
    let world = World::new();
    standing(&world).await;
    world.edit("AccessBoundary", "exchange", |manifest| {
        let lists = manifest["spec"]["directoryRoles"].as_array_mut().unwrap();
        lists.last_mut().unwrap()["assignments"] = json!(["Active"]);
    });
    world.apply(&binding("Eligible", &days(30)));
    world
        .until_reason("RoleBinding", BINDING, "BoundaryDenied")
        .await;
    let message = world.message("RoleBinding", BINDING);
    assert!(message.contains("not as eligible"), "{message}");
    assert!(!held(&world, "eligible role "), "{:?}", world.held());
}

#[tokio::test(start_paused = true)]
async fn a_window_that_is_moved_into_the_past_ends_what_is_held() {
    for (assignment, word) in [("Eligible", "eligible role "), ("Active", "role ")] {
        let world = World::new();
        standing(&world).await;
        world.apply(&binding(assignment, &world.hours(9)));
        until_bound(&world).await;
        world.pass(Duration::from_hours(2)).await;
        world.reschedule(BINDING, world.hours(-1));
        world.until("over", |world| !held(world, word)).await;
        world.until_reason("RoleBinding", BINDING, "Expired").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_plain_role_that_pim_knows_nothing_of_makes_room_for_one_that_ends() {
    let world = World::behaving(&[("plainAssignmentInSchedules", "false")]);
    standing(&world).await;
    let group = world.group_id(GROUP).await;
    let plain = json!({"roleDefinitionId": USERS, "principalId": group, "directoryScopeId": "/"});
    let path = "/roleManagement/directory/roleAssignments";
    world.external_actor().ask("POST", path, Some(plain)).await;
    world.pass(Duration::from_mins(6)).await;
    world.apply(&binding("Active", &days(30)));
    world
        .until("it ends", |world| !status(world, "endTime").is_null())
        .await;
    until_bound(&world).await;
    assert!(!end(&world, "Active").await.is_empty());
}
