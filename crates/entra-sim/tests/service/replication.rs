//! What is new is not seen at once.

use entra_sim::Profile;
use serde_json::json;

use crate::client::{Client, group, tenant};

fn slow() -> Client {
    tenant(
        Profile::Ideal,
        &[("replicationDelay", "10s"), ("indexDelay", "15s")],
    )
}

#[tokio::test]
async fn a_young_group_is_unknown_at_first_and_known_at_last() {
    let client = slow();
    let created = client.post("/groups", group("Young")).await;
    let path = format!("/groups/{}", created.id());
    for answer in [
        client.get(&path).await,
        client.patch(&path, json!({"description": "x"})).await,
        client.get(&format!("{path}/members")).await,
        client.delete(&path).await,
    ] {
        answer.is(404, "Request_ResourceNotFound");
    }
    assert!(
        client
            .column("/groups?$filter=displayName eq 'Young'", "id")
            .await
            .is_empty()
    );
    client.seconds(10);
    client.get(&path).await.expect(200);
    client
        .patch(&path, json!({"description": "x"}))
        .await
        .expect(204);
    client.seconds(5);
    assert_eq!(
        client
            .column("/groups?$filter=displayName eq 'Young'", "id")
            .await
            .len(),
        1
    );
}

#[tokio::test]
async fn each_kind_of_call_has_a_delay_of_its_own_that_a_seed_repeats() {
    let delays = async || {
        let client = slow();
        let id = client.post("/groups", group("Young")).await.id();
        let paths = [
            format!("/groups/{id}"),
            format!("/groups/{id}/members"),
            format!("/groups/{id}/owners"),
        ];
        let mut seen = [None; 3];
        for tick in 0..100_i64 {
            for (path, seen) in paths.iter().zip(&mut seen) {
                if seen.is_none() && client.get(path).await.status == 200 {
                    *seen = Some(tick);
                }
            }
            client.advance(jiff::SignedDuration::from_millis(100));
        }
        seen
    };
    let first = delays().await;
    assert!(
        first
            .iter()
            .all(|delay| delay.is_some_and(|delay| delay >= 20)),
        "{first:?}"
    );
    assert!(first[0] != first[1] || first[1] != first[2], "{first:?}");
    assert_eq!(first, delays().await);
}

#[tokio::test]
async fn a_new_member_is_listed_after_a_while_and_exists_at_once() {
    let client = slow();
    let id = client.post("/groups", group("Young")).await.id();
    client.seconds(20);
    let jose = client.user("jose").await;
    client.add(&id, "members", &jose).await.expect(204);
    assert!(
        client
            .column(&format!("/groups/{id}/members"), "id")
            .await
            .is_empty()
    );
    client.add(&id, "members", &jose).await.expect(400);
    client.seconds(10);
    assert_eq!(
        client.column(&format!("/groups/{id}/members"), "id").await,
        [jose]
    );
}

#[tokio::test]
async fn filtered_lists_show_a_change_late_and_everything_else_shows_it_at_once() {
    let client = slow();
    let id = client.group("Old name").await;
    client.seconds(20);
    let path = format!("/groups/{id}");
    let old = "/groups?$filter=displayName eq 'Old name'";
    let new = "/groups?$filter=displayName eq 'New name'";
    let advanced = "/groups?$filter=not(displayName eq 'New name')&$count=true";
    for name in ["Between", "New name"] {
        let body = json!({"displayName": name});
        client.patch(&path, body).await.expect(204);
    }
    assert_eq!(client.get(&path).await.body["displayName"], "New name");
    let all = client.column("/groups", "displayName").await;
    assert!(all.contains(&"New name".to_owned()), "{all:?}");
    assert_eq!(client.column(old, "displayName").await, ["Old name"]);
    assert!(client.column(new, "id").await.is_empty());
    let found = client.eventual().get(advanced).await.column("displayName");
    assert!(found.contains(&"Old name".to_owned()), "{found:?}");
    client.seconds(15);
    assert!(client.column(old, "id").await.is_empty());
    assert_eq!(client.column(new, "id").await, [id]);
}

#[tokio::test]
async fn filtered_lists_show_what_is_deleted_for_a_while() {
    let client = slow();
    let id = client.group("Gone").await;
    client.seconds(20);
    let jose = client.user("jose").await;
    client.delete(&format!("/groups/{id}")).await;
    client.delete(&format!("/users/{jose}")).await;
    let groups = "/groups?$filter=displayName eq 'Gone'";
    let users = "/users?$filter=userPrincipalName eq 'jose@contoso.com'";
    client.get(&format!("/groups/{id}")).await.expect(404);
    assert!(!client.column("/groups", "id").await.contains(&id));
    assert_eq!(client.column(groups, "id").await, [id]);
    assert_eq!(client.column(users, "id").await, [jose]);
    client.seconds(15);
    assert!(client.column(groups, "id").await.is_empty());
    assert!(client.column(users, "id").await.is_empty());
}

#[tokio::test]
async fn a_young_principal_can_not_be_bound_yet() {
    let client = slow();
    let body = json!({
        "accountEnabled": true, "displayName": "N", "mailNickname": "n", "userPrincipalName": "n@contoso.com",
        "passwordProfile": {"password": "x"},
    });
    let user = client.post("/users", body).await.id();
    let mut bound = group("Bound");
    bound["owners@odata.bind"] = json!([format!("https://graph.microsoft.com/v1.0/users/{user}")]);
    let answer = client.post("/groups", bound.clone()).await;
    answer.is(400, "Request_BadRequest");
    client.seconds(10);
    client.post("/groups", bound).await.expect(201);
}

#[tokio::test]
async fn the_alternate_key_is_answered_without_delay() {
    let client = slow().with("Prefer", "create-if-missing");
    client
        .patch("/groups(uniqueName='k')", group("Keyed"))
        .await
        .expect(201);
    client
        .patch("/groups(uniqueName='k')", group("Keyed"))
        .await
        .expect(204);
}

#[tokio::test]
async fn what_the_seed_planted_is_old() {
    let client = tenant(Profile::Service, &[]);
    client.get("/users/jose@contoso.com").await.expect(200);
    assert_eq!(client.column("/groups", "id").await.len(), 3);
}
