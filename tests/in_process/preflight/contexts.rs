//! Authentication contexts by name and by id.

use std::time::Duration;

use serde_json::{Value, json};

use super::{sign_in_anew, status};
use crate::harness::{NAMESPACE, World};
use crate::story::{self, GROUP};

const READ: &str = "AuthenticationContext.Read.All";
const READ_ACCESS: &str = "Policy.Read.ConditionalAccess";
const CONTEXTS: &str = "/identity/conditionalAccess/authenticationContextClassReferences";
const POLICIES: &str = "/identity/conditionalAccess/policies";

/// A world in which members must satisfy a context to activate, no operator yet.
fn asking_for(context: &Value, permissions: &[&str]) -> World {
    let world = World::new();
    world.permit(permissions, &[]);
    story::apply(&world);
    world.edit("AccessBoundary", "exchange", |manifest| {
        let ways = json!([{"multiFactor": {}}, {"authenticationContext": {"id": "c1"}}]);
        manifest["spec"]["policyFloor"]["activation"]["strongAuthentication"] = ways;
    });
    ask_for(&world, context);
    world
}

fn ask_for(world: &World, context: &Value) {
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        let activation = &mut manifest["spec"]["policy"]["member"]["activation"];
        activation["require"] = json!(["Justification"]);
        activation["authenticationContext"] = context.clone();
    });
}

async fn administer(world: &World, method: &str, path: &str, body: Option<Value>) -> Value {
    world.external_actor().ask(method, path, body).await
}

async fn claim(world: &World) -> Value {
    let group = world.group_id(GROUP).await;
    let rule = "AuthenticationContext_EndUser_Assignment";
    let rule = world.external_actor().rule(&group, "member", rule).await;
    rule["claimValue"].clone()
}

fn asked(world: &World) -> u64 {
    let operations = world.tenant.operations();
    operations
        .get("authenticationContexts.list")
        .copied()
        .unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_display_name_leads_to_the_id_that_is_written() {
    let world = asking_for(
        &json!({"displayName": "strong Authentication"}),
        &[READ, READ_ACCESS],
    );
    world.start();
    world.until_ready(NAMESPACE).await;
    assert_eq!(claim(&world).await, "c1");
    assert_eq!(asked(&world), 1, "one read for the whole tenant");
    assert_eq!(
        world.condition("PrivilegedGroup", GROUP, "ContextUnenforced"),
        None
    );
    world.pass(Duration::from_hours(1)).await;
    assert!(asked(&world) <= 8, "{}", asked(&world));
}

#[tokio::test(start_paused = true)]
async fn a_context_that_does_not_exist_or_is_hidden_is_told_and_nothing_is_granted() {
    for (context, named) in [
        (json!({"displayName": "No such thing"}), "No such thing"),
        (
            json!({"displayName": "Managed device"}),
            "Managed device (c2)",
        ),
        (json!({"id": "c9"}), "c9"),
        (json!({"id": "c2"}), "c2"),
    ] {
        let world = asking_for(&context, &[READ]);
        world.edit("AccessBoundary", "exchange", |manifest| {
            manifest["spec"]["policyFloor"] = json!({"activation": {"maximumDuration": "PT8H"}});
        });
        world.start();
        story::until_group(&world, "ReferenceNotFound").await;
        let message = world.message("PrivilegedGroup", GROUP);
        assert!(message.contains(named), "{message}");
        assert!(
            message.contains("spec.policy.member.activation.authenticationContext"),
            "{message}"
        );
        world.pass(Duration::from_mins(30)).await;
        assert_eq!(world.tenant.counters().writes, 0, "{}", world.summary());
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_of_two_contexts_is_refused_with_both_until_one_is_renamed() {
    let world = asking_for(&json!({"displayName": "Strong authentication"}), &[READ]);
    let twin = |name: &str| Some(json!({"displayName": name, "isAvailable": true}));
    let path = format!("{CONTEXTS}/c7");
    administer(&world, "PATCH", &path, twin("Strong authentication")).await;
    world.start();
    story::until_group(&world, "AmbiguousName").await;
    let message = world.message("PrivilegedGroup", GROUP);
    assert!(message.contains("c1, c7"), "{message}");
    assert!(world.held().is_empty(), "{:?}", world.held());
    administer(&world, "PATCH", &path, twin("Another")).await;
    world.until_ready(NAMESPACE).await;
}

#[tokio::test(start_paused = true)]
async fn contexts_that_may_not_be_read_stop_names_and_let_ids_be() {
    let world = asking_for(&json!({"displayName": "Strong authentication"}), &[]);
    world.start();
    story::until_group(&world, "PermissionDenied").await;
    let message = world.message("PrivilegedGroup", GROUP);
    assert!(message.contains(READ), "{message}");
    assert!(world.held().is_empty(), "{:?}", world.held());
    assert_eq!(asked(&world), 0, "nobody asks in vain");
    world.until_tenant("PermissionDenied").await;
    let missing = &status(&world)["permissions"]["missing"];
    assert!(missing.to_string().contains(READ), "{missing}");
    ask_for(&world, &json!({"id": "c1"}));
    world.until_ready(NAMESPACE).await;
    assert_eq!(claim(&world).await, "c1");
}

#[tokio::test(start_paused = true)]
async fn a_context_that_vanishes_stops_grants_and_takes_nothing_away() {
    let world = asking_for(&json!({"displayName": "Strong authentication"}), &[READ]);
    world.start();
    world.until_ready(NAMESPACE).await;
    let held = world.held();
    administer(&world, "DELETE", &format!("{CONTEXTS}/c1"), None).await;
    story::until_group(&world, "ReferenceNotFound").await;
    story::add_person(&world, "chidi@contoso.com");
    story::remove_person(&world, "amira@contoso.com");
    world
        .until("amira is out", |world| world.held().len() == held.len() - 1)
        .await;
    world.pass(Duration::from_mins(30)).await;
    assert_eq!(world.held().len(), held.len() - 1, "nobody comes in");
}

#[tokio::test(start_paused = true)]
async fn a_context_that_no_policy_enforces_is_warned_of_where_policies_may_be_read() {
    let world = asking_for(&json!({"displayName": "Strong authentication"}), &[READ]);
    let policies = administer(&world, "GET", POLICIES, None).await;
    let path = format!(
        "{POLICIES}/{}",
        policies["value"][0]["id"].as_str().unwrap()
    );
    let switch = |state: &str| Some(json!({"state": state}));
    administer(
        &world,
        "PATCH",
        &path,
        switch("enabledForReportingButNotEnforced"),
    )
    .await;
    world.start();
    world.until_ready(NAMESPACE).await;
    let warns = |world: &World| {
        world
            .condition("PrivilegedGroup", GROUP, "ContextUnenforced")
            .is_some()
    };
    assert!(!warns(&world), "what may not be read is not told of");
    world.permit(&[READ, READ_ACCESS], &[]);
    sign_in_anew(&world);
    world.until("the group warns", warns).await;
    assert!(world.is_ready("PrivilegedGroup", GROUP));
    let message = world
        .condition("PrivilegedGroup", GROUP, "ContextUnenforced")
        .unwrap()
        .message;
    assert!(message.contains("Strong authentication (c1)"), "{message}");
    administer(&world, "PATCH", &path, switch("enabled")).await;
    world
        .until("the warning is over", |world| !warns(world))
        .await;
}
