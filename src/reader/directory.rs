//! Members and owners as the directory lists them, kept from one pass to the next: they are listed once in an hour, because
//! PIM tells in every look of most that happens to them (learn.microsoft.com: group-list-members takes four requests for a
//! group, service principals apart from everybody else).

use pim_core::ids::ObjectName;
use pim_core::knowledge::{Needs, Part, Read};
use pim_core::observed::Unit;

use super::find::{GroupTarget, PlainPeople};
use super::notes::{GOOD_FOR, KeptPeople};
use super::tenant::Reader;

/// Takes the lists over that an earlier pass has read, and says which have to be read now. Where nobody looks through them
/// they are as good as unread: what they showed may be long gone.
pub fn take_over(reader: &Reader, target: &GroupTarget, unit: &mut Unit) -> Needs {
    (unit.people, unit.applications) = (Read::Unread, Read::Unread);
    if target.plain_people == PlainPeople::OnDemand {
        return Needs::new();
    }
    let (kept, is_in_doubt) = reader.notes.with(&target.name, |notes| {
        (notes.people.clone(), notes.are_people_in_doubt)
    });
    let group = unit.group.living_id();
    if let Some(kept) = kept.filter(|kept| Some(kept.group) == group) {
        unit.people = kept.people.demoted();
        unit.applications = kept.applications.demoted();
    }
    let now = reader.now();
    let ages = [unit.people.last_at(), unit.applications.last_at()];
    let are_young = ages
        .into_iter()
        .all(|at| at.is_some_and(|at| now.duration_since(at) <= GOOD_FOR));
    if target.plain_people == PlainPeople::Hourly && are_young && !is_in_doubt {
        Needs::new()
    } else {
        Part::DIRECTORY.into()
    }
}

impl Reader {
    /// Something happened to members or owners of a group: the directory is read in the next pass that looks for them.
    pub fn doubt_people(&self, name: &ObjectName) {
        self.notes
            .with(name, |notes| notes.are_people_in_doubt = true);
    }

    /// Keeps who is in a group, as it was read or follows from its creation, for the passes to come. A list that could not be
    /// read to its end is read again in the next one.
    pub fn keep_people(&self, name: &ObjectName, unit: &Unit) {
        let Some(group) = unit.group.living_id() else {
            return;
        };
        if !Part::DIRECTORY.iter().all(|part| unit.is_fresh(*part)) {
            return;
        }
        self.notes.with(name, |notes| {
            notes.people = Some(KeptPeople {
                group,
                people: unit.people.clone(),
                applications: unit.applications.clone(),
            });
            notes.are_people_in_doubt = false;
        });
    }
}
