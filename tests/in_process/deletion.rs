//! Deleting: in any order, and never more than what was asked for.

use std::time::Duration;

use memory_cluster::Interception;
use serde_json::json;

use super::harness::{NAMESPACE, World, text};
use super::story::{self, BREAK_GLASS, GROUP, OWNER, ROLE, person};

/// Longer than the service insists on keeping what was just made.
const OLD_ENOUGH: Duration = Duration::from_mins(6);

#[tokio::test(start_paused = true)]
async fn a_group_waits_for_the_objects_that_refer_to_it_and_names_them() {
    let world = story::standing().await;
    let before = world.held();
    world.pass(OLD_ENOUGH).await;
    world.delete("PrivilegedGroup", GROUP);
    story::until_group(&world, "DeletionBlocked").await;
    assert_eq!(world.writes_within(Duration::from_mins(30)).await, 0);
    assert_eq!(world.held(), before);
    let message = world.message("PrivilegedGroup", GROUP);
    for name in [ROLE, OWNER, BREAK_GLASS, GROUP] {
        assert!(message.contains(name), "{name}: {message}");
    }
    assert_eq!(world.notes("DeletionBlocked", GROUP).len(), 1);
    for (kind, name) in world.ours(NAMESPACE) {
        if kind != "PrivilegedGroup" {
            world.delete(&kind, &name);
        }
    }
    world.until_nothing_is_left().await;
    assert!(world.held().is_empty());
}

