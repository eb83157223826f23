//! Access that ends is extended before it does where object and boundary say so, and told before it does elsewhere.

use std::time::Duration;

use serde_json::{Value, json};

use super::harness::{NAMESPACE, World};
use super::story::{self, GROUP};

const DAY: Duration = Duration::from_hours(24);

/// The people of the story have a month each, and look at the tenant once a day.
fn monthly(world: &World, renewal: &Value, auto: &str) {
    story::apply(world);
    story::look_every(world, "PT24H");
    world.edit("AccessBoundary", "exchange", |manifest| {
        manifest["spec"]["assignments"]["eligible"]["autoRenewal"] = json!(auto);
    });
    world.edit("EligibleAssignment", GROUP, |manifest| {
        manifest["spec"]["schedule"] = json!({"expiration": {"afterDuration": "P30D"}});
        manifest["spec"]["renewal"] = renewal.clone();
    });
    world.start();
}

/// How many of the story's people are eligible.
fn eligible(world: &World) -> usize {
    let held = world.held();
    held.iter()
        .filter(|what| what.starts_with("eligible member"))
        .count()
}

fn expiring(world: &World) -> Option<String> {
    let condition = world.condition("EligibleAssignment", GROUP, "Expiring");
    condition
        .filter(|one| one.status == "True")
        .map(|one| one.message)
}

fn end(world: &World) -> String {
    let object = world.object("EligibleAssignment", GROUP).unwrap();
    object["status"]["subjects"][0]["endTime"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test(start_paused = true)]
async fn access_is_extended_in_time_again_and_again_until_the_moment_that_is_named() {
    for switches in [&[][..], &[("pimGrantLag", "5m"), ("pimRemovalLag", "5m")]] {
        let world = World::behaving(switches);
        let until = world.clock.time() + DAY * 70;
        let renewal = json!({"mode": "Auto", "before": "P5D", "until": until.to_string()});
        monthly(&world, &renewal, "Allowed");
        world.until_ready(NAMESPACE).await;
        let first = end(&world);
        let mut ends = vec![first];
        for day in 1..=75 {
            world.sleep_through(DAY).await;
            let expected = if day < 71 { 3 } else { 0 };
            if day != 70 {
                assert_eq!(eligible(&world), expected, "day {day}: {}", world.summary());
            }
            let end = if day < 69 { end(&world) } else { continue };
            if ends.last() != Some(&end) {
                ends.push(end);
            }
        }
        assert_eq!(
            ends.len(),
            3,
            "a month, another one, and ten days: {ends:?}"
        );
        let told = world.notes("EligibilityExtended", GROUP);
        assert_eq!(told.len(), 2, "{told:?}");
        for name in ["jose@contoso.com", "amira@contoso.com", "farid@contoso.com"] {
            assert!(told.iter().all(|note| note.contains(name)), "{told:?}");
        }
        assert_eq!(world.notes("DriftCorrected", GROUP), [] as [String; 0]);
        assert_eq!(world.notes("AccessEndsSoon", GROUP).len(), 1);
        assert_eq!(world.reason("EligibleAssignment", GROUP), "Expired");
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_that_is_near_is_told_once_by_name_and_what_has_ended_stays_ended() {
    let world = World::new();
    monthly(&world, &json!({"before": "P7D"}), "Forbidden");
    world.until_ready(NAMESPACE).await;
    world.sleep_through(DAY * 22).await;
    assert_eq!(expiring(&world), None);
    world.sleep_through(DAY * 2).await;
    let told = expiring(&world).unwrap();
    for name in ["jose@contoso.com", "amira@contoso.com", "farid@contoso.com"] {
        assert!(told.contains(name), "{told}");
    }
    assert!(world.is_ready("EligibleAssignment", GROUP));
    let counts = &world.object("EligibleAssignment", GROUP).unwrap()["status"]["counts"];
    assert_eq!(counts["expiring"], 3);
    world.sleep_through(DAY * 4).await;
    assert_eq!(world.notes("AccessEndsSoon", GROUP), [told]);
    world.sleep_through(DAY * 10).await;
    assert_eq!((eligible(&world), expiring(&world)), (0, None));
    assert_eq!(world.reason("EligibleAssignment", GROUP), "Expired");
}

#[tokio::test(start_paused = true)]
async fn a_boundary_that_forbids_renewal_refuses_the_object_before_anybody_gets_anything() {
    let world = World::new();
    monthly(&world, &json!({"mode": "Auto"}), "Forbidden");
    story::until_people(&world, "BoundaryDenied").await;
    assert!(
        world
            .message("EligibleAssignment", GROUP)
            .contains("spec.renewal.mode")
    );
    world.sleep_through(DAY).await;
    assert_eq!(eligible(&world), 0);
}

#[tokio::test(start_paused = true)]
async fn a_rebuilt_operator_keeps_what_was_extended_and_extends_it_when_that_is_due() {
    let world = World::new();
    monthly(
        &world,
        &json!({"mode": "Auto", "before": "P10D"}),
        "Allowed",
    );
    world.until_ready(NAMESPACE).await;
    world.sleep_through(DAY * 21).await;
    let extended = end(&world);
    world.kill();
    world.start();
    world.until_ready(NAMESPACE).await;
    let writes = world.tenant.counters().writes;
    world.sleep_through(DAY * 5).await;
    assert_eq!(
        (end(&world), world.tenant.counters().writes),
        (extended.clone(), writes)
    );
    // Its status is lost, too, as in a cluster that was restored from Git.
    world.kill();
    let lost = World::beside(&world);
    monthly(&lost, &json!({"mode": "Auto", "before": "P10D"}), "Allowed");
    lost.until_ready(NAMESPACE).await;
    lost.sleep_through(DAY).await;
    assert_eq!(end(&lost), extended);
    assert_eq!(
        lost.tenant.counters().writes,
        writes,
        "{:?}",
        lost.line.writes()
    );
}
