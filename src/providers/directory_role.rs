//! Directory roles of Entra ID, bound through PIM: a plain assignment raises a security alert every two hours for as
//! long as it stands.

use entra_client::graph::directory_roles::RoleRequest;
use entra_client::graph::schedule::{Change, WantedEnd, WantedWindow};
use entra_client::{Class, Graph};
use pim_core::action::GrantVerb;
use pim_core::ids::{GroupId, RoleAssignmentId, RoleKey};

use super::{Effect, Refused, RoleProvider, effect, removal};

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
    let window = WantedWindow {
        start: None,
        end: WantedEnd::Never,
    };
    let request = RoleRequest {
        principal: group.into(),
        role: role.role,
        scope: role.scope.clone(),
        change: match verb {
            GrantVerb::Assign => Change::Assign(window),
            GrantVerb::Update => Change::Update(window),
        },
        justification: Some(justification.to_owned()),
    };
    match graph.request_role_assignment(&request).await {
        Err(error) if error.class == Class::AlreadyExists => Ok(Effect::Existed),
        receipt => effect(receipt?),
    }
}

/// Takes a role away from a group. What is not there was taken away.
pub async fn unbind(graph: &Graph, group: GroupId, role: &RoleKey) -> Result<Effect, Refused> {
    match graph
        .request_role_assignment(&removal_of(group, role))
        .await
    {
        Err(error) if error.class == Class::AlreadyGone => Ok(Effect::WasGone),
        receipt => effect(receipt?),
    }
}

/// Takes the eligibility for a role away from a group.
pub async fn unbind_eligible(
    graph: &Graph,
    group: GroupId,
    role: &RoleKey,
) -> Result<Effect, Refused> {
    match graph
        .request_role_eligibility_end(&removal_of(group, role))
        .await
    {
        Err(error) if error.class == Class::AlreadyGone => Ok(Effect::WasGone),
        receipt => effect(receipt?),
    }
}

fn removal_of(group: GroupId, role: &RoleKey) -> RoleRequest {
    RoleRequest {
        principal: group.into(),
        role: role.role,
        scope: role.scope.clone(),
        change: Change::Remove,
        justification: None,
    }
}

/// Takes a role away that a group holds by a plain assignment.
pub async fn delete_plain(graph: &Graph, assignment: &RoleAssignmentId) -> Result<Effect, Refused> {
    removal(graph.delete_role_assignment(assignment).await)
}
