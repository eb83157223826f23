//! Reads one group: finds it, then exactly the parts that are asked for, each as one list. Which parts those are is the
//! planner's word, but for the first look of a pass.

use entra_client::graph::Listed;
use entra_client::{Class, Error};
use jiff::{SignedDuration, Timestamp};
use pim_core::ids::{GroupId, ObjectName};
use pim_core::knowledge::{Needs, Part, Read};
use pim_core::observed::{Onboarding, PlainRole, Presence, RoleSchedule, Unit};

use super::find::{self, Target};
use super::roles::RoleDirectory;
use super::{Reader, convert};

/// How long policies that were read are good enough to be compared with. Before a grant they are always read anew.
const POLICIES_AFTER: SignedDuration = SignedDuration::from_mins(59);

/// What every first look reads of a group that lives.
const FIRST: [Part; 3] = [Part::Eligible, Part::Active, Part::Roles];

/// Whether policies are read at the first look of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// Whatever is known.
    Always,
    /// Only if what is known has grown old.
    IfStale,
}

/// What is known without looking: no group, and nothing of it.
pub fn nothing(reader: &Reader) -> Unit {
    let now = now(reader);
    Unit::unread(now, Presence::Absent { since: now })
}

/// The first look of a pass. It may start from what an earlier pass saw: then nothing but the group is read, and nothing
/// of it counts as read in this pass. A list that the tenant refuses stays unread, and the refusal is handed out with what
/// could be read: it must not keep anybody in.
pub async fn first(
    reader: &Reader,
    target: &Target,
    roles: &RoleDirectory,
    start: Option<Unit>,
    policies: Refresh,
) -> Result<(Unit, Option<Error>), Error> {
    let found = find::find(reader, target).await?;
    let known =
        start.filter(|unit| id(&unit.group).is_some() && id(&unit.group) == id(&found.presence));
    let mut parts = Needs::new();
    if known.is_none() {
        parts.extend(FIRST);
    }
    // Another group, or none, has nothing in common with what was seen.
    let mut unit = known.unwrap_or_else(|| Unit::unread(now(reader), found.presence.clone()));
    unit.group = found.presence;
    unit.duplicates = found.duplicates;
    let is_old = take_over_policies(reader, &target.name, &mut unit);
    if policies == Refresh::Always || is_old {
        parts.insert(Part::Policies);
    }
    match read(reader, target, roles, unit.clone(), &parts).await {
        Err(error) if is_of_one_list(&error) => {
            Ok(one_by_one(reader, target, roles, unit, &parts, error).await)
        }
        answer => answer.map(|unit| (unit, None)),
    }
}

/// Whether an error may be about one list only, because the tenant answered.
fn is_of_one_list(error: &Error) -> bool {
    !matches!(
        error.class,
        Class::Unreachable | Class::Throttled | Class::CredentialInvalid | Class::Expired
    )
}

/// Reads part by part what could not be read together.
async fn one_by_one(
    reader: &Reader,
    target: &Target,
    roles: &RoleDirectory,
    mut unit: Unit,
    parts: &Needs,
    refusal: Error,
) -> (Unit, Option<Error>) {
    for part in parts {
        let alone = Needs::from([*part]);
        if let Ok(read) = read(reader, target, roles, unit.clone(), &alone).await {
            unit = read;
        }
    }
    (unit, Some(refusal))
}

/// What was done to the group before it is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// It was deleted.
    Deletion,
    /// It was made, restored or changed.
    Change,
}

/// Finds the group again, after it was written to.
pub async fn find_again(
    reader: &Reader,
    target: &Target,
    unit: Unit,
    after: After,
) -> Result<Unit, Error> {
    let found = match after {
        After::Deletion => find::deleted_first(reader, target).await?,
        After::Change => find::find(reader, target).await?,
    };
    let mut unit = if id(&unit.group) == id(&found.presence) {
        unit
    } else {
        Unit::unread(now(reader), found.presence.clone())
    };
    unit.now = now(reader);
    unit.group = found.presence;
    unit.duplicates = found.duplicates;
    Ok(unit)
}

/// Reads parts of a group.
pub async fn read(
    reader: &Reader,
    target: &Target,
    roles: &RoleDirectory,
    mut unit: Unit,
    parts: &Needs,
) -> Result<Unit, Error> {
    if let Some(group) = id(&unit.group) {
        let asked = |part| parts.contains(&part).then_some(group);
        let (eligible, active, held, eligible_roles, plain, people, applications, policies) = futures::try_join!(
            maybe(asked(Part::Eligible), |group| reader
                .graph()
                .group_eligibility(group)),
            maybe(asked(Part::Active), |group| reader
                .graph()
                .group_assignments(group)),
            maybe(asked(Part::Roles), |group| reader
                .graph()
                .role_schedules(group.into())),
            maybe(asked(Part::EligibleRoles), |group| {
                reader.graph().role_eligibility_schedules(group.into())
            }),
            maybe(asked(Part::PlainRoles), |group| reader
                .plain_roles(group.into())),
            maybe(asked(Part::People), |group| super::people::listed(
                reader, group
            )),
            maybe(asked(Part::Applications), |group| {
                super::people::applications(reader, group)
            }),
            maybe(asked(Part::Policies), |group| reader
                .graph()
                .group_policies(group)),
        )?;
        let at = now(reader);
        let mut take = Take {
            unit: &mut unit,
            at,
        };
        take.list(
            Part::Eligible,
            eligible,
            |rows| convert::schedules(&rows),
            |unit| &mut unit.eligible,
        );
        take.list(
            Part::Active,
            active,
            |rows| convert::schedules(&rows),
            |unit| &mut unit.active,
        );
        take.list(
            Part::Roles,
            held,
            |rows| schedules(rows, roles),
            |unit| &mut unit.roles,
        );
        take.list(
            Part::EligibleRoles,
            eligible_roles,
            |rows| schedules(rows, roles),
            |unit| &mut unit.eligible_roles,
        );
        take.list(
            Part::PlainRoles,
            plain,
            |rows| plain_rows(rows, roles),
            |unit| &mut unit.plain_roles,
        );
        take.list(Part::People, people, |rows| rows, |unit| &mut unit.people);
        take.list(
            Part::Applications,
            applications,
            |rows| rows,
            |unit| &mut unit.applications,
        );
        if let Some(read) = policies {
            policies_read(reader, &target.name, &mut unit, read, at);
        }
    }
    unit.now = now(reader);
    Ok(unit)
}

