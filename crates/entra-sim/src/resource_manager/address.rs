//! Which operation a path asks for. The scope stands before the provider, and has any depth.

use http::Method;

use super::pim::lists::ScheduleForm;
use super::pim::requests::RequestName;
use super::scope::Scope;
use crate::pim::engine::Kind;

/// The part of a path that begins what belongs to roles.
const AUTHORIZATION: &str = "/providers/microsoft.authorization/";

/// What a request asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Address {
    Tenants,
    Subscriptions,
    Subscription(String),
    ResourceGroups(String),
    ResourceGroup {
        subscription: String,
        name: String,
    },
    ManagementGroups,
    RoleDefinitions(Scope),
    RoleDefinition {
        scope: Scope,
        name: String,
    },
    RoleAssignments(Scope),
    RoleAssignment {
        scope: Scope,
        name: String,
    },
    /// What the caller may do at a scope.
    Permissions(Scope),
    /// Requests, schedules or instances of PIM at a scope.
    Schedules {
        kind: Kind,
        form: ScheduleForm,
        scope: Scope,
    },
    /// A schedule or instance by its name.
    Schedule {
        kind: Kind,
        form: ScheduleForm,
        scope: Scope,
        name: String,
    },
    Request(RequestName),
    CancelRequest(RequestName),
    ValidateRequest(RequestName),
    Policies(Scope),
    Policy {
        scope: Scope,
        name: String,
    },
    PolicyAssignments(Scope),
    PolicyAssignment {
        scope: Scope,
        name: String,
    },
    /// The path belongs to the Resource Manager, and the simulator has nothing there.
    Unknown,
}

/// The operation that a path of the Resource Manager asks for; nothing if the path is not one of its own.
pub(crate) fn find(path: &str) -> Option<Address> {
    let path = path.trim_end_matches('/');
    let lower = path.to_ascii_lowercase();
    if let Some(at) = lower.rfind(AUTHORIZATION) {
        let rest: Vec<&str> = path[at + AUTHORIZATION.len()..].split('/').collect();
        return Some(of_authorization(&path[..at], &rest));
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let lower: Vec<&str> = lower.split('/').filter(|part| !part.is_empty()).collect();
    match lower.as_slice() {
        ["tenants"] => Some(Address::Tenants),
        ["subscriptions"] => Some(Address::Subscriptions),
        ["subscriptions", _] => Some(Address::Subscription(parts[1].to_owned())),
        ["subscriptions", _, "resourcegroups"] => {
            Some(Address::ResourceGroups(parts[1].to_owned()))
        }
        ["subscriptions", _, "resourcegroups", _] => Some(Address::ResourceGroup {
            subscription: parts[1].to_owned(),
            name: parts[3].to_owned(),
        }),
        ["providers", "microsoft.management", "managementgroups"] => {
            Some(Address::ManagementGroups)
        }
        ["subscriptions" | "providers", ..] => Some(Address::Unknown),
        _ => None,
    }
}

fn of_authorization(scope: &str, rest: &[&str]) -> Address {
    let Some(scope) = Scope::parse(scope) else {
        return Address::Unknown;
    };
    let kind = rest.first().map(|kind| kind.to_ascii_lowercase());
    match (kind.as_deref(), rest) {
        (Some("roledefinitions"), [_]) => Address::RoleDefinitions(scope),
        (Some("roledefinitions"), [_, name]) => Address::RoleDefinition {
            scope,
            name: (*name).to_owned(),
        },
        (Some("roleassignments"), [_]) => Address::RoleAssignments(scope),
        (Some("roleassignments"), [_, name]) => Address::RoleAssignment {
            scope,
            name: (*name).to_owned(),
        },
        (Some("permissions"), [_]) => Address::Permissions(scope),
        (Some("rolemanagementpolicies"), [_]) => Address::Policies(scope),
        (Some("rolemanagementpolicies"), [_, name]) => Address::Policy {
            scope,
            name: (*name).to_owned(),
        },
        (Some("rolemanagementpolicyassignments"), [_]) => Address::PolicyAssignments(scope),
        (Some("rolemanagementpolicyassignments"), [_, name]) => Address::PolicyAssignment {
            scope,
            name: (*name).to_owned(),
        },
        (Some(kind), [_, rest @ ..]) => of_pim(scope, kind, rest),
        _ => Address::Unknown,
    }
}

fn of_pim(scope: Scope, collection: &str, rest: &[&str]) -> Address {
    let (kind, form) = match collection {
        "roleeligibilityschedulerequests" => (Kind::Eligible, ScheduleForm::Request),
        "roleeligibilityschedules" => (Kind::Eligible, ScheduleForm::Schedule),
        "roleeligibilityscheduleinstances" => (Kind::Eligible, ScheduleForm::Instance),
        "roleassignmentschedulerequests" => (Kind::Active, ScheduleForm::Request),
        "roleassignmentschedules" => (Kind::Active, ScheduleForm::Schedule),
        "roleassignmentscheduleinstances" => (Kind::Active, ScheduleForm::Instance),
        _ => return Address::Unknown,
    };
    let request = |name: &str| RequestName {
        kind,
        scope: scope.clone(),
        name: name.to_owned(),
    };
    let is = |action: &str, word: &str| action.eq_ignore_ascii_case(word);
    match (form, rest) {
        (_, []) => Address::Schedules { kind, form, scope },
        (ScheduleForm::Request, [name]) => Address::Request(request(name)),
        (ScheduleForm::Request, [name, action]) if is(action, "cancel") => {
            Address::CancelRequest(request(name))
        }
        (ScheduleForm::Request, [name, action]) if is(action, "validate") => {
            Address::ValidateRequest(request(name))
        }
        (ScheduleForm::Schedule | ScheduleForm::Instance, [name]) => Address::Schedule {
            kind,
            form,
            scope,
            name: (*name).to_owned(),
        },
        _ => Address::Unknown,
    }
}

/// The name of a collection of PIM in journal, faults and counters.
fn collection(kind: Kind, form: ScheduleForm) -> &'static str {
    match (kind, form) {
        (Kind::Eligible, ScheduleForm::Request) => "azure.roleEligibilityScheduleRequests.list",
        (Kind::Eligible, ScheduleForm::Schedule) => "azure.roleEligibilitySchedules.list",
        (Kind::Eligible, ScheduleForm::Instance) => "azure.roleEligibilityScheduleInstances.list",
        (Kind::Active, ScheduleForm::Request) => "azure.roleAssignmentScheduleRequests.list",
        (Kind::Active, ScheduleForm::Schedule) => "azure.roleAssignmentSchedules.list",
        (Kind::Active, ScheduleForm::Instance) => "azure.roleAssignmentScheduleInstances.list",
    }
}

