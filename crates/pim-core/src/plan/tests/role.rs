//! Directory roles.

use jiff::SignedDuration;

use super::fixture::*;
use crate::action::{Cause, GrantVerb, Write};
use crate::desired::{Assignability, LastReport, Lifecycle, Pause, Readability, Role};
use crate::knowledge::Progress;
use crate::memory::Answer;
use crate::plan::StageKind;
use crate::role::{BoundRole, KeptAs, RoleScope, RoleTarget};
use crate::schedule::{Access, End, Kind, ScheduleExpiration};
use crate::verdict::State;

#[test]
fn a_role_is_bound_once_both_policies_match() {
    let mut world = World::new();
    world.bind("role", 1);
    let plan = world.plan();
    assert_eq!(
        writes(&plan),
        [(
            StageKind::Grant,
            vec!["bind role 1 at / to group".to_owned()]
        )]
    );
    assert_eq!(
        binding_record(&world.begun(plan), "role").role,
        Some(role_target(1)),
        "noted before it is written"
    );
}

#[test]
fn a_role_is_not_bound_before_the_policies_match() {
    for access in Access::ALL {
        let mut world = World::new();
        world.bind("role", 1);
        world.loosen(access);
        let plan = world.plan();
        assert!(
            plan.stages
                .iter()
                .all(|stage| stage.kind == StageKind::Policy),
            "{access}"
        );
        assert_eq!(reason(&binding(&plan, "role").state), "GuardMissing");
        assert_eq!(
            binding_record(&plan, "role").role,
            None,
            "nothing is remembered that was not written"
        );
    }
}

#[test]
fn a_role_is_not_bound_by_policies_of_an_earlier_look() {
    let mut world = World::new();
    world.bind("role", 1);
    world.forget_policies();
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert!(plan.needs.contains(&Part::Policies));
}

#[test]
fn plain_assignments_are_looked_at_before_a_role_is_bound() {
    let mut world = World::new();
    world.bind("role", 1);
    world.observed.plain_roles = Read::Unread;
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert!(plan.needs.contains(&Part::PlainRoles));
}

#[test]
fn a_plain_assignment_that_stands_counts_and_ends_with_its_object() {
    let mut world = World::new();
    world.bind("role", 1);
    world.holds_plainly(1);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(binding(&plan, "role").state, State::Ready);
    world.binding("role").bound = binding_record(&plan, "role").role.clone();
    world.binding("role").lifecycle = Lifecycle::Deleting;
    assert_eq!(
        first(&world.plan()),
        ["delete the plain assignment of role 1 to group"]
    );
}

#[test]
fn a_role_that_somebody_made_end_is_made_lasting_again() {
    let mut world = World::new();
    let role = world.bind("role", 1);
    role.bound = Some(role_target(1));
    role.last_report = LastReport::Matched;
    world.holds(1).window.end = End::At(at(DAY));
    let plan = world.plan();
    let action = &plan.stages[0].actions[0];
    assert!(matches!(
        action.write,
        Write::BindRole {
            verb: GrantVerb::Update,
            ..
        }
    ));
    assert!(matches!(action.cause, Cause::Drift(_)));
    world.observed.roles.known()[0].window.end = End::At(at(-30));
    let plan = world.plan();
    assert!(matches!(
        plan.stages[0].actions[0].write,
        Write::BindRole {
            verb: GrantVerb::Assign,
            ..
        }
    ));
}

#[test]
fn a_role_goes_in_the_first_stage_together_with_people() {
    let mut world = World::new();
    world
        .settled(crate::schedule::Kind::Eligible, "team", &["ann"])
        .lifecycle = Lifecycle::Deleting;
    world.holds(1);
    let role = world.bind("role", 1);
    role.bound = Some(role_target(1));
    role.lifecycle = Lifecycle::Deleting;
    let plan = world.plan();
    assert_eq!(
        writes(&plan),
        [(
            StageKind::Revoke,
            vec![
                "end ann as eligible member of group".to_owned(),
                "unbind role 1 at / from group".to_owned()
            ]
        )]
    );
    world.unbound(1);
    assert_eq!(binding(&world.plan(), "role").state, State::Gone);
}

#[test]
fn a_young_role_waits_for_its_fifth_minute() {
    let mut world = World::new();
    world.holds(1).created = Some(at(-MINUTE));
    let role = world.bind("role", 1);
    role.bound = Some(role_target(1));
    role.lifecycle = Lifecycle::Deleting;
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&binding(&plan, "role").state), "TooYoung");
    assert_eq!(plan.wake_at, Some(at(4 * MINUTE)));
}

