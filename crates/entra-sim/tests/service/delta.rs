//! Delta of groups: rounds, removals, tokens.

use entra_sim::Profile;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::client::{Answer, Client, OPERATOR_OBJECT, group_and_user, ideal, tenant};

fn link(answer: &Answer) -> String {
    answer.body["@odata.deltaLink"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer:?}"))
        .to_owned()
}

async fn round(client: &Client, link: &mut String) -> Vec<Value> {
    let answer = client.get(link).await.expect(200);
    *link = self::link(&answer);
    answer.body["value"].as_array().unwrap().clone()
}

#[tokio::test]
async fn rounds_tell_what_changed_and_nothing_else() {
    let (client, id, jose) = group_and_user("Ops", "jose").await;
    let first = client
        .get("/groups/delta?$select=displayName,members,owners")
        .await;
    assert!(first.column("displayName").contains(&"Ops".to_owned()));
    let mut link = link(&first);
    assert!(round(&client, &mut link).await.is_empty());
    client.add(&id, "members", &jose).await;
    let changes = round(&client, &mut link).await;
    let member = json!({"@odata.type": "#microsoft.graph.user", "id": jose});
    let added = json!({"id": id, "displayName": "Ops", "members@delta": [member]});
    assert_eq!(changes, [added]);
    client.remove(&id, "members", &jose).await;
    let changes = round(&client, &mut link).await;
    assert_eq!(
        changes[0]["members@delta"][0]["@removed"],
        json!({"reason": "deleted"})
    );
    client
        .patch(
            &format!("/groups/{id}"),
            json!({"description": "not selected"}),
        )
        .await;
    assert!(round(&client, &mut link).await.is_empty());
    client
        .patch(&format!("/groups/{id}"), json!({"displayName": "Ops 2"}))
        .await;
    let minimal = client.with("Prefer", "return=minimal");
    assert_eq!(
        round(&minimal, &mut link).await,
        [json!({"id": id, "displayName": "Ops 2"})]
    );
    client.assert_shapes();
}

#[tokio::test]
async fn removed_groups_say_whether_they_can_come_back() {
    let client = ideal();
    let id = client.group("Ops").await;
    let mut link = link(&client.get("/groups/delta?$deltatoken=latest").await);
    client.delete(&format!("/groups/{id}")).await;
    assert_eq!(
        round(&client, &mut link).await,
        [json!({"id": id, "@removed": {"reason": "changed"}})]
    );
    client
        .delete(&format!("/directory/deletedItems/{id}"))
        .await;
    assert_eq!(
        round(&client, &mut link).await,
        [json!({"id": id, "@removed": {"reason": "deleted"}})]
    );
}

#[tokio::test]
async fn a_filter_on_ids_narrows_the_stream_and_other_options_are_refused() {
    let client = ideal();
    let (mine, other) = (client.group("Mine").await, client.group("Other").await);
    let mut link = link(
        &client
            .get(&format!(
                "/groups/delta?$deltatoken=latest&$filter=id eq '{mine}'"
            ))
            .await,
    );
    for id in [&mine, &other] {
        client
            .patch(&format!("/groups/{id}"), json!({"description": "x"}))
            .await;
    }
    let changes = round(&client, &mut link).await;
    assert_eq!(
        (changes.len(), changes[0]["id"].as_str()),
        (1, Some(mine.as_str()))
    );
    let many: Vec<String> = (0..51)
        .map(|n| format!("id eq '00000000-0000-4000-8000-{n:012}'"))
        .collect();
    for query in [
        format!("$filter={}", many.join(" or ")),
        "$filter=displayName eq 'x'".to_owned(),
        "$top=3".to_owned(),
    ] {
        client
            .get(&format!("/groups/delta?{query}"))
            .await
            .expect(400);
    }
}

#[tokio::test]
async fn a_token_that_is_too_old_leads_to_a_fresh_start() {
    let client = ideal();
    let old = link(&client.get("/groups/delta").await);
    client.advance(SignedDuration::from_hours(24 * 8));
    let client = client.renewed();
    let answer = client.get(&old).await;
    answer.is(410, "syncStateNotFound");
    client.get(answer.header("location")).await.expect(200);
    client
        .get("/groups/delta?$deltatoken=nonsense")
        .await
        .expect(410);
}

