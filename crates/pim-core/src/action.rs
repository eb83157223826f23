//! What can be done to a tenant: one closed variant for each kind of write, with every id inside. Nothing here decides
//! whether to do it.

use std::fmt;

use jiff::Timestamp;

use crate::audit_log::Touched;
use crate::desired::{Assignability, Object, Ticket};
use crate::ids::{
    AdministrativeUnitId, GroupId, GroupKey, PolicyId, PrincipalId, RoleAssignmentId,
};
use crate::knowledge::{Held, Part};
use crate::role::{BoundRole, KeptAs, RoleTarget};
use crate::rule::{Rule, RuleKey};
use crate::schedule::{Access, Key, Kind, Window};

/// A write, and the object on whose behalf it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Who asked for it. Writes that nobody asked for, such as emptying a group that goes, belong to the group.
    pub object: Object,
    /// What it is an answer to.
    pub cause: Cause,
    /// The change that is sent to the tenant.
    pub write: Write,
}

/// What a write is an answer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A manifest was created, changed or deleted.
    Declared,
    /// Somebody else changed the tenant; these are the differences.
    Drift(Vec<Difference>),
    /// The tenant's list of denied people names whom it is about.
    EmergencyStop,
    /// The boundary does not admit it any more, and has it taken away.
    Violation,
}

/// One difference between what is declared and what stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field of the manifest.
    pub field: String,
    /// The declared value, as text.
    pub declared: String,
    /// The value in the tenant, as text.
    pub stands: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} instead of {}",
            self.field, self.stands, self.declared
        )
    }
}

/// One change of a tenant, with everything that a request needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Creates the group.
    CreateGroup(NewGroup),
    /// Brings the group back from the deleted items.
    RestoreGroup(GroupId),
    /// Changes display name and description; both are sent.
    UpdateGroup {
        /// The group to change.
        group: GroupId,
        /// The display name after the change.
        display_name: String,
        /// The description after the change; none removes it.
        description: Option<String>,
    },
    /// Puts the group into an administrative unit.
    JoinUnit {
        /// The group that comes into the unit.
        group: GroupId,
        /// The unit.
        unit: AdministrativeUnitId,
    },
    /// Deletes the group, which lies empty.
    DeleteGroup(GroupId),
    /// Changes rules of a policy.
    UpdatePolicy {
        /// The group that the policy belongs to.
        group: GroupId,
        /// Whether it is the policy for members or for owners.
        access: Access,
        /// The policy as it was just read.
        policy: PolicyId,
        /// The rules that differ, in the order in which they are to be sent.
        rules: Vec<(RuleKey, Rule)>,
    },
    /// Gives somebody access, or changes the window of it.
    Grant {
        /// The group to which access is given.
        group: GroupId,
        /// Which principal, as member or owner, eligible or active.
        key: Key,
        /// Whether access is given anew or its window is changed.
        verb: GrantVerb,
        /// The time for which access is given.
        window: Window,
        /// The reason that the service records.
        justification: String,
        /// The ticket that the service records, if any.
        ticket: Option<Ticket>,
    },
    /// Takes access to the group away from a principal.
    Revoke {
        /// The group from which access is taken.
        group: GroupId,
        /// Which principal, as member or owner, eligible or active.
        key: Key,
    },
    /// Gives the group a role, or changes how it holds one.
    BindRole {
        /// The group that gets the role.
        group: GroupId,
        /// Which role, eligible or active.
        role: BoundRole,
        /// Whether a schedule or an assignment is written.
        by: KeptAs,
        /// Whether the role is bound anew, or its window or condition is changed.
        verb: GrantVerb,
        /// The time for which it is bound.
        window: Window,
        /// What narrows it.
        condition: Option<String>,
        /// The reason that the service records.
        justification: String,
        /// The ticket that the service records, if any.
        ticket: Option<Ticket>,
    },
    /// Takes a role away from the group.
    UnbindRole {
        /// The group that loses the role.
        group: GroupId,
        /// Which role, eligible or active.
        role: BoundRole,
        /// Whether a schedule or an assignment is taken away.
        by: KeptAs,
    },
    /// Takes a role away that the group holds by a plain assignment.
    DeletePlainRole {
        /// The group that loses the role.
        group: GroupId,
        /// Which role, and at which scope.
        role: RoleTarget,
        /// The id of the plain assignment that is deleted.
        assignment: RoleAssignmentId,
    },
    /// Takes a plain member or owner out who stands in no schedule.
    RemoveDirect {
        /// The group that the principal leaves.
        group: GroupId,
        /// Whether the principal is taken out as member or as owner.
        access: Access,
        /// The principal to take out.
        principal: PrincipalId,
    },
}

