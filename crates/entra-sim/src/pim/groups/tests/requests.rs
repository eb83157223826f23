//! Requests of administrators, from the body to the effect.

use super::*;

#[test]
fn an_eligibility_is_answered_listed_and_no_membership() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Assignable);
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
    assert_eq!(instances[0]["endDateTime"], "2026-12-21T08:00:00Z");
    assert!(bench.is_eligible(group, MEMBER, user) && !bench.is_in(group, MEMBER, user));
}

#[test]
fn names_and_actions_are_taken_in_any_case() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
    let body = json!({
        "accessID": "Member", "groupID": group.to_string().to_uppercase(), "principalID": user.to_string(),
        "action": "AdminAssign", "justification": "x",
        "scheduleInfo": {"expiration": {"type": "AfterDateTime", "endDateTime": "2026-12-01T00:00:00Z"}},
    });
    let answer = bench.post(ELIGIBLE_REQUESTS, body).expect(201);
    assert_eq!(
        (answer.text("action"), answer.text("accessId")),
        ("adminAssign".to_owned(), "member".to_owned())
    );
    assert_eq!(answer.text("groupId"), group.to_string());
}

#[test]
fn bodies_that_are_no_requests_are_refused() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
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
        let answer = bench.post(ELIGIBLE_REQUESTS, bad);
        assert_eq!(answer.code(), "InvalidRoleAssignmentRequest", "{name}");
    }
}

#[test]
fn an_active_assignment_is_a_membership_until_its_exact_end() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
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
    assert!(list(&mut bench, "assignmentSchedules", group).is_empty());
}

#[test]
fn a_future_assignment_is_a_schedule_without_instance_until_it_starts() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
    let mut later = body("adminAssign", group, MEMBER, user, 2);
    later["scheduleInfo"]["startDateTime"] = json!("2026-11-22T08:00:00Z");
    let answer = bench.post(ACTIVE_REQUESTS, later).expect(201);
    assert_eq!(answer.text("status"), "Granted");
    assert_eq!(list(&mut bench, "assignmentSchedules", group).len(), 1);
    assert!(list(&mut bench, "assignmentScheduleInstances", group).is_empty());
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
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
    active(&mut bench, "adminAssign", group, MEMBER, user).expect(201);
    let young = active(&mut bench, "adminRemove", group, MEMBER, user);
    young.refused("ActiveDurationTooShort");
    bench.pass_minutes(5);
    let answer = active(&mut bench, "adminRemove", group, MEMBER, user).expect(201);
    assert_eq!(answer.text("status"), "Revoked");
    for name in ["scheduleInfo", "targetScheduleId", "completedDateTime"] {
        assert_eq!(answer.body[name], Value::Null, "{name}");
    }
    assert!(!bench.is_in(group, MEMBER, user));
    active(&mut bench, "adminRemove", group, MEMBER, user).refused("RoleAssignmentDoesNotExist");
}

#[test]
fn an_update_has_a_new_id_and_no_gap() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
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
    bench
        .get(&format!("{PIM}/assignmentSchedules/{old}"))
        .refused("ResourceNotFound");
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
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
    let mut bare = body("adminAssign", group, MEMBER, user, 0);
    bare["justification"] = Value::Null;
    let answer = bench.post(ACTIVE_REQUESTS, bare.clone());
    answer.refused("RoleAssignmentRequestPolicyValidationFailed");
    assert!(
        answer
            .message()
            .ends_with(r#"["ExpirationRule","JustificationRule"]"#)
    );
    bare["isValidationOnly"] = json!(true);
    bench.post(ACTIVE_REQUESTS, bare).expect(400);
    policy(&mut bench, group, MEMBER, json!([permanent_active()]));
    bench
        .post(ACTIVE_REQUESTS, body("adminAssign", group, MEMBER, user, 0))
        .expect(201);
    bench
        .post(ACTIVE_REQUESTS, body("adminAssign", group, OWNER, user, 0))
        .expect(400);
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
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
    let mut only = body("adminAssign", group, MEMBER, user, 30);
    only["isValidationOnly"] = json!(true);
    let answer = bench.post(ACTIVE_REQUESTS, only).expect(201);
    assert_eq!(answer.body["isValidationOnly"], true);
    assert!(!bench.is_in(group, MEMBER, user));
    assert!(list(&mut bench, "assignmentScheduleRequests", group).is_empty());
}

#[test]
fn pending_and_future_requests_are_canceled_under_both_ids() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
    let mut later = body("adminAssign", group, MEMBER, user, 2);
    later["scheduleInfo"]["startDateTime"] = json!("2026-11-22T08:00:00Z");
    for name in ["id", "targetScheduleId"] {
        let answer = bench.post(ACTIVE_REQUESTS, later.clone()).expect(201);
        bench
            .post(
                &format!(
                    "{PIM}/assignmentScheduleRequests/{}/cancel",
                    answer.text(name)
                ),
                json!({}),
            )
            .expect(204);
        assert!(list(&mut bench, "assignmentSchedules", group).is_empty());
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
    bench
        .post(
            &format!("{PIM}/assignmentScheduleRequests/{done}/cancel"),
            json!({}),
        )
        .refused("InvalidRoleAssignmentRequest");
}

#[test]
fn an_eligibility_is_protected_for_five_minutes_as_the_switch_says() {
    let mut bench = Bench::with(&[("eligibleFiveMinutes", "on")]);
    let (group, user) = (bench.group(Roles::Not), bench.user());
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    eligible(&mut bench, "adminRemove", group, user).refused("ActiveDurationTooShort");
    bench.switch("eligibleFiveMinutes", "off");
    eligible(&mut bench, "adminRemove", group, user).expect(201);
}

#[test]
fn permissions_and_the_licence_are_asked_for() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Assignable);
    bench.switch("licence", "none");
    eligible(&mut bench, "adminAssign", group, user).refused("AadPremiumLicenseRequired");
    bench
        .get(&format!(
            "{PIM}/eligibilitySchedules?$filter=groupId eq '{group}'"
        ))
        .refused("AadPremiumLicenseRequired");
    bench.switch("licence", "governance");
    bench.permit(&["PrivilegedEligibilitySchedule.Remove.AzureADGroup"]);
    let refused = eligible(&mut bench, "adminAssign", group, user);
    refused.is(403, "PermissionScopeNotGranted");
    eligible(&mut bench, "adminRemove", group, user).refused("RoleAssignmentDoesNotExist");
    bench.permit(&["PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"]);
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    bench.switch("roleAssignableNeedsRoleManagement", "on");
    eligible(&mut bench, "adminRemove", group, user).expect(403);
    bench.permit(&["PrivilegedEligibilitySchedule.Read.AzureADGroup"]);
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
    assert_eq!(schedule["scheduleInfo"]["expiration"]["duration"], "P30D");
}

#[test]
fn who_holds_what_can_be_told_at_every_instant_of_a_year() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
    let until: Timestamp = "2027-11-20T08:00:00Z".parse().unwrap();
    let mut requested = body("adminAssign", group, MEMBER, user, 1);
    requested["scheduleInfo"]["expiration"] =
        json!({"type": "afterDateTime", "endDateTime": until.to_string()});
    bench.post(ELIGIBLE_REQUESTS, requested).expect(201);
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
