use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::ids::{Access, AppId, ObjectId};
use crate::journal::Effect;
use crate::pim::bench::{Answer, Bench, PIM, Roles};

const MEMBER: Access = Access::Member;
const OWNER: Access = Access::Owner;

/// A request with a window of days; zero days ask for no end.
fn body(action: &str, group: ObjectId, access: Access, principal: ObjectId, days: u32) -> Value {
    let expiration = match days {
        0 => json!({"type": "noExpiration"}),
        days => json!({"type": "afterDuration", "duration": format!("P{days}D")}),
    };
    json!({
        "action": action, "accessId": access.as_str(), "groupId": group.to_string(),
        "principalId": principal.to_string(), "justification": "declared in git",
        "scheduleInfo": {"startDateTime": null, "expiration": expiration},
    })
}

fn eligible(bench: &mut Bench, action: &str, group: ObjectId, principal: ObjectId) -> Answer {
    bench.post(
        &format!("{PIM}/eligibilityScheduleRequests"),
        body(action, group, MEMBER, principal, 30),
    )
}

fn active(
    bench: &mut Bench,
    action: &str,
    group: ObjectId,
    access: Access,
    principal: ObjectId,
) -> Answer {
    bench.post(
        &format!("{PIM}/assignmentScheduleRequests"),
        body(action, group, access, principal, 30),
    )
}

fn list(bench: &mut Bench, collection: &str, group: ObjectId) -> Vec<Value> {
    bench
        .get(&format!("{PIM}/{collection}?$filter=groupId eq '{group}'"))
        .expect(200)
        .rows()
        .to_vec()
}

fn activation(group: ObjectId, access: Access, user: ObjectId, hours: u32) -> Value {
    let mut body = body("selfActivate", group, access, user, 1);
    body["scheduleInfo"]["expiration"]["duration"] = json!(format!("PT{hours}H"));
    body
}

fn activate(bench: &mut Bench, group: ObjectId, user: ObjectId, hours: u32) -> Answer {
    let path = format!("{PIM}/assignmentScheduleRequests");
    bench.as_user(
        (user, ""),
        "POST",
        &path,
        Some(activation(group, MEMBER, user, hours)),
    )
}

/// Opens the policy of an access for permanent grants and sets further rules.
fn policy(bench: &mut Bench, group: ObjectId, access: Access, rules: Value) {
    let filter =
        format!("scopeId eq '{group}' and scopeType eq 'Group' and roleDefinitionId eq '{access}'");
    let path = format!("/policies/roleManagementPolicyAssignments?$filter={filter}");
    let id = bench.get(&path).expect(200).rows()[0]["policyId"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut body = json!({});
    body["rules"] = rules;
    bench
        .patch(&format!("/policies/roleManagementPolicies/{id}"), body)
        .expect(200);
}

fn permanent_active() -> Value {
    json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule",
        "id": "Expiration_Admin_Assignment", "isExpirationRequired": false})
}

fn enabled(id: &str, rules: &[&str]) -> Value {
    json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyEnablementRule", "id": id, "enabledRules": rules})
}

#[test]
fn an_eligibility_is_answered_listed_and_no_membership() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Assignable), bench.user());
    let answer = eligible(&mut bench, "adminAssign", group, user).expect(201);
    let id = answer.text("id");
    assert_eq!(answer.text("status"), "Provisioned");
    assert_eq!(
        answer.text("targetScheduleId"),
        format!("{group}_member_{id}")
    );
    assert_eq!(
        answer.body["createdBy"]["user"]["id"],
        json!(bench.operator().to_string())
    );
    assert_eq!(
        answer.body["scheduleInfo"]["expiration"],
        json!({"type": "afterDuration", "endDateTime": null, "duration": "P30D"})
    );
    let schedules = list(&mut bench, "eligibilitySchedules", group);
    assert_eq!(schedules[0]["id"], answer.body["targetScheduleId"]);
    assert_eq!(schedules[0]["createdUsing"], json!(id));
    assert_eq!(
        schedules[0]["scheduleInfo"]["expiration"],
        json!({"type": "afterDateTime", "endDateTime": "2026-12-21T08:00:00Z", "duration": null})
    );
    let instances = list(&mut bench, "eligibilityScheduleInstances", group);
    assert_eq!(
        instances[0]["eligibilityScheduleId"],
        answer.body["targetScheduleId"]
    );
    assert_ne!(instances[0]["id"], answer.body["targetScheduleId"]);
    assert_eq!(instances[0]["endDateTime"], json!("2026-12-21T08:00:00Z"));
    assert!(bench.is_eligible(group, MEMBER, user) && !bench.is_in(group, MEMBER, user));
}

#[test]
fn names_and_actions_are_taken_in_any_case() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Not), bench.user());
    let body = json!({
        "accessID": "Member", "groupID": group.to_string().to_uppercase(), "principalID": user.to_string(),
        "action": "AdminAssign", "justification": "x",
        "scheduleInfo": {"expiration": {"type": "AfterDateTime", "endDateTime": "2026-12-01T00:00:00Z"}},
    });
    let answer = bench
        .post(&format!("{PIM}/eligibilityScheduleRequests"), body)
        .expect(201);
    assert_eq!(
        (answer.text("action"), answer.text("accessId")),
        ("adminAssign".to_owned(), "member".to_owned())
    );
    assert_eq!(answer.text("groupId"), group.to_string());
}

