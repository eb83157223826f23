//! The connection to a tenant: it is used as long as manifest and secret say so, and no longer.

use std::time::Duration;

use serde_json::{Value, json};

use super::harness::{NAMESPACE, SECRET, World};
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
