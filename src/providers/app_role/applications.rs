//! Which roles applications declare. They are read once in an hour, and again where a name is not found among them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use entra_client::graph::{AppRoleAssignment, EnterpriseApplication};
use entra_client::{Error, Graph};
use futures::future::join_all;
use pim_core::ids::AppId;
use pim_core::observed::ScopeFault;
use pim_core::role::RoleId;
use uuid::Uuid;

use crate::providers::kept::{KEEP, Kept};
use crate::providers::{Catalogue, scope_fault};
use crate::reader::coalesce::{Coalescer, Found};
use crate::reader::lookup::{asking, single, unknown};

/// Where applications are looked up, and what was read of them last.
pub struct ApplicationBook {
    kept: Kept<AppId, Option<EnterpriseApplication>>,
    reads: Coalescer<AppId, EnterpriseApplication>,
}

/// What is known of some applications at one moment, by client id: nothing of those that the tenant does not have, and why
/// nothing is known of the others. Trouble with one of them is trouble of its roles alone.
#[derive(Default)]
pub struct Applications(BTreeMap<AppId, Result<Option<EnterpriseApplication>, ScopeFault>>);

impl ApplicationBook {
    pub fn new(graph: &Graph) -> Self {
        Self {
            kept: Kept::new(KEEP),
            reads: asking(graph, found),
        }
    }

    /// Reads some applications, unless that was done a short time ago.
    pub async fn read(&self, wanted: &BTreeSet<AppId>, younger_than: Duration) -> Applications {
        let reads = wanted.iter().map(|id| async move {
            if let Some(one) = self.kept.get(id, younger_than) {
                return (*id, Ok(one));
            }
            let read = self.reads.get(id).await;
            if let Ok(one) = &read {
                self.kept.put(id, one.clone());
            }
            (*id, read.map_err(|error| scope_fault::of(&error)))
        });
        Applications(join_all(reads).await.into_iter().collect())
    }

    /// Forgets the application of a scope: it may have been deleted and added again.
    pub fn forget(&self, scope: &str) {
        if let Ok(id) = scope.parse() {
            self.kept.forget(&id);
        }
    }
}

async fn found(
    graph: Graph,
    ids: Vec<AppId>,
) -> Result<Found<AppId, EnterpriseApplication>, Error> {
    let listed = graph.enterprise_applications(&ids).await?;
    let missing: Vec<AppId> = ids
        .into_iter()
        .filter(|id| !listed.rows.iter().any(|one| one.app_id == *id))
        .collect();
    // Which of those that were asked for a row is that cannot be read is not known; it is none of those that can.
    let unknown = unknown(&missing, &listed, |_, _| true);
    let rows = listed.rows.into_iter();
    Ok(single(rows.map(|one| (one.app_id, one)), unknown))
}

/// The applications that scopes name.
pub fn named<'a>(scopes: impl IntoIterator<Item = &'a str>) -> BTreeSet<AppId> {
    let scopes = scopes.into_iter();
    scopes.filter_map(|scope| scope.parse().ok()).collect()
}

impl Applications {
    /// The application of a scope, if the tenant has it.
    pub fn of(&self, scope: &str) -> Option<&EnterpriseApplication> {
        let id: AppId = scope.parse().ok()?;
        self.0.get(&id)?.as_ref().ok()?.as_ref()
    }

    /// The application whose role an assignment gives, if it is one of them.
    pub fn owner(&self, row: &AppRoleAssignment) -> Option<&EnterpriseApplication> {
        let mut all = self.0.values().flatten().flatten();
        all.find(|one| one.id == row.resource_id)
    }

    /// These, with others that were read later.
    #[must_use]
    pub fn with(mut self, later: Self) -> Self {
        self.0.extend(later.0);
        self
    }
}

impl Catalogue for Applications {
    /// A role without a value is found by its id; an application without roles has the one of zeros.
    fn all(&self, name: &str, scope: &str) -> Vec<RoleId> {
        let Some(application) = self.of(scope) else {
            return Vec::new();
        };
        let zeros = RoleId::new(Uuid::nil().to_string());
        if application.app_roles.is_empty() {
            return Vec::from_iter((name == zeros.as_str()).then_some(zeros));
        }
        let bears = |role: &RoleId, value: Option<&str>| {
            role.as_str().eq_ignore_ascii_case(name)
                || value.is_some_and(|value| value.eq_ignore_ascii_case(name))
        };
        let roles = application.app_roles.iter();
        roles
            .filter(|role| role.takes_groups() && bears(&role.id, role.value.as_deref()))
            .map(|role| role.id.clone())
            .collect()
    }

    fn fault(&self, scope: &str) -> Option<ScopeFault> {
        let id: AppId = scope.parse().ok()?;
        match self.0.get(&id)? {
            Ok(Some(_)) => None,
            Ok(None) => Some(ScopeFault::Missing(format!(
                "the tenant has no enterprise application with the client id {id}; add it, or correct spec.appRole.application"
            ))),
            Err(fault) => Some(fault.clone()),
        }
    }
}
