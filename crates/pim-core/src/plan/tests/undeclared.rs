//! What the group holds, and who holds it, without an object that declares it.

use uuid::Uuid;

use super::fixture::*;
use crate::action::Cause;
use crate::desired::{Lifecycle, Pause, Readability, Role, Undeclared};
use crate::ids::PrincipalId;
use crate::knowledge::{Part, Read};
use crate::observed::ScopeFault;
use crate::plan::{Plan, StageKind};
use crate::principal::Resolution;
use crate::role::RoleScope;
use crate::schedule::{End, Key, Kind};
use crate::verdict::{Record, State, UndeclaredFinding};

fn world(wish: Undeclared) -> World {
    let mut world = World::new();
    world.desired.group.undeclared.roles = wish;
    world
}

/// The same for people, of whom somebody declares the first owner.
fn world_of_people(wish: Undeclared) -> World {
    let mut world = World::new();
    world.settled_owners("owner", &["ann"]);
    world.desired.group.undeclared.eligible = wish;
    world.desired.group.undeclared.active = wish;
    world
}

fn undeclared(plan: &Plan) -> &UndeclaredFinding {
    match &of_group(plan).record {
        Record::Group(record) => &record.undeclared,
        other => panic!("{other:?}"),
    }
}

/// How much is told. Where something is spared in doubt, nothing is said.
fn found(plan: &Plan) -> usize {
    match undeclared(plan) {
        UndeclaredFinding::Found { told, .. } => told.len(),
        UndeclaredFinding::Unread | UndeclaredFinding::InDoubt(_) => 0,
        UndeclaredFinding::Ignored => panic!("nobody looks"),
    }
}

/// The plan once everything was seen for a while.
fn ripe(world: &mut World) -> Plan {
    world.plan_at(0);
    world.plan_at(6 * MINUTE)
}

#[test]
fn a_role_that_nobody_declares_is_told_by_its_name_and_left_alone() {
    let mut world = world(Undeclared::Report);
    world.holds(1);
    world.may_hold(2);
    world.holds_plainly(3);
    world.bind("declared", 4).bound = Some(role_target(4));
    world.holds(4);
    let name = (role_target(1).system, role_id(1));
    world
        .desired
        .role_names
        .insert(name, "Reports Reader".to_owned());
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    let of_group = of_group(&plan);
    assert_eq!((&of_group.state, of_group.drift.len()), (&State::Ready, 0));
    let UndeclaredFinding::Found { told: roles, .. } = undeclared(&plan) else {
        panic!("{:?}", undeclared(&plan));
    };
    assert_eq!(roles.len(), 3, "{roles:?}");
    let told = |text: &str| roles.iter().any(|role| role.contains(text));
    assert!(told("Reports Reader (") && told(", eligible"), "{roles:?}");
}

#[test]
fn nobody_looks_where_that_is_not_wanted() {
    let mut world = world(Undeclared::Ignore);
    world.holds(1);
    assert_eq!(undeclared(&world.plan()), &UndeclaredFinding::Ignored);
}

#[test]
fn what_is_to_be_removed_goes_in_the_first_stage_and_is_told_as_drift() {
    let mut world = world(Undeclared::Remove);
    world.holds(1);
    world.may_hold(2);
    world.holds_plainly(3);
    assert!(
        world.plan().stages.is_empty(),
        "an object may be on its way"
    );
    let plan = ripe(&mut world);
    let expected = [
        "unbind role 1 at / from group",
        "delete the plain assignment of role 3 to group",
        "unbind eligible role 2 at / from group",
    ];
    let (mut found, mut expected) = (first(&plan), expected.map(str::to_owned));
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(plan.stages[0].kind, StageKind::Undeclared);
    let action = &plan.stages[0].actions[0];
    assert!(matches!(action.cause, Cause::Drift(_)));
    assert_eq!(action.object, world.desired.group.object());
    assert_eq!(of_group(&plan).drift.len(), 3);
    assert_eq!(reason(&of_group(&plan).state), "Progressing");
}

#[test]
fn a_plain_row_goes_with_the_schedule_that_made_it_and_not_while_that_is_too_young() {
    let mut world = world(Undeclared::Remove);
    world.holds_plainly(1);
    let row = world.holds(1);
    row.created = Some(at(-60));
    row.window.start = Some(at(-60));
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(plan.wake_at, Some(at(4 * MINUTE)));
    assert_eq!(found(&plan), 1, "it is one role");
}

