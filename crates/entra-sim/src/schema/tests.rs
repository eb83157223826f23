//! Bodies as the public documentation shows them, and the ways to get them wrong.

use serde_json::{Value, json};

use super::*;

const GROUP: &str = "2f0d7a86-6f1c-4d4c-9d1c-0f5a7f6f3a10";
const PERSON: &str = "1a5be3a4-35f2-4f0c-8b7e-d0e7b5a2c001";
const ELIGIBILITY_REQUEST: &str = "privilegedAccessGroupEligibilityScheduleRequest";

fn problems(result: Result<(), Vec<Violation>>) -> Vec<(String, Problem)> {
    result
        .err()
        .unwrap_or_default()
        .into_iter()
        .map(|violation| (violation.path, violation.problem))
        .collect()
}

fn request(type_name: &str, body: &Value) -> Vec<(String, Problem)> {
    problems(check_request(type_name, body))
}

fn response(type_name: &str, body: &Value) -> Vec<(String, Problem)> {
    problems(check_response(type_name, body, Selection::Partial))
}

fn at(path: &str, problem: Problem) -> Vec<(String, Problem)> {
    vec![(path.to_owned(), problem)]
}

fn eligibility() -> Value {
    json!({
        "action": "adminAssign", "accessId": "member", "groupId": GROUP, "principalId": PERSON,
        "justification": "declared in git",
        "scheduleInfo": {
            "startDateTime": "2027-01-01T00:00:00Z",
            "expiration": {"type": "afterDuration", "duration": "P180D"}
        },
        "ticketInfo": {"ticketNumber": "CHG1", "ticketSystem": null}
    })
}

fn rule(target: &Value) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule",
        "id": "Expiration_EndUser_Assignment",
        "isExpirationRequired": true, "maximumDuration": "PT8H", "target": target
    })
}

fn target() -> Value {
    json!({"caller": "EndUser", "operations": ["All"], "level": "Assignment",
        "inheritableSettings": [], "enforcedSettings": []})
}

#[test]
fn documented_requests_pass() {
    assert_eq!(request(ELIGIBILITY_REQUEST, &eligibility()), []);
    let group = json!({
        "displayName": "ops", "mailEnabled": false, "mailNickname": "ops", "securityEnabled": true,
        "groupTypes": [], "isAssignableToRole": true, "visibility": "Private", "description": null,
        "owners@odata.bind": [format!("https://graph.microsoft.com/v1.0/users/{PERSON}")]
    });
    assert_eq!(request("group", &group), []);
    let policy = json!({"rules": [rule(&target())]});
    assert_eq!(request("unifiedRoleManagementPolicy", &policy), []);
    let approval = json!({
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyApprovalRule",
        "id": "Approval_EndUser_Assignment",
        "setting": {"isApprovalRequired": true, "approvalMode": "SingleStage", "approvalStages": [{
            "approvalStageTimeOutInDays": 1, "isApproverJustificationRequired": true,
            "primaryApprovers": [{"@odata.type": "#microsoft.graph.singleUser", "userId": PERSON}],
            "escalationApprovers": []
        }]}
    });
    assert_eq!(request("unifiedRoleManagementPolicyRule", &approval), []);
    let bound = json!({
        "displayName": "help desk", "resourceScopes": [GROUP],
        "roleDefinition@odata.bind": "https://graph.microsoft.com/beta/deviceManagement/roleDefinitions/1"
    });
    assert_eq!(request("deviceAndAppManagementRoleAssignment", &bound), []);
}

#[test]
fn unknown_property_is_named_with_its_path_and_right_spelling() {
    let mut body = eligibility();
    body["accessID"] = json!("member");
    body["scheduleInfo"]["ends"] = json!("never");
    let violations = check_request(ELIGIBILITY_REQUEST, &body).unwrap_err();
    let spelled = &violations[0];
    assert_eq!(
        (spelled.path.as_str(), spelled.expected.as_str()),
        ("accessID", "`accessId`")
    );
    assert_eq!(violations[1].path, "scheduleInfo.ends");
    assert_eq!(
        violations[1].to_string(),
        "scheduleInfo.ends: unknown property: found `ends`, expected a property of requestSchedule"
    );
}

