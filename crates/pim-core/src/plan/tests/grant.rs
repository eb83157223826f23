//! Giving.

use super::fixture::*;
use crate::action::Cause;
use crate::boundary::{AutoRenewal, DurationLimit};
use crate::desired::{Lifecycle, Pause, PreviousAdmission};
use crate::knowledge::Progress;
use crate::memory::Answer;
use crate::observed::Presence;
use crate::plan::{Plan, StageKind};
use crate::principal::{Account, Identity, Resolution};
use crate::reason::Reason;
use crate::rule::{Requirement, RuleKey, UnknownRule, UnknownRuleState};
use crate::schedule::{Access, ByAccess, End, Kind, ScheduleExpiration};
use crate::settings::{ActiveRequirement, ActiveRequirements, Permanent};
use crate::verdict::{Authorization, State, SubjectState};

#[test]
fn nobody_is_granted_before_the_policy_was_read_in_this_look() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    world.forget_policies();
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert!(plan.needs.contains(&Part::Policies));
    assert_eq!(reason(&assignment(&plan, "team").state), "GuardMissing");
    world.observed.policies = Read::Unread;
    assert!(world.plan().stages.is_empty());
}

#[test]
fn nobody_is_granted_while_the_policy_differs() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    world.loosen(Access::Member);
    let plan = world.plan();
    assert_eq!(plan.stages.len(), 1);
    assert_eq!(plan.stages[0].kind, StageKind::Policy);
    assert_eq!(row(&plan, "team", "ann").state, SubjectState::Pending);
    assert_eq!(
        row(&plan, "team", "ann").first_granted,
        None,
        "nothing is noted that is not about to be written"
    );
}

#[test]
fn a_policy_that_is_not_listed_yet_is_not_read_again_at_once() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    world.observed.policies = Read::now(
        ByAccess {
            member: None,
            owner: None,
        },
        at(0),
    );
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert!(
        plan.needs.is_empty(),
        "reading again in the same look shows the same"
    );
    assert_eq!(reason(&of_group(&plan).state), "WaitingForReplication");
}

#[test]
fn only_the_policy_of_its_own_access_guards_a_grant() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    world.loosen(Access::Owner);
    let plan = world.plan();
    let kinds: Vec<StageKind> = plan.stages.iter().map(|stage| stage.kind).collect();
    assert_eq!(kinds, [StageKind::Policy, StageKind::Grant]);
    assert_eq!(
        row(&plan, "team", "ann").first_granted,
        None,
        "the grant waits for an earlier stage"
    );
}

#[test]
fn a_rule_that_is_not_known_stops_every_grant() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    let mut rule = UnknownRule {
        id: crate::ids::RuleId::new("CustomExtension_PreApproval"),
        state: UnknownRuleState::OnOrSilent,
        extension: None,
    };
    world.policy(Access::Member).unknown.push(rule.clone());
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&assignment(&plan, "team").state), "UnmanagedRule");
    rule.state = UnknownRuleState::Off;
    world.policy(Access::Member).unknown = vec![rule];
    assert_eq!(world.plan().stages[0].kind, StageKind::Grant);
}

#[test]
fn a_grant_is_noted_once_it_is_begun_and_not_before() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    let plan = world.plan();
    assert_eq!(
        first(&plan),
        [format!(
            "make ann as eligible member of group until {}",
            at(180 * DAY)
        )]
    );
    assert_eq!(row(&plan, "team", "ann").first_granted, None);
    assert_eq!(row(&plan, "team", "ann").sent, None);
    let plan = world.begun(plan);
    assert_eq!(row(&plan, "team", "ann").first_granted, Some(at(0)));
    assert_eq!(row(&plan, "team", "ann").sent, Some(sent(0)));
}

