//! What the operations on directory roles answer, through the dispatcher.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::definition::{RoleDefinition, RoleOrigin};
use crate::ids::{AppId, ObjectId, RoleId};
use crate::journal::Effect;
use crate::pim::bench::{Bench, BenchAnswer, ROLE_REQUESTS, ROLES, Roles};

const EXCHANGE: &str = "29232cdf-9323-42fd-ade2-1d097af3e4de";
const HELPDESK: &str = "729827e3-9c14-49f7-bb1b-9608f156bbb8";
const GLOBAL: &str = "62e90394-69f5-4237-9190-012177145e10";
const APPLICATION_ADMINISTRATOR: &str = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";

fn plain(bench: &mut Bench, role: &str, principal: ObjectId, scope: &str) -> BenchAnswer {
    let body = json!({"@odata.type": "#microsoft.graph.unifiedRoleAssignment", "roleDefinitionId": role,
        "principalId": principal.to_string(), "directoryScopeId": scope});
    bench.post(&format!("{ROLES}/roleAssignments"), body)
}

fn body(action: &str, role: &str, principal: ObjectId) -> Value {
    json!({"action": action, "roleDefinitionId": role, "principalId": principal.to_string(), "directoryScopeId": "/",
        "justification": "declared in git", "scheduleInfo": {"expiration": {"type": "noExpiration"}}})
}

fn active(bench: &mut Bench, action: &str, role: &str, principal: ObjectId) -> BenchAnswer {
    bench.post(ROLE_REQUESTS, body(action, role, principal))
}

fn eligible(bench: &mut Bench, action: &str, role: &str, principal: ObjectId) -> BenchAnswer {
    bench.post(
        &format!("{ROLES}/roleEligibilityScheduleRequests"),
        body(action, role, principal),
    )
}

fn list(bench: &mut Bench, collection: &str, principal: ObjectId) -> Vec<Value> {
    bench
        .get(&format!(
            "{ROLES}/{collection}?$filter=principalId eq '{principal}'"
        ))
        .expect(200)
        .rows()
        .to_vec()
}

fn holds(bench: &Bench, role: &str, principal: ObjectId, scope: &str) -> bool {
    bench.tenant.journal.holdings().roles().contains(&(
        role.to_owned(),
        principal,
        scope.to_owned(),
    ))
}

#[test]
fn roles_are_found_by_name_with_regard_to_case() {
    let mut bench = Bench::new();
    let by_name = |name: &str| {
        format!(
            "{ROLES}/roleDefinitions?$filter=displayName eq '{name}'&$select=id,displayName,templateId"
        )
    };
    let found = bench.get(&by_name("Exchange Administrator")).expect(200);
    assert_eq!(found.rows()[0]["id"], json!(EXCHANGE));
    assert_eq!(
        bench
            .get(&by_name("exchange administrator"))
            .expect(200)
            .rows()
            .len(),
        0
    );
    bench
        .get(&format!(
            "{ROLES}/roleDefinitions?$filter=templateId eq '{EXCHANGE}'"
        ))
        .expect(400);
    let one = bench
        .get(&format!("{ROLES}/roleDefinitions/{EXCHANGE}"))
        .expect(200);
    assert_eq!(one.body["isBuiltIn"], true);
    bench
        .get(&format!("{ROLES}/roleDefinitions/{}", uuid::Uuid::nil()))
        .refused("Request_ResourceNotFound");
}

