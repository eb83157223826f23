//! `$batch`: outcomes of items, dependencies, broken envelopes.

use entra_sim::Profile;
use entra_sim::faults::Rule;
use serde_json::{Value, json};

use crate::client::{Answer, Client, group, ideal, tenant};

async fn batch(client: &Client, requests: Value) -> Answer {
    client
        .post("/$batch", json!({ "requests": requests }))
        .await
}

fn item<'a>(answer: &'a Answer, id: &str) -> &'a Value {
    let responses = answer.body["responses"].as_array().unwrap();
    responses.iter().find(|one| one["id"] == id).unwrap()
}

fn rule(value: Value) -> Rule {
    serde_json::from_value(value).unwrap()
}

#[tokio::test]
async fn items_have_their_own_outcomes() {
    let client = ideal();
    let answer = batch(
        &client,
        json!([
            {"id": "1", "method": "GET", "url": "/groups?$top=1&$select=id"},
            {"id": "2", "method": "GET", "url": "groups/99999999-9999-4999-8999-999999999999"},
            {"id": "3", "method": "POST", "url": "/groups",
                "headers": {"Content-Type": "application/json"}, "body": group("Batched")},
            {"id": "4", "method": "GET", "url": "/nonsense"},
        ]),
    )
    .await
    .expect(200);
    let statuses: Vec<i64> = ["1", "2", "3", "4"]
        .map(|id| item(&answer, id)["status"].as_i64().unwrap())
        .to_vec();
    assert_eq!(statuses, [200, 404, 201, 501]);
    assert!(item(&answer, "1")["body"]["@odata.nextLink"].is_string());
    assert_eq!(
        item(&answer, "2")["body"]["error"]["code"],
        "Request_ResourceNotFound"
    );
    assert!(item(&answer, "3")["headers"]["Location"].is_string());
    let counters = client.simulator.counters();
    assert_eq!(
        (counters.requests, counters.operations, counters.writes),
        (1, 4, 1)
    );
    let journal = client.simulator.journal();
    let batched = journal.iter().filter(|entry| entry.batch.is_some()).count();
    assert_eq!(
        (batched, journal.last().unwrap().operation.as_str()),
        (4, "batch")
    );
}

#[tokio::test]
async fn a_failed_dependency_fails_what_depends_on_it() {
    let client = ideal();
    let jose = client.user("jose").await;
    let id = client.group("Ops").await;
    let add = json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/users/{jose}")});
    let headers = json!({"Content-Type": "application/json"});
    let answer = batch(
        &client,
        json!([
            {"id": "last", "method": "GET", "url": format!("/groups/{id}/members"), "dependsOn": ["add"]},
            {"id": "add", "method": "POST", "url": format!("/groups/{id}/members/$ref"),
                "headers": headers, "body": add},
            {"id": "bad", "method": "GET", "url": "/groups/x"},
            {"id": "after", "method": "DELETE", "url": format!("/groups/{id}"), "dependsOn": ["bad"]},
        ]),
    )
    .await;
    assert_eq!(
        item(&answer, "last")["body"]["value"][0]["id"],
        jose.as_str()
    );
    assert!(item(&answer, "add").get("body").is_none());
    assert_eq!(item(&answer, "after")["status"], 424);
    client.get(&format!("/groups/{id}")).await.expect(200);
}

#[tokio::test]
async fn broken_envelopes_are_refused_as_a_whole() {
    let client = ideal();
    let get = |id: &str| json!({"id": id, "method": "GET", "url": "/groups"});
    let many: Vec<Value> = (0..21).map(|n| get(&n.to_string())).collect();
    for requests in [
        json!(many),
        json!([get("A"), get("a")]),
        json!([{"id": "1", "method": "GET", "url": "/groups", "dependsOn": ["2"]}]),
        json!([
            {"id": "1", "method": "GET", "url": "/groups", "dependsOn": ["2"]},
            {"id": "2", "method": "GET", "url": "/groups", "dependsOn": ["1"]},
        ]),
        json!([{"id": "1", "method": "POST", "url": "/groups", "body": {}}]),
        json!([{"id": "1", "method": "GET", "url": "https://graph.microsoft.com/v1.0/groups"}]),
        json!([{"id": "1", "method": "GET", "url": "/$batch"}]),
        json!([{"id": "1", "method": "GET", "url": "/groups", "dependsOn": "2"}]),
        json!([get("1"), {"id": "2", "method": "GET", "url": "/groups", "dependsOn": [1]}]),
        json!([{"id": "1", "method": "GET", "url": "/groups", "headers": ["x"]}]),
        json!([{"id": "1", "method": "GET", "url": "/groups", "headers": {"x-y": 7}}]),
        json!([{"id": "1", "method": "GET", "url": "/groups", "headers": {"x y": "7"}}]),
        json!([{"method": "GET", "url": "/groups"}]),
        json!([{"id": "1", "url": "/groups"}]),
        json!({}),
    ] {
        let answer = batch(&client, requests.clone()).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, "BadRequest"),
            "{requests}"
        );
    }
    let mut anonymous = client.clone();
    anonymous.token = String::new();
    batch(&anonymous, json!([get("1")])).await.expect(401);
    assert_eq!(client.simulator.counters().operations, 0);
}

