//! A tenant that was made by hand: three groups with every setting off its default, and people, groups, an application
//! and roles in them in every way there is. It is described in manifests and adopted without a write. Then somebody
//! changes one thing after the other by hand, and each is told by its name and put right, or left alone.

mod access;
mod deeds;
mod described;
mod made;
mod outcome;
mod people;
mod policies;
mod roles;
mod windows;

use std::time::Duration;

use crate::harness::{NAMESPACE, World};
use made::Tenant;

/// Longer than the service insists on keeping what was just made.
const OLD_ENOUGH: Duration = Duration::from_mins(6);

/// Makes the three groups by hand and has them adopted.
async fn adopted(world: &World) -> Tenant {
    let tenant = made::by_hand(world).await;
    described::apply(world, &tenant);
    world.start();
    world.until_ready(NAMESPACE).await;
    tenant
}

#[tokio::test(start_paused = true)]
async fn three_groups_of_every_kind_of_access_are_adopted_without_a_write() {
    let world = World::new();
    let tenant = made::by_hand(&world).await;
    let before = outcome::state(&world, &tenant).await;
    described::apply(&world, &tenant);
    let assignments = world.ours(NAMESPACE).into_iter();
    let assignments = assignments.filter(|(kind, _)| kind.ends_with("Assignment"));
    assert!(assignments.count() >= 40);
    world.tenant.reset_journal();
    world.start();
    world.until_ready(NAMESPACE).await;
    world.pass(Duration::from_mins(90)).await;
    assert_eq!(outcome::changes(&world), Vec::<String>::new());
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
    assert_eq!(outcome::state(&world, &tenant).await, before);
    for group in described::NAMES {
        let undeclared = world.condition("PrivilegedGroup", group, "UndeclaredAccess");
        assert_eq!(undeclared.unwrap().status, "False", "{group}");
    }
}