async fn maybe<T, F: Future<Output = Result<T, Error>>>(
    group: Option<GroupId>,
    ask: impl FnOnce(GroupId) -> F,
) -> Result<Option<T>, Error> {
    match group {
        Some(group) => ask(group).await.map(Some),
        None => Ok(None),
    }
}

/// Takes lists into what is known of a group.
struct Take<'a> {
    unit: &'a mut Unit,
    at: Timestamp,
}

impl Take<'_> {
    /// A list that holds a row which cannot be read counts as of an earlier look: what it shows is there, and nothing is
    /// given by it or gone because it is not in it.
    fn list<W, T>(
        &mut self,
        part: Part,
        listed: Option<Listed<W>>,
        rows: impl FnOnce(Vec<W>) -> Vec<T>,
        place: impl FnOnce(&mut Unit) -> &mut Read<Vec<T>>,
    ) {
        let Some(listed) = listed else {
            return;
        };
        let at = self.at;
        let value = rows(listed.rows);
        if let Some(bad) = listed.unreadable.first() {
            self.unit.unreadable.insert(part, bad.reason.clone());
            *place(self.unit) = Read::Earlier { value, at };
        } else {
            self.unit.unreadable.remove(&part);
            *place(self.unit) = Read::Fresh { value, at };
        }
    }
}

/// The id of a group that lives.
pub fn id(group: &Presence) -> Option<GroupId> {
    match group {
        Presence::Living(group) => Some(group.id),
        _ => None,
    }
}

/// What time the service says it is.
pub fn now(reader: &Reader) -> Timestamp {
    reader.graph().service_time().unwrap_or_else(Timestamp::now)
}

/// The direct schedules of roles; those through other groups are another group's business.
fn schedules(
    rows: Vec<entra_client::graph::directory_roles::RoleSchedule>,
    roles: &RoleDirectory,
) -> Vec<RoleSchedule> {
    let direct = rows
        .into_iter()
        .filter(|row| convert::is_direct(row.member_type.as_ref()));
    direct
        .filter_map(|row| {
            Some(RoleSchedule {
                role: roles.canonical(row.role_definition_id),
                scope: row.directory_scope_id?,
                window: convert::window(row.window),
                nature: convert::nature(row.assignment_type.as_ref()),
                created: row.created_date_time,
            })
        })
        .collect()
}

fn plain_rows(
    rows: Vec<entra_client::graph::directory_roles::RoleAssignment>,
    roles: &RoleDirectory,
) -> Vec<PlainRole> {
    let row = |row: entra_client::graph::directory_roles::RoleAssignment| {
        Some(PlainRole {
            id: row.id,
            role: roles.canonical(row.role_definition_id),
            scope: row.directory_scope_id?,
        })
    };
    rows.into_iter().filter_map(row).collect()
}

/// Takes the policies over that an earlier look has read, and says whether they have grown old.
fn take_over_policies(reader: &Reader, name: &ObjectName, unit: &mut Unit) -> bool {
    let Some(group) = id(&unit.group) else {
        return false;
    };
    let kept = reader.with_notes(name, |notes| notes.policies.clone());
    let Some(kept) = kept.filter(|kept| kept.group == group) else {
        return true;
    };
    unit.onboarding = kept.onboarding;
    unit.policies = Read::Earlier {
        value: kept.policies,
        at: kept.at,
    };
    now(reader).duration_since(kept.at) > POLICIES_AFTER
}

fn policies_read(
    reader: &Reader,
    name: &ObjectName,
    unit: &mut Unit,
    read: entra_client::graph::policies::GroupPolicies,
    at: Timestamp,
) {
    unit.onboarding = if read.ever_changed() {
        Onboarding::Done
    } else {
        Onboarding::Ahead
    };
    let policies = convert::policies(read);
    if let Some(group) = id(&unit.group) {
        reader.with_notes(name, |notes| {
            notes.policies = Some(super::KeptPolicies {
                group,
                policies: policies.clone(),
                onboarding: unit.onboarding,
                at,
            });
        });
    }
    unit.policies = Read::Fresh {
        value: policies,
        at,
    };
}