#[test]
fn a_binding_that_never_bound_anything_is_gone_at_once() {
    let mut world = World::new();
    world.holds(1);
    world.bind("role", 1).lifecycle = Lifecycle::Deleting;
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "the role is somebody else's");
    assert_eq!(binding(&plan, "role").state, State::Gone);
}

#[test]
fn whether_a_plain_role_is_left_is_looked_at_before_the_end() {
    let mut world = World::new();
    let role = world.bind("role", 1);
    role.bound = Some(role_target(1));
    role.lifecycle = Lifecycle::Deleting;
    world.observed.plain_roles = Read::Unread;
    let plan = world.plan();
    assert!(plan.needs.contains(&Part::PlainRoles));
    assert!(matches!(
        binding(&plan, "role").state,
        State::Waiting { .. }
    ));
}

#[test]
fn a_role_that_another_object_declares_stays() {
    let mut world = World::new();
    world.holds(1);
    let role = world.bind("going", 1);
    role.bound = Some(role_target(1));
    role.lifecycle = Lifecycle::Deleting;
    world.bind("staying", 1);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(binding(&plan, "going").state, State::Gone);
    assert_eq!(binding(&plan, "staying").state, State::Ready);
    world.desired.boundary = None;
    assert_eq!(
        first(&world.plan()),
        ["unbind role 1 at / from group"],
        "one that is not admitted declares nothing"
    );
}

#[test]
fn of_two_bindings_the_one_that_bound_it_holds_it() {
    let mut world = World::new();
    world.holds(1);
    world.bind("older", 1).created = at(-90 * DAY);
    world.bind("holder", 1).bound = Some(role_target(1));
    let plan = world.plan();
    assert_eq!(binding(&plan, "holder").state, State::Ready);
    assert_eq!(reason(&binding(&plan, "older").state), "Conflict");
    assert_eq!(binding_record(&plan, "older").role, None);
}

#[test]
fn a_role_that_the_boundary_does_not_list_is_not_bound() {
    let mut world = World::new();
    world.bind("role", 9);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&binding(&plan, "role").state), "BoundaryViolated");
}

#[test]
fn a_role_name_that_leads_elsewhere_binds_nothing_new() {
    let mut world = World::new();
    world.holds(1);
    let role = world.bind("role", 2);
    role.bound = Some(role_target(1));
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&binding(&plan, "role").state), "AmbiguousName");
    assert_eq!(
        binding_record(&plan, "role").role,
        Some(role_target(1)),
        "what it bound is not forgotten"
    );
    world.binding("role").lifecycle = Lifecycle::Deleting;
    assert_eq!(first(&world.plan()), ["unbind role 1 at / from group"]);
}

#[test]
fn a_role_that_is_not_found_or_not_certain_is_said_so() {
    let mut world = World::new();
    world.bind("role", 1).role = Role::NotFound;
    assert_eq!(
        reason(&binding(&world.plan(), "role").state),
        "RoleNotFound"
    );
    world.binding("role").role = Role::Ambiguous(vec![role_id(1), role_id(2)]);
    assert_eq!(
        reason(&binding(&world.plan(), "role").state),
        "AmbiguousName"
    );
}

#[test]
fn a_group_that_cannot_hold_roles_is_said_so() {
    let mut world = World::new();
    world.bind("role", 1);
    world.desired.group.assignability = Assignability::Ordinary;
    assert_eq!(reason(&binding(&world.plan(), "role").state), "InvalidSpec");
}

/// A binding that sent its role a moment ago.
fn just_bound(seconds: i64, lifecycle: Lifecycle) -> World {
    let mut world = World::new();
    let role = world.bind("role", 1);
    role.bound = Some(role_target(1));
    role.sent = Some(sent(seconds));
    role.lifecycle = lifecycle;
    world
}

#[test]
fn a_role_is_noted_as_sent_once_its_binding_is_begun_and_not_before() {
    let mut world = World::new();
    world.bind("role", 1);
    let plan = world.plan();
    assert_eq!(binding_record(&plan, "role").sent, None);
    let plan = world.begun(plan);
    assert_eq!(binding_record(&plan, "role").sent, Some(sent(0)));
}

