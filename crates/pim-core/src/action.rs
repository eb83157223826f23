//! What can be done to a tenant: one closed variant for each kind of write, with every id inside. Nothing here decides
//! whether to do it.

use std::fmt;

use jiff::Timestamp;

use crate::desired::{Assignability, Object, Ticket};
use crate::ids::{
    DirectoryScope, GroupId, GroupKey, PolicyId, PrincipalId, RoleAssignmentId, RoleDefinitionId,
};
use crate::rule::{Rule, RuleKey};
use crate::schedule::{Access, Key, Window};

/// A write, and the object on whose behalf it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Who asked for it. Writes that nobody asked for, such as emptying a group that goes, belong to the group.
    pub object: Object,
    /// What it is an answer to.
    pub cause: Cause,
    /// What is written.
    pub write: Write,
}

/// What a write is an answer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The manifests changed.
    Declared,
    /// Somebody changed the tenant.
    Drift(Vec<Difference>),
}

/// One difference between what is declared and what stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field of the manifest.
    pub field: String,
    /// What is declared.
    pub declared: String,
    /// What stands.
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

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Makes the group.
    CreateGroup(NewGroup),
    /// Brings the group back from the deleted items.
    RestoreGroup(GroupId),
    /// Changes name or description.
    UpdateGroup {
        /// Which group.
        group: GroupId,
        /// The new display name.
        display_name: String,
        /// The new description.
        description: Option<String>,
    },
    /// Deletes the group, which lies empty.
    DeleteGroup(GroupId),
    /// Changes rules of a policy.
    UpdatePolicy {
        /// Whose policy.
        group: GroupId,
        /// For members or owners.
        access: Access,
        /// The policy as it was just read.
        policy: PolicyId,
        /// The rules that differ, in the order in which they are to be sent.
        rules: Vec<(RuleKey, Rule)>,
    },
    /// Gives somebody access, or changes the window of it.
    Grant {
        /// To which group.
        group: GroupId,
        /// Who, how.
        key: Key,
        /// Whether it is new.
        verb: GrantVerb,
        /// When.
        window: Window,
        /// Why, in words.
        justification: String,
        /// The ticket.
        ticket: Option<Ticket>,
    },
    /// Takes somebody's access away.
    Revoke {
        /// From which group.
        group: GroupId,
        /// Who, how.
        key: Key,
    },
    /// Gives the group a directory role.
    BindRole {
        /// Which group.
        group: GroupId,
        /// Which role.
        role: RoleDefinitionId,
        /// Where.
        scope: DirectoryScope,
        /// Whether it is new.
        verb: GrantVerb,
        /// Why, in words.
        justification: String,
    },
    /// Takes a directory role away from the group.
    UnbindRole {
        /// Which group.
        group: GroupId,
        /// Which role.
        role: RoleDefinitionId,
        /// Where.
        scope: DirectoryScope,
    },
    /// Takes a directory role away that the group holds by a plain assignment.
    DeletePlainRole {
        /// Which group.
        group: GroupId,
        /// Which role.
        role: RoleDefinitionId,
        /// The assignment.
        assignment: RoleAssignmentId,
    },
}

/// Whether a grant is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantVerb {
    /// Nothing stands yet.
    Assign,
    /// Another window stands.
    Update,
}

impl fmt::Display for GrantVerb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Assign => "make",
            Self::Update => "change",
        })
    }
}

/// A group to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// The identity that it bears from the first moment.
    pub key: GroupKey,
    /// Its display name.
    pub display_name: String,
    /// Its description.
    pub description: Option<String>,
    /// Whether it can hold directory roles.
    pub assignability: Assignability,
}

impl Write {
    /// The principal whose access it changes, if it changes anybody's.
    pub fn principal(&self) -> Option<PrincipalId> {
        match self {
            Self::Grant { key, .. } | Self::Revoke { key, .. } => Some(key.principal),
            _ => None,
        }
    }
}

impl fmt::Display for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::CreateGroup(group) => {
                format!("create group {:?} ({})", group.display_name, group.key)
            }
            Self::RestoreGroup(group) => format!("restore group {group}"),
            Self::UpdateGroup {
                group,
                display_name,
                ..
            } => {
                format!("update group {group}: display name {display_name:?}")
            }
            Self::DeleteGroup(group) => format!("delete group {group}"),
            Self::UpdatePolicy {
                group,
                access,
                rules,
                ..
            } => {
                let ids: Vec<String> = rules.iter().map(|(key, _)| key.to_string()).collect();
                format!(
                    "update the {access} policy of group {group}: {}",
                    ids.join(", ")
                )
            }
            Self::Grant {
                group,
                key,
                verb,
                window,
                ..
            } => {
                format!("{verb} {key} of group {group} {window}")
            }
            Self::Revoke { group, key } => format!("end {key} of group {group}"),
            Self::BindRole {
                group, role, scope, ..
            } => {
                format!("bind role {role} at {scope} to group {group}")
            }
            Self::UnbindRole { group, role, scope } => {
                format!("unbind role {role} at {scope} from group {group}")
            }
            Self::DeletePlainRole { group, role, .. } => {
                format!("delete the plain assignment of role {role} to group {group}")
            }
        })
    }
}

/// A point in time at which a group should be looked at again.
pub type WakeAt = Option<Timestamp>;

/// The earlier of two points in time.
pub fn earlier(a: WakeAt, b: WakeAt) -> WakeAt {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
