//! What a boundary is certain not to admit, so that it may be taken away. What rests on a fact that nobody read, or on a name
//! that leads nowhere now, is never certain: it is refused when it is to be granted, and stays where it was.

use super::{Boundary, Denial, Guests, OnViolation, RoleList};
use crate::desired::{Assignability, Group};
use crate::principal::{Identity, Principal, PrincipalKind};
use crate::role::BoundRole;

/// What a boundary says of something that was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It admits it.
    Admitted,
    /// That cannot be said by what was read.
    Unclear,
    /// It does not, whatever else may be read.
    Violates(Denial),
}

impl Admission {
    /// A denial that is certain if all of this is known.
    fn denied(denial: Denial, is_known: bool) -> Self {
        if is_known {
            Self::Violates(denial)
        } else {
            Self::Unclear
        }
    }
}

impl Boundary {
    /// Whether what is not admitted any more is taken away.
    pub fn revokes(&self) -> bool {
        self.rules.on_violation == OnViolation::Revoke
    }

    /// What speaks against everything in a group. Settings are no part of it. An existing group that is not listed is not the
    /// object's any more, so nothing of it is touched.
    pub fn violated_by_group(&self, group: &Group) -> Option<Denial> {
        self.judge_adoption(group).ok()?;
        self.judge_group(group).err()
    }

    /// What it says of a role that was bound.
    pub fn admission_of_role(
        &self,
        key: &BoundRole,
        condition: Option<&str>,
        shown: &str,
    ) -> Admission {
        match self.judge_role(key, condition, shown) {
            Ok(()) => Admission::Admitted,
            Err(denial) => Admission::denied(denial, self.knows_what_admits(key)),
        }
    }

    /// Whether every name that could admit a role leads to one. A catalogue that was not read, a role that somebody renamed and
    /// a second one of the same name say nothing of what the name meant before.
    fn knows_what_admits(&self, key: &BoundRole) -> bool {
        let BoundRole { target, kind } = key;
        let leads = |name: &String, scope: &String| {
            self.role_ids.iter().any(|named| {
                named.system == target.system
                    && named.name == *name
                    && named.scope == *scope
                    && !named.ids.is_empty()
            })
        };
        let is_known = |list: RoleList<'_>| {
            let mut scopes = target
                .system
                .scopes
                .admitting(list.scopes, &target.scope)
                .into_iter();
            scopes.all(|scope| list.roles.iter().all(|name| leads(name, scope)))
        };
        let lists = self.rules.roles.all();
        let could_admit =
            |list: &RoleList<'_>| list.system == target.system && list.assignments.contains(kind);
        lists.filter(could_admit).all(is_known)
    }

    /// What it says of somebody who was granted access to a group that is role-assignable or not.
    pub fn admission_of_subject(
        &self,
        subject: &Principal,
        identity: &Identity,
        into: Assignability,
    ) -> Admission {
        let is_user = identity.kind == PrincipalKind::User;
        match self.judge_subject(subject, identity, into) {
            Err(denial) => {
                let is_known = match identity.kind {
                    PrincipalKind::User => identity.user_principal_name.is_some(),
                    PrincipalKind::Group | PrincipalKind::PrivilegedGroup => {
                        identity.group.is_some()
                    }
                    PrincipalKind::ServicePrincipal => true,
                };
                Admission::denied(denial, is_known)
            }
            // Only a full look-up reads whether somebody is a guest.
            Ok(()) if is_user && self.rules.subjects.guests == Guests::Forbidden => {
                match identity.user_type {
                    Some(_) => Admission::Admitted,
                    None => Admission::Unclear,
                }
            }
            Ok(()) => Admission::Admitted,
        }
    }
}