impl Address {
    /// Whether it is PIM's business.
    pub(super) fn is_of_pim(&self) -> bool {
        matches!(
            self,
            Self::Schedules { .. }
                | Self::Schedule { .. }
                | Self::Request(_)
                | Self::CancelRequest(_)
                | Self::ValidateRequest(_)
                | Self::Policies(_)
                | Self::Policy { .. }
                | Self::PolicyAssignments(_)
                | Self::PolicyAssignment { .. }
        )
    }

    /// The scope of what belongs to roles; nothing if it is not the provider of roles that serves it.
    fn scope_of_roles(&self) -> Option<&Scope> {
        match self {
            Self::RoleDefinitions(scope)
            | Self::RoleDefinition { scope, .. }
            | Self::RoleAssignments(scope)
            | Self::RoleAssignment { scope, .. }
            | Self::Permissions(scope)
            | Self::Schedules { scope, .. }
            | Self::Schedule { scope, .. }
            | Self::Policies(scope)
            | Self::PolicyAssignments(scope)
            | Self::PolicyAssignment { scope, .. }
            | Self::Policy { scope, .. } => Some(scope),
            Self::Request(of) | Self::CancelRequest(of) | Self::ValidateRequest(of) => {
                Some(&of.scope)
            }
            _ => None,
        }
    }

    /// Whether the provider of roles serves it.
    pub(super) fn is_of_authorization(&self) -> bool {
        self.scope_of_roles().is_some()
    }

    /// The subscription that it concerns.
    pub(super) fn subscription(&self) -> Option<&str> {
        match self {
            Self::Subscription(id) | Self::ResourceGroups(id) => Some(id),
            Self::ResourceGroup { subscription, .. } => Some(subscription),
            _ => self.scope_of_roles().and_then(Scope::within_subscription),
        }
    }

