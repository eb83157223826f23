//! Buckets, costs, waits.

use entra_sim::Profile;

use crate::client::{Client, group, ideal, tenant};

fn throttled(overrides: &[(&str, &str)]) -> Client {
    let mut all = vec![("throttling", "on")];
    all.extend(overrides);
    tenant(Profile::Ideal, &all)
}

#[tokio::test]
async fn answers_name_their_cost() {
    let client = ideal();
    let id = client.group("Ops").await;
    for (path, cost) in [
        ("/groups".to_owned(), "1"),
        ("/users".to_owned(), "2"),
        ("/users?$select=id".to_owned(), "1"),
        (format!("/groups/{id}/members"), "3"),
        (format!("/groups/{id}/members?$select=id&$top=5"), "1"),
        (format!("/groups/{id}/transitiveMembers"), "5"),
        (format!("/groups/{id}?$expand=members"), "2"),
        ("/subscribedSkus".to_owned(), "3"),
    ] {
        assert_eq!(
            client.get(&path).await.header("x-ms-resource-unit"),
            cost,
            "{path}"
        );
    }
}

#[tokio::test]
async fn units_run_out_and_come_back_after_retry_after() {
    let client = throttled(&[("directoryUnits", "10")]);
    for _ in 0..9 {
        client.get("/groups").await;
    }
    let near = client.get("/groups").await;
    assert_eq!(
        (near.status, near.header("x-ms-throttle-limit-percentage")),
        (200, "1.0")
    );
    let refused = client.get("/groups").await;
    assert_eq!(
        (
            refused.status,
            refused.code(),
            refused.header("retry-after")
        ),
        (429, "TooManyRequests", "1")
    );
    assert_eq!(
        refused.header("x-ms-throttle-information"),
        "ResourceUnitLimitExceeded"
    );
    assert!(
        refused
            .header("x-ms-throttle-scope")
            .starts_with("Tenant_Application/ReadWrite/")
    );
    client.seconds(1);
    client.get("/groups").await.expect(200);
    assert_eq!(client.simulator.counters().throttled, 1);
}

#[tokio::test]
async fn writes_have_a_budget_of_their_own() {
    let client = throttled(&[("directoryWrites", "2")]);
    client.group("A").await;
    client.group("B").await;
    let refused = client.post("/groups", group("C")).await;
    assert_eq!(
        (refused.status, refused.header("x-ms-throttle-information")),
        (429, "WriteLimitExceeded")
    );
    client.get("/groups").await.expect(200);
    assert_eq!(
        client
            .column("/groups?$filter=displayName eq 'C'", "id")
            .await
            .len(),
        0
    );
}

#[tokio::test]
async fn the_pim_and_policy_services_have_buckets_of_their_own() {
    let client = throttled(&[
        ("pimBurst", "2"),
        ("pimRate", "1"),
        ("policyBurst", "1"),
        ("policyRate", "1"),
        ("minimumRetryAfter", "3s"),
    ]);
    let id = client.group("Ops").await;
    let schedules = format!(
        "/identityGovernance/privilegedAccess/group/eligibilitySchedules?$filter=groupId eq '{id}'"
    );
    client.get(&schedules).await.expect(200);
    client.get(&schedules).await.expect(200);
    let refused = client.get(&schedules).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "3"));
    let policies = format!(
        "/policies/roleManagementPolicyAssignments?$filter=scopeId eq '{id}' and scopeType eq 'Group'"
    );
    client.get(&policies).await.expect(200);
    let refused = client.get(&policies).await;
    assert_eq!(
        (refused.status, refused.code(), refused.message()),
        (429, "UnknownError", "Too Many Requests")
    );
    client.get("/groups").await.expect(200);
    client.seconds(3);
    client.get(&schedules).await.expect(200);
}

#[tokio::test]
async fn a_batch_of_policy_reads_is_judged_item_by_item_and_then_as_a_whole() {
    let client = throttled(&[("policyBurst", "10"), ("policyRate", "5")]);
    let id = client.group("Ops").await;
    let url = format!(
        "/policies/roleManagementPolicyAssignments?$filter=scopeId eq '{id}' and scopeType eq 'Group'"
    );
    let requests: Vec<serde_json::Value> = (0..20)
        .map(|n| serde_json::json!({"id": n.to_string(), "method": "GET", "url": url}))
        .collect();
    let body = serde_json::json!({ "requests": requests });
    let answer = client.post("/$batch", body.clone()).await;
    let refused = answer.body["responses"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["status"] == 429);
    assert_eq!(refused.count(), 10);
    let envelope = client.post("/$batch", body).await;
    envelope.is(429, "UnknownError");
    assert!(!envelope.header("retry-after").is_empty());
}

#[tokio::test(start_paused = true)]
async fn latency_is_waited_for_once_a_request() {
    let client = tenant(Profile::Ideal, &[("latency", "100ms")]);
    let start = tokio::time::Instant::now();
    client.get("/groups").await;
    assert_eq!(start.elapsed().as_millis(), 100);
}
