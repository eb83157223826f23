//! What holds for every plan, whatever stands and whatever is declared; and that rounds of planning come to rest.

use proptest::prelude::*;

use super::fixture::*;
use super::model::{Activations, Model, states};
use super::strategy;
use crate::action::{Action, GrantVerb, Write};
use crate::desired::{self, Lifecycle, Mode};
use crate::ids::PolicyId;
use crate::observed::{self, Management, PlainRoles, Policies, Presence};
use crate::plan::{Plan, Stage, StageKind, plan};
use crate::reason::Reason;
use crate::rule::{Rule, RuleKey, Rules, UnknownRuleState};
use crate::schedule::{Access, Key, Window};
use crate::verdict::{Row, State, SubjectState};

/// Holds a plan against everything that must never happen.
pub fn judge(desired: &desired::Unit, observed: &observed::Unit, made: &Plan) {
    let again = plan(desired, observed);
    assert_eq!(
        format!("{made:?}"),
        format!("{again:?}"),
        "the same look gives the same plan"
    );
    assert!(
        made.wake_at.is_none_or(|at| at > observed.now),
        "nothing wakes in the past"
    );
    let kinds: Vec<StageKind> = made.stages.iter().map(|stage| stage.kind).collect();
    assert!(kinds.windows(2).all(|pair| pair[0] < pair[1]), "{kinds:?}");
    for stage in &made.stages {
        assert!(!stage.actions.is_empty());
        for (place, action) in stage.actions.iter().enumerate() {
            judge_action(desired, observed, stage, action);
            let twins = stage
                .actions
                .iter()
                .skip(place + 1)
                .filter(|other| target(other) == target(action));
            assert_eq!(
                twins.count(),
                0,
                "two writes of one stage change the same: {action:?}"
            );
        }
    }
    assert_eq!(made.bindings.len(), desired.bindings.len());
    assert_eq!(made.assignments.len(), desired.assignments.len());
}

/// What a write changes.
fn target(action: &Action) -> String {
    match &action.write {
        Write::Grant { key, .. } | Write::Revoke { key, .. } => format!("{key:?}"),
        Write::BindRole { role, scope, .. } | Write::UnbindRole { role, scope, .. } => {
            format!("{role} {scope}")
        }
        Write::UpdatePolicy { access, .. } => access.to_string(),
        other => other.to_string(),
    }
}

fn judge_action(
    desired: &desired::Unit,
    observed: &observed::Unit,
    stage: &Stage,
    action: &Action,
) {
    if matches!(
        action.write,
        Write::CreateGroup(_) | Write::RestoreGroup(_) | Write::UpdateGroup { .. }
    ) {
        assert!(desired.boundary.is_some() && desired.group.lifecycle == Lifecycle::Living);
        return;
    }
    assert!(
        is_open(&observed.group),
        "there is nothing to write to: {action:?}"
    );
    judge_origin(desired, observed, action);
    match &action.write {
        Write::Grant {
            key, verb, window, ..
        } if stage.kind == StageKind::Revoke => {
            judge_reduction(observed, *key, *verb, window);
        }
        Write::Grant { key, .. } => {
            assert_eq!(stage.kind, StageKind::Grant);
            judge_guard(desired, observed, key.access);
            judge_grant(desired, *key);
        }
        Write::BindRole { .. } => {
            assert_eq!(stage.kind, StageKind::Grant);
            judge_both_guards(desired, observed);
        }
        Write::Revoke { .. } => assert_eq!(stage.kind, StageKind::Revoke),
        Write::UpdatePolicy {
            access,
            policy,
            rules,
            ..
        } => {
            assert_eq!(stage.kind, StageKind::Policy);
            judge_policy(desired, observed, *access, policy, rules);
        }
        Write::DeleteGroup(_) => {
            let is_wanted =
                desired.group.lifecycle == Lifecycle::Living || desired.referrers().count() > 0;
            assert!(!is_wanted && observed.eligible.rows().is_empty() && observed.active.rows().len() <= 2);
        }
        _ => assert!(stage.kind <= StageKind::Unbind),
    }
}

/// What was never taken up does not go with its object, unless our own creation made it and nothing is in it.
fn judge_origin(desired: &desired::Unit, observed: &observed::Unit, action: &Action) {
    let Presence::Living(group) = &observed.group else {
        return;
    };
    if desired.group.lifecycle == Lifecycle::Living || desired.group.last_seen == Some(group.id) {
        return;
    }
    let is_empty =
        observed.eligible.rows().is_empty() && observed.active.rows().is_empty() && observed.roles.rows().is_empty();
    let holds_nothing = matches!(&observed.plain_roles, PlainRoles::Fresh(rows) if rows.is_empty());
    assert!(matches!(action.write, Write::DeleteGroup(_)), "{action:?}");
    assert!(is_empty && holds_nothing && desired.group.creation_begun.is_some());
}

fn is_open(presence: &Presence) -> bool {
    matches!(presence, Presence::Living(group) if group.management == Management::Open)
}

