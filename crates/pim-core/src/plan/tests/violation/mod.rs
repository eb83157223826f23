//! What was granted and the boundary does not admit any more: told, or taken away where the boundary says so. What is admitted
//! stays, and so does what nobody can judge.

mod doubt;
mod judge;
mod roles;

pub use judge::{judge, judge_rest};

use super::fixture::*;
use crate::action::Cause;
use crate::boundary::{BoundaryRules, OnViolation};
use crate::desired::{DeletionPolicy, Lifecycle, Pause, PreviousAdmission};
use crate::knowledge::Progress;
use crate::plan::{Plan, StageKind};
use crate::schedule::{End, Kind};
use crate::verdict::{Authorization, State, SubjectState};

/// Long enough that what is not admitted goes.
const DWELT: i64 = 5 * MINUTE;

fn rules(world: &mut World) -> &mut BoundaryRules {
    &mut world.desired.boundary.as_mut().unwrap().rules
}

/// A group with people, an owner and a role, under a boundary that takes away what it does not admit any more.
fn strict() -> World {
    let mut world = World::new();
    world.settled_owners("owner", &["eve"]);
    world.settled(Kind::Eligible, "team", &["ann", "bob"]);
    let binding = world.bind("exchange", 0);
    binding.bound = Some(role_target(0));
    binding.first_bound = Some(at(-DAY));
    world.holds(0);
    rules(&mut world).on_violation = OnViolation::Revoke;
    world.desired.names = world.desired.names.clone().with_accounts();
    assert!(world.plan_at(0).stages.is_empty());
    world
}

/// Admits only those users whose names end so.
fn admit(world: &mut World, suffix: &str) {
    rules(world).subjects.user_principal_name_suffixes = vec![suffix.to_owned()];
}

/// What a plan takes away for the boundary, if that is its first stage.
fn taken(plan: &Plan) -> Vec<String> {
    let Some(stage) = plan.stages.first() else {
        return Vec::new();
    };
    assert_eq!(stage.kind, StageKind::Violation, "{:?}", writes(plan));
    let mut causes = stage.actions.iter().map(|action| &action.cause);
    assert!(causes.all(|cause| *cause == Cause::Violation));
    let mut taken = first(plan);
    taken.sort();
    taken
}

/// The plan once what is not admitted is to go.
fn due(world: &mut World) -> Plan {
    assert!(world.plan_at(0).stages.is_empty());
    world.plan_at(DWELT)
}

#[test]
fn what_is_not_admitted_any_more_goes_after_five_minutes_and_is_told_before() {
    let mut world = strict();
    admit(&mut world, "ann@contoso.com");
    let plan = world.plan_at(0);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(plan.wake_at, Some(at(DWELT)));
    let state = &assignment(&plan, "team").state;
    assert_eq!(reason(state), "BoundaryViolated");
    for part in [&at(DWELT).to_string(), "spec.onViolation", "User bob"] {
        assert!(message(state).contains(part), "{part}: {state:?}");
    }
    assert_eq!(row(&plan, "team", "bob").state, SubjectState::Eligible);
    assert!(world.plan_at(DWELT - 1).stages.is_empty());
    let plan = world.plan_at(DWELT);
    let expected = [
        "end bob as eligible member of group",
        "end eve as active owner of group",
    ];
    assert!(taken(&plan).contains(&expected[0].to_owned()));
    assert_eq!(taken(&plan).len(), 1, "the last owner stays: {expected:?}");
    assert_eq!(reason(&assignment(&plan, "owner").state), "LastOwner");
    let state = &assignment(&plan, "team").state;
    assert_eq!(reason(state), "RevokedByBoundary");
    assert_eq!(row(&plan, "team", "bob").state, SubjectState::Revoking);
    assert_eq!(row(&plan, "team", "ann").state, SubjectState::Eligible);
}

#[test]
fn where_the_boundary_only_reports_nothing_is_taken_away() {
    let mut world = strict();
    rules(&mut world).on_violation = OnViolation::Report;
    admit(&mut world, "@fabrikam.com");
    assert!(due(&mut world).stages.is_empty());
    assert!(world.plan_at(DAY).stages.is_empty());
    assert!(world.memory.violations.is_empty());
}

#[test]
fn a_boundary_that_is_wrong_for_four_minutes_takes_nothing_and_the_next_mistake_waits_as_long() {
    let mut world = strict();
    let right = rules(&mut world).clone();
    admit(&mut world, "@fabrikam.com");
    assert!(world.plan_at(0).stages.is_empty());
    assert!(world.plan_at(4 * MINUTE).stages.is_empty());
    *rules(&mut world) = right;
    assert!(world.plan_at(DWELT).stages.is_empty());
    assert!(world.memory.violations.is_empty());
    admit(&mut world, "@fabrikam.com");
    assert!(world.plan_at(DWELT + MINUTE).stages.is_empty());
    assert!(world.plan_at(DWELT + 5 * MINUTE).stages.is_empty());
    assert!(!world.plan_at(DWELT + 6 * MINUTE).stages.is_empty());
}

