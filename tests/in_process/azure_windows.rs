//! Azure roles that a group is eligible for, and Azure roles that begin and end: what PIM for Azure resources keeps.

mod endless;

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::azure::{GROUP, SUBSCRIPTION, VAULT, applied_to};
use super::harness::{NAMESPACE, World, days, manifest, operation, refuse_with, text};

const BINDING: &str = "blobs";

/// Where the operator is User Access Administrator.
pub const STORAGE: &str = "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/payments-data/providers/Microsoft.Storage/storageAccounts/stpayments";

/// Storage Blob Data Contributor (learn.microsoft.com: "Azure built-in roles").
const CONTRIBUTOR: &str = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";

/// The example, whose boundary admits roles of the storage account in both ways.
async fn standing(world: World) -> World {
    let world = applied_to(world);
    world.edit("AccessBoundary", "payments", |manifest| {
        let list = json!({
            "roles": ["Storage Blob Data Contributor"], "scopes": [STORAGE, VAULT],
            "assignments": ["Active", "Eligible"],
        });
        manifest["spec"]["azureRoles"]
            .as_array_mut()
            .unwrap()
            .push(list);
    });
    world.start();
    world.until_ready(NAMESPACE).await;
    world
}

fn binding(assignment: &str, scope: &str, schedule: &Value) -> Value {
    let role = json!({"role": "Storage Blob Data Contributor", "scope": scope});
    let spec = json!({
        "groupRef": {"name": GROUP}, "azureRole": role, "assignment": assignment, "schedule": schedule,
    });
    manifest("RoleBinding", BINDING, &spec)
}

async fn until_bound(world: &World) {
    world
        .until_reason("RoleBinding", BINDING, "Succeeded")
        .await;
}

/// Whether the group holds the role, or is eligible for it.
fn held(world: &World, assignment: &str) -> bool {
    let what = match assignment {
        "Eligible" => format!("eligible azure role {CONTRIBUTOR}"),
        _ => format!("azure role {CONTRIBUTOR}"),
    };
    world.held().iter().any(|held| held.starts_with(&what))
}

fn collection(assignment: &str) -> &'static str {
    match assignment {
        "Eligible" => "roleEligibilitySchedule",
        _ => "roleAssignmentSchedule",
    }
}

/// The one schedule that Azure lists of the role.
async fn listed(world: &World, assignment: &str) -> Value {
    let path = format!(
        "{STORAGE}/providers/Microsoft.Authorization/{}s",
        collection(assignment)
    );
    let listed = world
        .external_actor()
        .ask_azure_pim("GET", &path, None)
        .await;
    let rows = listed["value"].as_array().unwrap().clone();
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows[0]["properties"].clone()
}

async fn end(world: &World, assignment: &str) -> String {
    text(&listed(world, assignment).await["endDateTime"])
}

async fn condition(world: &World, assignment: &str) -> String {
    text(&listed(world, assignment).await["condition"])
}

/// Somebody asks PIM for something by hand.
async fn by_hand(world: &World, assignment: &str, request: &str, expiration: Value) {
    let group = world.group_id(GROUP).await;
    let path = format!(
        "{STORAGE}/providers/Microsoft.Authorization/{}Requests/{}",
        collection(assignment),
        Uuid::new_v4()
    );
    let role =
        format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}");
    let body = json!({"properties": {
        "principalId": group, "roleDefinitionId": role, "requestType": request, "justification": "by hand",
        "scheduleInfo": {"expiration": expiration},
    }});
    let actor = world.external_actor();
    actor.ask_azure_pim("PUT", &path, Some(body)).await;
}

#[tokio::test(start_paused = true)]
async fn a_scope_that_nobody_made_is_not_taken_for_a_group_that_pim_has_not_learned_of() {
    let world = standing(World::new()).await;
    let container = format!("{STORAGE}/blobServices/default/containers/of-nobody");
    let schedule = json!({"expiration": {"afterDuration": "P30D"}});
    world.apply(&binding("Eligible", &container, &schedule));
    world
        .until_reason("RoleBinding", BINDING, "ScopeNotFound")
        .await;
    let message = world.message("RoleBinding", BINDING);
    assert!(message.contains("of-nobody"), "{message}");
}

/// The tenants in which a role is bound: one that shows everything at once, and one that lags.
fn tenants() -> [World; 2] {
    let lagging = [("azureGrantLag", "15s"), ("azureRemovalLag", "200s")];
    [World::new(), World::behaving(&lagging)]
}

