//! Whatever the API server admits, the operator reads, and builds from it what it works with. One object that cannot be
//! read would hide all others of its kind from the operator, in every namespace.

use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};
use pim_api::{
    AccessBoundarySpec, ActiveAssignmentSpec, AssignmentSchedule, EligibleAssignmentSpec,
    EntraTenantSpec, PolicyTemplateSpec, PrivilegedGroupSpec, RoleBindingSpec,
};
use pim_core::boundary::Boundary;
use pim_core::ids::{AppId, PrincipalId};
use pim_core::principal::{Names, Principal, PrincipalKind};
use pim_core::role::{RoleScope, RoleSystem};
use pim_core::rule::Rules;
use pim_core::schedule::Access;
use pim_core::settings::{PolicySettings, SETTINGS};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::generate::values;
use super::schema::Node;

/// Draws specs of a kind, reads each as the operator does and builds from it.
fn holds<Spec>(kind: &str, cases: u32, build: impl Fn(&Spec))
where
    Spec: DeserializeOwned + Serialize,
{
    let node = Rc::new(Node::of_spec(kind));
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let strategy = values(&node, &mut runner);
    let verdict = runner.run(&strategy, |value: Value| {
        let refusals = node.refusals(&value);
        let admitted = refusals.is_empty();
        let spec: Spec = serde_json::from_value(value.clone())
            .map_err(|error| TestCaseError::fail(format!("{value} is not read: {error}")))?;
        build(&spec);
        let written = serde_json::to_value(&spec).unwrap();
        let back = serde_json::from_value::<Spec>(written.clone());
        proptest::prop_assert!(back.is_ok(), "what was written is not read: {written}");
        proptest::prop_assert!(admitted, "drawn and refused: {refusals:?}");
        Ok(())
    });
    if let Err(error) = verdict {
        panic!("{kind}: {error}");
    }
}

/// A name that has the form of its kind is one that can be looked up.
fn principal(principal: &Principal) {
    let name = &principal.name;
    match principal.kind {
        PrincipalKind::User => {
            assert!(name.parse::<PrincipalId>().is_ok() || name.matches('@').count() == 1);
        }
        PrincipalKind::Group => drop(name.parse::<PrincipalId>().unwrap()),
        PrincipalKind::PrivilegedGroup => assert!(!name.contains(['/', ' '])),
        PrincipalKind::ServicePrincipal => drop(name.parse::<AppId>().unwrap()),
    }
}

/// Arithmetic with what a schedule says stays inside what a time can hold, from any moment that it can be judged at.
fn schedule(schedule: &AssignmentSchedule) {
    let named = [&schedule.start_time, &schedule.expiration.end_time];
    let earliest: Timestamp = "2000-01-01T00:00:00Z".parse().unwrap();
    let latest: Timestamp = "9000-01-01T00:00:00Z".parse().unwrap();
    for time in named.into_iter().flatten() {
        assert!(time.0 >= earliest && time.0 < latest, "{}", time.0);
        let _: SignedDuration = time.0.duration_since(Timestamp::MIN);
    }
    if let Some(days) = schedule.expiration.after_duration {
        let start = schedule.start_time.as_ref().map_or(latest, |start| start.0);
        let end = start.checked_add(days.length().to_signed()).unwrap();
        assert!(end > start);
    }
    let expiration = &schedule.expiration;
    let ways = [
        expiration.after_duration.is_some(),
        expiration.end_time.is_some(),
        expiration.never.is_some(),
    ];
    assert_eq!(ways.into_iter().filter(|way| *way).count(), 1);
}

fn policy(settings: &PolicySettings) {
    let mut rules = Rules::defaults();
    for setting in SETTINGS {
        setting.write(settings, &Names::default(), &mut rules);
        assert!(!setting.show(&rules).is_empty());
    }
    pim_core::settings::principals(settings)
        .iter()
        .for_each(principal);
}

#[test]
fn every_tenant_that_is_admitted_is_read() {
    holds("EntraTenant", 1_000, |spec: &EntraTenantSpec| {
        let interval = spec.resync_interval.length().to_signed();
        assert!(interval >= SignedDuration::from_mins(1));
        assert!(interval <= SignedDuration::from_hours(24));
    });
}

#[test]
fn every_boundary_that_is_admitted_is_read() {
    holds("AccessBoundary", 1_500, |spec: &AccessBoundarySpec| {
        let boundary = Boundary {
            name: "any".to_owned(),
            rules: spec.rules.clone(),
            role_ids: Vec::new(),
        };
        // Whatever the verdict: it is one.
        let _ = boundary.judge_policy(Access::Member, &Rules::defaults(), &|_| None);
        let approval = spec.rules.policy_floor.approval.as_ref();
        let approvers = approval.and_then(|approval| approval.approvers.as_ref());
        approvers.into_iter().flatten().for_each(principal);
    });
}

#[test]
fn every_group_that_is_admitted_is_read() {
    holds("PrivilegedGroup", 1_000, |spec: &PrivilegedGroupSpec| {
        assert_eq!(spec.display_name, spec.display_name.trim());
        let policies = [&spec.policy.member, &spec.policy.owner];
        policies.into_iter().flatten().for_each(policy);
    });
}

#[test]
fn every_template_that_is_admitted_is_read() {
    holds("PolicyTemplate", 1_000, |spec: &PolicyTemplateSpec| {
        let policies = [&spec.member, &spec.owner];
        policies.into_iter().flatten().for_each(policy);
    });
}

#[test]
fn every_binding_that_is_admitted_is_read() {
    holds("RoleBinding", 1_000, |spec: &RoleBindingSpec| {
        let role = spec.role();
        let scope = RoleScope::of(role.system, &role.scope);
        match role.system {
            RoleSystem::DIRECTORY => assert!(scope.as_str().starts_with('/')),
            RoleSystem::AZURE => assert!(scope.as_str().len() > 1),
            // Ids: of an application, or of groups.
            _ => {
                for id in scope.as_str().split(',') {
                    id.parse::<AppId>().unwrap();
                }
            }
        }
        spec.schedule.iter().for_each(schedule);
    });
}

#[test]
fn every_eligible_assignment_that_is_admitted_is_read() {
    holds(
        "EligibleAssignment",
        3_000,
        |spec: &EligibleAssignmentSpec| {
            spec.subjects.iter().for_each(principal);
            schedule(&spec.schedule);
        },
    );
}

#[test]
fn every_active_assignment_that_is_admitted_is_read() {
    holds("ActiveAssignment", 2_500, |spec: &ActiveAssignmentSpec| {
        spec.subjects.iter().for_each(principal);
        schedule(&spec.schedule);
    });
}