#[test]
fn a_plain_assignment_has_its_computed_id_and_asks_no_policy() {
    let (mut bench, group) = Bench::and_group(Roles::Assignable);
    let answer = plain(&mut bench, EXCHANGE, group, "/").expect(201);
    let id = answer.text("id");
    assert!(id.ends_with("-1") && id.len() == 45, "{id}");
    assert!(holds(&bench, EXCHANGE, group, "/"));
    let filter = format!(
        "principalId eq '{group}' and roleDefinitionId eq '{EXCHANGE}' and directoryScopeId eq '/'"
    );
    let at = format!("{ROLES}/roleAssignments?$filter={filter}&$expand=principal,roleDefinition");
    let found = bench.get(&at).expect(200);
    assert_eq!(found.rows()[0]["id"], json!(id));
    assert_eq!(
        found.rows()[0]["roleDefinition"]["displayName"],
        "Exchange Administrator"
    );
    assert_eq!(
        found.rows()[0]["principal"]["@odata.type"],
        "#microsoft.graph.group"
    );
    bench
        .delete(&format!("{ROLES}/roleAssignments/{id}"))
        .expect(204);
    assert!(!holds(&bench, EXCHANGE, group, "/"));
    bench
        .delete(&format!("{ROLES}/roleAssignments/{id}"))
        .expect(404);
}

#[test]
fn a_duplicate_is_refused_with_the_code_that_the_switch_says() {
    for (value, code) in [
        ("conflict", "Request_BadRequest"),
        ("exists", "RoleAssignmentExists"),
    ] {
        let mut bench = Bench::with(&[("duplicateRoleAssignment", value)]);
        let group = bench.group(Roles::Assignable);
        plain(&mut bench, EXCHANGE, group, "/").expect(201);
        assert_eq!(plain(&mut bench, EXCHANGE, group, "/").code(), code);
    }
}

#[test]
fn roles_go_to_role_assignable_groups_only() {
    let (mut bench, group) = Bench::and_group(Roles::Not);
    let refused = plain(&mut bench, EXCHANGE, group, "/");
    assert!(
        refused
            .message()
            .starts_with("Groups without IsAssignableToRole")
    );
    active(&mut bench, "adminAssign", EXCHANGE, group).refused("InvalidRoleAssignmentRequest");
    eligible(&mut bench, "adminAssign", EXCHANGE, group).refused("InvalidRoleAssignmentRequest");
}

#[test]
fn a_scope_must_fit_the_role() {
    let mut bench = Bench::new();
    let (group, unit) = (bench.group(Roles::Assignable), bench.tenant.new_object_id());
    let record = crate::directory::AdministrativeUnit {
        id: unit,
        display_name: "north".to_owned(),
        description: None,
        restricted: false,
        members: [].into(),
    };
    bench.tenant.directory.units.insert(unit, record);
    let at_unit = format!("/administrativeUnits/{unit}");
    let app = bench.service_principal("app", AppId::new(uuid::Uuid::from_u128(5)));
    plain(&mut bench, HELPDESK, group, &at_unit).expect(201);
    plain(
        &mut bench,
        APPLICATION_ADMINISTRATOR,
        group,
        &format!("/{app}"),
    )
    .expect(201);
    let refused = plain(&mut bench, EXCHANGE, group, &at_unit);
    assert!(refused.message().contains("single resource scope"));
    plain(
        &mut bench,
        HELPDESK,
        group,
        &format!("/administrativeUnits/{app}"),
    )
    .expect(404);
    plain(&mut bench, HELPDESK, group, "nowhere").expect(400);
    let (user, unknown) = (bench.user(), bench.tenant.new_object_id());
    for (role, status) in [(APPLICATION_ADMINISTRATOR, 404), (EXCHANGE, 400)] {
        let at_unknown = format!("/{unknown}");
        assert_eq!(plain(&mut bench, role, group, &at_unknown).status, status);
    }
    for object in [user, group] {
        let at_object = format!("/{object}");
        let refused = plain(&mut bench, APPLICATION_ADMINISTRATOR, group, &at_object);
        assert_eq!(refused.code(), "Request_BadRequest", "no application");
    }
    let mut through_pim = body("adminAssign", EXCHANGE, group);
    through_pim["directoryScopeId"] = json!(at_unit);
    let refused = bench.post(ROLE_REQUESTS, through_pim.clone());
    refused.refused("InvalidScope");
    through_pim["roleDefinitionId"] = json!(HELPDESK);
    through_pim["action"] = json!("adminUpdate");
    bench.post(ROLE_REQUESTS, through_pim).expect(201);
}

