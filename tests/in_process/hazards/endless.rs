//! What the service takes and never does, and what it refuses without end: both are told after replication cannot be the
//! reason any more, and tried ever more seldom.

use std::time::Duration;

use entra_sim::faults::FaultEffect;
use serde_json::json;

use super::{group, holds, time_until};
use crate::harness::{NAMESPACE, World, always, answer, operation, refuse_with};
use crate::story::{self, BREAK_GLASS, GROUP, ROLE};

/// Longer than replication takes.
const LONG: Duration = Duration::from_mins(16);

/// A request that the service knows nothing of when it is asked for it.
const REQUEST: &str = "11111111-0000-4000-8000-000000000001";

const BIND: &str = "roleAssignmentRequests.create";
const GRANT: &str = "pimGroups.eligibilityRequests.create";
const ASSIGN: &str = "pimGroups.assignmentRequests.create";

fn takes_and_forgets() -> FaultEffect {
    answer(201, &json!({"id": REQUEST, "status": "Granted"}))
}

fn is_not_there() -> FaultEffect {
    refuse_with(404, "ResourceNotFound", "The resource is not found.")
}

fn asked(world: &World, what: &str) -> u64 {
    world.tenant.operations().get(what).copied().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn a_role_whose_request_is_taken_and_forgotten_is_sent_ever_more_seldom_and_told() {
    let world = story::applied();
    let faults = world.tenant.faults();
    faults.add(always(operation(BIND), takes_and_forgets()));
    world.start();
    world
        .until_reason("RoleBinding", ROLE, "WaitingForReplication")
        .await;
    world
        .until_reason("RoleBinding", ROLE, "RequestUnfinished")
        .await;
    let message = world.message("RoleBinding", ROLE);
    assert!(
        message.contains(REQUEST) && message.contains("since 20"),
        "{message}"
    );
    let sent = asked(&world, BIND);
    assert!((2..7).contains(&sent), "{sent} in a quarter of an hour");
    world.pass(Duration::from_hours(1)).await;
    let more = asked(&world, BIND) - sent;
    assert!(more < 6, "{more} in an hour");
    assert_eq!(world.notes("RoleAssigned", ROLE), [""; 0], "nobody has it");
    world.tenant.faults().clear();
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.notes("RoleAssigned", ROLE).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_grant_whose_request_is_taken_and_forgotten_is_sent_ever_more_seldom_and_told() {
    let world = story::standing().await;
    let faults = world.tenant.faults();
    faults.add(always(operation(GRANT), takes_and_forgets()));
    let before = asked(&world, GRANT);
    story::add_person(&world, "dana@contoso.com");
    story::until_people(&world, "RequestUnfinished").await;
    let message = world.message("EligibleAssignment", GROUP);
    assert!(
        message.contains("dana@contoso.com") && message.contains(REQUEST),
        "{message}"
    );
    world.pass(Duration::from_hours(1)).await;
    let sent = asked(&world, GRANT) - before;
    assert!((2..12).contains(&sent), "{sent}");
}

#[tokio::test(start_paused = true)]
async fn a_request_for_an_old_group_that_is_never_found_is_told_after_replication_cannot_be_why() {
    let world = story::standing().await;
    world.pass(LONG).await;
    let faults = world.tenant.faults();
    faults.add(always(operation(ASSIGN), is_not_there()));
    let before = asked(&world, ASSIGN);
    world.edit("ActiveAssignment", BREAK_GLASS, |manifest| {
        let people = manifest["spec"]["subjects"].as_array_mut().unwrap();
        people.push(story::person("breakglass2@contoso.com"));
    });
    world
        .until_reason("ActiveAssignment", BREAK_GLASS, "WaitingForReplication")
        .await;
    world
        .until_reason("ActiveAssignment", BREAK_GLASS, "RequestUnfinished")
        .await;
    let said = world.message("ActiveAssignment", BREAK_GLASS);
    for part in [
        "since 20",
        "request_group_assignment",
        "request ",
        "ResourceNotFound",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let sent = asked(&world, ASSIGN) - before;
    assert!(sent < 20, "{sent} while it waited");
    world.pass(Duration::from_hours(2)).await;
    let more = asked(&world, ASSIGN) - before - sent;
    assert!(more < 12, "{more} in two hours");
    world.tenant.faults().clear();
    world.until_ready(NAMESPACE).await;
}

#[tokio::test(start_paused = true)]
async fn somebody_who_is_refused_without_end_delays_nobody_else_of_the_group() {
    let world = story::standing().await;
    let faults = world.tenant.faults();
    faults.add(always(operation(ASSIGN), is_not_there()));
    world.edit("ActiveAssignment", BREAK_GLASS, |manifest| {
        let people = manifest["spec"]["subjects"].as_array_mut().unwrap();
        people.push(story::person("breakglass2@contoso.com"));
    });
    world.pass(LONG).await;
    let dana = "dana@contoso.com";
    story::add_person(&world, dana);
    let granted = time_until(&world, Duration::from_mins(1), |world| holds(world, dana)).await;
    assert!(
        granted.is_some_and(|took| took < Duration::from_secs(5)),
        "{granted:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_row_that_cannot_be_read_fails_only_the_group_that_it_is_about() {
    let world = story::standing().await;
    world.apply(&group("other"));
    world.until_ready(NAMESPACE).await;
    let mut rows = Vec::new();
    for name in [GROUP, "other"] {
        rows.extend(world.external_actor().groups(&world.key(name)).await);
    }
    assert_eq!(rows.len(), 2);
    rows[1]["displayName"] = json!(5);
    let answer = answer(200, &json!({"value": rows}));
    let faults = world.tenant.faults();
    faults.add(always(operation("groups.list"), answer));
    for name in [GROUP, "other"] {
        world.annotate("PrivilegedGroup", name, "entra-pim.dev/resync", "now");
    }
    let about = |world: &World, name| world.condition("PrivilegedGroup", name, "Reconciling");
    world
        .until("the other one cannot be read", |world| {
            about(world, "other").is_some_and(|one| one.reason == "ReadRefused")
        })
        .await;
    world.pass(Duration::from_mins(30)).await;
    assert_eq!(world.reason("PrivilegedGroup", "other"), "ReadRefused");
    let ready = about(&world, GROUP).unwrap();
    assert_eq!(ready.reason, "Succeeded", "{}", world.summary());
}
