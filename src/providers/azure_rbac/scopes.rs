//! Where assignments and roles are listed, and how these places are read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use entra_client::azure::ScopeExtent;
use entra_client::graph::Listed;
use entra_client::{Class, Error, ResourceManager};
use futures::FutureExt;
use futures::future::join_all;
use pim_core::observed::ScopeFault;
use pim_core::role::{RoleScope, RoleSystem};
use tokio::time::timeout;

use crate::providers::HeldRoles;
use crate::providers::kept::Kept;
use crate::providers::scope_fault;
use crate::reader::coalesce::Coalescer;

/// How long questions are gathered before they are asked together.
pub(super) const GATHER: Duration = Duration::from_millis(20);

/// How long a pass waits for the service. Everything else that the group needs waits with it.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a place is not asked again that could not be read. Many groups may have roles there.
const REMEMBERED: Duration = Duration::from_secs(30);

/// A place whose one list holds all assignments at some scopes: a subscription with everything below it, or a scope above
/// subscriptions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListRoot(String);

impl ListRoot {
    /// The place for a scope.
    pub fn of(scope: &RoleScope) -> Self {
        let mut segments = scope.as_str().split('/').skip(1);
        match (segments.next(), segments.next()) {
            (Some("subscriptions"), Some(id)) => Self(format!("/subscriptions/{id}")),
            _ => Self(scope.as_str().to_owned()),
        }
    }

    /// The scope at which is asked.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether one role definition or another may be asked for there: a pattern is no place.
    pub fn is_place(&self) -> bool {
        !self.0.contains('*')
    }

    /// What is listed there. A management group does not list what stands in its subscriptions.
    pub fn extent(&self) -> ScopeExtent {
        if self.0.starts_with("/subscriptions/") {
            ScopeExtent::AndBelow
        } else {
            ScopeExtent::AtScope
        }
    }

    /// Whether what stands at a scope stands here; what is inherited does not.
    pub fn holds(&self, scope: &RoleScope) -> bool {
        let rest = scope.as_str().strip_prefix(self.0.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// Reads places, and not again for a while those that could not be read.
pub struct Places<T> {
    reads: Coalescer<ListRoot, Arc<T>>,
    refused: Kept<ListRoot, ScopeFault>,
}

impl<T: Default + Send + Sync + 'static> Places<T> {
    /// Asks the service about each place with a request of its own.
    pub fn new<F, A>(manager: &ResourceManager, ask: F) -> Self
    where
        F: Fn(ResourceManager, ListRoot) -> A + Send + Sync + 'static,
        A: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let manager = manager.clone();
        let reads = Coalescer::new(GATHER, move |roots: Vec<ListRoot>| {
            let reads = roots.into_iter().map(|root| {
                let read = patiently(ask(manager.clone(), root.clone()));
                async move { (root, read.await.map(Arc::new)) }
            });
            join_all(reads).map(|read| Ok(read.into_iter().collect()))
        });
        Self {
            reads,
            refused: Kept::new(REMEMBERED),
        }
    }

    /// What a list says of a group at some scopes. Each place has one list, of everybody, for all of them that lie there.
    pub async fn held<R>(
        &self,
        scopes: &[RoleScope],
        of_group: impl Fn(&ListRoot, &T) -> Listed<R>,
    ) -> HeldRoles<R> {
        let mut roots: BTreeMap<ListRoot, Vec<&RoleScope>> = BTreeMap::new();
        for scope in scopes {
            let root = ListRoot::of(scope);
            if root.is_place() {
                roots.entry(root).or_default().push(scope);
            }
        }
        let reads = roots
            .iter()
            .map(async |(root, scopes)| (root, scopes, self.read(root).await));
        let mut held = HeldRoles::default();
        for (root, scopes, read) in join_all(reads).await {
            match read {
                Ok(listed) => held.listed.extend(of_group(root, &listed)),
                Err(fault) => {
                    let scopes = scopes.iter().copied();
                    held.extend(HeldRoles::unread(RoleSystem::AZURE, scopes, &fault));
                }
            }
        }
        held
    }

    /// What stands at a place, or why that is not known.
    pub async fn read(&self, root: &ListRoot) -> Result<Arc<T>, ScopeFault> {
        if let Some(fault) = self.refused.get(root, REMEMBERED) {
            return Err(fault);
        }
        match self.reads.get(root).await {
            Ok(read) => {
                self.refused.forget(root);
                Ok(read.unwrap_or_default())
            }
            Err(error) => {
                let fault = scope_fault::of(&error);
                self.refused.put(root, fault.clone());
                Err(fault)
            }
        }
    }
}

/// Reads one place, and gives up before those who ask for others have waited for long.
async fn patiently<T>(read: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(PATIENCE, read).await.unwrap_or_else(|_| {
        let message = format!(
            "the Azure Resource Manager gave no answer within {} s; it is tried again",
            PATIENCE.as_secs()
        );
        Err(Error::of_sign_in(Class::Unreachable, message))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(scope: &str) -> ListRoot {
        ListRoot::of(&RoleScope::of(RoleSystem::AZURE, scope))
    }

    #[test]
    fn a_subscription_lists_all_that_lies_below_it_and_a_management_group_itself() {
        let vault = "/subscriptions/1/resourceGroups/a/providers/Microsoft.KeyVault/vaults/kv";
        assert_eq!(root(vault), root("/Subscriptions/1"));
        assert_eq!(root(vault).extent(), ScopeExtent::AndBelow);
        let above = "/providers/Microsoft.Management/managementGroups/contoso";
        assert_eq!(root(above).as_str(), above.to_lowercase());
        assert_eq!(root(above).extent(), ScopeExtent::AtScope);
    }

    #[test]
    fn what_is_inherited_does_not_stand_there() {
        let scope = |text| RoleScope::of(RoleSystem::AZURE, text);
        let one = root("/subscriptions/1");
        assert!(one.holds(&scope("/subscriptions/1/resourceGroups/a")));
        assert!(!one.holds(&scope("/subscriptions/12")));
        assert!(!one.holds(&scope("/")));
        assert!(!one.holds(&scope(
            "/providers/Microsoft.Management/managementGroups/contoso"
        )));
    }
}
