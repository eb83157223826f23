//! One look at one group: finds the group, reads its schedules, roles and policies, each as one list. A second look in
//! the same pass reads only what was written since.

use entra_client::Error;
use entra_client::graph::groups::Group;
use jiff::{SignedDuration, Timestamp};
use pim_core::desired::Assignability;
use pim_core::ids::{GroupId, GroupKey, ObjectName};
use pim_core::observed::{PlainRole, PlainRoles, Policies, Presence, RoleSchedule, Schedule, Unit};

use super::roles::RoleDirectory;
use super::{Onboarding, POLICIES_AFTER, Reader, convert};

/// Which group to look at.
#[derive(Debug, Clone)]
pub struct Target {
    /// Namespace and name of the object.
    pub name: ObjectName,
    /// The identity that the group bears.
    pub key: GroupKey,
    /// Whether it can hold directory roles: a key is looked for only among groups of the declared kind.
    pub assignability: Assignability,
    /// Where it was last seen.
    pub last_seen: Option<GroupId>,
}

/// What to read in a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Now.
    Now,
    /// Only if what is known has grown too old.
    IfOld,
    /// What is known is good enough.
    Keep,
}

/// What was read before in the same pass, and which parts of it to read again.
#[derive(Debug, Clone)]
pub struct Previous {
    /// The earlier look, if there was one.
    pub unit: Option<Unit>,
    /// The group itself.
    pub group: Reading,
    /// Eligibilities.
    pub eligible: Reading,
    /// Active assignments.
    pub active: Reading,
    /// Roles by schedule.
    pub roles: Reading,
    /// Plain roles.
    pub plain_roles: Reading,
    /// Policies.
    pub policies: Reading,
}

impl Previous {
    /// A first look: everything but what costs extra and what changes rarely.
    pub fn first(policies: Reading) -> Self {
        Self {
            unit: None,
            group: Reading::Now,
            eligible: Reading::Now,
            active: Reading::Now,
            roles: Reading::Now,
            plain_roles: Reading::Keep,
            policies,
        }
    }

    /// A first look that takes over what an earlier pass saw, and reads the group and what has grown too old.
    pub fn resting_on(unit: Unit, policies: Reading) -> Self {
        Self {
            group: Reading::Now,
            policies,
            ..Self::again(unit)
        }
    }

    /// After the service has made the group: it holds nothing and nobody is in it.
    pub fn made_now(&mut self) {
        self.group = Reading::Now;
        self.policies = Reading::Now;
        if let Some(unit) = &mut self.unit {
            unit.eligible.clear();
            unit.active.clear();
            unit.roles.clear();
            unit.plain_roles = PlainRoles::Fresh(Vec::new());
        }
    }

    /// A further look that reads nothing unless told so.
    pub fn again(unit: Unit) -> Self {
        Self {
            unit: Some(unit),
            group: Reading::Keep,
            eligible: Reading::Keep,
            active: Reading::Keep,
            roles: Reading::Keep,
            plain_roles: Reading::Keep,
            policies: Reading::Keep,
        }
    }
}

/// Looks at a group.
pub async fn observe(
    reader: &Reader,
    target: &Target,
    roles: &RoleDirectory,
    previous: Previous,
) -> Result<Unit, Error> {
    let presence = match &previous.unit {
        Some(unit) if previous.group == Reading::Keep => unit.group.clone(),
        _ => find(reader, target).await?,
    };
    let looked_at = match &presence {
        Presence::Living(group) => Some(group.id),
        _ => None,
    };
    // A deleted group still holds what a restore would bring back.
    let holder = match &presence {
        Presence::Living(group) | Presence::Deleted(group) => Some(group.id),
        _ => None,
    };
    let (eligible, active, role_schedules, plain_roles, policies) = futures::try_join!(
        eligible(reader, looked_at, &previous),
        active(reader, looked_at, &previous),
        role_schedules(reader, holder, roles, &previous),
        plain_roles(reader, holder, roles, &previous),
        policies(reader, target, looked_at, &previous),
    )?;
    Ok(Unit {
        now: reader.graph().service_time().unwrap_or_else(Timestamp::now),
        group: presence,
        policies,
        eligible,
        active,
        roles: role_schedules,
        plain_roles,
    })
}

/// Finds the group by where it was last seen, proved by the key that it bears; else by the key.
async fn find(reader: &Reader, target: &Target) -> Result<Presence, Error> {
    if let Some(id) = target.last_seen
        && let Some(group) = reader.groups.get(&id).await?
    {
        let found = if bears_key(&group, target) {
            Presence::Living(convert::group(&group))
        } else {
            Presence::Stranger(id)
        };
        return Ok(seen(reader, target, found));
    }
    let (living, deleted) = futures::try_join!(
        reader.groups_by_key.get(&target.key),
        reader.deleted_groups.get(&target.key),
    )?;
    let of_kind = |groups: Option<Vec<Group>>| {
        let mut groups = groups.unwrap_or_default();
        groups.retain(|group| assignability(group) == target.assignability);
        groups
    };
    let found = match of_kind(living).as_slice() {
        [group] => Presence::Living(convert::group(group)),
        [] => match of_kind(deleted).as_slice() {
            [] => return Ok(absent(reader, target)),
            [group] => Presence::Deleted(convert::group(group)),
            several => latest_deleted(several),
        },
        several => Presence::Twins(several.iter().map(|group| group.id).collect()),
    };
    Ok(seen(reader, target, found))
}

