//! The schedules of directory roles, as groups ask for them. Many groups that ask at once share the list of the whole tenant,
//! as long as that takes fewer requests than one list for each of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use entra_client::graph::Listed;
use entra_client::{Class, Error, Graph};
use futures::future::join_all;
use parking_lot::Mutex;
use pim_core::ids::{GroupId, PrincipalId};
use pim_core::observed::RoleSchedule;
use pim_core::schedule::Kind;
use tokio::time::Instant;

use crate::reader::coalesce::{Coalescer, Found};
use crate::reader::lookup::asking;

/// How many groups must ask at once before the whole tenant is listed: below that there is nothing to be gained.
const MANY: usize = 3;

/// How long the list of the whole tenant is not tried again after it could not be had.
const AGAIN: Duration = Duration::from_mins(10);

/// The schedules of one tenant.
pub struct DirectorySchedules {
    eligible: Coalescer<PrincipalId, Listed<RoleSchedule>>,
    active: Coalescer<PrincipalId, Listed<RoleSchedule>>,
}

impl DirectorySchedules {
    /// Nothing was read yet.
    pub fn new(graph: &Graph) -> Self {
        Self {
            eligible: of_kind(graph, Kind::Eligible),
            active: of_kind(graph, Kind::Active),
        }
    }

    /// What a group holds by a schedule of a kind.
    pub async fn of_group(
        &self,
        kind: Kind,
        group: GroupId,
    ) -> Result<Listed<RoleSchedule>, Error> {
        let lists = match kind {
            Kind::Eligible => &self.eligible,
            Kind::Active => &self.active,
        };
        Ok(lists.get(&group.into()).await?.unwrap_or_default())
    }
}

fn of_kind(graph: &Graph, kind: Kind) -> Coalescer<PrincipalId, Listed<RoleSchedule>> {
    let failed = LastFailure::default();
    asking(graph, move |graph, groups| {
        read(graph, kind, groups, Arc::clone(&failed))
    })
}

/// When the list of the whole tenant could not be had last.
type LastFailure = Arc<Mutex<Option<Instant>>>;

/// Reads the schedules of some groups. The list of the whole tenant is not tried again at once where it could not be had, or
/// took more than it spares.
async fn read(
    graph: Graph,
    kind: Kind,
    groups: Vec<PrincipalId>,
    failed: LastFailure,
) -> Result<Found<PrincipalId, Listed<RoleSchedule>>, Error> {
    let has_just_failed = failed.lock().is_some_and(|last| last.elapsed() < AGAIN);
    if groups.len() >= MANY && !has_just_failed {
        match graph.all_role_schedules(kind, groups.len() - 1).await {
            // Whose a row is that cannot be read is not known; it must hold up nobody else.
            Ok(Some(listed)) if listed.unreadable.is_empty() => {
                return Ok(of_groups(&groups, listed.rows));
            }
            answer => {
                *failed.lock() = Some(Instant::now());
                if let Err(error) = answer
                    && is_of_the_tenant(&error)
                {
                    return Err(error);
                }
            }
        }
    }
    let lists = groups.into_iter().map(|group| {
        let graph = graph.clone();
        async move { (group, graph.role_schedules(kind, group).await) }
    });
    Ok(join_all(lists).await.into_iter().collect())
}

/// Whether a list of one group would fare no better.
fn is_of_the_tenant(error: &Error) -> bool {
    matches!(
        error.class,
        Class::Unreachable | Class::Throttled | Class::CredentialInvalid | Class::Expired
    )
}

fn of_groups(
    groups: &[PrincipalId],
    rows: Vec<(PrincipalId, RoleSchedule)>,
) -> Found<PrincipalId, Listed<RoleSchedule>> {
    let mut lists: HashMap<PrincipalId, Listed<RoleSchedule>> = groups
        .iter()
        .map(|group| (*group, Listed::default()))
        .collect();
    for (holder, row) in rows {
        if let Some(list) = lists.get_mut(&holder) {
            list.rows.push(row);
        }
    }
    lists
        .into_iter()
        .map(|(group, list)| (group, Ok(list)))
        .collect()
}
