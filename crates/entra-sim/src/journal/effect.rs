//! The changes a tenant can undergo: a closed list, enough to compute at every instant who holds what.

use jiff::Timestamp;
use serde::Serialize;

use crate::ids::{Access, AppId, ObjectId};

/// A change and when it took effect.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recorded {
    /// When, by the clock of the tenant.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub effect: Effect,
}

/// What a schedule gives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase", tag = "target")]
pub enum Target {
    /// Membership or ownership of a group.
    Group {
        /// The group.
        group: ObjectId,
        /// Membership or ownership.
        access: Access,
    },
    /// A directory role.
    DirectoryRole {
        /// Id of the role definition.
        role: String,
        /// `/`, `/administrativeUnits/{id}` or `/{objectId}`.
        scope: String,
    },
}

/// A schedule: what, to whom, from when until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// What.
    #[serde(flatten)]
    pub target: Target,
    /// To whom.
    pub principal: ObjectId,
    /// From when.
    pub start: Timestamp,
    /// Until when; `None` = for ever.
    pub end: Option<Timestamp>,
}

/// One change of the tenant.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    tag = "effect"
)]
pub enum Effect {
    /// A group came to be.
    GroupCreated {
        /// The group.
        group: ObjectId,
        /// Its name.
        display_name: String,
        /// Its alternate key.
        unique_name: Option<String>,
        /// Whether roles can be assigned to it.
        role_assignable: bool,
    },
    /// Properties of a group changed.
    GroupUpdated {
        /// The group.
        group: ObjectId,
        /// The properties whose value is another one now.
        properties: Vec<String>,
    },
    /// A group was deleted.
    GroupDeleted {
        /// The group.
        group: ObjectId,
    },
    /// A group came back from the deleted items.
    GroupRestored {
        /// The group.
        group: ObjectId,
    },
    /// A group is gone for good.
    GroupPurged {
        /// The group.
        group: ObjectId,
    },
    /// A user came to be.
    UserCreated {
        /// The user.
        user: ObjectId,
    },
    /// Properties of a user changed.
    UserUpdated {
        /// The user.
        user: ObjectId,
        /// The properties whose value is another one now.
        properties: Vec<String>,
    },
    /// A user was deleted.
    UserDeleted {
        /// The user.
        user: ObjectId,
    },
    /// A user came back from the deleted items.
    UserRestored {
        /// The user.
        user: ObjectId,
    },
    /// A user is gone for good.
    UserPurged {
        /// The user.
        user: ObjectId,
    },
    /// A principal became a member, by the directory or by PIM.
    MemberAdded {
        /// The group.
        group: ObjectId,
        /// The principal.
        principal: ObjectId,
    },
    /// A principal is no member any more.
    MemberRemoved {
        /// The group.
        group: ObjectId,
        /// The principal.
        principal: ObjectId,
    },
    /// A principal became an owner.
    OwnerAdded {
        /// The group.
        group: ObjectId,
        /// The principal.
        principal: ObjectId,
    },
    /// A principal is no owner any more.
    OwnerRemoved {
        /// The group.
        group: ObjectId,
        /// The principal.
        principal: ObjectId,
    },
    /// An eligibility was granted; its start may lie ahead.
    EligibilityCreated(Grant),
    /// The window of an eligibility changed.
    EligibilityChanged(Grant),
    /// An eligibility ended, by its window or by a request.
    EligibilityEnded(Grant),
    /// An active assignment was granted; its start may lie ahead.
    ActiveCreated(Grant),
    /// The window of an active assignment changed.
    ActiveChanged(Grant),
    /// An active assignment ended.
    ActiveEnded(Grant),
    /// An eligible principal activated.
    ActivationStarted(Grant),
    /// An activation ended.
    ActivationEnded(Grant),
    /// Rules of the policy of one access of a group changed.
    GroupPolicyChanged {
        /// The group.
        group: ObjectId,
        /// Membership or ownership.
        access: Access,
        /// Ids of the rules.
        rules: Vec<String>,
    },
    /// Rules of the policy of a directory role changed.
    RolePolicyChanged {
        /// The role.
        role: String,
        /// Ids of the rules.
        rules: Vec<String>,
    },
    /// A principal holds a directory role.
    RoleAssigned {
        /// The role.
        role: String,
        /// The principal.
        principal: ObjectId,
        /// Where.
        scope: String,
    },
    /// A principal holds a directory role no more.
    RoleUnassigned {
        /// The role.
        role: String,
        /// The principal.
        principal: ObjectId,
        /// Where.
        scope: String,
    },
    /// A principal holds an application role.
    AppRoleAssigned {
        /// The application.
        application: AppId,
        /// Id of the role.
        role: String,
        /// The principal.
        principal: ObjectId,
    },
    /// A principal holds an application role no more.
    AppRoleUnassigned {
        /// The application.
        application: AppId,
        /// Id of the role.
        role: String,
        /// The principal.
        principal: ObjectId,
    },
    /// A user or group was put into an administrative unit.
    UnitMemberAdded {
        /// The unit.
        unit: ObjectId,
        /// The user or group.
        member: ObjectId,
    },
    /// A user or group is in an administrative unit no more.
    UnitMemberRemoved {
        /// The unit.
        unit: ObjectId,
        /// The user or group.
        member: ObjectId,
    },
    /// An authentication context came to be, or changed.
    AuthenticationContextChanged {
        /// Its id, `c1` to `c99`.
        context: String,
    },
    /// An authentication context was deleted.
    AuthenticationContextDeleted {
        /// Its id.
        context: String,
    },
}