#[tokio::test]
async fn an_address_may_stand_in_the_query_of_an_item() {
    let client = ideal();
    let url = "/groups?$filter=description eq 'https://contoso.com/ops'";
    let requests =
        json!([{"id": "1", "method": "GET", "url": url, "dependsOn": null, "headers": null}]);
    let answer = batch(&client, requests).await;
    assert_eq!(item(&answer, "1")["status"], 200, "{answer:?}");
}

#[tokio::test]
async fn faults_strike_single_items() {
    let client = ideal();
    client.simulator.faults().add(rule(json!({
        "match": {"operation": "groups.get"}, "skip": 1, "count": 1,
        "effect": {"status": {"status": 429, "code": "TooManyRequests", "retryAfter": "7s"}},
    })));
    let id = client.group("Ops").await;
    let get = |name: &str| json!({"id": name, "method": "GET", "url": format!("/groups/{id}")});
    let answer = batch(&client, json!([get("1"), get("2"), get("3")])).await;
    let statuses: Vec<i64> = ["1", "2", "3"]
        .map(|id| item(&answer, id)["status"].as_i64().unwrap())
        .to_vec();
    assert_eq!(statuses, [200, 429, 200]);
    assert_eq!(item(&answer, "2")["headers"]["Retry-After"], "7");
}

#[tokio::test]
async fn a_lost_item_loses_the_whole_answer_but_not_the_effects() {
    let client = ideal();
    client.simulator.faults().add(rule(
        json!({"match": {"operation": "groups.create"}, "count": 1, "effect": "dropAfter"}),
    ));
    let headers = json!({"Content-Type": "application/json"});
    let requests = json!({"requests": [
        {"id": "1", "method": "POST", "url": "/groups", "headers": headers, "body": group("Lost")},
        {"id": "2", "method": "POST", "url": "/groups", "headers": headers, "body": group("Also")},
    ]});
    let dropped = client
        .send(http::Method::POST, "/$batch", Some(&requests))
        .await;
    assert!(dropped.is_err());
    assert_eq!(
        client
            .column("/groups?$filter=displayName in ('Lost','Also')", "id")
            .await
            .len(),
        2
    );
}

#[tokio::test]
async fn the_envelope_itself_can_be_struck() {
    let client = ideal();
    client.simulator.faults().add(rule(
        json!({"match": {"operation": "batch"}, "count": 1, "effect": {"status": {"status": 503}}}),
    ));
    let get = json!([{"id": "1", "method": "GET", "url": "/groups"}]);
    batch(&client, get.clone()).await.expect(503);
    batch(&client, get).await.expect(200);
}

#[tokio::test]
async fn answers_come_in_another_order_when_the_switch_says_so() {
    let order = async |value: &str| {
        let client = tenant(Profile::Ideal, &[("shuffleBatch", value)]);
        let requests: Vec<Value> = (0..12)
            .map(|n| json!({"id": n.to_string(), "method": "GET", "url": "/organization"}))
            .collect();
        let answer = batch(&client, json!(requests)).await;
        let responses = answer.body["responses"].as_array().unwrap().clone();
        responses
            .iter()
            .map(|one| one["id"].as_str().unwrap().parse().unwrap())
            .collect::<Vec<u8>>()
    };
    let asked: Vec<u8> = (0..12).collect();
    assert_eq!(order("off").await, asked);
    let mut shuffled = order("on").await;
    assert_ne!(shuffled, asked);
    shuffled.sort_unstable();
    assert_eq!(shuffled, asked);
}

#[tokio::test]
async fn who_is_signed_in_and_what_they_proved_is_said_by_the_envelope_alone() {
    let client = ideal();
    let (group, jose) = (client.group("Ops").await, client.user("jose").await);
    let pim = "/identityGovernance/privilegedAccess/group";
    let ask = |action: &str, length: &str| {
        json!({"action": action, "accessId": "member", "groupId": group, "principalId": jose, "justification": "x",
            "scheduleInfo": {"expiration": {"type": "afterDuration", "duration": length}}})
    };
    let filter =
        format!("scopeId eq '{group}' and scopeType eq 'Group' and roleDefinitionId eq 'member'");
    let found = client
        .get(&format!(
            "/policies/roleManagementPolicyAssignments?$filter={filter}"
        ))
        .await;
    let rule = json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyEnablementRule",
        "id": "Enablement_EndUser_Assignment", "enabledRules": ["MultiFactorAuthentication"]});
    let policy = format!(
        "/policies/roleManagementPolicies/{}",
        found.column("policyId")[0]
    );
    client
        .patch(&policy, json!({"rules": [rule]}))
        .await
        .expect(200);
    let eligible = format!("{pim}/eligibilityScheduleRequests");
    client
        .post(&eligible, ask("adminAssign", "P1D"))
        .await
        .expect(201);
    let signed_in = client.with("x-entra-sim-user", "jose@contoso.com");
    let activate = |proof: &str| {
        json!([{"id": "1", "method": "POST", "url": format!("{pim}/assignmentScheduleRequests"),
            "headers": {"Content-Type": "application/json", "x-entra-sim-authentication": proof},
            "body": ask("selfActivate", "PT1H")}])
    };
    let without = batch(&signed_in, activate("mfa")).await;
    assert_eq!(item(&without, "1")["status"], 400, "{without:?}");
    let proved = signed_in.with("x-entra-sim-authentication", "mfa");
    let with = batch(&proved, activate("")).await;
    assert_eq!(item(&with, "1")["status"], 201, "{with:?}");
}
