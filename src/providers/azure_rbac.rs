//! Azure roles of a group, bound by role assignments of the Azure Resource Manager (learn.microsoft.com:
//! role-based-access-control/role-assignments-rest). An assignment of ours is known by its name, which follows from scope,
//! group and role, so that making it twice is harmless. One of another name that gives the same counts and is left alone.
//!
//! A role that begins or ends, or that a group is eligible for, is kept by PIM for Azure resources: see `schedules`.
//!
//! Trouble with this service is trouble of these roles alone, so reads end in a fault of the scope and not in an error.

mod catalogue;
mod rights;
mod schedules;
mod scopes;

use std::sync::Arc;

use entra_client::azure::{AzureAssignment, Deleted, NewAzureAssignment};
use entra_client::graph::Listed;
use entra_client::{Class, Error, Fence, ResourceManager};
use futures::FutureExt;
use pim_core::ids::{GroupId, PrincipalId, RequestId, RoleAssignmentId};
use pim_core::knowledge::Pending;
use pim_core::observed::{PlainOrigin, PlainRole, RoleSchedule};
use pim_core::role::{BoundRole, KeptAs, RoleReference, RoleScope, RoleSystem, RoleTarget};
use pim_core::schedule::Kind;

use super::derived;
use super::effect::{Effect, Refused};
use super::role_provider::{
    Asked, Bind, Catalogue, HeldRoles, Registration, RoleProvider, WriteAnswer,
};
use catalogue::RoleBook;
use rights::OwnRights;
use schedules::AzureSchedules;
use scopes::{ListRoot, Places};

/// The longest description that the service takes, in characters.
const LONGEST_DESCRIPTION: usize = 1024;

/// Azure roles. The rights that they need are roles in Azure, at the scopes in use, and no permissions of the application.
pub const REGISTRATION: Registration = Registration {
    system: RoleSystem::AZURE,
    permissions: &[],
    connect: |services| {
        let manager = services.resource_manager.as_ref()?;
        Some(Arc::new(AzureRoleProvider::new(manager)))
    },
};

/// The Azure roles of one tenant.
struct AzureRoleProvider {
    manager: ResourceManager,
    book: RoleBook,
    lists: Places<Listed<AzureAssignment>>,
    schedules: AzureSchedules,
    rights: OwnRights,
}

impl AzureRoleProvider {
    fn new(manager: &ResourceManager) -> Self {
        Self {
            manager: manager.clone(),
            book: RoleBook::new(manager),
            lists: Places::new(manager, list),
            schedules: AzureSchedules::new(manager),
            rights: OwnRights::new(manager),
        }
    }

    /// What a group holds at some scopes. Each place has one list, of everybody, for all of them that lie there.
    async fn held(&self, group: GroupId, scopes: &[RoleScope]) -> HeldRoles<PlainRole> {
        let of_group = |root: &ListRoot, listed: &_| of_group(group, root, listed);
        self.lists.held(scopes, of_group).await
    }
}

async fn list(manager: ResourceManager, root: ListRoot) -> Result<Listed<AzureAssignment>, Error> {
    manager.role_assignments(root.as_str(), root.extent()).await
}

/// What of a list is about a group, and stands at the place or below it.
fn of_group(
    group: GroupId,
    root: &ListRoot,
    listed: &Listed<AzureAssignment>,
) -> Listed<PlainRole> {
    let rows = listed
        .rows
        .iter()
        .filter(|row| row.principal == PrincipalId::from(group) && root.holds(&row.target.scope));
    Listed {
        rows: rows.map(|row| plain(group, row)).collect(),
        unreadable: listed.unreadable.clone(),
    }
}

/// The name of the assignment that gives a group a role.
fn name(group: GroupId, target: &RoleTarget) -> String {
    const FAMILY: &str = "https://entra-pim.dev/azure-role-assignment";
    derived::id(FAMILY, group, target).to_string()
}

fn plain(group: GroupId, row: &AzureAssignment) -> PlainRole {
    PlainRole {
        origin: if row.name == name(group, &row.target) {
            PlainOrigin::Ours
        } else {
            PlainOrigin::Another
        },
        id: row.id.clone(),
        target: row.target.clone(),
        condition: row.condition.clone(),
    }
}