/// What a write changes: two writes with one key change the same. Ids that change with every update, such as a policy's,
/// are not part of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum WriteKey {
    /// A creation of the group.
    Create,
    /// A restore of the group from the deleted items.
    Restore,
    /// A change of display name or description.
    Update,
    /// The way into an administrative unit.
    Join(AdministrativeUnitId),
    /// A deletion of the group.
    Delete,
    /// A change of the policy for members or for owners.
    Policy(Access),
    /// A grant of access, new or changed.
    Grant(Key),
    /// A removal of access.
    Revoke(Key),
    /// A role of the group, new or changed.
    Bind(BoundRole),
    /// A removal of such a role.
    Unbind(BoundRole),
    /// Takes a plain role away.
    UnbindPlain(RoleTarget),
    /// Takes a plain member or owner out.
    Remove(Access, PrincipalId),
}

impl WriteKey {
    /// What has to be read again to see what became of it. Ending an eligibility may end an activation, and a plain row
    /// may stand beside the schedule of a role.
    pub fn touches(&self) -> &'static [Part] {
        match self {
            Self::Create | Self::Restore | Self::Update | Self::Delete => &[],
            Self::Join(_) => &[Part::Units],
            Self::Policy(_) => &[Part::Policies],
            Self::Grant(key) if key.kind == Kind::Eligible => &[Part::Eligible],
            Self::Grant(_) => &[Part::Active],
            Self::Revoke(_) => &[Part::Eligible, Part::Active],
            Self::Bind(role) => Part::showing(role),
            Self::Unbind(role) if role.kind == Kind::Eligible => Part::showing(role),
            Self::Unbind(_) | Self::UnbindPlain(_) => &[Part::Roles, Part::PlainRoles],
            Self::Remove(..) => &[Part::Active, Part::People, Part::Applications],
        }
    }

    /// What the group does not hold any more once it is done.
    pub fn removes(&self) -> Option<Held> {
        match self {
            Self::Delete => Some(Held::Group),
            Self::Revoke(key) => Some(Held::Access(*key)),
            Self::Unbind(role) => Some(Held::Role(role.clone())),
            Self::UnbindPlain(target) => Some(Held::Role(active(target))),
            Self::Remove(access, principal) => Some(Held::Access(plain(*access, *principal))),
            _ => None,
        }
    }

    /// The parts of the tenant that show it, where that is not the group itself.
    pub fn shows_in(&self) -> &'static [Part] {
        match self {
            Self::Create | Self::Restore | Self::Update | Self::Delete => &[],
            Self::Join(_) => &[Part::Units],
            Self::Policy(_) => &[Part::Policies],
            Self::Grant(key) | Self::Revoke(key) => match key.kind {
                Kind::Eligible => &[Part::Eligible],
                Kind::Active => &[Part::Active],
            },
            Self::Bind(role) | Self::Unbind(role) => Part::showing(role),
            Self::UnbindPlain(_) => &[Part::PlainRoles],
            Self::Remove(..) => &[Part::Applications],
        }
    }

    /// What the group may hold once it was tried.
    pub fn gives(&self) -> Option<Held> {
        match self {
            Self::Create | Self::Restore => Some(Held::Group),
            Self::Grant(key) => Some(Held::Access(*key)),
            Self::Bind(role) => Some(Held::Role(role.clone())),
            _ => None,
        }
    }

    /// The writes that it undoes.
    pub fn opposites(&self) -> Vec<Self> {
        match self {
            Self::Grant(key) if key.kind == Kind::Active => {
                vec![Self::Revoke(*key), Self::Remove(key.access, key.principal)]
            }
            Self::Grant(key) => vec![Self::Revoke(*key)],
            Self::Remove(access, principal) => vec![Self::Grant(plain(*access, *principal))],
            Self::Revoke(key) => vec![Self::Grant(*key)],
            Self::Bind(role) if role.kind == Kind::Eligible => vec![Self::Unbind(role.clone())],
            Self::Bind(role) => vec![
                Self::Unbind(role.clone()),
                Self::UnbindPlain(role.target.clone()),
            ],
            Self::Unbind(role) => vec![Self::Bind(role.clone())],
            Self::UnbindPlain(target) => vec![Self::Bind(active(target))],
            _ => Vec::new(),
        }
    }
}

