//! Finds the group of an object: by the key that it bears, and by the id under which it was last seen. Every search for it
//! is a search for others under the same key, too.

use std::collections::BTreeSet;

use entra_client::Error;
use entra_client::graph::ListedGroup;
use jiff::Timestamp;
use pim_core::desired::{Assignability, Undeclared};
use pim_core::ids::{GroupId, GroupKey, ObjectName};
use pim_core::knowledge::{GROUP_GONE, later};
use pim_core::observed::{Group, Presence};
use pim_core::role::{RoleScope, RoleSystem};

use super::tenant::Reader;

/// Which group to look for.
#[derive(Debug, Clone)]
pub struct GroupTarget {
    /// Namespace and name of the object.
    pub name: ObjectName,
    /// The identity that the group bears.
    pub key: GroupKey,
    /// The existing group that is meant instead of one that bears the key.
    pub adopted: Option<GroupId>,
    /// Whether it can hold directory roles: a key is looked for only among groups of the declared kind.
    pub assignability: Assignability,
    /// Where it was last seen, or what the answer to its creation named.
    pub known: Option<GroupId>,
    /// Where its roles are declared. What lies elsewhere is looked at only where the service tells it anyway.
    pub role_scopes: BTreeSet<(RoleSystem, RoleScope)>,
    /// Where such roles are declared of which the service keeps schedules.
    pub schedule_scopes: BTreeSet<(RoleSystem, RoleScope)>,
    /// Whether roles are looked for that nobody declares.
    pub undeclared_roles: Undeclared,
    /// Whether members and owners matter whom PIM does not list.
    pub plain_people: PlainPeople,
    /// Whether it matters in which administrative units it is.
    pub unit: UnitLook,
}

/// Whether the administrative units are read that a group is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitLook {
    /// They are read at the beginning of a pass: one is declared.
    EachPass,
    /// Nobody wants to know.
    Never,
}

/// When members and owners are read as the directory lists them, beside where a plan needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainPeople {
    /// At the beginning of a pass: somebody is denied, who may be among them, or somebody asks for this very group.
    AtOnce,
    /// Once in an hour, and when something is told of them: it is looked for who is there past PIM.
    Hourly,
    /// Never.
    OnDemand,
}

/// What a search for a group has found.
#[derive(Debug, Clone)]
pub struct FoundGroup {
    /// Whether the group exists, is deleted, or is absent.
    pub presence: Presence,
    /// Other living groups that bear its key.
    pub duplicates: Vec<GroupId>,
}

impl From<Presence> for FoundGroup {
    fn from(presence: Presence) -> Self {
        Self {
            presence,
            duplicates: Vec::new(),
        }
    }
}

impl Reader {
    /// Finds a group as [`observe`](super::observe) does, and reads nothing of what it holds.
    pub async fn find_group(&self, target: &GroupTarget) -> Result<FoundGroup, Error> {
        find(self, target).await
    }
}

/// Finds the group. What bears the key is listed first: the index that serves this lags, so what it does not show is
/// looked for by its id, where that is known.
pub async fn find(reader: &Reader, target: &GroupTarget) -> Result<FoundGroup, Error> {
    if let Some(id) = target.adopted {
        return adopted(reader, target, id).await;
    }
    let living = of_kind(reader.groups.by_key.get(&target.key).await?, target);
    let Some(known) = target.known else {
        return by_key_alone(reader, target, &living).await;
    };
    let (ours, others): (Vec<ListedGroup>, Vec<ListedGroup>) =
        living.into_iter().partition(|row| row.group.id == known);
    if let Some(group) = ours.first() {
        return Ok(seen(reader, target, beside(group, &others)));
    }
    if let Some(group) = reader.groups.by_id.get(&known).await? {
        let found = if bears_key(&group, target) {
            beside(&group, &others)
        } else {
            Presence::KeyMismatch(known).into()
        };
        return Ok(seen(reader, target, found));
    }
    by_key_alone(reader, target, &others).await
}

/// Finds the group after we deleted it: where it shows among the deleted items, nothing else is asked.
pub async fn deleted_first(reader: &Reader, target: &GroupTarget) -> Result<FoundGroup, Error> {
    let all = deleted_groups(reader, target).await?;
    let ours = latest(all.iter().filter(|row| Some(row.group.id) == target.known));
    if let Some(group) = ours {
        let since = deleted_since(reader, target);
        return Ok(Presence::Deleted { group, since }.into());
    }
    find(reader, target).await
}