#[test]
fn a_role_that_was_bound_a_moment_ago_is_not_believed_to_be_gone() {
    let mut world = just_bound(-2, Lifecycle::Deleting);
    for seconds in [0, 70, 140, 297] {
        let plan = world.plan_at(seconds);
        assert!(plan.stages.is_empty(), "{seconds}: {:?}", writes(&plan));
        assert_eq!(reason(&binding(&plan, "role").state), "TooYoung");
    }
    let plan = world.plan_at(298);
    assert_eq!(first(&plan), ["unbind role 1 at / from group"]);
    world.all_tried(&plan, &Answer::Taken);
    assert_eq!(binding(&world.plan_at(300), "role").state, State::Gone);
}

#[test]
fn a_plain_row_of_a_role_that_was_just_bound_goes_with_its_schedule() {
    let mut world = just_bound(-6 * MINUTE, Lifecycle::Living);
    world.holds_plainly(1);
    let plan = world.plan();
    assert_eq!(binding(&plan, "role").state, State::Ready);
    assert_eq!(
        binding_record(&plan, "role").sent,
        Some(sent(-6 * MINUTE)),
        "its schedule is listed later"
    );
    world.binding("role").lifecycle = Lifecycle::Deleting;
    let plan = world.plan();
    assert_eq!(first(&plan), ["unbind role 1 at / from group"]);
    world.all_tried(&plan, &Answer::WasGone);
    assert_eq!(
        first(&world.plan()),
        ["delete the plain assignment of role 1 to group"],
        "there is no schedule"
    );
}

#[test]
fn a_role_that_was_sent_is_left_to_the_object_that_declares_it_now() {
    let mut world = just_bound(-6 * MINUTE, Lifecycle::Deleting);
    world.holds_plainly(1);
    world.bind("other", 1);
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(binding(&plan, "role").state, State::Gone);
    assert_eq!(binding_record(&plan, "other").role, Some(role_target(1)));
}

#[test]
fn one_list_that_lacks_a_role_does_not_end_a_clean_up() {
    let mut world = World::new();
    let role = world.bind("role", 1);
    role.bound = Some(role_target(1));
    role.lifecycle = Lifecycle::Deleting;
    assert_ne!(binding(&world.plan_at(0), "role").state, State::Gone);
    assert_eq!(binding(&world.plan_at(60), "role").state, State::Gone);
}

#[test]
fn a_request_for_a_role_that_the_service_is_at_is_not_sent_again() {
    for lifecycle in [Lifecycle::Living, Lifecycle::Deleting] {
        let mut world = just_bound(0, lifecycle);
        world.binding("role").sent = Some(requested(0, Progress::Underway));
        for (seconds, expected) in [
            (5, "WaitingForReplication"),
            (16 * MINUTE, "RequestUnfinished"),
        ] {
            let plan = world.plan_at(seconds);
            assert!(plan.stages.is_empty(), "{seconds}: {:?}", writes(&plan));
            let state = &binding(&plan, "role").state;
            assert_eq!(reason(state), expected);
            assert!(message(state).contains("request-7"));
        }
    }
}

#[test]
fn a_binding_that_was_taken_is_not_sent_again_before_its_absence_is_believed() {
    let mut world = just_bound(0, Lifecycle::Living);
    world.binding("role").sent = Some(requested(0, Progress::Finished));
    assert!(world.plan_at(60).stages.is_empty());
    assert!(world.plan_at(119).stages.is_empty());
    assert_eq!(world.plan_at(120).stages[0].kind, StageKind::Grant);
}

#[test]
fn a_binding_that_is_taken_again_and_again_and_never_shown_is_sent_ever_more_seldom_and_told() {
    let mut world = just_bound(0, Lifecycle::Living);
    world.binding("role").sent = Some(requested(0, Progress::Finished));
    let (mut sent, mut now) = (Vec::new(), 0);
    while now < 60 * MINUTE {
        let plan = world.plan_at(now);
        let state = &binding(&plan, "role").state;
        if !plan.stages.is_empty() {
            let times = u32::try_from(sent.len()).unwrap();
            let wait = SignedDuration::from_mins(2_i64.pow(times).min(15));
            let write = plan.stages[0].actions[0].write.clone();
            let memory = &mut world.memory;
            memory.tried(&write, at(now), wait, Answer::Taken);
            world.binding("role").sent = Some(requested(now, Progress::Finished));
            sent.push(now);
        } else if sent.first().is_some_and(|first| now >= first + 15 * MINUTE) {
            assert_eq!(reason(state), "RequestUnfinished", "{now}");
            assert!(message(state).contains("request-7"), "{state:?}");
        } else {
            assert_eq!(reason(state), "WaitingForReplication", "{now}");
        }
        now += 30;
    }
    assert!((3..9).contains(&sent.len()), "{sent:?}");
}

