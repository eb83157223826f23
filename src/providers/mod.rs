//! How things are written to a tenant: the group with its policies and access, and the systems whose roles a group can
//! hold, one file each. A provider knows how a role of its system is bound, taken away and which permissions that
//! needs; when to do it is the planner's business.

pub mod directory_role;
pub mod group;
pub mod requests;

use entra_client::graph::schedule::{Progress, Receipt};
use entra_client::{Class, Error};
pub use entra_client::{Fence, Graph};
use pim_core::ids::{GroupId, RequestId};
use pim_core::knowledge::{Progress as RequestProgress, Request};

/// Why a write was not done.
#[derive(Debug)]
pub enum Refused {
    /// The call failed.
    Call(Error),
    /// The call was taken, and somebody must decide.
    Undecided(Receipt),
    /// The call was taken, and nothing came of it. PIM answers so for a group that it has just learned of.
    Nothing(Receipt),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

/// What came of a write that was not refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A group was made.
    Created(GroupId),
    /// It was done.
    Done(Option<Request>),
    /// It was taken, and the service is still at it: nothing is done yet.
    Accepted(Request),
    /// What was to be made exists already.
    Existed,
    /// What was to be taken away was not there.
    WasGone,
}

/// What a request came to: the status of the answer says nothing about that, its body does.
fn effect(receipt: Receipt) -> Result<Effect, Refused> {
    let request = |progress| Request {
        id: RequestId::new(receipt.id.clone()),
        status: receipt.status.to_string(),
        progress,
    };
    match receipt.progress() {
        Progress::Done => Ok(Effect::Done(Some(request(RequestProgress::Finished)))),
        Progress::Underway => Ok(Effect::Accepted(request(RequestProgress::Underway))),
        Progress::WaitsForHuman => Err(Refused::Undecided(receipt)),
        Progress::Failed => Err(Refused::Nothing(receipt)),
    }
}

/// What is to be taken away and is not there was taken away; by whom is not known.
fn removal(result: Result<(), Error>) -> Result<Effect, Refused> {
    match result {
        Err(error) if matches!(error.class, Class::NotFound | Class::AlreadyGone) => {
            Ok(Effect::WasGone)
        }
        result => Ok(result.map(|()| Effect::Done(None))?),
    }
}

/// What the operator asks of every system.
pub trait RoleProvider: Sync {
    /// The application permissions that it needs; for each one, any of the names will do.
    fn permissions(&self) -> &'static [&'static [&'static str]];
}

/// Every system, in the order of the documentation.
pub static PROVIDERS: &[&dyn RoleProvider] = &[&directory_role::DirectoryRole];

/// What the operator needs whatever roles its groups hold: groups, people, schedules, policies
/// (learn.microsoft.com: permissions reference of each call).
pub const GROUP_PERMISSIONS: &[&[&str]] = &[
    &["Group.ReadWrite.All"],
    &["RoleManagement.ReadWrite.Directory"],
    &["User.Read.All", "Directory.Read.All"],
    &["Application.Read.All", "Directory.Read.All"],
    &["PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"],
    &["PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup"],
    &["RoleManagementPolicy.ReadWrite.AzureADGroup"],
];

/// Those of the granted permissions that the operator uses. A token may carry hundreds of others.
pub fn used_permissions(granted: &[String]) -> Vec<String> {
    let is_used = |name: &&String| needed().any(|any_of| any_of.contains(&name.as_str()));
    granted.iter().filter(is_used).cloned().collect()
}

fn needed() -> impl Iterator<Item = &'static &'static [&'static str]> {
    let of_roles = PROVIDERS.iter().flat_map(|provider| provider.permissions());
    GROUP_PERMISSIONS.iter().chain(of_roles)
}

/// The permissions that are needed and not among those that are granted; alternatives are joined by `or`.
pub fn missing_permissions(granted: &[String]) -> Vec<String> {
    let lacking = needed().filter(|any_of| {
        !any_of
            .iter()
            .any(|name| granted.iter().any(|grant| grant == name))
    });
    let mut missing: Vec<String> = lacking.map(|any_of| any_of.join(" or ")).collect();
    missing.dedup();
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alternative_is_enough() {
        let granted: Vec<String> = GROUP_PERMISSIONS
            .iter()
            .chain(directory_role::DirectoryRole.permissions())
            .filter_map(|any_of| any_of.last().map(ToString::to_string))
            .collect();
        assert_eq!(missing_permissions(&granted), Vec::<String>::new());
    }

    #[test]
    fn permissions_that_the_operator_does_not_use_are_not_told() {
        let granted = ["Mail.ReadWrite", "User.Read.All"].map(str::to_owned);
        assert_eq!(used_permissions(&granted), ["User.Read.All"]);
    }

    #[test]
    fn a_missing_permission_is_named() {
        assert!(
            missing_permissions(&[]).contains(&"User.Read.All or Directory.Read.All".to_owned())
        );
    }
}
