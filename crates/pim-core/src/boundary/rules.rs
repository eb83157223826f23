//! What a boundary says, as manifests write it. How it is judged stands one level up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PolicyFloor, RoleLists};
use crate::admission::{address_suffixes, clean_texts, object_names};
use crate::duration::Days;
use crate::ids::{AdministrativeUnitId, GroupId};
use crate::principal::PrincipalKind;
use crate::settings::Permanent;

/// What the groups of some namespaces may be and hold. A list that is left out admits nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct BoundaryRules {
    /// Namespaces whose groups may name this boundary: exact names.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(min = 1, max = 63)), extend("x-kubernetes-list-type" = "set"), transform = object_names)]
    pub namespaces: Vec<String>,
    /// Tenants, by the names of their `EntraTenant` objects.
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(min = 1, max = 253)), extend("x-kubernetes-list-type" = "set"), transform = object_names)]
    pub tenants: Vec<String>,
    /// What the groups themselves may be.
    #[serde(default)]
    pub groups: GroupLimits,
    /// The roles that the groups may hold, system by system.
    #[serde(flatten)]
    pub roles: RoleLists,
    /// Who may get access.
    #[serde(default)]
    pub subjects: SubjectLimits,
    /// For how long.
    #[serde(default)]
    pub assignments: AssignmentLimits,
    /// How strict the PIM settings of the groups must be at the least, for members and for owners alike; `{}` demands
    /// nothing.
    pub policy_floor: PolicyFloor,
    /// What happens to access and roles that were granted and are not admitted any more. Settings that fall below
    /// `policyFloor` are never a reason to take anything away, and never changed by the boundary.
    #[serde(default)]
    pub on_violation: OnViolation,
}

/// What happens to what was granted and is not admitted any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum OnViolation {
    /// It is told, and stays until somebody decides.
    #[default]
    Report,
    /// It is taken away once it has not been admitted for five minutes, also where an object is paused.
    Revoke,
}

/// What groups may be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct GroupLimits {
    /// Patterns of display names. `*` stands for any characters, for example `PAG-payments-*`.
    #[serde(default)]
    #[schemars(length(max = 50), inner(length(min = 1, max = 256)), extend("x-kubernetes-list-type" = "set"), transform = clean_texts)]
    pub name_patterns: Vec<String>,
    /// Existing groups that may be taken over, by their object ids. Whoever may write a `PrivilegedGroup` in one of the
    /// namespaces manages such a group as one of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), extend("x-kubernetes-list-type" = "set"))]
    pub adoptable: Vec<GroupId>,
    /// Administrative units that the groups may be in, by their object ids. Whoever administers groups of such a unit administers
    /// those that are not role-assignable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), extend("x-kubernetes-list-type" = "set"))]
    pub administrative_units: Vec<AdministrativeUnitId>,
    /// Whether objects may say `deletionPolicy: Retain` of what was not adopted: it stays in the tenant when the object
    /// goes, and nobody looks after it.
    #[serde(default)]
    pub leave_behind: LeaveBehind,
}

/// Whether something may stay in the tenant whose object is deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum LeaveBehind {
    /// It may not.
    #[default]
    Forbidden,
    /// It may.
    Allowed,
}

impl BoundaryRules {
    /// Whether groups of a namespace in a tenant are judged by this at all.
    pub fn admits_place(&self, namespace: &str, tenant: &str) -> bool {
        let lists = |list: &[String], name: &str| list.iter().any(|listed| listed == name);
        lists(&self.namespaces, namespace) && lists(&self.tenants, tenant)
    }

    /// Whether an object of a namespace may take a group of a tenant over.
    pub fn admits_adoption(&self, namespace: &str, tenant: &str, group: GroupId) -> bool {
        self.admits_place(namespace, tenant) && self.groups.adoptable.contains(&group)
    }
}

/// Who may get access.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct SubjectLimits {
    /// Kinds of subjects.
    #[serde(default)]
    #[schemars(length(max = 4), extend("x-kubernetes-list-type" = "set"))]
    pub kinds: Vec<PrincipalKind>,
    /// Ends of user principal names, for example `@contoso.com`. Without any, no user is admitted.
    #[serde(default)]
    #[schemars(length(max = 50), inner(length(min = 2, max = 256)), extend("x-kubernetes-list-type" = "set"), transform = address_suffixes)]
    pub user_principal_name_suffixes: Vec<String>,
    /// Whether people from elsewhere may be among them: users of type guest, and those whose principal name holds
    /// `#EXT#`. Their names end in a domain of the tenant, so the suffixes alone do not tell them apart.
    #[serde(default)]
    pub guests: Guests,
    /// Groups that may be subjects by their object id (kind `Group`). Who is in them is decided elsewhere. Without any, no such
    /// group is admitted; a `PrivilegedGroup` needs no line here, because the same boundary judges it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), extend("x-kubernetes-list-type" = "set"))]
    pub groups: Vec<GroupId>,
    /// Whether groups that are not role-assignable may be eligible members of one that is. The owners of such a group, and
    /// administrators of groups, can put themselves into it and activate from there.
    #[serde(default)]
    pub ordinary_groups: OrdinaryGroups,
}

/// Whether groups that are not role-assignable may be eligible members of one that is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum OrdinaryGroups {
    /// They may not.
    #[default]
    Forbidden,
    /// They may.
    Allowed,
}

/// Whether people from elsewhere may get access.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Guests {
    /// They may not.
    #[default]
    Forbidden,
    /// They may.
    Allowed,
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
#[schemars(
    inline,
    extend("x-kubernetes-validations" = [{
        "rule": "self.permanent != 'Forbidden' || has(self.maximumDuration)",
        "message": "permanent: Forbidden asks for a maximumDuration, for example P180D: an end in a thousand years is no end"
    }])
)]
pub struct DurationLimit {
    /// Whether it may last for ever.
    pub permanent: Permanent,
    /// The longest window of one that ends; any when left out. It must be given where `permanent` is `Forbidden`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_duration: Option<Days>,
    /// Whether it may be extended by itself before it ends (`spec.renewal.mode: Auto`).
    #[serde(default)]
    pub auto_renewal: AutoRenewal,
}

/// Whether access may be extended by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum AutoRenewal {
    /// Only somebody who changes the schedule extends it.
    #[default]
    Forbidden,
    /// It may.
    Allowed,
}

impl DurationLimit {
    /// The longest window of one that ends. Where it must end and nobody said when, as in objects that are older than
    /// the rule which asks for it, a year is the most.
    pub fn longest(&self) -> Option<Days> {
        let unsaid = (self.permanent == Permanent::Forbidden).then_some(Days::YEAR);
        self.maximum_duration.or(unsaid)
    }
}
