//! Groups: creating, reading, listing, updating.

use serde_json::{Value, json};

use crate::client::{OPERATOR, group, ideal};

#[tokio::test]
async fn a_new_group_shows_its_properties_and_has_no_owner() {
    let client = ideal();
    let mut body = group("PIM Tier 2");
    body["description"] = json!("managed");
    let created = client.post("/groups", body).await.expect(201);
    assert_eq!(
        created.body["@odata.context"],
        "https://graph.microsoft.com/v1.0/$metadata#groups/$entity"
    );
    assert!(created.header("location").contains(&created.id()));
    assert_eq!(created.body["isAssignableToRole"], Value::Null);
    assert_eq!(created.body["createdByAppId"], OPERATOR);
    assert!(
        created.body["securityIdentifier"]
            .as_str()
            .unwrap()
            .starts_with("S-1-12-1-")
    );
    let id = created.id();
    let read = client.get(&format!("/groups/{id}")).await;
    assert_eq!(
        (read.status, read.body["displayName"].as_str()),
        (200, Some("PIM Tier 2"))
    );
    assert!(
        read.body.get("assignedLicenses").is_none(),
        "returned only with $select"
    );
    let owners = client.get(&format!("/groups/{id}/owners")).await;
    assert_eq!(owners.body["value"], json!([]));
    let typed = client
        .get(&format!(
            "/groups/{id}/owners/microsoft.graph.servicePrincipal"
        ))
        .await;
    assert_eq!(typed.body["value"], json!([]));
    client.assert_shapes();
}

#[tokio::test]
async fn names_are_not_unique() {
    let client = ideal();
    let (first, second) = (client.group("Twin").await, client.group("Twin").await);
    assert_ne!(first, second);
    let found = client
        .get("/groups?$filter=displayName eq 'twin'&$select=id")
        .await;
    assert_eq!(found.column("id").len(), 2);
    client.assert_shapes();
}

#[tokio::test]
async fn a_body_that_lacks_or_spoils_a_property_is_refused() {
    let client = ideal();
    for name in [
        "displayName",
        "mailEnabled",
        "mailNickname",
        "securityEnabled",
    ] {
        let mut body = group("X");
        body.as_object_mut().unwrap().remove(name);
        let answer = client.post("/groups", body).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, "Request_BadRequest"),
            "{name}"
        );
        assert!(answer.message().contains(name), "{name}");
    }
    for (name, value) in [
        ("displayName", json!("x".repeat(257))),
        ("displayName", json!("")),
        ("description", json!("")),
        ("mailNickname", json!("a b")),
        ("mailNickname", json!("a@b")),
        ("mailNickname", json!("ä")),
        ("mailNickname", json!("x".repeat(65))),
        ("visibility", json!("Secret")),
        ("groupTypes", json!(["Unheard"])),
        ("mailEnabled", json!(true)),
        ("securityEnabled", json!(false)),
        ("membershipRule", json!("user.x -eq 1")),
        ("displayName", json!(7)),
        ("colour", json!("red")),
        ("id", json!("77777777-7777-4777-8777-777777777777")),
        ("uniqueName", json!("k")),
    ] {
        let mut body = group("X");
        body[name] = value.clone();
        let answer = client.post("/groups", body).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, "Request_BadRequest"),
            "{name} {value}: {answer:?}"
        );
    }
    assert_eq!(client.simulator.counters().writes, 0);
}

#[tokio::test]
async fn role_assignable_groups_are_private_secure_and_static() {
    let client = ideal();
    let id = client.role_assignable("Admins").await;
    let read = client
        .get(&format!(
            "/groups/{id}?$select=isAssignableToRole,visibility"
        ))
        .await;
    assert_eq!(
        (
            read.body["isAssignableToRole"].as_bool(),
            read.body["visibility"].as_str()
        ),
        (Some(true), Some("Private"))
    );
    for (name, value) in [
        ("visibility", json!("Public")),
        ("groupTypes", json!(["DynamicMembership"])),
    ] {
        let mut body = group("Admins");
        body["isAssignableToRole"] = json!(true);
        body[name] = value;
        assert_eq!(client.post("/groups", body).await.status, 400, "{name}");
    }
    let answer = client
        .patch(
            &format!("/groups/{id}"),
            json!({"isAssignableToRole": false}),
        )
        .await
        .expect(400);
    assert!(answer.message().contains("isAssignableToRole"));
    let same = client
        .patch(
            &format!("/groups/{id}"),
            json!({"isAssignableToRole": true, "description": "x"}),
        )
        .await;
    assert_eq!(
        same.status, 204,
        "an unchanged immutable property is tolerated"
    );
    client.assert_shapes();
}

