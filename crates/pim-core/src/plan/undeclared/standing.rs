//! Members and owners past PIM whom no object declares: whoever PIM lists without a beginning, and whoever only the directory
//! lists, as it does service principals and devices. PIM is read in every look and the directory once in an hour, so whom
//! PIM leaves out is told once two reads of both, a minute apart, agree on that: until then one list may be late.

use std::collections::{BTreeMap, BTreeSet};

use super::people;
use super::stray::{Removal, Search, SearchExtent, Stray, are_read, dwells_until, lingers, rank};
use crate::action::Write;
use crate::desired::Undeclared;
use crate::ids::GroupId;
use crate::knowledge::{APART, Held, Part, later, next_look};
use crate::observed::{self, Direct, DirectKind, Schedule};
use crate::plan::context::PlanContext;
use crate::plan::draft::Draft;
use crate::schedule::{End, Key, Kind};

/// Looks for plain members and owners whom nobody declares; nothing where nobody wants to know.
pub fn search(context: &PlanContext<'_>, group: GroupId, draft: &mut Draft) -> Option<Search> {
    let wish = context.desired.group.undeclared.standing;
    if wish == Undeclared::Ignore {
        draft.memory.apart.clear();
        return None;
    }
    let lists = Lists::of(context.observed);
    lists.compare(context, draft);
    let mut found = Search {
        wish,
        strays: Vec::new(),
        extent: extent(context),
    };
    if let Some(unreadable) = people::unreadable(context, Kind::Active) {
        found.extent = SearchExtent::Spared(unreadable);
        return Some(found);
    }
    for key in &lists.plain_in_pim {
        draft.need(Part::Active);
        if !is_spared(context, *key) && !lingers(context, &Held::Access(*key), draft) {
            let stray = lists.stray(context, group, *key, draft);
            found.strays.push(stray);
        }
    }
    for &key in &lists.left_out {
        if is_spared(context, key) {
            continue;
        }
        if lists.is_certain(context, key, draft) {
            let stray = lists.stray(context, group, key, draft);
            found.strays.push(stray);
        } else if found.extent == SearchExtent::Everything {
            found.extent = SearchExtent::Part;
        }
    }
    found.strays.sort_by_cached_key(rank);
    Some(found)
}

/// Whether somebody is looked for elsewhere, or not at all.
fn is_spared(context: &PlanContext<'_>, key: Key) -> bool {
    people::is_spared(context, key) || context.desired.is_operators_own(key)
}

/// Whether both lists of the directory were read without a fault, in this pass or in one of the last hour, and PIM in this
/// one.
fn extent(context: &PlanContext<'_>) -> SearchExtent {
    if let Some(object) = people::with_unread_name(context, Kind::Active) {
        return SearchExtent::Spared(object);
    }
    let observed = context.observed;
    let is_read = observed.is_fresh(Part::Active)
        && observed.people.last().is_some()
        && observed.applications.last().is_some();
    let is_whole = |part: &Part| !observed.unreadable.contains_key(part);
    if is_read && Part::DIRECTORY.iter().all(is_whole) {
        SearchExtent::Everything
    } else {
        SearchExtent::Part
    }
}

/// What the lists say of members and owners, each put in order once: a group may have thousands.
struct Lists<'a> {
    observed: &'a observed::Unit,
    /// Whoever is a member or owner past PIM, and whom PIM lists.
    plain_in_pim: BTreeSet<Key>,
    people: BTreeMap<Key, &'a Direct>,
    applications: BTreeMap<Key, &'a Direct>,
    /// Whomever the directory lists and PIM does not, whatever made them a member or owner there.
    left_out: BTreeSet<Key>,
}

impl<'a> Lists<'a> {
    fn of(observed: &'a observed::Unit) -> Self {
        let now = observed.now;
        let rows = || {
            let rows = observed.active.rows().iter();
            rows.filter(|row| !row.window.is_future(now))
        };
        let keys = |is_meant: fn(&Schedule) -> bool| {
            let meant = rows().filter(move |row| is_meant(row));
            meant.map(|row| row.key(Kind::Active))
        };
        // What PIM has made as well is its own: nobody is found twice.
        let made: BTreeSet<Key> = rows()
            .filter(|row| row.nature == observed::Nature::Assigned && !row.is_plain())
            .filter(|row| !row.window.end.is_over(now))
            .map(|row| row.key(Kind::Active))
            .collect();
        let in_pim: BTreeSet<Key> = keys(|_| true).collect();
        let listed = observed.direct().map(Direct::key);
        let by_key = |rows: &'a [Direct]| rows.iter().map(|one| (one.key(), one)).collect();
        Self {
            observed,
            plain_in_pim: keys(Schedule::is_plain)
                .filter(|key| !made.contains(key))
                .collect(),
            people: by_key(observed.people.rows()),
            applications: by_key(observed.applications.rows()),
            left_out: listed.filter(|key| !in_pim.contains(key)).collect(),
        }
    }

