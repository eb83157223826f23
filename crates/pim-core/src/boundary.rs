//! What the groups of some namespaces may be and hold. Closed by default: what no list admits is refused. Pure
//! judgement; what follows from a refusal is the planner's business.
//!
//! One boundary judges everything about a group: the group, its policies, its roles and everybody who gets access.

mod floor;
mod rules;

use jiff::{SignedDuration, Timestamp};

pub use floor::{
    ActivationFloor, ApprovalFloor, ContextFloor, FloorViolation, MultiFactorFloor, PolicyFloor,
    StrongAuthentication,
};
pub use rules::{
    AssignmentLimits, DirectoryRoles, DurationLimit, GroupLimits, Guests, OwnerLimits, RoleHolding,
    Rules, SubjectLimits,
};

use crate::desired::{Assignment, Binding, Group, Role};
use crate::duration::Days;
use crate::ids::RoleDefinitionId;
use crate::principal::{Identity, Principal, PrincipalKind};
use crate::schedule::{Access, Expiration, Kind};
use crate::settings::Permanent;

/// A boundary with its name and with the ids that its role names lead to.
#[derive(Debug, Clone)]
pub struct Boundary {
    /// The name of the object.
    pub name: String,
    /// What it says.
    pub rules: Rules,
    /// The ids behind each text under `directoryRoles[].roles`. Roles are compared as ids.
    pub role_ids: Vec<(String, Vec<RoleDefinitionId>)>,
}

/// Why something is not admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The rule of the boundary, for metrics: a field path.
    pub rule: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

impl Boundary {
    fn deny(&self, rule: &'static str, what: &str) -> Denial {
        Denial {
            rule,
            message: format!("{what} ({rule} of AccessBoundary {})", self.name),
        }
    }

    /// Judges the group itself: namespace, tenant and name. Its policies are judged by [`Boundary::judge_policy`].
    pub fn judge_group(&self, group: &Group) -> Result<(), Denial> {
        if !self.rules.namespaces.contains(&group.name.namespace) {
            return Err(self.deny(
                "spec.namespaces",
                &format!("namespace {} is not listed", group.name.namespace),
            ));
        }
        if !self.rules.tenants.contains(&group.tenant) {
            return Err(self.deny(
                "spec.tenants",
                &format!("tenant {} is not listed", group.tenant),
            ));
        }
        let patterns = &self.rules.groups.name_patterns;
        if !patterns
            .iter()
            .any(|pattern| matches_pattern(pattern, &group.display_name))
        {
            let what = format!(
                "no pattern admits the display name {:?}",
                group.display_name
            );
            return Err(self.deny("spec.groups.namePatterns", &what));
        }
        Ok(())
    }

    /// Judges one policy by what will stand.
    pub fn judge_policy(
        &self,
        access: Access,
        rules: &crate::rule::Rules,
        approvers: &ApproverNames<'_>,
    ) -> Result<(), Denial> {
        self.rules
            .policy_floor
            .judge(rules, approvers)
            .map_err(|violation| {
                self.deny(
                    violation.rule,
                    &format!("the {access} policy {}", violation.what),
                )
            })
    }

    /// Judges a role that the group should hold.
    pub fn judge_binding(&self, binding: &Binding) -> Result<(), Denial> {
        let Role::Found(role) = binding.role else {
            return Ok(());
        };
        self.judge_role(role, binding.scope.as_str(), &binding.role_name)
    }

    /// Judges a role by its id and scope.
    pub fn judge_role(
        &self,
        role: RoleDefinitionId,
        scope: &str,
        shown: &str,
    ) -> Result<(), Denial> {
        let listed = |name: &String| {
            self.role_ids
                .iter()
                .any(|(text, ids)| text == name && ids.contains(&role))
        };
        let admitted = self.rules.directory_roles.iter().any(|entry| {
            entry.scopes.iter().any(|admitted| admitted == scope)
                && entry.assignments.contains(&RoleHolding::Active)
                && entry.roles.iter().any(listed)
        });
        if admitted {
            return Ok(());
        }
        Err(self.deny(
            "spec.directoryRoles",
            &format!("the directory role {shown} at {scope} is not listed"),
        ))
    }

