//! What status says when something fails: each object about itself, and nothing that is not known.

use std::time::Duration;

use memory_cluster::{Interception, Refusal};
use serde_json::json;

use super::harness::{NAMESPACE, World, operation, refuse_with};
use super::story::{self, GROUP, ROLE};

#[tokio::test(start_paused = true)]
async fn what_fails_for_one_object_is_said_of_that_object_alone() {
    let world = story::applied();
    world.fault(
        operation("roleAssignmentRequests.create"),
        refuse_with(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        ),
    );
    world.start();
    world
        .until_reason("RoleBinding", ROLE, "PermissionDenied")
        .await;
    world.pass(Duration::from_mins(1)).await;
    for (kind, name) in world.ours(NAMESPACE) {
        assert_eq!(
            world.is_ready(&kind, &name),
            kind != "RoleBinding",
            "{kind} {name}: {}",
            world.summary()
        );
    }
    world.tenant.faults().clear();
    world.until_ready(NAMESPACE).await;
}

#[tokio::test(start_paused = true)]
async fn without_their_tenant_all_objects_say_so_and_stay() {
    let world = story::standing().await;
    let before = world.held();
    let tenant = world.cluster.get("EntraTenant", None, "contoso").unwrap();
    world
        .cluster
        .delete("EntraTenant", None, "contoso")
        .unwrap();
    for (kind, name) in world.ours(NAMESPACE) {
        if kind != "AccessBoundary" {
            world.until_reason(&kind, &name, "ReferenceNotFound").await;
        }
    }
    world.delete("EligibleAssignment", GROUP);
    world.pass(Duration::from_mins(5)).await;
    let left = world.object("EligibleAssignment", GROUP).unwrap();
    assert!(
        left["metadata"]["deletionTimestamp"].is_string(),
        "what stands in a tenant is kept until it can be taken away there"
    );
    assert_eq!(world.held(), before);
    let deleting = world
        .condition("EligibleAssignment", GROUP, "Deleting")
        .unwrap();
    assert!(
        deleting.message.contains("nothing can be taken away"),
        "{}",
        deleting.message
    );

    world.apply(&json!({
        "apiVersion": tenant["apiVersion"], "kind": "EntraTenant",
        "metadata": {"name": "contoso"}, "spec": tenant["spec"],
    }));
    world.until_gone("EligibleAssignment", GROUP).await;
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.held().len(), before.len() - 3);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_takes_no_status_is_not_asked_again_and_again() {
    let world = story::applied();
    world.cluster.on_write(|target| {
        if target.ends_with("/status") {
            Interception::Refuse(Refusal::forbidden("scripted"))
        } else {
            Interception::Pass
        }
    });
    world.start();
    world.pass(Duration::from_mins(10)).await;
    assert_eq!(world.tenant.counters().writes, 0, "first comes the status");
    let asked = world.tenant.counters().operations;
    assert!(
        asked < 300,
        "{asked} operations: {:#?}",
        world.tenant.operations()
    );
    world.cluster.clear_interceptor();
    world.until_ready(NAMESPACE).await;
}

#[tokio::test(start_paused = true)]
async fn that_a_service_is_slow_to_see_an_activation_is_told_once_and_stands_at_the_role() {
    let world = story::standing().await;
    let advice = |world: &World| {
        let message = world.message("RoleBinding", story::ROLE);
        message.contains("Exchange takes long") && message.starts_with("the tenant matches")
    };
    assert!(
        advice(&world),
        "{}",
        world.message("RoleBinding", story::ROLE)
    );
    world.kill();
    world.start();
    world.pass(Duration::from_hours(2)).await;
    assert_eq!(world.notes("RoleIsSlow", story::ROLE).len(), 1);
    world.delete("EligibleAssignment", story::GROUP);
    world
        .until("nobody activates it any more", |world| !advice(world))
        .await;
    assert!(world.is_ready("RoleBinding", story::ROLE));
}