/// The group that was deleted last is the one that lived last.
fn latest_deleted(groups: &[Group]) -> Presence {
    let latest = groups.iter().max_by_key(|group| group.deleted_date_time);
    latest.map_or_else(
        || Presence::Twins(Vec::new()),
        |group| Presence::Deleted(convert::group(group)),
    )
}

fn bears_key(group: &Group, target: &Target) -> bool {
    let nickname = group
        .mail_nickname
        .as_deref()
        .is_some_and(|nickname| nickname.eq_ignore_ascii_case(target.key.as_str()));
    nickname && assignability(group) == target.assignability
}

fn assignability(group: &Group) -> Assignability {
    if group.is_role_assignable() {
        Assignability::RoleAssignable
    } else {
        Assignability::Ordinary
    }
}

fn seen(reader: &Reader, target: &Target, presence: Presence) -> Presence {
    reader.with_notes(&target.name, |notes| notes.missing_since = None);
    presence
}

fn absent(reader: &Reader, target: &Target) -> Presence {
    let now = reader.graph().service_time().unwrap_or_else(Timestamp::now);
    let since = reader.with_notes(&target.name, |notes| {
        *notes.missing_since.get_or_insert(now)
    });
    Presence::Absent { since }
}

async fn eligible(
    reader: &Reader,
    group: Option<GroupId>,
    previous: &Previous,
) -> Result<Vec<Schedule>, Error> {
    match (group, &previous.unit) {
        (None, _) => Ok(Vec::new()),
        (_, Some(unit)) if previous.eligible == Reading::Keep => Ok(unit.eligible.clone()),
        (Some(group), _) => Ok(convert::schedules(
            &reader.graph().group_eligibility(group).await?,
        )),
    }
}

async fn active(
    reader: &Reader,
    group: Option<GroupId>,
    previous: &Previous,
) -> Result<Vec<Schedule>, Error> {
    match (group, &previous.unit) {
        (None, _) => Ok(Vec::new()),
        (_, Some(unit)) if previous.active == Reading::Keep => Ok(unit.active.clone()),
        (Some(group), _) => Ok(convert::schedules(
            &reader.graph().group_assignments(group).await?,
        )),
    }
}

async fn role_schedules(
    reader: &Reader,
    group: Option<GroupId>,
    roles: &RoleDirectory,
    previous: &Previous,
) -> Result<Vec<RoleSchedule>, Error> {
    let group = match (group, &previous.unit) {
        (None, _) => return Ok(Vec::new()),
        (_, Some(unit)) if previous.roles == Reading::Keep => return Ok(unit.roles.clone()),
        (Some(group), _) => group,
    };
    let rows = reader.graph().role_schedules(group.into()).await?;
    let direct = rows
        .into_iter()
        .filter(|row| convert::is_direct(row.member_type.as_ref()));
    Ok(direct
        .filter_map(|row| {
            Some(RoleSchedule {
                role: roles.canonical(row.role_definition_id),
                scope: row.directory_scope_id?,
                window: convert::window(row.window),
                nature: convert::nature(row.assignment_type.as_ref()),
                created: row.created_date_time,
            })
        })
        .collect())
}

async fn plain_roles(
    reader: &Reader,
    group: Option<GroupId>,
    roles: &RoleDirectory,
    previous: &Previous,
) -> Result<PlainRoles, Error> {
    let group = match (group, previous.plain_roles, &previous.unit) {
        (None, Reading::Now, _) => return Ok(PlainRoles::Fresh(Vec::new())),
        (Some(group), Reading::Now, _) => group,
        (_, _, Some(unit)) => return Ok(unit.plain_roles.clone()),
        (_, _, None) => return Ok(PlainRoles::Unread),
    };
    let rows = reader.graph().role_assignments(group.into()).await?;
    let row = |row: entra_client::graph::directory_roles::RoleAssignment| {
        Some(PlainRole {
            id: row.id,
            role: roles.canonical(row.role_definition_id),
            scope: row.directory_scope_id?,
        })
    };
    Ok(PlainRoles::Fresh(
        rows.into_iter().filter_map(row).collect(),
    ))
}

async fn policies(
    reader: &Reader,
    target: &Target,
    group: Option<GroupId>,
    previous: &Previous,
) -> Result<Policies, Error> {
    let Some(group) = group else {
        return Ok(Policies::Unread);
    };
    let kept = reader.with_notes(&target.name, |notes| notes.policies.clone());
    let is_old = |read: Timestamp| {
        let now = reader.graph().service_time().unwrap_or_else(Timestamp::now);
        now.duration_since(read) > POLICIES_AFTER - SignedDuration::from_mins(1)
    };
    match (previous.policies, kept, &previous.unit) {
        (Reading::Keep, _, Some(unit)) => return Ok(unit.policies.clone()),
        (Reading::Keep, Some((policies, _)), None) => return Ok(Policies::Earlier(policies)),
        (Reading::IfOld, Some((policies, read)), _) if !is_old(read) => {
            return Ok(Policies::Earlier(policies));
        }
        _ => {}
    }
    let read = reader.graph().group_policies(group).await?;
    let onboarding = if read.ever_changed() {
        Onboarding::Done
    } else {
        Onboarding::Ahead
    };
    let read = convert::policies(read);
    let now = reader.graph().service_time().unwrap_or_else(Timestamp::now);
    reader.with_notes(&target.name, |notes| {
        notes.policies = Some((read.clone(), now));
        notes.onboarding = onboarding;
    });
    Ok(Policies::Fresh(read))
}
