//! Intune's roles.

use entra_sim::Profile;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::client::{Client, ideal, tenant};

const HELP_DESK: &str = "9e0cc482-82df-4ab2-a24c-0c23a3f52e1e";
const EMPLOYEES: &str = "1a910b00-1111-4111-8111-1a910b000001";
const ASSIGNMENTS: &str = "/deviceManagement/roleAssignments";

fn body(group: &str) -> Value {
    let role =
        format!("https://graph.microsoft.com/v1.0/deviceManagement/roleDefinitions('{HELP_DESK}')");
    json!({
        "@odata.type": "#microsoft.graph.deviceAndAppManagementRoleAssignment",
        "displayName": "help desk", "description": "by test", "members": [group], "resourceScopes": [EMPLOYEES],
        "roleDefinition@odata.bind": role,
    })
}

fn held(client: &Client, group: &str) -> Vec<String> {
    let holdings = client.simulator.holdings();
    let of_group = holdings
        .intune_roles()
        .iter()
        .filter(|(_, holder, _)| holder.to_string() == group);
    of_group
        .map(|(role, _, scope)| format!("{role} over {scope}"))
        .collect()
}

#[tokio::test]
async fn a_group_holds_a_role_over_groups_until_the_assignment_goes() {
    let client = ideal();
    let group = client.group("Desk").await;
    let roles = client
        .column("/deviceManagement/roleDefinitions", "displayName")
        .await;
    assert!(roles.contains(&"Kiosk Operator".to_owned()), "{roles:?}");
    let made = client.post(ASSIGNMENTS, body(&group)).await.expect(201);
    assert_eq!(made.body["members"], json!([group]));
    assert_eq!(
        held(&client, &group),
        [format!("{HELP_DESK} over {EMPLOYEES}")]
    );
    let one = format!("{ASSIGNMENTS}/{}", made.id());
    let role = client
        .get(&format!("{one}/roleDefinition"))
        .await
        .expect(200);
    assert_eq!(role.body["displayName"], "Help Desk Operator");
    assert_eq!(client.column(ASSIGNMENTS, "id").await, [made.id()]);
    let other = client.group("Other").await;
    let change = json!({"members": [other]});
    client
        .send(Method::PATCH, &one, Some(&change))
        .await
        .unwrap()
        .expect(200);
    assert_eq!(held(&client, &group), [""; 0]);
    assert_eq!(held(&client, &other).len(), 1);
    client
        .send(Method::DELETE, &one, None)
        .await
        .unwrap()
        .expect(204);
    client
        .send(Method::DELETE, &one, None)
        .await
        .unwrap()
        .expect(404);
    assert_eq!(held(&client, &other), [""; 0]);
    assert_eq!(client.simulator.violations(), [""; 0]);
}

#[tokio::test]
async fn what_is_no_group_or_no_role_is_refused_and_so_is_a_tenant_without_intune() {
    let client = ideal();
    let group = client.group("Desk").await;
    let mut wrong = body(&group);
    wrong["resourceScopes"] = json!(["22222222-0000-4000-8000-000000000000"]);
    client.post(ASSIGNMENTS, wrong).await.expect(400);
    let mut wrong = body(&group);
    wrong["roleDefinition@odata.bind"] =
        json!("https://graph.microsoft.com/v1.0/deviceManagement/roleDefinitions('x')");
    client.post(ASSIGNMENTS, wrong).await.expect(400);
    client
        .simulator
        .set_behaviour("intuneLicence", "false")
        .unwrap();
    client.get(ASSIGNMENTS).await.expect(400);
    let denied = client.permitted(&["Group.Read.All"]);
    denied.get(ASSIGNMENTS).await.is(403, "AccessDenied");
}

#[tokio::test]
async fn a_second_administrator_agrees_before_a_change_is_made() {
    let client = tenant(Profile::Ideal, &[("intuneMaa", "true")]);
    let group = client.group("Desk").await;
    client.post(ASSIGNMENTS, body(&group)).await.expect(400);
    let reasoned = client.with("x-msft-approval-justification", "bmV3IGRlc2s=");
    let waits = reasoned.post(ASSIGNMENTS, body(&group)).await.expect(412);
    let code = waits.header("x-msft-approval-code").to_owned();
    reasoned.post(ASSIGNMENTS, body(&group)).await.expect(409);
    let claiming = client.with("x-msft-approval-code", &code);
    claiming.post(ASSIGNMENTS, body(&group)).await.expect(412);
    assert_eq!(held(&client, &group), [""; 0]);
    assert_eq!(client.simulator.approve_in_intune(), 1);
    let other = client.group("Other").await;
    claiming.post(ASSIGNMENTS, body(&other)).await.expect(400);
    claiming.post(ASSIGNMENTS, body(&group)).await.expect(201);
    assert_eq!(held(&client, &group).len(), 1);
    claiming.post(ASSIGNMENTS, body(&group)).await.expect(400);
}

#[tokio::test]
async fn what_nobody_has_agreed_to_within_three_days_is_asked_for_anew() {
    let client = tenant(Profile::Ideal, &[("intuneMaa", "true")]);
    let group = client.group("Desk").await;
    let reasoned = client.with("x-msft-approval-justification", "bmV3IGRlc2s=");
    let waits = reasoned.post(ASSIGNMENTS, body(&group)).await.expect(412);
    let first = waits.header("x-msft-approval-code").to_owned();
    client.advance(SignedDuration::from_hours(3 * 24));
    let client = client.renewed();
    let reasoned = client.with("x-msft-approval-justification", "bmV3IGRlc2s=");
    let claiming = client.with("x-msft-approval-code", &first);
    claiming.post(ASSIGNMENTS, body(&group)).await.expect(400);
    let waits = reasoned.post(ASSIGNMENTS, body(&group)).await.expect(412);
    assert_ne!(waits.header("x-msft-approval-code"), first);
}