#[test]
fn a_paused_object_says_what_it_would_do_and_notes_nothing() {
    let mut world = World::new();
    world.eligible("team", &["ann"]).pause = Pause::Paused;
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(plan.suspended.len(), 1);
    let state = &assignment(&plan, "team").state;
    assert_eq!(reason(state), "Paused");
    assert!(
        message(state).contains("it would make ann@contoso.com"),
        "{}",
        message(state)
    );
    assert_eq!(row(&plan, "team", "ann").first_granted, None);
    assert_eq!(row(&plan, "team", "ann").sent, None);
    remember(world.assignment("team"), -DAY);
    assert_eq!(
        row(&world.plan(), "team", "ann").first_granted,
        Some(at(-DAY)),
        "what was granted before is not forgotten"
    );
    world.assignment("team").pause = Pause::WithItsGroup;
    let plan = world.plan();
    assert!(message(&assignment(&plan, "team").state).contains("of PrivilegedGroup payments/pag"));
}

#[test]
fn what_an_object_would_give_is_told_alike_in_every_look_until_it_is_given() {
    let mut world = World::new();
    world.eligible("team", &["ann"]).pause = Pause::Paused;
    world.bind("role", 1).pause = Pause::Paused;
    world.binding("role").schedule.expiration = ScheduleExpiration::AfterDuration(days("P30D"));
    let told = |plan: &Plan| {
        let team = message(&assignment(plan, "team").state).to_owned();
        (team, message(&binding(plan, "role").state).to_owned())
    };
    let first = told(&world.plan_at(0));
    assert!(first.0.contains(" for P180D"), "{}", first.0);
    assert!(first.1.contains(" for P30D"), "{}", first.1);
    assert_eq!(told(&world.plan_at(3600)), first);
}

#[test]
fn a_grant_that_comes_first_because_another_object_is_paused_is_noted() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "old", &["bob"]).lifecycle = Lifecycle::Deleting;
    world.eligible("team", &["ann"]);
    let plan = world.begun(world.plan());
    assert_eq!(row(&plan, "team", "ann").first_granted, None);
    world.assignment("old").pause = Pause::Paused;
    let plan = world.begun(world.plan());
    assert_eq!(plan.stages[0].kind, StageKind::Grant);
    assert_eq!(row(&plan, "team", "ann").first_granted, Some(at(0)));
    assert!(
        message(&assignment(&plan, "old").state)
            .contains("it would end the eligible membership of bob")
    );
}

#[test]
fn a_paused_object_of_which_nothing_is_left_may_go() {
    let mut world = World::new();
    let team = world.eligible("team", &["ann"]);
    team.pause = Pause::Paused;
    team.lifecycle = Lifecycle::Deleting;
    assert_eq!(assignment(&world.plan(), "team").state, State::Gone);
}

#[test]
fn a_wrong_name_does_not_hold_up_the_others() {
    let mut world = World::new();
    world.eligible("team", &["ann", "bob", "cid"]);
    world.resolve("ann", Resolution::NotFound);
    world.resolve("bob", Resolution::Ambiguous(vec![id("bob"), id("eve")]));
    let plan = world.plan();
    assert_eq!(first(&plan).len(), 1);
    let verdict = assignment(&plan, "team");
    let reasons: Vec<&str> = problems(&plan, "team")
        .iter()
        .map(|problem| problem.reason.as_str())
        .collect();
    assert_eq!(reasons, ["PrincipalNotFound", "AmbiguousName"]);
    assert!(matches!(verdict.state, State::Stuck { .. }));
}

#[test]
fn a_name_that_leads_to_another_person_is_not_granted() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.resolve("ann", Resolution::Found(identity("eve")));
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&assignment(&plan, "team").state), "PrincipalChanged");
    assert_eq!(
        row(&plan, "team", "ann").state,
        SubjectState::Eligible,
        "whom it granted still stands"
    );
}

#[test]
fn a_name_that_was_never_granted_may_change_its_meaning() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    world.resolve("ann", Resolution::Found(identity("eve")));
    assert_eq!(
        first(&world.plan()),
        [format!(
            "make eve as eligible member of group until {}",
            at(180 * DAY)
        )]
    );
}

#[test]
fn a_disabled_account_is_not_granted_again() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.disable("ann");
    assert!(world.plan().stages.is_empty(), "what stands stays");
    world.observed.eligible.known().clear();
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert!(problems(&plan, "team")[0].message.contains("disabled"));
}

