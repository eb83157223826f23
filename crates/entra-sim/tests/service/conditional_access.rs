//! Authentication contexts.

use entra_sim::Profile;
use entra_sim::journal::Effect;
use serde_json::json;

use crate::client::{ideal, tenant};

const PATH: &str = "/identity/conditionalAccess/authenticationContextClassReferences";

#[tokio::test]
async fn contexts_are_read_filtered_created_and_updated() {
    let client = ideal();
    assert_eq!(
        client
            .column(&format!("{PATH}?$filter=isAvailable eq true"), "id")
            .await,
        ["c1"]
    );
    client.get(&format!("{PATH}/c9")).await.expect(404);
    client
        .patch(
            &format!("{PATH}/c9"),
            json!({"displayName": "New", "isAvailable": true}),
        )
        .await
        .expect(204);
    assert_eq!(
        client.get(&format!("{PATH}/c9")).await.body["displayName"],
        "New"
    );
    client
        .patch(&format!("{PATH}/c100"), json!({"displayName": "New"}))
        .await
        .expect(400);
    client.delete(&format!("{PATH}/c9")).await.expect(204);
    let blind = client.permitted(&["RoleManagementPolicy.ReadWrite.AzureADGroup"]);
    assert_eq!(
        (
            blind.get(PATH).await.status,
            blind.get(PATH).await.code().to_owned()
        ),
        (403, "AccessDenied".to_owned())
    );
    client.assert_shapes();
}

const POLICIES: &str = "/identity/conditionalAccess/policies";

#[tokio::test]
async fn policies_are_listed_created_changed_and_deleted() {
    let client = ideal();
    let listed = client.get(POLICIES).await.expect(200).body;
    let seeded = &listed["value"][0];
    let contexts = "/conditions/applications/includeAuthenticationContextClassReferences";
    assert_eq!(seeded["state"], "enabled");
    assert_eq!(seeded.pointer(contexts), Some(&json!(["c1"])));
    let body = json!({
        "displayName": "Managed devices", "state": "enabledForReportingButNotEnforced",
        "conditions": {"applications": {"includeAuthenticationContextClassReferences": ["c2"]}},
    });
    let made = client.post(POLICIES, body).await.expect(201).body;
    let path = format!("{POLICIES}/{}", made["id"].as_str().unwrap());
    let change = json!({"state": "enabled"});
    client.patch(&path, change).await.expect(204);
    let read = client.get(&path).await.body;
    assert_eq!(read["state"], "enabled");
    assert_eq!(
        read.pointer(contexts),
        Some(&json!(["c2"])),
        "the rest stays"
    );
    client.delete(&path).await.expect(204);
    client.get(&path).await.expect(404);
    let nameless = json!({"state": "enabled"});
    client.post(POLICIES, nameless).await.expect(400);
    let blind = client.permitted(&["AuthenticationContext.Read.All"]);
    assert_eq!(blind.get(POLICIES).await.status, 403);
    client.assert_shapes();
}

#[tokio::test]
async fn one_request_a_second_and_no_retry_after() {
    let client = tenant(Profile::Service, &[]);
    client.get(PATH).await.expect(200);
    let second = client.get(PATH).await;
    assert_eq!((second.status, second.header("retry-after")), (429, ""));
    client.seconds(1);
    client.get(PATH).await.expect(200);
}

#[tokio::test]
async fn every_change_of_a_context_is_journalled_and_what_changes_nothing_is_not() {
    let client = ideal();
    let body = json!({"displayName": "New", "isAvailable": true});
    for _ in 0..2 {
        client
            .patch(&format!("{PATH}/c9"), body.clone())
            .await
            .expect(204);
    }
    client.delete(&format!("{PATH}/c9")).await;
    client.delete(&format!("{PATH}/c9")).await;
    let journal = client.simulator.journal();
    let effects = journal.iter().filter(|entry| !entry.method.is_empty());
    let effects: Vec<Effect> = effects
        .flat_map(|entry| entry.effects.iter().map(|one| one.effect.clone()))
        .collect();
    let context = "c9".to_owned();
    assert_eq!(
        effects,
        [
            Effect::AuthenticationContextChanged {
                context: context.clone()
            },
            Effect::AuthenticationContextDeleted { context },
        ]
    );
}
