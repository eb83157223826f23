//! What stands in the tenant, each part with how well it is known. A read that failed in part never becomes one of these
//! types. Built by the operator's `reader`, read by `plan`; what is missing here is gone only by the rule of `knowledge`.

mod direct;
mod group;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::ids::{AdministrativeUnitId, GroupId, PolicyId, PrincipalId, RoleAssignmentId};
use crate::knowledge::{Part, Read};
use crate::reason::Reason;
use crate::role::{BoundRole, Keeping, RoleScope, RoleSystem, RoleTarget};
use crate::rule::{Rule, RuleKey, UnknownRule};
use crate::schedule::{Access, ByAccess, End, Key, Kind, Window};

pub use direct::{Direct, DirectKind};
pub use group::{Group, Management};

/// A group with everything that stands about it.
#[derive(Debug, Clone)]
pub struct Unit {
    /// What time the service says it is. It may differ by seconds from one of its servers to the next.
    pub now: Timestamp,
    /// Whether the group exists, and what is known of it.
    pub group: Presence,
    /// Other living groups that bear the same key.
    pub duplicates: Vec<GroupId>,
    /// The policies for members and for owners.
    pub policies: Read<ByAccess<Option<Policy>>>,
    /// Whether the first change of a policy is still to come.
    pub onboarding: Onboarding,
    /// Eligible assignments, present and future.
    pub eligible: Read<Vec<Schedule>>,
    /// Active assignments and activations, present and future.
    pub active: Read<Vec<Schedule>>,
    /// Directory roles that the group holds by a schedule.
    pub roles: Read<Vec<RoleSchedule>>,
    /// Directory roles that the group is eligible for.
    pub eligible_roles: Read<Vec<RoleSchedule>>,
    /// Directory roles that it holds, whatever made them.
    pub plain_roles: Read<Vec<PlainRole>>,
    /// The scopes, as they are declared, of which some list of roles could not be read, and why.
    pub scope_faults: BTreeMap<(Part, RoleSystem, RoleScope), ScopeFault>,
    /// Members and owners but for service principals, as the directory lists them.
    pub people: Read<Vec<Direct>>,
    /// Service principals among members and owners, which only a list of their own shows.
    pub applications: Read<Vec<Direct>>,
    /// The administrative units that the group is in.
    pub units: Read<Vec<AdministrativeUnitId>>,
    /// Parts that hold something that cannot be read, with the reason. What can be read of them counts as read in an
    /// earlier pass: nothing is given by it, and nothing is gone that it does not show.
    pub unreadable: BTreeMap<Part, String>,
}

/// Whether PIM knows a group already, as far as its policies tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Onboarding {
    /// One of them was changed before.
    Done,
    /// The first change is still to come. It gives both policies other ids (learn.microsoft.com: pim-apis, onboarding
    /// of groups), so the second change waits until they were read again.
    #[default]
    Ahead,
}

impl Unit {
    /// A group of which nothing but its presence is known.
    pub fn unread(now: Timestamp, group: Presence) -> Self {
        Self {
            now,
            group,
            duplicates: Vec::new(),
            policies: Read::Unread,
            onboarding: Onboarding::default(),
            eligible: Read::Unread,
            active: Read::Unread,
            roles: Read::Unread,
            eligible_roles: Read::Unread,
            plain_roles: Read::Unread,
            scope_faults: BTreeMap::new(),
            people: Read::Unread,
            applications: Read::Unread,
            units: Read::Unread,
            unreadable: BTreeMap::new(),
        }
    }

    /// Whether a part was read in this pass.
    pub fn is_fresh(&self, part: Part) -> bool {
        self.fresh_at(part).is_some()
    }

    /// When a part was read, if that was in this pass. Names always are.
    pub fn fresh_at(&self, part: Part) -> Option<Timestamp> {
        match part {
            Part::Names => Some(self.now),
            Part::Policies => self.policies.fresh_at(),
            Part::Eligible => self.eligible.fresh_at(),
            Part::Active => self.active.fresh_at(),
            Part::Roles => self.roles.fresh_at(),
            Part::EligibleRoles => self.eligible_roles.fresh_at(),
            Part::PlainRoles => self.plain_roles.fresh_at(),
            Part::People => self.people.fresh_at(),
            Part::Applications => self.applications.fresh_at(),
            Part::Units => self.units.fresh_at(),
        }
    }