#[tokio::test(start_paused = true)]
async fn nobody_comes_back_with_a_deleted_group_that_was_put_into_it_without_pim() {
    for pim_takes_them_out in ["true", "false"] {
        let world = World::behaving(&[("changePlainMember", pim_takes_them_out)]);
        story::comes_true(&world).await;
        let actor = world.external_actor();
        let group = actor.group(&world.key(GROUP)).await;
        let applications = actor.rows("/servicePrincipals").await;
        let application = text(&applications[0]["id"]);
        let person = actor.user("chidi@contoso.com").await;
        for list in ["members", "owners"] {
            actor.join(&group, list, &application).await;
        }
        actor.join(&group, "members", &person).await;
        world.pass(OLD_ENOUGH).await;
        world.delete_ours();
        world.until_nothing_is_left().await;
        let path = format!("/directory/deletedItems/{group}/restore");
        actor.ask("POST", &path, None).await;
        for list in ["members", "members/microsoft.graph.servicePrincipal"] {
            let rows = actor.rows(&format!("/groups/{group}/{list}")).await;
            let left: Vec<String> = rows.iter().map(|row| text(&row["id"])).collect();
            assert!(!left.contains(&application), "{list}: {left:?}");
            assert!(!left.contains(&person), "{list}: {left:?}");
        }
        let owning = format!("/groups/{group}/owners/microsoft.graph.servicePrincipal");
        assert!(actor.rows(&owning).await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn any_order_of_deletion_comes_to_the_same_end() {
    let kinds = [
        "PrivilegedGroup",
        "RoleBinding",
        "EligibleAssignment",
        "ActiveAssignment",
    ];
    for first in kinds {
        let world = story::standing().await;
        let (key, ours) = (world.key(GROUP), world.ours(NAMESPACE));
        let (early, late): (Vec<_>, Vec<_>) = ours.into_iter().partition(|(kind, _)| kind == first);
        for (kind, name) in early {
            world.delete(&kind, &name);
        }
        world.pass(Duration::from_secs(20)).await;
        for (kind, name) in late {
            world.delete(&kind, &name);
        }
        world.until_nothing_is_left().await;
        assert!(world.held().is_empty(), "{first}: {:?}", world.held());
        assert_eq!(
            world.external_actor().groups(&key).await.len(),
            0,
            "{first}"
        );
        assert_eq!(
            world.external_actor().deleted_groups(&key).await.len(),
            1,
            "{first}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_no_group_says_so_and_goes_at_once() {
    let world = story::applied();
    world.delete("PrivilegedGroup", GROUP);
    world.start();
    for (kind, name) in world.ours(NAMESPACE) {
        world.until_reason(&kind, &name, "ReferenceNotFound").await;
    }
    world.delete_ours();
    world.pass(Duration::from_secs(5)).await;
    assert_eq!(world.ours(NAMESPACE), []);
    assert_eq!(world.tenant.counters().writes, 0);
}

#[tokio::test(start_paused = true)]
async fn a_person_who_is_taken_out_of_a_manifest_goes_and_nobody_else() {
    let world = story::standing().await;
    world.pass(OLD_ENOUGH).await;
    let before = world.held();
    story::remove_person(&world, "amira@contoso.com");
    world.pass(Duration::from_mins(1)).await;
    let gone: Vec<String> = before.difference(&world.held()).cloned().collect();
    assert_eq!(gone, ["eligible member amira@contoso.com"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_young_is_waited_for_and_then_goes() {
    let world = story::standing().await;
    world.delete("ActiveAssignment", BREAK_GLASS);
    world
        .until_reason("ActiveAssignment", BREAK_GLASS, "TooYoung")
        .await;
    world.pass(Duration::from_mins(4)).await;
    assert!(world.object("ActiveAssignment", BREAK_GLASS).is_some());
    world.pass(Duration::from_mins(2)).await;
    assert!(
        world.object("ActiveAssignment", BREAK_GLASS).is_none(),
        "{}",
        world.summary()
    );
    assert_eq!(world.held().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_paused_group_changes_nothing_until_it_goes_on() {
    let world = story::standing().await;
    let before = world.held();
    world.annotate("PrivilegedGroup", GROUP, "entra-pim.dev/paused", "true");
    story::add_person(&world, "chidi@contoso.com");
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        manifest["spec"]["displayName"] = json!("PAG-Exchange-Paused");
    });
    story::until_group(&world, "Paused").await;
    story::until_people(&world, "Paused").await;
    assert_eq!(world.writes_within(Duration::from_hours(2)).await, 0);
    assert_eq!(world.held(), before);
    world.annotate("PrivilegedGroup", GROUP, "entra-pim.dev/paused", "false");
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.held().len(), before.len() + 1);
}

#[tokio::test(start_paused = true)]
async fn a_group_under_the_key_is_taken_up_again_after_everything_was_lost() {
    let world = story::standing().await;
    let (key, before) = (world.key(GROUP), world.held());
    let group = world.external_actor().group(&key).await;
    let rebuilt = World::beside(&world);
    story::apply(&rebuilt);
    world.kill();
    rebuilt.start();
    assert_eq!(
        rebuilt.writes_within(Duration::from_mins(2)).await,
        0,
        "nothing differs"
    );
    assert!(rebuilt.all_ready(NAMESPACE), "{}", rebuilt.summary());
    assert_eq!(rebuilt.held(), before);
    assert_eq!(rebuilt.external_actor().group(&key).await, group);
}

/// A cluster that was built anew, whose boundary keeps the group that stands from its object.
async fn rebuilt_without_its_group(
    world: &World,
    rules: &str,
    admitted: serde_json::Value,
    reason: &str,
) -> World {
    let rebuilt = World::beside(world);
    story::apply(&rebuilt);
    rebuilt.edit("AccessBoundary", "exchange", |manifest| {
        manifest["spec"][rules] = admitted;
    });
    world.kill();
    rebuilt.start();
    rebuilt.until_reason("PrivilegedGroup", GROUP, reason).await;
    rebuilt
}

#[tokio::test(start_paused = true)]
async fn a_group_that_was_not_taken_up_keeps_everything_when_its_manifest_goes() {
    let obstacles = [
        (
            "groups",
            json!({"namePatterns": ["Other-*"]}),
            "BoundaryDenied",
        ),
        ("directoryRoles", json!([]), "AdoptionRequired"),
    ];
    for (rules, admitted, reason) in obstacles {
        let world = story::standing().await;
        let (key, before) = (world.key(GROUP), world.held());
        let group = world.external_actor().group(&key).await;
        world.pass(OLD_ENOUGH).await;
        let rebuilt = rebuilt_without_its_group(&world, rules, admitted, reason).await;
        let writes = rebuilt.tenant.counters().writes;
        rebuilt.delete("PrivilegedGroup", GROUP);
        rebuilt
            .until_reason("PrivilegedGroup", GROUP, "DeletionBlocked")
            .await;
        for (kind, name) in rebuilt.ours(NAMESPACE) {
            if kind != "PrivilegedGroup" {
                rebuilt.delete(&kind, &name);
            }
        }
        rebuilt.until_nothing_is_left().await;
        rebuilt.pass(OLD_ENOUGH).await;
        assert_eq!(rebuilt.tenant.counters().writes, writes, "{reason}");
        assert_eq!(rebuilt.held(), before, "{reason}");
        assert_eq!(
            rebuilt.external_actor().group(&key).await,
            group,
            "{reason}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn two_groups_under_one_key_stop_and_are_named() {
    let world = story::standing().await;
    let key = world.key(GROUP);
    let group = world.external_actor().group(&key).await;
    let twin = world.external_actor().make_twin(&key).await;
    let rebuilt = World::beside(&world);
    story::apply(&rebuilt);
    world.kill();
    rebuilt.start();
    rebuilt
        .until_reason("PrivilegedGroup", GROUP, "AdoptionConflict")
        .await;
    let message = rebuilt.message("PrivilegedGroup", GROUP);
    assert!(
        message.contains(&group) && message.contains(&twin),
        "{message}"
    );
    assert_eq!(rebuilt.writes_within(Duration::from_hours(1)).await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_has_no_group_is_let_go_however_long_kubernetes_refuses() {
    let world = World::new();
    world.apply(&json!({
        "apiVersion": "entra-pim.dev/v1alpha1", "kind": "EligibleAssignment",
        "metadata": {
            "name": "left-over", "namespace": NAMESPACE, "finalizers": ["entra-pim.dev/cleanup"],
        },
        "spec": {
            "groupRef": {"name": "long-gone"}, "subjects": [person("jose@contoso.com")],
            "schedule": {"expiration": {"afterDuration": "P180D"}},
        },
    }));
    world.start();
    world
        .until_reason("EligibleAssignment", "left-over", "ReferenceNotFound")
        .await;
    world.cluster.on_write(|_| Interception::Disconnect);
    world.delete("EligibleAssignment", "left-over");
    world.pass(Duration::from_hours(1)).await;
    assert_eq!(world.ours(NAMESPACE).len(), 1);
    world.cluster.clear_interceptor();
    world.pass(Duration::from_mins(10)).await;
    assert_eq!(world.ours(NAMESPACE), []);
}