impl RoleProvider for AzureRoleProvider {
    fn system(&self) -> RoleSystem {
        RoleSystem::AZURE
    }

    fn catalogue<'a>(&'a self, wanted: &'a [RoleReference<'a>]) -> Asked<'a, Arc<dyn Catalogue>> {
        let read = async move {
            let known: Arc<dyn Catalogue> = Arc::new(self.book.read(wanted).await);
            Ok(known)
        };
        read.boxed()
    }

    fn schedules<'a>(
        &'a self,
        kind: Kind,
        group: GroupId,
        scopes: &'a [RoleScope],
    ) -> Asked<'a, HeldRoles<RoleSchedule>> {
        let read = self.schedules.of_group(kind, group, scopes);
        read.map(Ok).boxed()
    }

    fn plain<'a>(
        &'a self,
        group: GroupId,
        scopes: &'a [RoleScope],
    ) -> Asked<'a, HeldRoles<PlainRole>> {
        self.held(group, scopes).map(Ok).boxed()
    }

    fn bind<'a>(
        &'a self,
        fence: Option<&Fence>,
        group: GroupId,
        bind: Bind<'a>,
    ) -> WriteAnswer<'a> {
        let manager = self.manager.fenced(fence);
        let write = async move {
            self.rights.check(bind.key, bind.by).await?;
            let answer = match bind.by {
                KeptAs::Schedule => schedules::bind(&manager, group, &bind).await,
                KeptAs::Assignment => assign(&manager, group, &bind).await,
            };
            match answer {
                Err(Refused::Call(error)) if is_denied(&error) => {
                    let told = self.rights.explain(error, &bind.key.target).await;
                    Err(told.into())
                }
                answer => answer,
            }
        };
        write.boxed()
    }

    fn unbind<'a>(
        &'a self,
        fence: Option<&Fence>,
        group: GroupId,
        key: &'a BoundRole,
        by: KeptAs,
    ) -> WriteAnswer<'a> {
        let manager = self.manager.fenced(fence);
        let write = async move {
            if by == KeptAs::Schedule {
                return schedules::unbind(&manager, group, key).await;
            }
            let target = &key.target;
            let name = name(group, target);
            of_deletion(manager.delete_role_assignment(&target.scope, &name).await)
        };
        write.boxed()
    }

    fn name(&self, role: &RoleTarget) -> Option<String> {
        self.book.name(role)
    }

    fn request<'a>(&'a self, key: &'a BoundRole, id: &'a RequestId) -> Asked<'a, Pending> {
        self.manager.role_request(key, id).boxed()
    }

    fn delete_plain<'a>(
        &'a self,
        fence: Option<&Fence>,
        _: GroupId,
        assignment: &'a RoleAssignmentId,
    ) -> WriteAnswer<'a> {
        let manager = self.manager.fenced(fence);
        let write =
            async move { of_deletion(manager.delete_role_assignment_by_id(assignment).await) };
        write.boxed()
    }
}

/// Gives a group a role by an assignment.
async fn assign(
    manager: &ResourceManager,
    group: GroupId,
    bind: &Bind<'_>,
) -> Result<Effect, Refused> {
    let words = bind.justification.chars();
    let description: String = words.take(LONGEST_DESCRIPTION).collect();
    let new = NewAzureAssignment {
        name: &name(group, &bind.key.target),
        group: group.into(),
        target: &bind.key.target,
        condition: bind.condition,
        description: &description,
    };
    match manager.put_role_assignment(&new).await {
        Err(error) if error.class == Class::AlreadyExists => Ok(Effect::Existed),
        done => Ok(done.map(|()| Effect::Done(None))?),
    }
}

fn is_denied(error: &Error) -> bool {
    matches!(error.class, Class::PermissionDenied { .. })
}

/// What came of a deletion. With its scope an assignment is gone, too.
fn of_deletion(answer: Result<Deleted, Error>) -> Result<Effect, Refused> {
    match answer {
        Ok(Deleted::Now) => Ok(Effect::Done(None)),
        Ok(Deleted::Before) => Ok(Effect::WasGone),
        Err(error)
            if matches!(
                error.class,
                Class::NotFound | Class::AlreadyGone | Class::ScopeNotFound
            ) =>
        {
            Ok(Effect::WasGone)
        }
        Err(error) => Err(error.into()),
    }
}
