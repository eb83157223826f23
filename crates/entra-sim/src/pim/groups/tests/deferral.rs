//! Requests that are accepted and carried out later, or never.

use super::*;

fn put_off(bench: &mut Bench, operation: &str, effect: &Value) {
    let rule = json!({"match": {"operation": operation}, "count": 1, "effect": {"accept": effect}});
    bench
        .tenant
        .faults
        .add(serde_json::from_value(rule).unwrap());
}

fn status(bench: &mut Bench, collection: &str, id: &str) -> String {
    let path = format!("{PIM}/{collection}/{id}");
    bench.get(&path).expect(200).text("status")
}

const ELIGIBLE: &str = "pimGroups.eligibilityRequests.create";
const ACTIVE: &str = "pimGroups.assignmentRequests.create";

#[test]
fn a_request_that_is_put_off_shows_its_status_until_it_is_carried_out() {
    for word in ["Granted", "PendingProvisioning"] {
        let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
        put_off(
            &mut bench,
            ELIGIBLE,
            &json!({"status": word, "after": "10m"}),
        );
        let answer = eligible(&mut bench, "adminAssign", group, user).expect(201);
        assert_eq!(answer.text("status"), word);
        assert_eq!(answer.body["completedDateTime"], Value::Null);
        let id = answer.text("id");
        bench.pass_minutes(9);
        assert_eq!(status(&mut bench, "eligibilityScheduleRequests", &id), word);
        assert!(list(&mut bench, "eligibilitySchedules", group).is_empty());
        eligible(&mut bench, "adminAssign", group, user).refused("PendingRoleAssignmentRequest");
        bench.pass_minutes(1);
        assert_eq!(
            status(&mut bench, "eligibilityScheduleRequests", &id),
            "Provisioned"
        );
        let rows = list(&mut bench, "eligibilitySchedules", group);
        assert_eq!(rows[0]["createdUsing"], json!(id));
        assert_eq!(
            rows[0]["scheduleInfo"]["startDateTime"],
            "2026-11-21T08:10:00Z"
        );
        assert!(bench.is_eligible(group, MEMBER, user));
    }
}

#[test]
fn a_request_that_is_never_carried_out_can_be_withdrawn() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
    put_off(&mut bench, ACTIVE, &json!({"status": "Granted"}));
    let id = active(&mut bench, "adminAssign", group, MEMBER, user)
        .expect(201)
        .text("id");
    bench.pass(SignedDuration::from_hours(24 * 29));
    assert_eq!(
        status(&mut bench, "assignmentScheduleRequests", &id),
        "Granted"
    );
    assert!(!bench.is_in(group, MEMBER, user));
    let cancel = format!("{PIM}/assignmentScheduleRequests/{id}/cancel");
    bench.post(&cancel, json!({})).expect(204);
    assert_eq!(
        status(&mut bench, "assignmentScheduleRequests", &id),
        "Canceled"
    );
    active(&mut bench, "adminAssign", group, MEMBER, user).expect(201);
    assert!(bench.is_in(group, MEMBER, user));
}

#[test]
fn a_removal_that_is_put_off_leaves_the_access_meanwhile() {
    let mut bench = Bench::new();
    let (group, given, plain) = (bench.group(Roles::Not), bench.user(), bench.user());
    active(&mut bench, "adminAssign", group, MEMBER, given).expect(201);
    bench.add(group, MEMBER, plain);
    bench.pass_minutes(6);
    for user in [given, plain] {
        put_off(
            &mut bench,
            ACTIVE,
            &json!({"status": "Granted", "after": "10m"}),
        );
        let id = active(&mut bench, "adminRemove", group, MEMBER, user)
            .expect(201)
            .text("id");
        assert!(bench.is_in(group, MEMBER, user));
        active(&mut bench, "adminRemove", group, MEMBER, user)
            .refused("PendingRoleAssignmentRequest");
        bench.pass_minutes(10);
        assert!(!bench.is_in(group, MEMBER, user));
        assert_eq!(
            status(&mut bench, "assignmentScheduleRequests", &id),
            "Revoked"
        );
    }
}

#[test]
fn what_does_not_fit_any_more_fails_when_it_is_carried_out() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
    put_off(
        &mut bench,
        ACTIVE,
        &json!({"status": "Granted", "after": "2h"}),
    );
    let id = active(&mut bench, "adminAssign", group, MEMBER, user)
        .expect(201)
        .text("id");
    bench.delete(&format!("/users/{user}")).expect(204);
    assert_eq!(
        status(&mut bench, "assignmentScheduleRequests", &id),
        "Failed"
    );
    bench.pass(SignedDuration::from_hours(3));
    assert!(!bench.is_in(group, MEMBER, user));
    let other = bench.user();
    eligible(&mut bench, "adminAssign", group, other).expect(201);
    put_off(
        &mut bench,
        ACTIVE,
        &json!({"status": "PendingProvisioning", "after": "1h"}),
    );
    let id = activate(&mut bench, group, other, 2).expect(201).text("id");
    eligible(&mut bench, "adminRemove", group, other).expect(201);
    bench.pass(SignedDuration::from_hours(1));
    assert_eq!(
        status(&mut bench, "assignmentScheduleRequests", &id),
        "Failed"
    );
    assert!(!bench.is_in(group, MEMBER, other));
}

#[test]
fn a_script_that_puts_off_leaves_everything_else_alone() {
    let mut bench = Bench::new();
    let rule = json!({"effect": {"accept": {"status": "Granted"}}});
    bench
        .tenant
        .faults
        .add(serde_json::from_value(rule).unwrap());
    let (group, user) = (bench.group(Roles::Not), bench.user());
    bench.add(group, MEMBER, user);
    assert!(bench.is_in(group, MEMBER, user));
    let mut requested = body("adminAssign", group, MEMBER, user, 30);
    requested["isValidationOnly"] = json!(true);
    let path = format!("{PIM}/eligibilityScheduleRequests");
    bench.post(&path, requested).expect(201);
    assert!(bench.get(&path).expect(200).rows().is_empty());
}