#[test]
fn bodies_that_are_no_requests_are_refused() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Not), bench.user());
    let good = body("adminAssign", group, MEMBER, user, 30);
    for (name, value) in [
        ("accessId", json!("guest")),
        ("groupId", json!("x")),
        ("principalId", json!(null)),
        ("action", json!("adminTeleport")),
        ("justification", json!(7)),
        ("colour", json!("red")),
        (
            "scheduleInfo",
            json!({"expiration": {"type": "afterDuration", "duration": "P1Y"}}),
        ),
    ] {
        let mut bad = good.clone();
        bad[name] = value;
        let answer = bench.post(&format!("{PIM}/eligibilityScheduleRequests"), bad);
        assert_eq!(answer.code(), "InvalidRoleAssignmentRequest", "{name}");
    }
}

#[test]
fn an_active_assignment_is_a_membership_until_its_exact_end() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Not), bench.user());
    active(&mut bench, "adminAssign", group, MEMBER, user).expect(201);
    assert!(bench.is_in(group, MEMBER, user));
    bench.pass(SignedDuration::from_hours(31 * 24));
    assert!(!bench.is_in(group, MEMBER, user));
    let gone = bench.when(|effect| {
        matches!(
            effect,
            Effect::MemberRemoved { .. } | Effect::ActiveEnded(_)
        )
    });
    assert_eq!(gone, ["2026-12-21T08:00:00Z", "2026-12-21T08:00:00Z"]);
    assert_eq!(
        list(&mut bench, "assignmentSchedules", group),
        Vec::<Value>::new()
    );
}

#[test]
fn a_future_assignment_is_a_schedule_without_instance_until_it_starts() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Not), bench.user());
    let mut later = body("adminAssign", group, MEMBER, user, 2);
    later["scheduleInfo"]["startDateTime"] = json!("2026-11-22T08:00:00Z");
    let answer = bench
        .post(&format!("{PIM}/assignmentScheduleRequests"), later)
        .expect(201);
    assert_eq!(answer.text("status"), "Granted");
    assert_eq!(list(&mut bench, "assignmentSchedules", group).len(), 1);
    assert_eq!(
        list(&mut bench, "assignmentScheduleInstances", group).len(),
        0
    );
    assert!(!bench.is_in(group, MEMBER, user));
    bench.pass(SignedDuration::from_hours(36));
    assert!(bench.is_in(group, MEMBER, user));
    assert_eq!(
        bench.when(|effect| matches!(effect, Effect::MemberAdded { .. })),
        ["2026-11-22T08:00:00Z"]
    );
    let request = bench
        .get(&format!(
            "{PIM}/assignmentScheduleRequests/{}",
            answer.text("id")
        ))
        .expect(200);
    assert_eq!(request.text("status"), "Provisioned");
}

#[test]
fn a_removal_is_answered_revoked_without_window() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Not), bench.user());
    active(&mut bench, "adminAssign", group, MEMBER, user).expect(201);
    let young = active(&mut bench, "adminRemove", group, MEMBER, user);
    assert_eq!(young.code(), "ActiveDurationTooShort");
    bench.pass_minutes(5);
    let answer = active(&mut bench, "adminRemove", group, MEMBER, user).expect(201);
    assert_eq!(answer.text("status"), "Revoked");
    for name in ["scheduleInfo", "targetScheduleId", "completedDateTime"] {
        assert_eq!(answer.body[name], Value::Null, "{name}");
    }
    assert!(!bench.is_in(group, MEMBER, user));
    assert_eq!(
        active(&mut bench, "adminRemove", group, MEMBER, user).code(),
        "RoleAssignmentDoesNotExist"
    );
}

#[test]
fn an_update_has_a_new_id_and_no_gap() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Not), bench.user());
    let first = active(&mut bench, "adminAssign", group, MEMBER, user).expect(201);
    let second = active(&mut bench, "adminUpdate", group, MEMBER, user).expect(201);
    assert_ne!(
        first.text("targetScheduleId"),
        second.text("targetScheduleId")
    );
    assert_eq!(list(&mut bench, "assignmentSchedules", group).len(), 1);
    assert_eq!(
        bench
            .when(|effect| matches!(effect, Effect::MemberRemoved { .. }))
            .len(),
        0
    );
    assert_eq!(
        bench
            .when(|effect| matches!(effect, Effect::ActiveChanged(_)))
            .len(),
        1
    );
    let old = first.text("targetScheduleId");
    assert_eq!(
        bench
            .get(&format!("{PIM}/assignmentSchedules/{old}"))
            .code(),
        "ResourceNotFound"
    );
    let new = second.text("targetScheduleId");
    assert_eq!(
        bench
            .get(&format!("{PIM}/assignmentSchedules/{new}"))
            .expect(200)
            .text("id"),
        new
    );
}

#[test]
fn the_policy_refuses_what_it_does_not_allow_and_names_the_rules() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Not), bench.user());
    let mut bare = body("adminAssign", group, MEMBER, user, 0);
    bare["justification"] = Value::Null;
    let answer = bench.post(&format!("{PIM}/assignmentScheduleRequests"), bare.clone());
    assert_eq!(answer.code(), "RoleAssignmentRequestPolicyValidationFailed");
    assert!(
        answer.body["error"]["message"]
            .as_str()
            .unwrap()
            .ends_with(r#"["ExpirationRule","JustificationRule"]"#)
    );
    bare["isValidationOnly"] = json!(true);
    assert_eq!(
        bench
            .post(&format!("{PIM}/assignmentScheduleRequests"), bare)
            .status,
        400
    );
    policy(&mut bench, group, MEMBER, json!([permanent_active()]));
    bench
        .post(
            &format!("{PIM}/assignmentScheduleRequests"),
            body("adminAssign", group, MEMBER, user, 0),
        )
        .expect(201);
    assert_eq!(
        bench
            .post(
                &format!("{PIM}/assignmentScheduleRequests"),
                body("adminAssign", group, OWNER, user, 0)
            )
            .status,
        400
    );
}