#[test]
fn a_window_that_is_too_long_now_goes_and_no_pause_keeps_it() {
    let mut world = strict();
    let limit = rules(&mut world).assignments.eligible.as_mut().unwrap();
    limit.maximum_duration = Some(days("P30D"));
    world.desired.group.pause = Pause::Paused;
    world.assignment("team").pause = Pause::WithItsGroup;
    let plan = due(&mut world);
    let expected = [
        "end ann as eligible member of group",
        "end bob as eligible member of group",
    ];
    assert_eq!(taken(&plan), expected);
    let state = &assignment(&plan, "team").state;
    assert_eq!(reason(state), "RevokedByBoundary", "{state:?}");
    assert_eq!(reason(&of_group(&plan).state), "Paused");
}

#[test]
fn a_group_that_is_not_admitted_loses_everything_but_its_last_owner_and_who_is_protected() {
    for tighten in [
        |rules: &mut BoundaryRules| rules.namespaces.clear(),
        |rules: &mut BoundaryRules| rules.tenants.clear(),
        |rules: &mut BoundaryRules| rules.groups.name_patterns.clear(),
    ] {
        let mut world = strict();
        world.desired.rules.protected = [id("bob")].into();
        tighten(rules(&mut world));
        let plan = due(&mut world);
        let expected = ["end ann as eligible member of group", UNBINDING];
        assert_eq!(taken(&plan), expected);
        assert_eq!(reason(&assignment(&plan, "owner").state), "LastOwner");
        let reasons: Vec<String> = problems(&plan, "team")
            .iter()
            .map(|one| one.reason.to_string())
            .collect();
        assert_eq!(reasons, ["RevokedByBoundary", "PrincipalProtected"]);
        assert_eq!(
            reason(&binding(&plan, "exchange").state),
            "RevokedByBoundary"
        );
        assert_eq!(reason(&of_group(&plan).state), "BoundaryViolated");
    }
}

/// How it reads that the role goes.
const UNBINDING: &str = "unbind role 0 at / from group";

#[test]
fn what_was_taken_away_is_told_and_given_back_as_a_new_wish() {
    let mut world = strict();
    let right = rules(&mut world).clone();
    admit(&mut world, "ann@contoso.com");
    let plan = due(&mut world);
    world.remember_rows(&plan, "team");
    world.ended(key("bob", Kind::Eligible));
    let plan = world.plan_at(DWELT + 1);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    for later in [0, MINUTE, DAY] {
        world.remember_rows(&plan, "team");
        let plan = world.plan_at(DWELT + 1 + later);
        let state = &assignment(&plan, "team").state;
        assert_eq!(reason(state), "RevokedByBoundary", "after {later}");
        for part in [
            "spec.subjects.userPrincipalNameSuffixes",
            "spec.onViolation",
            "granted again",
        ] {
            assert!(message(state).contains(part), "{part}: {state:?}");
        }
        let row = row(&plan, "team", "bob");
        assert_eq!(
            (row.state, row.first_granted),
            (SubjectState::Revoked, None)
        );
        let authorization = &assignment(&plan, "team").authorization;
        assert!(matches!(authorization, Authorization::Denied(_)));
    }
    *rules(&mut world) = right;
    let plan = world.plan_at(2 * DAY);
    let granted = format!(
        "make bob as eligible member of group until {}",
        at(182 * DAY)
    );
    assert_eq!(first(&plan), [granted], "its time begins anew");
}

#[test]
fn who_was_never_granted_anything_is_not_told_that_it_was_taken_away() {
    let mut world = strict();
    world.assignment("team").revoked = [person("bob")].into();
    world.assignment("team").previous_admission = PreviousAdmission::Revoked;
    world.assignment("team").subjects.push(person("cid"));
    world
        .assignment("team")
        .memory
        .retain(|one| one.subject != person("bob"));
    admit(&mut world, "ann@contoso.com");
    let plan = world.plan_at(0);
    let told: Vec<(String, String)> = problems(&plan, "team")
        .iter()
        .map(|one| (one.subject.name.clone(), one.reason.to_string()))
        .collect();
    let expected = [("bob", "RevokedByBoundary"), ("cid", "BoundaryDenied")];
    assert_eq!(
        told,
        expected.map(|(who, why)| (who.to_owned(), why.to_owned()))
    );
}

#[test]
fn what_another_admitted_object_declares_stays() {
    let mut world = strict();
    let limit = rules(&mut world).assignments.eligible.as_mut().unwrap();
    limit.maximum_duration = Some(days("P30D"));
    let short = world.eligible("short", &["ann"]);
    short.schedule.expiration = crate::schedule::ScheduleExpiration::AfterDuration(days("P20D"));
    remember(short, 0);
    for row in world.observed.eligible.known() {
        if row.principal == id("ann") {
            row.window.end = End::At(at(20 * DAY));
        }
    }
    let plan = due(&mut world);
    assert_eq!(taken(&plan), ["end bob as eligible member of group"]);
    assert_eq!(
        reason(&assignment(&plan, "team").state),
        "RevokedByBoundary"
    );
    let told = problems(&plan, "team");
    assert!(
        told.iter().any(|one| one.reason.to_string() == "Conflict"),
        "{told:?}"
    );
}