/// A policy is written as it was just read, and only where it differs.
fn judge_policy(
    desired: &desired::Unit,
    observed: &observed::Unit,
    access: Access,
    id: &PolicyId,
    rules: &[(RuleKey, Rule)],
) {
    assert!(desired.boundary.is_some());
    let fresh = observed
        .policies
        .fresh(access)
        .expect("the policy was read in this look");
    assert_eq!(fresh.id, *id);
    assert!(
        !rules.is_empty()
            && rules
                .iter()
                .all(|(key, rule)| fresh.rules.get(key) != Some(rule))
    );
}

fn judge_both_guards(desired: &desired::Unit, observed: &observed::Unit) {
    judge_guard(desired, observed, Access::Member);
    judge_guard(desired, observed, Access::Owner);
}

/// The guard: nothing is given before the policy was read in this look and equals the declared one.
fn judge_guard(desired: &desired::Unit, observed: &observed::Unit, access: Access) {
    assert!(desired.boundary.is_some() && desired.group.lifecycle == Lifecycle::Living);
    let policy = observed
        .policies
        .fresh(access)
        .expect("the policy was read in this look");
    assert!(
        policy
            .unknown
            .iter()
            .all(|rule| rule.state == UnknownRuleState::Off),
        "a rule that nobody knows may be on"
    );
    let stands = crate::plan::policy::standing(policy);
    let mut declared = match desired.group.mode {
        Mode::Exclusive => Rules::defaults(),
        Mode::Merge => stands.clone(),
    };
    for setting in crate::settings::SETTINGS {
        setting.write(
            desired.group.policy.get(access),
            &desired.names,
            &mut declared,
        );
    }
    assert_eq!(stands, declared);
}

/// Somebody declares it, the boundary admits him, and his name is certain.
fn judge_grant(desired: &desired::Unit, key: Key) {
    let boundary = desired.boundary.as_ref().unwrap();
    let declared = desired.assignments.iter().filter(|assignment| {
        assignment.lifecycle == Lifecycle::Living
            && assignment.kind == key.kind
            && assignment.access == key.access
    });
    let mut subjects = declared.flat_map(|assignment| &assignment.subjects);
    let is_meant = |subject: &crate::principal::Principal| {
        let identity = desired.names.identity(subject);
        identity.is_some_and(|one| {
            one.id == key.principal && boundary.judge_subject(subject, one).is_ok()
        })
    };
    assert!(subjects.any(is_meant), "nobody declares {key:?}");
}

/// A write of the first stage gives nobody anything.
fn judge_reduction(observed: &observed::Unit, key: Key, verb: GrantVerb, window: &Window) {
    assert_eq!(verb, GrantVerb::Update);
    let stands = observed
        .standing(key)
        .expect("only what stands is shortened");
    assert!(window.is_within(&stands.window, observed.now));
}

/// What was said at the end holds, and nothing that the operator gave is left without somebody who declares it.
pub fn judge_rest(model: &Model, rest: &Plan) {
    let observed = &model.world.observed;
    let is_open = is_open(&observed.group);
    for ((kind, name), verdict) in &rest.assignments {
        let assignment = model
            .world
            .desired
            .assignments
            .iter()
            .find(|one| one.kind == *kind && one.name == *name);
        let Some(assignment) = assignment else {
            continue;
        };
        for row in &verdict.rows {
            let Some(principal) = row.principal else {
                continue;
            };
            let key = Key {
                access: assignment.access,
                principal,
                kind: *kind,
            };
            judge_row(observed, key, row);
        }
    }
    judge_waits(model, rest);
    if is_open && model.world.desired.group.lifecycle == Lifecycle::Living {
        judge_leftovers(model, rest);
    }
}

/// A row says what is true.
fn judge_row(observed: &observed::Unit, key: Key, row: &Row) {
    let is_living = matches!(observed.group, Presence::Living(_));
    let stands = observed.assigned(key).filter(|_| is_living);
    let begins_later = stands.map(|schedule| schedule.window.is_future(observed.now));
    match row.state {
        SubjectState::Eligible | SubjectState::Active => {
            assert_eq!(begins_later, Some(false), "{row:?}");
        }
        SubjectState::Scheduled => assert_eq!(begins_later, Some(true), "{row:?}"),
        SubjectState::Pending
        | SubjectState::Expired
        | SubjectState::Revoking
        | SubjectState::Refused => {}
    }
}

/// Whatever waits in the end waits for somebody.
fn judge_waits(model: &Model, rest: &Plan) {
    for state in states(rest) {
        if let State::Waiting { reason, .. } = state {
            let may_last = [Reason::WaitingForDependency, Reason::DeletionBlocked].contains(reason)
                || (*reason == Reason::DeletionInProgress
                    && model.world.desired.referrers().next().is_some());
            assert!(may_last, "waits for ever: {state:?}");
        }
    }
}