#[test]
fn a_second_factor_is_asked_of_applications_as_the_switch_says() {
    for (value, status) in [("on", 400), ("off", 201)] {
        let mut bench = Bench::with(&[("adminMfaForApps", value)]);
        let (group, user) = (bench.group(Roles::Not), bench.user());
        policy(
            &mut bench,
            group,
            MEMBER,
            json!([enabled(
                "Enablement_Admin_Assignment",
                &["MultiFactorAuthentication"]
            )]),
        );
        active(&mut bench, "adminAssign", group, MEMBER, user).expect(status);
    }
}

#[test]
fn a_validation_answers_and_does_nothing() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Not), bench.user());
    let mut only = body("adminAssign", group, MEMBER, user, 30);
    only["isValidationOnly"] = json!(true);
    let answer = bench
        .post(&format!("{PIM}/assignmentScheduleRequests"), only)
        .expect(201);
    assert_eq!(answer.body["isValidationOnly"], json!(true));
    assert!(!bench.is_in(group, MEMBER, user));
    assert_eq!(
        list(&mut bench, "assignmentScheduleRequests", group),
        Vec::<Value>::new()
    );
}

#[test]
fn a_young_group_is_unknown_then_fails_then_works() {
    let mut bench = Bench::with(&[("pimPhase1", "4s"), ("pimPhase2", "6s")]);
    let (group, user) = (bench.group(Roles::Not), bench.user());
    assert_eq!(
        eligible(&mut bench, "adminAssign", group, user).code(),
        "ResourceNotFound"
    );
    assert_eq!(
        bench
            .get(&format!(
                "{PIM}/eligibilitySchedules?$filter=groupId eq '{group}'"
            ))
            .status,
        404
    );
    bench.pass(SignedDuration::from_secs(5));
    let failed = eligible(&mut bench, "adminAssign", group, user).expect(201);
    assert_eq!(failed.text("status"), "Failed");
    assert_eq!(list(&mut bench, "eligibilitySchedules", group).len(), 0);
    assert!(!bench.is_eligible(group, MEMBER, user));
    bench.pass(SignedDuration::from_secs(5));
    assert_eq!(
        eligible(&mut bench, "adminAssign", group, user)
            .expect(201)
            .text("status"),
        "Provisioned"
    );
}

#[test]
fn a_young_or_unknown_principal_is_no_subject() {
    let mut bench = Bench::with(&[("youngPrincipalDelay", "8s")]);
    let now = bench.tenant.now();
    let (group, user) = (bench.group(Roles::Not), bench.user_created(now));
    assert_eq!(
        eligible(&mut bench, "adminAssign", group, user).code(),
        "SubjectNotFound"
    );
    bench.pass(SignedDuration::from_secs(8));
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    let nobody = bench.tenant.new_object_id();
    assert_eq!(
        eligible(&mut bench, "adminAssign", group, nobody).code(),
        "SubjectNotFound"
    );
}

#[test]
fn lists_need_a_group_or_a_principal() {
    let mut bench = Bench::new();
    for collection in [
        "eligibilitySchedules",
        "assignmentScheduleInstances",
        "assignmentScheduleRequests",
    ] {
        let answer = bench.get(&format!("{PIM}/{collection}"));
        assert_eq!(answer.code(), "MissingParameters");
        assert_eq!(
            bench
                .get(&format!("{PIM}/{collection}?$filter=accessId eq 'member'"))
                .code(),
            "MissingParameters"
        );
    }
}

#[test]
fn lists_are_filtered_selected_sorted_and_expanded() {
    let mut bench = Bench::new();
    let (group, one, two) = (bench.group(Roles::Not), bench.user(), bench.user());
    eligible(&mut bench, "adminAssign", group, one).expect(201);
    bench.pass_minutes(1);
    eligible(&mut bench, "adminAssign", group, two).expect(201);
    let at = format!("{PIM}/eligibilityScheduleRequests?$filter=groupId eq '{group}'");
    let sorted = bench
        .get(&format!(
            "{at}&$orderby=createdDateTime desc&$select=id,principalId"
        ))
        .expect(200);
    assert_eq!(sorted.rows()[0]["principalId"], json!(two.to_string()));
    assert_eq!(sorted.rows()[0].as_object().unwrap().len(), 2);
    let filtered = bench
        .get(&format!(
            "{at} and principalId eq '{one}' and status eq 'provisioned'"
        ))
        .expect(200);
    assert_eq!(filtered.rows().len(), 1);
    let expanded = bench
        .get(&format!("{at}&$expand=principal,group"))
        .expect(200);
    assert!(
        expanded
            .rows()
            .iter()
            .all(|row| row["group"].is_null() && row["principal"]["id"] == row["principalId"])
    );
    bench.switch("expandGroupBroken", "off");
    let expanded = bench.get(&format!("{at}&$expand=group")).expect(200);
    assert_eq!(expanded.rows()[0]["group"]["displayName"], json!("PAG"));
    let by_principal = bench
        .get(&format!(
            "{PIM}/eligibilitySchedules?$filter=principalId eq '{two}'"
        ))
        .expect(200);
    assert_eq!(by_principal.rows().len(), 1);
}

