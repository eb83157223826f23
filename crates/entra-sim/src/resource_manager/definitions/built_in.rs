//! The roles that every tenant has. What some of them allow stands here as it is published (learn.microsoft.com: "Azure
//! built-in roles"); of the others the simulator tells no more than that they read who holds what.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use uuid::{Uuid, uuid};

use super::role::{AzureRole, RoleAuthor};
use crate::resource_manager::allowed::AllowedActions;

/// Name and id of each.
const NAMES: &str = include_str!("azure-roles.tsv");

/// The actions, what is taken out of them, and the actions on data.
type PublishedActions = (
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

const UNTOLD: PublishedActions = (&["Microsoft.Authorization/*/read"], &[], &[]);

const PUBLISHED: &[(Uuid, PublishedActions)] = &[
    // Owner
    (
        uuid!("8e3af657-a8ff-443c-a75c-2fe8c4bcb635"),
        (&["*"], &[], &[]),
    ),
    // Contributor
    (
        uuid!("b24988ac-6180-42a0-ab88-20f7382dd24c"),
        (&["*"], CONTRIBUTORS_LACK, &[]),
    ),
    // Reader
    (
        uuid!("acdd72a7-3385-48ef-bd42-f606fba81ae7"),
        (&["*/read"], &[], &[]),
    ),
    // User Access Administrator
    (
        uuid!("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"),
        (
            &["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
            &[],
            &[],
        ),
    ),
    // Role Based Access Control Administrator
    (
        uuid!("f58310d9-a9f6-439a-9e8d-f62e7b41a168"),
        (
            &[
                "Microsoft.Authorization/roleAssignments/write",
                "Microsoft.Authorization/roleAssignments/delete",
                "*/read",
                "Microsoft.Support/*",
            ],
            &[],
            &[],
        ),
    ),
    // Key Vault Administrator
    (
        uuid!("00482a5a-887f-4fb3-b363-3b7fe8e74483"),
        (VAULT_ACTIONS, &[], &["Microsoft.KeyVault/vaults/*"]),
    ),
    // Key Vault Reader
    (
        uuid!("21090545-7ca7-4776-b22c-e363652d74d2"),
        (
            VAULT_ACTIONS,
            &[],
            &[
                "Microsoft.KeyVault/vaults/*/read",
                "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
            ],
        ),
    ),
    // Key Vault Secrets User
    (
        uuid!("4633458b-17de-408a-b874-0445c86b69e6"),
        (
            &[],
            &[],
            &[
                "Microsoft.KeyVault/vaults/secrets/getSecret/action",
                "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
            ],
        ),
    ),
    // Storage Blob Data Contributor
    (
        uuid!("ba92f5b4-2d11-453d-a403-e96b0029c9fe"),
        (
            &[
                "Microsoft.Storage/storageAccounts/blobServices/containers/delete",
                "Microsoft.Storage/storageAccounts/blobServices/containers/read",
                "Microsoft.Storage/storageAccounts/blobServices/containers/write",
                "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
            ],
            &[],
            &[
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/move/action",
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action",
            ],
        ),
    ),
    // Storage Blob Data Reader
    (
        uuid!("2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"),
        (
            &[
                "Microsoft.Storage/storageAccounts/blobServices/containers/read",
                "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
            ],
            &[],
            &["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"],
        ),
    ),
];

const CONTRIBUTORS_LACK: &[&str] = &[
    "Microsoft.Authorization/*/Delete",
    "Microsoft.Authorization/*/Write",
    "Microsoft.Authorization/elevateAccess/Action",
    "Microsoft.Blueprint/blueprintAssignments/write",
    "Microsoft.Blueprint/blueprintAssignments/delete",
    "Microsoft.Compute/galleries/share/action",
    "Microsoft.Purview/consents/write",
    "Microsoft.Purview/consents/delete",
    "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
    "Microsoft.Subscription/cancel/action",
    "Microsoft.Subscription/enable/action",
];

const VAULT_ACTIONS: &[&str] = &[
    "Microsoft.Authorization/*/read",
    "Microsoft.Insights/alertRules/*",
    "Microsoft.Resources/deployments/*",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Support/*",
    "Microsoft.KeyVault/checkNameAvailability/read",
    "Microsoft.KeyVault/deletedVaults/read",
    "Microsoft.KeyVault/locations/*/read",
    "Microsoft.KeyVault/vaults/*/read",
    "Microsoft.KeyVault/operations/read",
];

static ROLES: LazyLock<BTreeMap<Uuid, AzureRole>> = LazyLock::new(|| {
    let rows = NAMES.lines().filter(|line| !line.starts_with('#'));
    let named = rows.filter_map(|line| line.split_once('\t'));
    named
        .filter_map(|(name, id)| {
            let id = Uuid::try_parse(id).ok()?;
            Some((id, role(id, name)))
        })
        .collect()
});

fn role(id: Uuid, name: &str) -> AzureRole {
    let found = PUBLISHED.iter().find(|(of, _)| *of == id);
    let (actions, not_actions, data_actions) = found.map_or(UNTOLD, |(_, published)| *published);
    let owned = |patterns: &[&str]| patterns.iter().map(|one| (*one).to_owned()).collect();
    AzureRole {
        id,
        name: name.to_owned(),
        description: name.to_owned(),
        allowed: vec![AllowedActions {
            actions: owned(actions),
            not_actions: owned(not_actions),
            data_actions: owned(data_actions),
            not_data_actions: Vec::new(),
        }],
        origin: RoleAuthor::Service,
    }
}

/// All of them, by id.
pub(super) fn all<'a>() -> impl Iterator<Item = &'a AzureRole> {
    ROLES.values()
}

/// The one of an id.
pub(in crate::resource_manager) fn find(id: Uuid) -> Option<&'static AzureRole> {
    ROLES.get(&id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_published_of_a_role_is_of_one_that_there_is() {
        for (id, _) in PUBLISHED {
            assert!(find(*id).is_some(), "{id} has no name");
        }
    }
}
