//! What a scraper sees of what happens: nothing that happened is missing, nothing that is gone is shown.

use std::time::Duration;

use super::harness::World;
use super::story;

fn shows(world: &World, series: &str) -> bool {
    world.metrics().lines().any(|line| line.starts_with(series))
}

#[tokio::test(start_paused = true)]
async fn cluster_wide_objects_that_are_deleted_have_no_series_left() {
    let world = story::standing().await;
    world.pass(Duration::from_secs(10)).await;
    for (kind, name) in [("EntraTenant", "contoso"), ("AccessBoundary", "exchange")] {
        let one = format!(r#"entra_pim_resource_ready{{kind="{kind}""#);
        let all = format!(r#"entra_pim_resources{{kind="{kind}""#);
        assert!(shows(&world, &one), "{}", world.metrics());
        world.delete(kind, name);
        world.pass(Duration::from_mins(2)).await;
        assert!(
            !shows(&world, &one) && !shows(&world, &all),
            "{}",
            world.metrics()
        );
    }
}
