//! Built-in roles. What a role allows is told of the few that decide over roles; of the others only that they read roles.

use std::sync::LazyLock;

use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::authorize::{
    CONTRIBUTOR, Need, OWNER, RBAC_ADMINISTRATOR, READER, USER_ACCESS_ADMINISTRATOR, check,
};
use super::filter::{Part, parse, unsupported};
use super::scope::Scope;
use crate::call::Caller;
use crate::error::GraphError;
use crate::state::Tenant;

/// Name and id of the built-in roles.
const BUILT_IN: &str = include_str!("azure-roles.tsv");

const READS: Need = Need::Read("Microsoft.Authorization/roleDefinitions/read");

/// A built-in role.
pub(super) struct AzureRole {
    name: &'static str,
    id: Uuid,
}

static DEFINITIONS: LazyLock<Vec<AzureRole>> = LazyLock::new(|| {
    let rows = BUILT_IN.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| line.split_once('\t'))
        .filter_map(|(name, id)| {
            let id = Uuid::try_parse(id).ok()?;
            Some(AzureRole { name, id })
        })
        .collect()
});

/// The role of an id, whatever stands before it.
pub(super) fn find(id: &str) -> Option<&'static AzureRole> {
    let id = Uuid::try_parse(id.rsplit('/').next()?).ok()?;
    DEFINITIONS.iter().find(|one| one.id == id)
}

/// All roles.
pub(super) fn every() -> impl Iterator<Item = &'static AzureRole> {
    DEFINITIONS.iter()
}

impl AzureRole {
    pub(super) fn id(&self) -> Uuid {
        self.id
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    fn actions(&self) -> (&'static [&'static str], &'static [&'static str]) {
        const CONTRIBUTOR_NOT: [&str; 3] = [
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
        ];
        match self.id {
            OWNER => (&["*"], &[]),
            CONTRIBUTOR => (&["*"], &CONTRIBUTOR_NOT),
            READER => (&["*/read"], &[]),
            USER_ACCESS_ADMINISTRATOR => (
                &["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
                &[],
            ),
            RBAC_ADMINISTRATOR => (
                &[
                    "Microsoft.Authorization/roleAssignments/write",
                    "Microsoft.Authorization/roleAssignments/delete",
                    "*/read",
                    "Microsoft.Support/*",
                ],
                &[],
            ),
            _ => (&["Microsoft.Authorization/*/read"], &[]),
        }
    }

    fn shown(&self, scope: &Scope) -> Value {
        let (actions, not_actions) = self.actions();
        json!({
            "id": full_id(scope, self.id),
            "name": self.id,
            "type": "Microsoft.Authorization/roleDefinitions",
            "properties": {
                "roleName": self.name, "type": "BuiltInRole", "description": self.name,
                "assignableScopes": ["/"],
                "permissions": [{
                    "actions": actions, "notActions": not_actions, "dataActions": [], "notDataActions": [],
                }],
                "createdOn": "2015-02-02T21:55:09.8806423Z", "updatedOn": "2021-11-11T20:13:50.1942810Z",
                "createdBy": null, "updatedBy": null,
            },
        })
    }
}

/// The id of a role as an answer about a scope writes it: with the subscription, where there is one.
pub(super) fn full_id(scope: &Scope, role: Uuid) -> String {
    let before = scope
        .within_subscription()
        .map_or_else(String::new, |id| Scope::subscription(id).to_string());
    format!("{before}/providers/Microsoft.Authorization/roleDefinitions/{role}")
}

pub(super) fn list(
    tenant: &Tenant,
    caller: &Caller,
    scope: &Scope,
    filter: &str,
) -> Result<Value, GraphError> {
    // Built-in roles belong to nobody: at the root everybody reads them.
    if scope.as_str() != "/" {
        check(tenant, caller, READS, scope)?;
    }
    let parts = parse(filter)?;
    let mut rows = Vec::new();
    for definition in DEFINITIONS.iter() {
        let mut fits = true;
        for part in &parts {
            fits &= match part {
                Part::Equals(name, value) if name == "rolename" => {
                    definition.name.eq_ignore_ascii_case(value)
                }
                Part::Equals(name, value) if name == "type" => {
                    value.eq_ignore_ascii_case("BuiltInRole")
                }
                Part::Function(name, _) if name == "atscopeandbelow" => true,
                _ => return Err(unsupported(filter)),
            };
        }
        if fits {
            rows.push(definition.shown(scope));
        }
    }
    Ok(json!({"value": rows}))
}

pub(super) fn get(
    tenant: &Tenant,
    caller: &Caller,
    scope: &Scope,
    name: &str,
) -> Result<Value, GraphError> {
    if scope.as_str() != "/" {
        check(tenant, caller, READS, scope)?;
    }
    let found = find(name).map(|definition| definition.shown(scope));
    found.ok_or_else(|| {
        GraphError::new(
            StatusCode::NOT_FOUND,
            "RoleDefinitionDoesNotExist",
            format!("The specified role definition with ID '{name}' does not exist."),
        )
    })
}