#[test]
fn whatever_an_object_declares_or_may_declare_is_spared() {
    for wish in [Undeclared::Report, Undeclared::Remove] {
        // Nothing admits it any more, and it is being deleted.
        let mut world = world(wish);
        let lists = &mut world.desired.boundary.as_mut().unwrap().rules.roles;
        let admitting = std::mem::take(lists);
        world.holds(1);
        world.bind("denied", 1).bound = Some(role_target(1));
        assert_eq!(found(&world.plan()), 0);
        // Nobody looks where its name leads.
        let binding = world.binding("denied");
        binding.bound = None;
        binding.role = Role::NotFound;
        assert_eq!(found(&world.plan()), 0);
        binding_elsewhere(&mut world);
        assert_eq!(found(&world.plan()), 1);
        // It was looked up, and leads nowhere: a slip of the pen hides nothing.
        world.desired.boundary.as_mut().unwrap().rules.roles = admitting;
        world.binding("denied").scope = RoleScope::new("/");
        assert_eq!(found(&world.plan()), 1);
        world.binding("denied").role = Role::Ambiguous(vec![role_id(1), role_id(2)]);
        assert_eq!(found(&world.plan()), 0);
        // Nobody can read which role it names.
        world.binding("denied").readability = Readability::Unreadable("odd".to_owned());
        let object = world.binding("denied").object();
        assert_eq!(
            undeclared(&world.plan()),
            &UndeclaredFinding::InDoubt(object)
        );
    }
}

fn binding_elsewhere(world: &mut World) {
    let unit = "/administrativeUnits/77777777-7777-4777-8777-777777777777";
    world.binding("denied").scope = RoleScope::new(unit);
}

#[test]
fn a_role_that_is_declared_as_another_kind_is_not_declared() {
    let mut world = world(Undeclared::Report);
    world.holds(1);
    world.bind("eligible", 1).kind = Kind::Eligible;
    assert_eq!(found(&world.plan()), 1);
}

#[test]
fn what_was_taken_away_a_moment_ago_may_go_on_being_listed() {
    let mut world = world(Undeclared::Report);
    world.unbound(1);
    world.holds(1);
    assert_eq!(found(&world.plan()), 0);
    world.pass(6 * MINUTE);
    assert_eq!(found(&world.plan()), 1, "somebody has given it back");
}

#[test]
fn what_has_ended_or_was_activated_is_nobodys_gift() {
    let mut world = world(Undeclared::Report);
    world.holds(1).window.end = End::At(at(-1));
    world.holds(2).nature = crate::observed::Nature::Activated;
    assert_eq!(found(&world.plan()), 0);
}

#[test]
fn nothing_is_said_while_a_list_or_a_scope_is_not_read() {
    let mut world = world(Undeclared::Report);
    world.observed.eligible_roles = Read::Unread;
    assert_eq!(undeclared(&world.plan()), &UndeclaredFinding::Unread);
    world.holds(1);
    assert_eq!(found(&world.plan()), 1, "what is shown is there");
    world.observed.roles.known().clear();
    world.observed.eligible_roles = Read::now(Vec::new(), at(0));
    assert_eq!(found(&world.plan()), 0);
    let system = role_target(1).system;
    let place = (Part::EligibleRoles, system, RoleScope::new("/"));
    let fault = ScopeFault::Forbidden("not yours".to_owned());
    world.observed.scope_faults.insert(place, fault);
    assert_eq!(undeclared(&world.plan()), &UndeclaredFinding::Unread);
}

#[test]
fn what_an_earlier_look_showed_is_looked_at_again() {
    let mut world = world(Undeclared::Remove);
    world.holds(1);
    world.holds_plainly(2);
    world.observed.roles = world.observed.roles.clone().demoted();
    world.observed.plain_roles = world.observed.plain_roles.clone().demoted();
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(plan.needs, [Part::Roles, Part::PlainRoles].into());
}

#[test]
fn a_group_that_is_paused_or_not_admitted_loses_nothing() {
    let mut world = world(Undeclared::Remove);
    world.holds(1);
    world.desired.group.pause = Pause::Paused;
    assert!(world.plan().stages.is_empty());
    world.desired.group.pause = Pause::Running;
    world.desired.boundary = None;
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(undeclared(&plan), &UndeclaredFinding::Unread);
    assert_eq!(world.desired.group.lifecycle, Lifecycle::Living);
}

