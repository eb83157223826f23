//! Several releases of the operator against one API server and one tenant: one acts, whatever the others would like, and the
//! others say so and take over when it is gone.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::election::{edit, our_groups};
use super::harness::{NAMESPACE, Release, Replicas, World, manifest};
use super::story;

/// A second release, in a namespace of its own.
const OTHER: Release = Release {
    namespace: "elsewhere",
    lease: "other",
    lasts: Duration::from_secs(15),
};

/// A world in which two releases can be installed.
fn with_two_homes() -> World {
    let world = World::new();
    world.add_home(OTHER.namespace);
    world
}

fn contested(world: &World) -> Option<String> {
    let condition = world.condition("EntraTenant", "contoso", "Contested")?;
    (condition.status == "True").then_some(condition.message)
}

#[tokio::test(start_paused = true)]
async fn of_two_releases_one_acts_and_the_other_says_so_and_takes_over_when_it_is_gone() {
    let world = with_two_homes();
    story::apply(&world);
    let mut first = Replicas::start(&world, Release::USUAL, 1);
    world.until_ready(NAMESPACE).await;
    let mut second = Replicas::start(&world, OTHER, 2);

    world
        .until("it is told", |world| contested(world).is_some())
        .await;
    let message = contested(&world).unwrap();
    assert!(
        message.starts_with("other in namespace elsewhere would act"),
        "{message}"
    );
    let notes = world.notes("AnotherOperator", "contoso");
    assert!(
        notes[0].starts_with("entra-pim-operator in namespace entra-pim-system acts"),
        "{notes:?}"
    );
    let (here, name) = edit(&world, 0);
    world.until_ready(NAMESPACE).await;
    world.pass(Duration::from_mins(30)).await;
    assert!(world.held().contains(&here));
    assert_eq!(second.writes_to_tenant(), 0);
    assert_eq!(our_groups(&world).len(), 1);

    // Whoever of the other release takes over is one of two replicas; both share its claim.
    first.terminate(0).await;
    let ended = Instant::now();
    let (here, _) = edit(&world, 1);
    world
        .until("the other one acts", |world| world.held().contains(&here))
        .await;
    assert!(
        ended.elapsed() < Duration::from_secs(90),
        "{:?}",
        ended.elapsed()
    );
    let leader = second.leader().unwrap();
    second.kill(leader);
    let killed = Instant::now();
    let (here, _) = edit(&world, 2);
    world
        .until("its replica acts", |world| world.held().contains(&here))
        .await;
    assert!(
        killed.elapsed() < Duration::from_secs(40),
        "{:?}",
        killed.elapsed()
    );
    world
        .until("nobody waits any more", |world| contested(world).is_none())
        .await;
    assert_eq!(our_groups(&world).len(), 1, "{name}");

    first.restart(0);
    world.pass(Duration::from_mins(5)).await;
    world.delete_ours();
    world.until_nothing_is_left().await;
    assert_eq!(our_groups(&world).len(), 0);
    assert_eq!(first.strays(), Vec::<String>::new());
    assert_eq!(second.strays(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_release_that_renews_seldom_is_not_taken_for_dead_by_one_that_renews_often() {
    let world = with_two_homes();
    story::apply_core(&world);
    let patient = Release {
        lasts: Duration::from_mins(10),
        ..Release::USUAL
    };
    let _first = Replicas::start(&world, patient, 1);
    world.until_ready(NAMESPACE).await;
    let second = Replicas::start(&world, OTHER, 1);
    world.pass(Duration::from_hours(2)).await;
    assert_eq!(second.writes_to_tenant(), 0);
    let tenant = world.object("EntraTenant", "contoso").unwrap();
    let operator = &tenant["status"]["operator"];
    assert_eq!(
        operator["namespace"],
        Release::USUAL.namespace,
        "{operator}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_somebody_wipes_is_not_free_while_whoever_held_it_may_not_know() {
    let world = with_two_homes();
    story::apply_core(&world);
    let first = Replicas::start(&world, Release::USUAL, 1);
    world.until_ready(NAMESPACE).await;
    let second = Replicas::start(&world, OTHER, 1);
    world
        .until("it is told", |world| contested(world).is_some())
        .await;
    for round in 0..20 {
        let mut tenant = world.object("EntraTenant", "contoso").unwrap();
        tenant["status"].as_object_mut().unwrap().remove("operator");
        world.cluster.plant(tenant).unwrap();
        let (here, _) = edit(&world, round);
        world
            .until("it is done", |world| world.held().contains(&here))
            .await;
        world.pass(Duration::from_secs(25)).await;
    }
    assert_eq!(second.writes_to_tenant(), 0);
    assert_eq!(first.strays(), Vec::<String>::new());
}

/// The reason of the condition `Ready` of the tenant.
fn reason(world: &World) -> Option<String> {
    Some(world.condition("EntraTenant", "contoso", "Ready")?.reason)
}

#[tokio::test(start_paused = true)]
async fn a_release_that_cannot_sign_in_makes_room_for_one_that_can_and_asks_nobody_to() {
    let world = World::new();
    world.cluster.create_namespace(OTHER.namespace).unwrap();
    story::apply_core(&world);
    let without = Replicas::start(&world, OTHER, 1);
    let is_refused = |world: &World| reason(world).as_deref() == Some("CredentialInvalid");
    world.until("it is told", is_refused).await;

    let mut with = Replicas::start(&world, Release::USUAL, 1);
    let begun = Instant::now();
    world.until_ready(NAMESPACE).await;
    assert!(
        begun.elapsed() < Duration::from_secs(100),
        "{:?}",
        begun.elapsed()
    );
    world.pass(Duration::from_mins(30)).await;
    assert_eq!(reason(&world).as_deref(), Some("Succeeded"));
    assert_eq!(contested(&world), None, "the other one would be no help");

    // With nobody else left it tells the truth, and makes room again.
    with.kill(0);
    world.until("nobody can sign in", is_refused).await;
    with.restart(0);
    world
        .until("it acts again", |world| !is_refused(world))
        .await;
    assert_eq!(without.writes_to_tenant(), 0);
    assert_eq!(without.strays(), Vec::<String>::new());
    assert_eq!(with.strays(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_deleted_and_declared_again_has_one_writer_all_the_time() {
    let world = with_two_homes();
    story::apply_core(&world);
    let first = Replicas::start(&world, Release::USUAL, 1);
    world.until_ready(NAMESPACE).await;
    let second = Replicas::start(&world, OTHER, 1);
    for round in 0..30 {
        let (here, _) = edit(&world, round);
        world.pass(Duration::from_millis(100 * round as u64)).await;
        world
            .cluster
            .delete("EntraTenant", None, "contoso")
            .unwrap();
        if round % 3 == 0 {
            world.pass(Duration::from_millis(200)).await;
        }
        world.declare_tenant();
        world
            .until("it is done", |world| {
                world.held().contains(&here) && world.all_ready(NAMESPACE)
            })
            .await;
        assert_eq!(our_groups(&world).len(), 1, "round {round}");
    }
    assert_eq!(first.strays(), Vec::<String>::new());
    assert_eq!(second.strays(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_belongs_to_no_tenant_has_one_writer_too() {
    let world = with_two_homes();
    story::apply_core(&world);
    let subjects = json!([{"kind": "User", "name": "farid@contoso.com"}]);
    let of_nothing = |name: &str| {
        let spec = json!({"groupRef": {"name": "nowhere"}, "subjects": subjects, "schedule": {"expiration": {"afterDuration": "P90D"}}});
        manifest("EligibleAssignment", name, &spec)
    };
    world.apply(&of_nothing("early"));
    let first = Replicas::start(&world, Release::USUAL, 1);
    let second = Replicas::start(&world, OTHER, 1);
    world.apply(&of_nothing("late"));
    let is_told = |world: &World, name: &str| {
        let ready = world.condition("EligibleAssignment", name, "Ready");
        ready.is_some_and(|ready| ready.reason == "ReferenceNotFound")
    };
    world
        .until("both are told", |world| {
            is_told(world, "early") && is_told(world, "late")
        })
        .await;
    world.pass(Duration::from_mins(5)).await;
    let told = [&first, &second].map(Replicas::writes_to_kubernetes);
    assert!(told.contains(&0), "one of them writes: {told:?}");
    assert_eq!(first.strays(), Vec::<String>::new());
    assert_eq!(second.strays(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn operators_of_two_clusters_with_one_installation_tell_of_each_other_and_do_not_race() {
    let here = World::new();
    let there = World::beside(&here);
    story::apply(&here);
    // Nobody takes over, so nobody has to renew anything often.
    let release = Release {
        lasts: Duration::from_hours(1),
        ..Release::USUAL
    };
    let mut first = Replicas::start(&here, release, 1);
    here.until_ready(NAMESPACE).await;
    story::apply(&there);
    there.edit("PrivilegedGroup", story::GROUP, |manifest| {
        manifest["spec"]["displayName"] = json!("PAG-Exchange-Others");
    });
    let second = Replicas::start(&there, release, 1);
    let told = |world: &World| {
        let condition = world.condition("PrivilegedGroup", story::GROUP, "Contested")?;
        assert_eq!(condition.reason, "AnotherWriter");
        Some(condition.message)
    };
    let before = first.writes_to_tenant() + second.writes_to_tenant();
    let begun = Instant::now();
    there
        .until("both are told", |there| {
            told(&here).is_some() && told(there).is_some()
        })
        .await;
    let message = told(&there).unwrap();
    let names = "spec.displayName of PrivilegedGroup exchange/exchange-admins (3 times since";
    assert!(message.contains(names), "{message}");
    here.pass(Duration::from_hours(2)).await;
    let writes = first.writes_to_tenant() + second.writes_to_tenant() - before;
    let intervals = begun.elapsed().as_secs() / Duration::from_mins(10).as_secs();
    // The first of the second cluster, and then each at most once in its interval, which varies by a tenth.
    assert!(
        writes as u64 <= 3 * intervals,
        "{writes} writes in {intervals} intervals"
    );
    assert_eq!(our_groups(&here).len(), 1);

    // With the first one gone nobody reverses anything, and a day later it is no news any more.
    first.kill(0);
    there.pass(Duration::from_hours(26)).await;
    assert_eq!(told(&there), None);
    assert_eq!(our_groups(&there)[0]["displayName"], "PAG-Exchange-Others");
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_is_renewed_at_the_last_moment_takes_up_what_was_left_off() {
    let world = World::new();
    story::apply_core(&world);
    let replicas = Replicas::start(&world, Release::USUAL, 1);
    world.until_ready(NAMESPACE).await;
    // The claim holds for a minute, and eight seconds before its end nothing is begun any more.
    for (round, seconds) in (46..62).step_by(3).enumerate() {
        replicas.refuse_claims(0, true);
        world.pass(Duration::from_secs(seconds)).await;
        let (here, _) = edit(&world, round);
        world.pass(Duration::from_secs(2)).await;
        replicas.refuse_claims(0, false);
        let begun = Instant::now();
        world
            .until("it is done", |world| world.held().contains(&here))
            .await;
        let took = begun.elapsed();
        assert!(
            took < Duration::from_secs(30),
            "after {seconds} s: {took:?}"
        );
    }
    // Whoever looks after the tenant goes on, too: a change by hand is seen at the next look.
    world.pass(Duration::from_mins(12)).await;
    let time = |world: &World| {
        let group = world.object("PrivilegedGroup", story::GROUP).unwrap();
        group["status"]["lastSyncTime"].clone()
    };
    let before = time(&world);
    world.pass(Duration::from_mins(12)).await;
    assert_ne!(time(&world), before, "nobody compares any more");
    assert_eq!(replicas.strays(), Vec::<String>::new());
}
