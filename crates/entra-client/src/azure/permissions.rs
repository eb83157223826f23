//! What the caller itself may do at a scope (learn.microsoft.com: "Permissions - List For Resource Group").

use http::Method;
use serde::Deserialize;

use super::{API_VERSION, ResourceManager, below};
use crate::error::Error;
use crate::listed::Listed;
use crate::operation::OperationName;
use crate::query::Query;
use crate::service::RESOURCE_MANAGER;

/// What one of the caller's roles allows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AzurePermission {
    /// The actions that it allows, in which `*` stands for any letters,
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    actions: Vec<String>,
    /// and those that it does not allow nevertheless.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    not_actions: Vec<String>,
}

impl AzurePermission {
    /// Whether it allows an action.
    pub fn allows(&self, action: &str) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, action));
        any(&self.actions) && !any(&self.not_actions)
    }
}

/// Whether an action fits a pattern, without regard to case.
fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_lowercase(), action.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = action.strip_prefix(first) else {
        return false;
    };
    let mut ends_open = !pattern.contains('*');
    if ends_open {
        return rest.is_empty();
    }
    for part in parts {
        ends_open = part.is_empty();
        match rest.find(part) {
            // The last part must stand at the end, wherever else it stands.
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    ends_open || action.ends_with(pattern.rsplit('*').next().unwrap_or_default())
}

impl ResourceManager {
    /// What narrows the operator's own roles at a scope: the conditions of its assignments there and above, itself or through
    /// its groups.
    pub async fn own_conditions(&self, scope: &str) -> Result<Vec<String>, Error> {
        let claims = self.session.claims(&RESOURCE_MANAGER).await?;
        let Some(own) = claims.holder else {
            return Ok(Vec::new());
        };
        let listed = self.assigned_to(scope, own).await?;
        let mut conditions: Vec<String> = listed
            .rows
            .into_iter()
            .filter_map(|row| row.condition)
            .collect();
        conditions.dedup();
        Ok(conditions)
    }

    /// What the operator's own roles allow at a scope.
    pub async fn own_permissions(&self, scope: &str) -> Result<Listed<AzurePermission>, Error> {
        let query = Query::new().api_version(API_VERSION);
        let name = OperationName::ListAzurePermissions;
        let operation = below(name, Method::GET, scope, "permissions")?.query(&query);
        self.session.list(operation).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITE: &str = "Microsoft.Authorization/roleAssignments/write";

    fn permission(actions: &[&str], not_actions: &[&str]) -> AzurePermission {
        let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        AzurePermission {
            actions: owned(actions),
            not_actions: owned(not_actions),
        }
    }

    #[test]
    fn stars_stand_for_anything_and_case_for_nothing() {
        for allowing in [
            "*",
            "microsoft.authorization/*",
            "Microsoft.Authorization/*/Write",
            "*/write",
            "Microsoft.Authorization/roleAssignments/write",
            "*roleAssignments*",
        ] {
            assert!(permission(&[allowing], &[]).allows(WRITE), "{allowing}");
        }
        for other in [
            "*/read",
            "Microsoft.Authorization/roleAssignments",
            "Microsoft.Authorization/*/delete",
            "Microsoft.Authorization/roleAssignments/write/all",
            "",
        ] {
            assert!(!permission(&[other], &[]).allows(WRITE), "{other}");
        }
    }

    #[test]
    fn what_is_taken_out_is_not_allowed() {
        let contributor = permission(&["*"], &["Microsoft.Authorization/*/Write"]);
        assert!(!contributor.allows(WRITE));
        assert!(contributor.allows("Microsoft.KeyVault/vaults/write"));
    }
}
