//! An extension of the tenant that is switched on: beside one that the boundary lists access is given, it is shown, and
//! nothing is ever written of it.

use super::fixture::*;
use crate::boundary::CUSTOM_EXTENSIONS;
use crate::desired::LastReport;
use crate::ids::{ExtensionId, RuleId};
use crate::plan::{Plan, StageKind};
use crate::rule::{Extension, UnknownRule, UnknownRuleState};
use crate::schedule::{Access, Kind};
use crate::settings::{EffectiveSetting, SettingOrigin};
use crate::verdict::PolicyState;

const RULE: &str = "CustomExtension_PreApproval_EndUser_Assignment";
const TICKETS: &str = "aaaaaaaa-0000-4000-8000-000000000001";

fn calling(extension: Option<&str>) -> UnknownRule {
    UnknownRule {
        id: RuleId::new(RULE),
        state: UnknownRuleState::OnOrSilent,
        extension: extension.map(|id| Extension {
            id: ExtensionId::new(id),
            name: Some("Change ticket".to_owned()),
        }),
    }
}

fn list(world: &mut World, listed: &[&str]) {
    let rules = &mut world.desired.boundary.as_mut().unwrap().rules;
    let listed = listed.iter().map(|id| (*id).to_owned());
    rules.policy_floor.custom_extensions = listed.collect();
}

/// Somebody is to be granted, beside an extension in one of the policies.
fn beside(access: Access, rule: UnknownRule) -> World {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    world.bind("exchange", 0);
    world.policy(access).unknown.push(rule);
    world
}

fn extensions(plan: &Plan, access: Access) -> Vec<EffectiveSetting> {
    let settings = group_record(plan).settings.get(access).clone();
    let mut settings = settings;
    settings.retain(|setting| setting.path == "customExtensions");
    settings
}

#[test]
fn beside_an_extension_that_is_listed_everything_is_given_and_nothing_is_written_of_it() {
    for listed in [TICKETS, RULE, &TICKETS.to_uppercase(), &RULE.to_lowercase()] {
        let mut world = beside(Access::Member, calling(Some(TICKETS)));
        list(&mut world, &["another", listed]);
        let plan = world.plan();
        let kinds: Vec<StageKind> = plan.stages.iter().map(|stage| stage.kind).collect();
        assert_eq!(kinds, [StageKind::Grant], "{listed}: {:?}", writes(&plan));
        assert_eq!(plan.stages[0].actions.len(), 2);
        let policies = &group_record(&plan).policies;
        assert_eq!(policies.member, PolicyState::Applied);
    }
}

#[test]
fn one_that_is_not_listed_stops_everything_and_the_message_says_where_to_list_it() {
    for (rule, listed) in [
        (
            calling(Some(TICKETS)),
            "aaaaaaaa-0000-4000-8000-000000000002",
        ),
        (calling(None), TICKETS),
        (calling(Some("")), ""),
    ] {
        let mut world = beside(Access::Member, rule);
        list(&mut world, &[listed]);
        if listed.is_empty() {
            list(&mut world, &[]);
        }
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{listed}: {:?}", writes(&plan));
        for state in [
            &of_group(&plan).state,
            &assignment(&plan, "team").state,
            &binding(&plan, "exchange").state,
        ] {
            assert_eq!(reason(state), "UnmanagedRule");
            let told = message(state);
            for part in [RULE, CUSTOM_EXTENSIONS, "AccessBoundary payments", "portal"] {
                assert!(told.contains(part), "{part}: {told}");
            }
        }
        assert_eq!(extensions(&plan, Access::Member), []);
    }
}

#[test]
fn the_message_names_the_extension_and_its_id() {
    let mut world = beside(Access::Member, calling(Some(TICKETS)));
    list(&mut world, &[]);
    let plan = world.plan();
    let told = message(&of_group(&plan).state);
    let named = format!("{RULE} (extension \"Change ticket\", {TICKETS})");
    assert!(told.contains(&named), "{told}");
}

#[test]
fn one_that_is_listed_is_shown_as_a_setting_of_the_tenant() {
    let mut world = beside(Access::Owner, calling(Some(TICKETS)));
    list(&mut world, &[TICKETS]);
    let plan = world.plan();
    assert_eq!(extensions(&plan, Access::Member), []);
    let [shown] = extensions(&plan, Access::Owner).try_into().unwrap();
    assert_eq!(shown.origins, [("", SettingOrigin::Tenant)]);
    assert!(shown.value.contains("Change ticket"), "{}", shown.value);
}

#[test]
fn one_that_is_listed_and_another_that_is_not_stop_everything() {
    let mut world = beside(Access::Member, calling(Some(TICKETS)));
    world.policy(Access::Member).unknown.push(UnknownRule {
        id: RuleId::new("CustomExtension_PostApproval_EndUser_Assignment"),
        ..calling(Some("aaaaaaaa-0000-4000-8000-000000000002"))
    });
    list(&mut world, &[TICKETS]);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    let told = message(&of_group(&plan).state);
    assert!(told.contains("PostApproval"), "{told}");
    assert!(!told.contains("PreApproval"), "{told}");
}

#[test]
fn once_it_is_not_listed_any_more_grants_stop_and_nothing_is_revoked() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world
        .policy(Access::Member)
        .unknown
        .push(calling(Some(TICKETS)));
    world.desired.group.last_report = LastReport::Matched;
    list(&mut world, &[TICKETS]);
    assert!(world.plan().stages.is_empty());
    list(&mut world, &[]);
    world.assignment("team").subjects.push(person("bob"));
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(reason(&of_group(&plan).state), "UnmanagedRule");
    assert_eq!(reason(&assignment(&plan, "team").state), "UnmanagedRule");
    list(&mut world, &[TICKETS]);
    assert_eq!(world.plan().stages[0].kind, StageKind::Grant);
}
