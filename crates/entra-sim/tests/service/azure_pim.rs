//! PIM for Azure resources at the Resource Manager.

use entra_sim::Profile;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::azure_roles::{PAYMENTS, READER, VAULT, VAULT_ADMINISTRATOR, ask, ask_in, azure};
use super::client::{Answer, Client, ideal, tenant};

/// Where the operator is User Access Administrator.
pub const DATA: &str =
    "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/payments-data";
const ONE: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const TWO: &str = "bbbbbbbb-0000-4000-8000-000000000002";
const THREE: &str = "bbbbbbbb-0000-4000-8000-000000000003";
const VERSION: &str = "2020-10-01";

fn path(scope: &str, collection: &str) -> String {
    format!("{scope}/providers/Microsoft.Authorization/{collection}")
}

pub async fn pim(client: &Client, method: Method, path: &str, body: Option<&Value>) -> Answer {
    ask_in(client, method, path, body, VERSION).await
}

fn asked(request: &str, group: &str, expiration: &Value) -> Value {
    let role = format!("{PAYMENTS}/providers/Microsoft.Authorization/roleDefinitions/{READER}");
    json!({"properties": {
        "principalId": group, "roleDefinitionId": role, "requestType": request, "justification": "by test",
        "scheduleInfo": {"startDateTime": null, "expiration": expiration},
    }})
}

async fn request(client: &Client, kind: &str, name: &str, body: &Value) -> Answer {
    let path = path(DATA, &format!("role{kind}ScheduleRequests/{name}"));
    pim(client, Method::PUT, &path, Some(body)).await
}

async fn schedules(client: &Client, kind: &str, scope: &str) -> Vec<Value> {
    let path = path(scope, &format!("role{kind}Schedules"));
    let answer = pim(client, Method::GET, &path, None).await.expect(200);
    answer.body["value"].as_array().unwrap().clone()
}

fn month() -> Value {
    json!({"type": "AfterDuration", "endDateTime": null, "duration": "P30D"})
}

