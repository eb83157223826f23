//! What a person does and meets from the first activation to the last: their own requests, proofs, answers, ends.

use super::*;

const ASSIGNMENTS: &str = "/identityGovernance/privilegedAccess/group/assignmentScheduleRequests";

fn as_person(bench: &mut Bench, user: ObjectId, proved: &str, requested: &Value) -> BenchAnswer {
    bench.as_user((user, proved), "POST", ASSIGNMENTS, Some(requested.clone()))
}

/// What the policy fails, in the service's words.
fn failed(answer: &BenchAnswer) -> String {
    answer.refused("RoleAssignmentRequestPolicyValidationFailed");
    let message = answer.message();
    message
        .strip_prefix("The following policy rules failed: ")
        .unwrap()
        .to_owned()
}

fn deactivation(group: ObjectId, access: Access, user: ObjectId) -> Value {
    json!({"action": "selfDeactivate", "accessId": access.as_str(), "groupId": group.to_string(),
        "principalId": user.to_string(), "justification": "done"})
}

/// A group whose members prove a second factor, give a reason and a ticket, and stay for two hours at most.
fn strict(bench: &mut Bench, access: Access) -> ObjectId {
    let group = bench.group(Roles::Assignable);
    let asked = ["MultiFactorAuthentication", "Justification", "Ticketing"];
    let longest = json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule",
        "id": "Expiration_EndUser_Assignment", "isExpirationRequired": true, "maximumDuration": "PT2H"});
    policy(
        bench,
        group,
        access,
        json!([enabled("Enablement_EndUser_Assignment", &asked), longest]),
    );
    group
}

#[test]
fn every_rule_that_an_activation_breaks_is_named_in_one_answer() {
    let mut bench = Bench::new();
    let (group, user) = (strict(&mut bench, MEMBER), bench.user());
    let mut requested = activation(group, MEMBER, user, 3);
    requested["justification"] = Value::Null;
    assert_eq!(
        failed(&as_person(&mut bench, user, "", &requested)),
        r#"["EligibilityRule","ExpirationRule","JustificationRule","MfaRule","TicketingRule"]"#
    );
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    requested["justification"] = json!("mail flow");
    requested["scheduleInfo"]["expiration"]["duration"] = json!("PT2H");
    assert_eq!(
        failed(&as_person(&mut bench, user, "", &requested)),
        r#"["MfaRule","TicketingRule"]"#
    );
    requested["ticketInfo"] = json!({"ticketNumber": "CHG0001", "ticketSystem": "ServiceNow"});
    assert_eq!(
        failed(&as_person(&mut bench, user, "c1", &requested)),
        r#"["MfaRule"]"#
    );
    let done = as_person(&mut bench, user, "mfa", &requested).expect(201);
    assert_eq!(done.body["ticketInfo"], requested["ticketInfo"]);
    assert_eq!(done.body["justification"], "mail flow");
    assert!(bench.is_in(group, MEMBER, user));
}

#[test]
fn an_eligible_owner_activates_and_is_owner_for_the_while() {
    let mut bench = Bench::new();
    let (group, user, boss) = (bench.group(Roles::Assignable), bench.user(), bench.user());
    bench.add(group, OWNER, boss);
    let path = format!("{PIM}/eligibilityScheduleRequests");
    let requested = body("adminAssign", group, OWNER, user, 30);
    bench.post(&path, requested).expect(201);
    let requested = activation(group, MEMBER, user, 1);
    assert_eq!(
        failed(&as_person(&mut bench, user, "", &requested)),
        r#"["EligibilityRule"]"#,
        "to be eligible for one access is not to be eligible for the other"
    );
    as_person(&mut bench, user, "", &activation(group, OWNER, user, 1)).expect(201);
    assert!(bench.is_in(group, OWNER, user) && !bench.is_in(group, MEMBER, user));
    bench.pass(SignedDuration::from_hours(1));
    assert!(!bench.is_in(group, OWNER, user) && bench.is_in(group, OWNER, boss));
}

#[test]
fn a_person_ends_their_activation_after_five_minutes_and_may_begin_again() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Assignable);
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    let end = deactivation(group, MEMBER, user);
    as_person(&mut bench, user, "", &end).refused("RoleAssignmentDoesNotExist");
    activate(&mut bench, group, user, 2).expect(201);
    let early = as_person(&mut bench, user, "", &end);
    early.is(400, "ActiveDurationTooShort");
    bench.pass_minutes(5);
    let stranger = bench.user();
    as_person(&mut bench, stranger, "", &end).expect(403);
    let done = as_person(&mut bench, user, "", &end).expect(201);
    assert_eq!(done.text("status"), "Revoked");
    assert!(!bench.is_in(group, MEMBER, user) && bench.is_eligible(group, MEMBER, user));
    activate(&mut bench, group, user, 2).expect(201);
    assert!(bench.is_in(group, MEMBER, user));
}

#[test]
fn an_activation_ends_with_its_eligibility_when_that_runs_out() {
    for (value, stays) in [("on", false), ("off", true)] {
        let mut bench = Bench::with(&[("removeEndsActivation", value)]);
        let (group, user) = (bench.group(Roles::Not), bench.user());
        let mut requested = body("adminAssign", group, MEMBER, user, 1);
        requested["scheduleInfo"]["expiration"]["duration"] = json!("PT1H");
        bench.post(ELIGIBLE_REQUESTS, requested).expect(201);
        activate(&mut bench, group, user, 2).expect(201);
        bench.pass(SignedDuration::from_hours(1));
        assert_eq!(bench.is_in(group, MEMBER, user), stays, "{value}");
        bench.pass(SignedDuration::from_hours(1));
        assert!(!bench.is_in(group, MEMBER, user));
    }
}

