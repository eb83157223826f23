//! Groups in the beta version of Graph: what terraform-provider-azuread sends there.

use http::Method;
use serde_json::{Value, json};

use super::client::{Answer, Client, OPERATOR_OBJECT, ideal};

const BETA: &str = "https://graph.microsoft.com/beta";

async fn beta(client: &Client, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let url = format!("{BETA}{path}");
    client.send(method, &url, body).await.unwrap()
}

fn object(id: &str) -> String {
    format!("{BETA}/directoryObjects/{id}")
}

/// A group as the provider creates it.
fn created(owners: &[&str]) -> Value {
    let owners: Vec<String> = owners.iter().map(|id| object(id)).collect();
    json!({
        "@odata.type": "#microsoft.graph.group", "description": null, "displayName": "PAG", "groupTypes": [],
        "isAssignableToRole": true, "mailEnabled": false, "mailNickname": "c9269704-8", "membershipRule": null,
        "owners@odata.bind": owners, "resourceBehaviorOptions": [], "resourceProvisioningOptions": [],
        "securityEnabled": true,
    })
}

#[tokio::test]
async fn a_group_of_terraform_is_created_renamed_back_and_forth_and_deleted_in_beta() {
    let client = ideal();
    let amira = client.user("amira").await;
    let body = created(&[OPERATOR_OBJECT, &amira]);
    let made = beta(&client, Method::POST, "/groups", Some(&body)).await;
    let made = made.expect(201);
    let context = made.body["@odata.context"].as_str().unwrap();
    assert_eq!(context, format!("{BETA}/$metadata#groups/$entity"));
    let path = format!("/groups/{}", made.id());
    for name in ["TERRAFORM_UPDATE_1", "PAG"] {
        let body = json!({"@odata.type": "#microsoft.graph.group", "displayName": name});
        beta(&client, Method::PATCH, &path, Some(&body))
            .await
            .expect(204);
        let shown = beta(&client, Method::GET, &path, None).await.expect(200);
        assert_eq!(shown.body["displayName"], name);
    }
    let filter = "/groups?$filter=displayName%20eq%20'PAG'";
    let listed = beta(&client, Method::GET, filter, None).await.expect(200);
    assert_eq!(listed.column("id"), [made.id()]);
    beta(&client, Method::DELETE, &path, None).await.expect(204);
    beta(&client, Method::GET, &path, None)
        .await
        .is(404, "Request_ResourceNotFound");
    client.assert_shapes();
}

#[tokio::test]
async fn members_and_owners_are_kept_by_references_of_beta_and_service_principals_are_listed_there()
{
    let client = ideal();
    let (amira, jose) = (client.user("amira").await, client.user("jose").await);
    let body = created(&[OPERATOR_OBJECT, &amira]);
    let made = beta(&client, Method::POST, "/groups", Some(&body)).await;
    let group = made.expect(201).id();
    let path = |rest: &str| format!("/groups/{group}/{rest}");
    let reference = json!({"@odata.id": object(&jose)});
    beta(
        &client,
        Method::POST,
        &path("members/$ref"),
        Some(&reference),
    )
    .await
    .expect(204);
    let list = |what: &'static str| {
        let (client, path) = (&client, path(what));
        async move { beta(client, Method::GET, &path, None).await.expect(200) }
    };
    assert_eq!(list("members").await.column("id"), [jose.as_str()]);
    let mut both = vec![OPERATOR_OBJECT.to_owned(), amira];
    both.sort();
    assert_eq!(list("owners").await.sorted("id"), both);
    let stable = client.get(&format!("/groups/{group}/owners")).await;
    assert_eq!(stable.column("id").len(), 1, "v1.0 leaves it out");
    assert_eq!(list("memberOf").await.column("id").len(), 0);
    let member = path(&format!("members/{jose}/$ref"));
    beta(&client, Method::DELETE, &member, None)
        .await
        .expect(204);
    assert_eq!(list("members").await.column("id").len(), 0);
    client.assert_shapes();
}

#[tokio::test]
async fn the_rest_of_beta_is_not_simulated() {
    let client = ideal();
    let group = client.group("Plain").await;
    for path in [
        "/users",
        "/directoryObjects/x",
        "/groups/delta",
        "/identityGovernance/privilegedAccess/group/resources",
        &format!("/groups/{group}/transitiveMembers"),
    ] {
        let answer = beta(&client, Method::GET, path, None).await;
        answer.is(501, "NotImplemented");
        assert!(answer.message().contains(&format!("/beta{path}")));
    }
}

#[tokio::test]
async fn behaviours_of_a_group_are_given_at_its_creation_and_never_again() {
    let client = ideal();
    let mut body = created(&[]);
    body["isAssignableToRole"] = Value::Null;
    body["groupTypes"] = json!(["Unified"]);
    body["mailEnabled"] = json!(true);
    body["resourceBehaviorOptions"] = json!(["WelcomeEmailDisabled"]);
    let made = client.post("/groups", body).await.expect(201);
    assert_eq!(
        made.body["resourceBehaviorOptions"],
        json!(["WelcomeEmailDisabled"])
    );
    let path = format!("/groups/{}", made.id());
    let same = json!({"resourceBehaviorOptions": ["WelcomeEmailDisabled"]});
    client.patch(&path, same).await.expect(204);
    let other = json!({"resourceBehaviorOptions": []});
    client
        .patch(&path, other)
        .await
        .is(400, "Request_BadRequest");
}
