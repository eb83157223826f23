//! Roles that the boundary does not admit any more.

use super::{DWELT, UNBINDING, due, rules, strict, taken};
use crate::desired::{PreviousAdmission, Role};
use crate::plan::tests::fixture::*;
use crate::role::RoleId;
use crate::schedule::Kind;

#[test]
fn a_role_that_is_not_listed_any_more_goes_and_comes_back_as_a_new_wish() {
    let mut world = strict();
    let right = rules(&mut world).clone();
    rules(&mut world).roles.directory_roles.clear();
    let plan = world.plan_at(0);
    let state = &binding(&plan, "exchange").state;
    assert_eq!(reason(state), "BoundaryViolated");
    assert!(message(state).contains("spec.onViolation"), "{state:?}");
    let plan = world.plan_at(DWELT);
    assert_eq!(taken(&plan), [UNBINDING]);
    assert_eq!(
        reason(&binding(&plan, "exchange").state),
        "RevokedByBoundary"
    );
    world.unbound(0);
    let plan = world.plan_at(DWELT + MINUTE);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    let record = binding_record(&plan, "exchange").clone();
    assert_eq!((record.role, record.first_bound), (None, None));
    let one = world.binding("exchange");
    one.bound = None;
    one.first_bound = None;
    one.previous_admission = PreviousAdmission::Revoked;
    let plan = world.plan_at(DAY);
    assert_eq!(
        reason(&binding(&plan, "exchange").state),
        "RevokedByBoundary"
    );
    *rules(&mut world) = right;
    let plan = world.plan_at(DAY + 1);
    assert!(first(&plan)[0].starts_with("bind"), "{:?}", writes(&plan));
}

#[test]
fn a_name_in_its_lists_that_leads_nowhere_makes_no_role_go() {
    for ids in [Vec::new(), vec![RoleId::new("another")]] {
        let mut world = strict();
        let boundary = world.desired.boundary.as_mut().unwrap();
        boundary
            .role_ids
            .iter_mut()
            .for_each(|named| named.ids.clone_from(&ids));
        let plan = due(&mut world);
        let is_certain = !ids.is_empty();
        assert_eq!(!plan.stages.is_empty(), is_certain, "{:?}", writes(&plan));
    }
    let mut world = strict();
    world.desired.boundary.as_mut().unwrap().role_ids.clear();
    assert!(
        due(&mut world).stages.is_empty(),
        "nobody has looked them up"
    );
}

#[test]
fn a_role_whose_name_means_another_one_now_is_not_judged_by_that() {
    let mut world = strict();
    world.binding("exchange").role = Role::Found(role_target(1));
    rules(&mut world).roles.directory_roles.clear();
    assert!(due(&mut world).stages.is_empty());
    world.binding("exchange").role = Role::NotFound;
    assert!(world.plan_at(DWELT + 1).stages.is_empty());
    let plan = world.plan_at(2 * DWELT + 1);
    assert_eq!(
        taken(&plan),
        [UNBINDING],
        "what was bound is judged by its id"
    );
}

#[test]
fn a_role_that_is_listed_in_another_way_only_goes() {
    let mut world = strict();
    rules(&mut world).roles.directory_roles[0].assignments = vec![Kind::Eligible];
    let plan = due(&mut world);
    assert_eq!(taken(&plan), [UNBINDING]);
}

#[test]
fn a_role_that_two_objects_have_bound_is_asked_for_once() {
    let mut world = strict();
    let other = world.bind("other", 0);
    other.bound = Some(role_target(0));
    other.first_bound = Some(at(-DAY));
    rules(&mut world).roles.directory_roles.clear();
    assert_eq!(taken(&due(&mut world)), [UNBINDING]);
}
