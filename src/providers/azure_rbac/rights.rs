//! What the operator itself may do in Azure, asked before it writes there: who lacks the right is told so, and by which role
//! to get it, and the service is not asked in vain. What cannot be found out is left to the answer of the write.

use std::sync::Arc;
use std::time::Duration;

use entra_client::azure::AzurePermission;
use entra_client::{Class, Error, ResourceManager};
use futures::FutureExt;
use futures::future::join_all;
use pim_core::role::{BoundRole, KeptAs, RoleScope, RoleTarget};
use pim_core::schedule::Kind;
use tokio::time::timeout;

use super::scopes::GATHER;
use crate::providers::kept::Kept;
use crate::reader::coalesce::Coalescer;

/// How long rights are believed: those that are there, and those that somebody is asked to give.
const GIVEN: Duration = Duration::from_mins(10);
const LACKING: Duration = Duration::from_secs(30);

/// How long a write waits to hear what it may do. Everything that is written with it waits, too.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much of a condition is shown, in characters.
const SHOWN: usize = 160;

/// What the operator may do at scopes, as far as that was read.
pub struct OwnRights {
    manager: ResourceManager,
    reads: Coalescer<RoleScope, Rights>,
    kept: Kept<RoleScope, Rights>,
}

type Rights = Arc<Vec<AzurePermission>>;

/// What a write needs: the action, and the least of the built-in roles that allows it.
struct Need {
    action: &'static str,
    role: &'static str,
}

impl Need {
    /// What it takes to bind a role (learn.microsoft.com: "Azure built-in roles", privileged; pim-apis, Azure resource roles).
    fn of(key: &BoundRole, by: KeptAs) -> Self {
        match (by, key.kind) {
            (KeptAs::Assignment, _) => Self {
                action: "Microsoft.Authorization/roleAssignments/write",
                role: "Role Based Access Control Administrator",
            },
            (KeptAs::Schedule, Kind::Active) => Self {
                action: "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
                role: "User Access Administrator",
            },
            (KeptAs::Schedule, Kind::Eligible) => Self {
                action: "Microsoft.Authorization/roleEligibilityScheduleRequests/write",
                role: "User Access Administrator",
            },
        }
    }

    fn is_met_by(&self, rights: &[AzurePermission]) -> bool {
        rights.iter().any(|right| right.allows(self.action))
    }
}

impl OwnRights {
    /// Nothing was read yet.
    pub fn new(manager: &ResourceManager) -> Self {
        let asked = manager.clone();
        let ask = move |scopes: Vec<RoleScope>| {
            let reads = scopes.into_iter().map(|scope| {
                let manager = asked.clone();
                async move {
                    let read = read(&manager, &scope).await;
                    (scope, read)
                }
            });
            join_all(reads).map(|read| Ok(read.into_iter().collect()))
        };
        Self {
            manager: manager.clone(),
            reads: Coalescer::new(GATHER, ask),
            kept: Kept::new(GIVEN),
        }
    }

    /// Refuses to bind a role where that is surely not allowed.
    pub async fn check(&self, key: &BoundRole, by: KeptAs) -> Result<(), Error> {
        let (need, scope) = (Need::of(key, by), &key.target.scope);
        let known = |younger_than| self.kept.get(scope, younger_than);
        if known(GIVEN).is_some_and(|rights| need.is_met_by(&rights)) {
            return Ok(());
        }
        let rights = match known(LACKING) {
            Some(rights) => rights,
            None => match timeout(PATIENCE, self.reads.get(scope)).await {
                Ok(Ok(Some(rights))) => {
                    self.kept.put(scope, Arc::clone(&rights));
                    rights
                }
                _ => return Ok(()),
            },
        };
        if need.is_met_by(&rights) {
            return Ok(());
        }
        let message = format!(
            "the operator's application may not do this in Azure: give it the role {} at {scope} or above ({})",
            need.role, need.action
        );
        let class = Class::PermissionDenied { any_of: Vec::new() };
        Err(Error::of_sign_in(class, message))
    }

    /// What more there is to say of a refusal: the service sees it otherwise than was read before, or a condition narrows the
    /// operator's own role (learn.microsoft.com: "Delegate Azure access management to others").
    pub async fn explain(&self, refusal: Error, target: &RoleTarget) -> Error {
        let scope = &target.scope;
        self.kept.forget(scope);
        let conditions = self.manager.own_conditions(scope.as_str());
        let conditions = timeout(PATIENCE, conditions)
            .await
            .unwrap_or_else(|_| Ok(Vec::new()));
        let Some(condition) = conditions.ok().and_then(|all| all.into_iter().next()) else {
            return refusal;
        };
        let begins: String = condition.chars().take(SHOWN).collect();
        refusal.preceded_by(&format!(
            "a condition on the operator's own role must allow role {} for groups: {begins}",
            target.role
        ))
    }
}

async fn read(manager: &ResourceManager, scope: &RoleScope) -> Result<Rights, Error> {
    let listed = manager.own_permissions(scope.as_str()).await?;
    match listed.unreadable.first() {
        None => Ok(Arc::new(listed.rows)),
        Some(row) => Err(Error::of_sign_in(Class::ReadRefused, &row.reason)),
    }
}
