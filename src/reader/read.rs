//! Reads parts of one group, each as one list. Which parts those are is the caller's word.

use std::collections::BTreeMap;

use entra_client::graph::{GroupPolicies, Listed};
use entra_client::{Class, Error};
use futures::future::try_join_all;
use jiff::Timestamp;
use pim_core::ids::{AdministrativeUnitId, GroupId};
use pim_core::knowledge::{Needs, Part, Read};
use pim_core::observed::{Direct, PlainRole, Presence, RoleSchedule, Schedule, ScopeFault, Unit};
use pim_core::role::{RoleScope, RoleSystem};
use pim_core::schedule::{Access, Kind};

use super::find::{GroupTarget, PlainPeople};
use super::notes::KeptPolicies;
use super::tenant::Reader;
use crate::providers::HeldRoles;

/// The parts in the order in which they are asked for. Where several fail, the first of them is told.
const ORDER: [Part; 9] = [
    Part::Eligible,
    Part::Active,
    Part::Roles,
    Part::EligibleRoles,
    Part::PlainRoles,
    Part::People,
    Part::Applications,
    Part::Policies,
    Part::Units,
];

/// A part as it was read.
enum PartRead {
    Eligible(Listed<Schedule>),
    Active(Listed<Schedule>),
    Roles(HeldRoles<RoleSchedule>),
    EligibleRoles(HeldRoles<RoleSchedule>),
    PlainRoles(HeldRoles<PlainRole>),
    People(Listed<Direct>),
    Applications(Listed<Direct>),
    Policies(GroupPolicies),
    Units(Listed<AdministrativeUnitId>),
    /// Whom names mean is no list of the group.
    Names,
    /// The tenant refused a list without which the pass goes on, with what it said.
    Refused(String),
}

/// The id of a group that lives and of which PIM tells anything: of others it refuses every list.
fn listed_by_pim(group: &Presence) -> Option<GroupId> {
    match group {
        Presence::Living(group) if group.management.is_known_to_pim() => Some(group.id),
        _ => None,
    }
}

/// A part as it was read, and of which group.
pub struct PartAnswer {
    group: GroupId,
    part: Part,
    read: PartRead,
}

/// Reads one part of a group, whether it is there or not.
pub async fn ask_for(
    reader: &Reader,
    target: &GroupTarget,
    group: GroupId,
    part: Part,
) -> Result<PartAnswer, Error> {
    let read = ask(reader, target, group, part).await?;
    Ok(PartAnswer { group, part, read })
}

/// Takes an answer into what is known of a group, if it is about that one, and says whether it is.
pub fn take_answer(unit: &mut Unit, answer: PartAnswer, at: Timestamp) -> bool {
    let is_of_group = unit.group.living_id() == Some(answer.group);
    if is_of_group {
        take(unit, answer.part, answer.read, at);
    }
    is_of_group
}

/// Whether a list may be missing in a pass: who is a member or owner of the directory, where nobody has to see that the group
/// lies empty. One that the tenant refuses holds up nothing but what rests on it, and nobody is taken for gone or taken out by it.
fn is_optional(target: &GroupTarget, part: Part) -> bool {
    Part::DIRECTORY.contains(&part) && target.plain_people != PlainPeople::OnDemand
}

/// Whether an error may be about one list only, because the tenant answered.
pub fn is_of_one_list(error: &Error) -> bool {
    !matches!(
        error.class,
        Class::Unreachable | Class::Throttled | Class::CredentialInvalid | Class::Expired
    )
}

/// Whether the tenant will not show a list. Of a group that it does not know yet it shows none, and will soon.
fn is_refusal(error: &Error) -> bool {
    is_of_one_list(error) && error.class != Class::NotFound
}

/// Reads parts of a group, all at once.
pub async fn read(
    reader: &Reader,
    target: &GroupTarget,
    mut unit: Unit,
    parts: &Needs,
) -> Result<Unit, Error> {
    if let Some(group) = listed_by_pim(&unit.group) {
        let asked = ORDER.into_iter().filter(|part| parts.contains(part));
        let answers = asked.map(|part| async move {
            let answer = match ask(reader, target, group, part).await {
                Err(error) if is_optional(target, part) && is_refusal(&error) => {
                    PartRead::Refused(error.to_string())
                }
                answer => answer?,
            };
            Ok::<_, Error>((part, answer))
        });
        let answers = try_join_all(answers).await?;
        let at = reader.now();
        for (part, answer) in answers {
            if let PartRead::Policies(read) = &answer {
                keep_policies(reader, target, group, read, at);
            }
            take(&mut unit, part, answer, at);
        }
        reader.keep_people(&target.name, &unit);
    }
    unit.now = reader.now();
    Ok(unit)
}

