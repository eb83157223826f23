//! The directory roles of a tenant, read once in an hour and again when a name is not found; and who holds them, whatever
//! made it so.

use std::sync::Arc;
use std::time::Duration;

use entra_client::graph::RoleDefinition;
use entra_client::{Error, Graph};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use parking_lot::Mutex;
use pim_core::desired::Role;
use pim_core::ids::{GroupId, PrincipalId, RoleDefinitionId};
use pim_core::observed::PlainRole;
use tokio::time::Instant;

use super::coalesce::{Coalescer, Found};
use super::lookup::{asking, grouped, unknown};

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
    kept: Mutex<Kept>,
    plain: Coalescer<PrincipalId, Vec<PlainRole>>,
}

/// What was read last, and the read that is under way. Everybody who waits shares its answer, also when it failed:
/// otherwise each would wait for a silent tenant after the other.
#[derive(Default)]
struct Kept {
    directory: Option<(Arc<RoleDirectory>, Instant)>,
    underway: Option<Underway>,
}

type Underway = Shared<BoxFuture<'static, Result<Arc<RoleDirectory>, Error>>>;

impl Roles {
    /// Reads on top of a client.
    pub fn new(graph: Graph) -> Self {
        Self {
            plain: asking(&graph, held),
            graph,
            kept: Mutex::default(),
        }
    }

    /// The roles, in which all these names are looked for.
    pub async fn with(&self, names: &[&str]) -> Result<Arc<RoleDirectory>, Error> {
        let directory = self.read(KEEP).await?;
        if names
            .iter()
            .all(|name| directory.find(name) != Role::NotFound)
        {
            return Ok(directory);
        }
        self.read(AGAIN).await
    }

    /// The roles that a group holds, whatever made them, under the ids that the service lists.
    pub async fn plain(&self, group: GroupId) -> Result<Vec<PlainRole>, Error> {
        Ok(self.plain.get(&group.into()).await?.unwrap_or_default())
    }

    async fn read(&self, younger_than: Duration) -> Result<Arc<RoleDirectory>, Error> {
        let underway = {
            let mut kept = self.kept.lock();
            if let Some((directory, read)) = &kept.directory
                && read.elapsed() < younger_than
            {
                return Ok(Arc::clone(directory));
            }
            kept.underway
                .get_or_insert_with(|| ask(self.graph.clone()))
                .clone()
        };
        let answer = underway.clone().await;
        let mut kept = self.kept.lock();
        if kept
            .underway
            .as_ref()
            .is_some_and(|known| known.ptr_eq(&underway))
        {
            kept.underway = None;
            if let Ok(directory) = &answer {
                kept.directory = Some((Arc::clone(directory), Instant::now()));
            }
        }
        answer
    }
}

fn ask(graph: Graph) -> Underway {
    let read = async move {
        let listed = graph.role_definitions().await?;
        Ok(Arc::new(RoleDirectory {
            definitions: listed.rows,
        }))
    };
    read.boxed().shared()
}

async fn held(
    graph: Graph,
    ids: Vec<PrincipalId>,
) -> Result<Found<PrincipalId, Vec<PlainRole>>, Error> {
    let listed = graph.role_assignments(&ids).await?;
    let unknown = unknown(&ids, &listed, |_, _| true);
    Ok(grouped(listed.rows, unknown))
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
