//! Where assignments are listed, and which of these places could not be read a moment ago.

use std::collections::HashMap;
use std::time::Duration;

use entra_client::azure::ScopeExtent;
use entra_client::{Class, Error};
use parking_lot::Mutex;
use pim_core::observed::ScopeFault;
use pim_core::role::RoleScope;
use tokio::time::{Instant, timeout};

use crate::providers::scope_fault;

/// How long questions are gathered before they are asked together.
pub const GATHER: Duration = Duration::from_millis(20);

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

/// The places that could not be read a moment ago, and why.
#[derive(Default)]
pub struct Refusals(Mutex<HashMap<ListRoot, (ScopeFault, Instant)>>);

impl Refusals {
    /// Reads a place, unless it could not be read a moment ago.
    pub async fn unless_refused<T>(
        &self,
        root: &ListRoot,
        read: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, ScopeFault> {
        if let Some((fault, at)) = self.0.lock().get(root)
            && at.elapsed() < REMEMBERED
        {
            return Err(fault.clone());
        }
        let fault = match read.await {
            Ok(read) => {
                self.0.lock().remove(root);
                return Ok(read);
            }
            Err(error) => scope_fault::of(&error),
        };
        let mut refused = self.0.lock();
        refused.retain(|_, (_, at)| at.elapsed() < REMEMBERED);
        refused.insert(root.clone(), (fault.clone(), Instant::now()));
        Err(fault)
    }
}

/// Reads one place, and gives up before those who ask for others have waited for long.
pub async fn patiently<T>(read: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
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
    use pim_core::role::RoleSystem;

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
