//! The boundary: nothing without one, nothing beyond it, and nothing is taken away when it becomes tighter.

use std::time::Duration;

use entra_sim::faults::{FaultEffect, Rule};
use jiff::SignedDuration;
use serde_json::json;

use super::harness::{NAMESPACE, World, always, manifest, operation};
use super::story::{self, EXCHANGE_ADMINISTRATOR, GROUP, OWNER, ROLE};

/// Edits the spec of the boundary of the story.
pub fn edit(world: &World, change: impl FnOnce(&mut serde_json::Value)) {
    world.edit("AccessBoundary", "exchange", |manifest| {
        change(&mut manifest["spec"]);
    });
}

#[tokio::test(start_paused = true)]
async fn without_a_boundary_nothing_happens_in_the_tenant() {
    let world = story::applied();
    world.delete("AccessBoundary", "exchange");
    world.start();
    for (kind, name) in world.ours(NAMESPACE) {
        world.until_reason(&kind, &name, "BoundaryDenied").await;
    }
    world.pass(Duration::from_mins(30)).await;
    assert_eq!(world.tenant.counters().writes, 0, "{}", world.summary());
    assert_eq!(
        world.notes("BoundaryDenied", GROUP).len(),
        2,
        "one for the group, one for its people"
    );
    story::apply(&world);
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.held().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_role_that_the_boundary_does_not_list_is_not_bound() {
    let world = story::applied();
    world.apply(&manifest(
        "RoleBinding",
        "too-much",
        &json!({"groupRef": {"name": GROUP}, "directoryRole": {"role": "Global Administrator"}}),
    ));
    world.start();
    world
        .until_reason("RoleBinding", "too-much", "BoundaryDenied")
        .await;
    world
        .until("the rest ready", |world| {
            world.is_ready("EligibleAssignment", GROUP)
        })
        .await;
    world.pass(Duration::from_mins(15)).await;
    let roles: Vec<String> = world
        .held()
        .into_iter()
        .filter(|what| what.starts_with("role"))
        .collect();
    assert_eq!(roles, [format!("role {EXCHANGE_ADMINISTRATOR} at /")]);
    let authorized = world
        .condition("RoleBinding", "too-much", "Authorized")
        .unwrap();
    assert_eq!(authorized.status, "False");
    assert!(
        authorized.message.contains("Global Administrator"),
        "{}",
        authorized.message
    );
    assert!(world.is_ready("RoleBinding", ROLE));
}

#[tokio::test(start_paused = true)]
async fn people_of_another_organization_are_not_granted() {
    let world = story::applied();
    edit(&world, |spec| {
        spec["subjects"]["userPrincipalNameSuffixes"] = json!(["@fabrikam.com"]);
    });
    world.start();
    story::until_people(&world, "BoundaryDenied").await;
    world.pass(Duration::from_mins(15)).await;
    let held: Vec<String> = world.held().into_iter().collect();
    assert_eq!(held, [format!("role {EXCHANGE_ADMINISTRATOR} at /")]);
    let message = world.message("EligibleAssignment", GROUP);
    assert!(message.contains("userPrincipalNameSuffixes"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn what_a_tighter_boundary_forbids_is_reported_and_stays() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(6)).await;
    let before = world.held();
    edit(&world, |spec| {
        spec["directoryRoles"] = json!([]);
        spec["subjects"]["userPrincipalNameSuffixes"] = json!(["@fabrikam.com"]);
    });
    for (kind, name) in [
        ("RoleBinding", ROLE),
        ("EligibleAssignment", GROUP),
        ("ActiveAssignment", OWNER),
    ] {
        world.until_reason(kind, name, "BoundaryViolated").await;
    }
    assert_eq!(world.writes_within(Duration::from_mins(90)).await, 0);
    assert_eq!(world.held(), before);
}

#[tokio::test(start_paused = true)]
async fn a_tighter_boundary_still_lets_people_be_taken_out() {
    let world = story::standing().await;
    edit(&world, |spec| {
        spec["groups"]["namePatterns"] = json!(["PAG-Other-*"]);
    });
    story::until_group(&world, "BoundaryViolated").await;
    story::edit_people(&world, |people| {
        people.retain(|one| one["name"] == "jose@contoso.com");
        people.push(story::person("chidi@contoso.com"));
    });
    world.pass(Duration::from_mins(1)).await;
    let eligible: Vec<String> = world
        .held()
        .into_iter()
        .filter(|what| what.starts_with("eligible"))
        .collect();
    assert_eq!(
        eligible,
        ["eligible member jose@contoso.com"],
        "taken out, and nobody added"
    );
}

#[tokio::test(start_paused = true)]
async fn a_boundary_that_becomes_tighter_while_a_pass_is_under_way_counts_at_once() {
    let world = story::applied();
    world.tenant.faults().add(Rule {
        skip: 1,
        count: Some(1),
        ..always(
            operation("policies.update"),
            FaultEffect::Delay {
                duration: SignedDuration::from_secs(4),
            },
        )
    });
    world.start();
    let is_policy = |write: &String| write.contains("roleManagementPolicies");
    while !world.line.writes().iter().any(is_policy) {
        world.pass(Duration::from_millis(10)).await;
    }
    edit(&world, |spec| {
        spec["directoryRoles"] = json!([]);
    });
    world
        .until_reason("RoleBinding", ROLE, "BoundaryViolated")
        .await;
    world.pass(Duration::from_mins(5)).await;
    let roles: Vec<String> = world
        .tenant
        .journal()
        .iter()
        .filter(|entry| entry.operation == "roleAssignmentRequests.create")
        .map(|entry| format!("{} {}", entry.at, entry.status))
        .collect();
    assert_eq!(
        roles,
        Vec::<String>::new(),
        "no role is given by limits that hold no more"
    );
}
