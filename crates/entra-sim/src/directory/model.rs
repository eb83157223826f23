//! Records of the directory. Facts and what follows from one record alone; no rules of the service.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::ids::{Access, AppId, ObjectId};

/// The tenant as `GET /organization` shows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Organization {
    pub(crate) display_name: String,
    /// The initial domain first.
    pub(crate) domains: Vec<String>,
}

/// What other areas need to know of a principal.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Principal {
    pub(crate) id: ObjectId,
    pub(crate) kind: PrincipalKind,
    pub(crate) display_name: String,
    pub(crate) enabled: bool,
    pub(crate) created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PrincipalKind {
    User,
    Group,
    ServicePrincipal,
}

impl PrincipalKind {
    pub(crate) const fn type_name(self) -> &'static str {
        match self {
            Self::User => "microsoft.graph.user",
            Self::Group => "microsoft.graph.group",
            Self::ServicePrincipal => "microsoft.graph.servicePrincipal",
        }
    }

    /// The value of `@odata.type`.
    pub(crate) const fn odata_type(self) -> &'static str {
        match self {
            Self::User => "#microsoft.graph.user",
            Self::Group => "#microsoft.graph.group",
            Self::ServicePrincipal => "#microsoft.graph.servicePrincipal",
        }
    }
}

#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "the names of the service")]
pub(crate) struct User {
    pub(crate) id: ObjectId,
    pub(crate) display_name: String,
    pub(crate) user_principal_name: String,
    pub(crate) mail: Option<String>,
    pub(crate) given_name: Option<String>,
    pub(crate) surname: Option<String>,
    pub(crate) job_title: Option<String>,
    pub(crate) user_type: UserType,
    pub(crate) account_enabled: bool,
    pub(crate) created_at: Timestamp,
}

/// `userType`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum UserType {
    #[default]
    Member,
    Guest,
}