#[test]
fn a_young_principal_is_unknown_to_the_role_service() {
    let mut bench = Bench::with(&[
        ("rolePrincipalDelay", "8s"),
        ("roleAssignmentReadDelay", "3s"),
    ]);
    let group = bench.group(Roles::Assignable);
    plain(&mut bench, EXCHANGE, group, "/").refused("Request_ResourceNotFound");
    let unknown = active(&mut bench, "adminAssign", EXCHANGE, group);
    unknown.is(404, "SubjectNotFound");
    bench.switch("unknownRoleStatus", "400");
    active(&mut bench, "adminAssign", EXCHANGE, group).expect(400);
    let nothing = uuid::Uuid::nil().to_string();
    active(&mut bench, "adminAssign", &nothing, group).refused("RoleNotFound");
    bench.pass(SignedDuration::from_secs(8));
    let id = plain(&mut bench, EXCHANGE, group, "/")
        .expect(201)
        .text("id");
    bench
        .get(&format!("{ROLES}/roleAssignments/{id}"))
        .expect(404);
    bench.pass(SignedDuration::from_secs(3));
    bench
        .get(&format!("{ROLES}/roleAssignments/{id}"))
        .expect(200);
}

#[test]
fn a_role_bound_through_pim_is_a_schedule_an_instance_and_an_assignment() {
    let (mut bench, group) = Bench::and_group(Roles::Assignable);
    let answer = active(&mut bench, "adminAssign", EXCHANGE, group).expect(201);
    assert_eq!(
        (answer.text("status"), answer.text("targetScheduleId")),
        ("Provisioned".to_owned(), answer.text("id"))
    );
    assert_eq!(
        answer.body["scheduleInfo"]["expiration"]["type"],
        "noExpiration"
    );
    assert!(holds(&bench, EXCHANGE, group, "/"));
    let schedule = &list(&mut bench, "roleAssignmentSchedules", group)[0];
    assert_eq!(
        (&schedule["id"], &schedule["assignmentType"]),
        (&answer.body["id"], &json!("Assigned"))
    );
    let instance = &list(&mut bench, "roleAssignmentScheduleInstances", group)[0];
    let row = &list(&mut bench, "roleAssignments", group)[0];
    assert_eq!(
        (&instance["id"], &instance["roleAssignmentOriginId"]),
        (&row["id"], &row["id"])
    );
    assert_eq!(instance["roleAssignmentScheduleId"], answer.body["id"]);
    let id = row["id"].as_str().unwrap();
    bench
        .get(&format!("{ROLES}/roleAssignmentScheduleInstances/{id}"))
        .expect(200);
    active(&mut bench, "adminAssign", EXCHANGE, group).refused("RoleAssignmentExists");
}

#[test]
fn a_removal_waits_five_minutes_and_comes_back_with_three_nulls() {
    let (mut bench, group) = Bench::and_group(Roles::Assignable);
    active(&mut bench, "adminAssign", EXCHANGE, group).expect(201);
    active(&mut bench, "adminRemove", EXCHANGE, group).refused("ActiveDurationTooShort");
    active(&mut bench, "adminUpdate", EXCHANGE, group).refused("ActiveDurationTooShort");
    bench.pass_minutes(5);
    let answer = active(&mut bench, "adminRemove", EXCHANGE, group).expect(201);
    assert_eq!(answer.text("status"), "Revoked");
    for name in ["scheduleInfo", "targetScheduleId", "completedDateTime"] {
        assert_eq!(answer.body[name], Value::Null, "{name}");
    }
    assert!(!holds(&bench, EXCHANGE, group, "/"));
}

#[test]
fn the_five_minutes_bind_the_grant_or_the_principal_as_the_switch_says() {
    for (value, code) in [("grant", "201"), ("principal", "ActiveDurationTooShort")] {
        let mut bench = Bench::with(&[("roleFiveMinutes", value)]);
        let group = bench.group(Roles::Assignable);
        active(&mut bench, "adminAssign", EXCHANGE, group).expect(201);
        bench.pass_minutes(6);
        active(&mut bench, "adminAssign", HELPDESK, group).expect(201);
        assert_eq!(
            active(&mut bench, "adminRemove", EXCHANGE, group).code(),
            code,
            "{value}"
        );
    }
}