    /// Lets parts count as read in an earlier pass: something was written to them.
    pub fn demote(&mut self, parts: &[Part]) {
        self.scope_faults
            .retain(|(part, ..), _| !parts.contains(part));
        for part in parts {
            match part {
                Part::Names => {}
                Part::Policies => demote(&mut self.policies),
                Part::Eligible => demote(&mut self.eligible),
                Part::Active => demote(&mut self.active),
                Part::Roles => demote(&mut self.roles),
                Part::EligibleRoles => demote(&mut self.eligible_roles),
                Part::PlainRoles => demote(&mut self.plain_roles),
                Part::People => demote(&mut self.people),
                Part::Applications => demote(&mut self.applications),
                Part::Units => demote(&mut self.units),
            }
        }
    }

    /// The service has just made the group, and without owners: nobody is in it, and it holds nothing.
    pub fn nobody_is_in_it(&mut self) {
        let at = self.now;
        self.eligible = nothing(at);
        self.active = nothing(at);
        self.roles = nothing(at);
        self.eligible_roles = nothing(at);
        self.plain_roles = nothing(at);
        self.scope_faults.clear();
        self.people = nothing(at);
        self.applications = nothing(at);
        self.units = nothing(at);
    }

    /// The list in which assignments of a kind stand.
    pub fn list(&self, kind: Kind) -> &Read<Vec<Schedule>> {
        match kind {
            Kind::Eligible => &self.eligible,
            Kind::Active => &self.active,
        }
    }

    /// The policy of one access as it was last read.
    pub fn last_policy(&self, access: Access) -> Option<&Policy> {
        self.policies.last()?.get(access).as_ref()
    }

    /// The policy of one access, if it was read in this pass.
    pub fn fresh_policy(&self, access: Access) -> Option<&Policy> {
        self.policies.fresh()?.get(access).as_ref()
    }

    /// What an administrator assigned under a key. The service goes on listing what has ended for a while, so one that
    /// has not ended comes first.
    pub fn assigned(&self, key: Key) -> Option<&Schedule> {
        let of_key = self.list(key.kind).rows().iter().filter(|schedule| {
            schedule.nature == Nature::Assigned
                && schedule.access == key.access
                && schedule.principal == key.principal
        });
        of_key.min_by_key(|schedule| schedule.window.end.is_over(self.now))
    }

    /// The list in which roles stand that are kept as schedules of a kind.
    pub fn role_list(&self, kind: Kind) -> &Read<Vec<RoleSchedule>> {
        match kind {
            Kind::Eligible => &self.eligible_roles,
            Kind::Active => &self.roles,
        }
    }

    /// The roles that the group holds as far as that was read, some of them more than once.
    pub fn roles_held(&self) -> impl Iterator<Item = &RoleTarget> {
        let lists = [&self.roles, &self.eligible_roles].into_iter();
        let scheduled = lists.flat_map(|list| list.rows().iter().map(|row| &row.target));
        scheduled.chain(self.plain_roles.rows().iter().map(|row| &row.target))
    }

    /// Whether the group holds a role as far as that was read, by a schedule or plainly.
    pub fn holds(&self, key: &BoundRole) -> bool {
        let mut schedules = self.role_list(key.kind).rows().iter();
        let mut plain = self.plain_roles.rows().iter();
        schedules.any(|row| row.target == key.target)
            || key.kind == Kind::Active && plain.any(|row| row.target == key.target)
    }

    /// What an administrator assigned under a key and has not ended.
    pub fn standing(&self, key: Key) -> Option<&Schedule> {
        self.assigned(key)
            .filter(|schedule| !schedule.window.end.is_over(self.now))
    }

    /// The activation of somebody that runs.
    pub fn activation(&self, access: Access, principal: PrincipalId) -> Option<&Schedule> {
        self.active.rows().iter().find(|schedule| {
            schedule.nature == Nature::Activated
                && schedule.access == access
                && schedule.principal == principal
                && !schedule.window.end.is_over(self.now)
        })
    }

    /// Members and owners as the directory lists them, as far as that was read. A service principal may be among them twice.
    pub fn direct(&self) -> impl Iterator<Item = &Direct> {
        self.people.rows().iter().chain(self.applications.rows())
    }