    /// What PIM keeps, as the type of a resource.
    pub(super) fn schedule_type(&self) -> &'static str {
        let (kind, form) = match self {
            Self::Schedules { kind, form, .. } | Self::Schedule { kind, form, .. } => {
                (*kind, *form)
            }
            Self::Request(of) | Self::CancelRequest(of) | Self::ValidateRequest(of) => {
                (of.kind, ScheduleForm::Request)
            }
            _ => return "",
        };
        let list = collection(kind, form);
        list.trim_start_matches("azure.").trim_end_matches(".list")
    }

    /// The name of the operation in journal, faults and counters.
    pub(super) fn operation(&self, method: &Method) -> &'static str {
        match (self, method.as_str()) {
            (Self::Tenants, "GET") => "azure.tenants.list",
            (Self::Subscriptions, "GET") => "azure.subscriptions.list",
            (Self::Subscription(_), "GET") => "azure.subscriptions.get",
            (Self::ResourceGroups(_), "GET") => "azure.resourceGroups.list",
            (Self::ResourceGroup { .. }, "GET") => "azure.resourceGroups.get",
            (Self::ManagementGroups, "GET") => "azure.managementGroups.list",
            (Self::RoleDefinitions(_), "GET") => "azure.roleDefinitions.list",
            (Self::RoleDefinition { .. }, "GET") => "azure.roleDefinitions.get",
            (Self::RoleDefinition { .. }, "PUT") => "azure.roleDefinitions.put",
            (Self::RoleDefinition { .. }, "DELETE") => "azure.roleDefinitions.delete",
            (Self::Permissions(_), "GET") => "azure.permissions.list",
            (Self::RoleAssignments(_), "GET") => "azure.roleAssignments.list",
            (Self::RoleAssignment { .. }, "GET") => "azure.roleAssignments.get",
            (Self::RoleAssignment { .. }, "PUT") => "azure.roleAssignments.put",
            (Self::RoleAssignment { .. }, "DELETE") => "azure.roleAssignments.delete",
            (Self::Schedules { kind, form, .. }, "GET") => collection(*kind, *form),
            (Self::Schedule { kind, .. }, "GET") => match kind {
                Kind::Eligible => "azure.roleEligibilitySchedules.get",
                Kind::Active => "azure.roleAssignmentSchedules.get",
            },
            (Self::Request(of), "GET") => match of.kind {
                Kind::Eligible => "azure.roleEligibilityScheduleRequests.get",
                Kind::Active => "azure.roleAssignmentScheduleRequests.get",
            },
            (Self::Request(of), "PUT") => match of.kind {
                Kind::Eligible => "azure.roleEligibilityScheduleRequests.put",
                Kind::Active => "azure.roleAssignmentScheduleRequests.put",
            },
            (Self::CancelRequest(_), "POST") => "azure.roleScheduleRequests.cancel",
            (Self::ValidateRequest(_), "POST") => "azure.roleScheduleRequests.validate",
            (Self::Policies(_), "GET") => "azure.roleManagementPolicies.list",
            (Self::Policy { .. }, "GET") => "azure.roleManagementPolicies.get",
            (Self::Policy { .. }, "PATCH") => "azure.roleManagementPolicies.update",
            (Self::PolicyAssignments(_), "GET") => "azure.roleManagementPolicyAssignments.list",
            (Self::PolicyAssignment { .. }, "GET") => "azure.roleManagementPolicyAssignments.get",
            _ => "azure.unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_by_its_end_whatever_its_scope_and_case() {
        let vault = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv";
        let path = format!("{vault}/providers/microsoft.authorization/ROLEASSIGNMENTS/one");
        let Some(Address::RoleAssignment { scope, name }) = find(&path) else {
            panic!("{path}");
        };
        assert_eq!((scope.as_str(), name.as_str()), (vault, "one"));
        let root = "/providers/Microsoft.Authorization/roleDefinitions";
        assert_eq!(find(root), Scope::parse("/").map(Address::RoleDefinitions));
        assert_eq!(find("/subscriptions/"), Some(Address::Subscriptions));
        assert_eq!(find("/subscriptions/s/anything"), Some(Address::Unknown));
        assert_eq!(find("/contoso/oauth2/v2.0/token"), None);
    }
}
