//! Groups that bear our key and are not known.

use super::fixture::*;
use crate::action::Write;
use crate::desired::{Assignability, GroupOperation, Lifecycle};
use crate::ids::{AppId, ClientId, GroupId};
use crate::observed::{self, Direct, DirectKind, Management, Presence, ScopeFault};
use crate::plan::StageKind;
use crate::role::{EVERYWHERE, RoleScope, RoleSystem};
use crate::schedule::{Access, End, Key, Kind};
use crate::verdict::State;

fn unknown() -> World {
    let mut world = World::new();
    world.desired.group.last_seen = None;
    world
}

#[test]
fn a_rebuilt_cluster_finds_its_group_with_no_write() {
    let mut world = unknown();
    world.eligible("team", &["ann"]);
    world.stands(key("ann", Kind::Eligible), End::At(at(90 * DAY)));
    world.bind("role", 1);
    world.holds(1);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(of_group(&plan).state, State::Ready);
    assert_eq!(group_record(&plan).id, Some(group_id()));
}

#[test]
fn roles_are_looked_at_before_a_group_is_taken_up() {
    let mut world = unknown();
    world.eligible("team", &["ann"]);
    world.observed.plain_roles = Read::Unread;
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert!(plan.needs.contains(&Part::PlainRoles));
}

#[test]
fn a_group_is_not_taken_up_while_what_it_holds_elsewhere_cannot_be_read() {
    let refused = || ScopeFault::Forbidden("Intune does not answer".to_owned());
    for (scope, fault, is_taken_up) in [
        (EVERYWHERE, refused(), false),
        (EVERYWHERE, ScopeFault::Missing("gone".to_owned()), true),
        // Nothing is declared there.
        ("/elsewhere", refused(), true),
    ] {
        let mut world = unknown();
        world.eligible("team", &["ann"]);
        let place = (Part::PlainRoles, RoleSystem::INTUNE, RoleScope::new(scope));
        world.observed.scope_faults.insert(place, fault);
        let plan = world.plan();
        assert_eq!(
            !plan.stages.is_empty(),
            is_taken_up,
            "{scope}: {:?}",
            writes(&plan)
        );
        if !is_taken_up {
            let state = &of_group(&plan).state;
            assert_eq!(reason(state), "ReadRefused");
            assert!(
                message(state).contains("Intune does not answer"),
                "{state:?}"
            );
        }
    }
}

#[test]
fn a_group_that_holds_more_than_is_admitted_is_given_nobody() {
    for plainly in [false, true] {
        let mut world = unknown();
        world.eligible("team", &["ann"]);
        world.bind("role", 1);
        world.desired.group.display_name = "PAG-payments-new".to_owned();
        if plainly {
            world.holds_plainly(9);
        } else {
            world.holds(9);
        }
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert_eq!(reason(&of_group(&plan).state), "AdoptionRequired");
        assert_eq!(
            group_record(&plan).id,
            None,
            "remembered, it would count as taken up"
        );
        assert_eq!(reason(&assignment(&plan, "team").state), "AdoptionRequired");
        assert_eq!(reason(&binding(&plan, "role").state), "AdoptionRequired");
    }
}

#[test]
fn a_restored_group_is_judged_by_what_the_restore_brought_back() {
    let mut world = unknown();
    world.observed = observed::Unit::unread(at(0), deleted());
    let plan = world.plan();
    assert!(matches!(
        plan.stages[0].actions[0].write,
        Write::RestoreGroup(_)
    ));
    let plan = world.begun(plan);
    assert_eq!(group_record(&plan).id, None, "nobody has judged it yet");
    let pending = group_record(&plan).pending;
    assert_eq!(
        pending.map(|one| one.operation),
        Some(GroupOperation::RestoreGroup)
    );
    for known in [None, Some(group_id())] {
        let mut world = unknown();
        world.desired.group.pending = pending;
        world.desired.group.last_seen = known;
        world.eligible("team", &["ann"]);
        world.holds(9);
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert_eq!(reason(&of_group(&plan).state), "AdoptionRequired");
        assert_eq!(group_record(&plan).pending, pending, "and is judged again");
        world.observed.roles.known().clear();
        world.forget_people();
        assert_eq!(world.plan().needs, [Part::People].into());
        world.observed.people = Read::now(Vec::new(), at(0));
        let plan = world.plan();
        assert_eq!(
            (group_record(&plan).id, group_record(&plan).pending),
            (Some(group_id()), None)
        );
    }
}

