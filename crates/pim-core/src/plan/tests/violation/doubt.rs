//! What nobody can judge is no violation: names that were not looked up, facts that were not read, objects that cannot be read,
//! and groups that are not the object's to touch.

use super::{DWELT, admit, due, rules, strict, taken};
use crate::boundary::OnViolation;
use crate::desired::{NestedGroup, Readability};
use crate::knowledge::Part;
use crate::plan::tests::fixture::*;
use crate::principal::{
    GroupFacts, Identity, Names, Principal, PrincipalKind, Resolution, UserType,
};
use crate::schedule::{End, Kind};

/// What the names of all people lead to.
fn names(change: impl Fn(&str, Identity) -> Resolution) -> Names {
    let each = PEOPLE
        .iter()
        .map(|name| (person(name), change(name, identity(name))));
    each.collect()
}

#[test]
fn a_name_that_leads_nowhere_or_to_somebody_else_says_nothing_of_whom_it_meant() {
    for resolution in [
        Resolution::NotFound,
        Resolution::Unread,
        Resolution::Ambiguous(vec![id("bob"), id("cid")]),
        Resolution::Found(identity("cid")),
    ] {
        let mut world = strict();
        world.resolve("bob", resolution.clone());
        world.desired.names = world.desired.names.clone().with_accounts();
        admit(&mut world, "ann@contoso.com");
        let plan = due(&mut world);
        assert!(
            plan.stages.is_empty(),
            "{resolution:?}: {:?}",
            writes(&plan)
        );
    }
}

#[test]
fn facts_that_were_not_read_speak_against_nobody() {
    let mut world = strict();
    let nameless = |name: &str, identity: Identity| {
        let user_principal_name = identity.user_principal_name.filter(|_| name != "bob");
        Resolution::Found(Identity {
            user_principal_name,
            ..identity
        })
    };
    world.desired.names = names(nameless).with_accounts();
    admit(&mut world, "ann@contoso.com");
    let plan = due(&mut world);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
}

#[test]
fn a_group_of_which_nothing_was_read_is_no_ordinary_one() {
    let group = Principal {
        kind: PrincipalKind::Group,
        name: id("cid").to_string(),
    };
    for facts in [
        None,
        Some(GroupFacts {
            display_name: "people".to_owned(),
            assignability: crate::desired::Assignability::Ordinary,
        }),
    ] {
        let mut world = strict();
        world.settled(Kind::Eligible, "groups", &["cid"]);
        let groups = world.assignment("groups");
        groups.subjects = vec![group.clone()];
        groups.memory[0].subject = group.clone();
        let rules = rules(&mut world);
        rules.subjects.kinds.push(PrincipalKind::Group);
        rules.subjects.groups = vec![crate::ids::GroupId(id("cid").0)];
        let found = Identity {
            kind: PrincipalKind::Group,
            user_principal_name: None,
            group: facts.clone(),
            ..identity("cid")
        };
        let names = world.desired.names.clone();
        world.desired.names = names.and([(group.clone(), Resolution::Found(found))]);
        let plan = due(&mut world);
        assert_eq!(
            !plan.stages.is_empty(),
            facts.is_some(),
            "{:?}",
            writes(&plan)
        );
    }
}

#[test]
fn a_guest_who_shows_only_in_full_is_looked_up_in_full_when_their_time_has_come() {
    let mut world = strict();
    let guest = |name: &str, identity: Identity| {
        let user_type = (name == "bob").then_some(UserType::Guest);
        Resolution::Found(Identity {
            user_type: user_type.or(Some(UserType::Member)),
            ..identity
        })
    };
    let quiet = |_: &str, identity: Identity| Resolution::Found(identity);
    let (full, quiet) = (names(guest).with_accounts(), names(quiet));
    world.desired.names = quiet.clone();
    assert!(
        world.plan_at(0).needs.is_empty(),
        "nothing speaks against anybody"
    );
    world.desired.names = full.clone();
    assert!(world.plan_at(0).stages.is_empty());
    world.desired.names = quiet;
    let plan = world.plan_at(DWELT);
    assert!(plan.stages.is_empty() && plan.needs.contains(&Part::Names));
    world.desired.names = full;
    let plan = world.plan_at(DWELT);
    assert_eq!(taken(&plan), ["end bob as eligible member of group"]);
}

