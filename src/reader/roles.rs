//! The directory roles of a tenant: read once in an hour, and again when a name is not found.

use std::sync::Arc;
use std::time::Duration;

use entra_client::graph::directory_roles::RoleDefinition;
use entra_client::{Error, Graph};
use pim_core::desired::Role;
use pim_core::ids::RoleDefinitionId;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Reader;

/// How long the list is believed.
const KEEP: Duration = Duration::from_hours(1);

/// How soon it is read again for a name that it does not hold: a role may just have been made.
const AGAIN: Duration = Duration::from_mins(1);

/// All role definitions of a tenant at one moment.
#[derive(Debug, Default)]
pub struct RoleDirectory {
    definitions: Vec<RoleDefinition>,
}

/// Reads the roles.
pub struct Roles {
    graph: Graph,
    kept: Mutex<Option<(Arc<RoleDirectory>, Instant)>>,
}

impl Roles {
    /// Reads on top of a client.
    pub fn new(graph: Graph) -> Self {
        Self {
            graph,
            kept: Mutex::new(None),
        }
    }

    async fn read(&self, younger_than: Duration) -> Result<Arc<RoleDirectory>, Error> {
        let mut kept = self.kept.lock().await;
        if let Some((directory, read)) = &*kept
            && read.elapsed() < younger_than
        {
            return Ok(Arc::clone(directory));
        }
        let directory = Arc::new(RoleDirectory {
            definitions: self.graph.role_definitions().await?,
        });
        *kept = Some((Arc::clone(&directory), Instant::now()));
        Ok(directory)
    }
}

impl Reader {
    /// The roles, in which all these names are looked for.
    pub async fn roles(&self, names: &[&str]) -> Result<Arc<RoleDirectory>, Error> {
        let directory = self.roles.read(KEEP).await?;
        if names
            .iter()
            .all(|name| directory.find(name) != Role::NotFound)
        {
            return Ok(directory);
        }
        self.roles.read(AGAIN).await
    }
}

impl RoleDirectory {
    /// Every role that bears a name or id. Names are compared without regard to case: the service finds only the exact
    /// case, people do not write it.
    pub fn all(&self, name: &str) -> Vec<RoleDefinitionId> {
        let id = name.parse::<RoleDefinitionId>().ok();
        let bears = |role: &&RoleDefinition| match id {
            Some(id) => role.id == id || role.template_id == Some(id),
            None => role.display_name.eq_ignore_ascii_case(name),
        };
        self.definitions
            .iter()
            .filter(bears)
            .map(|role| role.id)
            .collect()
    }

    /// The one role that bears a name or id.
    pub fn find(&self, name: &str) -> Role {
        match self.all(name).as_slice() {
            [] => Role::NotFound,
            [role] => Role::Found(*role),
            several => Role::Ambiguous(several.to_vec()),
        }
    }

    /// The id under which a role is declared: custom roles are listed under their own id or under their template's.
    pub fn canonical(&self, id: RoleDefinitionId) -> RoleDefinitionId {
        let known = self
            .definitions
            .iter()
            .find(|role| role.id == id || role.template_id == Some(id));
        known.map_or(id, |role| role.id)
    }
}
