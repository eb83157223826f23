//! Members and owners past PIM whom no object declares: who they are, how sure that is, and who of them goes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::fixture::*;
use super::strategy;
use crate::action::Write;
use crate::desired::{Pause, Readability, Undeclared};
use crate::knowledge::Part;
use crate::memory::Answer;
use crate::observed::{Direct, DirectKind};
use crate::plan::{Plan, StageKind};
use crate::schedule::{Access, End, Key, Kind};
use crate::verdict::{State, UndeclaredFinding};

/// A group with a declared owner, whose plain members and owners are to be told or taken out.
fn world(wish: Undeclared) -> World {
    let mut world = World::new();
    world.settled_owners("owner", &["ann"]);
    world.desired.group.undeclared.standing = wish;
    world
}

/// What is told; nothing while that is not known.
fn told(plan: &Plan) -> Option<Vec<String>> {
    match &group_record(plan).undeclared {
        UndeclaredFinding::Found { told, .. } => {
            let named = told.iter().map(|one| {
                let named = PEOPLE.iter().fold(one.clone(), |text, name| {
                    text.replace(&format!(" ({})", id(name)), "")
                });
                named.replace("@contoso.com", "")
            });
            Some(named.collect())
        }
        _ => None,
    }
}

fn found(plan: &Plan) -> Vec<String> {
    told(plan).unwrap_or_else(|| panic!("{:?}", group_record(plan).undeclared))
}

/// The plan once everything was seen for longer than it takes.
fn ripe(world: &mut World) -> Plan {
    world.plan_at(0);
    world.plan_at(2 * MINUTE);
    world.plan_at(8 * MINUTE)
}

/// The lists of the directory are those of an earlier pass.
fn forget_directory(world: &mut World) {
    world.forget_people();
    world.observed.applications = world.observed.applications.clone().demoted();
}

#[test]
fn whoever_pim_lists_without_a_beginning_is_standing_and_nobody_is_found_twice() {
    for (standing, active, expected) in [
        (
            Undeclared::Report,
            Undeclared::Report,
            &["plain member bob", "active member cid"][..],
        ),
        (
            Undeclared::Report,
            Undeclared::Ignore,
            &["plain member bob"],
        ),
        (
            Undeclared::Ignore,
            Undeclared::Report,
            &["active member cid"],
        ),
    ] {
        let mut world = world(standing);
        world.desired.group.undeclared.active = active;
        world.is_in_both_lists(Access::Member, "bob");
        world.is_only_in_directory(Access::Member, "cid");
        world.stands(key("cid", Kind::Active), End::Never);
        assert_eq!(found(&world.plan()), expected);
    }
}

#[test]
fn whom_only_the_directory_lists_is_told_with_what_they_are_once_two_looks_agree() {
    let mut world = world(Undeclared::Report);
    world.is_only_in_directory(Access::Owner, "robot");
    world.is_only_in_directory(Access::Member, "bob");
    for (name, kind) in [("cid", DirectKind::Device), ("dan", DirectKind::Group)] {
        let access = Access::Member;
        let principal = id(name);
        world.observed.people.known().push(Direct {
            access,
            principal,
            kind,
        });
    }
    let plan = world.plan_at(0);
    assert_eq!((told(&plan), plan.wake_at), (None, Some(at(MINUTE))));
    assert_eq!(told(&world.plan_at(MINUTE - 1)), None);
    let expected = [
        "plain owner robot, a service principal that PIM does not list",
        "plain member bob",
        "plain member cid, a device",
        "plain member dan, a group",
    ];
    let plan = world.plan_at(MINUTE);
    assert_eq!(found(&plan), expected);
    assert!(plan.stages.is_empty() && of_group(&plan).state == State::Ready);
}

/// The operator is listed as an owner by the directory alone, as applications are.
fn owned_by_the_operator(wish: Undeclared) -> World {
    let mut world = world(wish);
    world.desired.operator = Some(id("robot"));
    world.is_only_in_directory(Access::Owner, "robot");
    world
}

