//! The connection to a tenant: it is used as long as manifest and secret say so, and no longer.

use std::time::Duration;

use entra_sim::Profile;
use entra_sim::seed::SeedSecret;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::harness::{NAMESPACE, SECRET, World, WorldClock, demo};
use super::story::{self, GROUP};

/// What is declared from now on is not written, and the group says why.
async fn assert_nothing_is_written(world: &World) {
    story::add_person(world, "chidi@contoso.com");
    assert_eq!(world.writes_within(Duration::from_hours(1)).await, 0);
    let reason = world.reason("PrivilegedGroup", GROUP);
    assert_eq!(reason, "CredentialInvalid", "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn who_takes_the_secret_away_stops_the_operator() {
    let world = story::standing().await;
    world.remove_secret();
    world.until_tenant("CredentialInvalid").await;
    world.pass(Duration::from_secs(10)).await;
    assert_nothing_is_written(&world).await;
    world.set_secret(SECRET);
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.held().len(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_group_says_its_key_before_anybody_could_sign_in() {
    let world = World::new();
    world.remove_secret();
    story::apply(&world);
    world.start();
    story::until_group(&world, "CredentialInvalid").await;
    let key = world.key(GROUP);
    assert!(key.starts_with("epim-"), "{key:?}");
}

#[tokio::test(start_paused = true)]
async fn groups_stop_with_the_secret_and_not_at_their_next_change() {
    let world = story::standing().await;
    world.remove_secret();
    world.annotate("EntraTenant", "contoso", "entra-pim.dev/resync", "now");
    story::until_group(&world, "CredentialInvalid").await;
}

#[tokio::test(start_paused = true)]
async fn another_tenant_under_the_same_name_is_not_served_with_the_old_connection() {
    let world = story::standing().await;
    let old = world.object("EntraTenant", "contoso").unwrap();
    world.delete("EntraTenant", "contoso");
    let mut other: Value = json!({
        "apiVersion": old["apiVersion"], "kind": "EntraTenant", "metadata": {"name": "contoso"},
    });
    other["spec"] = old["spec"].clone();
    other["spec"]["tenantId"] = json!("99999999-9999-4999-8999-999999999999");
    other["spec"]["credential"]["clientSecret"]["secretRef"]["name"] = json!("not-there");
    let fresh = world.apply(&other);
    assert_eq!(
        fresh["metadata"]["generation"],
        old["metadata"]["generation"]
    );
    assert_nothing_is_written(&world).await;
}

/// The secret that takes the place of the first one, and the same in Base64.
const NEXT: (&str, &str) = ("next-secret", "bmV4dC1zZWNyZXQ=");

/// How long the first secret is good.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(40);

/// A world whose tenant issues short tokens, in which the story is true; and when the first secret of two ends there.
async fn standing_with_two_secrets() -> (World, Timestamp) {
    let mut seed = demo();
    let secrets = &mut seed.applications[0].secrets;
    let end = WorldClock::start().time() + GOOD_FOR;
    secrets[0].expires = Some(end);
    secrets.push(SeedSecret {
        value: NEXT.0.to_owned(),
        expires: None,
    });
    let short = [("tokenLifetime", "10m"), ("latency", "20ms")];
    let world = World::seeded(seed, Profile::Ideal, &short);
    story::comes_true(&world).await;
    (world, end)
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_has_expired_is_told_and_its_successor_taken_up() {
    let (world, _) = standing_with_two_secrets().await;
    world.until_tenant("CredentialInvalid").await;
    let told = world.message("EntraTenant", "contoso");
    assert!(told.contains("AADSTS7000222"), "{told}");
    assert_eq!(world.held().len(), 6, "nothing is taken away");
    world.set_secret(NEXT.1);
    world.until_ready(NAMESPACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_rotated_while_people_come_and_go_delays_nobody() {
    let (world, end) = standing_with_two_secrets().await;
    let last = end + GOOD_FOR;
    let mut changes = 0;
    while world.clock.time() < last {
        if changes == 20 {
            world.set_secret(NEXT.1);
        }
        if changes % 2 == 0 {
            story::add_person(&world, "chidi@contoso.com");
        } else {
            story::remove_person(&world, "chidi@contoso.com");
        }
        let wanted = 6 + usize::from(changes % 2 == 0);
        let asked = world.clock.time();
        world
            .until("the change stands", |world| world.held().len() == wanted)
            .await;
        let took = world.clock.time().duration_since(asked);
        assert!(took <= SignedDuration::from_secs(10), "{took:#}");
        assert_ne!(world.reason("EntraTenant", "contoso"), "CredentialInvalid");
        world.pass(Duration::from_mins(1)).await;
        changes += 1;
    }
    assert!(changes > 60, "{changes}");
    assert_eq!(
        world.notes("CredentialInvalid", "contoso"),
        [] as [String; 0]
    );
    assert_eq!(world.notes("CredentialInvalid", GROUP), [] as [String; 0]);
}
