//! Azure roles: bound by assignments of the Resource Manager, whose trouble is trouble of these roles alone.

use std::time::Duration;

use serde_json::{Value, json};

use super::harness::World;

/// The vault of the example.
pub const VAULT: &str = "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/payments-app/providers/Microsoft.KeyVault/vaults/kv-payments";

/// Id of the role Key Vault Administrator (learn.microsoft.com: "Azure built-in roles").
const VAULT_ADMINISTRATOR: &str = "00482a5a-887f-4fb3-b363-3b7fe8e74483";

/// The namespace of the example.
const PAYMENTS: &str = "payments";

/// The files of the example, in the order of their names, without its namespace.
const FILES: [&str; 5] = [
    include_str!("../../examples/key-vault/10-boundary.yaml"),
    include_str!("../../examples/key-vault/20-group.yaml"),
    include_str!("../../examples/key-vault/30-role.yaml"),
    include_str!("../../examples/key-vault/40-owner.yaml"),
    include_str!("../../examples/key-vault/50-eligible.yaml"),
];

fn applied() -> World {
    let world = World::new();
    world.cluster.create_namespace(PAYMENTS).unwrap();
    for file in FILES {
        world.apply_yaml(file);
    }
    world
}

/// The Azure roles of the tenant's groups, each with its scope.
fn azure_roles(world: &World) -> Vec<String> {
    let held = world.held();
    held.into_iter()
        .filter(|what| what.starts_with("azure role"))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_group_is_given_a_role_at_one_vault_and_loses_it_with_the_object() {
    let world = applied();
    world.start();
    world.until_ready(PAYMENTS).await;
    let expected = format!(
        "azure role {VAULT_ADMINISTRATOR} at {}",
        VAULT.to_lowercase()
    );
    assert_eq!(azure_roles(&world), [expected]);
}
