//! Roles that somebody gave a group beside the manifests: told, left alone, and taken away where the group says so.

use std::time::Duration;

use serde_json::json;

use super::azure::{self, SUBSCRIPTION};
use super::harness::{NAMESPACE, World};
use super::story::{self, GROUP};

/// Ids of the roles Reports Reader and Message Center Reader (learn.microsoft.com: "Microsoft Entra built-in roles").
const REPORTS_READER: &str = "4a5d8f65-41da-4de4-8968-e035b65339cf";
const MESSAGE_CENTER_READER: &str = "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b";

/// Id of the role Reader of Azure (learn.microsoft.com: "Azure built-in roles").
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

/// What the condition of a group says of undeclared access: its status and its message.
pub fn undeclared(world: &World, group: &str) -> (String, String) {
    let condition = world.condition("PrivilegedGroup", group, "UndeclaredAccess");
    condition.map_or_else(Default::default, |one| (one.status, one.message))
}

/// Asks for a look at a group, and waits until it has told so.
pub async fn until_told(world: &World, group: &str, status: &str) -> String {
    let moment = world.clock.time().to_string();
    world.annotate("PrivilegedGroup", group, "entra-pim.dev/resync", &moment);
    let what = format!("UndeclaredAccess is {status}");
    world
        .until(&what, |world| undeclared(world, group).0 == status)
        .await;
    undeclared(world, group).1
}

/// Gives the group of the story two directory roles by hand, one active and one eligible.
async fn give_by_hand(world: &World) -> String {
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let always =
        json!({"action": "adminAssign", "scheduleInfo": {"expiration": {"type": "noExpiration"}}});
    actor
        .request_role("Assignment", &group, REPORTS_READER, always)
        .await;
    let month = json!({"action": "adminAssign", "scheduleInfo": {"expiration": {"type": "afterDuration", "duration": "P30D"}}});
    actor
        .request_role("Eligibility", &group, MESSAGE_CENTER_READER, month)
        .await;
    group
}

#[tokio::test(start_paused = true)]
async fn roles_that_nobody_declares_are_told_once_and_left_alone() {
    let world = story::standing().await;
    assert_eq!(
        until_told(&world, GROUP, "False")
            .await
            .matches("declared")
            .count(),
        1
    );
    let group = give_by_hand(&world).await;
    world.pass(Duration::from_mins(2)).await;
    let writes = world.tenant.counters().writes;
    let told = until_told(&world, GROUP, "True").await;
    for name in ["Reports Reader (", "Message Center Reader (", ", eligible"] {
        assert!(told.contains(name), "{told}");
    }
    assert!(world.is_ready("PrivilegedGroup", GROUP));
    until_told(&world, GROUP, "True").await;
    world.pass(Duration::from_mins(25)).await;
    assert_eq!(world.tenant.counters().writes, writes, "nothing is written");
    assert_eq!(world.notes("UndeclaredAccessFound", GROUP), [told]);
    let actor = world.external_actor();
    assert_eq!(actor.roles(&group).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn roles_that_nobody_declares_go_where_the_group_says_so_and_no_others_do() {
    let world = story::standing().await;
    let group = give_by_hand(&world).await;
    world.pass(Duration::from_mins(2)).await;
    until_told(&world, GROUP, "True").await;
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        manifest["spec"]["undeclared"] = json!({"roles": "Remove"});
    });
    world
        .until("they are gone", |world| {
            undeclared(world, GROUP).0 == "False"
        })
        .await;
    let actor = world.external_actor();
    assert_eq!(actor.eligible_roles(&group).await.len(), 0);
    let held = actor.roles(&group).await;
    let roles: Vec<&str> = held
        .iter()
        .filter_map(|row| row["roleDefinitionId"].as_str())
        .collect();
    assert_eq!(roles, [story::EXCHANGE_ADMINISTRATOR]);
    let events = world.notes("DriftCorrected", GROUP);
    assert!(
        events.iter().any(|note| note.contains("Reports Reader")),
        "{events:?}"
    );
    world.until_ready(NAMESPACE).await;
}