#[test]
fn the_policy_of_the_role_is_asked_and_its_refusal_names_the_rule() {
    let (mut bench, group) = Bench::and_group(Roles::Assignable);
    let filter = format!(
        "scopeId eq '/' and scopeType eq 'DirectoryRole' and roleDefinitionId eq '{EXCHANGE}'"
    );
    let found = bench
        .get(&format!(
            "/policies/roleManagementPolicyAssignments?$filter={filter}"
        ))
        .expect(200);
    let id = found.rows()[0]["policyId"].as_str().unwrap().to_owned();
    let rule = json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule",
        "id": "Expiration_Admin_Assignment", "isExpirationRequired": true, "maximumDuration": "P15D"});
    bench
        .patch(
            &format!("/policies/roleManagementPolicies/{id}/rules/Expiration_Admin_Assignment"),
            rule,
        )
        .expect(204);
    let refused = active(&mut bench, "adminAssign", EXCHANGE, group);
    refused.refused("RoleAssignmentRequestPolicyValidationFailed");
    assert!(refused.message().contains("ExpirationRule"));
    active(&mut bench, "adminAssign", HELPDESK, group).expect(201);
    plain(&mut bench, EXCHANGE, group, "/").expect(201);
}

#[test]
fn a_plain_assignment_is_listed_by_pim_as_the_switch_says() {
    let (mut bench, group) = Bench::and_group(Roles::Assignable);
    let id = plain(&mut bench, EXCHANGE, group, "/")
        .expect(201)
        .text("id");
    let schedule = &list(&mut bench, "roleAssignmentSchedules", group)[0];
    assert_eq!(
        (&schedule["id"], &schedule["scheduleInfo"]["startDateTime"]),
        (&json!(id), &Value::Null)
    );
    assert_eq!(
        list(&mut bench, "roleAssignmentScheduleInstances", group)[0]["roleAssignmentScheduleId"],
        json!(id)
    );
    active(&mut bench, "adminAssign", EXCHANGE, group).refused("RoleAssignmentExists");
    active(&mut bench, "adminRemove", EXCHANGE, group).expect(201);
    assert!(!holds(&bench, EXCHANGE, group, "/"));

    bench.switch("plainAssignmentInSchedules", "off");
    plain(&mut bench, EXCHANGE, group, "/").expect(201);
    assert!(list(&mut bench, "roleAssignmentSchedules", group).is_empty());
    active(&mut bench, "adminRemove", EXCHANGE, group).refused("RoleAssignmentDoesNotExist");
    active(&mut bench, "adminAssign", EXCHANGE, group).expect(201);
    bench.pass_minutes(6);
    active(&mut bench, "adminRemove", EXCHANGE, group).expect(201);
    assert!(
        holds(&bench, EXCHANGE, group, "/"),
        "the plain assignment stands below"
    );
}

#[test]
fn an_assignment_over_a_plain_one_is_taken_as_the_switch_says() {
    let mut bench = Bench::with(&[("assignOverPlainRole", "on")]);
    let group = bench.group(Roles::Assignable);
    plain(&mut bench, EXCHANGE, group, "/").expect(201);
    active(&mut bench, "adminAssign", EXCHANGE, group).expect(201);
    assert_eq!(list(&mut bench, "roleAssignmentSchedules", group).len(), 1);
    assert_eq!(list(&mut bench, "roleAssignments", group).len(), 1);
    assert_eq!(
        bench
            .when(|effect| matches!(effect, Effect::RoleAssigned { .. }))
            .len(),
        1
    );
}

