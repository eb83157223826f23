//! Activations, approvals and custom extensions.

use super::*;

#[test]
fn a_user_activates_for_some_hours_and_is_out_at_the_exact_end() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Assignable);
    activate(&mut bench, group, user, 2).refused("RoleAssignmentRequestPolicyValidationFailed");
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
    activate(&mut bench, group, user, 2).refused("RoleAssignmentExists");
    active(&mut bench, "adminAssign", group, MEMBER, user).refused("RoleAssignmentExists");
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
fn self_actions_are_for_the_user_himself() {
    let mut bench = Bench::new();
    let (group, user, other) = (bench.group(Roles::Not), bench.user(), bench.user());
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    let path = ACTIVE_REQUESTS;
    let mine = activation(group, MEMBER, user, 1);
    bench.post(path, mine.clone()).expect(403);
    bench
        .as_user((other, ""), "POST", path, Some(mine.clone()))
        .expect(403);
    let mut extend = mine;
    extend["action"] = json!("selfExtend");
    bench
        .as_user((user, ""), "POST", path, Some(extend))
        .expect(501);
}

#[test]
fn an_activation_needs_the_proof_that_the_policy_asks_for() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    let path = ACTIVE_REQUESTS;
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
    activate(&mut bench, group, user, 1).refused("RoleAssignmentRequestAcrsValidationFailed");
    let proved = bench.as_user(
        (user, "mfa, c1"),
        "POST",
        path,
        Some(activation(group, MEMBER, user, 1)),
    );
    assert_eq!(proved.expect(201).text("status"), "Provisioned");
}

#[test]
fn an_approver_answers_once_and_then_the_activation_runs() {
    let mut bench = Bench::new();
    let (group, user, boss) = (bench.group(Roles::Not), bench.user(), bench.user());
    with_approver(&mut bench, group, boss);
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    let waiting = activate(&mut bench, group, user, 2).expect(201);
    assert_eq!(waiting.text("status"), "PendingApproval");
    activate(&mut bench, group, user, 2).refused("PendingRoleAssignmentRequest");
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
    bench
        .as_user((user, ""), "PATCH", &path, Some(yes.clone()))
        .expect(403);
    bench.patch(&path, yes.clone()).expect(403);
    bench
        .as_user(
            (boss, ""),
            "PATCH",
            &path,
            Some(json!({"reviewResult": "Approve"})),
        )
        .expect(400);
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
    bench
        .as_user((boss, ""), "PATCH", &path, Some(yes))
        .expect(409);
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
