//! How many role-assignable groups a tenant can have.

use std::time::Duration;

use entra_sim::Profile;
use serde_json::json;

use super::{stands, status, until};
use crate::harness::{NAMESPACE, World, demo};
use crate::story;

/// A tenant with so many role-assignable groups, of which the demo's has one.
fn holding(groups: usize) -> World {
    let mut seed = demo();
    let one = seed
        .groups
        .iter()
        .find(|one| one.display_name == "PAG-legacy-exchange")
        .unwrap()
        .clone();
    for place in 1..groups {
        let mut more = one.clone();
        (more.id, more.display_name) = (None, format!("PAG-{place}"));
        seed.groups.push(more);
    }
    World::seeded(seed, Profile::Ideal, &[])
}

#[tokio::test(start_paused = true)]
async fn how_many_role_assignable_groups_there_are_is_told() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(70)).await;
    let used = status(&world)["quotas"]["roleAssignableGroups"].clone();
    assert_eq!(used, json!({"used": 2, "limit": 500}));
    assert_eq!(stands(&world, "NearLimit").0, "", "far from it");
    let series = r#"entra_pim_role_assignable_groups{tenant="contoso"} 2"#;
    assert!(world.metrics().contains(series), "{}", world.metrics());
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_near_is_told_and_stops_nothing() {
    let world = holding(450);
    story::comes_true(&world).await;
    until(&world, "NearLimit", "True", "LimitNear").await;
    assert!(world.is_ready("EntraTenant", "contoso"));
    assert_eq!(world.notes("LimitNear", "contoso").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_group_beyond_the_limit_says_so_and_is_made_once_there_is_room() {
    for answer in ["403", "400"] {
        let world = holding(500);
        world
            .tenant
            .set_behaviour("roleAssignableLimitAnswer", answer)
            .unwrap();
        story::apply(&world);
        world.start();
        story::until_group(&world, "QuotaExceeded").await;
        until(&world, "NearLimit", "True", "QuotaExceeded").await;
        let of_another = world.external_actor();
        let listed = of_another
            .ask("GET", "/groups?$filter=displayName%20eq%20'PAG-7'", None)
            .await;
        let path = format!("/groups/{}", listed["value"][0]["id"].as_str().unwrap());
        of_another.ask("DELETE", &path, None).await;
        world.until_ready(NAMESPACE).await;
    }
}
