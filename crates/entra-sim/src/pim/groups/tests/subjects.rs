//! Groups, principals and owners of every kind and age.

use super::*;

#[test]
fn a_young_group_is_unknown_then_fails_then_works() {
    let mut bench = Bench::with(&[("pimPhase1", "4s"), ("pimPhase2", "6s")]);
    let (group, user) = (bench.group(Roles::Not), bench.user());
    eligible(&mut bench, "adminAssign", group, user).refused("ResourceNotFound");
    bench
        .get(&format!(
            "{PIM}/eligibilitySchedules?$filter=groupId eq '{group}'"
        ))
        .expect(404);
    bench.pass(SignedDuration::from_secs(5));
    let failed = eligible(&mut bench, "adminAssign", group, user).expect(201);
    assert_eq!(failed.text("status"), "Failed");
    assert!(list(&mut bench, "eligibilitySchedules", group).is_empty());
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
    eligible(&mut bench, "adminAssign", group, user).refused("SubjectNotFound");
    bench.pass(SignedDuration::from_secs(8));
    eligible(&mut bench, "adminAssign", group, user).expect(201);
    let nobody = bench.tenant.new_object_id();
    eligible(&mut bench, "adminAssign", group, nobody).refused("SubjectNotFound");
}

#[test]
fn a_plain_member_exists_already_and_can_be_taken_out() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
    bench.add(group, MEMBER, user);
    active(&mut bench, "adminAssign", group, MEMBER, user).refused("RoleAssignmentExists");
    active(&mut bench, "adminRemove", group, MEMBER, user).expect(201);
    assert!(!bench.is_in(group, MEMBER, user));

    let mut other = Bench::with(&[
        ("assignOverPlainMember", "on"),
        ("changePlainMember", "off"),
    ]);
    let (group, user) = (other.group(Roles::Not), other.user());
    other.add(group, MEMBER, user);
    active(&mut other, "adminRemove", group, MEMBER, user).refused("RoleAssignmentDoesNotExist");
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
    bench
        .get(&format!(
            "{PIM}/eligibilitySchedules?$filter=groupId eq '{group}'"
        ))
        .refused("ResourceNotFound");
    bench
        .post(
            &format!("/directory/deletedItems/{group}/restore"),
            json!({}),
        )
        .expect(200);
    assert!(list(&mut bench, "eligibilitySchedules", group).is_empty());
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
    eligible(&mut bench, "adminAssign", group, user).refused("SubjectNotFound");
    bench.pass(SignedDuration::from_hours(4));
    assert!(list(&mut bench, "eligibilitySchedules", group).is_empty());
    bench
        .post(
            &format!("/directory/deletedItems/{other}/restore"),
            json!({}),
        )
        .expect(200);
    assert!(bench.is_eligible(group, MEMBER, other));
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
    active(&mut bench, "adminAssign", outer, MEMBER, inner).refused("InvalidRoleAssignmentRequest");
    eligible(&mut bench, "adminAssign", outer, inner).expect(201);
    let by_user = bench
        .get(&format!(
            "{PIM}/eligibilitySchedules?$filter=principalId eq '{user}'"
        ))
        .expect(200);
    assert_eq!(by_user.rows()[0]["memberType"], "Group");
    activate(&mut bench, outer, user, 1).expect(201);
    assert!(bench.is_in(outer, MEMBER, user) && !bench.is_in(outer, MEMBER, inner));
    assert_eq!(
        list(&mut bench, "assignmentScheduleInstances", outer)[0]["memberType"],
        json!("Group")
    );
    let owner = bench.post(
        ELIGIBLE_REQUESTS,
        body("adminAssign", outer, OWNER, inner, 3),
    );
    owner.refused("InvalidRoleAssignmentRequest");
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
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
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
    assert!(refused.message().contains("at least one owner"));
    active(&mut bench, "adminAssign", group, OWNER, next).expect(201);
    active(&mut bench, "adminRemove", group, OWNER, owner).expect(201);
    assert!(!bench.is_in(group, OWNER, owner));
}

#[test]
fn the_last_owner_loses_his_eligibility_like_anybody() {
    let mut bench = Bench::new();
    let (group, owner) = (bench.group(Roles::Not), bench.user());
    active(&mut bench, "adminAssign", group, OWNER, owner).expect(201);
    let path = format!("{PIM}/eligibilityScheduleRequests");
    bench
        .post(&path, body("adminAssign", group, OWNER, owner, 30))
        .expect(201);
    bench
        .post(&path, body("adminRemove", group, OWNER, owner, 0))
        .expect(201);
    assert!(!bench.is_eligible(group, OWNER, owner) && bench.is_in(group, OWNER, owner));
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
        .post(ACTIVE_REQUESTS, body("adminAssign", group, OWNER, owner, 1))
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
fn groups_that_pim_can_not_manage_are_refused() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
    bench
        .tenant
        .directory
        .groups
        .get_mut(&group)
        .unwrap()
        .on_premises_sync = Some(true);
    eligible(&mut bench, "adminAssign", group, user).refused("ResourceTypeNotSupported");
    let unknown = bench.tenant.new_object_id();
    eligible(&mut bench, "adminAssign", unknown, user).refused("ResourceNotFound");
}

#[test]
fn an_owner_manages_his_group_and_a_stranger_does_not() {
    let mut bench = Bench::new();
    let (group, owner, user) = (bench.group(Roles::Assignable), bench.user(), bench.user());
    bench.add(group, OWNER, owner);
    let path = format!("{PIM}/eligibilityScheduleRequests");
    let requested = body("adminAssign", group, MEMBER, user, 30);
    bench
        .as_user((user, "mfa"), "POST", &path, Some(requested.clone()))
        .expect(403);
    let answer = bench
        .as_user((owner, "mfa"), "POST", &path, Some(requested))
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
