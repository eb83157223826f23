//! Administrative units, restricted ones included.

use entra_sim::journal::Effect;
use serde_json::json;

use crate::client::{group, ideal, reference, seeded};

async fn restricted_unit(client: &crate::client::Client) -> String {
    let all = client.get("/directory/administrativeUnits").await;
    let rows = all.body["value"].as_array().unwrap().iter();
    let mut restricted = rows.filter(|row| row["isMemberManagementRestricted"] == true);
    restricted.next().unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_group_is_created_inside_a_unit() {
    let client = ideal();
    let unit = restricted_unit(&client).await;
    let path = format!("/directory/administrativeUnits/{unit}/members");
    let mut body = group("Inside");
    assert_eq!(
        client.post(&path, body.clone()).await.status,
        400,
        "the type must be said"
    );
    body["@odata.type"] = json!("#microsoft.graph.group");
    let created = client.post(&path, body).await.expect(201);
    let of = client
        .get(&format!("/groups/{}/memberOf", created.id()))
        .await;
    assert_eq!(
        of.column("@odata.type"),
        ["#microsoft.graph.administrativeUnit"]
    );
    client.assert_shapes();
}

#[tokio::test]
async fn everything_in_a_restricted_unit_refuses_writes() {
    let client = ideal();
    let unit = restricted_unit(&client).await;
    let id = client.group("Executives").await;
    let jose = client.user("jose").await;
    let members = format!("/directory/administrativeUnits/{unit}/members");
    client
        .post(&format!("{members}/$ref"), reference(&id))
        .await
        .expect(204);
    client
        .post(&format!("{members}/$ref"), reference(&id))
        .await
        .expect(400);
    let path = format!("/groups/{id}");
    assert_eq!(client.get(&path).await.body["isManagementRestricted"], true);
    for answer in [
        client.patch(&path, json!({"description": "x"})).await,
        client.delete(&path).await,
        client.add(&id, "members", &jose).await,
        client.add(&id, "owners", &jose).await,
    ] {
        answer.is(403, "Authorization_RequestDenied");
    }
    client
        .delete(&format!("{members}/{id}/$ref"))
        .await
        .expect(204);
    client
        .patch(&path, json!({"description": "x"}))
        .await
        .expect(204);
    client.assert_shapes();
}

#[tokio::test]
async fn a_restricted_unit_takes_no_group_but_security_groups() {
    let client = ideal();
    let unit = restricted_unit(&client).await;
    let members = format!("/directory/administrativeUnits/{unit}/members");
    let mut unified = group("Everyone");
    unified["mailEnabled"] = json!(true);
    unified["groupTypes"] = json!(["Unified"]);
    let created = client.post("/groups", unified.clone()).await.expect(201);
    unified["@odata.type"] = json!("#microsoft.graph.group");
    unified["mailNickname"] = json!("everyone-inside");
    for refused in [
        client
            .post(&format!("{members}/$ref"), reference(&created.id()))
            .await,
        client.post(&members, unified).await,
    ] {
        refused.is(400, "Request_BadRequest");
    }
    let jose = client.user("jose").await;
    client
        .post(&format!("{members}/$ref"), reference(&jose))
        .await
        .expect(204);
    assert_eq!(client.column(&members, "id").await, [jose]);
}

#[tokio::test]
async fn what_enters_and_leaves_a_unit_is_journalled_and_audited() {
    let client = ideal();
    let unit = restricted_unit(&client).await;
    let members = format!("/directory/administrativeUnits/{unit}/members");
    let mut body = group("Inside");
    body["@odata.type"] = json!("#microsoft.graph.group");
    let created = client.post(&members, body).await.id();
    let added = client.group("Added").await;
    client
        .post(&format!("{members}/$ref"), reference(&added))
        .await;
    client.delete(&format!("{members}/{added}/$ref")).await;
    client.delete(&format!("{members}/{added}/$ref")).await;
    let journal = client.simulator.journal();
    let effects = journal.iter().flat_map(|entry| &entry.effects);
    let told: Vec<(bool, String)> = effects
        .filter_map(|one| match &one.effect {
            Effect::UnitMemberAdded { member, .. } => Some((true, member.to_string())),
            Effect::UnitMemberRemoved { member, .. } => Some((false, member.to_string())),
            _ => None,
        })
        .collect();
    assert_eq!(
        told,
        [(true, created), (true, added.clone()), (false, added)]
    );
    let audits = client
        .get("/auditLogs/directoryAudits?$filter=category eq 'AdministrativeUnit'")
        .await;
    assert_eq!(
        audits.sorted("activityDisplayName"),
        [
            "Add member to administrative unit",
            "Add member to administrative unit",
            "Remove member from administrative unit"
        ]
    );
    client.assert_shapes();
}

#[tokio::test]
async fn who_is_gone_for_good_is_journalled_as_gone_from_his_units() {
    let client = seeded(
        "tenant: {id: 11111111-1111-4111-8111-111111111111, displayName: Contoso, domains: [contoso.com]}
applications:
  - {clientId: 22222222-2222-4222-8222-222222222222, displayName: operator, permissions: all}
users: [{displayName: Jose, userPrincipalName: jose@contoso.com}]
administrativeUnits: [{displayName: Branch, members: [jose@contoso.com]}]
",
    );
    let jose = client.user("jose").await;
    client.delete(&format!("/users/{jose}")).await;
    client
        .delete(&format!("/directory/deletedItems/{jose}"))
        .await;
    let entry = client.simulator.journal().pop().unwrap();
    let left = entry.effects.iter().any(|one| {
        matches!(&one.effect, Effect::UnitMemberRemoved { member, .. } if member.to_string() == jose)
    });
    assert!(left, "{entry:?}");
}
