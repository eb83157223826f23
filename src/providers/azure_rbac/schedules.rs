//! Roles that PIM for Azure resources keeps: those that begin or end, and those for which a group is eligible. It lists a
//! schedule of each plain assignment, too, which never ends.

use entra_client::azure::{AzureRoleChange, AzureRoleSchedule};
use entra_client::graph::Listed;
use entra_client::{Error, ResourceManager};
use pim_core::ids::{GroupId, PrincipalId, RequestId};
use pim_core::observed::RoleSchedule;
use pim_core::role::{BoundRole, RoleScope};
use pim_core::schedule::Kind;
use uuid::Uuid;

use super::scopes::{ListRoot, Places};
use crate::providers::effect::{Effect, Refused, of_grant, of_revocation};
use crate::providers::{Bind, HeldRoles};

/// The schedules of one tenant, as they are listed.
pub struct AzureSchedules {
    eligible: Places<Listed<AzureRoleSchedule>>,
    active: Places<Listed<AzureRoleSchedule>>,
}

impl AzureSchedules {
    /// Nothing was read yet.
    pub fn new(manager: &ResourceManager) -> Self {
        Self {
            eligible: Places::new(manager, |manager, root| list(Kind::Eligible, manager, root)),
            active: Places::new(manager, |manager, root| list(Kind::Active, manager, root)),
        }
    }

    /// What a group holds by a schedule of a kind at some scopes.
    pub async fn of_group(
        &self,
        kind: Kind,
        group: GroupId,
        scopes: &[RoleScope],
    ) -> HeldRoles<RoleSchedule> {
        let places = match kind {
            Kind::Eligible => &self.eligible,
            Kind::Active => &self.active,
        };
        let group = PrincipalId::from(group);
        let of_group = |root: &ListRoot, listed: &Listed<AzureRoleSchedule>| {
            let rows = listed
                .rows
                .iter()
                .filter(|row| row.principal == group && root.holds(&row.role.target.scope));
            Listed {
                rows: rows.map(|row| row.role.clone()).collect(),
                unreadable: listed.unreadable.clone(),
            }
        };
        places.held(scopes, of_group).await
    }
}

async fn list(
    kind: Kind,
    manager: ResourceManager,
    root: ListRoot,
) -> Result<Listed<AzureRoleSchedule>, Error> {
    manager
        .role_schedules(kind, root.as_str(), root.extent())
        .await
}

/// A name that no request had before.
fn request() -> RequestId {
    RequestId::new(Uuid::new_v4().to_string())
}

/// Gives a group a role by a schedule, or changes the one that it has.
pub async fn bind(
    manager: &ResourceManager,
    group: GroupId,
    bind: &Bind<'_>,
) -> Result<Effect, Refused> {
    let change = AzureRoleChange::Grant {
        grant: bind.grant(),
        condition: bind.condition,
    };
    let request = request();
    let answer = manager.request_role(&request, bind.key, group.into(), &change);
    of_grant(answer.await)
}

/// Takes a role away that a group has by a schedule.
pub async fn unbind(
    manager: &ResourceManager,
    group: GroupId,
    key: &BoundRole,
) -> Result<Effect, Refused> {
    let removal = AzureRoleChange::Removal;
    let request = request();
    let answer = manager.request_role(&request, key, group.into(), &removal);
    of_revocation(answer.await)
}