#[test]
fn the_row_of_a_pim_assignment_is_deleted_as_the_switch_says() {
    for (value, status, stays) in [("on", 204, false), ("off", 400, true)] {
        let mut bench = Bench::with(&[("deletePimOwnedRow", value)]);
        let group = bench.group(Roles::Assignable);
        active(&mut bench, "adminAssign", EXCHANGE, group).expect(201);
        let id = list(&mut bench, "roleAssignments", group)[0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        bench
            .delete(&format!("{ROLES}/roleAssignments/{id}"))
            .expect(status);
        assert_eq!(holds(&bench, EXCHANGE, group, "/"), stays);
        assert_eq!(
            list(&mut bench, "roleAssignmentSchedules", group).len(),
            usize::from(stays)
        );
    }
}

#[test]
fn lists_of_role_schedules_lag_as_the_switches_say() {
    let mut bench = Bench::with(&[("roleGrantLag", "25s"), ("roleRemovalLag", "2s")]);
    let group = bench.group(Roles::Assignable);
    eligible(&mut bench, "adminAssign", EXCHANGE, group).expect(201);
    bench.pass(SignedDuration::from_secs(10));
    assert!(list(&mut bench, "roleEligibilitySchedules", group).is_empty());
    bench.pass(SignedDuration::from_secs(15));
    assert_eq!(list(&mut bench, "roleEligibilitySchedules", group).len(), 1);
    eligible(&mut bench, "adminRemove", EXCHANGE, group).expect(201);
    assert_eq!(list(&mut bench, "roleEligibilitySchedules", group).len(), 1);
    bench.pass(SignedDuration::from_secs(2));
    assert!(list(&mut bench, "roleEligibilitySchedules", group).is_empty());
}

#[test]
fn requests_refuse_status_filters_and_sorting_as_the_switch_says() {
    let (mut bench, group) = Bench::and_group(Roles::Assignable);
    active(&mut bench, "adminAssign", EXCHANGE, group).expect(201);
    let at = ROLE_REQUESTS;
    let queries = [
        "$filter=status eq 'PendingApproval'",
        "$orderby=createdDateTime desc",
    ];
    for query in queries {
        assert_eq!(
            bench.get(&format!("{at}?{query}")).code(),
            "InvalidFilter",
            "{query}"
        );
    }
    let filter = format!("principalId eq '{group}' and directoryScopeId eq '/'");
    let found = bench.get(&format!("{at}?$filter={filter}&$select=id,status&$top=5"));
    assert_eq!(found.expect(200).rows().len(), 1);
    bench.switch("roleRequestStatusFilterRefused", "off");
    for query in queries {
        bench.get(&format!("{at}?{query}")).expect(200);
    }
}

#[test]
fn requests_are_read_with_a_permission_that_writes() {
    let (mut bench, group) = Bench::and_group(Roles::Assignable);
    let request = active(&mut bench, "adminAssign", EXCHANGE, group)
        .expect(201)
        .text("id");
    let at = ROLE_REQUESTS;
    bench.permit(&[
        "RoleAssignmentSchedule.Read.Directory",
        "RoleManagement.Read.Directory",
    ]);
    assert_eq!(list(&mut bench, "roleAssignmentSchedules", group).len(), 1);
    let refused = bench.get(at);
    refused.is(403, "UnknownError");
    let inner: Value = serde_json::from_str(refused.message()).unwrap();
    assert_eq!(inner["errorCode"], "PermissionScopeNotGranted");
    bench.switch("roleScopeDenial", "plain");
    bench.get(at).refused("PermissionScopeNotGranted");
    bench.switch("roleRequestReadNeedsWrite", "off");
    bench.get(&format!("{at}/{request}")).expect(200);
    bench.switch("roleRequestReadNeedsWrite", "on");
    bench.permit(&["RoleAssignmentSchedule.Remove.Directory"]);
    bench.get(at).expect(200);
    active(&mut bench, "adminAssign", HELPDESK, group).expect(403);
    active(&mut bench, "adminRemove", EXCHANGE, group).refused("ActiveDurationTooShort");
}

#[test]
fn a_member_of_an_eligible_group_activates_the_role_at_its_scope() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Assignable);
    bench.add(group, crate::ids::Access::Member, user);
    eligible(&mut bench, "adminAssign", EXCHANGE, group).expect(201);
    let mut requested = body("selfActivate", EXCHANGE, user);
    requested["scheduleInfo"]["expiration"] = json!({"type": "afterDuration", "duration": "PT2H"});
    let at = ROLE_REQUESTS;
    let refused = bench.as_user((user, ""), "POST", at, Some(requested.clone()));
    assert!(refused.message().contains("MfaRule"));
    bench
        .as_user((user, "mfa"), "POST", at, Some(requested))
        .expect(201);
    assert!(holds(&bench, EXCHANGE, user, "/"));
    let mine =
        format!("{ROLES}/roleEligibilityScheduleInstances/filterByCurrentUser(on='principal')");
    assert_eq!(
        bench
            .as_user((user, ""), "GET", &mine, None)
            .expect(200)
            .rows()[0]["memberType"],
        json!("Group")
    );
    bench.pass(SignedDuration::from_hours(3));
    assert!(!holds(&bench, EXCHANGE, user, "/"));
    assert_eq!(
        bench.when(|effect| matches!(effect, Effect::RoleUnassigned { .. })),
        ["2026-11-21T10:00:00Z"]
    );
}

