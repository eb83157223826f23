//! Members and owners: lists, references, bindings.

use entra_sim::Profile;
use serde_json::json;

use crate::client::{OPERATOR_OBJECT, group, group_and_user, ideal, reference, tenant};

#[tokio::test]
async fn members_come_and_go_and_repeats_are_refused_in_words() {
    let (client, id, jose) = group_and_user("Ops", "jose").await;
    client.add(&id, "members", &jose).await.expect(204);
    let again = client.add(&id, "members", &jose).await;
    again.is(400, "Request_BadRequest");
    assert_eq!(
        again.message(),
        "One or more added object references already exist for the following modified properties: 'members'."
    );
    let listed = client.get(&format!("/groups/{id}/members")).await;
    assert_eq!(listed.column("@odata.type"), ["#microsoft.graph.user"]);
    assert_eq!(listed.column("userPrincipalName"), ["jose@contoso.com"]);
    assert!(
        listed.body["value"][0].get("accountEnabled").is_none(),
        "not among the default properties"
    );
    client.remove(&id, "members", &jose).await.expect(204);
    let again = client.remove(&id, "members", &jose).await;
    again.is(404, "Request_ResourceNotFound");
    client.assert_shapes();
}

#[tokio::test]
async fn the_last_user_owner_stays() {
    let client = ideal();
    let id = client.group("Ops").await;
    let (boss, jose) = (client.user("boss").await, client.user("jose").await);
    client.add(&id, "owners", &boss).await;
    client.add(&id, "owners", OPERATOR_OBJECT).await;
    let answer = client.remove(&id, "owners", &boss).await.expect(400);
    assert_eq!(
        answer.message(),
        "The group must have at least one owner, hence this owner cannot be removed."
    );
    client.add(&id, "owners", &jose).await;
    client.remove(&id, "owners", &boss).await.expect(204);
    client
        .remove(&id, "owners", OPERATOR_OBJECT)
        .await
        .expect(204);
}

#[tokio::test]
async fn a_service_principal_may_remain_as_owner_when_the_switch_says_so() {
    let client = tenant(Profile::Ideal, &[("lastUserOwnerStays", "off")]);
    let id = client.group("Ops").await;
    let boss = client.user("boss").await;
    client.add(&id, "owners", &boss).await;
    client.add(&id, "owners", OPERATOR_OBJECT).await;
    client.remove(&id, "owners", &boss).await.expect(204);
    client
        .remove(&id, "owners", OPERATOR_OBJECT)
        .await
        .expect(400);
}

