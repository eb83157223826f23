//! The roles of Azure: built-in ones, which are the same everywhere, and those that somebody made, which exist at the scopes
//! at which they may be assigned.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use entra_client::azure::{AzureRoleDefinition, AzureRoleOrigin};
use entra_client::graph::Listed;
use entra_client::{Error, ResourceManager};
use futures::future::join_all;
use pim_core::observed::ScopeFault;
use pim_core::reason::Reason;
use pim_core::role::{RoleId, RoleReference, RoleScope, RoleSystem, RoleTarget};

use super::scopes::{ListRoot, Places};
use crate::providers::Catalogue;
use crate::providers::kept::{AGAIN, KEEP, Kept};

/// What nobody has asked for is forgotten.
const FORGET: Duration = Duration::from_hours(24);

/// The definitions at one place.
type Definitions = Listed<AzureRoleDefinition>;

/// Where roles are looked up, and what was read there last.
pub struct RoleBook {
    kept: Kept<ListRoot, Arc<Definitions>>,
    places: Places<Definitions>,
}

/// The definitions at some places.
#[derive(Default)]
pub struct AzureCatalogue {
    definitions: BTreeMap<RoleId, String>,
    fault: Option<ScopeFault>,
}

impl RoleBook {
    pub fn new(manager: &ResourceManager) -> Self {
        Self {
            kept: Kept::new(FORGET),
            places: Places::new(manager, read),
        }
    }

    /// The roles among which some are named.
    pub async fn read(&self, wanted: &[RoleReference<'_>]) -> AzureCatalogue {
        if wanted.is_empty() {
            return AzureCatalogue::default();
        }
        let places: BTreeSet<ListRoot> = wanted
            .iter()
            .map(|role| ListRoot::of(&RoleScope::of(RoleSystem::AZURE, &role.scope)))
            .filter(ListRoot::is_place)
            .chain([everywhere()])
            .collect();
        let known = self.at(&places, KEEP).await;
        if wanted.iter().all(|role| known.has(role)) {
            return known;
        }
        self.at(&places, AGAIN).await
    }

    /// What a role is called that was read before: a built-in one, or one of the place of its scope.
    pub fn name(&self, role: &RoleTarget) -> Option<String> {
        let places = [everywhere(), ListRoot::of(&role.scope)];
        let known = places
            .iter()
            .filter_map(|place| self.kept.get(place, Duration::MAX));
        let mut named = known.filter_map(|definitions| {
            let mut rows = definitions.rows.iter();
            rows.find(|row| row.id == role.role)
                .map(|row| row.name.clone())
        });
        named.next()
    }

    async fn at(&self, places: &BTreeSet<ListRoot>, younger_than: Duration) -> AzureCatalogue {
        let mut roles = AzureCatalogue::default();
        let reads = places.iter().map(|place| self.place(place, younger_than));
        for (definitions, fault) in join_all(reads).await {
            if let Some(definitions) = definitions {
                roles.extend(&definitions);
            }
            // No role is found in a place that there is not; that is told by whoever reads what is held there.
            roles.fault = fault
                .filter(|fault| !matches!(fault, ScopeFault::Missing(_)))
                .or(roles.fault);
        }
        roles
    }

    /// What is known of a place, and why it is not known how it is now.
    async fn place(
        &self,
        place: &ListRoot,
        younger_than: Duration,
    ) -> (Option<Arc<Definitions>>, Option<ScopeFault>) {
        if let Some(definitions) = self.kept.get(place, younger_than) {
            return (Some(definitions), None);
        }
        match self.places.read(place).await {
            Ok(definitions) => {
                self.kept.put(place, Arc::clone(&definitions));
                (Some(definitions), None)
            }
            // Definitions hardly ever change, so those that are known still lead to roles, however old they are.
            Err(fault) => (self.kept.get(place, Duration::MAX), Some(fault)),
        }
    }
}

async fn read(manager: ResourceManager, place: ListRoot) -> Result<Definitions, Error> {
    let origin = if place == everywhere() {
        AzureRoleOrigin::BuiltIn
    } else {
        AzureRoleOrigin::Custom
    };
    let scope = place.as_str().trim_end_matches('/');
    manager.role_definitions(scope, origin).await
}

/// The place that has the built-in roles.
fn everywhere() -> ListRoot {
    ListRoot::of(&RoleScope::of(RoleSystem::AZURE, "/"))
}

impl AzureCatalogue {
    fn extend(&mut self, read: &Listed<AzureRoleDefinition>) {
        let rows = read.rows.iter();
        let named = rows.map(|role| (role.id.clone(), role.name.clone()));
        self.definitions.extend(named);
        if let Some(row) = read.unreadable.first() {
            let why = format!("a role definition cannot be read: {}", row.reason);
            self.fault = Some(ScopeFault::Unread(Reason::ReadRefused, why));
        }
    }
}

impl Catalogue for AzureCatalogue {
    fn all(&self, name: &str, _: &str) -> Vec<RoleId> {
        let id = RoleId::new(name.to_lowercase());
        if self.definitions.contains_key(&id) {
            return vec![id];
        }
        let bears = |(_, known): &(&RoleId, &String)| known.eq_ignore_ascii_case(name);
        let found = self.definitions.iter().filter(bears);
        found.map(|(id, _)| id.clone()).collect()
    }

    fn fault(&self, _: &str) -> Option<ScopeFault> {
        self.fault.clone()
    }
}
