//! The connection to a tenant: it is used as long as manifest and secret say so, and no longer.

use std::time::Duration;

use serde_json::{Value, json};

use super::harness::{NAMESPACE, World};
use super::story::{self, GROUP};

/// Declares something that has to be written to the tenant.
fn declare_more(world: &World) {
    story::edit_people(world, |people| {
        people.push(story::person("chidi@contoso.com"));
    });
}

fn secret(world: &World) {
    world.apply(&json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "entra-credential", "namespace": "entra-pim-system"},
        "data": {"clientSecret": "Y29udG9zby1kZW1vLXNlY3JldA=="},
    }));
}

fn remove_secret(world: &World) {
    let home = Some("entra-pim-system");
    world
        .cluster
        .delete("Secret", home, "entra-credential")
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_takes_the_secret_away_stops_the_operator() {
    let world = story::standing().await;
    remove_secret(&world);
    world
        .until_reason("EntraTenant", "contoso", "CredentialInvalid")
        .await;
    world.pass(Duration::from_secs(10)).await;
    declare_more(&world);
    assert_eq!(world.writes_within(Duration::from_hours(1)).await, 0);
    assert_eq!(
        world.reason("PrivilegedGroup", GROUP),
        "CredentialInvalid",
        "{}",
        world.summary()
    );
    secret(&world);
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.held().len(), 7);
}

#[tokio::test(start_paused = true)]
async fn groups_stop_with_the_secret_and_not_at_their_next_change() {
    let world = story::standing().await;
    remove_secret(&world);
    world.annotate("EntraTenant", "contoso", "entra-pim.dev/resync", "now");
    world
        .until_reason("PrivilegedGroup", GROUP, "CredentialInvalid")
        .await;
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
    declare_more(&world);
    assert_eq!(world.writes_within(Duration::from_hours(1)).await, 0);
    assert_eq!(
        world.reason("PrivilegedGroup", GROUP),
        "CredentialInvalid",
        "{}",
        world.summary()
    );
}
