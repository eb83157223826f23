//! The schedules of directory roles, as groups ask for them. Many groups that ask at once share the list of the whole tenant,
//! as long as that takes fewer requests than one list for each of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use entra_client::graph::Listed;
use entra_client::{Class, Error, Graph};
use futures::future::join_all;
use pim_core::ids::{GroupId, PrincipalId};
use pim_core::observed::RoleSchedule;
use pim_core::schedule::Kind;

use crate::reader::coalesce::{Coalescer, Found};
use crate::reader::lookup::asking;

/// How many rows the service lists at once (learn.microsoft.com: paging Microsoft Graph data), at least.
const PAGE: usize = 100;

/// How many groups must ask at once before the whole tenant is listed: below that there is nothing to be gained.
const MANY: usize = 3;

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
    let pages = Arc::new(AtomicUsize::new(1));
    asking(graph, move |graph, groups| {
        read(graph, kind, groups, Arc::clone(&pages))
    })
}

/// Reads the schedules of some groups. `pages` is what the list of the whole tenant took last time; it is not tried again in
/// vain where it cannot be had, or would take more than it spares.
async fn read(
    graph: Graph,
    kind: Kind,
    groups: Vec<PrincipalId>,
    pages: Arc<AtomicUsize>,
) -> Result<Found<PrincipalId, Listed<RoleSchedule>>, Error> {
    if groups.len() >= MANY && groups.len() > pages.load(Ordering::Relaxed) {
        match graph.all_role_schedules(kind).await {
            // Whose a row is that cannot be read is not known; it must hold up nobody else.
            Ok(listed) if listed.unreadable.is_empty() => {
                pages.store(1 + listed.rows.len() / PAGE, Ordering::Relaxed);
                return Ok(of_groups(&groups, listed.rows));
            }
            Err(error) if is_of_the_tenant(&error) => return Err(error),
            _ => pages.store(usize::MAX, Ordering::Relaxed),
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
