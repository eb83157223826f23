//! How a boundary judges who should get access. One question, one function; what follows from a refusal is the planner's
//! business.

use super::{Boundary, Denial, Guests, OrdinaryGroups};
use crate::desired::{Assignability, Group};
use crate::principal::{Identity, Principal, PrincipalKind};

impl Boundary {
    fn judge_kind(&self, subject: &Principal, kind: PrincipalKind) -> Result<(), Denial> {
        if self.rules.subjects.kinds.contains(&kind) {
            return Ok(());
        }
        let what = format!("{subject} is a {kind}, which is not listed");
        Err(self.deny("spec.subjects.kinds", &what))
    }

    /// Judges a group of another object in the namespace that should get access. One boundary judges the group that it comes
    /// into and every group in that one.
    pub fn judge_nested(&self, subject: &Principal, nested: &Group) -> Result<(), Denial> {
        self.judge_kind(subject, PrincipalKind::PrivilegedGroup)?;
        if nested.boundary != self.name {
            let what = format!(
                "{subject} names AccessBoundary {}; a group and those that are in it are judged by one boundary, so let both \
                 name the same under spec.boundaryRef",
                nested.boundary
            );
            return Err(self.deny("spec.subjects.kinds", &what));
        }
        self.judge_group(nested).map_err(|denial| Denial {
            message: format!("{subject}: {}", denial.message),
            ..denial
        })
    }

    /// Judges a group that should get access to another one.
    fn judge_group_subject(
        &self,
        subject: &Principal,
        identity: &Identity,
        into: Assignability,
    ) -> Result<(), Denial> {
        let subjects = &self.rules.subjects;
        let is_listed = || {
            subjects
                .groups
                .iter()
                .any(|listed| identity.id == (*listed).into())
        };
        if identity.kind == PrincipalKind::Group && !is_listed() {
            return Err(self.deny("spec.subjects.groups", &format!("{subject} is not listed")));
        }
        // What was not read of a group may be the worse of the two.
        let facts = identity.group.as_ref();
        let is_ordinary = facts.is_none_or(|one| one.assignability == Assignability::Ordinary);
        let is_weaker = into == Assignability::RoleAssignable && is_ordinary;
        if is_weaker && subjects.ordinary_groups == OrdinaryGroups::Forbidden {
            let called = facts.map_or_else(String::new, |one| format!(" ({})", one.display_name));
            let what = format!(
                "{subject}{called} is not role-assignable and would be in a group that is, so whoever owns or administers it \
                 decides who may become a member; use a role-assignable group"
            );
            return Err(self.deny("spec.subjects.ordinaryGroups", &what));
        }
        Ok(())
    }

    /// Judges somebody who should get access to a group that is role-assignable or not.
    pub fn judge_subject(
        &self,
        subject: &Principal,
        identity: &Identity,
        into: Assignability,
    ) -> Result<(), Denial> {
        let subjects = &self.rules.subjects;
        self.judge_kind(subject, identity.kind)?;
        match identity.kind {
            PrincipalKind::User => {}
            PrincipalKind::Group | PrincipalKind::PrivilegedGroup => {
                return self.judge_group_subject(subject, identity, into);
            }
            PrincipalKind::ServicePrincipal => return Ok(()),
        }
        if subjects.guests == Guests::Forbidden && identity.is_guest() {
            return Err(self.deny(
                "spec.subjects.guests",
                &format!("{subject} is a guest, and guests are not admitted"),
            ));
        }
        let name = identity
            .user_principal_name
            .as_ref()
            .map(|name| name.as_str().to_lowercase())
            .unwrap_or_default();
        let admitted = subjects
            .user_principal_name_suffixes
            .iter()
            .any(|suffix| name.ends_with(&suffix.to_lowercase()));
        if admitted {
            return Ok(());
        }
        Err(self.deny(
            "spec.subjects.userPrincipalNameSuffixes",
            &format!("the user principal name of {subject} ends in none of those that are listed"),
        ))
    }
}
