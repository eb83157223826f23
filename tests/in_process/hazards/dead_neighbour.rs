//! Two tenants, one of which swallows every packet: the other one is served as if it were alone.

use std::time::Duration;

use serde_json::json;

use super::{group, holds, time_until};
use crate::harness::{OPERATOR, SWALLOWS, World};
use crate::story;

/// How many groups are declared in the dead tenant.
const GROUPS: usize = 200;

/// Within this an edit in the healthy tenant is true.
const SOON: Duration = Duration::from_secs(2);

fn declare_dead_tenant(world: &World) {
    let address = format!("https://{SWALLOWS}");
    world.apply(&json!({
        "apiVersion": "entra-pim.dev/v1alpha1", "kind": "EntraTenant", "metadata": {"name": "dead"},
        "spec": {
            "tenantId": "11111111-1111-4111-8111-111111111112", "installation": "demo", "cloud": "Custom",
            "endpoints": {"authority": address, "graph": address},
            "credential": {"clientSecret": {
                "clientId": OPERATOR,
                "secretRef": {"name": "entra-credential", "key": "clientSecret"},
            }},
        },
    }));
    for place in 0..GROUPS {
        let mut dead = group(&format!("d{place}"));
        dead["spec"]["tenantRef"]["name"] = json!("dead");
        world.apply(&dead);
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_swallows_packets_does_not_delay_another() {
    let chidi = "chidi@contoso.com";
    let world = story::standing().await;
    world.pass(Duration::from_mins(6)).await;
    declare_dead_tenant(&world);
    for (round, wait) in [0, 5, 30, 120, 420, 420].into_iter().enumerate() {
        world.pass(Duration::from_secs(wait)).await;
        let comes = round % 2 == 0;
        story::edit_people(&world, |people| {
            people.retain(|one| one["name"] != chidi);
            if comes {
                people.push(story::person(chidi));
            }
        });
        let stands = time_until(&world, SOON, |world| holds(world, chidi) == comes).await;
        assert!(stands.is_some(), "round {round}: {}", world.clock.time());
    }
}