#[test]
fn plain_members_are_listed_with_null_dates_and_one_id() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Not), bench.user());
    let app = bench.service_principal("app", AppId::new(uuid::Uuid::from_u128(5)));
    bench.add(group, MEMBER, user);
    bench.add(group, OWNER, app);
    let instances = list(&mut bench, "assignmentScheduleInstances", group);
    assert_eq!(instances.len(), 1);
    let row = &instances[0];
    assert_eq!(
        (
            &row["startDateTime"],
            &row["endDateTime"],
            &row["assignmentType"]
        ),
        (&Value::Null, &Value::Null, &json!("Assigned"))
    );
    assert_eq!(row["id"], row["assignmentScheduleId"]);
    assert_eq!(
        list(&mut bench, "assignmentSchedules", group)[0]["id"],
        row["id"]
    );
    bench.switch("plainServicePrincipalsInPim", "on");
    assert_eq!(
        list(&mut bench, "assignmentScheduleInstances", group).len(),
        2
    );
}

#[test]
fn a_plain_member_exists_already_and_can_be_taken_out() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Not), bench.user());
    bench.add(group, MEMBER, user);
    assert_eq!(
        active(&mut bench, "adminAssign", group, MEMBER, user).code(),
        "RoleAssignmentExists"
    );
    active(&mut bench, "adminRemove", group, MEMBER, user).expect(201);
    assert!(!bench.is_in(group, MEMBER, user));

    let mut other = Bench::with(&[
        ("assignOverPlainMember", "on"),
        ("changePlainMember", "off"),
    ]);
    let (group, user) = (other.group(Roles::Not), other.user());
    other.add(group, MEMBER, user);
    assert_eq!(
        active(&mut other, "adminRemove", group, MEMBER, user).code(),
        "RoleAssignmentDoesNotExist"
    );
    active(&mut other, "adminAssign", group, MEMBER, user).expect(201);
    assert_eq!(list(&mut other, "assignmentSchedules", group).len(), 1);
}

#[test]
fn a_removal_through_the_groups_api_overrides_pim() {
    for (value, left) in [("on", 0), ("off", 1)] {
        let mut bench = Bench::with(&[("membersApiEndsPim", value)]);
        let (group, user) = (bench.group(Roles::Not), bench.user());
        active(&mut bench, "adminAssign", group, MEMBER, user).expect(201);
        bench
            .delete(&format!("/groups/{group}/members/{user}/$ref"))
            .expect(204);
        assert!(!bench.is_in(group, MEMBER, user));
        assert_eq!(list(&mut bench, "assignmentSchedules", group).len(), left);
    }
}

#[test]
fn a_deleted_group_takes_its_schedules_along_and_a_restore_does_not_bring_them_back() {
    let mut bench = Bench::new();
    let (group, user, other) = (bench.group(Roles::Not), bench.user(), bench.user());
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    active(&mut bench, "adminAssign", group, MEMBER, other).expect(201);
    bench.delete(&format!("/groups/{group}")).expect(204);
    assert!(!bench.is_eligible(group, MEMBER, user));
    assert_eq!(
        bench
            .get(&format!(
                "{PIM}/eligibilitySchedules?$filter=groupId eq '{group}'"
            ))
            .code(),
        "ResourceNotFound"
    );
    bench
        .post(
            &format!("/directory/deletedItems/{group}/restore"),
            json!({}),
        )
        .expect(200);
    assert_eq!(
        list(&mut bench, "eligibilitySchedules", group),
        Vec::<Value>::new()
    );
    assert!(
        bench.is_in(group, MEMBER, other),
        "memberships come back with the group"
    );
}

#[test]
fn a_deleted_user_lingers_among_the_eligible_and_can_be_removed() {
    let mut bench = Bench::with(&[("phantomHours", "4h")]);
    let (group, user, other) = (bench.group(Roles::Not), bench.user(), bench.user());
    for one in [user, other] {
        eligible(&mut bench, "adminAssign", group, one).expect(201);
        bench.delete(&format!("/users/{one}")).expect(204);
        assert!(!bench.is_eligible(group, MEMBER, one));
    }
    assert_eq!(list(&mut bench, "eligibilitySchedules", group).len(), 2);
    eligible(&mut bench, "adminRemove", group, user).expect(201);
    assert_eq!(
        eligible(&mut bench, "adminAssign", group, user).code(),
        "SubjectNotFound"
    );
    bench.pass(SignedDuration::from_hours(4));
    assert_eq!(
        list(&mut bench, "eligibilitySchedules", group),
        Vec::<Value>::new()
    );
    bench
        .post(
            &format!("/directory/deletedItems/{other}/restore"),
            json!({}),
        )
        .expect(200);
    assert!(bench.is_eligible(group, MEMBER, other));
}

