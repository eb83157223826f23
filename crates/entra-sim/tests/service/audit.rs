//! The audit log: what is recorded, when it is shown, what can be asked of it.

use entra_sim::Profile;
use jiff::SignedDuration;
use serde_json::json;

use crate::client::{Client, OPERATOR, group_and_user, ideal, tenant};

const LOG: &str = "/auditLogs/directoryAudits";

async fn activities(client: &Client, filter: &str) -> Vec<String> {
    let answer = client
        .get(&format!("{LOG}?$filter={filter}"))
        .await
        .expect(200);
    answer.column("activityDisplayName")
}

fn eligible(action: &str, group: &str, principal: &str) -> serde_json::Value {
    json!({
        "accessId": "member", "groupId": group, "principalId": principal, "action": action, "justification": "on call",
        "scheduleInfo": {"startDateTime": null, "expiration": {"type": "afterDuration", "duration": "P30D"}},
    })
}

#[tokio::test]
async fn changes_are_recorded_with_who_whom_and_why() {
    let (client, id, jose) = group_and_user("Ops", "jose").await;
    client.add(&id, "members", &jose).await;
    let directory =
        format!("loggedByService eq 'Core Directory' and targetResources/any(t: t/id eq '{id}')");
    assert_eq!(
        activities(&client, &directory).await,
        ["Add member to group", "Add group"]
    );
    let requests = "/identityGovernance/privilegedAccess/group/eligibilityScheduleRequests";
    client
        .post(requests, eligible("adminAssign", &id, &jose))
        .await
        .expect(201);
    let filter = "loggedByService eq 'PIM' and category eq 'GroupManagement' \
        and activityDateTime ge 2026-01-01T00:00:00Z";
    let answer = client
        .get(&format!(
            "{LOG}?$filter={filter}&$orderby=activityDateTime desc&$top=100"
        ))
        .await;
    let record = &answer.body["value"][0];
    assert_eq!(
        record["activityDisplayName"],
        "Add eligible member to role in PIM completed (timebound)"
    );
    assert_eq!(record["initiatedBy"]["app"]["appId"], OPERATOR);
    assert_eq!(record["resultReason"], "on call");
    let kinds: Vec<&str> = record["targetResources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["Role", "User", "Group"]);
    client
        .get(&format!("{LOG}/{}", record["id"].as_str().unwrap()))
        .await
        .expect(200);
    client.assert_shapes();
}

#[tokio::test]
async fn what_time_does_is_recorded_as_done_by_pim() {
    let (client, id, jose) = group_and_user("Ops", "jose").await;
    let requests = "/identityGovernance/privilegedAccess/group/eligibilityScheduleRequests";
    client
        .post(requests, eligible("adminAssign", &id, &jose))
        .await;
    client.advance(SignedDuration::from_hours(24 * 29));
    client.advance(SignedDuration::from_hours(25));
    let client = client.renewed();
    let answer = client
        .get(&format!(
            "{LOG}?$filter=startswith(activityDisplayName,'Remove eligible')"
        ))
        .await;
    assert_eq!(
        answer.body["value"][0]["initiatedBy"]["app"]["displayName"], "Azure AD PIM",
        "{answer:?}"
    );
    assert_eq!(
        answer.body["value"][0]["activityDateTime"],
        "2026-12-21T08:00:00Z"
    );
}

#[tokio::test]
async fn a_change_can_be_ascribed_to_another_service() {
    let (client, id, jose) = group_and_user("Ops", "jose").await;
    client.add(&id, "members", &jose).await;
    let review = client.with("x-entra-sim-service", "Access Reviews");
    review.remove(&id, "members", &jose).await;
    assert_eq!(
        activities(&client, "loggedByService eq 'Access Reviews'").await,
        ["Remove member from group"]
    );
}

#[tokio::test]
async fn records_come_late_and_are_forgotten_as_the_switches_say() {
    let client = tenant(
        Profile::Ideal,
        &[("auditDelay", "3m"), ("auditRetention", "10m")],
    );
    client.group("Ops").await;
    for (minutes, seen) in [(0, 0), (2, 0), (1, 1), (6, 1), (2, 0)] {
        client.advance(SignedDuration::from_mins(minutes));
        assert_eq!(
            activities(&client, "activityDisplayName eq 'Add group'")
                .await
                .len(),
            seen,
            "{minutes}"
        );
    }
}

#[tokio::test]
async fn the_log_asks_for_permission_licence_and_patience() {
    let none = ideal().permitted(&["Group.Read.All"]);
    none.get(LOG).await.expect(403);
    let poor = tenant(Profile::Ideal, &[("licence", "none")]);
    assert_eq!(
        poor.get(LOG).await.code(),
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
    );
    let throttled = tenant(Profile::Ideal, &[("throttling", "on")]);
    for _ in 0..5 {
        throttled.get(LOG).await.expect(200);
    }
    throttled.get(LOG).await.expect(429);
    let client = ideal();
    client
        .get(&format!("{LOG}?$filter=resultReason eq 'x'"))
        .await
        .expect(400);
}

#[tokio::test]
async fn a_role_that_a_group_holds_without_pim_is_reported_again_and_again() {
    let client = tenant(Profile::Ideal, &[("outsidePimAlert", "2h")]);
    let exchange = "29232cdf-9323-42fd-ade2-1d097af3e4de";
    let role = |principal: &str| {
        json!({
            "roleDefinitionId": exchange, "directoryScopeId": "/", "principalId": principal,
        })
    };
    let (group, person) = (
        client.role_assignable("Admins").await,
        client.user("jose").await,
    );
    let roles = "/roleManagement/directory/roleAssignments";
    let row = client.post(roles, role(&group)).await.expect(201);
    client.post(roles, role(&person)).await;
    let before = client.simulator.journal().len();
    client.advance(SignedDuration::from_mins(5 * 60));
    let client = client.renewed();
    let alert = "activityDisplayName eq 'Add member to role outside of PIM (permanent)'";
    let answer = client.get(&format!("{LOG}?$filter={alert}")).await;
    assert_eq!(
        answer.column("activityDateTime"),
        ["2026-11-21T12:00:00Z", "2026-11-21T10:00:00Z"]
    );
    let record = &answer.body["value"][0];
    assert_eq!(record["initiatedBy"]["app"]["appId"], OPERATOR);
    assert_eq!(record["targetResources"][1]["id"], group);
    let told = client.simulator.journal().split_off(before);
    assert!(told.iter().all(|entry| entry.effects.is_empty()));
    client.delete(&format!("{roles}/{}", row.id())).await;
    client.advance(SignedDuration::from_mins(30));
    client.advance(SignedDuration::from_hours(4));
    assert_eq!(activities(&client.renewed(), alert).await.len(), 2);
    client.assert_shapes();
}
