//! The roles of Intune, and which of them assignments give. Definitions are read once in an hour, and again where a name is not
//! found among them; the role of an assignment never changes.

use std::sync::Arc;
use std::time::Duration;

use entra_client::graph::{IntuneAssignment, IntuneRoleDefinition, Listed};
use entra_client::{Class, Error, Graph};
use futures::FutureExt;
use pim_core::ids::RoleAssignmentId;
use pim_core::observed::ScopeFault;
use pim_core::role::{RoleId, RoleReference};

use crate::providers::kept::{AGAIN, KEEP, Kept};
use crate::providers::{Catalogue, scope_fault};
use crate::reader::coalesce::Coalescer;

/// How long questions are gathered before they are asked together.
const GATHER: Duration = Duration::from_millis(20);

/// How long the role of an assignment is kept.
const FORGET: Duration = Duration::from_hours(24);

/// What Intune lists, each list under its own coalescer: it is the same for all groups.
pub struct IntuneBook {
    graph: Graph,
    assignments: Coalescer<(), Arc<Listed<IntuneAssignment>>>,
    definitions: Coalescer<(), IntuneDefinitions>,
    kept: Kept<(), IntuneDefinitions>,
    roles: Kept<RoleAssignmentId, RoleId>,
}

type IntuneDefinitions = Arc<Listed<IntuneRoleDefinition>>;

/// The roles that are known at one moment, and why they may be old.
#[derive(Default)]
pub struct IntuneCatalogue {
    definitions: IntuneDefinitions,
    fault: Option<ScopeFault>,
}

impl IntuneBook {
    pub fn new(graph: &Graph) -> Self {
        Self {
            assignments: one(
                graph,
                |graph| async move { graph.intune_assignments().await },
            ),
            definitions: one(graph, |graph| async move { graph.intune_roles().await }),
            kept: Kept::new(FORGET),
            roles: Kept::new(FORGET),
            graph: graph.clone(),
        }
    }

    /// Who holds what.
    pub async fn assignments(&self) -> Result<Arc<Listed<IntuneAssignment>>, Error> {
        Ok(self.assignments.get(&()).await?.unwrap_or_default())
    }

    /// The role that an assignment gives; nothing if it was deleted in this moment.
    pub async fn role_of(&self, assignment: &RoleAssignmentId) -> Result<Option<RoleId>, Error> {
        if let Some(role) = self.roles.get(assignment, FORGET) {
            return Ok(Some(role));
        }
        match self.graph.role_of_intune_assignment(assignment).await {
            Ok(role) => {
                let role = RoleId::new(role.as_str().to_lowercase());
                self.roles.put(assignment, role.clone());
                Ok(Some(role))
            }
            Err(error) if error.class == Class::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The roles among which some are named.
    pub async fn catalogue(&self, wanted: &[RoleReference<'_>]) -> IntuneCatalogue {
        if wanted.is_empty() {
            return IntuneCatalogue::default();
        }
        let known = self.definitions(KEEP).await;
        if known.fault.is_some() || wanted.iter().all(|role| known.has(role)) {
            return known;
        }
        self.definitions(AGAIN).await
    }

    /// What a role is called that was read before.
    pub fn name(&self, role: &RoleId) -> Option<String> {
        let known = self.kept.get(&(), Duration::MAX)?;
        let mut rows = known.rows.iter();
        rows.find(|row| row.id == *role)
            .map(|row| row.display_name.clone())
    }

    async fn definitions(&self, younger_than: Duration) -> IntuneCatalogue {
        let mut known = IntuneCatalogue::default();
        if let Some(definitions) = self.kept.get(&(), younger_than) {
            known.definitions = definitions;
            return known;
        }
        match self.definitions.get(&()).await {
            Ok(read) => {
                known.definitions = read.unwrap_or_default();
                self.kept.put(&(), Arc::clone(&known.definitions));
            }
            // Definitions hardly ever change, so those that are known still lead to roles, however old they are.
            Err(error) => {
                known.definitions = self.kept.get(&(), Duration::MAX).unwrap_or_default();
                known.fault = Some(scope_fault::of(&error));
            }
        }
        known
    }
}

/// Reads one list for all who ask at about the same time.
fn one<T, A>(
    graph: &Graph,
    ask: impl Fn(Graph) -> A + Send + Sync + 'static,
) -> Coalescer<(), Arc<T>>
where
    T: Send + Sync + 'static,
    A: Future<Output = Result<T, Error>> + Send + 'static,
{
    let graph = graph.clone();
    Coalescer::new(GATHER, move |_| {
        let read = ask(graph.clone());
        read.map(|read| Ok([((), read.map(Arc::new))].into()))
    })
}

impl Catalogue for IntuneCatalogue {
    fn all(&self, name: &str, _: &str) -> Vec<RoleId> {
        let id = |role: &IntuneRoleDefinition| RoleId::new(role.id.as_str().to_lowercase());
        let rows = self.definitions.rows.iter();
        let bears = |role: &&IntuneRoleDefinition| {
            role.id.as_str().eq_ignore_ascii_case(name)
                || role.display_name.eq_ignore_ascii_case(name)
        };
        rows.filter(bears).map(id).collect()
    }

    fn fault(&self, _: &str) -> Option<ScopeFault> {
        self.fault.clone()
    }
}