#[test]
fn an_ordinary_group_among_the_deleted_ones_is_not_restored_unless_it_is_known() {
    let mut world = unknown();
    world.desired.group.assignability = Assignability::Ordinary;
    world.observed = observed::Unit::unread(at(0), deleted());
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(reason(&of_group(&plan).state), "AdoptionRequired");
    assert_eq!(group_record(&plan).id, None);
    world.desired.group.last_seen = Some(group_id());
    assert_eq!(world.plan().stages[0].kind, StageKind::Group);
}

#[test]
fn a_group_that_may_activate_what_is_not_admitted_is_given_nobody() {
    let mut world = unknown();
    world.eligible("team", &["ann"]);
    world.may_hold(9);
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(reason(&of_group(&plan).state), "AdoptionRequired");
    world.observed.eligible_roles = Read::Unread;
    assert_eq!(world.plan().needs, [Part::EligibleRoles].into());
}

#[test]
fn a_service_principal_in_no_schedule_is_a_stranger_too() {
    for kind in [DirectKind::ServicePrincipal, DirectKind::User] {
        let mut world = unknown();
        world.desired.group.assignability = Assignability::Ordinary;
        world.eligible("team", &["ann"]);
        let list = match kind {
            DirectKind::ServicePrincipal => &mut world.observed.applications,
            _ => &mut world.observed.people,
        };
        list.known().push(Direct {
            access: Access::Owner,
            principal: id("robot"),
            kind,
        });
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert_eq!(reason(&of_group(&plan).state), "AdoptionRequired");
        assert!(message(&of_group(&plan).state).contains(&id("robot").to_string()));
        world.owners("owners", &["robot"]);
        assert_ne!(reason(&of_group(&world.plan()).state), "AdoptionRequired");
    }
}

#[test]
fn a_group_that_another_application_made_is_not_taken_up() {
    let mut world = unknown();
    world.desired.group.assignability = Assignability::Ordinary;
    world.desired.group.client = Some(ClientId(uuid::Uuid::from_u128(1)));
    let made_by = |maker| {
        Presence::Living(observed::Group {
            created_by: Some(AppId(uuid::Uuid::from_u128(maker))),
            ..living()
        })
    };
    world.observed.group = made_by(2);
    assert_eq!(reason(&of_group(&world.plan()).state), "AdoptionRequired");
    world.observed.group = made_by(1);
    assert_eq!(of_group(&world.plan()).state, State::Ready);
}

#[test]
fn beside_others_with_its_key_a_group_goes_on_losing_and_is_given_nothing() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.take_out("team", "ann");
    world.assignment("team").subjects.push(person("bob"));
    world.observed.duplicates = vec![GroupId(uuid::Uuid::from_u128(77))];
    let plan = world.plan();
    assert_eq!(
        writes(&plan),
        [(
            StageKind::Revoke,
            vec!["end ann as eligible member of group".to_owned()]
        )]
    );
    assert_eq!(reason(&of_group(&plan).state), "AdoptionConflict");
    assert!(
        message(&of_group(&plan).state).contains("000000000077")
            || message(&of_group(&plan).state).contains("00000000004d")
    );
}

#[test]
fn a_group_that_anybody_could_have_made_is_taken_up_only_without_strangers() {
    let mut world = unknown();
    world.desired.group.assignability = Assignability::Ordinary;
    world.eligible("team", &["ann"]);
    world.active("always", &["bob"]);
    world.stands(key("bob", Kind::Active), End::Never);
    assert_eq!(world.plan().stages[0].kind, StageKind::Grant);
    let eligible_owner = Key {
        kind: Kind::Eligible,
        ..owner_key("eve")
    };
    for stranger in [owner_key("eve"), eligible_owner] {
        let mut world = world.clone();
        world.stands(stranger, End::Never);
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{stranger:?}: {:?}", writes(&plan));
        assert_eq!(reason(&of_group(&plan).state), "AdoptionRequired");
    }
}