#[test]
fn the_operator_leaves_the_owners_of_a_group_that_only_tells_of_others() {
    for wish in [Undeclared::Report, Undeclared::Remove] {
        let mut world = owned_by_the_operator(wish);
        let plan = world.plan_at(0);
        let told = ["plain owner robot, the operator's own application"];
        assert_eq!(found(&plan), told);
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert_eq!(plan.wake_at, Some(at(5 * MINUTE)));
        world.pass(5 * MINUTE);
        forget_directory(&mut world);
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert!(plan.needs.contains(&Part::Applications), "{:?}", plan.needs);
        let gone = "remove robot as plain owner of group".to_owned();
        let expected = [(StageKind::Undeclared, vec![gone])];
        assert_eq!(writes(&world.plan_at(5 * MINUTE)), expected);
    }
}

#[test]
fn the_operator_stays_an_owner_until_a_declared_one_stands() {
    let mut world = owned_by_the_operator(Undeclared::Report);
    world.desired.assignments.clear();
    world.observed.active.known().clear();
    let plan = ripe(&mut world);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    let state = &of_group(&plan).state;
    assert_eq!(reason(state), "LastOwner");
    let told = message(state);
    assert!(told.contains("the operator's own application"), "{told}");
}

#[test]
fn nobody_waits_for_the_operator_to_leave_where_another_owner_stands_or_it_is_protected() {
    let mut beside = owned_by_the_operator(Undeclared::Report);
    beside.desired.assignments.clear();
    let mut protected = owned_by_the_operator(Undeclared::Report);
    protected.desired.rules.protected = [id("robot")].into();
    for mut world in [beside, protected] {
        let plan = ripe(&mut world);
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert_eq!(of_group(&plan).state, State::Ready);
        let told = found(&plan);
        let own = told.iter().any(|one| one.ends_with("own application"));
        assert!(own, "{told:?}");
    }
}

#[test]
fn the_operator_stays_an_owner_where_it_is_declared_or_allowed_or_nobody_wants_to_know() {
    let mut declared = owned_by_the_operator(Undeclared::Remove);
    declared.settled_owners("own", &["robot"]);
    let mut allowed = owned_by_the_operator(Undeclared::Remove);
    allowed.desired.group.undeclared.allowed = vec![person("robot")];
    let ignored = owned_by_the_operator(Undeclared::Ignore);
    for mut world in [declared, allowed, ignored] {
        let plan = ripe(&mut world);
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert_ne!(reason(&of_group(&plan).state), "LastOwner");
    }
}

#[test]
fn what_two_looks_agreed_on_costs_no_further_read_and_anything_new_does() {
    let mut world = world(Undeclared::Report);
    world.is_only_in_directory(Access::Member, "robot");
    world.plan_at(0);
    world.plan_at(2 * MINUTE);
    forget_directory(&mut world);
    assert_eq!(found(&world.plan()).len(), 1);
    // Somebody whom PIM let in is not listed there any more, and the directory was read before that.
    world.is_only_in_directory(Access::Member, "bob");
    let plan = world.plan();
    assert_eq!(plan.needs, [Part::People].into());
    assert_eq!(found(&plan).len(), 1, "and the other one is told");
}

#[test]
fn an_activation_that_ended_is_nobodys_access_though_the_directory_was_read_before() {
    let mut world = world(Undeclared::Remove);
    world.activated("bob");
    world.is_only_in_directory(Access::Member, "bob");
    assert_eq!(found(&world.plan_at(0)), [] as [&str; 0]);
    forget_directory(&mut world);
    world
        .observed
        .active
        .known()
        .retain(|row| row.principal != id("bob"));
    let plan = world.plan();
    assert_eq!((told(&plan), plan.needs), (None, [Part::People].into()));
    world.observed.people.known().clear();
    assert_eq!(found(&ripe(&mut world)), [] as [&str; 0]);
}

#[test]
fn half_of_a_directory_is_no_directory() {
    for part in [Part::People, Part::Applications] {
        let mut world = world(Undeclared::Remove);
        let refused = "not yours".to_owned();
        world.observed.unreadable.insert(part, refused);
        assert_eq!(told(&world.plan()), None, "nothing is found");
        let bob = world.is_in_both_lists(Access::Member, "bob");
        world.plan_at(0);
        world.pass(6 * MINUTE);
        world.observed.demote(&[part]);
        let plan = world.plan();
        assert_eq!(found(&plan), ["plain member bob"], "what is shown is there");
        assert!(plan.stages.is_empty(), "{bob:?}: {:?}", writes(&plan));
    }
}