#[test]
fn a_user_activates_for_some_hours_and_is_out_at_the_exact_end() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Assignable), bench.user());
    assert_eq!(
        activate(&mut bench, group, user, 2).code(),
        "RoleAssignmentRequestPolicyValidationFailed"
    );
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    let answer = activate(&mut bench, group, user, 2).expect(201);
    assert_eq!(
        (answer.text("status"), answer.text("action")),
        ("Provisioned".to_owned(), "selfActivate".to_owned())
    );
    assert!(bench.is_in(group, MEMBER, user));
    let filter = format!("groupId eq '{group}' and assignmentType eq 'activated'");
    assert_eq!(
        bench
            .get(&format!(
                "{PIM}/assignmentScheduleInstances?$filter={filter}"
            ))
            .expect(200)
            .rows()
            .len(),
        1
    );
    assert_eq!(
        activate(&mut bench, group, user, 2).code(),
        "RoleAssignmentExists"
    );
    assert_eq!(
        active(&mut bench, "adminAssign", group, MEMBER, user).code(),
        "RoleAssignmentExists"
    );
    bench.pass(SignedDuration::from_hours(3));
    assert!(!bench.is_in(group, MEMBER, user) && bench.is_eligible(group, MEMBER, user));
    assert_eq!(
        bench.when(|effect| matches!(effect, Effect::ActivationEnded(_))),
        ["2026-11-21T10:00:00Z"]
    );
}

#[test]
fn the_end_of_an_eligibility_ends_the_activation_as_the_switch_says() {
    for (value, stays) in [("on", false), ("off", true)] {
        let mut bench = Bench::with(&[("removeEndsActivation", value)]);
        let (group, user) = (bench.group(Roles::Not), bench.user());
        eligible(&mut bench, "adminAssign", group, user).expect(201);
        activate(&mut bench, group, user, 2).expect(201);
        eligible(&mut bench, "adminRemove", group, user).expect(201);
        assert_eq!(bench.is_in(group, MEMBER, user), stays, "{value}");
        if stays {
            bench.pass_minutes(5);
            active(&mut bench, "adminRemove", group, MEMBER, user).expect(201);
            assert!(!bench.is_in(group, MEMBER, user));
        }
    }
}

#[test]
fn an_assignment_may_be_made_beside_an_activation_as_the_switch_says() {
    let mut bench = Bench::with(&[("assignOverActivation", "on")]);
    let (group, user) = (bench.group(Roles::Not), bench.user());
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    activate(&mut bench, group, user, 2).expect(201);
    active(&mut bench, "adminAssign", group, MEMBER, user).expect(201);
    bench.pass(SignedDuration::from_hours(3));
    assert!(
        bench.is_in(group, MEMBER, user),
        "the end of the activation leaves the assignment"
    );
    active(&mut bench, "adminRemove", group, MEMBER, user).expect(201);
    assert!(!bench.is_in(group, MEMBER, user));
}

#[test]
fn an_eligibility_is_protected_for_five_minutes_as_the_switch_says() {
    let mut bench = Bench::with(&[("eligibleFiveMinutes", "on")]);
    let (group, user) = (bench.group(Roles::Not), bench.user());
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    assert_eq!(
        eligible(&mut bench, "adminRemove", group, user).code(),
        "ActiveDurationTooShort"
    );
    bench.switch("eligibleFiveMinutes", "off");
    eligible(&mut bench, "adminRemove", group, user).expect(201);
}

#[test]
fn self_actions_are_for_the_user_himself() {
    let mut bench = Bench::new();
    let (group, user, other) = (bench.group(Roles::Not), bench.user(), bench.user());
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    let path = format!("{PIM}/assignmentScheduleRequests");
    let mine = activation(group, MEMBER, user, 1);
    assert_eq!(bench.post(&path, mine.clone()).status, 403);
    assert_eq!(
        bench
            .as_user((other, ""), "POST", &path, Some(mine.clone()))
            .status,
        403
    );
    let mut extend = mine;
    extend["action"] = json!("selfExtend");
    assert_eq!(
        bench
            .as_user((user, ""), "POST", &path, Some(extend))
            .status,
        501
    );
}

#[test]
fn an_activation_needs_the_proof_that_the_policy_asks_for() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Not), bench.user());
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    let path = format!("{PIM}/assignmentScheduleRequests");
    policy(
        &mut bench,
        group,
        MEMBER,
        json!([enabled(
            "Enablement_EndUser_Assignment",
            &["MultiFactorAuthentication", "Justification"]
        )]),
    );
    assert!(
        activate(&mut bench, group, user, 1).body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("MfaRule")
    );
    let context = json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyAuthenticationContextRule",
        "id": "AuthenticationContext_EndUser_Assignment", "isEnabled": true, "claimValue": "c1"});
    policy(
        &mut bench,
        group,
        MEMBER,
        json!([
            enabled("Enablement_EndUser_Assignment", &["Justification"]),
            context
        ]),
    );
    assert_eq!(
        activate(&mut bench, group, user, 1).code(),
        "RoleAssignmentRequestAcrsValidationFailed"
    );
    let proved = bench.as_user(
        (user, "mfa, c1"),
        "POST",
        &path,
        Some(activation(group, MEMBER, user, 1)),
    );
    assert_eq!(proved.expect(201).text("status"), "Provisioned");
}

fn with_approver(bench: &mut Bench, group: ObjectId, approver: ObjectId) {
    let rule = json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyApprovalRule", "id": "Approval_EndUser_Assignment",
        "setting": {"isApprovalRequired": true, "isApprovalRequiredForExtension": false, "isRequestorJustificationRequired": true,
            "approvalMode": "SingleStage", "approvalStages": [{"approvalStageTimeOutInDays": 1, "isApproverJustificationRequired": true,
                "escalationTimeInMinutes": 0, "isEscalationEnabled": false, "escalationApprovers": [],
                "primaryApprovers": [{"@odata.type": "#microsoft.graph.singleUser", "userId": approver.to_string()}]}]}});
    policy(bench, group, MEMBER, json!([rule]));
}

