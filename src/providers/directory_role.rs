//! Directory roles of Entra ID, bound through PIM: a plain assignment raises a security alert every two hours for as
//! long as it stands.

use entra_client::Graph;
use entra_client::graph::Grant;
use pim_core::action::GrantVerb;
use pim_core::ids::{GroupId, RoleAssignmentId, RoleKey};
use pim_core::schedule::Window;

use super::effect::{Effect, Refused, of_grant, of_removal, of_revocation};
use super::role_provider::RoleProvider;

/// Directory roles.
pub struct DirectoryRole;

impl RoleProvider for DirectoryRole {
    fn permissions(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "RoleAssignmentSchedule.ReadWrite.Directory",
                "RoleManagement.ReadWrite.Directory",
            ],
            &[
                "RoleManagement.Read.Directory",
                "RoleManagement.ReadWrite.Directory",
            ],
        ]
    }
}

/// Gives a group a role for as long as nobody takes it away, or takes the end from one that it holds.
pub async fn bind(
    graph: &Graph,
    group: GroupId,
    role: &RoleKey,
    verb: GrantVerb,
    justification: &str,
) -> Result<Effect, Refused> {
    let grant = Grant {
        verb,
        window: Window::ALWAYS,
        justification,
        ticket: None,
    };
    of_grant(graph.grant_role(group.into(), role, &grant).await)
}

/// Takes a role away from a group.
pub async fn unbind(graph: &Graph, group: GroupId, role: &RoleKey) -> Result<Effect, Refused> {
    of_revocation(graph.revoke_role(group.into(), role).await)
}

/// Takes the eligibility for a role away from a group.
pub async fn unbind_eligible(
    graph: &Graph,
    group: GroupId,
    role: &RoleKey,
) -> Result<Effect, Refused> {
    of_revocation(graph.revoke_role_eligibility(group.into(), role).await)
}

/// Takes a role away that a group holds by a plain assignment.
pub async fn delete_plain(graph: &Graph, assignment: &RoleAssignmentId) -> Result<Effect, Refused> {
    of_removal(graph.delete_role_assignment(assignment).await)
}
