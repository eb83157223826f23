//! Switches of protocol and directory that no other story tells of.

use entra_sim::Profile;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::client::{OPERATOR_OBJECT, group, tenant};

#[tokio::test]
async fn an_application_becomes_owner_of_what_it_creates_when_the_switch_says_so() {
    let client = tenant(Profile::Ideal, &[("appCreateAddsOwner", "on")]);
    let id = client.group("Mine").await;
    let owners = client
        .get(&format!(
            "/groups/{id}/owners/microsoft.graph.servicePrincipal"
        ))
        .await;
    assert_eq!(owners.column("id"), [OPERATOR_OBJECT]);
}

#[tokio::test]
async fn the_creator_is_shown_when_the_switch_says_so() {
    let client = tenant(Profile::Ideal, &[("showsCreatedByApp", "off")]);
    let created = client.post("/groups", group("X")).await;
    assert!(created.body.get("createdByAppId").is_none());
}

#[tokio::test]
async fn role_assignable_groups_have_a_limit_with_the_answer_of_a_switch() {
    for (answer, status, code) in [
        ("403", 403, "Directory_QuotaExceeded"),
        ("400", 400, "Request_BadRequest"),
    ] {
        let client = tenant(
            Profile::Ideal,
            &[
                ("roleAssignableLimit", "2"),
                ("roleAssignableLimitAnswer", answer),
            ],
        );
        client.role_assignable("One more").await;
        let mut body = group("Too many");
        body["isAssignableToRole"] = json!(true);
        let refused = client.post("/groups", body).await;
        assert_eq!((refused.status, refused.code()), (status, code));
        client.post("/groups", group("Plain")).await.expect(201);
    }
}

#[tokio::test]
async fn without_a_licence_there_are_no_role_assignable_groups() {
    let client = tenant(Profile::Ideal, &[("licence", "none")]);
    let mut body = group("Admins");
    body["isAssignableToRole"] = json!(true);
    assert_eq!(
        client.post("/groups", body).await.code(),
        "AadPremiumLicenseRequired"
    );
}

#[tokio::test]
async fn tokens_live_as_long_as_the_switch_says() {
    let client = tenant(Profile::Ideal, &[("tokenLifetime", "2h")]);
    client.advance(SignedDuration::from_mins(119));
    client.get("/organization").await.expect(200);
    client.advance(SignedDuration::from_mins(2));
    client.get("/organization").await.expect(401);
}

#[tokio::test]
async fn delta_tokens_live_as_long_as_the_switch_says() {
    let client = tenant(Profile::Ideal, &[("deltaTokenLifetime", "10m")]);
    let link = client.get("/groups/delta?$deltatoken=latest").await.body["@odata.deltaLink"]
        .as_str()
        .unwrap()
        .to_owned();
    client.advance(SignedDuration::from_mins(11));
    client.get(&link).await.expect(410);
}

#[tokio::test]
async fn a_switch_can_be_turned_while_the_tenant_runs() {
    let client = tenant(Profile::Ideal, &[]);
    client.simulator.set_behaviour("licence", "P1").unwrap();
    assert_eq!(client.simulator.behaviours()["licence"], "p1");
    assert!(client.simulator.set_behaviour("licence", "gold").is_err());
    let skus = client.get("/subscribedSkus").await;
    assert_eq!(
        skus.body["value"][0]["servicePlans"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn the_dump_names_people_and_groups() {
    let client = tenant(Profile::Ideal, &[]);
    let dump = client.simulator.dump();
    let legacy = dump["groups"]
        .as_array()
        .unwrap()
        .iter()
        .find(|group| group["displayName"] == "PAG-legacy-exchange");
    assert_eq!(legacy.unwrap()["members"], json!(["farid@contoso.com"]));
    assert_eq!(dump["violations"], Value::Array(Vec::new()));
}