#[tokio::test]
async fn an_update_keeps_the_rules_of_membership_and_nicknames() {
    let client = ideal();
    let assigned = format!("/groups/{}", client.group("Ops").await);
    for body in [
        json!({"membershipRule": "user.department -eq \"x\""}),
        json!({"membershipRuleProcessingState": "On"}),
    ] {
        client.patch(&assigned, body).await.expect(400);
    }
    client
        .patch(&assigned, json!({"membershipRule": null}))
        .await
        .expect(204);
    let mut dynamic = group("Dynamic");
    dynamic["groupTypes"] = json!(["DynamicMembership"]);
    dynamic["membershipRule"] = json!("user.accountEnabled -eq true");
    dynamic["membershipRuleProcessingState"] = json!("On");
    let dynamic = format!("/groups/{}", client.post("/groups", dynamic).await.id());
    let paused = json!({"membershipRuleProcessingState": "Paused"});
    client.patch(&dynamic, paused).await.expect(204);
    let cleared = json!({"membershipRule": null});
    client.patch(&dynamic, cleared).await.expect(400);
    let unified = |name: &str| {
        let mut body = group(name);
        body["mailEnabled"] = json!(true);
        body["groupTypes"] = json!(["Unified"]);
        body
    };
    client.post("/groups", unified("First")).await;
    let second = format!(
        "/groups/{}",
        client.post("/groups", unified("Second")).await.id()
    );
    client
        .patch(&second, json!({"mailNickname": "first"}))
        .await
        .expect(400);
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_notes_only_what_differs() {
    let client = ideal();
    let id = client.group("Ops").await;
    let path = format!("/groups/{id}");
    let answer = client
        .patch(&path, json!({"displayName": "Ops", "description": "now"}))
        .await;
    assert_eq!((answer.status, answer.body.clone()), (204, Value::Null));
    let entry = client.simulator.journal().pop().unwrap();
    let effects = serde_json::to_value(&entry.effects).unwrap();
    assert_eq!(effects[0]["properties"], json!(["description"]));
    client.patch(&path, json!({"description": null})).await;
    assert_eq!(client.get(&path).await.body["description"], Value::Null);
    client.patch(&path, json!({"description": null})).await;
    assert!(
        client.simulator.journal().pop().unwrap().effects.is_empty(),
        "nothing changed, nothing happened"
    );
}

#[tokio::test]
async fn unknown_and_malformed_ids_are_told_apart() {
    let client = ideal();
    let id = "99999999-9999-4999-8999-999999999999";
    let answer = client.get(&format!("/groups/{id}")).await;
    answer.is(404, "Request_ResourceNotFound");
    assert!(
        answer
            .message()
            .starts_with(&format!("Resource '{id}' does not exist"))
    );
    let answer = client.get("/groups/not-an-id").await;
    answer.is(400, "Request_BadRequest");
}

#[tokio::test]
async fn synced_groups_refuse_changes() {
    let client = crate::client::seeded(
        "tenant: {id: 11111111-1111-4111-8111-111111111111, displayName: X, domains: [x.test]}
applications: [{clientId: 22222222-2222-4222-8222-222222222222, displayName: a, permissions: all}]
groups: [{id: aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa, displayName: Old, synced: true}]
",
    );
    let path = "/groups/aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
    assert_eq!(client.get(path).await.body["onPremisesSyncEnabled"], true);
    let answer = client.patch(path, json!({"displayName": "New"})).await;
    assert!(
        answer.status == 400 && answer.message().contains("on-premises mastered"),
        "{answer:?}"
    );
    client.delete(path).await.expect(400);
}

#[tokio::test]
async fn lists_filter_sort_select_and_expand() {
    let client = ideal();
    let jose = client.user("jose").await;
    for name in ["List-B", "List-A", "List-C"] {
        client.group(name).await;
    }
    let id = client.role_assignable("List-D").await;
    client.add(&id, "members", &jose).await;
    let names = |answer: crate::client::Answer| answer.column("displayName");
    let some = client
        .get("/groups?$filter=startswith(displayName,'list-') and isAssignableToRole eq true")
        .await;
    assert_eq!(names(some), ["List-D"]);
    let some = client
        .get("/groups?$filter=displayName in ('List-A','List-C')&$select=displayName,id")
        .await;
    assert_eq!(some.sorted("displayName"), ["List-A", "List-C"]);
    let sorted = client
        .get("/groups?$orderby=displayName desc&$select=displayName")
        .await;
    assert_eq!(names(sorted)[..2], ["Platform Team", "PAG-legacy-exchange"]);
    let expanded = client
        .get(&format!(
            "/groups/{id}?$select=id&$expand=members($select=id)"
        ))
        .await;
    assert_eq!(
        expanded.body["members"],
        json!([{"@odata.type": "#microsoft.graph.user", "id": jose}])
    );
    assert!(expanded.body.get("displayName").is_none());
    client.assert_shapes();
}

#[tokio::test]
async fn advanced_queries_need_their_header_and_their_count() {
    let client = ideal();
    for query in [
        "$filter=displayName ne 'x'",
        "$filter=not(displayName eq 'x')",
        "$filter=endswith(mail,'x')",
        "$filter=startswith(displayName,'x')&$orderby=displayName",
        "$search=\"displayName:x\"",
        "$filter=contains(displayName,'x')",
        "$filter=uniqueName eq 'x'",
        "$orderby=description",
    ] {
        let answer = client.get(&format!("/groups?{query}")).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, "Request_UnsupportedQuery"),
            "{query}"
        );
    }
    let advanced = client.eventual();
    let answer = advanced
        .get("/groups?$filter=displayName ne 'x'&$count=true&$orderby=displayName")
        .await
        .expect(200);
    assert_eq!(answer.body["@odata.count"].as_u64(), Some(3));
    let ignored = client.get("/groups?$count=true").await;
    assert!(
        ignored.body.get("@odata.count").is_none(),
        "without the header $count is ignored"
    );
    assert!(
        client
            .get("/groups/$count")
            .await
            .message()
            .contains("$count is not currently supported")
    );
    assert_eq!(advanced.get("/groups/$count").await.body, json!(3));
    advanced
        .get("/groups?$search=\"displayName:x\"&$count=true")
        .await
        .expect(501);
}