#[tokio::test]
async fn untyped_lists_hide_service_principals_and_typed_ones_show_them() {
    let (client, id, jose) = group_and_user("Ops", "jose").await;
    client.add(&id, "members", &jose).await;
    client.add(&id, "members", OPERATOR_OBJECT).await;
    let untyped = client.get(&format!("/groups/{id}/members")).await;
    assert_eq!(untyped.column("id"), std::slice::from_ref(&jose));
    let typed = client
        .get(&format!(
            "/groups/{id}/members/microsoft.graph.servicePrincipal"
        ))
        .await;
    assert_eq!(typed.column("id"), [OPERATOR_OBJECT]);
    assert!(typed.body["value"][0].get("@odata.type").is_none());
    assert!(
        typed.body["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("#servicePrincipals")
    );
    let users = client
        .get(&format!("/groups/{id}/members/graph.user?$select=id"))
        .await;
    assert_eq!(users.body["value"], json!([{ "id": jose }]));
    assert_eq!(
        client
            .get(&format!("/groups/{id}/members/microsoft.graph.device"))
            .await
            .body["value"],
        json!([])
    );
    client
        .get(&format!("/groups/{id}/members/microsoft.graph.nonsense"))
        .await
        .expect(501);
    client.assert_shapes();
}

#[tokio::test]
async fn untyped_lists_show_everything_when_the_switch_says_so() {
    let client = tenant(Profile::Ideal, &[("servicePrincipalsInLists", "on")]);
    let id = client.group("Ops").await;
    client.add(&id, "members", OPERATOR_OBJECT).await;
    assert_eq!(
        client.column(&format!("/groups/{id}/members"), "id").await,
        [OPERATOR_OBJECT]
    );
}

#[tokio::test]
async fn groups_nest_but_not_in_role_assignable_groups_and_not_as_owners() {
    let client = ideal();
    let (outer, inner) = (client.group("Outer").await, client.group("Inner").await);
    let admins = client.role_assignable("Admins").await;
    let jose = client.user("jose").await;
    client.add(&inner, "members", &jose).await;
    client.add(&outer, "members", &inner).await.expect(204);
    client.add(&outer, "members", &outer).await.expect(400);
    let refused = client.add(&admins, "members", &inner).await;
    assert_eq!(
        (refused.status, refused.message()),
        (
            400,
            "Nesting is currently not supported for groups that can be assigned to a role."
        )
    );
    client.add(&outer, "owners", &inner).await.expect(400);
    let mut all = client
        .column(&format!("/groups/{outer}/transitiveMembers"), "id")
        .await;
    all.sort();
    let mut expected = vec![inner.clone(), jose.clone()];
    expected.sort();
    assert_eq!(all, expected);
    assert_eq!(
        client
            .column(&format!("/groups/{inner}/memberOf"), "id")
            .await,
        [outer]
    );
    let of_jose = client
        .get(&format!("/users/{jose}/memberOf?$select=displayName"))
        .await;
    assert_eq!(of_jose.column("displayName").len(), 2);
    client.assert_shapes();
}

#[tokio::test]
async fn references_must_name_an_existing_object_of_the_collection() {
    let (client, id, jose) = group_and_user("Ops", "jose").await;
    let path = format!("/groups/{id}/members/$ref");
    let unknown = client
        .post(&path, reference("99999999-9999-4999-8999-999999999999"))
        .await;
    unknown.is(404, "Request_ResourceNotFound");
    let wrong = json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/groups/{jose}")});
    client.post(&path, wrong).await.expect(404);
    let right = json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/users('{jose}')")});
    client.post(&path, right).await.expect(204);
    for body in [
        json!({}),
        json!({"@odata.id": "nonsense"}),
        json!({"id": jose}),
    ] {
        assert_eq!(client.post(&path, body.clone()).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn members_are_bound_all_or_none() {
    let client = ideal();
    let id = client.group("Ops").await;
    let bind = |ids: &[&str]| {
        let links: Vec<String> = ids
            .iter()
            .map(|id| format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}"))
            .collect();
        json!({ "members@odata.bind": links })
    };
    let (jose, amira) = (client.user("jose").await, client.user("amira").await);
    let path = format!("/groups/{id}");
    let unknown = "99999999-9999-4999-8999-999999999999";
    let answer = client.patch(&path, bind(&[&jose, unknown])).await;
    answer.is(400, "Request_BadRequest");
    let answer = client.patch(&path, bind(&[&jose, &jose])).await;
    assert_eq!(
        answer.message(),
        "Request contains a property with duplicate values."
    );
    assert!(
        client
            .column(&format!("{path}/members"), "id")
            .await
            .is_empty()
    );
    client
        .patch(&path, bind(&[&jose, &amira]))
        .await
        .expect(204);
    client.patch(&path, bind(&[&jose])).await.expect(400);
    assert_eq!(
        client.column(&format!("{path}/members"), "id").await.len(),
        2
    );
    let many: Vec<String> = (0..21)
        .map(|n| format!("00000000-0000-4000-8000-{n:012}"))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    client.patch(&path, bind(&many)).await.expect(400);
}

#[tokio::test]
async fn a_create_binds_owners_and_members_up_to_twenty() {
    let client = ideal();
    let (jose, boss) = (client.user("jose").await, client.user("boss").await);
    let mut body = group("Bound");
    body["owners@odata.bind"] = json!([format!("https://graph.microsoft.com/v1.0/users/{boss}")]);
    body["members@odata.bind"] = json!([format!(
        "https://graph.microsoft.com/v1.0/directoryObjects/{jose}"
    )]);
    let created = client.post("/groups", body.clone()).await.expect(201);
    let id = created.id();
    assert_eq!(
        client.column(&format!("/groups/{id}/owners"), "id").await,
        std::slice::from_ref(&boss)
    );
    let owned = client.get(&format!("/users/{boss}/ownedObjects")).await;
    assert!(owned.column("displayName").contains(&"Bound".to_owned()));
    body["members@odata.bind"] = json!([
        format!("https://graph.microsoft.com/v1.0/users/{jose}"),
        format!("https://graph.microsoft.com/v1.0/users/{jose}"),
    ]);
    assert!(
        client
            .post("/groups", body)
            .await
            .message()
            .contains("duplicate values")
    );
}

#[tokio::test]
async fn members_of_dynamic_groups_are_not_written() {
    let client = ideal();
    let found = client
        .get("/groups?$filter=displayName eq 'All Employees'")
        .await;
    let id = &found.column("id")[0];
    let jose = client.user("jose").await;
    client.add(id, "members", &jose).await.expect(400);
}

#[tokio::test]
async fn ids_only_are_shown_of_types_the_caller_may_not_read() {
    let (client, id, jose) = group_and_user("Ops", "jose").await;
    client.add(&id, "members", &jose).await;
    let blind = client.permitted(&["GroupMember.Read.All"]);
    let listed = blind.get(&format!("/groups/{id}/members")).await;
    assert_eq!(
        listed.body["value"],
        json!([{"@odata.type": "#microsoft.graph.user", "id": jose}])
    );
}
