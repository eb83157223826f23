//! What objects were granted and the boundary does not admit any more, where it has that taken away. Such a thing goes once it
//! has not been admitted for five minutes: whoever has mistyped a line has that long to notice. What nobody can judge is no
//! violation, and neither is a boundary that is missing or cannot be read.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::admission;
use crate::action::{WakeAt, earlier};
use crate::boundary::{Admission, Boundary, Denial};
use crate::desired::{
    self, Assignment, Binding, GrantRecord, ManagementPolicy, Object, Readability,
};
use crate::knowledge::{DWELLS, Held, later, next_whole_second};
use crate::memory::Memory;
use crate::principal::{Accounts, Principal, Resolution};
use crate::schedule::Key;
use crate::verdict::Authorization;

/// How long it is remembered that something was not admitted while that is not clear.
const KEPT: SignedDuration = SignedDuration::from_mins(10);

/// Something that was granted and is not admitted any more.
#[derive(Debug, Clone)]
pub struct BoundaryViolation {
    /// What speaks against it.
    pub denial: Denial,
    since: Timestamp,
    now: Timestamp,
}

impl BoundaryViolation {
    fn until(&self) -> Timestamp {
        later(self.since, DWELLS)
    }

    fn is_due(&self) -> bool {
        self.until() <= self.now
    }

    /// What is said of it before it is taken away.
    fn warning(&self) -> String {
        format!(
            "it is taken away at {} unless that changes (spec.onViolation)",
            next_whole_second(self.until())
        )
    }
}

/// All of them in one group.
#[derive(Debug, Default)]
pub struct BoundaryViolations {
    access: BTreeMap<Object, BTreeMap<Principal, BoundaryViolation>>,
    roles: BTreeMap<Object, BoundaryViolation>,
    since: BTreeMap<Held, Timestamp>,
    asks_for_names: bool,
}

impl BoundaryViolations {
    /// Finds what a boundary does not admit any more of what was granted, if it has that taken away.
    pub fn new(desired: &desired::Unit, now: Timestamp, memory: &Memory) -> Self {
        let boundary = desired.boundary.as_ref();
        let is_managed = desired.rules.management == ManagementPolicy::Manage;
        let boundary = boundary.filter(|boundary| boundary.revokes() && is_managed);
        let Some(boundary) = boundary else {
            return Self::default();
        };
        let mut found = Self::default();
        let whole = boundary.violated_by_group(&desired.group);
        let mut judge = ViolationSearch {
            desired,
            boundary,
            whole,
            memory,
            now,
            found: &mut found,
        };
        desired
            .assignments
            .iter()
            .for_each(|one| judge.assignment(one));
        desired.bindings.iter().for_each(|one| judge.binding(one));
        found
    }

    /// Why the access of a subject is to be taken away now, if it is.
    pub fn of_subject(&self, object: &Object, subject: &Principal) -> Option<&Denial> {
        let found = self.access.get(object)?.get(subject);
        found.filter(|one| one.is_due()).map(|one| &one.denial)
    }

    /// Why the role of a binding is to be taken away now, if it is.
    pub fn of_binding(&self, object: &Object) -> Option<&Denial> {
        let found = self.roles.get(object).filter(|one| one.is_due());
        found.map(|one| &one.denial)
    }

    /// What the boundary says of an object, with when something of it is taken away if that is still to come.
    pub fn warned(&self, object: &Object, authorization: Authorization) -> Authorization {
        let access = self.access.get(object).into_iter();
        let found = access.flat_map(BTreeMap::values);
        match authorization {
            Authorization::Denied(denial) => {
                let found = found.chain(self.roles.get(object));
                Authorization::Denied(with_warning(found, denial))
            }
            admitted => admitted,
        }
    }

    /// A denial of a subject, with when their access is taken away if that is still to come.
    pub fn warned_of(&self, object: &Object, subject: &Principal, denial: Denial) -> Denial {
        let of_object = self.access.get(object);
        let found = of_object.and_then(|one| one.get(subject));
        with_warning(found.into_iter(), denial)
    }

    /// When the next of them is to be taken away.
    pub fn next_due(&self) -> WakeAt {
        let access = self.access.values().flat_map(BTreeMap::values);
        let all = access.chain(self.roles.values());
        all.filter(|violation| !violation.is_due())
            .fold(None, |next, violation| {
                earlier(next, Some(violation.until()))
            })
    }

    /// What is remembered of them.
    pub fn since(&self) -> BTreeMap<Held, Timestamp> {
        self.since.clone()
    }

    /// Whether names have to be looked up in full before it is clear.
    pub fn asks_for_names(&self) -> bool {
        self.asks_for_names
    }
}

