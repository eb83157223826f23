//! What changed in some groups since the last time (learn.microsoft.com: group-delta, delta-query-overview,
//! delta-query-groups). Such answers come late, come twice and leave things out, so they are hints where to look and prove
//! nothing.

use std::collections::{BTreeMap, BTreeSet};

use pim_core::ids::{GroupId, PrincipalId};
use pim_core::schedule::Access;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Graph;
use crate::error::{Class, Error};
use crate::listed::Listed;
use crate::operation::{Operation, OperationName, Place};
use crate::paging::next_place;
use crate::query::{Filter, Query};

/// How many groups one stream of changes can be about (learn.microsoft.com: delta-query-groups).
pub const GROUPS_IN_STREAM: usize = 50;

/// What is told of each group. A link to a member or owner is told by its id only.
const SELECT: &[&str] = &["displayName", "description", "members", "owners"];

/// More pages than a round about fifty groups has: it is given up.
const MOST_PAGES: usize = 200;

/// More links of one group than are worth keeping for a hint.
const MOST_LINKS: usize = 1000;

/// The longest address of a next round that is kept.
const LONGEST_LINK: usize = 16 * 1024;

/// Where a stream of changes begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamStart {
    /// With what happens from now on.
    Now,
    /// With a round about everything that stands, which is thrown away: where the service refuses the other.
    FullRound,
}

/// The changes of some groups, up to a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeStream {
    groups: BTreeSet<GroupId>,
    next: Place,
}

impl ChangeStream {
    /// The groups that it is about.
    pub fn groups(&self) -> &BTreeSet<GroupId> {
        &self.groups
    }
}

/// What a round says of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupChange {
    /// It was deleted.
    Deleted,
    /// Something changed; what it is cannot be read, or the round contradicts itself.
    Unclear,
    /// These things changed.
    Details(ChangeDetails),
}

/// What changed in a group that stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeDetails {
    /// Its name and its description as they are now, if they were told.
    pub properties: Option<(String, Option<String>)>,
    /// Members and owners who came or went.
    pub links: BTreeMap<(Access, PrincipalId), LinkChange>,
}

/// What became of a member or owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkChange {
    /// They are one now.
    Added,
    /// They are none any more.
    Removed,
    /// The round says both, in whatever order.
    Both,
}

impl ChangeDetails {
    /// Takes in what is told of a member or owner.
    fn note(&mut self, link: (Access, PrincipalId), change: LinkChange) {
        let known = self.links.entry(link).or_insert(change);
        if *known != change {
            *known = LinkChange::Both;
        }
    }
}

impl GroupChange {
    /// Takes a later row about the same group in. Rows of one round come in no order that counts.
    fn join(&mut self, other: Self) {
        *self = match (std::mem::replace(self, Self::Unclear), other) {
            (Self::Details(mut known), Self::Details(more)) => {
                known.properties = more.properties.or(known.properties);
                for (link, change) in more.links {
                    known.note(link, change);
                }
                if known.links.len() > MOST_LINKS {
                    Self::Unclear
                } else {
                    Self::Details(known)
                }
            }
            (Self::Deleted, Self::Deleted) => Self::Deleted,
            _ => Self::Unclear,
        };
    }
}