#[test]
fn only_role_managers_assign_roles_in_their_own_name() {
    let mut bench = Bench::new();
    let (group, admin, user) = (bench.group(Roles::Assignable), bench.user(), bench.user());
    plain(&mut bench, GLOBAL, admin, "/").expect(201);
    let at = ROLE_REQUESTS;
    let requested = body("adminAssign", EXCHANGE, group);
    bench
        .as_user((user, "mfa"), "POST", at, Some(requested.clone()))
        .expect(403);
    bench
        .as_user((admin, "mfa"), "POST", at, Some(requested))
        .expect(201);
}

#[test]
fn roles_of_a_deleted_group_come_back_with_it() {
    let mut bench = Bench::with(&[("rolePhantom", "7d")]);
    let group = bench.group(Roles::Assignable);
    plain(&mut bench, EXCHANGE, group, "/").expect(201);
    active(&mut bench, "adminAssign", HELPDESK, group).expect(201);
    bench.delete(&format!("/groups/{group}")).expect(204);
    assert!(!holds(&bench, EXCHANGE, group, "/") && !holds(&bench, HELPDESK, group, "/"));
    assert_eq!(
        list(&mut bench, "roleAssignmentSchedules", group).len(),
        1,
        "PIM shows it for a while"
    );
    bench.pass(SignedDuration::from_hours(8 * 24));
    assert!(list(&mut bench, "roleAssignmentSchedules", group).is_empty());
    bench
        .post(
            &format!("/directory/deletedItems/{group}/restore"),
            json!({}),
        )
        .expect(200);
    assert!(holds(&bench, EXCHANGE, group, "/") && holds(&bench, HELPDESK, group, "/"));
    bench.delete(&format!("/groups/{group}")).expect(204);
    bench
        .delete(&format!("/directory/deletedItems/{group}"))
        .expect(204);
    assert!(list(&mut bench, "roleAssignments", group).is_empty());
}

#[test]
fn schedules_of_a_custom_role_show_the_id_that_the_switch_says() {
    let (mut bench, group) = Bench::and_group(Roles::Assignable);
    let (id, template) = (
        RoleId::new(uuid::Uuid::from_u128(1)),
        RoleId::new(uuid::Uuid::from_u128(2)),
    );
    bench.tenant.roles.add_definition(RoleDefinition {
        id,
        template_id: template,
        display_name: "Key rotator".to_owned(),
        origin: RoleOrigin::Custom,
        actions: vec!["microsoft.directory/applications/credentials/update".to_owned()],
    });
    let answer = eligible(&mut bench, "adminAssign", &template.to_string(), group).expect(201);
    assert_eq!(answer.text("roleDefinitionId"), id.to_string());
    let filter = format!("{ROLES}/roleEligibilitySchedules?$filter=roleDefinitionId eq '{id}'");
    assert_eq!(bench.get(&filter).expect(200).rows().len(), 1);
    bench.switch("scheduleRoleId", "template");
    assert_eq!(
        bench.get(&filter).expect(200).rows().len(),
        0,
        "a filter by the other id loses the row"
    );
}

