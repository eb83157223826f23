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
    /// The change that took effect.
    #[serde(flatten)]
    pub effect: Effect,
}

/// What a schedule gives: access to a group, a directory role or a role of Azure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase", tag = "target")]
pub enum Target {
    /// Membership or ownership of a group.
    Group {
        /// Object id of the group.
        group: ObjectId,
        /// Whether it is membership or ownership.
        access: Access,
    },
    /// A directory role at a scope.
    DirectoryRole {
        /// Id of the role definition.
        role: String,
        /// The scope: `/`, `/administrativeUnits/{id}` or `/{objectId}`.
        scope: String,
    },
    /// A role of Azure at a scope.
    AzureRole {
        /// Id of the role definition.
        role: String,
        /// The scope, as it is written.
        scope: String,
    },
}

/// A schedule: what, to whom, from when until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// The access or role that is given.
    #[serde(flatten)]
    pub target: Target,
    /// Object id of the principal that gets it.
    pub principal: ObjectId,
    /// The moment from which it counts.
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
        /// Object id of the group.
        group: ObjectId,
        /// Display name of the group.
        display_name: String,
        /// The `uniqueName` of the group, if it has one.
        unique_name: Option<String>,
        /// Whether roles can be assigned to it.
        role_assignable: bool,
    },
    /// Properties of a group changed.
    GroupUpdated {
        /// Object id of the group.
        group: ObjectId,
        /// The properties whose value is another one now.
        properties: Vec<String>,
    },
    /// A group was deleted.
    GroupDeleted {
        /// Object id of the group.
        group: ObjectId,
    },
    /// A group came back from the deleted items.
    GroupRestored {
        /// Object id of the group.
        group: ObjectId,
    },
    /// A group is gone for good.
    GroupPurged {
        /// Object id of the group.
        group: ObjectId,
    },
    /// A user came to be.
    UserCreated {
        /// Object id of the user.
        user: ObjectId,
    },
    /// Properties of a user changed.
    UserUpdated {
        /// Object id of the user.
        user: ObjectId,
        /// The properties whose value is another one now.
        properties: Vec<String>,
    },
    /// A user was deleted.
    UserDeleted {
        /// Object id of the user.
        user: ObjectId,
    },
    /// A user came back from the deleted items.
    UserRestored {
        /// Object id of the user.
        user: ObjectId,
    },
    /// A user is gone for good.
    UserPurged {
        /// Object id of the user.
        user: ObjectId,
    },
    /// A principal became a member, by the directory or by PIM.
    MemberAdded {
        /// Object id of the group.
        group: ObjectId,
        /// Object id of the new member.
        principal: ObjectId,
    },
    /// A principal is no member any more.
    MemberRemoved {
        /// Object id of the group.
        group: ObjectId,
        /// Object id of the former member.
        principal: ObjectId,
    },
    /// A principal became an owner.
    OwnerAdded {
        /// Object id of the group.
        group: ObjectId,
        /// Object id of the new owner.
        principal: ObjectId,
    },
    /// A principal is no owner any more.
    OwnerRemoved {
        /// Object id of the group.
        group: ObjectId,
        /// Object id of the former owner.
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
    /// An active assignment ended, by a request or because its time was over.
    ActiveEnded(Grant),
    /// A principal activated an eligible assignment.
    ActivationStarted(Grant),
    /// An activation ended, by a request or because its time was over.
    ActivationEnded(Grant),
    /// Rules of the policy of one access of a group changed.
    GroupPolicyChanged {
        /// Object id of the group.
        group: ObjectId,
        /// Whether it is the policy for members or for owners.
        access: Access,
        /// Ids of the rules that changed.
        rules: Vec<String>,
    },
    /// A custom Azure role was made or changed.
    AzureRoleDefined {
        /// Id of the role definition.
        role: String,
        /// What people call it.
        name: String,
    },
    /// A custom Azure role was deleted.
    AzureRoleDeleted {
        /// Id of the role definition.
        role: String,
    },
    /// An Azure role was given to somebody at a scope.
    AzureRoleAssigned {
        /// Name of the assignment.
        name: String,
        /// Id of the role definition.
        role: String,
        /// Object id of the principal that holds the role.
        principal: ObjectId,
        /// The scope, as its path.
        scope: String,
    },
    /// The words or the condition of an Azure role assignment changed.
    AzureAssignmentUpdated {
        /// Name of the assignment.
        name: String,
        /// The scope, as its path.
        scope: String,
    },
    /// An Azure role was taken away.
    AzureRoleUnassigned {
        /// Name of the assignment.
        name: String,
        /// Id of the role definition.
        role: String,
        /// Object id of the principal that held the role.
        principal: ObjectId,
        /// The scope, as its path.
        scope: String,
    },
    /// Rules of the policy of a directory role changed.
    RolePolicyChanged {
        /// Id of the role definition.
        role: String,
        /// Ids of the rules that changed.
        rules: Vec<String>,
    },
    /// The settings of an Azure role at a scope changed.
    AzureRolePolicyChanged {
        /// Id of the role definition.
        role: String,
        /// The scope, as it is written.
        scope: String,
        /// Ids of the rules that are different now.
        rules: Vec<String>,
    },
    /// A principal holds a directory role.
    RoleAssigned {
        /// Id of the role definition.
        role: String,
        /// Object id of the principal.
        principal: ObjectId,
        /// The scope at which the role holds.
        scope: String,
    },
    /// A principal holds a directory role no more.
    RoleUnassigned {
        /// Id of the role definition.
        role: String,
        /// Object id of the principal.
        principal: ObjectId,
        /// The scope at which the role held.
        scope: String,
    },
    /// A group holds a role of Intune.
    IntuneRoleAssigned {
        /// Id of the role definition.
        role: String,
        /// Object id of the group.
        principal: ObjectId,
        /// The groups over which the role holds, joined by commas.
        scope: String,
    },
    /// A group holds a role of Intune no more.
    IntuneRoleUnassigned {
        /// Id of the role definition.
        role: String,
        /// Object id of the group.
        principal: ObjectId,
        /// The groups over which the role held, joined by commas.
        scope: String,
    },
    /// A principal holds an application role.
    AppRoleAssigned {
        /// Client id of the application.
        application: AppId,
        /// Id of the application role.
        role: String,
        /// Object id of the principal.
        principal: ObjectId,
    },
    /// A principal holds an application role no more.
    AppRoleUnassigned {
        /// Client id of the application.
        application: AppId,
        /// Id of the application role.
        role: String,
        /// Object id of the principal.
        principal: ObjectId,
    },
    /// A user or group was put into an administrative unit.
    UnitMemberAdded {
        /// Object id of the administrative unit.
        unit: ObjectId,
        /// Object id of the user or group.
        member: ObjectId,
    },
    /// A user or group is in an administrative unit no more.
    UnitMemberRemoved {
        /// Object id of the administrative unit.
        unit: ObjectId,
        /// Object id of the user or group.
        member: ObjectId,
    },
    /// An authentication context came to be, or changed.
    AuthenticationContextChanged {
        /// Its id, `c1` to `c99`.
        context: String,
    },
    /// A policy of Conditional Access came to be, or changed.
    ConditionalAccessPolicyChanged {
        /// Its id.
        policy: String,
    },
    /// A policy of Conditional Access was deleted.
    ConditionalAccessPolicyDeleted {
        /// Its id.
        policy: String,
    },
    /// An authentication context was deleted.
    AuthenticationContextDeleted {
        /// The id of the context, such as `c1`.
        context: String,
    },
}