impl User {
    /// The facts that other areas need.
    pub(crate) fn principal(&self) -> Principal {
        Principal {
            id: self.id,
            kind: PrincipalKind::User,
            display_name: self.display_name.clone(),
            enabled: self.account_enabled,
            created_at: self.created_at,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct ServicePrincipal {
    pub(crate) id: ObjectId,
    pub(crate) app_id: AppId,
    pub(crate) display_name: String,
    pub(crate) account_enabled: bool,
    pub(crate) kind: String,
    pub(crate) app_roles: Vec<AppRole>,
    pub(crate) created_at: Timestamp,
}

/// A role that an application declares.
#[derive(Clone, Debug)]
pub(crate) struct AppRole {
    pub(crate) id: uuid::Uuid,
    pub(crate) value: String,
    pub(crate) display_name: String,
    pub(crate) enabled: bool,
    /// `User` (groups included) and `Application`.
    pub(crate) allowed_member_types: Vec<String>,
}

impl ServicePrincipal {
    /// The facts that other areas need.
    pub(crate) fn principal(&self) -> Principal {
        Principal {
            id: self.id,
            kind: PrincipalKind::ServicePrincipal,
            display_name: self.display_name.clone(),
            enabled: self.account_enabled,
            created_at: self.created_at,
        }
    }
}

/// A role of an application given to a principal.
#[derive(Clone, Debug)]
pub(crate) struct AppRoleAssignment {
    pub(crate) id: String,
    pub(crate) role: uuid::Uuid,
    pub(crate) principal: ObjectId,
    pub(crate) resource: ObjectId,
    pub(crate) created_at: Timestamp,
}

#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "the names of the service")]
pub(crate) struct Group {
    pub(crate) id: ObjectId,
    pub(crate) display_name: String,
    pub(crate) description: Option<String>,
    pub(crate) mail_nickname: String,
    pub(crate) mail_enabled: bool,
    pub(crate) security_enabled: bool,
    pub(crate) group_types: Vec<String>,
    /// `isAssignableToRole`; null when it was not asked for.
    pub(crate) assignable_to_role: Option<bool>,
    pub(crate) unique_name: Option<String>,
    pub(crate) visibility: Option<String>,
    pub(crate) classification: Option<String>,
    pub(crate) preferred_language: Option<String>,
    pub(crate) theme: Option<String>,
    /// `resourceBehaviorOptions`, which are given at creation.
    pub(crate) behaviors: Vec<String>,
    /// `resourceProvisioningOptions`.
    pub(crate) provisioned: Vec<String>,
    pub(crate) membership_rule: Option<String>,
    pub(crate) membership_rule_processing: Option<String>,
    pub(crate) on_premises_sync: Option<bool>,
    pub(crate) created_by: Option<AppId>,
    pub(crate) created_at: Timestamp,
    /// When it last became new to the replicas: created or restored.
    pub(crate) fresh_since: Timestamp,
    /// Members and since when.
    pub(crate) members: BTreeMap<ObjectId, Timestamp>,
    /// Owners and since when.
    pub(crate) owners: BTreeMap<ObjectId, Timestamp>,
}

impl Group {
    /// An unnamed security group without holders; its id is still to be given.
    pub(crate) fn new(at: Timestamp) -> Self {
        Self {
            id: ObjectId::new(uuid::Uuid::nil()),
            display_name: String::new(),
            description: None,
            mail_nickname: String::new(),
            mail_enabled: false,
            security_enabled: true,
            group_types: Vec::new(),
            assignable_to_role: None,
            unique_name: None,
            visibility: None,
            classification: None,
            preferred_language: None,
            theme: None,
            behaviors: Vec::new(),
            provisioned: Vec::new(),
            membership_rule: None,
            membership_rule_processing: None,
            on_premises_sync: None,
            created_by: None,
            created_at: at,
            fresh_since: at,
            members: BTreeMap::new(),
            owners: BTreeMap::new(),
        }
    }

    /// The facts that other areas need.
    pub(crate) fn principal(&self) -> Principal {
        Principal {
            id: self.id,
            kind: PrincipalKind::Group,
            display_name: self.display_name.clone(),
            enabled: true,
            created_at: self.created_at,
        }
    }

    /// Whether roles can be assigned to it.
    pub(crate) fn is_role_assignable(&self) -> bool {
        self.assignable_to_role == Some(true)
    }

    /// Whether a rule decides its members.
    pub(crate) fn is_dynamic(&self) -> bool {
        self.has_type("DynamicMembership")
    }

    /// Whether it is a Microsoft 365 group.
    pub(crate) fn is_unified(&self) -> bool {
        self.has_type("Unified")
    }

    /// Whether an on-premises directory masters it.
    pub(crate) fn is_synced(&self) -> bool {
        self.on_premises_sync == Some(true)
    }

    fn has_type(&self, name: &str) -> bool {
        self.group_types
            .iter()
            .any(|one| one.eq_ignore_ascii_case(name))
    }

    pub(crate) fn holders(&self, access: Access) -> &BTreeMap<ObjectId, Timestamp> {
        match access {
            Access::Member => &self.members,
            Access::Owner => &self.owners,
        }
    }

    pub(super) fn holders_mut(&mut self, access: Access) -> &mut BTreeMap<ObjectId, Timestamp> {
        match access {
            Access::Member => &mut self.members,
            Access::Owner => &mut self.owners,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct AdministrativeUnit {
    pub(crate) id: ObjectId,
    pub(crate) display_name: String,
    pub(crate) description: Option<String>,
    /// `isMemberManagementRestricted`.
    pub(crate) restricted: bool,
    pub(crate) members: BTreeSet<ObjectId>,
}

#[derive(Clone, Debug)]
pub(crate) struct Deleted {
    pub(crate) object: DeletedObject,
    pub(crate) at: Timestamp,
}

/// What can be a deleted item.
#[derive(Clone, Debug)]
pub(crate) enum DeletedObject {
    Group(Box<Group>),
    User(User),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuthenticationContext {
    pub(crate) id: String,
    pub(crate) display_name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) available: bool,
}

impl DeletedObject {
    /// Kind, name and principal name, for the audit log.
    pub(crate) fn summary(&self) -> (&'static str, String, Option<String>) {
        match self {
            Self::Group(group) => ("Group", group.display_name.clone(), None),
            Self::User(user) => (
                "User",
                user.display_name.clone(),
                Some(user.user_principal_name.clone()),
            ),
        }
    }
}
