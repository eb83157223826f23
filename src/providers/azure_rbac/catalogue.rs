//! The roles of Azure: built-in ones, which are the same everywhere, and those that somebody made, which exist at the scopes
//! at which they may be assigned.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use entra_client::ResourceManager;
use entra_client::azure::{AzureRoleDefinition, AzureRoleOrigin};
use futures::future::join_all;
use parking_lot::Mutex;
use pim_core::observed::ScopeFault;
use pim_core::role::{RoleId, RoleReference, RoleScope, RoleSystem};
use tokio::time::Instant;

use super::scopes::{ListRoot, Refusals};
use crate::providers::Catalogue;

/// How long definitions are believed.
const KEEP: Duration = Duration::from_hours(1);

/// How soon they are read again for a name that they do not hold: a role may just have been made.
const AGAIN: Duration = Duration::from_mins(1);

/// The definitions at one place.
type Definitions = Arc<Vec<AzureRoleDefinition>>;

/// Where roles are looked up, and what was read there last.
pub struct RoleBook {
    manager: ResourceManager,
    kept: Mutex<HashMap<ListRoot, (Definitions, Instant)>>,
    reading: tokio::sync::Mutex<()>,
    refusals: Refusals,
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
            manager: manager.clone(),
            kept: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            refusals: Refusals::default(),
        }
    }

    /// The roles among which some are named.
    pub async fn read(&self, wanted: &[RoleReference<'_>]) -> AzureCatalogue {
        if wanted.is_empty() {
            return AzureCatalogue::default();
        }
        let places: BTreeSet<ListRoot> = wanted
            .iter()
            .map(|role| ListRoot::of(&RoleScope::of(RoleSystem::AZURE, role.scope)))
            .filter(ListRoot::is_place)
            .chain([everywhere()])
            .collect();
        let known = self.at(&places, KEEP).await;
        if wanted.iter().all(|role| !known.all(role.role).is_empty()) {
            return known;
        }
        self.at(&places, AGAIN).await
    }

    async fn at(&self, places: &BTreeSet<ListRoot>, younger_than: Duration) -> AzureCatalogue {
        // One after the other: whoever waits finds what the one before has read.
        let _turn = self.reading.lock().await;
        let mut roles = AzureCatalogue::default();
        let kept = places
            .iter()
            .map(|place| self.definitions_at(place, younger_than));
        for definitions in join_all(kept).await {
            match definitions {
                Ok(definitions) => roles.extend(&definitions),
                // No role is found in a place that there is not; that is told by whoever reads what is held there.
                Err(ScopeFault::Missing(_)) => {}
                Err(fault) => roles.fault = Some(fault),
            }
        }
        roles
    }

    async fn definitions_at(
        &self,
        place: &ListRoot,
        younger_than: Duration,
    ) -> Result<Definitions, ScopeFault> {
        let known = self.kept.lock().get(place).cloned();
        if let Some((definitions, read)) = &known
            && read.elapsed() < younger_than
        {
            return Ok(Arc::clone(definitions));
        }
        let origin = if *place == everywhere() {
            AzureRoleOrigin::BuiltIn
        } else {
            AzureRoleOrigin::Custom
        };
        let scope = place.as_str().trim_end_matches('/');
        let read = self.manager.role_definitions(scope, origin);
        match (self.refusals.unless_refused(place, read).await, known) {
            (Ok(listed), _) => {
                let definitions = Arc::new(listed.rows);
                let read = (Arc::clone(&definitions), Instant::now());
                self.kept.lock().insert(place.clone(), read);
                Ok(definitions)
            }
            // Definitions hardly ever change.
            (Err(_), Some((definitions, _))) => Ok(definitions),
            (Err(fault), None) => Err(fault),
        }
    }
}

/// The place that has the built-in roles.
fn everywhere() -> ListRoot {
    ListRoot::of(&RoleScope::of(RoleSystem::AZURE, "/"))
}

impl AzureCatalogue {
    fn extend(&mut self, definitions: &[AzureRoleDefinition]) {
        let named = definitions
            .iter()
            .map(|role| (role.id.clone(), role.name.clone()));
        self.definitions.extend(named);
    }
}

impl Catalogue for AzureCatalogue {
    fn all(&self, name: &str) -> Vec<RoleId> {
        let id = RoleId::new(name.to_lowercase());
        if self.definitions.contains_key(&id) {
            return vec![id];
        }
        let bears = |(_, known): &(&RoleId, &String)| known.eq_ignore_ascii_case(name);
        let found = self.definitions.iter().filter(bears);
        found.map(|(id, _)| id.clone()).collect()
    }

    fn fault(&self) -> Option<ScopeFault> {
        self.fault.clone()
    }
}