#[test]
fn who_is_to_go_goes_by_reference_after_five_minutes_and_the_directory_is_read_right_before() {
    let mut world = world(Undeclared::Remove);
    world.is_in_both_lists(Access::Member, "bob");
    world.is_in_both_lists(Access::Owner, "cid");
    let plan = world.plan_at(0);
    assert!(plan.stages.is_empty(), "an object may be on its way");
    assert_eq!(plan.wake_at, Some(at(5 * MINUTE)));
    assert_eq!(reason(&of_group(&plan).state), "Progressing");
    world.pass(5 * MINUTE);
    forget_directory(&mut world);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(plan.needs, [Part::People, Part::Applications].into());
    let plan = world.plan_at(5 * MINUTE + 1);
    assert_eq!(plan.stages[0].kind, StageKind::Undeclared);
    let expected = [
        "remove cid as plain owner of group",
        "remove bob as plain member of group",
    ];
    assert_eq!(first(&plan), expected);
    world.all_tried(&plan, &Answer::Taken);
    let plan = world.plan_at(6 * MINUTE);
    assert_eq!(found(&plan), [] as [&str; 0], "lists may be late");
}

#[test]
fn a_service_principal_goes_only_where_a_second_list_shows_it() {
    let mut world = world(Undeclared::Remove);
    world.is_only_in_directory(Access::Member, "robot");
    let plan = ripe(&mut world);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    let expected = ["plain member robot, a service principal that PIM does not list"];
    assert_eq!(found(&plan), expected);
    assert_eq!(of_group(&plan).state, State::Ready, "nobody waits for it");
    world.is_in_both_lists(Access::Member, "robot");
    let goes = ["remove robot as plain member of group"];
    assert_eq!(first(&ripe(&mut world)), goes);
    // The list of its own does not show it any more.
    world.observed.applications.known().clear();
    assert!(world.plan_at(9 * MINUTE).stages.is_empty());
}

#[test]
fn whom_pim_still_lists_and_the_directory_does_not_is_out_already() {
    let mut world = world(Undeclared::Remove);
    world.is_in_both_lists(Access::Member, "bob");
    world.observed.people.known().clear();
    let plan = ripe(&mut world);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert!(plan.wake_at.is_some(), "one of the lists is late");
}

#[test]
fn whoever_is_declared_allowed_protected_or_the_last_owner_stays() {
    let remaining = |change: fn(&mut World)| {
        let mut world = world(Undeclared::Remove);
        world.is_in_both_lists(Access::Owner, "bob");
        change(&mut world);
        let plan = ripe(&mut world);
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        reason(&of_group(&plan).state)
    };
    let declared = remaining(|world| {
        world.owners("second", &["bob"]);
    });
    let unreadable = remaining(|world| {
        let owners = world.owners("second", &["cid"]);
        owners.readability = Readability::Unreadable("odd".to_owned());
    });
    assert_ne!(declared, "Progressing");
    assert_ne!(unreadable, "Progressing");
    let allowed = |world: &mut World| world.desired.group.undeclared.allowed = vec![person("bob")];
    assert_eq!(remaining(allowed), "Ready");
    let protected = remaining(|world| {
        world.desired.rules.protected.insert(id("bob"));
    });
    assert_eq!(protected, "PrincipalProtected");
    let last = remaining(|world| {
        world.desired.assignments.clear();
        let active = world.observed.active.known();
        active.retain(|row| row.principal == id("bob"));
    });
    assert_eq!(last, "LastOwner");
    let paused = remaining(|world| world.desired.group.pause = Pause::Paused);
    assert_eq!(paused, "Paused");
}

#[test]
fn somebody_who_may_activate_and_is_a_plain_member_as_well_is_told() {
    let mut world = world(Undeclared::Report);
    world.settled(Kind::Eligible, "team", &["bob"]);
    world.is_in_both_lists(Access::Member, "bob");
    assert_eq!(found(&world.plan()), ["plain member bob"]);
}

#[test]
fn nobody_looks_where_that_is_not_wanted() {
    let mut world = world(Undeclared::Ignore);
    world.is_in_both_lists(Access::Member, "bob");
    world.is_only_in_directory(Access::Member, "robot");
    assert_eq!(
        group_record(&world.plan()).undeclared,
        UndeclaredFinding::Ignored
    );
    assert!(!world.desired.group.undeclared.is_ignored() || world.plan().needs.is_empty());
}