#[test]
fn wrong_json_types_are_found_in_depth() {
    let body = json!({"rules": [rule(&json!({"operations": "All", "caller": 3}))]});
    assert_eq!(
        request("unifiedRoleManagementPolicy", &body),
        [
            ("rules[0].target.caller".to_owned(), Problem::WrongType),
            ("rules[0].target.operations".to_owned(), Problem::WrongType)
        ]
    );
    assert_eq!(
        request("group", &json!({"securityEnabled": "true"})),
        at("securityEnabled", Problem::WrongType)
    );
    assert_eq!(request("group", &json!([])), at("", Problem::WrongType));
    let told = check_request("group", &json!({"securityEnabled": "true"})).unwrap_err();
    assert_eq!(
        told[0].to_string(),
        "securityEnabled: wrong JSON type: found \"true\", expected true or false"
    );
}

#[test]
fn formats_of_guid_time_and_duration_are_checked() {
    let role = json!({"principalId": "jose@contoso.com", "resourceId": GROUP, "appRoleId": PERSON});
    assert_eq!(
        request("appRoleAssignment", &role),
        at("principalId", Problem::Format)
    );
    let mut body = eligibility();
    body["scheduleInfo"]["startDateTime"] = json!("2027-01-01");
    body["scheduleInfo"]["expiration"]["duration"] = json!("180 days");
    assert_eq!(
        request(ELIGIBILITY_REQUEST, &body),
        [
            (
                "scheduleInfo.expiration.duration".to_owned(),
                Problem::Format
            ),
            ("scheduleInfo.startDateTime".to_owned(), Problem::Format)
        ]
    );
}

#[test]
fn enum_members_ignore_case_and_refuse_the_sentinel_in_requests() {
    let mut body = eligibility();
    body["action"] = json!("AdminAssign");
    assert_eq!(request(ELIGIBILITY_REQUEST, &body), []);
    body["action"] = json!("adminassignment");
    assert_eq!(
        request(ELIGIBILITY_REQUEST, &body),
        at("action", Problem::NotAMember)
    );
    body["action"] = json!("unknownFutureValue");
    assert_eq!(
        request(ELIGIBILITY_REQUEST, &body),
        at("action", Problem::NotAMember)
    );
    assert_eq!(response(ELIGIBILITY_REQUEST, &body), []);
}

#[test]
fn flags_enumerations_take_several_members() {
    let users = |kinds: &str| json!({"guestOrExternalUserTypes": kinds});
    let type_name = "conditionalAccessGuestsOrExternalUsers";
    assert_eq!(
        request(type_name, &users("internalGuest,b2bCollaborationGuest")),
        []
    );
    assert_eq!(
        request(type_name, &users("internalGuest,tourist")),
        at("guestOrExternalUserTypes", Problem::NotAMember)
    );
}

#[test]
fn abstract_type_needs_a_derived_type_that_fits() {
    let mut body = rule(&target());
    let policy = |rule: &Value| {
        let body = json!({"rules": [rule]});
        request("unifiedRoleManagementPolicy", &body)
    };
    body["@odata.type"] = json!("#microsoft.graph.group");
    assert_eq!(
        policy(&body),
        at("rules[0].@odata.type", Problem::NotDerived)
    );
    body["@odata.type"] = json!("#microsoft.graph.unifiedRoleManagementPolicyWeatherRule");
    assert_eq!(
        policy(&body),
        at("rules[0].@odata.type", Problem::UnknownType)
    );
    body["@odata.type"] = json!("#microsoft.graph.unifiedRoleManagementPolicyRule");
    assert_eq!(policy(&body), at("rules[0].@odata.type", Problem::Abstract));
    body.as_object_mut().unwrap().remove("@odata.type");
    assert_eq!(policy(&body), at("rules[0]", Problem::Abstract));
}