    /// Notes since when the directory lists whom PIM does not. Lists of different passes are not held against each other.
    fn compare(&self, context: &PlanContext<'_>, draft: &mut Draft) {
        if !context.observed.is_fresh(Part::Active) {
            return;
        }
        let is_left_out = |key: &Key| self.left_out.contains(key);
        draft.memory.apart.retain(|key, _| is_left_out(key));
        for (part, listed) in [
            (Part::People, &self.people),
            (Part::Applications, &self.applications),
        ] {
            let Some(read_at) = context.observed.fresh_at(part) else {
                continue;
            };
            for key in listed.keys().filter(|key| is_left_out(key)) {
                draft.memory.apart.entry(*key).or_insert(read_at);
            }
        }
    }

    /// The list of the directory that shows somebody. Of a service principal the list of its own says more.
    fn shown_in(&self, key: &Key) -> Part {
        if self.applications.contains_key(key) {
            Part::Applications
        } else {
            Part::People
        }
    }

    fn kind(&self, context: &PlanContext<'_>, key: &Key) -> Option<DirectKind> {
        let listed = self.applications.get(key).or_else(|| self.people.get(key));
        let named = || context.desired.names.kind_of(key.principal);
        listed
            .map(|one| one.kind)
            .or_else(|| named().map(DirectKind::from))
    }

    /// Whether two reads of PIM and of the directory, a minute apart, have shown somebody whom PIM leaves out, and nothing
    /// has happened since that explains it. What is missing for that is read.
    fn is_certain(&self, context: &PlanContext<'_>, key: Key, draft: &mut Draft) -> bool {
        let part = self.shown_in(&key);
        let list = match part {
            Part::Applications => &self.observed.applications,
            _ => &self.observed.people,
        };
        let Some(read_at) = list.last_at() else {
            return false;
        };
        let held = [Kind::Active, Kind::Eligible].map(|kind| Held::Access(Key { kind, ..key }));
        if held.iter().any(|held| lingers(context, held, draft)) {
            draft.memory.apart.remove(&key);
            return false;
        }
        // Whoever was let in by PIM when the directory was read, and is not any more, may be out of both.
        let agreed = draft.memory.apart.get(&key).copied();
        let due = agreed.map(|since| later(since, APART));
        if due.is_some_and(|due| read_at >= due) {
            return true;
        }
        if due.is_none_or(|due| context.now() >= due) {
            draft.need(Part::Active);
            draft.need(part);
        }
        draft.wake(due);
        false
    }

    fn stray(
        &self,
        context: &PlanContext<'_>,
        group: GroupId,
        key: Key,
        draft: &mut Draft,
    ) -> Stray {
        let kind = self.kind(context, &key);
        let told = context
            .desired
            .held_plainly((key.access, key.principal), kind);
        let is_hidden =
            kind == Some(DirectKind::ServicePrincipal) && !self.plain_in_pim.contains(&key);
        Stray {
            held: Held::Access(key),
            told: if is_hidden {
                format!("{told} that PIM does not list")
            } else {
                told
            },
            principal: Some(key.principal),
            removal: self.removal(context, group, (key, kind), draft),
        }
    }

    /// How somebody is taken out. The directory does it, whatever lists them: that PIM takes out whom it has not let in is
    /// not documented. Everything is read right before.
    fn removal(
        &self,
        context: &PlanContext<'_>,
        group: GroupId,
        (key, kind): (Key, Option<DirectKind>),
        draft: &mut Draft,
    ) -> Removal {
        if let Some(kept) = people::kept(context, key) {
            return kept;
        }
        if context.desired.group.undeclared.standing != Undeclared::Remove {
            return Removal::Later;
        }
        // An application that loses its access breaks without a word, and only one list of the directory shows it: it goes
        // only where another one agrees.
        let is_application = kind == Some(DirectKind::ServicePrincipal);
        let is_confirmed = self.plain_in_pim.contains(&key) || self.people.contains_key(&key);
        if is_application && !is_confirmed {
            return Removal::Unproven;
        }
        if let Some(activation) = context.observed.activation(key.access, key.principal) {
            // It would end with the rest.
            if let End::At(end) = activation.window.end {
                draft.wake(Some(end));
            }
            return Removal::Later;
        }
        if dwells_until(context, &Held::Access(key), draft).is_some() {
            return Removal::Later;
        }
        let parts = [Part::Active, Part::People, Part::Applications];
        if !are_read(context, &parts, draft) {
            return Removal::Later;
        }
        let is_listed = if is_application {
            self.applications.contains_key(&key)
        } else {
            self.people.contains_key(&key)
        };
        if !is_listed {
            // One of the lists is late.
            let since = draft.memory.strays.get(&Held::Access(key));
            let again = since.map(|since| next_look(*since, context.now()));
            draft.wake(again);
            return Removal::Unproven;
        }
        Removal::Now(Box::new(Write::RemoveDirect {
            group,
            access: key.access,
            principal: key.principal,
        }))
    }
}