#[test]
fn a_future_role_is_canceled_and_an_expired_one_renewed() {
    let (mut bench, group) = Bench::and_group(Roles::Assignable);
    let at = format!("{ROLES}/roleEligibilityScheduleRequests");
    let mut requested = body("adminAssign", EXCHANGE, group);
    requested["scheduleInfo"] = json!({
        "startDateTime": "2026-12-01T00:00:00Z", "expiration": {"type": "afterDuration", "duration": "P2D"},
    });
    let ahead = bench.post(&at, requested.clone()).expect(201);
    assert_eq!(ahead.text("status"), "Granted");
    bench
        .post(&format!("{at}/{}/cancel", ahead.text("id")), json!({}))
        .expect(204);
    requested["scheduleInfo"]["startDateTime"] = Value::Null;
    bench.post(&at, requested.clone()).expect(201);
    bench.pass(SignedDuration::from_hours(49));
    assert!(list(&mut bench, "roleEligibilitySchedules", group).is_empty());
    requested["action"] = json!("adminRenew");
    bench.post(&at, requested).expect(201);
    assert_eq!(
        list(&mut bench, "roleEligibilityScheduleInstances", group).len(),
        1
    );
}

#[test]
fn the_whole_tenant_is_expanded_to_its_path() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Assignable);
    plain(&mut bench, HELPDESK, user, "/").expect(201);
    active(&mut bench, "adminAssign", EXCHANGE, group).expect(201);
    eligible(&mut bench, "adminAssign", EXCHANGE, user).expect(201);
    for collection in [
        "roleAssignments",
        "roleAssignmentSchedules",
        "roleAssignmentScheduleInstances",
        "roleAssignmentScheduleRequests",
        "roleEligibilitySchedules",
        "roleEligibilityScheduleRequests",
    ] {
        let path = format!("{ROLES}/{collection}?$expand=directoryScope");
        let answer = bench.get(&path).expect(200);
        assert!(!answer.rows().is_empty(), "{collection}");
        for row in answer.rows() {
            assert_eq!(row["directoryScope"], json!({"id": "/"}), "{collection}");
        }
    }
}

#[test]
fn a_request_for_a_group_without_roles_is_lost_as_the_switch_says() {
    let mut bench = Bench::with(&[("roleRequestForPlainGroup", "granted")]);
    let group = bench.group(Roles::Not);
    for (collection, schedules) in [
        ("roleAssignmentScheduleRequests", "roleAssignmentSchedules"),
        (
            "roleEligibilityScheduleRequests",
            "roleEligibilitySchedules",
        ),
    ] {
        let at = format!("{ROLES}/{collection}");
        let asked = body("adminAssign", EXCHANGE, group);
        let answer = bench.post(&at, asked).expect(201);
        assert_eq!(answer.text("status"), "Granted");
        bench.pass(SignedDuration::from_hours(24));
        let read = bench
            .get(&format!("{at}/{}", answer.text("id")))
            .expect(200);
        assert_eq!(read.text("status"), "Granted");
        assert!(list(&mut bench, schedules, group).is_empty());
    }
    assert!(!holds(&bench, EXCHANGE, group, "/"));
    plain(&mut bench, EXCHANGE, group, "/").expect(400);
}

#[test]
fn a_role_request_is_put_off_by_a_script() {
    let (mut bench, group) = Bench::and_group(Roles::Assignable);
    let rule = json!({"match": {"operation": "roleAssignmentRequests.create"},
        "effect": {"accept": {"status": "PendingProvisioning", "after": "3m"}}});
    bench
        .tenant
        .faults
        .add(serde_json::from_value(rule).unwrap());
    let answer = active(&mut bench, "adminAssign", EXCHANGE, group).expect(201);
    assert_eq!(answer.text("status"), "PendingProvisioning");
    assert!(!holds(&bench, EXCHANGE, group, "/"));
    bench.pass_minutes(3);
    assert!(holds(&bench, EXCHANGE, group, "/"));
}
