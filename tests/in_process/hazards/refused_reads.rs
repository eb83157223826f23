//! Reads that the tenant refuses: nobody is told to change a manifest because of them, the cause is named, and it is told
//! once.

use std::time::Duration;

use entra_sim::faults::{FaultEffect, Match, Rule, Traffic};
use serde_json::Value;

use crate::harness::{NAMESPACE, World, always, operation, refuse_with};
use crate::story::{self, GROUP};

fn reads_of(operation: &str, effect: FaultEffect) -> Rule {
    let matches = Match {
        operation: Some(operation.to_owned()),
        traffic: Some(Traffic::Reads),
        ..Match::default()
    };
    always(matches, effect)
}

fn last_error(world: &World, kind: &str, name: &str) -> Value {
    world.object(kind, name).unwrap()["status"]["lastError"].clone()
}

#[tokio::test(start_paused = true)]
async fn a_read_that_is_refused_as_a_bad_request_says_nothing_of_the_manifest() {
    const CODE: &str = "ArgumentNullException";
    let world = story::standing().await;
    let effect = refuse_with(
        400,
        CODE,
        "Value cannot be null. Parameter name: structuredType",
    );
    let lists = reads_of("policyAssignments.list", effect);
    world.tenant.faults().add(lists);
    story::resync(&world);
    let reconciling = |world: &World| world.condition("PrivilegedGroup", GROUP, "Reconciling");
    world
        .until("the refusal is told", |world| {
            reconciling(world).is_some_and(|one| one.reason == "ReadRefused")
        })
        .await;
    assert!(
        world.is_ready("PrivilegedGroup", GROUP),
        "what was seen shortly before still counts"
    );
    let error = last_error(&world, "PrivilegedGroup", GROUP);
    assert_eq!(
        (error["operation"].as_str(), error["code"].as_str()),
        (Some("list_group_policies"), Some(CODE)),
        "whoever wants to know finds the call"
    );
    assert!(error["requestId"].is_string(), "{error}");
    world.pass(Duration::from_hours(2)).await;
    assert_eq!(world.reason("PrivilegedGroup", GROUP), "ReadRefused");
    let stalled = world
        .condition("PrivilegedGroup", GROUP, "Stalled")
        .unwrap();
    assert_eq!(stalled.status, "False", "{}", stalled.message);
    world.tenant.faults().clear();
    world.until_ready(NAMESPACE).await;
    assert_eq!(last_error(&world, "PrivilegedGroup", GROUP), Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_permission_that_a_read_lacks_is_named_whatever_the_token_claims() {
    let world = story::standing().await;
    let before = world.held();
    for who in ["users.*", "servicePrincipals.*", "directoryObjects.*"] {
        let effect = refuse_with(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges.",
        );
        world.tenant.faults().add(reads_of(who, effect));
    }
    story::add_person(&world, "chidi@contoso.com");
    story::until_people(&world, "PermissionDenied").await;
    let message = world.message("EligibleAssignment", GROUP);
    assert!(message.contains("User.Read.All"), "{message}");
    assert_eq!(world.held(), before, "nobody is taken for gone");
    world.tenant.faults().clear();
    world.until_ready(NAMESPACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_refuses_every_token_says_so_itself_and_is_not_asked_for_many() {
    let world = story::standing().await;
    let effect = refuse_with(
        401,
        "InvalidAuthenticationToken",
        "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenCreatedWithOutdatedPolicies",
    );
    world.tenant.faults().add(reads_of("groups.*", effect));
    let tokens = |world: &World| world.tenant.operations().get("token").copied().unwrap_or(0);
    let before = tokens(&world);
    story::resync(&world);
    for place in 0..20 {
        world.apply(&super::group(&format!("g{place}")));
    }
    world.until_tenant("CredentialInvalid").await;
    let message = world.message("EntraTenant", "contoso");
    assert!(
        message.contains("TokenCreatedWithOutdatedPolicies"),
        "{message}"
    );
    world.pass(Duration::from_mins(10)).await;
    let asked = tokens(&world) - before;
    assert!((1..=15).contains(&asked), "{asked}");
    world.tenant.faults().clear();
    world.until_ready(NAMESPACE).await;
    world.until_tenant_ready().await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_once_whatever_becomes_of_the_operator_and_again_when_it_comes_again() {
    let world = story::standing().await;
    let told = |world: &World| world.notes("PermissionDenied", GROUP).len();
    let denied = || {
        reads_of(
            "groups.*",
            refuse_with(403, "Authorization_RequestDenied", "No."),
        )
    };
    world.tenant.faults().add(denied());
    story::until_group(&world, "PermissionDenied").await;
    for _ in 0..5 {
        world.kill();
        world.start();
        world.pass(Duration::from_mins(20)).await;
    }
    assert_eq!(
        told(&world),
        1,
        "{:?}",
        world.notes("PermissionDenied", GROUP)
    );
    world.tenant.faults().clear();
    world.until_ready(NAMESPACE).await;
    world.tenant.faults().add(denied());
    story::until_group(&world, "PermissionDenied").await;
    world.pass(Duration::from_mins(20)).await;
    assert_eq!(told(&world), 2);
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_comes_as_a_bad_request_is_told_as_a_limit() {
    let world = story::standing().await;
    let effect = refuse_with(
        400,
        "Request_BadRequest",
        "Number of RoleAssignments are more than the maximum (100) allowed. paramName: , paramValue: ",
    );
    let requests = operation("pimGroups.eligibilityRequests.create");
    world.fault(requests, effect);
    story::add_person(&world, "dana@contoso.com");
    story::until_people(&world, "QuotaExceeded").await;
    let message = world.message("EligibleAssignment", GROUP);
    assert!(message.contains("(100)"), "{message}");
    world.tenant.faults().clear();
    world.until_ready(NAMESPACE).await;
}
