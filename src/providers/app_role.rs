//! Roles of enterprise applications. Their scope is the application, by its client id; an assignment bears no sign of who made
//! it, so it goes with the object that declares it.

mod applications;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use entra_client::graph::AppRoleAssignment;
use entra_client::permissions::APP_ROLES;
use entra_client::{Class, Error, Fence, Graph};
use futures::FutureExt;
use pim_core::ids::{AppId, GroupId, PrincipalId, RoleAssignmentId};
use pim_core::observed::{PlainOrigin, PlainRole, ScopeFault};
use pim_core::role::{BoundRole, KeptAs, RoleReference, RoleScope, RoleSystem, RoleTarget};

use super::effect::{Effect, Refused, of_removal};
use super::kept::{AGAIN, KEEP};
use super::role_provider::{
    Asked, Bind, Catalogue, HeldRoles, Registration, RoleProvider, WriteAnswer,
};
use super::scope_fault;
use applications::{ApplicationBook, Applications, named};

/// App roles (learn.microsoft.com: serviceprincipal-post-approleassignedto). Applications are read with what everything needs.
pub const REGISTRATION: Registration = Registration {
    system: RoleSystem::APP,
    permissions: APP_ROLES,
    connect: |services| Some(Arc::new(AppRoleProvider::new(&services.graph))),
};

/// The app roles of one tenant.
struct AppRoleProvider {
    graph: Graph,
    book: ApplicationBook,
}

impl AppRoleProvider {
    fn new(graph: &Graph) -> Self {
        Self {
            graph: graph.clone(),
            book: ApplicationBook::new(graph),
        }
    }

    async fn held(&self, group: GroupId, scopes: &[RoleScope]) -> HeldRoles<PlainRole> {
        if scopes.is_empty() {
            return HeldRoles::default();
        }
        let wanted = named(scopes.iter().map(RoleScope::as_str));
        let (listed, mut known) = futures::join!(
            self.graph.app_role_assignments(group),
            self.book.read(&wanted, KEEP)
        );
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => return unread(scopes, &wanted, &scope_fault::of(&error)),
        };
        // An application that was deleted and added again has another service principal.
        if listed.rows.iter().any(|row| known.owner(row).is_none()) {
            known = self.book.read(&wanted, AGAIN).await;
        }
        let mut held = HeldRoles {
            listed: listed.map(|row| plain(row, &known)),
            faults: BTreeMap::new(),
        };
        for scope in scopes {
            if let Some(fault) = known.fault(scope.as_str()) {
                held.faults.insert((RoleSystem::APP, scope.clone()), fault);
            }
        }
        held
    }

    async fn service_principal(&self, target: &RoleTarget) -> Result<PrincipalId, Error> {
        let wanted = named([target.scope.as_str()]);
        let known = self.book.read(&wanted, KEEP).await;
        let found = known.of(target.scope.as_str()).map(|one| one.id);
        found.ok_or_else(|| {
            let message = format!("the tenant has no application {}", target.scope);
            Error::of_sign_in(Class::ScopeNotFound, message)
        })
    }
}

/// Where no application is named, a group is only looked at to see what else it holds, as far as that may be read.
fn unread(
    scopes: &[RoleScope],
    wanted: &BTreeSet<AppId>,
    fault: &ScopeFault,
) -> HeldRoles<PlainRole> {
    if wanted.is_empty() {
        return HeldRoles::default();
    }
    HeldRoles::unread(RoleSystem::APP, scopes, fault)
}

/// A role of an application that nobody named has the id of its service principal as scope, which no boundary lists.
fn plain(row: AppRoleAssignment, known: &Applications) -> PlainRole {
    let system = RoleSystem::APP;
    let owner = known.owner(&row);
    let scope = owner.map_or_else(|| row.resource_id.to_string(), |one| one.app_id.to_string());
    PlainRole {
        id: RoleAssignmentId::new(format!("{}/{}", row.resource_id, row.id)),
        target: RoleTarget {
            system,
            role: row.app_role_id,
            scope: RoleScope::of(system, &scope),
        },
        origin: PlainOrigin::Ours,
        condition: None,
    }
}

impl RoleProvider for AppRoleProvider {
    fn system(&self) -> RoleSystem {
        RoleSystem::APP
    }

    fn catalogue<'a>(&'a self, wanted: &'a [RoleReference<'a>]) -> Asked<'a, Arc<dyn Catalogue>> {
        let read = async move {
            let ids = named(wanted.iter().map(|role| &*role.scope));
            let known = self.book.read(&ids, KEEP).await;
            let doubtful = wanted.iter().filter(|role| !known.has(role));
            let doubtful = doubtful.map(|role| &*role.scope);
            let again = self.book.read(&named(doubtful), AGAIN).await;
            let all: Arc<dyn Catalogue> = Arc::new(known.with(again));
            Ok(all)
        };
        read.boxed()
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
        let graph = self.graph.fenced(fence);
        let write = async move {
            let target = &bind.key.target;
            let application = self.service_principal(target).await?;
            let role = &target.role;
            match graph.assign_app_role(group, application, role).await {
                Err(error) if error.class == Class::AlreadyExists => Ok(Effect::Existed),
                Err(error) => {
                    self.book.forget(target.scope.as_str());
                    Err(error.into())
                }
                Ok(()) => Ok(Effect::Done(None)),
            }
        };
        write.boxed()
    }

    /// An assignment is deleted by its id, so it is looked for first.
    fn unbind<'a>(
        &'a self,
        fence: Option<&Fence>,
        group: GroupId,
        key: &'a BoundRole,
        _: KeptAs,
    ) -> WriteAnswer<'a> {
        let graph = self.graph.fenced(fence);
        let write = async move {
            let target = &key.target;
            let listed = self.graph.app_role_assignments(group).await?;
            let wanted = named([target.scope.as_str()]);
            let known = self.book.read(&wanted, AGAIN).await;
            let mut rows = listed.rows.into_iter().map(|row| plain(row, &known));
            match rows.find(|row| row.target == *target) {
                Some(row) => remove(&graph, &row.id).await,
                None => Ok(Effect::WasGone),
            }
        };
        write.boxed()
    }

    fn delete_plain<'a>(
        &'a self,
        fence: Option<&Fence>,
        _: GroupId,
        assignment: &'a RoleAssignmentId,
    ) -> WriteAnswer<'a> {
        let graph = self.graph.fenced(fence);
        let write = async move { remove(&graph, assignment).await };
        write.boxed()
    }
}

async fn remove(graph: &Graph, assignment: &RoleAssignmentId) -> Result<Effect, Refused> {
    let (application, id) = assignment.as_str().split_once('/').unwrap_or_default();
    of_removal(graph.remove_app_role(application, id).await)
}