#[test]
fn property_of_a_sibling_type_is_unknown() {
    let mut body = rule(&target());
    body["claimValue"] = json!("c1");
    assert_eq!(
        request("unifiedRoleManagementPolicyRule", &body),
        at("claimValue", Problem::UnknownProperty)
    );
}

#[test]
fn custom_extension_rules_are_known_beyond_the_published_metadata() {
    let body = json!({
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyCustomExtensionRule",
        "id": "CustomExtension_PreApproval_EndUser_Assignment", "isEnabled": false,
        "customExtensionId": "", "displayName": null, "customAttributes": [], "target": target()
    });
    assert_eq!(response("unifiedRoleManagementPolicyRule", &body), []);
}

#[test]
fn related_objects_are_bound_and_never_written_out() {
    assert_eq!(
        request("group", &json!({"members": [{"id": PERSON}]})),
        at("members", Problem::Inline)
    );
    assert_eq!(
        request("group", &json!({"members@odata.bind": PERSON})),
        at("members@odata.bind", Problem::Format)
    );
    assert_eq!(
        request("group", &json!({"displayName@odata.bind": []})),
        at("displayName@odata.bind", Problem::Annotation)
    );
}

#[test]
fn null_is_refused_where_the_schema_demands_a_value() {
    assert_eq!(
        response("group", &json!({"groupTypes": null})),
        at("groupTypes", Problem::Null)
    );
    assert_eq!(
        response("group", &json!({"id": null})),
        at("id", Problem::Null)
    );
    assert_eq!(
        response("group", &json!({"isAssignableToRole": null, "mail": null})),
        []
    );
}

#[test]
fn documented_responses_pass() {
    let created = json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#identityGovernance/privilegedAccess/group/\
            eligibilityScheduleRequests/$entity",
        "id": PERSON, "status": "Provisioned", "createdDateTime": "2026-02-07T06:57:54.1633903Z",
        "completedDateTime": null, "approvalId": null, "customData": null, "action": "adminAssign",
        "isValidationOnly": false, "justification": "declared in git", "principalId": PERSON,
        "accessId": "member", "groupId": GROUP, "targetScheduleId": format!("{GROUP}_member_{PERSON}"),
        "createdBy": {"user": {"displayName": null, "id": PERSON}},
        "scheduleInfo": {"startDateTime": "2026-02-07T06:57:55.6183972Z", "recurrence": null,
            "expiration": {"type": "afterDateTime", "endDateTime": "2026-08-07T00:00:00Z", "duration": null}},
        "ticketInfo": {"ticketNumber": null, "ticketSystem": null}
    });
    assert_eq!(response(ELIGIBILITY_REQUEST, &created), []);
    let instance = json!({
        "id": format!("{GROUP}_member_{PERSON}"), "principalId": PERSON, "groupId": GROUP,
        "startDateTime": null, "endDateTime": null, "assignmentType": "Assigned", "accessId": "member",
        "memberType": "Direct", "assignmentScheduleId": format!("{GROUP}_member_{PERSON}"),
        "principal": {"id": PERSON}
    });
    assert_eq!(
        response("privilegedAccessGroupAssignmentScheduleInstance", &instance),
        []
    );
}

#[test]
fn pages_and_delta_rounds_are_checked_item_by_item() {
    let round = json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#groups",
        "@odata.deltaLink": "https://graph.microsoft.com/v1.0/groups/delta?$deltatoken=x",
        "@odata.count": 2,
        "value": [
            {"id": GROUP, "displayName": "ops", "members@delta": [
                {"@odata.type": "#microsoft.graph.user", "id": PERSON, "@removed": {"reason": "deleted"}}
            ]},
            {"id": PERSON, "@removed": {"reason": "changed"}}
        ]
    });
    let check =
        |body: &Value, selection| problems(check_collection_response("group", body, selection));
    assert_eq!(check(&round, Selection::Partial), []);
    assert_eq!(
        check(&round, Selection::Only(&["id", "displayName", "members"])),
        at("value[0].members", Problem::Missing)
    );
    let broken = json!({"value": [{"id": GROUP}, {"id": 4}], "next": "x", "@odata.count": "2"});
    assert_eq!(
        check(&broken, Selection::Partial),
        [
            ("value[1].id".to_owned(), Problem::WrongType),
            ("@odata.count".to_owned(), Problem::WrongType),
            ("next".to_owned(), Problem::UnknownProperty)
        ]
    );
    assert_eq!(
        check(&json!({}), Selection::Partial),
        at("value", Problem::Missing)
    );
}

