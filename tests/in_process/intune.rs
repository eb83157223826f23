//! Roles of Intune.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::harness::{NAMESPACE, World, manifest, operation, refuse, text};
use super::story::{self, GROUP};

/// All employees of the demo, over whom the help desk has its role.
pub const EMPLOYEES: &str = "1a910b00-1111-4111-8111-1a910b000001";

/// Id of the role Help Desk Operator.
const OPERATOR: &str = "9e0cc482-82df-4ab2-a24c-0c23a3f52e1e";

const ASSIGNMENTS: &str = "/deviceManagement/roleAssignments";

const DESK: &str = "help-desk";

fn binding(role: &str, scope_groups: &[&str]) -> Value {
    let spec = json!({
        "groupRef": {"name": GROUP},
        "intuneRole": {"role": role, "scopeGroups": scope_groups},
        "justification": "The help desk looks after devices",
    });
    manifest("RoleBinding", DESK, &spec)
}

/// The story, whose boundary admits a role over all employees, too, in a tenant that behaves so.
async fn standing(behaviours: &[(&str, &str)]) -> World {
    let world = World::behaving(behaviours);
    story::apply(&world);
    world.edit("AccessBoundary", "exchange", |manifest| {
        manifest["spec"]["intuneRoles"] = json!([{
            "roles": ["Help Desk Operator"], "scopeGroups": [EMPLOYEES.to_uppercase()], "assignments": ["Active"],
        }]);
    });
    world.start();
    world.until_ready(NAMESPACE).await;
    world
}

/// The roles that the tenant's record shows, each with the groups over which it holds.
fn held(world: &World) -> Vec<(String, String)> {
    let holdings = world.tenant.holdings();
    let all = holdings.intune_roles().iter();
    all.map(|(role, _, scope)| (role.clone(), scope.clone()))
        .collect()
}

fn desk_over_employees() -> Vec<(String, String)> {
    vec![(OPERATOR.to_owned(), EMPLOYEES.to_owned())]
}

/// Makes an assignment by hand.
async fn assign_by_hand(world: &World, name: &str, group: &str, role: &str) -> String {
    let role =
        format!("https://graph.microsoft.com/v1.0/deviceManagement/roleDefinitions('{role}')");
    let body = json!({
        "displayName": name, "members": [group], "resourceScopes": [EMPLOYEES], "roleDefinition@odata.bind": role,
    });
    let actor = world.external_actor();
    text(&actor.ask("POST", ASSIGNMENTS, Some(body)).await["id"])
}

/// A group that nobody declares.
async fn other_group(world: &World) -> String {
    let group = json!({
        "displayName": "Others", "mailNickname": "others", "mailEnabled": false, "securityEnabled": true,
    });
    let made = world.external_actor().ask("POST", "/groups", Some(group));
    text(&made.await["id"])
}

async fn until_binding(world: &World, reason: &str) -> String {
    world.until_reason("RoleBinding", DESK, reason).await;
    world.message("RoleBinding", DESK)
}

async fn until_corrected(world: &World) {
    world.forget_events();
    story::resync(world);
    world
        .until("it is corrected", |world| {
            held(world) == desk_over_employees() && !world.notes("DriftCorrected", DESK).is_empty()
        })
        .await;
    until_binding(world, "Succeeded").await;
}