#[tokio::test]
async fn changes_are_seen_late_when_the_switch_says_so() {
    let client = tenant(Profile::Ideal, &[("deltaDelay", "15m")]);
    let id = client.group("Ops").await;
    let mut link = link(&client.get("/groups/delta?$deltatoken=latest").await);
    client
        .patch(&format!("/groups/{id}"), json!({"description": "x"}))
        .await;
    client.advance(SignedDuration::from_mins(14));
    assert!(round(&client, &mut link).await.is_empty());
    client.advance(SignedDuration::from_mins(2));
    assert_eq!(round(&client, &mut link).await.len(), 1);
}

#[tokio::test]
async fn service_principals_and_filtered_latest_follow_their_switches() {
    for (value, expected, status) in [("off", 0, 400), ("on", 1, 200)] {
        let client = tenant(
            Profile::Ideal,
            &[
                ("servicePrincipalsInDelta", value),
                ("deltaLatestWithFilter", value),
            ],
        );
        let id = client.group("Ops").await;
        let mut link = link(&client.get("/groups/delta?$deltatoken=latest").await);
        client.add(&id, "members", OPERATOR_OBJECT).await;
        assert_eq!(round(&client, &mut link).await.len(), expected, "{value}");
        let filtered = client
            .get(&format!(
                "/groups/delta?$deltatoken=latest&$filter=id eq '{id}'"
            ))
            .await;
        assert_eq!(filtered.status, status, "{value}");
    }
}

#[tokio::test]
async fn a_deleted_user_leaves_his_groups_when_he_is_gone_for_good() {
    let (client, id, jose) = group_and_user("Ops", "jose").await;
    client.add(&id, "members", &jose).await;
    let mut link = link(
        &client
            .get("/groups/delta?$deltatoken=latest&$select=members")
            .await,
    );
    client.delete(&format!("/users/{jose}")).await;
    assert!(round(&client, &mut link).await.is_empty());
    client
        .delete(&format!("/directory/deletedItems/{jose}"))
        .await;
    let changes = round(&client, &mut link).await;
    assert_eq!(
        changes[0]["members@delta"][0]["@removed"],
        json!({"reason": "deleted"})
    );
}

#[tokio::test]
async fn a_group_too_young_for_the_first_round_comes_in_a_later_one() {
    let client = tenant(Profile::Ideal, &[("indexDelay", "30s")]);
    let (quiet, changed) = (client.group("Quiet").await, client.group("Changed").await);
    let first = client.get("/groups/delta?$select=displayName").await;
    let mut link = link(&first);
    for id in [&quiet, &changed] {
        assert!(!first.column("id").contains(id));
    }
    let rename = json!({"displayName": "Other"});
    client.patch(&format!("/groups/{changed}"), rename).await;
    let rows = round(&client, &mut link).await;
    assert_eq!(rows, [json!({"id": changed, "displayName": "Other"})]);
    client.seconds(31);
    let rows = round(&client, &mut link).await;
    assert!(rows.contains(&json!({"id": quiet, "displayName": "Quiet"})));
    assert!(round(&client, &mut link).await.is_empty());
}

#[tokio::test]
async fn a_round_tells_the_round_before_once_more_when_the_switch_says_so() {
    let client = tenant(Profile::Ideal, &[("deltaReplays", "on")]);
    let (id, jose) = (client.group("Ops").await, client.user("jose").await);
    let latest = client.get("/groups/delta?$deltatoken=latest&$select=members");
    let mut link = link(&latest.await);
    client.add(&id, "members", &jose).await;
    let first = round(&client, &mut link).await;
    assert_eq!(first[0]["members@delta"][0]["id"], jose.as_str());
    assert_eq!(round(&client, &mut link).await, first);
    assert!(round(&client, &mut link).await.is_empty());
}

#[tokio::test]
async fn a_group_with_many_members_comes_in_slices() {
    let client = tenant(Profile::Ideal, &[("deltaSlice", "2")]);
    let id = client.group("Ops").await;
    let mut people = Vec::new();
    for name in ["amira", "boss", "chidi"] {
        let person = client.user(name).await;
        client.add(&id, "members", &person).await;
        people.push(person);
    }
    let filter = format!("$filter=id eq '{id}'");
    let answer = client
        .get(&format!("/groups/delta?$select=members&{filter}"))
        .await;
    let rows = answer.body["value"].as_array().unwrap();
    let links = rows
        .iter()
        .flat_map(|row| row["members@delta"].as_array().unwrap());
    let mut shown: Vec<&str> = links.map(|link| link["id"].as_str().unwrap()).collect();
    people.sort();
    shown.sort_unstable();
    assert_eq!(
        (rows.len(), shown),
        (2, people.iter().map(String::as_str).collect())
    );
    client.assert_shapes();
}