#[test]
fn an_approver_answers_once_and_then_the_activation_runs() {
    let mut bench = Bench::new();
    let (group, user, boss) = (bench.group(Roles::Not), bench.user(), bench.user());
    with_approver(&mut bench, group, boss);
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    let waiting = activate(&mut bench, group, user, 2).expect(201);
    assert_eq!(waiting.text("status"), "PendingApproval");
    assert_eq!(
        activate(&mut bench, group, user, 2).code(),
        "PendingRoleAssignmentRequest"
    );
    let at = format!("{PIM}/assignmentApprovals/{}", waiting.text("approvalId"));
    let seen = bench
        .as_user((boss, ""), "GET", &format!("{at}?$expand=stages"), None)
        .expect(200);
    let stage = &seen.body["stages"][0];
    assert_eq!(
        (&stage["assignedToMe"], &stage["reviewResult"]),
        (&json!(true), &json!("NotReviewed"))
    );
    let path = format!("{at}/stages/{}", stage["id"].as_str().unwrap());
    let yes = json!({"reviewResult": "Approve", "justification": "fine"});
    assert_eq!(
        bench
            .as_user((user, ""), "PATCH", &path, Some(yes.clone()))
            .status,
        403
    );
    assert_eq!(bench.patch(&path, yes.clone()).status, 403);
    assert_eq!(
        bench
            .as_user(
                (boss, ""),
                "PATCH",
                &path,
                Some(json!({"reviewResult": "Approve"}))
            )
            .status,
        400
    );
    let mine = format!(
        "{PIM}/assignmentScheduleRequests/filterByCurrentUser(on='approver')?$filter=groupId eq '{group}'"
    );
    assert_eq!(
        bench
            .as_user((boss, ""), "GET", &mine, None)
            .expect(200)
            .rows()
            .len(),
        1
    );
    bench
        .as_user((boss, ""), "PATCH", &path, Some(yes.clone()))
        .expect(204);
    assert!(bench.is_in(group, MEMBER, user));
    assert_eq!(
        bench.as_user((boss, ""), "PATCH", &path, Some(yes)).status,
        409
    );
}

#[test]
fn an_unanswered_activation_is_denied_after_a_day() {
    let mut bench = Bench::new();
    let (group, user, boss) = (bench.group(Roles::Not), bench.user(), bench.user());
    with_approver(&mut bench, group, boss);
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    let waiting = activate(&mut bench, group, user, 2).expect(201).text("id");
    bench.pass(SignedDuration::from_hours(24));
    let request = bench
        .get(&format!("{PIM}/assignmentScheduleRequests/{waiting}"))
        .expect(200);
    assert_eq!(request.text("status"), "Denied");
}

#[test]
fn a_custom_extension_answers_for_the_approver_as_the_switch_says() {
    for (value, status) in [
        ("approved", "PendingApproval"),
        ("denied", "Denied"),
        ("auto-approved", "Provisioned"),
    ] {
        let mut bench = Bench::with(&[
            ("customExtensionRules", "enabled"),
            ("customExtensionAnswer", value),
        ]);
        let (group, user, boss) = (bench.group(Roles::Not), bench.user(), bench.user());
        with_approver(&mut bench, group, boss);
        eligible(&mut bench, "adminAssign", group, user).expect(201);
        assert_eq!(
            activate(&mut bench, group, user, 2)
                .expect(201)
                .text("status"),
            status
        );
    }
}

#[test]
fn pending_and_future_requests_are_canceled_under_both_ids() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Not), bench.user());
    let mut later = body("adminAssign", group, MEMBER, user, 2);
    later["scheduleInfo"]["startDateTime"] = json!("2026-11-22T08:00:00Z");
    for name in ["id", "targetScheduleId"] {
        let answer = bench
            .post(&format!("{PIM}/assignmentScheduleRequests"), later.clone())
            .expect(201);
        bench
            .post(
                &format!(
                    "{PIM}/assignmentScheduleRequests/{}/cancel",
                    answer.text(name)
                ),
                json!({}),
            )
            .expect(204);
        assert_eq!(list(&mut bench, "assignmentSchedules", group).len(), 0);
        let request = bench
            .get(&format!(
                "{PIM}/assignmentScheduleRequests/{}",
                answer.text("id")
            ))
            .expect(200);
        assert_eq!(request.text("status"), "Canceled");
    }
    let done = active(&mut bench, "adminAssign", group, MEMBER, user)
        .expect(201)
        .text("id");
    assert_eq!(
        bench
            .post(
                &format!("{PIM}/assignmentScheduleRequests/{done}/cancel"),
                json!({})
            )
            .code(),
        "InvalidRoleAssignmentRequest"
    );
}

