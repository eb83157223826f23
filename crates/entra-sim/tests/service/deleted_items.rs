//! Deleting, restoring and purging groups and users.

use entra_sim::Profile;
use jiff::SignedDuration;
use serde_json::json;

use crate::client::{group_and_user, ideal, tenant};

#[tokio::test]
async fn a_deleted_group_can_be_found_restored_and_purged() {
    let (client, id, jose) = group_and_user("Gone", "jose").await;
    client.add(&id, "members", &jose).await;
    let path = format!("/groups/{id}");
    client.delete(&path).await.expect(204);
    assert_eq!(
        client.delete(&path).await.code(),
        "Request_ResourceNotFound"
    );
    client.get(&path).await.expect(404);
    let listed = client
        .get("/directory/deletedItems/microsoft.graph.group?$filter=displayName eq 'Gone'")
        .await;
    assert_eq!(listed.column("id"), std::slice::from_ref(&id));
    let item = client.get(&format!("/directory/deletedItems/{id}")).await;
    assert_eq!(item.body["@odata.type"], "#microsoft.graph.group");
    assert_eq!(item.body["securityEnabled"], false, "the known issue");
    assert_eq!(item.body["groupTypes"], json!([]));
    assert!(item.body["deletedDateTime"].is_string());
    let restored = client
        .post(&format!("/directory/deletedItems/{id}/restore"), json!({}))
        .await;
    assert_eq!(
        (restored.status, restored.body["securityEnabled"].as_bool()),
        (200, Some(true)),
        "{restored:?}"
    );
    assert_eq!(
        client.column(&format!("{path}/members"), "id").await,
        [jose]
    );
    client.delete(&path).await;
    client
        .delete(&format!("/directory/deletedItems/{id}"))
        .await
        .expect(204);
    client
        .get(&format!("/directory/deletedItems/{id}"))
        .await
        .expect(404);
    client.assert_shapes();
}

#[tokio::test]
async fn deleted_items_are_listed_by_type_only() {
    let answer = ideal().get("/directory/deletedItems").await;
    assert_eq!(
        (answer.status, answer.code(), answer.message()),
        (
            400,
            "Request_UnsupportedQuery",
            "Searches against this resource are not supported. Only specific instances can be queried."
        )
    );
}

#[tokio::test]
async fn deleted_items_are_purged_when_their_time_is_over() {
    let client = tenant(Profile::Ideal, &[("deletedItemsRetention", "2d")]);
    let id = client.group("Gone").await;
    client.delete(&format!("/groups/{id}")).await;
    client.advance(SignedDuration::from_hours(49));
    let client = client.renewed();
    client
        .get(&format!("/directory/deletedItems/{id}"))
        .await
        .expect(404);
    let clock = client
        .simulator
        .journal()
        .into_iter()
        .find(|entry| entry.operation == "clock")
        .unwrap();
    assert_eq!(
        clock.effects[0].at.to_string(),
        "2026-11-23T08:00:00Z",
        "the effect bears the instant it was due"
    );
}

#[tokio::test]
async fn security_groups_are_gone_at_once_when_the_switch_says_so() {
    let client = tenant(Profile::Ideal, &[("softDeleteSecurityGroups", "off")]);
    let id = client.group("Gone").await;
    client.delete(&format!("/groups/{id}")).await;
    client
        .get(&format!("/directory/deletedItems/{id}"))
        .await
        .expect(404);
}

#[tokio::test]
async fn the_flag_of_a_deleted_group_and_its_members_follow_their_switches() {
    let switches = [
        ("deletedGroupReadsNotSecurityEnabled", "off"),
        ("restoreBringsMembersBack", "off"),
    ];
    let client = tenant(Profile::Ideal, &switches);
    let id = client.group("Gone").await;
    let jose = client.user("jose").await;
    client.add(&id, "members", &jose).await;
    client.delete(&format!("/groups/{id}")).await;
    assert_eq!(
        client
            .get(&format!("/directory/deletedItems/{id}"))
            .await
            .body["securityEnabled"],
        json!(true)
    );
    client
        .post(&format!("/directory/deletedItems/{id}/restore"), json!({}))
        .await;
    assert!(
        client
            .column(&format!("/groups/{id}/members"), "id")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn a_deleted_user_leaves_lists_at_once_and_groups_only_when_purged() {
    let (client, id, jose) = group_and_user("Ops", "jose").await;
    client.add(&id, "members", &jose).await;
    client.delete(&format!("/users/{jose}")).await.expect(204);
    assert!(
        client
            .column(&format!("/groups/{id}/members"), "id")
            .await
            .is_empty()
    );
    assert_eq!(
        client
            .column("/directory/deletedItems/microsoft.graph.user", "id")
            .await,
        std::slice::from_ref(&jose)
    );
    client
        .post(
            &format!("/directory/deletedItems/{jose}/restore"),
            json!({}),
        )
        .await
        .expect(200);
    assert_eq!(
        client.column(&format!("/groups/{id}/members"), "id").await,
        std::slice::from_ref(&jose)
    );
    client.delete(&format!("/users/{jose}")).await;
    client
        .delete(&format!("/directory/deletedItems/{jose}"))
        .await;
    let last = client.simulator.journal().pop().unwrap();
    let effects = serde_json::to_string(&last.effects).unwrap();
    assert!(
        effects.contains("memberRemoved") && effects.contains("userPurged"),
        "{effects}"
    );
    client.assert_shapes();
}
