//! Writes in words for people: what was done, or would be, with the names that people use and the ids behind them.

mod left;
mod suspended;
mod together;

use crate::action::{GrantVerb, Write};
use crate::desired::{Binding, Unit};
use crate::ids::{GroupId, PrincipalId};
use crate::observed::DirectKind;
use crate::role::{BoundRole, RoleTarget};
use crate::schedule::{Access, End, Key, Kind, Window};

/// A write in words for people, as something done or as something still to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    past: &'static str,
    present: &'static str,
    rest: String,
}

/// How a window is told, with a blank before it.
type Lasting<'a> = dyn Fn(&Window) -> String + 'a;

impl Telling {
    /// What was done: "made jose@contoso.com (…) eligible member of PAG-Exchange-Admins until 2027-05-27".
    pub fn done(&self) -> String {
        format!("{} {}", self.past, self.rest)
    }

    /// What would be done: "make jose@contoso.com (…) eligible member of PAG-Exchange-Admins until 2027-05-27".
    pub fn to_do(&self) -> String {
        format!("{} {}", self.present, self.rest)
    }
}

impl Unit {
    /// A write of this group in words.
    pub fn tell(&self, write: &Write) -> Telling {
        self.tell_lasting(write, &until)
    }

    /// A write of this group in words, and how long what it gives lasts as this says it.
    fn tell_lasting(&self, write: &Write, lasting: &Lasting<'_>) -> Telling {
        let told = |past, present, rest| Telling {
            past,
            present,
            rest,
        };
        match write {
            Write::CreateGroup(new) => told(
                "created",
                "create",
                format!("group {} with the key {}", new.display_name, new.key),
            ),
            Write::RestoreGroup(id) => told(
                "restored",
                "restore",
                format!("{} from the deleted items", self.group_and_id(*id)),
            ),
            Write::UpdateGroup {
                display_name,
                description,
                ..
            } => told(
                "set",
                "set",
                properties(display_name, description.as_deref()),
            ),
            Write::JoinUnit { group, unit } => told(
                "put",
                "put",
                format!(
                    "{} into administrative unit {unit}",
                    self.group_and_id(*group)
                ),
            ),
            Write::DeleteGroup(id) => told("deleted", "delete", self.group_and_id(*id)),
            Write::UpdatePolicy { access, rules, .. } => {
                let rules: Vec<String> = rules.iter().map(|(key, _)| key.to_string()).collect();
                let policy = format!(
                    "the {access} policy of {}: {}",
                    self.group_name(),
                    rules.join(", ")
                );
                told("changed", "change", policy)
            }
            Write::Grant {
                key, verb, window, ..
            } => self.grant(&[*key], *verb, &lasting(window)),
            Write::Revoke { key, .. } => told("ended", "end", self.access(&[*key])),
            Write::BindRole {
                role, verb, window, ..
            } => self.bind(role, *verb, window, &lasting(window)),
            Write::UnbindRole { role, .. } => self.unbind(role),
            Write::DeletePlainRole { role, .. } => told(
                "deleted",
                "delete",
                format!(
                    "the plain assignment of {} to {}",
                    self.role(role),
                    self.group_name()
                ),
            ),
            Write::RemoveDirect {
                access, principal, ..
            } => told(
                "removed",
                "remove",
                format!(
                    "the plain {access} {} from {}",
                    self.principal(*principal),
                    self.group_name()
                ),
            ),
        }
    }

    /// A grant to everybody of these keys, which differ in the principal alone.
    fn grant(&self, keys: &[Key], verb: GrantVerb, until: &str) -> Telling {
        match verb {
            GrantVerb::Assign => {
                let what = keys
                    .first()
                    .map(|key| format!("{} {}", key.kind, key.access));
                let plural = if keys.len() > 1 { "s" } else { "" };
                Telling {
                    past: "made",
                    present: "make",
                    rest: format!(
                        "{} {}{plural} of {}{until}",
                        self.everybody(keys),
                        what.unwrap_or_default(),
                        self.group_name()
                    ),
                }
            }
            GrantVerb::Update => Telling {
                past: "changed",
                present: "change",
                rest: format!("{} to last{until}", self.access(keys)),
            },
        }
    }

    fn bind(&self, key: &BoundRole, verb: GrantVerb, window: &Window, until: &str) -> Telling {
        let (role, group) = (self.role(&key.target), self.group_name());
        let (past, present, rest) = match (key.kind, verb) {
            (Kind::Active, _) if window.start.is_none() && window.end == End::Never => {
                ("bound", "bind", format!("{role} to {group}"))
            }
            (Kind::Active, GrantVerb::Assign) => {
                ("bound", "bind", format!("{role} to {group}{until}"))
            }
            (Kind::Active, GrantVerb::Update) => (
                "changed",
                "change",
                format!("{role} of {group} to last{until}"),
            ),
            (Kind::Eligible, GrantVerb::Assign) => (
                "made",
                "make",
                format!("{group} eligible for {role}{until}"),
            ),
            (Kind::Eligible, GrantVerb::Update) => (
                "changed",
                "change",
                format!("the eligibility of {group} for {role} to last{until}"),
            ),
        };
        Telling {
            past,
            present,
            rest,
        }
    }