#[tokio::test]
async fn outlook_properties_are_not_for_applications() {
    let client = ideal();
    let id = client.group("Ops").await;
    client
        .patch(
            &format!("/groups/{id}"),
            json!({"hideFromOutlookClients": true}),
        )
        .await
        .expect(403);
}

#[tokio::test]
async fn a_signed_in_creator_becomes_owner() {
    let client = ideal().with("x-entra-sim-user", "boss@contoso.com");
    let id = client.group("Mine").await;
    let owners = client.get(&format!("/groups/{id}/owners")).await;
    assert_eq!(owners.column("userPrincipalName"), ["boss@contoso.com"]);
    let nobody = ideal().with("x-entra-sim-user", "nobody@contoso.com");
    nobody.get("/groups").await.expect(401);
}

#[tokio::test]
async fn a_group_is_created_with_at_most_twenty_links() {
    let client = ideal();
    let mut people = Vec::new();
    for number in 0..21 {
        let body = json!({
            "displayName": "Extra", "userPrincipalName": format!("extra{number}@contoso.com"), "mailNickname": "extra",
            "accountEnabled": true, "passwordProfile": {"password": "correct horse battery staple"},
        });
        let id = client.post("/users", body).await.id();
        people.push(format!("https://graph.microsoft.com/v1.0/users/{id}"));
    }
    for (members, status) in [(20, 400), (19, 201)] {
        let mut body = group("Crowd");
        body["owners@odata.bind"] = json!(people[..1]);
        body["members@odata.bind"] = json!(people[1..=members]);
        let answer = client.post("/groups", body).await;
        assert_eq!(answer.status, status, "{answer:?}");
        if status == 400 {
            assert_eq!(
                (answer.code(), answer.message()),
                (
                    "Request_BadRequest",
                    "A resource cannot contain more than 20 link changes"
                )
            );
        }
    }
}