#[test]
fn people_whom_nobody_declares_are_told_and_those_who_activated_are_not() {
    let mut world = world_of_people(Undeclared::Report);
    world.settled(Kind::Eligible, "team", &["bob"]);
    world.activated("bob");
    world.stands(key("cid", Kind::Eligible), End::At(at(DAY)));
    world.stands(key("dan", Kind::Active), End::Never);
    world.stands(owner_key("eve"), End::Never);
    world.stands(key("eve", Kind::Eligible), End::At(at(-1)));
    let name = "Dan from elsewhere".to_owned();
    world.resolve("dan", Resolution::NotFound);
    world.desired.strangers.insert(id("dan"), name);
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    let UndeclaredFinding::Found { told, people } = undeclared(&plan) else {
        panic!("{:?}", undeclared(&plan));
    };
    assert_eq!((told.len(), people.len()), (3, 3), "{told:?}");
    let begins = |text: &str| told.iter().any(|one| one.starts_with(text));
    assert!(
        begins("eligible member ") && begins("active owner "),
        "{told:?}"
    );
    assert!(begins("active member Dan from elsewhere ("), "{told:?}");
}

#[test]
fn people_go_before_anything_else_and_the_last_owner_stays() {
    let mut world = world_of_people(Undeclared::Remove);
    world.stands(key("cid", Kind::Eligible), End::At(at(DAY)));
    world.stands(owner_key("eve"), End::Never);
    let plan = ripe(&mut world);
    assert_eq!(plan.stages[0].kind, StageKind::Undeclared);
    assert_eq!(first(&plan).len(), 2, "{:?}", first(&plan));
    // Without a declared owner who stands, the other stays.
    world.desired.assignments.clear();
    world
        .observed
        .active
        .known()
        .retain(|row| row.principal == id("eve"));
    let plan = world.plan();
    assert_eq!(first(&plan).len(), 1, "{:?}", first(&plan));
    assert_eq!(found(&plan), 2, "and is told");
    assert_eq!(reason(&of_group(&plan).state), "LastOwner");
}

#[test]
fn whoever_is_allowed_to_stay_is_neither_told_nor_taken_out_if_the_boundary_admits_them() {
    let mut world = world_of_people(Undeclared::Remove);
    world.stands(key("cid", Kind::Active), End::Never);
    world.desired.group.undeclared.allowed = vec![person("cid")];
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(found(&plan), 0);
    let subjects = &mut world.desired.boundary.as_mut().unwrap().rules.subjects;
    subjects.user_principal_name_suffixes = vec!["@elsewhere.example".to_owned()];
    assert_eq!(found(&world.plan()), 1);
}

#[test]
fn nobody_goes_whom_a_name_may_mean_that_leads_nowhere_certain() {
    for (resolution, expected) in [
        (Resolution::Unread, 0),
        (Resolution::Ambiguous(vec![id("cid"), id("dan")]), 0),
        (Resolution::NotFound, 1),
    ] {
        let mut world = world_of_people(Undeclared::Remove);
        world.stands(key("cid", Kind::Eligible), End::At(at(DAY)));
        world.eligible("team", &["bob"]);
        world.resolve("bob", resolution);
        assert_eq!(found(&world.plan()), expected);
    }
    let mut world = world_of_people(Undeclared::Remove);
    world.stands(key("cid", Kind::Eligible), End::At(at(DAY)));
    let team = world.eligible("team", &["bob"]);
    team.readability = Readability::Unreadable("odd".to_owned());
    let object = team.object();
    assert_eq!(
        undeclared(&world.plan()),
        &UndeclaredFinding::InDoubt(object)
    );
}

/// Who is told by name of a group with so many members whom nobody declares, and an owner.
fn named(world: &mut World, plan: fn(&mut World) -> Plan) -> Vec<PrincipalId> {
    match undeclared(&plan(world)) {
        UndeclaredFinding::Found { people, .. } => people.clone(),
        other => panic!("{other:?}"),
    }
}

fn crowded(wish: Undeclared) -> World {
    let mut world = world_of_people(wish);
    for number in 0..200 {
        let many = PrincipalId(Uuid::from_u128(0x100 + number));
        let key = Key {
            principal: many,
            ..key("bob", Kind::Active)
        };
        world.stands(key, End::Never);
    }
    world.stands(owner_key("eve"), End::Never);
    world
}

#[test]
fn who_is_told_by_name_of_a_long_list_does_not_rest_on_names_and_owners_come_first() {
    let mut world = crowded(Undeclared::Report);
    let before = named(&mut world, |world| world.plan());
    assert_eq!((before.len(), before[0]), (10, id("eve")));
    for who in &before {
        // It sorts behind every id.
        let name = format!("zz-{who}@contoso.com");
        world.desired.strangers.insert(*who, name);
    }
    assert_eq!(named(&mut world, |world| world.plan()), before);
}

#[test]
fn everybody_is_told_by_name_who_is_to_go() {
    let mut world = crowded(Undeclared::Remove);
    assert_eq!(named(&mut world, ripe).len(), 201);
}