async fn ask(
    reader: &Reader,
    target: &GroupTarget,
    group: GroupId,
    part: Part,
) -> Result<PartRead, Error> {
    let graph = reader.graph();
    Ok(match part {
        Part::Names => PartRead::Names,
        Part::Eligible => PartRead::Eligible(graph.group_eligibility(group).await?),
        Part::Active => PartRead::Active(graph.group_assignments(group).await?),
        Part::Roles => PartRead::Roles(schedules(reader, target, group, Kind::Active).await?),
        Part::EligibleRoles => {
            PartRead::EligibleRoles(schedules(reader, target, group, Kind::Eligible).await?)
        }
        Part::PlainRoles => {
            let (roles, group) = (reader.roles(), (group, target.assignability));
            PartRead::PlainRoles(roles.plain(group, &target.role_scopes).await?)
        }
        Part::People => PartRead::People(joined(futures::try_join!(
            graph.people(group, Access::Member),
            graph.people(group, Access::Owner)
        )?)),
        Part::Applications => PartRead::Applications(joined(futures::try_join!(
            graph.applications(group, Access::Member),
            graph.applications(group, Access::Owner)
        )?)),
        Part::Units => PartRead::Units(graph.units_of(group).await?),
        Part::Policies => PartRead::Policies(graph.group_policies(group).await?),
    })
}

async fn schedules(
    reader: &Reader,
    target: &GroupTarget,
    group: GroupId,
    kind: Kind,
) -> Result<HeldRoles<RoleSchedule>, Error> {
    let scopes = &target.schedule_scopes;
    let group = (group, target.assignability);
    reader.roles().schedules(kind, group, scopes).await
}

/// Members and owners are one part: both lists were read, or neither.
fn joined((mut members, owners): (Listed<Direct>, Listed<Direct>)) -> Listed<Direct> {
    members.extend(owners);
    members
}

/// Takes a part into what is known of a group.
fn take(unit: &mut Unit, part: Part, answer: PartRead, at: Timestamp) {
    let unreadable = match answer {
        PartRead::Eligible(listed) => put(&mut unit.eligible, listed, at),
        PartRead::Active(listed) => put(&mut unit.active, listed, at),
        PartRead::Roles(held) => {
            note_faults(unit, part, held.faults);
            put(&mut unit.roles, held.listed, at)
        }
        PartRead::EligibleRoles(held) => {
            note_faults(unit, part, held.faults);
            put(&mut unit.eligible_roles, held.listed, at)
        }
        PartRead::PlainRoles(held) => {
            note_faults(unit, part, held.faults);
            put(&mut unit.plain_roles, held.listed, at)
        }
        PartRead::People(listed) => put(&mut unit.people, listed, at),
        PartRead::Applications(listed) => put(&mut unit.applications, listed, at),
        PartRead::Units(listed) => put(&mut unit.units, listed, at),
        PartRead::Policies(read) => {
            unit.onboarding = read.onboarding;
            let value = read.policies;
            unit.policies = Read::Fresh { value, at };
            None
        }
        PartRead::Names => None,
        PartRead::Refused(reason) => {
            unit.demote(&[part]);
            Some(reason)
        }
    };
    match unreadable {
        Some(reason) => unit.unreadable.insert(part, reason),
        None => unit.unreadable.remove(&part),
    };
}

/// Takes over of which scopes nothing is known.
fn note_faults(unit: &mut Unit, part: Part, faults: BTreeMap<(RoleSystem, RoleScope), ScopeFault>) {
    unit.scope_faults.retain(|(of, ..), _| *of != part);
    let of_part = faults
        .into_iter()
        .map(|((system, scope), fault)| ((part, system, scope), fault));
    unit.scope_faults.extend(of_part);
}

/// A list that holds a row which cannot be read counts as of an earlier pass: what it shows is there, and nothing is given
/// by it or gone because it is not in it. Hands out why the row cannot be read.
fn put<T>(place: &mut Read<Vec<T>>, listed: Listed<T>, at: Timestamp) -> Option<String> {
    let (value, mut unreadable) = (listed.rows, listed.unreadable.into_iter());
    let Some(row) = unreadable.next() else {
        *place = Read::Fresh { value, at };
        return None;
    };
    *place = Read::Earlier { value, at };
    Some(row.reason)
}

/// Keeps policies for the passes to come: they rarely change, and their store is the tightest of all.
fn keep_policies(
    reader: &Reader,
    target: &GroupTarget,
    group: GroupId,
    read: &GroupPolicies,
    at: Timestamp,
) {
    let read = read.clone();
    reader.notes.with(&target.name, |notes| {
        notes.policies = Some(KeptPolicies { group, read, at });
        notes.are_policies_in_doubt = false;
    });
}

#[cfg(test)]
mod tests {
    use entra_client::graph::Unreadable;

    use super::*;

    #[test]
    fn a_list_with_a_row_that_cannot_be_read_counts_as_of_an_earlier_pass() {
        let at = Timestamp::UNIX_EPOCH;
        let mut place = Read::Unread;
        let mut listed = Listed {
            rows: vec![1],
            unreadable: Vec::new(),
        };
        assert_eq!(put(&mut place, listed.clone(), at), None);
        assert_eq!(place.fresh(), Some(&vec![1]));
        listed.unreadable.push(Unreadable {
            id: None,
            nickname: None,
            reason: "odd".to_owned(),
        });
        assert_eq!(put(&mut place, listed, at), Some("odd".to_owned()));
        assert_eq!((place.fresh(), place.last()), (None, Some(&vec![1])));
    }
}
