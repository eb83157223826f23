//! Typed requests of the Azure Resource Manager, one file per noun: what of it concerns roles (`Microsoft.Authorization`).
//!
//! Ids and scopes are compared without regard to case, and the service writes them as it likes, so they come out in lower
//! case: a role by the trailing id of its definition, whatever scope its path begins with.

mod role_assignments;
mod role_definitions;

use crate::operation::{Address, Fence, Place};
use crate::query::segment;
use crate::service::RESOURCE_MANAGER;
use crate::session::Session;

pub use role_assignments::{AzureAssignment, Deleted, NewAzureAssignment, ScopeExtent};
pub use role_definitions::{AzureRoleDefinition, AzureRoleOrigin};

/// The version of role definitions and assignments (learn.microsoft.com: role-assignments-rest).
const API_VERSION: &str = "2022-04-01";

/// The client of the Azure Resource Manager in one tenant. Cheap to clone; all clones share lanes and limits.
#[derive(Clone)]
pub struct ResourceManager {
    session: Session,
}

impl ResourceManager {
    pub(crate) fn new(session: Session) -> Self {
        Self { session }
    }

    /// The same client, whose writes leave only while a fence holds.
    #[must_use]
    pub fn fenced(&self, fence: Fence) -> Self {
        Self {
            session: self.session.fenced(fence),
        }
    }
}

impl std::fmt::Debug for ResourceManager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResourceManager")
            .field("dispatcher", &self.session.dispatcher)
            .finish_non_exhaustive()
    }
}

/// Where something of `Microsoft.Authorization` is: below a scope, which is empty for the whole tenant.
fn below(scope: &str, rest: &str) -> Address {
    at(&format!(
        "{}/providers/Microsoft.Authorization/{rest}",
        scope.trim_end_matches('/')
    ))
}

/// Where a path leads. Each of its segments may hold what people named.
fn at(path: &str) -> Address {
    let segments: Vec<String> = path.split('/').map(segment).collect();
    Address {
        service: &RESOURCE_MANAGER,
        place: Place::Relative(segments.join("/")),
    }
}

/// The last segment of an id, in lower case.
fn last_segment(id: &str) -> String {
    let last = id.rsplit('/').next().unwrap_or_default();
    last.to_lowercase()
}
