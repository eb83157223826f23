//! The versions of the interface that operations are served in, and how another one is refused.
//!
//! A type of a provider that has no such version is one that could not be found (Azure/azure-resource-manager-schemas#1886);
//! what the Resource Manager serves itself names its versions (learn.microsoft.com: "Azure REST API reference").

use http::StatusCode;

use super::address::Address;
use crate::error::GraphError;

/// A type of `Microsoft.Authorization` with the versions that it is served in.
struct ProviderType {
    name: &'static str,
    versions: &'static [&'static str],
}

/// As Azure/azure-sdk-for-go#16699 lists them, with those of later years. Clients in the field ask in `2022-04-01`, the older
/// command line in `2015-07-01`, `2018-01-01-preview` and `2020-04-01-preview`.
const ROLES: &[&str] = &[
    "2014-04-01-preview",
    "2014-07-01-preview",
    "2014-10-01-preview",
    "2015-05-01-preview",
    "2015-06-01",
    "2015-07-01",
    "2016-07-01",
    "2017-05-01",
    "2017-09-01",
    "2017-10-01-preview",
    "2018-01-01-preview",
    "2018-07-01",
    "2018-09-01-preview",
    "2018-12-01-preview",
    "2019-04-01-preview",
    "2020-03-01-preview",
    "2020-04-01-preview",
    "2020-08-01-preview",
    "2020-10-01-preview",
    "2021-04-01-preview",
    "2022-04-01",
];

/// Role definitions and what the caller may do (Azure/azure-rest-api-specs, authorization).
const DEFINITIONS: &[&str] = &[
    "2014-04-01-preview",
    "2014-07-01-preview",
    "2014-10-01-preview",
    "2015-05-01-preview",
    "2015-06-01",
    "2015-07-01",
    "2016-07-01",
    "2017-05-01",
    "2018-01-01-preview",
    "2018-07-01",
    "2022-04-01",
    "2022-05-01-preview",
];

/// PIM for Azure resources (learn.microsoft.com: Role Eligibility Schedule Requests).
const PIM: &[&str] = &[
    "2020-10-01-preview",
    "2020-10-01",
    "2022-04-01-preview",
    "2024-09-01-preview",
];

const POLICIES: &[&str] = &[
    "2020-10-01-preview",
    "2020-10-01",
    "2024-02-01-preview",
    "2024-09-01-preview",
];

/// The type of a provider that an operation concerns; nothing if the Resource Manager serves it itself.
fn provider_type(address: &Address) -> Option<ProviderType> {
    let (name, versions) = match address {
        Address::RoleDefinitions(_) | Address::RoleDefinition { .. } => {
            ("roleDefinitions", DEFINITIONS)
        }
        Address::Permissions(_) => ("permissions", DEFINITIONS),
        Address::RoleAssignments(_) | Address::RoleAssignment { .. } => ("roleAssignments", ROLES),
        Address::Schedules { .. }
        | Address::Schedule { .. }
        | Address::Request(_)
        | Address::CancelRequest(_)
        | Address::ValidateRequest(_) => (address.schedule_type(), PIM),
        Address::Policies(_) | Address::Policy { .. } => ("roleManagementPolicies", POLICIES),
        Address::PolicyAssignments(_) | Address::PolicyAssignment { .. } => {
            ("roleManagementPolicyAssignments", POLICIES)
        }
        _ => return None,
    };
    Some(ProviderType { name, versions })
}

/// Refuses a request that names no version, or one that the operation is not served in.
pub(super) fn check(address: &Address, version: Option<&str>) -> Result<(), GraphError> {
    let Some(version) = version.filter(|version| !version.is_empty()) else {
        return Err(GraphError::bad_request(
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        ));
    };
    let date = version.get(..10).unwrap_or_default();
    let is_one = date.parse::<jiff::civil::Date>().is_ok()
        && matches!(version.get(10..), Some("" | "-preview"));
    match provider_type(address) {
        None if is_one => Ok(()),
        None => Err(GraphError::bad_request(
            "InvalidApiVersionParameter",
            format!("The api-version '{version}' is invalid."),
        )),
        Some(of) if of.versions.contains(&version.to_ascii_lowercase().as_str()) => Ok(()),
        Some(of) => Err(GraphError::new(
            StatusCode::NOT_FOUND,
            "InvalidResourceType",
            format!(
                "The resource type '{}' could not be found in the namespace 'Microsoft.Authorization' for api version \
                 '{version}'. The supported api-versions are '{}'.",
                of.name,
                of.versions.join(",")
            ),
        )),
    }
}