/// Asks for an activation that has to be approved; says the ids of request, approval and stage.
fn waiting(bench: &mut Bench, group: ObjectId, user: ObjectId) -> (String, String, String) {
    let asked = activate(bench, group, user, 2).expect(201);
    assert_eq!(asked.text("status"), "PendingApproval");
    let (id, approval) = (asked.text("id"), asked.text("approvalId"));
    let at = format!("{PIM}/assignmentApprovals/{approval}/stages");
    let stages = bench.as_user((user, ""), "GET", &at, None).expect(200);
    let stage = stages.rows()[0]["id"].as_str().unwrap().to_owned();
    (id, approval, stage)
}

fn answer(bench: &mut Bench, by: ObjectId, approval: &str, stage: &str, word: &str) -> BenchAnswer {
    let at = format!("{PIM}/assignmentApprovals/{approval}/stages/{stage}");
    let body = json!({"reviewResult": word, "justification": "seen"});
    bench.as_user((by, ""), "PATCH", &at, Some(body))
}

fn status(bench: &mut Bench, id: &str) -> String {
    let path = format!("{ASSIGNMENTS}/{id}");
    bench.get(&path).expect(200).text("status")
}

#[test]
fn a_denied_activation_gives_nothing_and_may_be_asked_for_again() {
    let mut bench = Bench::new();
    let (group, user, boss) = (bench.group(Roles::Not), bench.user(), bench.user());
    with_approver(&mut bench, group, boss);
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    let (id, approval, stage) = waiting(&mut bench, group, user);
    let at = format!("{PIM}/assignmentApprovals/{approval}/stages/{stage}");
    let open = bench.as_user((boss, ""), "GET", &at, None).expect(200);
    assert_eq!(
        (&open.body["status"], &open.body["assignedToMe"]),
        (&json!("InProgress"), &json!(true))
    );
    answer(&mut bench, boss, &approval, &stage, "Deny").expect(204);
    assert_eq!(status(&mut bench, &id), "Denied");
    assert!(!bench.is_in(group, MEMBER, user));
    let seen = bench.as_user((user, ""), "GET", &at, None).expect(200);
    assert_eq!(
        (&seen.body["reviewResult"], &seen.body["justification"]),
        (&json!("Deny"), &json!("seen"))
    );
    assert_eq!(seen.body["reviewedBy"]["id"], json!(boss.to_string()));
    answer(&mut bench, boss, &approval, &stage, "Approve").expect(409);
    waiting(&mut bench, group, user);
}

#[test]
fn approvers_see_what_waits_for_them_in_all_groups() {
    let mut bench = Bench::new();
    let (boss, user) = (bench.user(), bench.user());
    for _ in 0..2 {
        let group = bench.group(Roles::Not);
        with_approver(&mut bench, group, boss);
        eligible(&mut bench, "adminAssign", group, user).expect(201);
        waiting(&mut bench, group, user);
    }
    let at = format!("{ASSIGNMENTS}/filterByCurrentUser(on='approver')");
    let count = |bench: &mut Bench, who: ObjectId| {
        let list = bench.as_user((who, ""), "GET", &at, None).expect(200);
        list.rows().len()
    };
    assert_eq!((count(&mut bench, boss), count(&mut bench, user)), (2, 0));
}

#[test]
fn an_approval_comes_too_late_for_who_is_not_eligible_any_more_or_gone() {
    for gone in [false, true] {
        let mut bench = Bench::new();
        let (group, user, boss) = (bench.group(Roles::Not), bench.user(), bench.user());
        with_approver(&mut bench, group, boss);
        eligible(&mut bench, "adminAssign", group, user).expect(201);
        let (id, approval, stage) = waiting(&mut bench, group, user);
        if gone {
            bench.delete(&format!("/users/{user}")).expect(204);
        } else {
            eligible(&mut bench, "adminRemove", group, user).expect(201);
        }
        answer(&mut bench, boss, &approval, &stage, "Approve").expect(204);
        assert_eq!(status(&mut bench, &id), "Failed", "gone: {gone}");
        assert!(!bench.is_in(group, MEMBER, user));
    }
}

#[test]
fn a_person_withdraws_their_request_while_it_waits() {
    let mut bench = Bench::new();
    let (group, user, boss) = (bench.group(Roles::Not), bench.user(), bench.user());
    with_approver(&mut bench, group, boss);
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    let (id, approval, stage) = waiting(&mut bench, group, user);
    let cancel = format!("{ASSIGNMENTS}/{id}/cancel");
    bench.as_user((user, ""), "POST", &cancel, None).expect(204);
    assert_eq!(status(&mut bench, &id), "Canceled");
    answer(&mut bench, boss, &approval, &stage, "Approve").expect(409);
    waiting(&mut bench, group, user);
}

#[test]
fn a_proof_that_there_is_not_is_no_sign_in() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    let requested = activation(group, MEMBER, user, 1);
    for proved in ["fma", "mfa, c0", "c100", "mfa c1"] {
        let answer = as_person(&mut bench, user, proved, &requested);
        answer.is(401, "InvalidAuthenticationToken");
    }
    as_person(&mut bench, user, "MFA, C1", &requested).expect(201);
}