#[test]
fn a_paused_binding_says_what_it_would_do() {
    let mut world = World::new();
    world.bind("role", 1).pause = Pause::Paused;
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    let state = &binding(&plan, "role").state;
    assert_eq!(reason(state), "Paused");
    assert!(
        message(state).contains("it would bind the role role 1"),
        "{state:?}"
    );
    assert_eq!(
        (
            binding_record(&plan, "role").role.clone(),
            &binding_record(&plan, "role").sent
        ),
        (None, &None)
    );
}

#[test]
fn a_binding_that_cannot_be_read_keeps_its_role() {
    let mut world = World::new();
    world.holds(1);
    let role = world.bind("broken", 1);
    role.bound = Some(role_target(1));
    role.role = Role::NotFound;
    role.readability = Readability::Unreadable("no scope".to_owned());
    let role = world.bind("going", 1);
    role.bound = Some(role_target(1));
    role.lifecycle = Lifecycle::Deleting;
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(reason(&binding(&plan, "broken").state), "InvalidSpec");
    assert_eq!(binding_record(&plan, "broken").role, Some(role_target(1)));
}

#[test]
fn a_role_that_one_list_hides_is_not_forgotten_by_whoever_goes() {
    let mut world = World::new();
    let holder = world.bind("holder", 1);
    holder.bound = Some(role_target(1));
    holder.lifecycle = Lifecycle::Deleting;
    world.bind("other", 1).pause = Pause::Paused;
    let plan = world.plan_at(0);
    assert_ne!(binding(&plan, "holder").state, State::Gone);
    assert_eq!(binding_record(&plan, "other").role, None);
    let mut hidden = world.clone();
    assert_eq!(
        binding(&hidden.plan_at(60), "holder").state,
        State::Gone,
        "two looks a minute apart do not show it"
    );
    world.holds(1);
    let plan = world.plan_at(60);
    assert_eq!(binding(&plan, "holder").state, State::Gone);
    assert_eq!(
        binding_record(&plan, "other").role,
        Some(role_target(1)),
        "it took over"
    );
}

#[test]
fn a_plain_role_that_goes_on_being_listed_is_not_taken_away_in_a_loop() {
    let mut world = World::new();
    let one = world.bind("one", 1);
    one.bound = Some(role_target(1));
    one.sent = Some(sent(-DAY));
    one.lifecycle = Lifecycle::Deleting;
    world.holds_plainly(1);
    let mut written = Vec::new();
    for second in 0..50 {
        let plan = world.plan_at(second);
        let writes = first(&plan);
        let answer = match writes.first() {
            Some(write) if write.starts_with("unbind") => Answer::WasGone,
            Some(_) => Answer::Taken,
            None => continue,
        };
        world.all_tried(&plan, &answer);
        written.extend(writes);
    }
    assert_eq!(
        written,
        [
            "unbind role 1 at / from group",
            "delete the plain assignment of role 1 to group"
        ]
    );
    world.observed.plain_roles.known().clear();
    assert_eq!(binding(&world.plan_at(50), "one").state, State::Gone);
}

#[test]
fn a_role_bears_its_name_also_where_nobody_declares_it() {
    let mut world = World::new();
    world.bind("role", 1);
    let elsewhere = RoleTarget {
        scope: RoleScope::new("/administrativeUnits/1"),
        ..role_target(1)
    };
    let write = Write::UnbindRole {
        group: group_id(),
        role: BoundRole {
            target: elsewhere,
            kind: Kind::Active,
        },
        by: KeptAs::Schedule,
    };
    let told = world.desired.tell(&write).to_do();
    assert!(told.contains("role 1"), "{told}");
    assert!(told.contains("/administrativeUnits/1"), "{told}");
}

#[test]
fn a_duration_that_cannot_begin_to_count_wakes_nobody() {
    let mut world = World::new();
    world.holds(1);
    world.bind("role", 1).schedule.expiration = ScheduleExpiration::AfterDuration(days("P1D"));
    world.desired.group.lifecycle = Lifecycle::Deleting;
    world.desired.group.last_seen = None;
    for day in 0..3 {
        let plan = world.plan_at(day * DAY);
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert_eq!(
            (plan.wake_at, binding_record(&plan, "role").end),
            (None, None)
        );
    }
}