#[test]
fn a_read_that_fails_in_between_does_not_begin_the_wait_anew() {
    let mut world = strict();
    admit(&mut world, "ann@contoso.com");
    assert!(world.plan_at(0).stages.is_empty());
    let names = world.desired.names.clone();
    world.desired.names = Names::default();
    assert!(world.plan_at(3 * MINUTE).stages.is_empty());
    world.desired.names = names;
    assert_eq!(
        taken(&world.plan_at(DWELT)),
        ["end bob as eligible member of group"]
    );
}

#[test]
fn whoever_begins_anew_waits_anew() {
    let mut world = strict();
    admit(&mut world, "ann@contoso.com");
    assert!(world.plan_at(0).stages.is_empty());
    world.memory = crate::memory::Memory::default();
    assert!(world.plan_at(DWELT).stages.is_empty());
    assert_eq!(taken(&world.plan_at(2 * DWELT)).len(), 1);
}

#[test]
fn an_object_that_cannot_be_read_keeps_what_it_has() {
    let mut world = strict();
    world.assignment("team").readability = Readability::Unreadable("odd".to_owned());
    world.binding("exchange").readability = Readability::Unreadable("odd".to_owned());
    rules(&mut world).namespaces.clear();
    let plan = due(&mut world);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
}

#[test]
fn an_existing_group_that_is_not_listed_any_more_is_not_touched() {
    let adopted = || {
        let mut world = strict();
        world.desired.group.adopt = Some(group_id());
        rules(&mut world).groups.adoptable = vec![group_id()];
        world
    };
    let mut world = adopted();
    rules(&mut world).groups.adoptable.clear();
    rules(&mut world).namespaces.clear();
    admit(&mut world, "ann@contoso.com");
    let plan = due(&mut world);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    let mut world = adopted();
    admit(&mut world, "ann@contoso.com");
    let plan = due(&mut world);
    assert_eq!(taken(&plan), ["end bob as eligible member of group"]);
}

#[test]
fn a_group_in_it_that_is_not_admitted_any_more_leaves_it() {
    let oncall = Principal {
        kind: PrincipalKind::PrivilegedGroup,
        name: "oncall".to_owned(),
    };
    let mut world = strict();
    rules(&mut world)
        .subjects
        .kinds
        .push(PrincipalKind::PrivilegedGroup);
    world.settled(Kind::Eligible, "groups", &["cid"]);
    let groups = world.assignment("groups");
    groups.subjects = vec![oncall.clone()];
    groups.memory[0].subject = oncall.clone();
    let mut inner = group();
    inner.display_name = "PAG-other".to_owned();
    let boundary = world.desired.boundary.as_ref().unwrap();
    let denial = boundary.judge_nested(&oncall, &inner).err();
    assert!(denial.is_some());
    let nested = NestedGroup {
        denial,
        ..NestedGroup::default()
    };
    world.desired.nesting.subjects.insert(oncall, nested);
    let plan = due(&mut world);
    assert_eq!(taken(&plan), ["end cid as eligible member of group"]);
}

#[test]
fn what_somebody_else_gave_is_not_the_boundarys_to_take() {
    let mut world = strict();
    world.stands(key("cid", Kind::Eligible), End::Never);
    world.eligible("more", &["cid"]);
    admit(&mut world, "ann@contoso.com");
    let plan = due(&mut world);
    assert_eq!(taken(&plan), ["end bob as eligible member of group"]);
    assert_eq!(rules(&mut world).on_violation, OnViolation::Revoke);
}
