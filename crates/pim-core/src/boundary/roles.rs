//! The systems whose roles a group can hold, and what a boundary lists of each: the places in the core that know a system.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::admission::{active_only, clean_texts};
use crate::ids::UUID_PATTERN;
use crate::role::{
    DIRECTORY_SCOPE_PATTERN, Holders, Keeping, RoleScope, RoleSystem, RoleTerms, ScopeForm,
};
use crate::schedule::Kind;

impl RoleSystem {
    /// The roles of Entra ID itself, which manifests name under `directoryRole`.
    pub const DIRECTORY: Self = Self {
        field: "directoryRole",
        title: "directory role",
        holders: Holders::RoleAssignable,
        scopes: ScopeForm::Object,
        keeping: Keeping::Schedules,
        terms: &RoleTerms::CONDITION,
    };

    /// The roles of Azure, which manifests name under `azureRole`.
    pub const AZURE: Self = Self {
        field: "azureRole",
        title: "Azure role",
        holders: Holders::Anyone,
        scopes: ScopeForm::Path,
        keeping: Keeping::Both,
        terms: &RoleTerms::CONDITION,
    };

    /// Every system that manifests can name.
    pub const ALL: [Self; 4] = [Self::DIRECTORY, Self::AZURE, Self::APP, Self::INTUNE];

    /// The roles of an enterprise application, which manifests name under `appRole`. Their scope is the application.
    pub const APP: Self = Self {
        field: "appRole",
        title: "app role",
        holders: Holders::Anyone,
        scopes: ScopeForm::Id,
        keeping: Keeping::Assignments,
        terms: &RoleTerms::CONDITION,
    };

    /// The roles of Intune, which manifests name under `intuneRole`. Their scope is the groups of people and devices over which
    /// they hold.
    pub const INTUNE: Self = Self {
        field: "intuneRole",
        title: "Intune role",
        holders: Holders::Anyone,
        scopes: ScopeForm::Groups,
        keeping: Keeping::Assignments,
        terms: &RoleTerms {
            field: "scopeGroups",
            none: "these scope groups, for this group alone",
        },
    };
}

/// The roles that groups may hold. A list that is left out admits none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct RoleLists {
    /// The directory roles that the groups may hold.
    #[serde(default)]
    #[schemars(length(max = 50), extend("x-kubernetes-list-type" = "atomic"))]
    pub directory_roles: Vec<DirectoryRoles>,
    /// The Azure roles that the groups may hold.
    #[serde(default)]
    #[schemars(length(max = 50), extend("x-kubernetes-list-type" = "atomic"))]
    pub azure_roles: Vec<AzureRoles>,
    /// The roles of enterprise applications that the groups may hold.
    #[serde(default)]
    #[schemars(length(max = 50), extend("x-kubernetes-list-type" = "atomic"))]
    pub app_roles: Vec<AppRoles>,
    /// The roles of Intune that the groups may hold.
    #[serde(default)]
    #[schemars(length(max = 50), extend("x-kubernetes-list-type" = "atomic"))]
    pub intune_roles: Vec<IntuneRoles>,
}

/// Some directory roles at some scopes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct DirectoryRoles {
    /// Names or ids of role definitions.
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 256)), extend("x-kubernetes-list-type" = "set"), transform = clean_texts)]
    pub roles: Vec<String>,
    /// Where they may hold: `/` is the whole tenant with everything in it, `/administrativeUnits/<id>` the members of an
    /// administrative unit, `/<id>` one application or service principal, by its object id.
    #[schemars(length(min = 1, max = 50), inner(length(max = 57), regex(pattern = DIRECTORY_SCOPE_PATTERN)), extend("x-kubernetes-list-type" = "set"))]
    pub scopes: Vec<String>,
    /// How the group may hold them: `Active`, so that whoever is active in the group has them, or `Eligible`, so that each
    /// member activates them.
    #[schemars(length(min = 1, max = 2), extend("x-kubernetes-list-type" = "set"))]
    pub assignments: Vec<Kind>,
}

/// Some Azure roles at some scopes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct AzureRoles {
    /// Names or ids of role definitions.
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 256)), extend("x-kubernetes-list-type" = "set"), transform = clean_texts)]
    pub roles: Vec<String>,
    /// Where they may hold: at a management group, subscription, resource group or resource, and at whatever lies below it in
    /// the same path. `*` may end the last part, for example `/subscriptions/<id>/resourceGroups/payments-*`.
    #[schemars(length(min = 1, max = 50), inner(length(min = 1, max = 1024), regex(pattern = "^/(subscriptions|providers/Microsoft[.]Management/managementGroups)(/[^/*?#%]*[^/*?#%.])+([*]|/[*])?$")), extend("x-kubernetes-list-type" = "set"))]
    pub scopes: Vec<String>,
    /// How the group may hold them: `Active`, so that whoever is active in the group has them, or `Eligible`, so that each
    /// member activates them.
    #[schemars(length(min = 1, max = 2), extend("x-kubernetes-list-type" = "set"))]
    pub assignments: Vec<Kind>,
    /// The condition under which they may be held and no other way, word by word as a binding declares it. Without it every
    /// condition will do, and none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 8192))]
    pub condition: Option<String>,
}

