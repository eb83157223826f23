//! What a group with all its objects should be: the manifests with every name looked up, and what their status
//! remembers. Built by the operator's `resolve`, read by `plan`; nothing here decides.

mod administrative_unit;
mod deletion_policy;
mod group_claim;
mod last_report;
mod nesting;
mod object;
mod record;
mod renewal;
mod template;
mod tenant;
mod ticket;
mod undeclared;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::audit_log::AuditLog;
use crate::boundary::Boundary;
use crate::ids::{ClientId, GroupId, GroupKey, ObjectName, PrincipalId};
use crate::knowledge::Sent;
use crate::observed::ScopeFault;
use crate::principal::{Names, Principal};
use crate::role::{BoundRole, Keeping, KeptAs, RoleId, RoleScope, RoleSystem, RoleTarget};
use crate::schedule::{Access, ByAccess, Key, Kind, Schedule, ScheduleExpiration};
use crate::settings::PolicySettings;

pub use crate::assignability::Assignability;
pub use administrative_unit::{AdministrativeUnit, FoundUnit};
pub use deletion_policy::DeletionPolicy;
pub use group_claim::GroupClaim;
pub use last_report::{LastReport, PreviousAdmission};
pub use nesting::{NestedGroup, Nesting};
pub use object::{Object, ObjectKind};
pub use record::{GrantRecord, HeldRemoval, Remover, SubjectState};
pub use renewal::{Renewal, RenewalMode};
pub use template::Template;
pub use tenant::{Licence, ManagementPolicy, RemovedByOthers, TenantRules};
pub use ticket::Ticket;
pub use undeclared::{Mode, Undeclared, UndeclaredAccess};

/// Whether an object is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifecycle {
    /// The object is wanted.
    Living,
    /// It is being deleted and waits for its clean-up.
    Deleting,
}

/// Whether somebody has asked the operator not to change anything for an object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pause {
    /// Nobody has asked for a pause.
    #[default]
    Running,
    /// The object itself asks for it.
    Paused,
    /// The group of the object asks for it.
    WithItsGroup,
}

/// Whether an object can be read. One that cannot claims what its status remembers; nothing is granted or taken away
/// for it before somebody has mended it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Readability {
    /// The manifest can be read.
    #[default]
    Readable,
    /// The manifest cannot be read, for this reason.
    Unreadable(String),
}

/// A group with everything that is declared about it.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The declared group itself.
    pub group: Group,
    /// What the tenant says of certain people.
    pub rules: TenantRules,
    /// The service principal that the operator signs in as, where that is known and it may change the owners of groups.
    pub operator: Option<PrincipalId>,
    /// Whether the tenant has the licence that PIM needs.
    pub licence: Licence,
    /// The boundary that judges all of it; none when the named one does not exist or cannot be read.
    pub boundary: Option<Boundary>,
    /// Why the named one cannot be read, if it exists and cannot.
    pub boundary_fault: Option<String>,
    /// What the names of principals lead to.
    pub names: Names,
    /// How the group stands to other groups of its namespace.
    pub nesting: Nesting,
    /// What principals are called whom no object names, as far as that was looked up.
    pub strangers: BTreeMap<PrincipalId, String>,
    /// What the audit log tells of what others did in the group.
    pub audit: AuditLog,
    /// What roles are called that the group holds, as far as that was read with them.
    pub role_names: BTreeMap<(RoleSystem, RoleId), String>,
    /// The roles that it should hold.
    pub bindings: Vec<Binding>,
    /// Who should have access to it.
    pub assignments: Vec<Assignment>,
}

impl Unit {
    /// Whether each object is paused.
    pub fn pauses(&self) -> impl Iterator<Item = (Object, Pause)> {
        let bindings = self.bindings.iter().map(|one| (one.object(), one.pause));
        let assignments = self.assignments.iter().map(|one| (one.object(), one.pause));
        [(self.group.object(), self.group.pause)]
            .into_iter()
            .chain(bindings)
            .chain(assignments)
    }

    /// Whether some access is the operator's own, as an owner.
    pub fn is_operators_own(&self, key: Key) -> bool {
        self.operator.map(Key::owner) == Some(key)
    }

