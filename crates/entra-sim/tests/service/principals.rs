//! Users, service principals, objects of unknown type, the tenant itself.

use entra_sim::Profile;
use serde_json::{Value, json};

use crate::client::{OPERATOR, OPERATOR_OBJECT, TENANT, ideal, tenant};

#[tokio::test]
async fn users_are_found_by_id_and_by_principal_name() {
    let client = ideal();
    let by_name = client
        .get("/users/JOSE@contoso.com?$select=id,accountEnabled,userType")
        .await;
    assert_eq!(
        (
            by_name.body["accountEnabled"].as_bool(),
            by_name.body["userType"].as_str()
        ),
        (Some(true), Some("Member"))
    );
    let by_id = client.get(&format!("/users/{}", by_name.id())).await;
    assert_eq!(by_id.body["displayName"], "José Ferreira");
    assert!(
        by_id.body.get("accountEnabled").is_none(),
        "not among the default properties"
    );
    let guest = client
        .get("/users/hal_fabrikam.com%23EXT%23@contoso.com?$select=userType")
        .await;
    assert_eq!(guest.body["userType"], "Guest");
    assert_eq!(
        client.get("/users/nobody@contoso.com").await.code(),
        "Request_ResourceNotFound"
    );
    let filtered = client
        .get("/users?$filter=accountEnabled eq false&$select=userPrincipalName")
        .await;
    assert_eq!(filtered.column("userPrincipalName"), ["ivo@contoso.com"]);
    client.assert_shapes();
}

#[tokio::test]
async fn what_nobody_has_set_of_a_user_is_null_or_empty_where_it_is_selected() {
    let client = ideal();
    let path = "/users/hal_fabrikam.com%23EXT%23@contoso.com";
    let select = "ageGroup,city,employeeOrgData,onPremisesImmutableId,otherMails,proxyAddresses,showInAddressList";
    let user = client.get(&format!("{path}?$select={select}")).await;
    let user = user.expect(200).body;
    assert_eq!(user["ageGroup"], Value::Null);
    assert_eq!(user["otherMails"], json!([]));
    assert_eq!(user["proxyAddresses"], json!(["SMTP:hal@fabrikam.com"]));
    let plain = client.get(path).await.expect(200).body;
    assert_eq!(plain.get("city"), None, "only what is selected");
    client
        .get(&format!("{path}/manager"))
        .await
        .is(404, "Request_ResourceNotFound");
    client.assert_shapes();
}

#[tokio::test]
async fn users_are_created_changed_and_deleted() {
    let client = ideal();
    let body = json!({
        "accountEnabled": true, "displayName": "New Person", "mailNickname": "new",
        "userPrincipalName": "new@contoso.com", "passwordProfile": {"password": "not kept"},
    });
    let created = client.post("/users", body.clone()).await.expect(201);
    assert!(
        client
            .post("/users", body.clone())
            .await
            .message()
            .contains("userPrincipalName already exists")
    );
    let mut foreign = body;
    foreign["userPrincipalName"] = json!("new@elsewhere.test");
    assert!(
        client
            .post("/users", foreign)
            .await
            .message()
            .contains("verified domain")
    );
    let path = format!("/users/{}", created.id());
    client
        .patch(&path, json!({"accountEnabled": false}))
        .await
        .expect(204);
    client
        .patch(&path, json!({"userPrincipalName": "renamed@contoso.com"}))
        .await
        .expect(204);
    let read = client
        .get("/users/renamed@contoso.com?$select=accountEnabled,id")
        .await;
    assert_eq!(
        (read.id(), read.body["accountEnabled"].as_bool()),
        (created.id(), Some(false))
    );
    client.delete(&path).await.expect(204);
    client.get(&path).await.expect(404);
    client.assert_shapes();
}

#[tokio::test]
async fn the_permission_for_basic_profiles_hides_the_rest() {
    let client = ideal().permitted(&["User.ReadBasic.All"]);
    let read = client
        .get("/users/jose@contoso.com?$select=displayName,accountEnabled")
        .await;
    assert_eq!(read.body["displayName"], "José Ferreira");
    assert!(read.body["accountEnabled"].is_null());
}