#[tokio::test]
async fn an_eligibility_is_made_changed_and_ended_under_names_that_say_nothing_of_it() {
    let graph = ideal();
    let (group, client) = (graph.group("Data").await, azure(&graph));
    let made = request(
        &client,
        "Eligibility",
        ONE,
        &asked("AdminAssign", &group, &month()),
    )
    .await;
    let made = made.expect(201).body;
    let properties = &made["properties"];
    assert_eq!(
        made["type"],
        "Microsoft.Authorization/RoleEligibilityScheduleRequests"
    );
    assert_eq!(properties["status"], "Provisioned");
    assert_eq!(properties["requestType"], "AdminAssign");
    assert_eq!(
        properties["scheduleInfo"]["expiration"]["type"],
        "AfterDuration"
    );
    assert_eq!(
        properties["expandedProperties"]["principal"]["displayName"],
        "Data"
    );
    let twin = request(
        &client,
        "Eligibility",
        TWO,
        &asked("AdminAssign", &group, &month()),
    )
    .await;
    twin.is(400, "RoleAssignmentExists");
    let [standing] = schedules(&client, "Eligibility", DATA)
        .await
        .try_into()
        .unwrap();
    assert_eq!(standing["properties"]["memberType"], "Direct");
    assert_eq!(
        schedules(&client, "Eligibility", PAYMENTS).await.len(),
        1,
        "it lies below"
    );
    assert_eq!(
        schedules(&client, "Eligibility", VAULT).await.len(),
        0,
        "it lies beside"
    );
    let longer = json!({"type": "AfterDuration", "duration": "P60D"});
    let body = asked("AdminUpdate", &group, &longer);
    request(&client, "Eligibility", TWO, &body)
        .await
        .expect(201);
    let [changed] = schedules(&client, "Eligibility", DATA)
        .await
        .try_into()
        .unwrap();
    assert_ne!(
        changed["name"], standing["name"],
        "the id changes with every request"
    );
    let ends = |row: &Value| {
        row["properties"]["endDateTime"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(ends(&changed) > ends(&standing));
    let body = asked("AdminRemove", &group, &Value::Null);
    let gone = request(&client, "Eligibility", THREE, &body)
        .await
        .expect(201);
    assert_eq!(gone.body["properties"]["status"], "Revoked");
    assert_eq!(gone.body["properties"]["scheduleInfo"], Value::Null);
    assert_eq!(schedules(&client, "Eligibility", DATA).await.len(), 0);
}

#[tokio::test]
async fn what_is_active_for_a_time_is_an_assignment_like_any_other_and_goes_with_its_window() {
    let graph = ideal();
    let (group, client) = (graph.group("Data").await, azure(&graph));
    let body = asked("AdminAssign", &group, &month());
    request(&client, "Assignment", ONE, &body).await.expect(201);
    let plain = path(
        DATA,
        &format!("roleAssignments?$filter=principalId eq '{group}'"),
    );
    let listed = ask(&client, Method::GET, &plain, None).await.expect(200);
    assert_eq!(listed.column("name").len(), 1);
    let early = asked("AdminRemove", &group, &Value::Null);
    request(&client, "Assignment", TWO, &early)
        .await
        .is(400, "ActiveDurationTooShort");
    client
        .simulator
        .advance(SignedDuration::from_hours(31 * 24));
    let client = azure(&client);
    let listed = ask(&client, Method::GET, &plain, None).await.expect(200);
    assert_eq!(listed.column("name").len(), 0);
    assert_eq!(schedules(&client, "Assignment", DATA).await.len(), 0);
}

#[tokio::test]
async fn nothing_is_for_ever_before_the_settings_of_the_role_allow_it_and_those_get_another_name() {
    let graph = ideal();
    let (group, client) = (graph.group("Data").await, azure(&graph));
    let ever = json!({"type": "NoExpiration"});
    for kind in ["Eligibility", "Assignment"] {
        let refused = request(&client, kind, ONE, &asked("AdminAssign", &group, &ever)).await;
        refused.is(400, "RoleAssignmentRequestPolicyValidationFailed");
        assert!(
            refused.message().contains("ExpirationRule"),
            "{}",
            refused.message()
        );
    }
    let definition =
        format!("{PAYMENTS}/providers/Microsoft.Authorization/roleDefinitions/{READER}");
    let policies = path(
        DATA,
        &format!("roleManagementPolicies?$filter=roleDefinitionId eq '{definition}'"),
    );
    let listed = pim(&client, Method::GET, &policies, None).await.expect(200);
    let name = listed.column("name").swap_remove(0);
    let rules = &listed.body["value"][0]["properties"]["rules"];
    let mut all = rules.as_array().unwrap().iter();
    let mut rule = all
        .find(|one| one["id"] == "Expiration_Admin_Eligibility")
        .unwrap()
        .clone();
    assert_eq!(rule["ruleType"], "RoleManagementPolicyExpirationRule");
    rule["isExpirationRequired"] = json!(false);
    let policy = path(DATA, &format!("roleManagementPolicies/{name}"));
    let body = json!({"properties": {"rules": [rule]}});
    let changed = pim(&client, Method::PATCH, &policy, Some(&body))
        .await
        .expect(200);
    assert_ne!(changed.body["name"], name.as_str());
    pim(&client, Method::PATCH, &policy, Some(&body))
        .await
        .is(400, "InputPolicyNotFound");
    let body = asked("AdminAssign", &group, &ever);
    request(&client, "Eligibility", ONE, &body)
        .await
        .expect(201);
    let [standing] = schedules(&client, "Eligibility", DATA)
        .await
        .try_into()
        .unwrap();
    assert_eq!(standing["properties"].get("endDateTime"), None);
}

#[tokio::test]
async fn who_only_assigns_roles_may_ask_pim_for_nothing_and_a_new_group_is_not_known_at_once() {
    let graph = tenant(Profile::Service, &[]);
    let (group, client) = (graph.group("Data").await, azure(&graph));
    let mut body = asked("AdminAssign", &group, &month());
    let early = request(&client, "Eligibility", ONE, &body).await;
    early.is(400, "SubjectNotFound");
    let elsewhere = path(VAULT, &format!("roleEligibilityScheduleRequests/{ONE}"));
    body["properties"]["roleDefinitionId"] = json!(format!(
        "/providers/Microsoft.Authorization/roleDefinitions/{VAULT_ADMINISTRATOR}"
    ));
    let refused = pim(&client, Method::PUT, &elsewhere, Some(&body)).await;
    refused.is(403, "AuthorizationFailed");
    let action = "Microsoft.Authorization/roleEligibilityScheduleRequests/write";
    assert!(refused.message().contains(action), "{}", refused.message());
    ask(&client, Method::PUT, &elsewhere, Some(&body))
        .await
        .is(404, "InvalidResourceType");
}

#[tokio::test]
async fn a_request_for_later_is_withdrawn_and_a_validation_does_nothing() {
    let graph = ideal();
    let (group, client) = (graph.group("Data").await, azure(&graph));
    let mut body = asked("AdminAssign", &group, &month());
    let validation = path(
        DATA,
        &format!("roleEligibilityScheduleRequests/{ONE}/validate"),
    );
    pim(&client, Method::POST, &validation, Some(&body))
        .await
        .expect(200);
    assert_eq!(schedules(&client, "Eligibility", DATA).await.len(), 0);
    body["properties"]["scheduleInfo"]["startDateTime"] = json!("2027-06-01T00:00:00Z");
    let made = request(&client, "Eligibility", ONE, &body)
        .await
        .expect(201);
    assert_eq!(made.body["properties"]["status"], "Granted");
    let one = path(DATA, &format!("roleEligibilityScheduleRequests/{ONE}"));
    pim(&client, Method::GET, &one, None).await.expect(200);
    let cancel = format!("{one}/cancel");
    pim(&client, Method::POST, &cancel, None).await.expect(200);
    let left = pim(&client, Method::GET, &one, None).await.expect(200);
    assert_eq!(left.body["properties"]["status"], "Canceled");
    assert_eq!(schedules(&client, "Eligibility", DATA).await.len(), 0);
}

#[tokio::test]
async fn what_pim_did_not_make_is_a_schedule_without_an_end_where_the_service_says_so() {
    for (switch, expected) in [("off", 0), ("on", 1)] {
        let graph = tenant(Profile::Ideal, &[("azurePlainSchedules", switch)]);
        let (group, client) = (graph.group("Data").await, azure(&graph));
        let role = format!("{PAYMENTS}/providers/Microsoft.Authorization/roleDefinitions/{READER}");
        let body = json!({"properties": {"roleDefinitionId": role, "principalId": group}});
        let plain = path(DATA, &format!("roleAssignments/{ONE}"));
        ask(&client, Method::PUT, &plain, Some(&body))
            .await
            .expect(201);
        let rows = schedules(&client, "Assignment", DATA).await;
        let of_group = rows
            .iter()
            .filter(|row| row["properties"]["principalId"] == group.as_str());
        let of_group: Vec<&Value> = of_group.collect();
        assert_eq!(of_group.len(), expected, "{switch}");
        for row in of_group {
            assert_eq!(row["name"], ONE);
            assert_eq!(row["properties"]["assignmentType"], "Assigned");
            assert_eq!(row["properties"].get("endDateTime"), None);
        }
        request(
            &client,
            "Assignment",
            TWO,
            &asked("AdminUpdate", &group, &month()),
        )
        .await
        .expect(201);
        assert_eq!(
            schedules(&client, "Assignment", DATA)
                .await
                .iter()
                .filter(|row| row["properties"]["principalId"] == group.as_str())
                .count(),
            1,
            "once, whoever made it"
        );
    }
}