#[derive(Deserialize)]
struct ChangePage {
    value: Vec<Box<RawValue>>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
    #[serde(rename = "@odata.deltaLink")]
    delta: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChangeRow {
    id: GroupId,
    #[serde(rename = "@removed")]
    removed: Option<serde::de::IgnoredAny>,
    display_name: Option<String>,
    description: Option<String>,
    #[serde(rename = "members@delta", default)]
    members: Vec<LinkRow>,
    #[serde(rename = "owners@delta", default)]
    owners: Vec<LinkRow>,
}

#[derive(Deserialize)]
struct LinkRow {
    id: PrincipalId,
    #[serde(rename = "@removed")]
    removed: Option<serde::de::IgnoredAny>,
}

impl From<ChangeRow> for GroupChange {
    fn from(row: ChangeRow) -> Self {
        if row.removed.is_some() {
            return Self::Deleted;
        }
        if row.members.len() + row.owners.len() > MOST_LINKS {
            return Self::Unclear;
        }
        let description = row.description.filter(|text| !text.is_empty());
        let mut details = ChangeDetails {
            properties: row.display_name.map(|name| (name, description)),
            links: BTreeMap::new(),
        };
        for (access, links) in [(Access::Member, row.members), (Access::Owner, row.owners)] {
            for link in links {
                let change = match link.removed {
                    Some(_) => LinkChange::Removed,
                    None => LinkChange::Added,
                };
                details.note((access, link.id), change);
            }
        }
        Self::Details(details)
    }
}

/// What a round says, and where the next one begins.
struct ChangeRound {
    changes: BTreeMap<GroupId, GroupChange>,
    next: Place,
}

impl Graph {
    /// Begins a stream about at most [`GROUPS_IN_STREAM`] groups. Another set of groups is another stream.
    pub async fn begin_group_changes(
        &self,
        groups: &BTreeSet<GroupId>,
        start: StreamStart,
    ) -> Result<ChangeStream, Error> {
        let mut query = Query::new();
        if start == StreamStart::Now {
            query = query.delta_from_now();
        }
        let query = query.filter(Filter::any_of("id", groups)).select(SELECT);
        let first = Operation::get(OperationName::ListGroupChanges, "/groups/delta").query(&query);
        let round = self.round(first, groups).await?;
        let (groups, next) = (groups.clone(), round.next);
        Ok(ChangeStream { groups, next })
    }

    /// What a stream tells since it was last asked, and the stream that goes on from there. One whose token is not known any
    /// more fails as [`Class::Expired`] and is to be begun anew.
    pub async fn group_changes(
        &self,
        stream: &ChangeStream,
    ) -> Result<(BTreeMap<GroupId, GroupChange>, ChangeStream), Error> {
        let operation = Operation::get(OperationName::ListGroupChanges, "/groups/delta");
        let operation = operation.follow(stream.next.clone());
        let ChangeRound { changes, next } = self.round(operation, &stream.groups).await?;
        let groups = stream.groups.clone();
        Ok((changes, ChangeStream { groups, next }))
    }

    /// Reads a round to its end. Nothing is kept of groups that were not asked for.
    async fn round(
        &self,
        first: Operation,
        groups: &BTreeSet<GroupId>,
    ) -> Result<ChangeRound, Error> {
        let mut changes: BTreeMap<GroupId, GroupChange> = BTreeMap::new();
        let mut operation = first.clone();
        for _ in 0..MOST_PAGES {
            let response = self.session.submit(operation).await?;
            let page: ChangePage = response.json()?;
            for (id, change) in rows(&page.value) {
                if groups.contains(&id) {
                    let known = changes.entry(id);
                    known
                        .and_modify(|known| known.join(change.clone()))
                        .or_insert(change);
                }
            }
            let is_last = page.next.is_none();
            let link = page
                .next
                .or(page.delta)
                .filter(|link| link.len() <= LONGEST_LINK);
            let link = link.ok_or_else(|| response.fault("it names no next round"))?;
            let base = self.session.dispatcher.base(first.service());
            let place = base.and_then(|base| next_place(base, &link));
            let next = place.ok_or_else(|| {
                response.fault("the next round is on another host; it is not followed")
            })?;
            if is_last {
                return Ok(ChangeRound { changes, next });
            }
            operation = first.follow(next);
        }
        let error = first.failure(Class::ReadRefused);
        Err(error.saying("the changes of some groups do not end"))
    }
}

/// The rows of a page. Of one that cannot be read, but for its id, it is known that something changed.
fn rows(page: &[Box<RawValue>]) -> Vec<(GroupId, GroupChange)> {
    let listed: Listed<ChangeRow> = Listed::read(page);
    let unclear = listed.unreadable.iter().filter_map(|row| {
        let id = row.id.as_deref()?.parse().ok()?;
        Some((id, GroupChange::Unclear))
    });
    let unclear: Vec<_> = unclear.collect();
    let rows = listed.rows.into_iter().map(|row| (row.id, row.into()));
    rows.chain(unclear).collect()
}