#[tokio::test]
async fn service_principals_are_found_by_id_and_by_application() {
    let client = ideal();
    let by_app = client
        .get(&format!(
            "/servicePrincipals(appId='{OPERATOR}')?$select=id,appId"
        ))
        .await;
    assert_eq!(by_app.id(), OPERATOR_OBJECT);
    let by_id = client
        .get(&format!("/servicePrincipals/{OPERATOR_OBJECT}"))
        .await;
    assert_eq!(by_id.body["displayName"], "entra-pim-operator");
    let filter = "appId eq '00000003-0000-0000-c000-000000000000'";
    let target = format!("/servicePrincipals?$filter={filter}&$select=appRoles");
    let graph = client.get(&target).await;
    let roles = graph.body["value"][0]["appRoles"].as_array().unwrap();
    assert!(roles.iter().any(|role| role["value"] == "Group.Create"));
    client
        .get("/servicePrincipals(appId='99999999-9999-4999-8999-999999999999')")
        .await
        .expect(404);
    client.assert_shapes();
}

#[tokio::test]
async fn the_registration_of_an_application_shows_how_its_secrets_begin_and_no_more_of_them() {
    let client = ideal();
    let by_app = client
        .get(&format!("/applications(appId='{OPERATOR}')"))
        .await;
    assert_ne!(
        by_app.id(),
        OPERATOR_OBJECT,
        "a registration is not the service principal"
    );
    let secret = &by_app.body["passwordCredentials"][0];
    assert_eq!(
        (&secret["hint"], &secret["secretText"]),
        (&json!("con"), &Value::Null)
    );
    let filter =
        format!("/applications?$filter=appId in ('{OPERATOR}')&$select=id,passwordCredentials");
    let found = client.get(&filter).await;
    assert_eq!(
        found.body["value"][0]["passwordCredentials"],
        by_app.body["passwordCredentials"]
    );
    let by_id = client.get(&format!("/applications/{}", by_app.id())).await;
    assert_eq!(by_id.body["displayName"], "entra-pim-operator");
    client
        .get(&format!("/applications/{OPERATOR_OBJECT}"))
        .await
        .expect(404);
    client.assert_shapes();
    let client = ideal().permitted(&["User.Read.All"]);
    client.get("/applications").await.expect(403);
}

#[tokio::test]
async fn many_objects_are_read_at_once_without_the_unknown_ones() {
    let client = ideal();
    let (jose, group) = (client.user("jose").await, client.group("Ops").await);
    let ids = json!([
        jose,
        group,
        OPERATOR_OBJECT,
        "99999999-9999-4999-8999-999999999999"
    ]);
    let all = client
        .post(
            "/directoryObjects/getByIds?$select=id",
            json!({ "ids": ids }),
        )
        .await;
    assert_eq!(all.column("id").len(), 3);
    assert!(
        all.column("displayName").len() == 3,
        "$select is not honoured"
    );
    let some = client
        .post(
            "/directoryObjects/getByIds",
            json!({"ids": ids, "types": ["user", "group"]}),
        )
        .await;
    assert_eq!(some.column("id").len(), 2);
    client
        .post("/directoryObjects/getByIds", json!({"ids": ["x"]}))
        .await
        .expect(400);
    let many: Vec<String> = (0..1001)
        .map(|n| format!("00000000-0000-4000-8000-{n:012}"))
        .collect();
    client
        .post("/directoryObjects/getByIds", json!({ "ids": many }))
        .await
        .expect(400);
    client
        .post(
            "/directoryObjects/getByIds",
            json!({"ids": [], "kinds": []}),
        )
        .await
        .expect(400);
    let one = client.get(&format!("/directoryObjects/{jose}")).await;
    assert_eq!(one.body["@odata.type"], "#microsoft.graph.user");
    client.assert_shapes();
}

#[tokio::test]
async fn the_organization_is_the_tenant() {
    let client = ideal();
    let answer = client
        .get("/organization?$select=id,displayName,verifiedDomains,tenantType")
        .await;
    assert_eq!(answer.column("id"), [TENANT]);
    assert_eq!(
        answer.body["value"][0]["verifiedDomains"][0]["name"],
        "contoso.com"
    );
    client.assert_shapes();
}

#[tokio::test]
async fn licences_show_their_plans() {
    for (licence, plans) in [
        ("none", vec![]),
        ("p1", vec!["AAD_PREMIUM"]),
        ("p2", vec!["AAD_PREMIUM", "AAD_PREMIUM_P2"]),
        (
            "governance",
            vec!["AAD_PREMIUM", "Entra_Identity_Governance"],
        ),
    ] {
        let client = tenant(Profile::Ideal, &[("licence", licence)]);
        let answer = client.get("/subscribedSkus").await;
        let shown: Vec<String> = answer.body["value"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|sku| sku["servicePlans"].as_array().unwrap().clone())
            .map(|plan| plan["servicePlanName"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(shown, plans);
        client.assert_shapes();
    }
}
