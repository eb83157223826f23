//! What lists show, when, and to whom.

use super::*;

#[test]
fn lists_of_schedules_and_instances_need_a_group_or_a_principal() {
    let mut bench = Bench::new();
    for collection in ["eligibilitySchedules", "assignmentScheduleInstances"] {
        let answer = bench.get(&format!("{PIM}/{collection}"));
        answer.refused("MissingParameters");
        bench
            .get(&format!("{PIM}/{collection}?$filter=accessId eq 'member'"))
            .refused("MissingParameters");
    }
}

#[test]
fn requests_of_all_groups_are_listed_without_a_filter() {
    let mut bench = Bench::new();
    let at = format!("{PIM}/eligibilityScheduleRequests");
    assert!(bench.get(&at).expect(200).rows().is_empty());
    let (one, two) = (bench.group(Roles::Not), bench.group(Roles::Not));
    let user = bench.user();
    for group in [one, two] {
        eligible(&mut bench, "adminAssign", group, user).expect(201);
    }
    eligible(&mut bench, "adminRemove", two, user).expect(201);
    let count = |bench: &mut Bench, query: &str| {
        let answer = bench.get(&format!("{at}{query}")).expect(200);
        answer.rows().len()
    };
    assert_eq!(count(&mut bench, ""), 3);
    assert_eq!(count(&mut bench, "?$filter=status eq 'Provisioned'"), 2);
    let mine = format!("?filter=principalId eq '{user}' and status ne 'Revoked'&select=id,status");
    assert_eq!(count(&mut bench, &mine), 2);
    let none = bench.get(&format!("{at}?$filter=accessId ne 'owner'"));
    none.refused("InvalidFilter");
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
    assert_eq!(expanded.rows()[0]["group"]["displayName"], "PAG");
    let by_principal = bench
        .get(&format!(
            "{PIM}/eligibilitySchedules?$filter=principalId eq '{two}'"
        ))
        .expect(200);
    assert_eq!(by_principal.rows().len(), 1);
}

#[test]
fn plain_members_are_listed_with_null_dates_and_one_id() {
    let (mut bench, group, user) = Bench::group_and_user(Roles::Not);
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
fn lists_lag_behind_as_the_switches_say() {
    let mut bench = Bench::with(&[("pimGrantLag", "3s"), ("pimRemovalLag", "2s")]);
    let (group, user) = (bench.group(Roles::Not), bench.user());
    let id = eligible(&mut bench, "adminAssign", group, user)
        .expect(201)
        .text("targetScheduleId");
    assert!(bench.is_eligible(group, MEMBER, user));
    bench
        .get(&format!("{PIM}/eligibilitySchedules/{id}"))
        .expect(404);
    eligible(&mut bench, "adminRemove", group, user).refused("RoleAssignmentDoesNotExist");
    bench.pass(SignedDuration::from_secs(3));
    bench
        .get(&format!("{PIM}/eligibilitySchedules/{id}"))
        .expect(200);
    eligible(&mut bench, "adminRemove", group, user).expect(201);
    assert_eq!(list(&mut bench, "eligibilitySchedules", group).len(), 1);
    bench.pass(SignedDuration::from_secs(2));
    assert!(list(&mut bench, "eligibilitySchedules", group).is_empty());
}

#[test]
fn requests_age_out_and_schedules_stay() {
    let mut bench = Bench::with(&[("requestRetention", "45d")]);
    let (group, user) = (bench.group(Roles::Not), bench.user());
    bench
        .post(
            ELIGIBLE_REQUESTS,
            body("adminAssign", group, MEMBER, user, 90),
        )
        .expect(201);
    bench.pass(SignedDuration::from_hours(45 * 24));
    assert!(list(&mut bench, "eligibilityScheduleRequests", group).is_empty());
    assert_eq!(list(&mut bench, "eligibilitySchedules", group).len(), 1);
}
