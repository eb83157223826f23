//! Typed requests of the Azure Resource Manager, one file per noun: what of it concerns roles (`Microsoft.Authorization`).
//!
//! Ids and scopes are compared without regard to case, and the service writes them as it likes, so they come out in lower
//! case: a role by the trailing id of its definition, whatever scope its path begins with.

mod permissions;
mod role_assignments;
mod role_definitions;
mod role_schedules;

use http::Method;

use crate::error::{Class, Error};
use crate::operation::{Address, Fence, Operation, OperationName, Place};
use crate::query::segment;
use crate::service::RESOURCE_MANAGER;
use crate::session::Session;

pub use permissions::AzurePermission;
pub use role_assignments::{AzureAssignment, Deleted, NewAzureAssignment, ScopeExtent};
pub use role_definitions::{AzureRoleDefinition, AzureRoleOrigin};
pub use role_schedules::{AzureRoleChange, AzureRoleSchedule};

/// The version of role definitions and assignments (learn.microsoft.com: role-assignments-rest).
const API_VERSION: &str = "2022-04-01";

/// The client of the Azure Resource Manager in one tenant. Cheap to clone; all clones share lanes and limits.
#[derive(Debug, Clone)]
pub struct ResourceManager {
    session: Session,
}

impl ResourceManager {
    pub(crate) fn new(session: Session) -> Self {
        Self { session }
    }

    /// The same client, whose writes leave only while a fence holds, if there is one.
    #[must_use]
    pub fn fenced(&self, fence: Option<&Fence>) -> Self {
        Self {
            session: self.session.fenced(fence),
        }
    }
}

/// An operation on something of `Microsoft.Authorization` below a scope, which is empty for the whole tenant.
fn below(name: OperationName, method: Method, scope: &str, rest: &str) -> Result<Operation, Error> {
    let scope = scope.trim_end_matches('/');
    at(
        name,
        method,
        &format!("{scope}/providers/Microsoft.Authorization/{rest}"),
    )
}

/// An operation at a path. Each of its segments may hold what people named, and none may lead out of where it stands: whoever
/// sends a path takes `..` out of it, and with it what was judged.
fn at(name: OperationName, method: Method, path: &str) -> Result<Operation, Error> {
    let mut segments = path.split('/');
    let is_absolute = segments.next() == Some("");
    let leads_elsewhere =
        |segment: &str| matches!(segment, "" | "." | "..") || segment.contains('\\');
    if !is_absolute || segments.clone().any(leads_elsewhere) {
        return Err(Error::of_operation(name, path, Class::Invalid)
            .saying("the scope is no path of the Resource Manager"));
    }
    let encoded: Vec<String> = segments.map(segment).collect();
    let address = Address {
        service: &RESOURCE_MANAGER,
        place: Place::Relative(format!("/{}", encoded.join("/"))),
    };
    Ok(Operation::new(name, method, address))
}

/// The last segment of an id, in lower case.
fn last_segment(id: &str) -> String {
    let last = id.rsplit('/').next().unwrap_or_default();
    last.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_scope_leads_out_of_where_it_stands() {
        let name = OperationName::PutAzureRoleAssignment;
        let below = |scope: &str| below(name, Method::PUT, scope, "roleAssignments/1");
        for scope in [
            "/subscriptions/1/resourceGroups/a/../../../2",
            "/subscriptions/1/./x",
            "/subscriptions//1",
            "subscriptions/1",
            "/subscriptions/1\\..\\2",
        ] {
            assert_eq!(below(scope).unwrap_err().class, Class::Invalid, "{scope}");
        }
        let sent = below("/subscriptions/1/resourceGroups/a (b)").unwrap();
        assert_eq!(
            sent.address.place.text(),
            "/subscriptions/1/resourceGroups/a%20%28b%29/providers/Microsoft.Authorization/roleAssignments/1"
        );
    }
}
