//! In which groups an object is, as Azure CLI asks for it.

use serde_json::{Value, json};

use super::client::{Answer, Client, group_and_user, ideal};

async fn check(client: &Client, object: &str, groups: &[&str]) -> Answer {
    let path = format!("/{object}/checkMemberGroups");
    client.post(&path, json!({"groupIds": groups})).await
}

async fn held(client: &Client, object: &str, security_only: bool) -> Answer {
    let path = format!("/{object}/getMemberGroups");
    let body = json!({"securityEnabledOnly": security_only});
    client.post(&path, body).await
}

fn ids(answer: Answer) -> Vec<String> {
    serde_json::from_value(answer.expect(200).body["value"].clone()).unwrap()
}

#[tokio::test]
async fn groups_are_told_also_where_another_group_stands_between() {
    let (client, inner, user) = group_and_user("Inner", "jose").await;
    let outer = client.group("Outer").await;
    let beside = client.group("Beside").await;
    client.add(&inner, "members", &user).await.expect(204);
    client.add(&outer, "members", &inner).await.expect(204);
    let asked = [outer.as_str(), beside.as_str(), inner.as_str()];
    for object in [
        format!("directoryObjects/{user}"),
        format!("users/{user}"),
        "users/jose@contoso.com".to_owned(),
    ] {
        let found = ids(check(&client, &object, &asked).await);
        assert_eq!(found, [outer.clone(), inner.clone()], "{object}");
        let all = ids(held(&client, &object, false).await);
        assert!(
            all.contains(&outer) && all.contains(&inner),
            "{object}: {all:?}"
        );
    }
    for object in [
        format!("groups/{inner}"),
        format!("directoryObjects/{inner}"),
    ] {
        assert_eq!(ids(held(&client, &object, false).await), [outer.as_str()]);
        assert_eq!(ids(check(&client, &object, &asked).await), [outer.as_str()]);
    }
    let answer = held(&client, &format!("groups/{outer}"), false).await;
    assert_eq!(answer.body["value"], json!([]));
    let context = answer.body["@odata.context"].as_str().unwrap();
    assert!(
        context.ends_with("$metadata#Collection(Edm.String)"),
        "{context}"
    );
}

#[tokio::test]
async fn security_groups_alone_are_told_of_people_and_not_of_groups() {
    let (client, group, user) = group_and_user("Security", "emi").await;
    let unified = json!({
        "displayName": "Mail", "mailNickname": "mail", "mailEnabled": true, "securityEnabled": false,
        "groupTypes": ["Unified"],
    });
    let unified = client.post("/groups", unified).await.expect(201).id();
    for one in [&group, &unified] {
        client.add(one, "members", &user).await.expect(204);
    }
    let object = format!("users/{user}");
    assert_eq!(ids(held(&client, &object, true).await), [group.as_str()]);
    assert_eq!(ids(held(&client, &object, false).await).len(), 2);
    let refused = held(&client, &format!("groups/{group}"), true).await;
    refused.is(400, "Request_BadRequest");
}

#[tokio::test]
async fn memberships_of_people_take_a_permission_for_people_and_one_for_groups() {
    let (client, group, user) = group_and_user("Any", "emi").await;
    let object = format!("users/{user}");
    for (permissions, status) in [
        (&["User.Read.All"][..], 403),
        (&["Group.Read.All"], 403),
        (&["User.Read.All", "GroupMember.Read.All"], 200),
        (&["Directory.Read.All"], 200),
    ] {
        let client = client.permitted(permissions);
        check(&client, &object, &[&group]).await.expect(status);
        held(&client, &object, false).await.expect(status);
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let client = ideal();
    let user = client.user("jose").await;
    let object = format!("directoryObjects/{user}");
    let many = vec![user.as_str(); 21];
    check(&client, &object, &many)
        .await
        .is(400, "Request_BadRequest");
    check(&client, &object, &["no id"])
        .await
        .is(400, "Request_BadRequest");
    check(&client, &format!("groups/{user}"), &[])
        .await
        .is(404, "Request_ResourceNotFound");
    let path = format!("/{object}/getMemberGroups");
    let unknown: Value = json!({"securityOnly": true});
    client.post(&path, unknown).await.is(400, "BadRequest");
}
