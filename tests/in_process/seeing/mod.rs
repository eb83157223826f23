//! Changes by hand are noticed soon, because the tenant tells of them, and without a look at every group. What it does not
//! tell is found when all groups are looked at.

mod audit;
mod changes;
mod many;

use std::time::Duration;

use super::harness::{NAMESPACE, Setup, World};
use super::story::{self, GROUP};

/// How often the operator asks.
const EVERY: Duration = Duration::from_mins(1);

/// Long enough for a hint and for the look that follows it.
const NOTICED: Duration = Duration::from_secs(75);

/// A world in which the example stands, that is asked every minute what has changed, and that is not looked at for hours
/// otherwise.
async fn standing(overrides: &[(&str, &str)]) -> World {
    let world = declared(overrides);
    come_true(&world).await;
    world
}

/// The same before the operator has begun.
fn declared(overrides: &[(&str, &str)]) -> World {
    let world = World::with(Setup {
        overrides: overrides.to_vec(),
        hints_every: Some(EVERY),
        ..Setup::default()
    });
    story::look_every(&world, "PT12H");
    world
}

async fn come_true(world: &World) {
    story::comes_true(world).await;
    world.pass(Duration::from_mins(6)).await;
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
}

/// The value of a counter of hints from a source.
fn counted(world: &World, family: &str, source: &str) -> u64 {
    let series = format!(r#"entra_pim_{family}_total{{tenant="contoso",source="{source}"}} "#);
    let page = world.metrics();
    let value = page.lines().find_map(|line| line.strip_prefix(&series));
    value.map_or(0, |value| value.parse().unwrap())
}

/// Puts somebody into the group by hand.
async fn join(world: &World, who: &str) -> String {
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let id = actor.user(who).await;
    actor.join(&group, "members", &id).await;
    id
}

/// How often it was told that there is access which nobody declares.
fn told_of_undeclared(world: &World) -> usize {
    world.notes("UndeclaredAccessFound", GROUP).len()
}