#[test]
fn a_group_is_an_eligible_member_of_a_role_assignable_group_and_never_an_active_one() {
    let mut bench = Bench::new();
    let (outer, inner, user) = (
        bench.group(Roles::Assignable),
        bench.group(Roles::Not),
        bench.user(),
    );
    bench.add(inner, MEMBER, user);
    assert_eq!(
        active(&mut bench, "adminAssign", outer, MEMBER, inner).code(),
        "InvalidRoleAssignmentRequest"
    );
    eligible(&mut bench, "adminAssign", outer, inner).expect(201);
    let by_user = bench
        .get(&format!(
            "{PIM}/eligibilitySchedules?$filter=principalId eq '{user}'"
        ))
        .expect(200);
    assert_eq!(by_user.rows()[0]["memberType"], json!("Group"));
    activate(&mut bench, outer, user, 1).expect(201);
    assert!(bench.is_in(outer, MEMBER, user) && !bench.is_in(outer, MEMBER, inner));
    assert_eq!(
        list(&mut bench, "assignmentScheduleInstances", outer)[0]["memberType"],
        json!("Group")
    );
    let owner = bench.post(
        &format!("{PIM}/eligibilityScheduleRequests"),
        body("adminAssign", outer, OWNER, inner, 3),
    );
    assert_eq!(owner.code(), "InvalidRoleAssignmentRequest");
}

#[test]
fn service_principals_may_be_eligible_as_the_switch_says() {
    for (value, status) in [("on", 201), ("off", 400)] {
        let mut bench = Bench::with(&[("eligibleServicePrincipals", value)]);
        let group = bench.group(Roles::Not);
        let app = bench.service_principal("app", AppId::new(uuid::Uuid::from_u128(5)));
        eligible(&mut bench, "adminAssign", group, app).expect(status);
        active(&mut bench, "adminAssign", group, MEMBER, app).expect(201);
    }
}

#[test]
fn a_disabled_user_is_made_eligible_and_can_not_sign_in() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Not), bench.user());
    bench
        .tenant
        .directory
        .users
        .get_mut(&user)
        .unwrap()
        .account_enabled = false;
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    assert!([401, 403].contains(&activate(&mut bench, group, user, 1).status));
}

#[test]
fn the_last_owner_is_not_removed_by_an_administrator() {
    let mut bench = Bench::new();
    let (group, owner, next) = (bench.group(Roles::Not), bench.user(), bench.user());
    active(&mut bench, "adminAssign", group, OWNER, owner).expect(201);
    bench.pass_minutes(6);
    let refused = active(&mut bench, "adminRemove", group, OWNER, owner);
    assert_eq!(refused.status, 400);
    assert!(
        refused.body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("at least one owner")
    );
    active(&mut bench, "adminAssign", group, OWNER, next).expect(201);
    active(&mut bench, "adminRemove", group, OWNER, owner).expect(201);
    assert!(!bench.is_in(group, OWNER, owner));
}

#[test]
fn the_last_owner_stays_beyond_his_window_until_another_one_comes() {
    let mut bench = Bench::with(&[("lastOwnerRetry", "2h")]);
    let (group, owner, next) = (bench.group(Roles::Not), bench.user(), bench.user());
    let assignments = format!("{PIM}/assignmentScheduleRequests");
    bench
        .post(&assignments, body("adminAssign", group, OWNER, owner, 1))
        .expect(201);
    bench.pass(SignedDuration::from_hours(25));
    assert!(bench.is_in(group, OWNER, owner));
    bench
        .post(&assignments, body("adminAssign", group, OWNER, next, 30))
        .expect(201);
    bench.pass(SignedDuration::from_hours(1));
    assert!(!bench.is_in(group, OWNER, owner), "the next try succeeds");
    assert_eq!(
        bench.when(|effect| matches!(effect, Effect::OwnerRemoved { .. })),
        ["2026-11-22T10:00:00Z"]
    );
}

#[test]
fn the_last_owner_is_permanent_after_thirty_days() {
    let mut bench = Bench::new();
    let (group, owner) = (bench.group(Roles::Not), bench.user());
    bench
        .post(
            &format!("{PIM}/assignmentScheduleRequests"),
            body("adminAssign", group, OWNER, owner, 1),
        )
        .expect(201);
    bench.pass(SignedDuration::from_hours(32 * 24));
    assert!(bench.is_in(group, OWNER, owner));
    let rows = list(&mut bench, "assignmentScheduleInstances", group);
    assert_eq!(
        (
            rows.len(),
            &rows[0]["endDateTime"],
            &rows[0]["startDateTime"]
        ),
        (1, &Value::Null, &Value::Null)
    );
    assert_eq!(
        bench.when(|effect| matches!(effect, Effect::ActiveEnded(_))),
        ["2026-12-22T08:00:00Z"]
    );
}

#[test]
fn lists_lag_behind_as_the_switches_say() {
    let mut bench = Bench::with(&[("pimGrantLag", "3s"), ("pimRemovalLag", "2s")]);
    let (group, user) = (bench.group(Roles::Not), bench.user());
    let id = eligible(&mut bench, "adminAssign", group, user)
        .expect(201)
        .text("targetScheduleId");
    assert!(bench.is_eligible(group, MEMBER, user));
    assert_eq!(
        bench
            .get(&format!("{PIM}/eligibilitySchedules/{id}"))
            .status,
        404
    );
    assert_eq!(
        eligible(&mut bench, "adminRemove", group, user).code(),
        "RoleAssignmentDoesNotExist"
    );
    bench.pass(SignedDuration::from_secs(3));
    bench
        .get(&format!("{PIM}/eligibilitySchedules/{id}"))
        .expect(200);
    eligible(&mut bench, "adminRemove", group, user).expect(201);
    assert_eq!(list(&mut bench, "eligibilitySchedules", group).len(), 1);
    bench.pass(SignedDuration::from_secs(2));
    assert_eq!(list(&mut bench, "eligibilitySchedules", group).len(), 0);
}

