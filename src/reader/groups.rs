//! Look-ups of groups: by id, by key among the living and the deleted, by display name. Which of them is meant is decided
//! in `find`.

use entra_client::graph::{Listed, ListedGroup};
use entra_client::{Error, Graph};
use pim_core::ids::{GroupId, GroupKey};

use super::coalesce::{Coalescer, Found};
use super::lookup::{asking, grouped, single, unknown};

/// Look-ups of groups, which send the requests of many callers together.
pub struct Groups {
    /// Groups that are not deleted, by object id.
    pub by_id: Coalescer<GroupId, ListedGroup>,
    /// Living groups that bear a key.
    pub by_key: Coalescer<GroupKey, Vec<ListedGroup>>,
    /// Soft-deleted groups that bear a key.
    pub deleted: Coalescer<GroupKey, Vec<ListedGroup>>,
    /// Living groups with a display name.
    pub by_name: Coalescer<String, Vec<ListedGroup>>,
}

impl Groups {
    /// Look-ups on top of a client.
    pub fn new(graph: &Graph) -> Self {
        Self {
            by_id: asking(graph, by_id),
            by_key: asking(graph, by_key),
            deleted: asking(graph, deleted_by_key),
            by_name: asking(graph, by_display_name),
        }
    }
}

async fn by_id(graph: Graph, ids: Vec<GroupId>) -> Result<Found<GroupId, ListedGroup>, Error> {
    let listed = graph.groups(&ids).await?;
    let unknown = unknown(&ids, &listed, |id, row| row.may_have_id(&id.to_string()));
    let rows = listed.rows.into_iter().map(|row| (row.group.id, row));
    Ok(single(rows, unknown))
}

async fn by_key(
    graph: Graph,
    keys: Vec<GroupKey>,
) -> Result<Found<GroupKey, Vec<ListedGroup>>, Error> {
    Ok(under_keys(&keys, graph.groups_by_nickname(&keys).await?))
}

async fn deleted_by_key(
    graph: Graph,
    keys: Vec<GroupKey>,
) -> Result<Found<GroupKey, Vec<ListedGroup>>, Error> {
    let listed = graph.deleted_groups_by_nickname(&keys).await?;
    Ok(under_keys(&keys, listed))
}

fn under_keys(keys: &[GroupKey], listed: Listed<ListedGroup>) -> Found<GroupKey, Vec<ListedGroup>> {
    // A row that does not even tell its nickname may bear any of the keys.
    let unknown = unknown(keys, &listed, |key, row| {
        row.may_have_nickname(key.as_str())
    });
    let rows = listed.rows.into_iter().filter_map(|row| {
        // The service compares without regard to case; our keys are lower case.
        let key = GroupKey::new(row.key.as_ref()?.as_str().to_lowercase());
        Some((key, row))
    });
    grouped(rows, unknown)
}

/// Groups that cannot be read are nobody's namesakes.
async fn by_display_name(
    graph: Graph,
    names: Vec<String>,
) -> Result<Found<String, Vec<ListedGroup>>, Error> {
    let texts: Vec<&str> = names.iter().map(String::as_str).collect();
    let listed = graph.groups_by_display_name(&texts).await?;
    let rows = listed.rows.into_iter().filter_map(|row| {
        let name = row.group.display_name.to_lowercase();
        let asked = names.iter().find(|asked| asked.to_lowercase() == name)?;
        Some((asked.clone(), row))
    });
    Ok(grouped(rows, Vec::new()))
}