#[test]
fn a_removal_by_somebody_else_is_put_right_and_reported() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.observed.eligible.known().clear();
    let plan = world.plan();
    assert_eq!(
        first(&plan),
        [format!(
            "make ann as eligible member of group until {}",
            at(179 * DAY)
        )]
    );
    assert!(matches!(plan.stages[0].actions[0].cause, Cause::Drift(_)));
    assert_eq!(assignment(&plan, "team").drift[0].stands, "nothing");
}

#[test]
fn a_denial_says_whether_it_is_new() {
    let mut world = World::new();
    world.eligible("team", &["ann"]).previous_admission = PreviousAdmission::None;
    world
        .desired
        .boundary
        .as_mut()
        .unwrap()
        .rules
        .subjects
        .user_principal_name_suffixes
        .clear();
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&assignment(&plan, "team").state), "BoundaryDenied");
    assert!(matches!(
        assignment(&plan, "team").authorization,
        Authorization::Denied(_)
    ));
    world.assignment("team").previous_admission = PreviousAdmission::Admitted;
    assert_eq!(
        reason(&assignment(&world.plan(), "team").state),
        "BoundaryViolated"
    );
}

#[test]
fn a_window_that_is_too_long_for_now_is_looked_at_again_when_it_is_not() {
    let mut world = World::new();
    world.eligible("team", &["ann"]).schedule.expiration =
        ScheduleExpiration::EndTime(at(100 * DAY));
    world
        .desired
        .boundary
        .as_mut()
        .unwrap()
        .rules
        .assignments
        .eligible = Some(DurationLimit {
        permanent: Permanent::Forbidden,
        auto_renewal: AutoRenewal::Forbidden,
        maximum_duration: Some(days("P90D")),
    });
    let plan = world.plan();
    assert_eq!(reason(&assignment(&plan, "team").state), "BoundaryViolated");
    assert_eq!(plan.wake_at, Some(at(10 * DAY)));
    world.observed.now = at(10 * DAY);
    assert_eq!(world.plan().stages[0].kind, StageKind::Grant);
}

#[test]
fn a_policy_is_never_loosened_for_a_grant() {
    let mut world = World::new();
    world.active("always", &["ann"]);
    world.settings(Access::Member).active = None;
    world.obey();
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    let message = &problems(&plan, "always")[0].message;
    assert!(
        message.contains("spec.policy.member.active.permanent"),
        "{message}"
    );
    world.assignment("always").schedule.expiration = ScheduleExpiration::EndTime(at(200 * DAY));
    let plan = world.plan();
    assert_eq!(reason(&assignment(&plan, "always").state), "PolicyForbids");
    assert_eq!(
        plan.wake_at,
        Some(at(20 * DAY)),
        "from then on it is within P180D"
    );
}

#[test]
fn what_the_policy_asks_for_must_be_declared() {
    let mut world = World::new();
    world.active("always", &["ann"]);
    world
        .settings(Access::Member)
        .active
        .as_mut()
        .unwrap()
        .require = Some(ActiveRequirements(vec![ActiveRequirement::Ticketing]));
    world.obey();
    assert!(
        problems(&world.plan(), "always")[0]
            .message
            .contains("spec.ticket")
    );
    world.assignment("always").ticket = Some(crate::desired::Ticket {
        number: "CHG1".to_owned(),
        system: None,
    });
    assert_eq!(world.plan().stages[0].kind, StageKind::Grant);
}

#[test]
fn a_sign_in_that_no_application_has_is_said_so() {
    let mut world = World::new();
    world.active("always", &["ann"]);
    world.desired.group.mode = crate::desired::Mode::Merge;
    let multi_factor =
        crate::rule::Rule::Enablement([Requirement::MultiFactorAuthentication].into());
    world.policy(Access::Member).rules.insert(
        RuleKey::Enablement(crate::rule::RuleTarget::Active),
        multi_factor,
    );
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&assignment(&plan, "always").state), "PolicyForbids");
}

#[test]
fn a_group_that_does_not_stand_gets_nobody() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    world.bind("role", 1);
    for presence in [Presence::Absent { since: at(-DAY) }, deleted()] {
        world.observed.group = presence;
        let plan = world.plan();
        assert_eq!(plan.stages.len(), 1);
        assert_eq!(plan.stages[0].kind, StageKind::Group);
        assert_eq!(
            reason(&assignment(&plan, "team").state),
            "WaitingForDependency"
        );
        assert_eq!(
            reason(&binding(&plan, "role").state),
            "WaitingForDependency"
        );
    }
}