    fn unbind(&self, key: &BoundRole) -> Telling {
        let (role, group) = (self.role(&key.target), self.group_name());
        let (past, present, rest) = match key.kind {
            Kind::Active => ("took", "take", format!("{role} from {group}")),
            Kind::Eligible => (
                "ended",
                "end",
                format!("the eligibility of {group} for {role}"),
            ),
        };
        Telling {
            past,
            present,
            rest,
        }
    }

    /// What everybody of these keys has, which differ in the principal alone.
    fn access(&self, keys: &[Key]) -> String {
        let what = keys.first().map(|key| match (key.kind, key.access) {
            (Kind::Eligible, Access::Member) => "eligible membership",
            (Kind::Eligible, Access::Owner) => "eligible ownership",
            (Kind::Active, Access::Member) => "active membership",
            (Kind::Active, Access::Owner) => "active ownership",
        });
        format!(
            "the {} of {} in {}",
            what.unwrap_or_default(),
            self.everybody(keys),
            self.group_name()
        )
    }

    /// Access that somebody has to the group, in words.
    pub fn held_by(&self, key: Key) -> String {
        let principal = self.principal(key.principal);
        format!("{} {} {principal}", key.kind, key.access)
    }

    /// Access that somebody has past PIM, in words. Of a person nobody has to be told that they are one.
    pub fn held_plainly(
        &self,
        (access, principal): (Access, PrincipalId),
        kind: Option<DirectKind>,
    ) -> String {
        let principal = self.principal(principal);
        match kind.filter(|kind| *kind != DirectKind::User) {
            Some(kind) => format!("plain {access} {principal}, a {kind}"),
            None => format!("plain {access} {principal}"),
        }
    }

    /// A principal by the name that people use, with the id behind it; only the id of somebody whose name is not known.
    pub fn principal(&self, id: PrincipalId) -> String {
        let remembered = || {
            let memory = self.assignments.iter().flat_map(|one| &one.memory);
            memory
                .filter(|record| record.principal == id)
                .map(|record| record.subject.name.as_str())
                .min()
        };
        let stranger = || self.strangers.get(&id).map(String::as_str);
        let named = self.names.name_of(id).or_else(remembered);
        match named.or_else(stranger) {
            Some(name) if name != id.to_string() => format!("{name} ({id})"),
            _ => id.to_string(),
        }
    }

    fn group_name(&self) -> &str {
        &self.group.display_name
    }

    fn group_and_id(&self, id: GroupId) -> String {
        format!("group {} ({id})", self.group.display_name)
    }

    /// A role that the group holds, by the name that people use, with its id and scope behind it.
    pub fn held(&self, key: &BoundRole) -> String {
        let role = self.role_and_id(&key.target);
        match key.kind {
            Kind::Active => role,
            Kind::Eligible => format!("{role}, eligible"),
        }
    }

    fn role(&self, key: &RoleTarget) -> String {
        format!("the role {}", self.role_and_id(key))
    }

    fn role_and_id(&self, key: &RoleTarget) -> String {
        // A role has one name, wherever it holds.
        let same = |known: Option<&RoleTarget>| {
            known.is_some_and(|known| (known.system, &known.role) == (key.system, &key.role))
        };
        let is_meant = |one: &&Binding| same(one.bound.as_ref()) || same(one.role.found());
        let scope = match key.scope.as_str() {
            "/" => String::new(),
            scope => format!(" at {scope}"),
        };
        // Several bindings may name the role; always the same one is taken, so that the name stays the same in every
        // pass.
        let speaks = |one: &&Binding| (!same(one.role.found()), one.name.clone());
        let binding = self.bindings.iter().filter(is_meant).min_by_key(speaks);
        let listed = || self.role_names.get(&(key.system, key.role.clone()));
        let name = binding.map(|one| &one.role_name).or_else(listed);
        match name {
            Some(name) if *name != key.role.to_string() => format!("{name} ({}){scope}", key.role),
            _ => format!("{}{scope}", key.role),
        }
    }
}

fn properties(display_name: &str, description: Option<&str>) -> String {
    let description = description.unwrap_or("none");
    format!("the display name of the group to {display_name} and its description to {description}")
}

/// The end of a window, to the second.
fn until(window: &Window) -> String {
    let start = window
        .start
        .map(|start| format!(" from {}", crate::knowledge::whole_second(start)))
        .unwrap_or_default();
    match window.end {
        End::Never => format!("{start} without end"),
        End::At(end) => format!("{start} until {}", crate::knowledge::whole_second(end)),
    }
}
