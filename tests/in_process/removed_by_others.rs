//! Somebody takes away in the tenant what is declared: it is given again, or held and told once, as the tenant says.

use std::time::Duration;

use serde_json::json;

use super::emergency_stop::problems;
use super::harness::{NAMESPACE, World};
use super::hazards::holds;
use super::story::{self, GROUP};

const JOSE: &str = "jose@contoso.com";

fn removed_by_others(world: &World, wish: &str) {
    world.edit("EntraTenant", "contoso", |manifest| {
        manifest["spec"]["removedByOthers"] = json!(wish);
    });
}

async fn held_back() -> World {
    let world = story::standing().await;
    removed_by_others(&world, "Hold");
    world.pass(Duration::from_mins(6)).await;
    world.take_eligibility(GROUP, JOSE).await;
    story::until_people(&world, "RemovedByOthers").await;
    world
}

#[tokio::test(start_paused = true)]
async fn it_is_given_again_unless_the_tenant_says_otherwise() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(6)).await;
    world.take_eligibility(GROUP, JOSE).await;
    world.pass(Duration::from_mins(12)).await;
    assert!(holds(&world, JOSE));
    assert_eq!(world.notes("DriftCorrected", GROUP).len(), 1);
    world.until_ready(NAMESPACE).await;
}

#[tokio::test(start_paused = true)]
async fn where_it_is_held_it_is_told_once_and_everybody_else_goes_on() {
    let world = held_back().await;
    assert_eq!(
        problems(&world, "EligibleAssignment", GROUP, JOSE),
        ["RemovedByOthers"]
    );
    let synced = world.condition("EligibleAssignment", GROUP, "Synced");
    assert_eq!(synced.unwrap().status, "False");
    for restarted in [false, true] {
        if restarted {
            world.kill();
            world.start();
        }
        assert_eq!(world.writes_within(Duration::from_hours(1)).await, 0);
        assert!(!holds(&world, JOSE) && holds(&world, "amira@contoso.com"));
    }
    assert_eq!(world.notes("RemovedByOthers", GROUP).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_edit_of_the_object_gives_it_again() {
    let world = held_back().await;
    story::add_person(&world, "chidi@contoso.com");
    world.until_ready(NAMESPACE).await;
    assert!(holds(&world, JOSE) && holds(&world, "chidi@contoso.com"));
    world.pass(Duration::from_mins(30)).await;
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn another_wish_of_the_tenant_gives_it_again() {
    let world = held_back().await;
    removed_by_others(&world, "Restore");
    world.until_ready(NAMESPACE).await;
    assert!(holds(&world, JOSE));
}

#[tokio::test(start_paused = true)]
async fn what_one_list_hides_is_not_taken_for_removed() {
    let world = World::behaving(&[("pimGrantLag", "30s")]);
    story::apply(&world);
    removed_by_others(&world, "Hold");
    world.start();
    world.until_ready(NAMESPACE).await;
    world.pass(Duration::from_mins(30)).await;
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
    assert!(world.notes("RemovedByOthers", GROUP).is_empty());
}