    /// The objects that name the group and are not being deleted, and those of other groups in which it is.
    pub fn referrers(&self) -> impl Iterator<Item = Object> {
        let bindings = self
            .bindings
            .iter()
            .filter(|binding| binding.lifecycle == Lifecycle::Living);
        let assignments = self
            .assignments
            .iter()
            .filter(|assignment| assignment.lifecycle == Lifecycle::Living);
        bindings
            .map(Binding::object)
            .chain(assignments.map(Assignment::object))
            .chain(self.nesting.named_by.iter().cloned())
    }
}

/// A group as its manifest declares it, with what its status remembers.
#[derive(Debug, Clone)]
pub struct Group {
    /// Namespace and name of the object.
    pub name: ObjectName,
    /// When the object was made: of several that claim one group the oldest has it.
    pub created: Timestamp,
    /// The Kubernetes name of its tenant.
    pub tenant: String,
    /// The Kubernetes name of its boundary.
    pub boundary: String,
    /// The application that the operator signs in as, which makes its groups.
    pub client: Option<ClientId>,
    /// The identity that the group bears in the tenant.
    pub key: GroupKey,
    /// The existing group that it takes over, by its id; without, the operator makes a group that bears the key.
    pub adopt: Option<GroupId>,
    /// The other objects that claim the same group, or of one that names none by its id, any group by its id.
    pub rivals: Vec<GroupClaim>,
    /// Its display name, data and never identity.
    pub display_name: String,
    /// The declared description, if any.
    pub description: Option<String>,
    /// Whether it can hold directory roles.
    pub assignability: Assignability,
    /// The administrative unit that it is to be in, if one is named.
    pub administrative_unit: Option<AdministrativeUnit>,
    /// The policy settings that the group itself states, for members and for owners.
    pub policy: ByAccess<PolicySettings>,
    /// What it inherits the others from, if it names a template.
    pub template: Option<Template>,
    /// What happens to the other settings.
    pub mode: Mode,
    /// What happens to access that no object declares.
    pub undeclared: UndeclaredAccess,
    /// Whether the group is wanted or being deleted.
    pub lifecycle: Lifecycle,
    /// What becomes of it in the tenant when its object is deleted.
    pub deletion_policy: DeletionPolicy,
    /// Whether the boundary admitted it before.
    pub previous_admission: PreviousAdmission,
    /// Whether the tenant matched it at the last report.
    pub last_report: LastReport,
    /// Whether somebody has paused the group.
    pub pause: Pause,
    /// The group that was made for this object or judged and taken up: a hint for where to search, never proof.
    pub last_seen: Option<GroupId>,
    /// A creation or restore that has begun and whose outcome is not settled.
    pub pending: Option<PendingGroup>,
}

/// What is being made of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum GroupOperation {
    /// It is being created.
    CreateGroup,
    /// It is being restored from the deleted items.
    RestoreGroup,
}

/// A creation or restore that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingGroup {
    /// Whether it is a creation or a restore.
    pub operation: GroupOperation,
    /// When it was sent, or was about to be.
    pub since: Timestamp,
    /// The group that is restored, or that the answer to the creation named.
    pub group: Option<GroupId>,
}

impl Group {
    /// The kind and name of the Kubernetes object.
    pub fn object(&self) -> Object {
        Object {
            kind: ObjectKind::PrivilegedGroup,
            name: self.name.clone(),
        }
    }
}

/// What looking up a role by name or id found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Exactly one role bears the name or id.
    Found(RoleTarget),
    /// No role bears the name or id.
    NotFound,
    /// Several roles bear the name; these are their ids.
    Ambiguous(Vec<RoleId>),
    /// Where roles are looked up could not be read.
    Unread(ScopeFault),
}

impl Role {
    /// The role, where it is certain.
    pub fn found(&self) -> Option<&RoleTarget> {
        match self {
            Self::Found(target) => Some(target),
            Self::NotFound | Self::Ambiguous(_) | Self::Unread(_) => None,
        }
    }
}

