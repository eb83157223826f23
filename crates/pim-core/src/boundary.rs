//! What the groups of some namespaces may be and hold. Closed by default: what no list admits is refused. Pure
//! judgement; what follows from a refusal is the planner's business.
//!
//! One boundary judges everything about a group: the group, its policies, its roles and everybody who gets access.

mod floor;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use floor::{
    ActivationFloor, ApprovalFloor, ContextFloor, FloorViolation, MultiFactorFloor, PolicyFloor,
    StrongAuthentication,
};

use crate::desired::{Assignment, Binding, Group, Role};
use crate::duration::Days;
use crate::ids::RoleDefinitionId;
use crate::principal::{Identity, Principal, PrincipalKind};
use crate::schedule::{Access, Expiration, Kind};
use crate::settings::Permanent;

/// What the groups of some namespaces may be and hold. A list that is left out admits nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Rules {
    /// Namespaces whose groups may name this boundary: exact names.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(min = 1, max = 63)), extend("x-kubernetes-list-type" = "set"))]
    pub namespaces: Vec<String>,
    /// Tenants, by the names of their `EntraTenant` objects.
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(min = 1, max = 253)), extend("x-kubernetes-list-type" = "set"))]
    pub tenants: Vec<String>,
    /// What the groups themselves may be.
    #[serde(default)]
    pub groups: GroupLimits,
    /// The directory roles that the groups may hold.
    #[serde(default)]
    #[schemars(length(max = 50), extend("x-kubernetes-list-type" = "atomic"))]
    pub directory_roles: Vec<DirectoryRoles>,
    /// Who may get access.
    #[serde(default)]
    pub subjects: SubjectLimits,
    /// For how long.
    #[serde(default)]
    pub assignments: AssignmentLimits,
    /// How strict the PIM settings of the groups must be at the least; `{}` demands nothing.
    pub policy_floor: PolicyFloor,
}

/// What groups may be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct GroupLimits {
    /// Patterns of display names. `*` stands for any characters, for example `PAG-payments-*`.
    #[serde(default)]
    #[schemars(length(max = 50), inner(length(min = 1, max = 256)), extend("x-kubernetes-list-type" = "set"))]
    pub name_patterns: Vec<String>,
}

/// Some directory roles at some scopes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct DirectoryRoles {
    /// Names or ids of role definitions.
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 256)), extend("x-kubernetes-list-type" = "set"))]
    pub roles: Vec<String>,
    /// Where they may hold: `/` is the whole tenant.
    #[schemars(length(min = 1, max = 1), inner(length(max = 1), regex(pattern = "^/$")), extend("x-kubernetes-list-type" = "set"))]
    pub scopes: Vec<String>,
    /// How the group may hold them: `Active` means all the time.
    #[schemars(length(min = 1, max = 1), extend("x-kubernetes-list-type" = "set"))]
    pub assignments: Vec<RoleHolding>,
}

/// How a group holds a role.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum RoleHolding {
    /// The group holds it all the time, people activate the group.
    #[default]
    Active,
}

/// Who may get access.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct SubjectLimits {
    /// Kinds of subjects.
    #[serde(default)]
    #[schemars(length(max = 3), extend("x-kubernetes-list-type" = "set"))]
    pub kinds: Vec<PrincipalKind>,
    /// Ends of user principal names, for example `@contoso.com`. Without any, no user is admitted.
    #[serde(default)]
    #[schemars(length(max = 50), inner(length(min = 2, max = 256), regex(pattern = "^@")), extend("x-kubernetes-list-type" = "set"))]
    pub user_principal_name_suffixes: Vec<String>,
}

/// How long access may last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct AssignmentLimits {
    /// Eligible members; forbidden when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eligible: Option<DurationLimit>,
    /// Active members; forbidden when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<DurationLimit>,
    /// Owners; forbidden when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owners: Option<OwnerLimits>,
}

/// How long ownership may last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct OwnerLimits {
    /// Eligible owners; forbidden when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eligible: Option<DurationLimit>,
    /// Active owners; forbidden when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<DurationLimit>,
}

/// The longest window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct DurationLimit {
    /// Whether it may last for ever.
    pub permanent: Permanent,
    /// The longest window of one that ends; any when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_duration: Option<Days>,
}

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
            message: format!("AccessBoundary {}: {what} ({rule})", self.name),
        }
    }

    /// Judges the group itself: namespace, tenant and name. Its policies are judged by [`Boundary::judge_policy`].
    pub fn judge_group(&self, group: &Group) -> Result<(), Denial> {
        if !self.rules.namespaces.contains(&group.name.namespace) {
            return Err(self.deny(
                "spec.namespaces",
                &format!("does not list namespace {}", group.name.namespace),
            ));
        }
        if !self.rules.tenants.contains(&group.tenant) {
            return Err(self.deny(
                "spec.tenants",
                &format!("does not list tenant {}", group.tenant),
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
            &format!("does not list the directory role {shown} at {scope}"),
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
        let too_long = |maximum: Days| {
            self.deny(
                rule,
                &format!("spec.schedule.expiration is longer than the {maximum} that are admitted"),
            )
        };
        match (assignment.schedule.expiration, limit.maximum_duration) {
            (Expiration::Never, _) if limit.permanent == Permanent::Forbidden => Err(self.deny(
                rule,
                "spec.schedule.expiration.never is not admitted; use afterDuration or endTime",
            )),
            (Expiration::AfterDuration(days), Some(maximum)) if days > maximum => {
                Err(too_long(maximum))
            }
            (Expiration::EndTime(_), Some(maximum))
                if remaining.is_some_and(|rest| rest > maximum.length().to_signed()) =>
            {
                Err(too_long(maximum))
            }
            _ => Ok(()),
        }
    }

    /// From when on an assignment that names its end is short enough, if it is only too long for now.
    pub fn admits_window_from(&self, assignment: &Assignment) -> Option<Timestamp> {
        let Expiration::EndTime(end) = assignment.schedule.expiration else {
            return None;
        };
        let maximum = self.limit(assignment).1?.maximum_duration?;
        end.checked_sub(maximum.length().to_signed()).ok()
    }

    /// Judges somebody who should get access.
    pub fn judge_subject(&self, subject: &Principal, identity: &Identity) -> Result<(), Denial> {
        let subjects = &self.rules.subjects;
        if !subjects.kinds.contains(&identity.kind) {
            return Err(self.deny(
                "spec.subjects.kinds",
                &format!("admits no {} ({subject})", identity.kind),
            ));
        }
        if identity.kind != PrincipalKind::User {
            return Ok(());
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
            &format!("admits no user principal name such as that of {subject}"),
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