#[test]
fn what_is_known_is_not_judged_again() {
    let mut world = World::new();
    world.observed.plain_roles = Read::Unread;
    world.holds(9);
    let plan = world.plan();
    assert!(plan.needs.is_empty());
    assert_eq!(of_group(&plan).state, State::Ready);
}

/// A group in use that was not taken up, and its object being deleted.
fn going() -> World {
    let mut world = unknown();
    world.desired.group.lifecycle = Lifecycle::Deleting;
    world.stands(key("ann", Kind::Eligible), End::Never);
    world.stands(owner_key("bob"), End::Never);
    world.holds(9);
    world
}

#[test]
fn a_group_that_was_not_taken_up_stays_as_it_is_when_its_object_goes() {
    let locked = crate::observed::Group {
        management: Management::Restricted,
        ..living()
    };
    let presences = [
        Presence::Living(living()),
        Presence::Living(locked),
        Presence::Duplicates(vec![group_id()]),
    ];
    for presence in presences {
        let mut world = going();
        world.settled(Kind::Eligible, "team", &["cid"]).lifecycle = Lifecycle::Deleting;
        world.observed.group = presence;
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert_eq!(of_group(&plan).state, State::Gone);
        assert_eq!(assignment(&plan, "team").state, State::Gone);
        assert!(plan.needs.is_empty());
    }
}

#[test]
fn another_group_under_the_key_than_the_one_taken_up_stays() {
    let mut world = going();
    world.desired.group.last_seen = Some(GroupId(uuid::Uuid::from_u128(77)));
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(of_group(&plan).state, State::Gone);
}

#[test]
fn a_deletion_that_has_to_wait_takes_nothing_up() {
    let mut world = going();
    world.eligible("team", &["ann"]);
    let plan = world.plan();
    assert_eq!(reason(&of_group(&plan).state), "DeletionBlocked");
    assert_eq!(
        group_record(&plan).id,
        None,
        "remembered, it would go with its object"
    );
    assert!(plan.stages.is_empty());
}

#[test]
fn what_a_creation_with_a_lost_answer_has_made_goes_again() {
    let mut world = unknown();
    world.desired.group.lifecycle = Lifecycle::Deleting;
    world.desired.group.pending = Some(creation(-MINUTE, None));
    world.observed.plain_roles = Read::Unread;
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert!(plan.needs.contains(&Part::PlainRoles));
    world.observed.plain_roles = Read::now(Vec::new(), at(0));
    let plan = world.plan();
    assert_eq!(first(&plan), ["delete group"]);
    assert_eq!(
        group_record(&plan).id,
        Some(group_id()),
        "a deletion that fails is tried again"
    );
}

#[test]
fn a_group_in_use_is_not_what_a_creation_with_a_lost_answer_has_made() {
    let uses: [fn(&mut World); 4] = [
        |world| {
            world.stands(key("ann", Kind::Eligible), End::Never);
        },
        |world| {
            world.activated("ann");
        },
        |world| {
            world.holds(1);
        },
        |world| world.holds_plainly(1),
    ];
    for is_used in uses {
        let mut world = unknown();
        world.desired.group.lifecycle = Lifecycle::Deleting;
        world.desired.group.pending = Some(creation(-MINUTE, None));
        is_used(&mut world);
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert_eq!(of_group(&plan).state, State::Gone);
    }
}

#[test]
fn nothing_is_taken_away_from_a_group_that_was_not_taken_up() {
    let mut world = unknown();
    world.settled(Kind::Eligible, "team", &["ann"]).lifecycle = Lifecycle::Deleting;
    world.holds(9);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&assignment(&plan, "team").state), "AdoptionRequired");
}