/// Which lists were read in this pass.
fn freshness() -> impl Strategy<Value = Vec<bool>> {
    vec(any::<bool>(), 3)
}

/// A world in which plain members and owners are to go, and in which that was known for a while.
fn removing() -> impl Strategy<Value = World> {
    let more = vec(
        (strategy::access(), strategy::someone(), any::<bool>()),
        0..4,
    );
    let allowed = vec(strategy::someone(), 0..2);
    (strategy::world(), more, allowed).prop_map(|(mut world, more, allowed)| {
        let undeclared = &mut world.desired.group.undeclared;
        undeclared.standing = Undeclared::Remove;
        undeclared.allowed = allowed.into_iter().map(person).collect();
        for (access, name, in_pim) in more {
            if in_pim {
                world.is_in_both_lists(access, name);
            } else {
                world.is_only_in_directory(access, name);
            }
        }
        world.plan_at(0);
        world.plan_at(2 * MINUTE);
        world.pass(8 * MINUTE);
        world
    })
}

/// Who is taken out past PIM because nobody declares them.
fn taken_out(plan: &Plan) -> Vec<Key> {
    let stages = plan.stages.iter();
    let of_kind = stages.filter(|stage| stage.kind == StageKind::Undeclared);
    let writes = of_kind.flat_map(|stage| &stage.actions);
    let keys = writes.filter_map(|action| match &action.write {
        Write::RemoveDirect {
            access, principal, ..
        } => Some(Key {
            access: *access,
            principal: *principal,
            kind: Kind::Active,
        }),
        _ => None,
    });
    keys.collect()
}

proptest! {
    #[test]
    fn nobody_goes_who_is_declared_allowed_protected_or_the_last_owner(world in removing()) {
        let plan = world.plan();
        super::judge::judge(&world.desired, &world.observed, &world.memory, &plan);
        let rules = &world.desired.rules;
        for key in taken_out(&plan) {
            prop_assert!(!rules.protects(key.principal) && !rules.denies(key.principal));
        }
    }

    #[test]
    fn nobody_goes_on_lists_of_which_one_was_not_read(mut world in removing(), fresh in freshness()) {
        let parts = [Part::Active, Part::People, Part::Applications];
        let missing: Vec<Part> = parts.into_iter().zip(&fresh).filter(|(_, fresh)| !**fresh).map(|(part, _)| part).collect();
        let whole = world.plan();
        world.observed.demote(&missing);
        let plan = world.plan();
        super::judge::judge(&world.desired, &world.observed, &world.memory, &plan);
        if !missing.is_empty() {
            prop_assert_eq!(taken_out(&plan), Vec::new());
        }
        // A list that is refused is not waited for, and nobody goes either.
        for part in &missing {
            world.observed.unreadable.insert(*part, "not yours".to_owned());
        }
        let refused = world.plan();
        prop_assert!(missing.is_empty() || taken_out(&refused).is_empty());
        prop_assert!(missing.iter().all(|part| !refused.needs.contains(part)));
        prop_assert!(taken_out(&whole).iter().all(|key| world.observed.direct().any(|one| one.key() == *key)));
    }

    #[test]
    fn one_person_is_found_once(world in removing(), wish in select(&[Undeclared::Report, Undeclared::Remove][..])) {
        let mut world = world;
        world.desired.group.undeclared.active = wish;
        let plan = world.plan();
        let UndeclaredFinding::Found { told, .. } = &group_record(&plan).undeclared else { return Ok(()) };
        for name in PEOPLE {
            for access in Access::ALL {
                let of_access = |one: &&String| one.contains(&format!(" {access} ")) && one.contains(&id(name).to_string());
                let now = |one: &&String| one.starts_with("plain") || one.starts_with("active");
                let key = Key { access, ..key(name, Kind::Active) };
                let has_both = world.observed.active.rows().iter().filter(|row| row.key(Kind::Active) == key).count() > 1;
                prop_assert!(has_both || told.iter().filter(of_access).filter(now).count() <= 1, "{told:?}");
            }
        }
    }
}