/// Finds a group that is named by its id, whatever it bears: among the living, among the deleted items, and where no list
/// shows it, by asking for it alone.
async fn adopted(reader: &Reader, target: &GroupTarget, id: GroupId) -> Result<FoundGroup, Error> {
    let living = |row: ListedGroup| seen(reader, target, Presence::Living(row.group).into());
    if let Some(row) = reader.groups.by_id.get(&id).await? {
        return Ok(living(row));
    }
    let graph = reader.graph();
    if let Some(row) = graph.deleted_group_by_id(id).await? {
        let (group, since) = (row.group, deleted_since(reader, target));
        return Ok(Presence::Deleted { group, since }.into());
    }
    if let Some(row) = graph.group_by_id(id).await? {
        return Ok(living(row));
    }
    let since = absent_since(reader, target);
    Ok(Presence::Absent { since }.into())
}

/// What is found under the key, where no group is known by its id.
async fn by_key_alone(
    reader: &Reader,
    target: &GroupTarget,
    groups: &[ListedGroup],
) -> Result<FoundGroup, Error> {
    match groups {
        [group] => Ok(seen(reader, target, beside(group, &[]))),
        [] => deleted(reader, target).await,
        several => Ok(seen(reader, target, twins(several).into())),
    }
}

fn beside(group: &ListedGroup, others: &[ListedGroup]) -> FoundGroup {
    FoundGroup {
        presence: Presence::Living(group.group.clone()),
        duplicates: others.iter().map(|row| row.group.id).collect(),
    }
}

fn twins(groups: &[ListedGroup]) -> Presence {
    Presence::Duplicates(groups.iter().map(|row| row.group.id).collect())
}

fn of_kind(groups: Option<Vec<ListedGroup>>, target: &GroupTarget) -> Vec<ListedGroup> {
    let mut groups = groups.unwrap_or_default();
    groups.retain(|row| row.assignability == target.assignability);
    groups
}

/// Looks among the deleted items: for the group that is known, else for the one that was deleted last, which is the one
/// that lived last.
async fn deleted(reader: &Reader, target: &GroupTarget) -> Result<FoundGroup, Error> {
    let all = deleted_groups(reader, target).await?;
    if let Some(group) = latest(all.iter().filter(|group| is_meant(target, group))) {
        let since = deleted_since(reader, target);
        return Ok(Presence::Deleted { group, since }.into());
    }
    // A list that lags is not asked alone about an id that the service gave.
    if let Some(known) = target.known
        && let Some(group) = reader.graph().group_by_id(known).await?
        && bears_key(&group, target)
    {
        let presence = Presence::Living(group.group);
        return Ok(seen(reader, target, presence.into()));
    }
    // Another one that was deleted says nothing of the known one, which may only be hidden.
    let since = absent_since(reader, target);
    let is_hidden = later(since, GROUP_GONE) > reader.now();
    let presence = match latest(all.iter().filter(|_| !is_hidden)) {
        Some(group) => Presence::Deleted { group, since },
        None => Presence::Absent { since },
    };
    Ok(presence.into())
}

async fn deleted_groups(reader: &Reader, target: &GroupTarget) -> Result<Vec<ListedGroup>, Error> {
    let all = reader.groups.deleted.get(&target.key).await?;
    Ok(of_kind(all, target))
}

fn is_meant(target: &GroupTarget, group: &ListedGroup) -> bool {
    target.known.is_none_or(|known| group.group.id == known)
}

fn latest<'a>(groups: impl Iterator<Item = &'a ListedGroup>) -> Option<Group> {
    let latest = groups.max_by_key(|row| row.deleted);
    latest.map(|row| row.group.clone())
}

fn bears_key(row: &ListedGroup, target: &GroupTarget) -> bool {
    let is_its_key = |key: &GroupKey| key.as_str().eq_ignore_ascii_case(target.key.as_str());
    row.key.as_ref().is_some_and(is_its_key) && row.assignability == target.assignability
}

fn seen(reader: &Reader, target: &GroupTarget, found: FoundGroup) -> FoundGroup {
    reader.found(&target.name);
    found
}

/// Since when the group is not found.
fn absent_since(reader: &Reader, target: &GroupTarget) -> Timestamp {
    let now = reader.now();
    reader.notes.with(&target.name, |notes| {
        *notes.missing_since.get_or_insert(now)
    })
}

/// Since when the group is found among the deleted items. That is no absence: one that is restored begins a new one.
fn deleted_since(reader: &Reader, target: &GroupTarget) -> Timestamp {
    let now = reader.now();
    reader.notes.with(&target.name, |notes| {
        notes.missing_since = None;
        *notes.deleted_since.get_or_insert(now)
    })
}