/// A role that the group should hold.
#[derive(Debug, Clone)]
pub struct Binding {
    /// Namespace and name of the object.
    pub name: ObjectName,
    /// When the object was made: the older one has the first claim.
    pub created: Timestamp,
    /// Whether the binding is wanted or being deleted.
    pub lifecycle: Lifecycle,
    /// What becomes of the role when the object is deleted.
    pub deletion_policy: DeletionPolicy,
    /// Whether the boundary admitted it before.
    pub previous_admission: PreviousAdmission,
    /// Whether the tenant matched it at the last report.
    pub last_report: LastReport,
    /// The system that the role belongs to.
    pub system: RoleSystem,
    /// The role as the manifest writes it.
    pub role_name: String,
    /// Where it is to hold.
    pub scope: RoleScope,
    /// What narrows it there, in the words of the service.
    pub condition: Option<String>,
    /// The role as the tenant knows it.
    pub role: Role,
    /// Whether the group is to be eligible for it or active in it.
    pub kind: Kind,
    /// When the group begins and ends to hold it.
    pub schedule: Schedule,
    /// The reason that is recorded with the role, if one is declared.
    pub justification: Option<String>,
    /// The ticket that it is recorded under.
    pub ticket: Option<Ticket>,
    /// The role that this object bound before.
    pub bound: Option<RoleTarget>,
    /// When this object first bound it, or set out to.
    pub first_bound: Option<Timestamp>,
    /// A binding that was sent and may still show: it is not seen, or the service is still at it.
    pub sent: Option<Sent>,
    /// Whether somebody has paused the binding.
    pub pause: Pause,
    /// Whether its manifest can be read.
    pub readability: Readability,
}

impl Binding {
    /// The kind and name of the Kubernetes object.
    pub fn object(&self) -> Object {
        Object {
            kind: ObjectKind::RoleBinding,
            name: self.name.clone(),
        }
    }

    /// A role as this object holds it.
    pub fn key(&self, target: &RoleTarget) -> BoundRole {
        BoundRole {
            target: target.clone(),
            kind: self.kind,
        }
    }

    /// What the service keeps of it. What is bound does not change from one to the other.
    pub fn kept_as(&self) -> KeptAs {
        let is_lasting = self.kind == Kind::Active
            && self.schedule.start.is_none()
            && self.schedule.expiration == ScheduleExpiration::Never;
        match self.system.keeping {
            Keeping::Assignments => KeptAs::Assignment,
            Keeping::Both if is_lasting => KeptAs::Assignment,
            Keeping::Both | Keeping::Schedules => KeptAs::Schedule,
        }
    }

    /// What this object bound before.
    pub fn bound(&self) -> Option<BoundRole> {
        self.bound.as_ref().map(|target| self.key(target))
    }
}

/// People and applications that should have access.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// Namespace and name of the object.
    pub name: ObjectName,
    /// When the object was made: the older one has the first claim.
    pub created: Timestamp,
    /// Which version of its manifest this is.
    pub generation: i64,
    /// Whether the assignment is wanted or being deleted.
    pub lifecycle: Lifecycle,
    /// What becomes of the access when the object is deleted.
    pub deletion_policy: DeletionPolicy,
    /// Whether the boundary admitted it before.
    pub previous_admission: PreviousAdmission,
    /// Whether the tenant matched it at the last report.
    pub last_report: LastReport,
    /// Whether access is eligible or active.
    pub kind: Kind,
    /// Whether access is membership or ownership.
    pub access: Access,
    /// Who should have access, as the manifest names them.
    pub subjects: Vec<Principal>,
    /// When access begins and ends.
    pub schedule: Schedule,
    /// What happens before it ends.
    pub renewal: Renewal,
    /// The reason that is recorded with each grant, if one is declared.
    pub justification: Option<String>,
    /// The ticket that it is recorded under.
    pub ticket: Option<Ticket>,
    /// The grants that the status remembers.
    pub memory: Vec<GrantRecord>,
    /// Subjects who had what is declared, and from whom it was taken away because the boundary did not admit it any more.
    pub revoked: BTreeSet<Principal>,
    /// Whether somebody has paused the assignment.
    pub pause: Pause,
    /// Whether its manifest can be read.
    pub readability: Readability,
}

impl Assignment {
    /// The kind and name of the Kubernetes object.
    pub fn object(&self) -> Object {
        Object {
            kind: self.kind.into(),
            name: self.name.clone(),
        }
    }

    /// What the status remembers of a subject.
    pub fn record(&self, subject: &Principal) -> Option<&GrantRecord> {
        self.memory.iter().find(|record| record.subject == *subject)
    }

    /// The last grant that was sent for somebody and may still show. The status may remember them by two names.
    pub fn sent_mut(&mut self, principal: PrincipalId) -> Option<&mut Sent> {
        let memory = self.memory.iter_mut();
        let of_principal = memory.filter(|record| record.principal == principal);
        let sent = of_principal.filter_map(|record| record.sent.as_mut());
        sent.max_by_key(|sent| sent.at)
    }
}
