//! Buckets of the Resource Manager.

use entra_sim::Profile;
use http::Method;

use super::azure_roles::{PAYMENTS, VAULT, ask, assignment, azure, owner};
use super::client::{Client, ideal, tenant};

const NAME: &str = "ffffffff-0000-4000-8000-000000000001";

fn throttled(overrides: &[(&str, &str)]) -> Client {
    let mut all = vec![("throttling", "on")];
    all.extend(overrides);
    tenant(Profile::Ideal, &all)
}

fn left(of: &str) -> String {
    format!("x-ms-ratelimit-remaining-{of}")
}

#[tokio::test]
async fn every_answer_tells_what_is_left_of_its_budget() {
    let client = azure(&throttled(&[]));
    let assignments = format!("{PAYMENTS}/providers/Microsoft.Authorization/roleAssignments");
    for expected in ["249", "248"] {
        let answer = ask(&client, Method::GET, &assignments, None).await;
        assert_eq!(answer.header(&left("subscription-reads")), expected);
    }
    let of_tenant = ask(&client, Method::GET, "/subscriptions", None).await;
    assert_eq!(of_tenant.header(&left("tenant-reads")), "249");
    assert_eq!(of_tenant.header(&left("subscription-reads")), "");
    let path = assignment(VAULT, NAME);
    let refused = ask(&client, Method::PUT, &path, None).await.expect(400);
    assert_eq!(refused.header(&left("subscription-writes")), "199");
    let gone = ask(&client, Method::DELETE, &path, None).await.expect(204);
    assert_eq!(gone.header(&left("subscription-deletes")), "199");
    let unlimited = azure(&ideal());
    for _ in 0..2 {
        let answer = ask(&unlimited, Method::GET, &assignments, None).await;
        assert_eq!(answer.header(&left("subscription-reads")), "250");
    }
}

#[tokio::test]
async fn an_empty_budget_is_of_one_principal_one_subscription_and_one_kind_of_request() {
    let client = azure(&throttled(&[("azureReads", "1"), ("azureReadRate", "1")]));
    let groups = format!("{PAYMENTS}/resourceGroups");
    ask(&client, Method::GET, &groups, None).await.expect(200);
    let refused = ask(&client, Method::GET, &groups, None).await;
    refused.is(429, "SubscriptionRequestsThrottled");
    assert_eq!(refused.header("retry-after"), "5");
    assert_eq!(refused.header(&left("subscription-reads")), "0");
    let words = "Number of 'read' requests for subscription '5ab51111-1111-4111-8111-111111111111' actor \
                 '33333333-3333-4333-8333-333333333333' exceeded. Please try again after '5' seconds.";
    assert_eq!(refused.message(), words);
    assert_eq!(client.simulator.counters().throttled, 1);
    ask(&owner(&client), Method::GET, &groups, None)
        .await
        .expect(200);
    ask(&client, Method::DELETE, &assignment(VAULT, NAME), None)
        .await
        .expect(204);
    ask(&client, Method::GET, "/subscriptions", None)
        .await
        .expect(200);
    ask(&client, Method::GET, "/subscriptions", None)
        .await
        .is(429, "TenantRequestsThrottled");
}

#[tokio::test]
async fn who_comes_early_waits_anew() {
    let client = azure(&throttled(&[("azureReads", "1"), ("azureReadRate", "1")]));
    let groups = format!("{PAYMENTS}/resourceGroups");
    ask(&client, Method::GET, &groups, None).await.expect(200);
    for _ in 0..3 {
        let refused = ask(&client, Method::GET, &groups, None).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, "5"));
        client.seconds(4);
    }
    client.seconds(1);
    ask(&client, Method::GET, &groups, None).await.expect(200);
}

#[tokio::test]
async fn the_provider_of_roles_has_a_limit_of_its_own() {
    let client = azure(&throttled(&[("azureProviderRequests", "2")]));
    let path = assignment(VAULT, NAME);
    for _ in 0..2 {
        ask(&client, Method::DELETE, &path, None).await.expect(204);
    }
    let refused = ask(&client, Method::GET, &path, None).await;
    refused.is(429, "ResourceRequestsThrottled");
    assert_eq!(refused.header("retry-after"), "30");
    let words = "Number of requests for Microsoft.Authorization exceeded the limit of '2' for time interval '00:01:00'. \
                 Please try again after '30' seconds.";
    assert_eq!(refused.message(), words);
    let groups = format!("{PAYMENTS}/resourceGroups");
    ask(&client, Method::GET, &groups, None).await.expect(200);
    client.seconds(30);
    ask(&client, Method::GET, &path, None)
        .await
        .is(404, "RoleAssignmentNotFound");
}