fn judge_leftovers(model: &Model, rest: &Plan) {
    let (desired, observed) = (&model.world.desired, &model.world.observed);
    for key in &model.granted {
        let Some(_) = observed.standing(*key) else {
            continue;
        };
        let is_named = desired.assignments.iter().any(|assignment| {
            assignment.kind == key.kind
                && assignment.access == key.access
                && assignment.subjects.iter().any(|subject| {
                    let memo = assignment
                        .memo(subject)
                        .is_some_and(|memo| memo.principal == key.principal);
                    memo || desired
                        .names
                        .identity(subject)
                        .is_some_and(|identity| identity.id == key.principal)
                })
        });
        let is_told = rest
            .assignments
            .values()
            .flat_map(|verdict| &verdict.rows)
            .any(|row| row.principal == Some(key.principal) && row.state == SubjectState::Revoking);
        assert!(
            is_named || is_told,
            "{key:?} still stands and nobody declares it"
        );
    }
}

/// Everything that is declared is deleted.
fn delete_everything(model: &mut Model) {
    let desired = &mut model.world.desired;
    desired.group.lifecycle = Lifecycle::Deleting;
    for assignment in &mut desired.assignments {
        assignment.lifecycle = Lifecycle::Deleting;
    }
    for binding in &mut desired.bindings {
        binding.lifecycle = Lifecycle::Deleting;
    }
}

fn can_be_written(world: &World) -> bool {
    match &world.observed.group {
        Presence::Living(group) => group.management == Management::Open,
        Presence::Absent { .. } | Presence::Deleted(_) => true,
        Presence::Twins(_) | Presence::Stranger(_) => false,
    }
}

fn activations() -> impl Strategy<Value = Activations> {
    prop_oneof![
        Just(Activations::Remain),
        Just(Activations::EndWithTheirEligibility)
    ]
}

proptest! {
    #[test]
    fn there_is_a_safe_plan_for_everything(mut world in strategy::world(), freshness in 0..3_u8, now in -500 * DAY..500 * DAY) {
        world.observed.now = at(now);
        match freshness {
            0 => world.observed.policies = Read::Unread,
            1 => world.forget_policies(),
            _ => {}
        }
        if freshness == 0 {
            world.observed.plain_roles = Read::Unread;
        }
        judge(&world.desired, &world.observed, &world.plan());
    }

    #[test]
    fn the_order_in_which_things_are_listed_makes_no_difference(world in strategy::world()) {
        let mut shuffled = world.clone();
        shuffled.desired.assignments.reverse();
        shuffled.desired.bindings.reverse();
        shuffled.observed.eligible.known().reverse();
        shuffled.observed.active.known().reverse();
        shuffled.observed.roles.known().reverse();
        let sorted = |plan: &Plan| {
            let mut all: Vec<String> = plan.stages.iter().flat_map(|stage| &stage.actions).map(|one| format!("{:?}", one.write)).collect();
            all.sort();
            all
        };
        let (one, other) = (world.plan(), shuffled.plan());
        prop_assert_eq!(sorted(&one), sorted(&other));
        prop_assert_eq!(one.assignments, other.assignments);
        prop_assert_eq!(one.bindings, other.bindings);
    }

    #[test]
    fn every_world_comes_to_rest_and_stays_there(world in strategy::world(), activations in activations()) {
        let mut model = Model::new(world);
        model.activations = activations;
        let rest = model.converge();
        judge_rest(&model, &rest);
        let again = model.round();
        prop_assert!(again.stages.is_empty(), "{:?}", writes(&again));
        // What an object forgets when it loses a conflict may change a reason once more.
        let last = model.round();
        prop_assert!(last.stages.is_empty(), "{:?}", writes(&last));
        let lasting = |plan: &Plan| -> Vec<State> {
            states(plan).into_iter().filter(|state| **state != State::Gone).cloned().collect()
        };
        prop_assert_eq!(lasting(&last), lasting(&again));
    }

    #[test]
    fn what_is_deleted_is_gone_in_the_end(mut world in strategy::world(), activations in activations()) {
        if !can_be_written(&world) {
            world.observed.group = Presence::Living(living());
        }
        let mut model = Model::new(world);
        model.activations = activations;
        delete_everything(&mut model);
        let rest = model.converge();
        prop_assert_eq!(&rest.group.state, &State::Gone);
        prop_assert!(model.world.desired.assignments.is_empty() && model.world.desired.bindings.is_empty());
        let deletes: Vec<usize> =
            model.journal.iter().enumerate().filter(|(_, write)| write.starts_with("delete group")).map(|(place, _)| place).collect();
        prop_assert!(deletes.is_empty() || deletes == [model.journal.len() - 1], "{:#?}", model.journal);
    }

    #[test]
    fn whatever_a_group_had_all_of_it_goes_again(world in strategy::beginning()) {
        let mut model = Model::from_nothing(world);
        let rest = model.converge();
        judge_rest(&model, &rest);
        delete_everything(&mut model);
        prop_assert_eq!(&model.converge().group.state, &State::Gone);
        let left = &model.world.observed;
        prop_assert!(left.eligible.rows().is_empty() && left.roles.rows().is_empty() && left.active.rows().len() <= 1);
    }
}