#[tokio::test(start_paused = true)]
async fn a_group_is_given_a_role_over_groups_has_it_restored_and_loses_it_with_the_object() {
    let world = standing(&[]).await;
    world.apply(&binding("help desk operator", &[EMPLOYEES]));
    until_binding(&world, "Succeeded").await;
    assert_eq!(held(&world), desk_over_employees());

    let actor = world.external_actor();
    let one = |rows: Vec<Value>| format!("{ASSIGNMENTS}/{}", text(&rows[0]["id"]));
    let made = one(actor.rows(ASSIGNMENTS).await);
    let group = world.group_id(GROUP).await;
    let another = other_group(&world).await;
    for change in [
        json!({"resourceScopes": [EMPLOYEES, another]}),
        json!({"resourceScopes": [another]}),
        json!({"members": [group, another]}),
        json!({"members": [another]}),
    ] {
        actor.ask("PATCH", &made, Some(change)).await;
        until_corrected(&world).await;
    }
    actor.ask("DELETE", &made, None).await;
    until_corrected(&world).await;

    world.delete("RoleBinding", DESK);
    world.until_gone("RoleBinding", DESK).await;
    assert_eq!(held(&world), []);
    assert_eq!(actor.rows(ASSIGNMENTS).await, [] as [Value; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_assignment_that_somebody_else_made_counts_and_stays() {
    let world = standing(&[]).await;
    let actor = world.external_actor();
    let group = world.group_id(GROUP).await;
    assign_by_hand(&world, "by hand", &group, OPERATOR).await;
    world.apply(&binding("Help Desk Operator", &[EMPLOYEES]));
    until_binding(&world, "Succeeded").await;
    assert_eq!(actor.rows(ASSIGNMENTS).await.len(), 1);
    world.delete("RoleBinding", DESK);
    world.until_gone("RoleBinding", DESK).await;
    assert_eq!(held(&world), desk_over_employees());
}

#[tokio::test(start_paused = true)]
async fn a_role_waits_for_a_second_administrator_and_so_does_its_end() {
    let world = standing(&[("intuneMaa", "true")]).await;
    world.apply(&binding("Help Desk Operator", &[EMPLOYEES]));
    let message = until_binding(&world, "PendingApproval").await;
    assert!(
        message.contains("another administrator must approve"),
        "{message}"
    );
    world.pass(Duration::from_mins(10)).await;
    until_binding(&world, "PendingApproval").await;
    assert_eq!(held(&world), []);
    assert_eq!(world.tenant.approve_in_intune(), 1, "it was asked for once");
    until_binding(&world, "Succeeded").await;
    assert_eq!(held(&world), desk_over_employees());

    world.delete("RoleBinding", DESK);
    until_binding(&world, "PendingApproval").await;
    assert_eq!(world.tenant.approve_in_intune(), 1);
    world.until_gone("RoleBinding", DESK).await;
    assert_eq!(held(&world), []);
}

#[tokio::test(start_paused = true)]
async fn whoever_takes_over_asks_nobody_twice_while_a_request_for_the_same_waits() {
    let world = standing(&[("intuneMaa", "true")]).await;
    world.apply(&binding("Help Desk Operator", &[EMPLOYEES]));
    until_binding(&world, "PendingApproval").await;
    world.kill();
    world.start();
    let message = until_binding(&world, "WaitingForDependency").await;
    assert!(message.contains("undecided request"), "{message}");
    assert_eq!(world.tenant.approve_in_intune(), 1);
    assert_eq!(held(&world), []);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_meant_or_is_not_admitted_is_told_and_nothing_is_given() {
    let world = standing(&[]).await;
    let other = "22222222-0000-4000-8000-000000000000";
    for (role, scope_groups, reason, what) in [
        (
            "Help Desk",
            vec![EMPLOYEES],
            "RoleNotFound",
            "no Intune role is named",
        ),
        (
            "Help Desk Operator",
            vec![EMPLOYEES, other],
            "BoundaryDenied",
            "spec.intuneRoles of AccessBoundary exchange",
        ),
        (
            "School Administrator",
            vec![EMPLOYEES],
            "BoundaryDenied",
            "spec.intuneRoles of AccessBoundary exchange",
        ),
    ] {
        world.apply(&binding(role, &scope_groups));
        let message = until_binding(&world, reason).await;
        assert!(message.contains(what), "{message}");
        assert_eq!(held(&world), []);
        world.delete("RoleBinding", DESK);
        world.until_gone("RoleBinding", DESK).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_without_intune_stops_such_a_binding_and_nobody_is_kept_in_by_it() {
    let world = standing(&[("intuneLicence", "false")]).await;
    world.apply(&binding("Help Desk Operator", &[EMPLOYEES]));
    let message = until_binding(&world, "LicenseMissing").await;
    assert!(message.contains("Intune"), "{message}");
    story::remove_person(&world, "farid@contoso.com");
    world
        .until("he is out", |world| {
            !world.held().contains("eligible member farid@contoso.com")
        })
        .await;
    world.tenant.set_behaviour("intuneLicence", "true").unwrap();
    story::resync(&world);
    until_binding(&world, "Succeeded").await;
}

#[tokio::test(start_paused = true)]
async fn an_equal_assignment_of_somebody_else_hides_neither_drift_nor_the_end_of_ours() {
    let world = standing(&[]).await;
    world.apply(&binding("Help Desk Operator", &[EMPLOYEES]));
    until_binding(&world, "Succeeded").await;
    let group = world.group_id(GROUP).await;
    for number in 0..8 {
        assign_by_hand(&world, &format!("by hand {number}"), &group, OPERATOR).await;
    }
    story::resync(&world);
    world.pass(Duration::from_mins(6)).await;
    world.delete("RoleBinding", DESK);
    world.until_gone("RoleBinding", DESK).await;
    let rows = world.external_actor().rows(ASSIGNMENTS).await;
    let names: Vec<String> = rows.iter().map(|row| text(&row["displayName"])).collect();
    assert_eq!(names.len(), 8, "{names:?}");
    assert!(
        names.iter().all(|name| name.starts_with("by hand")),
        "{names:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_name_of_ours_on_another_role_gives_nobody_that_role() {
    const ROLES_OF_INTUNE: &str = "fb2603eb-3c87-4be3-8b5b-d58a5b4a0bc0";
    let world = standing(&[]).await;
    world.apply(&binding("Help Desk Operator", &[EMPLOYEES]));
    until_binding(&world, "Succeeded").await;
    let actor = world.external_actor();
    let ours = actor.rows(ASSIGNMENTS).await.remove(0);
    let name = text(&ours["displayName"]);
    let path = format!("{ASSIGNMENTS}/{}", text(&ours["id"]));
    actor.ask("DELETE", &path, None).await;
    let another = other_group(&world).await;
    assign_by_hand(&world, &name, &another, ROLES_OF_INTUNE).await;
    until_corrected_beside(&world, ROLES_OF_INTUNE).await;
}

/// Waits until the role is held again, beside one of somebody else.
async fn until_corrected_beside(world: &World, other: &str) {
    let group = world.group_id(GROUP).await;
    story::resync(world);
    let of_group = |world: &World| {
        let holdings = world.tenant.holdings();
        let all = holdings.intune_roles().iter();
        let ours = all.filter(|(_, who, _)| who.to_string() == group);
        ours.map(|(role, ..)| role.clone()).collect::<Vec<_>>()
    };
    world
        .until("it is made again", |world| {
            assert!(!of_group(world).contains(&other.to_owned()));
            of_group(world) == [OPERATOR]
        })
        .await;
    until_binding(world, "Succeeded").await;
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_looked_for_in_vain_is_not_wrong_before_the_roles_are_read_again() {
    let world = standing(&[]).await;
    world.apply(&binding("Help Desk Operator", &[EMPLOYEES]));
    until_binding(&world, "Succeeded").await;
    world.pass(Duration::from_mins(10)).await;
    world.fault(
        operation("intune.roleDefinitions.list"),
        refuse(503, Some(SignedDuration::from_secs(1))),
    );
    let mut other = binding("School Administrator 2", &[EMPLOYEES]);
    other["metadata"]["name"] = json!("other");
    world.apply(&other);
    world
        .until_reason("RoleBinding", "other", "TenantUnreachable")
        .await;
    world.clear_faults();
    world
        .until_reason("RoleBinding", "other", "RoleNotFound")
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_group_that_goes_leaves_a_role_to_the_other_groups_of_the_same_assignment() {
    let world = standing(&[]).await;
    let (group, other) = (world.group_id(GROUP).await, other_group(&world).await);
    let shared = assign_by_hand(&world, "Desks", &group, OPERATOR).await;
    let actor = world.external_actor();
    let path = format!("{ASSIGNMENTS}/{shared}");
    let both = json!({"members": [group, other]});
    actor.ask("PATCH", &path, Some(both)).await;
    world.pass(Duration::from_mins(6)).await;
    world.delete_ours();
    world.until_nothing_is_left().await;
    let left = actor.rows(ASSIGNMENTS).await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0]["members"], json!([other]));
}