#[test]
fn a_policy_below_the_floor_is_no_reason_to_take_anything_away() {
    let mut world = strict();
    rules(&mut world).policy_floor.approval = Some(crate::boundary::ApprovalFloor {
        required: crate::settings::Demand::Always,
        approvers: None,
    });
    let plan = due(&mut world);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert!(world.memory.violations.is_empty());
    admit(&mut world, "ann@contoso.com");
    assert!(world.plan_at(DWELT).stages.is_empty());
    let plan = world.plan_at(2 * DWELT);
    assert_eq!(
        taken(&plan),
        ["end bob as eligible member of group"],
        "what is not admitted for another reason goes although the floor is missed"
    );
}

#[test]
fn without_a_boundary_that_can_be_read_nothing_is_taken_away() {
    for fault in [None, Some("odd".to_owned())] {
        let mut world = strict();
        admit(&mut world, "@fabrikam.com");
        assert!(world.plan_at(0).stages.is_empty());
        world.desired.boundary = None;
        world.desired.boundary_fault = fault;
        for seconds in [DWELT, DAY] {
            let plan = world.plan_at(seconds);
            assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        }
        assert!(world.memory.violations.is_empty());
    }
}

#[test]
fn an_activation_goes_with_the_eligibility_that_it_came_from() {
    let mut world = strict();
    world.activated("bob");
    admit(&mut world, "ann@contoso.com");
    let plan = due(&mut world);
    assert_eq!(taken(&plan), ["end bob as eligible member of group"]);
    world.remember_rows(&plan, "team");
    world.ended(key("bob", Kind::Eligible));
    let plan = world.plan_at(DWELT + 1);
    assert_eq!(taken(&plan), ["end bob as active member of group"]);
    world.remember_rows(&plan, "team");
    world.ended(key("bob", Kind::Active));
    let plan = world.plan_at(DWELT + 2);
    assert!(plan.stages.is_empty());
    assert_eq!(row(&plan, "team", "bob").state, SubjectState::Revoked);
}

#[test]
fn what_was_sent_and_is_not_seen_is_taken_away_unseen() {
    let mut world = strict();
    world
        .observed
        .eligible
        .known()
        .retain(|row| row.principal != id("bob"));
    let team = world.assignment("team");
    team.memory[1].sent = Some(sent(-MINUTE));
    admit(&mut world, "ann@contoso.com");
    world.plan_at(0);
    world.assignment("team").memory[1].sent = Some(sent(DWELT - MINUTE));
    let plan = world.plan_at(DWELT);
    assert_eq!(taken(&plan), ["end bob as eligible member of group"]);
    let underway = requested(DWELT - MINUTE, Progress::Underway);
    world.assignment("team").memory[1].sent = Some(underway);
    let plan = world.plan_at(DWELT + 1);
    assert!(
        plan.stages.is_empty(),
        "what the service is still at comes first"
    );
    assert_eq!(row(&plan, "team", "bob").state, SubjectState::Revoking);
}

#[test]
fn an_object_that_waits_because_it_may_leave_nothing_behind_loses_what_is_not_admitted() {
    let mut world = strict();
    let team = world.assignment("team");
    team.lifecycle = Lifecycle::Deleting;
    team.deletion_policy = DeletionPolicy::Retain;
    rules(&mut world).namespaces.clear();
    let plan = due(&mut world);
    let taken = taken(&plan);
    assert!(
        taken.contains(&"end bob as eligible member of group".to_owned()),
        "{taken:?}"
    );
    world.remember_rows(&plan, "team");
    world.ended(key("ann", Kind::Eligible));
    world.ended(key("bob", Kind::Eligible));
    let plan = world.plan_at(DWELT + 1);
    world.remember_rows(&plan, "team");
    let plan = world.plan_at(DWELT + 2);
    assert_eq!(assignment(&plan, "team").state, State::Gone);
}

#[test]
fn a_new_owner_comes_before_the_last_one_goes() {
    let mut world = strict();
    rules(&mut world).subjects.user_principal_name_suffixes =
        vec!["ann@contoso.com".to_owned(), "bob@contoso.com".to_owned()];
    world.owners("next", &["ann"]);
    let plan = world.plan_at(0);
    assert_eq!(plan.stages[0].kind, StageKind::Grant);
    world.stands(owner_key("ann"), End::Never);
    let plan = world.plan_at(DWELT);
    assert_eq!(taken(&plan), ["end eve as active owner of group"]);
}

#[test]
fn whoever_is_denied_goes_at_once_and_not_for_the_boundary() {
    let mut world = strict();
    world.desired.rules.denied = [id("bob")].into();
    admit(&mut world, "ann@contoso.com");
    let plan = world.plan_at(0);
    assert_eq!(plan.stages[0].kind, StageKind::EmergencyStop);
    assert!(
        plan.stages
            .iter()
            .all(|stage| stage.kind != StageKind::Violation)
    );
}