    /// The limit that governs an assignment, with its field path.
    fn limit(&self, assignment: &Assignment) -> (&'static str, Option<&DurationLimit>) {
        let limits = &self.rules.assignments;
        let owners = limits.owners.as_ref();
        match (assignment.access, assignment.kind) {
            (Access::Member, Kind::Eligible) => {
                ("spec.assignments.eligible", limits.eligible.as_ref())
            }
            (Access::Member, Kind::Active) => ("spec.assignments.active", limits.active.as_ref()),
            (Access::Owner, Kind::Eligible) => (
                "spec.assignments.owners.eligible",
                owners.and_then(|owners| owners.eligible.as_ref()),
            ),
            (Access::Owner, Kind::Active) => (
                "spec.assignments.owners.active",
                owners.and_then(|owners| owners.active.as_ref()),
            ),
        }
    }

    /// Judges how long an assignment may last; `remaining` is what is left of one that names its end. Who may get it is
    /// judged by [`Boundary::judge_subject`].
    pub fn judge_window(
        &self,
        assignment: &Assignment,
        remaining: Option<SignedDuration>,
    ) -> Result<(), Denial> {
        let (rule, limit) = self.limit(assignment);
        let Some(limit) = limit else {
            return Err(self.deny(
                rule,
                &format!("admits no {} {}", assignment.kind, assignment.access),
            ));
        };
        let too_long = |stands: &str, maximum: Days| {
            self.deny(
                rule,
                &format!("spec.schedule.expiration: {stands}; at most {maximum}"),
            )
        };
        match (assignment.schedule.expiration, limit.longest()) {
            (Expiration::Never, _) if limit.permanent == Permanent::Forbidden => {
                let longest = limit
                    .longest()
                    .map_or_else(String::new, |maximum| format!("; at most {maximum}"));
                let what = format!(
                    "spec.schedule.expiration: never{longest}; use afterDuration or endTime"
                );
                Err(self.deny(rule, &what))
            }
            (Expiration::AfterDuration(days), Some(maximum)) if days > maximum => {
                Err(too_long(&days.to_string(), maximum))
            }
            (Expiration::EndTime(end), Some(maximum))
                if remaining.is_some_and(|rest| rest > maximum.length().to_signed()) =>
            {
                Err(too_long(&format!("{end:.0} is too far away"), maximum))
            }
            _ => Ok(()),
        }
    }

    /// From when on an assignment that names its end is short enough, if it is only too long for now.
    pub fn admits_window_from(&self, assignment: &Assignment) -> Option<Timestamp> {
        let Expiration::EndTime(end) = assignment.schedule.expiration else {
            return None;
        };
        let maximum = self.limit(assignment).1?.longest()?;
        end.checked_sub(maximum.length().to_signed()).ok()
    }

    /// Judges somebody who should get access.
    pub fn judge_subject(&self, subject: &Principal, identity: &Identity) -> Result<(), Denial> {
        let subjects = &self.rules.subjects;
        if !subjects.kinds.contains(&identity.kind) {
            return Err(self.deny(
                "spec.subjects.kinds",
                &format!("{subject} is a {}, which is not listed", identity.kind),
            ));
        }
        if identity.kind != PrincipalKind::User {
            return Ok(());
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

/// The approvers that a boundary admits, by id; none when it does not limit them.
pub type ApproverNames<'a> = dyn Fn(&Principal) -> Option<crate::ids::PrincipalId> + 'a;

/// Whether a text matches a pattern in which `*` stands for any characters.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    let mut rest = rest;
    for part in middle {
        let Some(found) = rest.find(part) else {
            return false;
        };
        rest = &rest[found + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests;