/// Some roles of some enterprise applications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct AppRoles {
    /// Values or ids of app roles.
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 250)), extend("x-kubernetes-list-type" = "set"), transform = clean_texts)]
    pub roles: Vec<String>,
    /// The application (client) ids of the applications.
    #[schemars(length(min = 1, max = 50), inner(length(max = 36), regex(pattern = UUID_PATTERN)), extend("x-kubernetes-list-type" = "set"))]
    pub applications: Vec<String>,
    /// How the group may hold them: `Active`, so that whoever is active in the group has them.
    #[schemars(length(min = 1, max = 1), extend("x-kubernetes-list-type" = "set"), transform = active_only)]
    pub assignments: Vec<Kind>,
}

/// Some roles of Intune over some groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct IntuneRoles {
    /// Names or ids of roles.
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 256)), extend("x-kubernetes-list-type" = "set"), transform = clean_texts)]
    pub roles: Vec<String>,
    /// The object ids of the groups of people and devices over which they may hold; `*` stands for all groups.
    #[schemars(length(min = 1, max = 50), inner(length(max = 36), regex(pattern = INTUNE_SCOPE_PATTERN)), extend("x-kubernetes-list-type" = "set"))]
    pub scope_groups: Vec<String>,
    /// How the group may hold them: `Active`, so that whoever is active in the group has them.
    #[schemars(length(min = 1, max = 1), extend("x-kubernetes-list-type" = "set"), transform = active_only)]
    pub assignments: Vec<Kind>,
}

/// An id of a group, or `*`.
const INTUNE_SCOPE_PATTERN: &str = "^([*]|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$";

/// Some roles of one system at some scopes, whichever list of the rules they stand in.
#[derive(Debug, Clone, Copy)]
pub struct RoleList<'a> {
    /// The system that defines the roles.
    pub system: RoleSystem,
    /// Names or ids of roles.
    pub roles: &'a [String],
    /// The scopes at which the group may hold them.
    pub scopes: &'a [String],
    /// How the group may hold them.
    pub assignments: &'a [Kind],
    /// The condition under which the group may hold them, if there is but one.
    pub condition: Option<&'a str>,
}

impl RoleLists {
    /// Every list, whatever its system.
    pub fn all(&self) -> impl Iterator<Item = RoleList<'_>> {
        let directory = self.directory_roles.iter().map(|list| RoleList {
            system: RoleSystem::DIRECTORY,
            roles: &list.roles,
            scopes: &list.scopes,
            assignments: &list.assignments,
            condition: None,
        });
        let azure = self.azure_roles.iter().map(|list| RoleList {
            system: RoleSystem::AZURE,
            roles: &list.roles,
            scopes: &list.scopes,
            assignments: &list.assignments,
            condition: list.condition.as_deref(),
        });
        let app = self.app_roles.iter().map(|list| RoleList {
            system: RoleSystem::APP,
            roles: &list.roles,
            scopes: &list.applications,
            assignments: &list.assignments,
            condition: None,
        });
        let intune = self.intune_roles.iter().map(|list| RoleList {
            system: RoleSystem::INTUNE,
            roles: &list.roles,
            scopes: &list.scope_groups,
            assignments: &list.assignments,
            condition: None,
        });
        directory.chain(azure).chain(app).chain(intune)
    }

    /// Whether some role of a system may hold at a scope.
    pub fn admits_scope(&self, system: RoleSystem, scope: &RoleScope) -> bool {
        let mut lists = self.all().filter(|list| list.system == system);
        lists.any(|list| !system.scopes.admitting(list.scopes, scope).is_empty())
    }

    /// The field in which the roles of a system are listed; of one that has no list, the field of a binding that names them.
    pub fn field_of(system: RoleSystem) -> &'static str {
        match system {
            RoleSystem::DIRECTORY => "spec.directoryRoles",
            RoleSystem::AZURE => "spec.azureRoles",
            RoleSystem::APP => "spec.appRoles",
            RoleSystem::INTUNE => "spec.intuneRoles",
            other => other.field,
        }
    }
}