    /// Owners whom an administrator assigned and who own the group now. One whose window has ended is among them while
    /// the service lists them: it keeps the last owner beyond their end.
    pub fn owners(&self) -> impl Iterator<Item = &Schedule> {
        self.active.rows().iter().filter(|schedule| {
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
        /// The first read that did not find it.
        since: Timestamp,
    },
    /// The group exists in the tenant.
    Living(Group),
    /// Among the deleted items, from where it can be restored.
    Deleted {
        /// The group as it was before its deletion.
        group: Group,
        /// The first read that did not find it among the living.
        since: Timestamp,
    },
    /// Several groups bear the key, and none of them is the one that we know.
    Duplicates(Vec<GroupId>),
    /// The group that we saw last does not bear the key any more.
    KeyMismatch(GroupId),
}

impl Presence {
    /// The id of a group that lives.
    pub fn living_id(&self) -> Option<GroupId> {
        match self {
            Self::Living(group) => Some(group.id),
            _ => None,
        }
    }
}

/// One PIM policy of a group, for members or for owners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its id at the time of reading; it changes when the service sees fit.
    pub id: PolicyId,
    /// Those of the 17 known rules that it has, as far as they can be read.
    pub rules: BTreeMap<RuleKey, Rule>,
    /// Those of the 17 that it has in a form that cannot be read, with the reason.
    pub unreadable: BTreeMap<RuleKey, String>,
    /// The rules that are none of the 17.
    pub unknown: Vec<UnknownRule>,
}

/// How somebody came to be active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// An administrator assigned it, or the operator did.
    Assigned,
    /// An eligible person activated it. Shown, never planned against.
    Activated,
}

/// One assignment as the service lists it. Only direct ones: what comes through a nested group is that group's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Whether it is membership or ownership.
    pub access: Access,
    /// The principal that is assigned.
    pub principal: PrincipalId,
    /// When the assignment begins and ends.
    pub window: Window,
    /// How it came about; always `Assigned` for eligibilities.
    pub nature: Nature,
    /// When it was made, if the service says.
    pub created: Option<Timestamp>,
}

impl Schedule {
    /// Whether PIM lists somebody here who is a member or owner past PIM: it gives a beginning to whatever it has made
    /// itself (learn.microsoft.com: privilegedaccessgroup-list-assignmentscheduleinstances, whose sample has one without).
    pub fn is_plain(&self) -> bool {
        self.nature == Nature::Assigned && self.window == Window::ALWAYS
    }

    /// What makes it the same assignment; the kind says which list it stands in.
    pub fn key(&self, kind: Kind) -> Key {
        Key {
            access: self.access,
            principal: self.principal,
            kind,
        }
    }
}

/// One role that the group holds by a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSchedule {
    /// Which role, and at which scope.
    pub target: RoleTarget,
    /// When the assignment begins and ends.
    pub window: Window,
    /// How the role came to be held.
    pub nature: Nature,
    /// What narrows it, in the words of the service.
    pub condition: Option<String>,
    /// When it was made, if the service says.
    pub created: Option<Timestamp>,
}

impl RoleSchedule {
    /// Whether it may say no more than that there is an assignment: where the service keeps assignments beside schedules, it may
    /// list a schedule of each of them, which never ends.
    pub fn may_be_of_assignment(&self, kind: Kind, now: Timestamp) -> bool {
        let has_begun = self.window.start.is_none_or(|start| start <= now);
        self.target.system.keeping == Keeping::Both
            && kind == Kind::Active
            && has_begun
            && self.window.end == End::Never
    }
}

/// One role that the group holds by a plain assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainRole {
    /// The id of the assignment.
    pub id: RoleAssignmentId,
    /// Which role, and at which scope.
    pub target: RoleTarget,
    /// Whose it is.
    pub origin: PlainOrigin,
    /// What narrows it, in the words of the service, or how else it differs from what its name stands for.
    pub condition: Option<String>,
}

/// Whose a plain assignment of a role is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainOrigin {
    /// Nothing tells; a schedule that is not listed yet may have made it. It goes with the object that counts on it.
    Untold,
    /// It bears the name that the operator gives. It goes with the object that declares it.
    Ours,
    /// It bears another name: somebody else made it, and it stays.
    Another,
}

/// Why nothing is known of the roles at a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeFault {
    /// There is no such scope, so nothing is held there.
    Missing(String),
    /// It may not be read until somebody grants that.
    Forbidden(String),
    /// It could not be read this time.
    Unread(Reason, String),
}

fn demote<T>(part: &mut Read<T>) {
    *part = std::mem::replace(part, Read::Unread).demoted();
}

fn nothing<T>(at: Timestamp) -> Read<Vec<T>> {
    Read::Fresh {
        value: Vec::new(),
        at,
    }
}
