//! Reads one group in the course of a pass: finds it, then reads what the planner asks for. What the first read of a
//! pass needs, and what of an earlier pass still counts, is decided here; how a part is read is in `read`.

use entra_client::Error;
use pim_core::desired::Undeclared;
use pim_core::ids::ObjectName;
use pim_core::knowledge::{Needs, Part, Read};
use pim_core::observed::{Presence, Unit};

use super::directory;
use super::find::{self, GroupTarget, UnitLook};
use super::notes::GOOD_FOR;
use super::read::{PartAnswer, ask_for, is_of_one_list, take_answer};
use super::tenant::Reader;

pub use super::read::read;

/// What every first read of a pass asks for of a group that lives.
const FIRST: [Part; 4] = [
    Part::Eligible,
    Part::Active,
    Part::Roles,
    Part::EligibleRoles,
];

/// Whether policies are read at the beginning of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// They are read, whatever is known.
    Always,
    /// Only if what is known has grown old.
    IfStale,
}

/// What is known before anything is read: no group, and nothing of it.
pub fn nothing(reader: &Reader) -> Unit {
    let now = reader.now();
    Unit::unread(now, Presence::Absent { since: now })
}

/// The first read of a pass. It may start from what an earlier pass saw: then nothing but the group is read, and nothing
/// of it counts as read in this pass. A list that the tenant refuses stays unread, and the refusal is handed out with what
/// could be read: it must not keep anybody in.
pub async fn first(
    reader: &Reader,
    target: &GroupTarget,
    start: Option<Unit>,
    policies: Refresh,
) -> Result<(Unit, Option<Error>), Error> {
    let plain = plain_roles(reader, target, start.as_ref());
    let (found, plain) = futures::join!(find::find(reader, target), plain);
    let found = found?;
    let known = start.filter(|unit| {
        unit.group.living_id().is_some() && unit.group.living_id() == found.presence.living_id()
    });
    let mut parts = Needs::new();
    let is_first = known.is_none();
    if is_first {
        parts.extend(FIRST);
    }
    if is_first && target.unit == UnitLook::EachPass {
        parts.insert(Part::Units);
    }
    // Another group, or none, has nothing in common with what was seen.
    let mut unit = known.unwrap_or_else(|| Unit::unread(reader.now(), found.presence.clone()));
    unit.group = found.presence;
    unit.duplicates = found.duplicates;
    parts.extend(directory::take_over(reader, target, &mut unit));
    let is_old = take_over_policies(reader, &target.name, &mut unit);
    if policies == Refresh::Always || is_old {
        parts.insert(Part::Policies);
    }
    let now = reader.now();
    // One that failed is asked for once more, with everything else.
    let plain = plain.and_then(Result::ok);
    let is_read = plain.is_some_and(|answer| take_answer(&mut unit, answer, now));
    if !is_read && is_first && target.undeclared_roles != Undeclared::Ignore {
        parts.insert(Part::PlainRoles);
    }
    match read(reader, target, unit.clone(), &parts).await {
        Err(error) if is_of_one_list(&error) => {
            Ok(one_by_one(reader, target, unit, &parts, error).await)
        }
        answer => answer.map(|unit| (unit, None)),
    }
}

/// What was assigned and not requested shows in no schedule. Where it is looked for, and the group was seen before, it is asked for
/// while the group is looked for, and travels with that.
async fn plain_roles(
    reader: &Reader,
    target: &GroupTarget,
    start: Option<&Unit>,
) -> Option<Result<PartAnswer, Error>> {
    if start.is_some() || target.undeclared_roles == Undeclared::Ignore {
        return None;
    }
    let asked = ask_for(reader, target, target.known?, Part::PlainRoles);
    Some(asked.await)
}

/// Reads part by part what could not be read together.
async fn one_by_one(
    reader: &Reader,
    target: &GroupTarget,
    mut unit: Unit,
    parts: &Needs,
    refusal: Error,
) -> (Unit, Option<Error>) {
    for part in parts {
        let alone = Needs::from([*part]);
        if let Ok(read) = read(reader, target, unit.clone(), &alone).await {
            unit = read;
        }
    }
    (unit, Some(refusal))
}

/// What was done to the group before it is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// The group was deleted.
    Deletion,
    /// The group was made, restored or changed.
    Change,
}

/// Finds the group again, after it was written to.
pub async fn find_again(
    reader: &Reader,
    target: &GroupTarget,
    unit: Unit,
    after: After,
) -> Result<Unit, Error> {
    let found = match after {
        After::Deletion => find::deleted_first(reader, target).await?,
        After::Change => find::find(reader, target).await?,
    };
    let mut unit = if unit.group.living_id() == found.presence.living_id() {
        unit
    } else {
        Unit::unread(reader.now(), found.presence.clone())
    };
    unit.now = reader.now();
    unit.group = found.presence;
    unit.duplicates = found.duplicates;
    Ok(unit)
}

/// Takes the policies over that an earlier pass has read, and says whether they have grown old.
fn take_over_policies(reader: &Reader, name: &ObjectName, unit: &mut Unit) -> bool {
    let Some(group) = unit.group.living_id() else {
        return false;
    };
    let (kept, is_in_doubt) = reader.notes.with(name, |notes| {
        (notes.policies.clone(), notes.are_policies_in_doubt)
    });
    let Some(kept) = kept.filter(|kept| kept.group == group) else {
        return true;
    };
    unit.onboarding = kept.read.onboarding;
    unit.policies = Read::Earlier {
        value: kept.read.policies,
        at: kept.at,
    };
    is_in_doubt || reader.now().duration_since(kept.at) > GOOD_FOR
}
