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