#[test]
fn a_grant_that_was_refused_is_told_and_holds_up_nobody_else() {
    let mut world = World::new();
    world.eligible("team", &["ann", "bob"]);
    let plan = world.plan();
    let refusal = State::stuck(Reason::LicenseMissing, "no licence");
    let actions = &plan.stages[0].actions;
    world.tried(&actions[0].write, Answer::Refused(refusal));
    remember(world.assignment("team"), 0);
    for record in &mut world.assignment("team").memory {
        record.sent = Some(sent(0));
    }
    let plan = world.plan_at(5);
    assert_eq!(first(&plan).len(), 1, "nobody heard what became of bob's");
    assert!(first(&plan)[0].starts_with("make bob"));
    let verdict = assignment(&plan, "team");
    assert_eq!(problems(&plan, "team")[0].reason, Reason::LicenseMissing);
    assert_eq!(message(&verdict.state), "User ann: no licence");
    assert_eq!(first(&world.plan_at(60)).len(), 2, "its time has come");
}

#[test]
fn another_wish_does_not_wait_for_the_refusal_of_the_last_one() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    let plan = world.plan();
    let refusal = State::stuck(Reason::PolicyForbids, "too long");
    world.all_tried(&plan, &Answer::Refused(refusal));
    assert!(world.plan().stages.is_empty());
    world.assignment("team").schedule.expiration = ScheduleExpiration::AfterDuration(days("P30D"));
    assert_eq!(world.plan().stages[0].kind, StageKind::Grant);
}

#[test]
fn a_grant_that_was_taken_is_not_sent_again_before_its_absence_is_believed() {
    let mut world = World::new();
    remember(world.eligible("team", &["ann"]), 0);
    world.assignment("team").memory[0].sent = Some(requested(0, Progress::Finished));
    for seconds in [1, 30, 60, 119] {
        let plan = world.plan_at(seconds);
        assert!(plan.stages.is_empty(), "{seconds}: {:?}", writes(&plan));
        assert_eq!(
            reason(&assignment(&plan, "team").state),
            "WaitingForReplication"
        );
        assert_eq!(
            row(&plan, "team", "ann").sent,
            Some(requested(0, Progress::Finished))
        );
    }
    assert_eq!(world.plan_at(120).stages[0].kind, StageKind::Grant);
}

#[test]
fn a_request_that_the_service_is_at_is_not_sent_again_and_named_by_its_id() {
    let mut world = World::new();
    remember(world.eligible("team", &["ann", "bob"]), 0);
    world.assignment("team").memory[0].sent = Some(requested(0, Progress::Underway));
    world.stands(key("bob", Kind::Eligible), End::At(at(180 * DAY)));
    for (seconds, expected) in [
        (5, "WaitingForReplication"),
        (10 * MINUTE, "WaitingForReplication"),
        (16 * MINUTE, "RequestUnfinished"),
        (3 * DAY, "RequestUnfinished"),
    ] {
        let plan = world.plan_at(seconds);
        assert!(plan.stages.is_empty(), "{seconds}: {:?}", writes(&plan));
        let state = &assignment(&plan, "team").state;
        assert_eq!(reason(state), expected);
        assert!(message(state).starts_with("User ann: the tenant accepted request request-7"));
        assert!(plan.wake_at.is_some(), "it is asked for again");
    }
}

#[test]
fn nobody_is_granted_who_may_be_switched_off() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    let identity = Identity {
        account: Account::Unknown,
        ..identity("ann")
    };
    world.resolve("ann", Resolution::Found(identity));
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(plan.needs, [Part::Names].into());
}

#[test]
fn nobody_is_granted_by_a_list_of_an_earlier_look() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    world.observed.eligible = world.observed.eligible.clone().demoted();
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(plan.needs, [Part::Eligible].into());
}

#[test]
fn nobody_is_granted_under_a_policy_that_lacks_rules() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    let rules = &mut world.policy(Access::Member).rules;
    rules.remove(&RuleKey::Approval);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&assignment(&plan, "team").state), "PolicyIncomplete");
}