#[tokio::test(start_paused = true)]
async fn a_role_is_held_in_its_window_which_changes_in_place_is_restored_and_goes_with_the_object()
{
    for assignment in ["Eligible", "Active"] {
        for world in tenants() {
            let world = standing(world).await;
            world.apply(&binding(assignment, STORAGE, &days(30)));
            until_bound(&world).await;
            let month = end(&world, assignment).await;
            world.pass(Duration::from_mins(6)).await;
            for longer in [60, 20] {
                world.reschedule(BINDING, days(longer));
                until_bound(&world).await;
                let other = end(&world, assignment).await;
                assert_eq!(other > month, longer > 30, "{other} {month}");
                assert!(held(&world, assignment), "without a gap");
                world.pass(Duration::from_mins(6)).await;
            }
            let declared = end(&world, assignment).await;
            let longer = json!({"type": "AfterDuration", "duration": "P90D"});
            by_hand(&world, assignment, "AdminUpdate", longer).await;
            world
                .until("told", |world| {
                    !world.notes("DriftCorrected", BINDING).is_empty()
                })
                .await;
            world.pass(Duration::from_mins(6)).await;
            assert_eq!(end(&world, assignment).await, declared);
            by_hand(&world, assignment, "AdminRemove", Value::Null).await;
            assert!(!held(&world, assignment));
            world
                .until("restored", |world| held(world, assignment))
                .await;
            world.pass(Duration::from_mins(6)).await;
            assert_eq!(end(&world, assignment).await, declared, "its time goes on");
            assert_eq!(world.writes_within(Duration::from_hours(2)).await, 0);
            world.delete("RoleBinding", BINDING);
            world.until_gone("RoleBinding", BINDING).await;
            assert!(!held(&world, assignment), "{:?}", world.held());
            assert_eq!(world.writes_within(Duration::from_hours(2)).await, 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_ends_by_itself_and_what_outlasts_a_group_goes_with_it() {
    for assignment in ["Eligible", "Active"] {
        let world = standing(World::new()).await;
        world.apply(&binding(assignment, STORAGE, &world.hours(3)));
        until_bound(&world).await;
        world.pass(Duration::from_hours(3)).await;
        world
            .until("ended", |world| {
                world.reason("RoleBinding", BINDING) == "Expired"
            })
            .await;
        assert!(!held(&world, assignment), "{:?}", world.held());
        assert_eq!(world.writes_within(Duration::from_hours(3)).await, 0);
        world.reschedule(BINDING, days(30));
        until_bound(&world).await;
        world.pass(Duration::from_mins(6)).await;
        world.delete_ours();
        world.until_nothing_is_left().await;
        assert!(!held(&world, assignment), "{:?}", world.held());
    }
}

#[tokio::test(start_paused = true)]
async fn what_only_assigns_roles_is_told_that_pim_needs_more() {
    let world = standing(World::new()).await;
    world.apply(&binding("Eligible", VAULT, &days(30)));
    world
        .until_reason("RoleBinding", BINDING, "PermissionDenied")
        .await;
    let message = world.message("RoleBinding", BINDING);
    assert!(message.contains("User Access Administrator"), "{message}");
    let asked = world.tenant.operations();
    let sent = asked.get("azure.roleEligibilityScheduleRequests.put");
    assert_eq!(sent, None, "nobody is asked in vain");
    world.delete("RoleBinding", BINDING);
    world.until_gone("RoleBinding", BINDING).await;
}

#[tokio::test(start_paused = true)]
async fn what_the_roles_own_settings_forbid_names_the_rule_and_what_to_change() {
    let world = standing(World::new()).await;
    let ever = json!({"expiration": {"never": {}}});
    world.apply(&binding("Eligible", STORAGE, &ever));
    world
        .until_reason("RoleBinding", BINDING, "PolicyForbids")
        .await;
    let message = world.message("RoleBinding", BINDING);
    for part in ["ExpirationRule", "spec.schedule.expiration"] {
        assert!(message.contains(part), "{message}");
    }
    world.reschedule(BINDING, days(30));
    until_bound(&world).await;
}

#[tokio::test(start_paused = true)]
async fn a_condition_narrows_what_is_eligible_and_is_changed_in_place() {
    let world = standing(World::new()).await;
    let mut narrowed = binding("Eligible", STORAGE, &days(30));
    narrowed["spec"]["azureRole"]["condition"] = json!("@Resource[name] StringEquals 'one'");
    world.apply(&narrowed);
    until_bound(&world).await;
    assert_eq!(
        condition(&world, "Eligible").await,
        "@Resource[name] StringEquals 'one'"
    );
    world.edit("RoleBinding", BINDING, |manifest| {
        manifest["spec"]["azureRole"]["condition"] = json!("@Resource[name] StringEquals 'two'");
    });
    world.pass(Duration::from_secs(10)).await;
    until_bound(&world).await;
    assert_eq!(
        condition(&world, "Eligible").await,
        "@Resource[name] StringEquals 'two'"
    );
    assert_eq!(world.writes_within(Duration::from_hours(1)).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_window_that_is_shortened_widens_no_condition_that_the_boundary_asks_for() {
    let world = standing(World::new()).await;
    let one = "@Resource[name] StringEquals 'one'";
    world.edit("AccessBoundary", "payments", |manifest| {
        manifest["spec"]["azureRoles"][1]["condition"] = json!(one);
    });
    let mut narrowed = binding("Active", STORAGE, &days(30));
    narrowed["spec"]["azureRole"]["condition"] = json!(one);
    world.apply(&narrowed);
    until_bound(&world).await;
    let month = end(&world, "Active").await;
    world.pass(Duration::from_mins(6)).await;
    world.edit("RoleBinding", BINDING, |manifest| {
        let spec = &mut manifest["spec"];
        spec["azureRole"]
            .as_object_mut()
            .unwrap()
            .remove("condition");
        spec["schedule"] = days(20);
    });
    world
        .until_reason("RoleBinding", BINDING, "BoundaryViolated")
        .await;
    world.pass(Duration::from_mins(6)).await;
    assert!(end(&world, "Active").await < month, "it is shortened");
    assert_eq!(condition(&world, "Active").await, one);
}

#[tokio::test(start_paused = true)]
async fn whoever_may_not_read_what_is_eligible_in_the_directory_is_kept_from_nothing_else() {
    let world = standing(World::new()).await;
    world.fault(
        operation("roleEligibilitySchedules.list"),
        refuse_with(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges",
        ),
    );
    world.apply(&binding("Eligible", STORAGE, &days(30)));
    until_bound(&world).await;
}