#[test]
fn requests_age_out_and_schedules_stay() {
    let mut bench = Bench::with(&[("requestRetention", "45d")]);
    let (group, user) = (bench.group(Roles::Not), bench.user());
    bench
        .post(
            &format!("{PIM}/eligibilityScheduleRequests"),
            body("adminAssign", group, MEMBER, user, 90),
        )
        .expect(201);
    bench.pass(SignedDuration::from_hours(45 * 24));
    assert_eq!(
        list(&mut bench, "eligibilityScheduleRequests", group),
        Vec::<Value>::new()
    );
    assert_eq!(list(&mut bench, "eligibilitySchedules", group).len(), 1);
}

#[test]
fn answers_take_the_shape_that_the_switches_say() {
    let mut bench = Bench::with(&[
        ("durationReadback", "as-asked"),
        ("createdByShape", "application"),
    ]);
    let (group, user) = (bench.group(Roles::Not), bench.user());
    let answer = eligible(&mut bench, "adminAssign", group, user).expect(201);
    assert_eq!(
        answer.body["createdBy"]["application"]["id"],
        json!(bench.operator().to_string())
    );
    let schedule = &list(&mut bench, "eligibilitySchedules", group)[0];
    assert_eq!(
        schedule["scheduleInfo"]["expiration"]["duration"],
        json!("P30D")
    );
}

#[test]
fn groups_that_pim_can_not_manage_are_refused() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Not), bench.user());
    bench
        .tenant
        .directory
        .groups
        .get_mut(&group)
        .unwrap()
        .on_premises_sync = Some(true);
    assert_eq!(
        eligible(&mut bench, "adminAssign", group, user).code(),
        "ResourceTypeNotSupported"
    );
    let unknown = bench.tenant.new_object_id();
    assert_eq!(
        eligible(&mut bench, "adminAssign", unknown, user).code(),
        "ResourceNotFound"
    );
}

#[test]
fn permissions_and_the_licence_are_asked_for() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Assignable), bench.user());
    bench.switch("licence", "none");
    assert_eq!(
        eligible(&mut bench, "adminAssign", group, user).code(),
        "AadPremiumLicenseRequired"
    );
    assert_eq!(
        bench
            .get(&format!(
                "{PIM}/eligibilitySchedules?$filter=groupId eq '{group}'"
            ))
            .code(),
        "AadPremiumLicenseRequired"
    );
    bench.switch("licence", "governance");
    bench.permit(&["PrivilegedEligibilitySchedule.Remove.AzureADGroup"]);
    assert_eq!(eligible(&mut bench, "adminAssign", group, user).status, 403);
    assert_eq!(
        eligible(&mut bench, "adminRemove", group, user).code(),
        "RoleAssignmentDoesNotExist"
    );
    bench.permit(&["PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"]);
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    bench.switch("roleAssignableNeedsRoleManagement", "on");
    assert_eq!(eligible(&mut bench, "adminRemove", group, user).status, 403);
    bench.permit(&["PrivilegedEligibilitySchedule.Read.AzureADGroup"]);
    assert_eq!(list(&mut bench, "eligibilitySchedules", group).len(), 1);
}

#[test]
fn an_owner_manages_his_group_and_a_stranger_does_not() {
    let mut bench = Bench::new();
    let (group, owner, user) = (bench.group(Roles::Assignable), bench.user(), bench.user());
    bench.add(group, OWNER, owner);
    let path = format!("{PIM}/eligibilityScheduleRequests");
    let wish = body("adminAssign", group, MEMBER, user, 30);
    assert_eq!(
        bench
            .as_user((user, "mfa"), "POST", &path, Some(wish.clone()))
            .status,
        403
    );
    let answer = bench
        .as_user((owner, "mfa"), "POST", &path, Some(wish))
        .expect(201);
    assert_eq!(
        answer.body["createdBy"]["user"]["id"],
        json!(owner.to_string())
    );
    let mine = format!(
        "{PIM}/eligibilityScheduleInstances/filterByCurrentUser(on='principal')?$filter=groupId eq '{group}'"
    );
    assert_eq!(
        bench
            .as_user((user, ""), "GET", &mine, None)
            .expect(200)
            .rows()
            .len(),
        1
    );
    assert_eq!(
        bench
            .as_user((owner, ""), "GET", &mine, None)
            .expect(200)
            .rows()
            .len(),
        0
    );
}

#[test]
fn who_holds_what_can_be_told_at_every_instant_of_a_year() {
    let mut bench = Bench::new();
    let (group, user) = (bench.group(Roles::Not), bench.user());
    let until: Timestamp = "2027-11-20T08:00:00Z".parse().unwrap();
    let mut wish = body("adminAssign", group, MEMBER, user, 1);
    wish["scheduleInfo"]["expiration"] =
        json!({"type": "afterDateTime", "endDateTime": until.to_string()});
    bench
        .post(&format!("{PIM}/eligibilityScheduleRequests"), wish)
        .expect(201);
    for _ in 0..400 {
        bench.pass(SignedDuration::from_hours(24));
        let now = bench.tenant.now();
        assert_eq!(bench.is_eligible(group, MEMBER, user), now < until, "{now}");
    }
    assert_eq!(
        bench.when(|effect| matches!(effect, Effect::EligibilityEnded(_))),
        [until.to_string()]
    );
}