/// A denial, with when the first of some violations that are still to come is taken away.
fn with_warning<'a>(found: impl Iterator<Item = &'a BoundaryViolation>, denial: Denial) -> Denial {
    let coming = found.filter(|violation| !violation.is_due());
    match coming.min_by_key(|violation| violation.since) {
        Some(violation) => Denial {
            message: format!("{}; {}", denial.message, violation.warning()),
            ..denial
        },
        None => denial,
    }
}

struct ViolationSearch<'a> {
    desired: &'a desired::Unit,
    boundary: &'a Boundary,
    /// What speaks against everything in the group.
    whole: Option<Denial>,
    memory: &'a Memory,
    now: Timestamp,
    found: &'a mut BoundaryViolations,
}

impl ViolationSearch<'_> {
    /// Judges what an assignment remembers. Whom it names no more goes anyway, and so does whoever is denied. Nobody can judge
    /// what cannot be read.
    fn assignment(&mut self, assignment: &Assignment) {
        if assignment.readability != Readability::Readable {
            return;
        }
        let window = admission::judge_window(self.desired, assignment, self.now).err();
        let of_all = self.whole.clone().or(window);
        for record in &assignment.memory {
            let is_named = assignment.subjects.contains(&record.subject);
            if !is_named || self.desired.rules.denies(record.principal) {
                continue;
            }
            let held = Held::Access(Key {
                access: assignment.access,
                principal: record.principal,
                kind: assignment.kind,
            });
            let admission = match &of_all {
                Some(denial) => Admission::Violates(denial.clone()),
                None => self.subject(record),
            };
            match admission {
                Admission::Admitted => {}
                Admission::Violates(denial) => {
                    let violation = self.violation(held, denial);
                    let of_object = self.found.access.entry(assignment.object()).or_default();
                    of_object.insert(record.subject.clone(), violation);
                }
                Admission::Unclear => self.unclear_access(held),
            }
        }
    }

    /// What the boundary says of whom a record means. A name that leads to somebody else, or to nobody, says nothing of them.
    fn subject(&self, record: &GrantRecord) -> Admission {
        let nested = self.desired.nesting.subjects.get(&record.subject);
        if let Some(denial) = nested.and_then(|nested| nested.denial.clone()) {
            return Admission::Violates(denial);
        }
        match self.desired.names.resolution(&record.subject) {
            Resolution::Found(identity) if identity.id == record.principal => {
                let into = self.desired.group.assignability;
                self.boundary
                    .admission_of_subject(&record.subject, identity, into)
            }
            _ => Admission::Unclear,
        }
    }

    /// Judges the role that a binding has bound.
    fn binding(&mut self, binding: &Binding) {
        let Some(key) = binding
            .bound()
            .filter(|_| binding.readability == Readability::Readable)
        else {
            return;
        };
        let leads_elsewhere = binding
            .role
            .found()
            .is_some_and(|found| *found != key.target);
        let admission = match &self.whole {
            Some(denial) => Admission::Violates(denial.clone()),
            None if leads_elsewhere => Admission::Unclear,
            None => {
                let condition = binding.condition.as_deref();
                self.boundary
                    .admission_of_role(&key, condition, &binding.role_name)
            }
        };
        let held = Held::Role(key);
        match admission {
            Admission::Admitted => {}
            Admission::Violates(denial) => {
                let violation = self.violation(held, denial);
                self.found.roles.insert(binding.object(), violation);
            }
            Admission::Unclear => self.unclear(held),
        }
    }

    fn violation(&mut self, held: Held, denial: Denial) -> BoundaryViolation {
        let known = self.memory.violations.get(&held).copied();
        // What lies ahead was noted by a clock that was wrong.
        let since = known.filter(|since| *since <= self.now).unwrap_or(self.now);
        self.found.since.insert(held, since);
        BoundaryViolation {
            denial,
            since,
            now: self.now,
        }
    }

    /// Whether somebody is a guest shows only in a full look-up, and what that does not show nothing does.
    fn unclear_access(&mut self, held: Held) {
        let is_noted = self.memory.violations.contains_key(&held);
        if is_noted && self.desired.names.accounts() == Accounts::Unread {
            self.found.asks_for_names = true;
            self.unclear(held);
        }
    }

    /// A read that failed in between does not begin the wait anew.
    fn unclear(&mut self, held: Held) {
        let known = self.memory.violations.get(&held).copied();
        let is_young = |since: &Timestamp| later(*since, KEPT) > self.now;
        if let Some(since) = known.filter(is_young) {
            self.found.since.insert(held, since);
        }
    }
}
