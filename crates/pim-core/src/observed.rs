//! What stands in the tenant, read completely or not at all: a read that failed in part never becomes one of these
//! types, so what is missing here is really missing. Built by the operator's `reader`, read by `plan`.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::ids::{
    DirectoryScope, GroupId, PolicyId, PrincipalId, RoleAssignmentId, RoleDefinitionId,
};
use crate::rule::{Rule, RuleKey, UnknownRule};
use crate::schedule::{Access, ByAccess, Key, Kind, Window};

/// A group with everything that stands about it.
#[derive(Debug, Clone)]
pub struct Unit {
    /// What time the service says it is. It may differ by seconds from one of its servers to the next.
    pub now: Timestamp,
    /// The group.
    pub group: Presence,
    /// Both policies.
    pub policies: Policies,
    /// Eligibilities, present and future.
    pub eligible: Vec<Schedule>,
    /// Active assignments and activations, present and future.
    pub active: Vec<Schedule>,
    /// Directory roles that the group holds by a schedule.
    pub roles: Vec<RoleSchedule>,
    /// Directory roles that it holds by a plain assignment.
    pub plain_roles: PlainRoles,
}

impl Unit {
    /// What an administrator assigned under a key. The service goes on listing what has ended for a while, so one that
    /// has not ended comes first.
    pub fn assigned(&self, key: Key) -> Option<&Schedule> {
        let list = match key.kind {
            Kind::Eligible => &self.eligible,
            Kind::Active => &self.active,
        };
        let of_key = list.iter().filter(|schedule| {
            schedule.nature == Nature::Assigned
                && schedule.access == key.access
                && schedule.principal == key.principal
        });
        of_key.min_by_key(|schedule| schedule.window.end.is_over(self.now))
    }

    /// What an administrator assigned under a key and has not ended.
    pub fn standing(&self, key: Key) -> Option<&Schedule> {
        self.assigned(key)
            .filter(|schedule| !schedule.window.end.is_over(self.now))
    }

    /// The activation of somebody that runs.
    pub fn activation(&self, access: Access, principal: PrincipalId) -> Option<&Schedule> {
        self.active.iter().find(|schedule| {
            schedule.nature == Nature::Activated
                && schedule.access == access
                && schedule.principal == principal
                && !schedule.window.end.is_over(self.now)
        })
    }

    /// Owners whom an administrator assigned and who own the group now. One whose window has ended is among them while
    /// the service lists him: it keeps the last owner beyond his end.
    pub fn owners(&self) -> impl Iterator<Item = &Schedule> {
        self.active.iter().filter(|schedule| {
            schedule.nature == Nature::Assigned
                && schedule.access == Access::Owner
                && !schedule.window.is_future(self.now)
        })
    }
}

/// Where a group with our key stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// Nowhere, since this moment as far as we know.
    Absent {
        /// The first look that did not find it.
        since: Timestamp,
    },
    /// In the tenant.
    Living(Group),
    /// Among the deleted items, from where it can be restored.
    Deleted(Group),
    /// Several groups bear the key.
    Twins(Vec<GroupId>),
    /// The group that we saw last does not bear the key any more.
    Stranger(GroupId),
}

/// What is known of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its object id.
    pub id: GroupId,
    /// Its display name.
    pub display_name: String,
    /// Its description.
    pub description: Option<String>,
    /// Whether a restricted management unit locks it.
    pub management: Management,
}

/// Whether a group can be changed at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Management {
    /// It can.
    Open,
    /// A restricted management unit locks it.
    Restricted,
}

/// Both policies of a group, and how fresh they are.
#[derive(Debug, Clone)]
pub enum Policies {
    /// Read in this look.
    Fresh(ByAccess<Option<Policy>>),
    /// Read in an earlier look: good enough to see a difference later, never to grant.
    Earlier(ByAccess<Option<Policy>>),
    /// Never read.
    Unread,
}

impl Policies {
    /// The policy of one access as it was last read.
    pub fn last(&self, access: Access) -> Option<&Policy> {
        match self {
            Self::Fresh(policies) | Self::Earlier(policies) => policies.get(access).as_ref(),
            Self::Unread => None,
        }
    }

    /// The policy of one access, if it was read in this look.
    pub fn fresh(&self, access: Access) -> Option<&Policy> {
        match self {
            Self::Fresh(policies) => policies.get(access).as_ref(),
            Self::Earlier(_) | Self::Unread => None,
        }
    }
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its id at the time of reading; it changes when the service sees fit.
    pub id: PolicyId,
    /// Those of the 17 known rules that it has.
    pub rules: BTreeMap<RuleKey, Rule>,
    /// All others.
    pub unknown: Vec<UnknownRule>,
}

/// How somebody came to be active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// An administrator assigned it.
    Assigned,
    /// An eligible person activated it. Shown, never planned against.
    Activated,
}

/// One assignment as the service lists it. Only direct ones: what comes through a nested group is that group's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Membership or ownership.
    pub access: Access,
    /// Who.
    pub principal: PrincipalId,
    /// When.
    pub window: Window,
    /// How it came about; always `Assigned` for eligibilities.
    pub nature: Nature,
    /// When it was made, if the service says.
    pub created: Option<Timestamp>,
}

impl Schedule {
    /// What makes it the same assignment; the kind says which list it stands in.
    pub fn key(&self, kind: Kind) -> Key {
        Key {
            access: self.access,
            principal: self.principal,
            kind,
        }
    }
}

/// One directory role that the group holds by a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSchedule {
    /// The role.
    pub role: RoleDefinitionId,
    /// Where it holds.
    pub scope: DirectoryScope,
    /// When.
    pub window: Window,
    /// How it came about.
    pub nature: Nature,
    /// When it was made, if the service says.
    pub created: Option<Timestamp>,
}

/// Plain role assignments, which cost a read of their own and are read only when they matter.
#[derive(Debug, Clone)]
pub enum PlainRoles {
    /// Read in this look.
    Fresh(Vec<PlainRole>),
    /// Not read.
    Unread,
}

/// One directory role that the group holds by a plain assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainRole {
    /// The id of the assignment.
    pub id: RoleAssignmentId,
    /// The role.
    pub role: RoleDefinitionId,
    /// Where it holds.
    pub scope: DirectoryScope,
}
