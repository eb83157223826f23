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
        self.versions() == Some(PIM_VERSIONS) || self.versions() == Some(POLICY_VERSIONS)
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

    /// The versions that the operation is served in; nothing where any is taken that is written as one.
    pub(super) fn versions(&self) -> Option<&'static [&'static str]> {
        match self {
            Self::RoleDefinitions(_) | Self::RoleDefinition { .. } => Some(&[
                "2015-07-01",
                "2018-01-01-preview",
                "2022-04-01",
                "2022-05-01-preview",
            ]),
            Self::RoleAssignments(_) | Self::RoleAssignment { .. } => Some(&[
                "2015-07-01",
                "2018-01-01-preview",
                "2018-09-01-preview",
                "2020-03-01-preview",
                "2020-04-01-preview",
                "2020-08-01-preview",
                "2020-10-01-preview",
                "2022-04-01",
            ]),
            Self::Schedules { .. }
            | Self::Schedule { .. }
            | Self::Request(_)
            | Self::CancelRequest(_)
            | Self::ValidateRequest(_) => Some(PIM_VERSIONS),
            Self::Policies(_)
            | Self::Policy { .. }
            | Self::PolicyAssignments(_)
            | Self::PolicyAssignment { .. } => Some(POLICY_VERSIONS),
            _ => None,
        }
    }
}

/// What PIM for Azure resources is served in (learn.microsoft.com: Role Eligibility Schedule Requests).
const PIM_VERSIONS: &[&str] = &[
    "2020-10-01-preview",
    "2020-10-01",
    "2022-04-01-preview",
    "2024-09-01-preview",
];

const POLICY_VERSIONS: &[&str] = &[
    "2020-10-01-preview",
    "2020-10-01",
    "2024-02-01-preview",
    "2024-09-01-preview",
];

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