#[tokio::test(start_paused = true)]
async fn azure_roles_at_the_scopes_in_use_are_told_and_go_and_one_that_a_binding_declares_is_spared()
 {
    let world = azure::applied_to(World::new());
    world.edit("PrivilegedGroup", azure::GROUP, |manifest| {
        manifest["spec"]["undeclared"] = json!({"roles": "Report"});
    });
    world.start();
    world.until_ready(NAMESPACE).await;
    let group = world.group_id(azure::GROUP).await;
    let name = "77777777-1111-4111-8111-000000000001";
    let path = format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments/{name}");
    let role = format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{READER}");
    let body = json!({"properties": {"roleDefinitionId": role, "principalId": group, "principalType": "Group"}});
    world
        .external_actor()
        .ask_azure("PUT", &path, Some(body))
        .await;
    let told = until_told(&world, azure::GROUP, "True").await;
    assert!(
        told.contains("Reader (") && told.contains(SUBSCRIPTION),
        "{told}"
    );
    assert!(!told.contains("Key Vault Administrator"), "{told}");
    world.edit("PrivilegedGroup", azure::GROUP, |manifest| {
        manifest["spec"]["undeclared"] = json!({"roles": "Remove"});
    });
    world
        .until("it is gone", |world| {
            undeclared(world, azure::GROUP).0 == "False"
        })
        .await;
    let held = world.held();
    let azure_roles = held.iter().filter(|what| what.starts_with("azure role"));
    assert_eq!(azure_roles.count(), 1, "{held:?}");
}

#[tokio::test(start_paused = true)]
async fn a_binding_that_goes_raises_no_alarm_while_lists_still_show_its_role() {
    let world = World::behaving(&[("roleGrantLag", "30s"), ("roleRemovalLag", "30s")]);
    story::comes_true(&world).await;
    until_told(&world, GROUP, "False").await;
    world.delete("RoleBinding", story::ROLE);
    world.until_gone("RoleBinding", story::ROLE).await;
    until_told(&world, GROUP, "False").await;
    world.pass(Duration::from_mins(12)).await;
    assert_eq!(undeclared(&world, GROUP).0, "False");
    assert_eq!(
        world.notes("UndeclaredAccessFound", GROUP),
        [] as [String; 0]
    );
}

/// Lets somebody be eligible, somebody be a plain member, and somebody activate who is declared, all by hand.
async fn let_people_in_by_hand(world: &World) -> String {
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    actor
        .make_eligible(&group, "dana@contoso.com", "P30D")
        .await;
    let grace = actor.user("grace@contoso.com").await;
    actor.join(&group, "members", &grace).await;
    world.pass(Duration::from_mins(6)).await;
    group
}

#[tokio::test(start_paused = true)]
async fn people_whom_nobody_declares_are_told_by_name_and_left_alone() {
    let world = story::standing().await;
    let before = world.held();
    let_people_in_by_hand(&world).await;
    let told = until_told(&world, GROUP, "True").await;
    for part in [
        "eligible member dana@contoso.com (",
        "plain member grace@contoso.com (",
    ] {
        assert!(told.contains(part), "{told}");
    }
    assert!(world.is_ready("PrivilegedGroup", GROUP));
    assert_eq!(world.notes("UndeclaredAccessFound", GROUP), [told]);
    assert_eq!(world.held().len(), before.len() + 2);
}

#[tokio::test(start_paused = true)]
async fn people_whom_nobody_declares_go_where_the_group_says_so_and_whoever_is_allowed_stays() {
    let world = story::standing().await;
    let before = world.held();
    let_people_in_by_hand(&world).await;
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        manifest["spec"]["undeclared"] = json!({
            "eligible": "Remove", "standing": "Remove",
            "allowed": [{"kind": "User", "name": "grace@contoso.com"}],
        });
    });
    let told = until_told(&world, GROUP, "False").await;
    let held = world.held();
    let come: Vec<&String> = held.difference(&before).collect();
    assert_eq!(come, ["active member grace@contoso.com"], "{told}");
    assert!(before.is_subset(&held), "nobody else goes");
    let events = world.notes("DriftCorrected", GROUP);
    assert!(
        events.iter().any(|note| note.contains("dana@contoso.com")),
        "{events:?}"
    );
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        manifest["spec"]["undeclared"] = json!({"eligible": "Remove", "standing": "Remove"});
    });
    world
        .until("the plain member is gone, too", |world| {
            world.held() == before
        })
        .await;
    world.until_ready(NAMESPACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_group_that_arrives_before_its_binding_in_a_rebuilt_cluster_keeps_its_role() {
    let first = story::standing().await;
    let before = first.held();
    first.kill();
    let world = World::beside(&first);
    story::apply(&world);
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        manifest["spec"]["undeclared"] = json!({"roles": "Remove"});
    });
    let role = world.object("RoleBinding", story::ROLE).unwrap();
    world.delete("RoleBinding", story::ROLE);
    world.start();
    world.pass(Duration::from_mins(3)).await;
    assert_eq!(world.held(), before);
    world.apply(&json!({
        "apiVersion": role["apiVersion"], "kind": role["kind"], "spec": role["spec"],
        "metadata": {"name": story::ROLE, "namespace": NAMESPACE},
    }));
    world.until_ready(NAMESPACE).await;
    world.pass(Duration::from_mins(30)).await;
    assert_eq!(world.held(), before);
    assert_eq!(world.notes("DriftCorrected", GROUP), [] as [String; 0]);
}