#[test]
fn selection_is_neither_more_nor_less() {
    let body = json!({"id": GROUP, "mail": null});
    let check = |names| problems(check_response("group", &body, Selection::Only(names)));
    assert_eq!(check(&["id", "mail"]), []);
    assert_eq!(
        check(&["id", "displayName"]),
        [
            ("displayName".to_owned(), Problem::Missing),
            ("mail".to_owned(), Problem::NotSelected)
        ]
    );
}

#[test]
fn directory_extensions_are_admitted_on_open_types_only() {
    let name = "extension_b7d8e648520f41d3b9c0fdeb91768a0a_costCenter";
    assert_eq!(response("group", &json!({name: "42"})), []);
    assert_eq!(
        response("ticketInfo", &json!({name: "42"})),
        at(name, Problem::UnknownProperty)
    );
    assert_eq!(
        response("group", &json!({"extension_costCenter": "42"})),
        at("extension_costCenter", Problem::UnknownProperty)
    );
}

#[test]
fn reference_bodies_hold_one_address() {
    let link = format!("https://graph.microsoft.com/v1.0/directoryObjects/{PERSON}");
    assert_eq!(problems(check_reference(&json!({"@odata.id": link}))), []);
    assert_eq!(
        problems(check_reference(&json!({"@odata.id": PERSON, "id": PERSON}))),
        [
            ("@odata.id".to_owned(), Problem::Format),
            ("id".to_owned(), Problem::UnknownProperty)
        ]
    );
    assert_eq!(
        problems(check_reference(&json!({}))),
        at("", Problem::Missing)
    );
}

#[test]
fn unknown_types_are_refused_by_name() {
    assert_eq!(request("weather", &json!({})), at("", Problem::UnknownType));
    assert!(!is_known_type("weather"));
    assert!(derives_from("user", "directoryObject"));
}

#[test]
fn spelling_of_lenient_clients_becomes_the_spelling_of_the_schema() {
    let sent = json!({
        "accessID": "Member", "groupID": GROUP, "Action": "AdminAssign", "colour": "red",
        "scheduleInfo": {"Expiration": {"Type": "NoExpiration"}}
    });
    let expected = json!({
        "accessId": "member", "groupId": GROUP, "action": "adminAssign", "colour": "red",
        "scheduleInfo": {"expiration": {"type": "noExpiration"}}
    });
    assert_eq!(canonical_spelling(ELIGIBILITY_REQUEST, &sent), expected);
    let both = json!({"groupId": GROUP, "GroupId": PERSON});
    assert_eq!(canonical_spelling(ELIGIBILITY_REQUEST, &both), both);
}

#[test]
fn spelling_follows_the_derived_type_and_keeps_annotations() {
    let sent = json!({"Rules": [{
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyEnablementRule",
        "EnabledRules": ["mfa"], "target": {"Operations": ["all"]}
    }]});
    let expected = json!({"rules": [{
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyEnablementRule",
        "enabledRules": ["mfa"], "target": {"operations": ["all"]}
    }]});
    assert_eq!(
        canonical_spelling("unifiedRoleManagementPolicy", &sent),
        expected
    );
    let bound = json!({"Members@odata.bind": []});
    assert_eq!(
        canonical_spelling("group", &bound),
        json!({"members@odata.bind": []})
    );
}
