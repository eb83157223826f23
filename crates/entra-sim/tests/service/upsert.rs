//! Creating and updating groups by `uniqueName`.

use entra_sim::Profile;
use serde_json::{Value, json};

use crate::client::{Client, group, ideal, tenant};

const KEY: &str = "/groups(uniqueName='epim-abc')";

fn upserting(client: &Client) -> Client {
    client.with("Prefer", "create-if-missing")
}

fn role_assignable() -> Value {
    let mut body = group("Admins");
    body["isAssignableToRole"] = json!(true);
    body
}

#[tokio::test]
async fn an_upsert_creates_once_and_then_updates() {
    let client = upserting(&ideal());
    let created = client.patch(KEY, group("Ops")).await;
    assert_eq!(
        (created.status, created.body["uniqueName"].as_str()),
        (201, Some("epim-abc"))
    );
    let again = client.patch(KEY, group("Ops renamed")).await;
    assert_eq!((again.status, again.body), (204, Value::Null));
    let read = client.get("/groups/(uniqueName='epim-abc')").await;
    assert_eq!(
        (read.id(), read.body["displayName"].as_str()),
        (created.id(), Some("Ops renamed"))
    );
    client.assert_shapes();
}

#[tokio::test]
async fn without_the_preference_nothing_is_created() {
    let answer = ideal().patch(KEY, group("Ops")).await;
    answer.is(404, "Request_ResourceNotFound");
}

#[tokio::test]
async fn role_assignable_groups_answer_as_the_switch_says() {
    for (value, status) in [("refused-400", 400), ("refused-403", 403), ("allowed", 201)] {
        let client = upserting(&tenant(Profile::Ideal, &[("roleAssignableUpsert", value)]));
        let answer = client.patch(KEY, role_assignable()).await;
        assert_eq!(answer.status, status, "{value}: {answer:?}");
        if status == 400 {
            assert_eq!(
                answer.message(),
                "Value for ArmUniqueName cannot be updated for groups assignable to role."
            );
        }
    }
}

#[tokio::test]
async fn a_unique_name_is_given_once_and_never_to_role_assignable_groups() {
    let client = ideal();
    let id = client.group("Ops").await;
    let path = format!("/groups/{id}");
    client
        .patch(&path, json!({"uniqueName": "one"}))
        .await
        .expect(204);
    client
        .patch(&path, json!({"uniqueName": "one"}))
        .await
        .expect(204);
    client
        .patch(&path, json!({"uniqueName": "two"}))
        .await
        .expect(400);
    let admins = client.role_assignable("Admins").await;
    let answer = client
        .patch(&format!("/groups/{admins}"), json!({"uniqueName": "one"}))
        .await;
    assert!(answer.message().contains("ArmUniqueName"), "{answer:?}");
}

#[tokio::test]
async fn a_deleted_holder_keeps_its_unique_name_as_the_switch_says() {
    for (value, status) in [("on", 400), ("off", 201)] {
        let client = upserting(&tenant(
            Profile::Ideal,
            &[("deletedGroupHoldsUniqueName", value)],
        ));
        let id = client.patch(KEY, group("Ops")).await.id();
        client.delete(&format!("/groups/{id}")).await;
        let answer = client.patch(KEY, group("Ops")).await;
        assert_eq!(answer.status, status, "{value}: {answer:?}");
    }
}

#[tokio::test]
async fn a_key_and_a_body_that_differ_are_refused() {
    let client = upserting(&ideal());
    let mut body = group("Ops");
    body["uniqueName"] = json!("other");
    client.patch(KEY, body).await.expect(400);
    client
        .patch("/groups(uniqueName='a b')", group("Ops"))
        .await
        .expect(400);
}