/// What somebody has whom the directory lists as member or owner.
fn plain(access: Access, principal: PrincipalId) -> Key {
    Key {
        access,
        principal,
        kind: Kind::Active,
    }
}

/// What a plain assignment of a role gives.
fn active(target: &RoleTarget) -> BoundRole {
    BoundRole {
        target: target.clone(),
        kind: Kind::Active,
    }
}

/// Whether a grant is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantVerb {
    /// The grant is new: the tenant holds nothing under its key.
    Assign,
    /// The tenant holds a grant with another window.
    Update,
}

/// A group that is to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// The identity that it bears from the first moment.
    pub key: GroupKey,
    /// The display name of the new group.
    pub display_name: String,
    /// The description of the new group.
    pub description: Option<String>,
    /// Whether it can hold directory roles.
    pub assignability: Assignability,
}

impl Write {
    /// What it touches that others may have touched before, as the audit log would tell.
    pub fn touched(&self) -> Option<Touched> {
        match self {
            Self::UpdatePolicy { access, .. } => Some(Touched::Settings(*access)),
            Self::Grant { key, .. } | Self::Revoke { key, .. } => {
                Some(Touched::Access(key.access, key.principal))
            }
            Self::RemoveDirect {
                access, principal, ..
            } => Some(Touched::Access(*access, *principal)),
            _ => None,
        }
    }

    /// What this write changes, to compare it with other writes.
    pub fn key(&self) -> WriteKey {
        match self {
            Self::CreateGroup(_) => WriteKey::Create,
            Self::RestoreGroup(_) => WriteKey::Restore,
            Self::UpdateGroup { .. } => WriteKey::Update,
            Self::JoinUnit { unit, .. } => WriteKey::Join(*unit),
            Self::DeleteGroup(_) => WriteKey::Delete,
            Self::UpdatePolicy { access, .. } => WriteKey::Policy(*access),
            Self::Grant { key, .. } => WriteKey::Grant(*key),
            Self::Revoke { key, .. } => WriteKey::Revoke(*key),
            Self::BindRole { role, .. } => WriteKey::Bind(role.clone()),
            Self::UnbindRole { role, .. } => WriteKey::Unbind(role.clone()),
            Self::DeletePlainRole { role, .. } => WriteKey::UnbindPlain(role.clone()),
            Self::RemoveDirect {
                access, principal, ..
            } => WriteKey::Remove(*access, *principal),
        }
    }

    /// Whether it asks for the same. The id of a policy changes with each of its updates and says nothing.
    pub fn says_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::UpdatePolicy {
                    group,
                    access,
                    rules,
                    ..
                },
                Self::UpdatePolicy {
                    group: of,
                    access: for_access,
                    rules: wanted,
                    ..
                },
            ) => (group, access, rules) == (of, for_access, wanted),
            _ => self == other,
        }
    }

    /// The principal whose access it changes, if it changes anybody's.
    pub fn principal(&self) -> Option<PrincipalId> {
        match self {
            Self::Grant { key, .. } | Self::Revoke { key, .. } => Some(key.principal),
            Self::RemoveDirect { principal, .. } => Some(*principal),
            _ => None,
        }
    }
}

/// A point in time at which a group should be reconciled again.
pub type WakeAt = Option<Timestamp>;

/// The earlier of two points in time.
pub fn earlier(a: WakeAt, b: WakeAt) -> WakeAt {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests;
