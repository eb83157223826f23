//! Directory roles of Entra ID, bound through PIM: a plain assignment raises a security alert every two hours for as
//! long as it stands. Their definitions are read once in an hour, and again when a name is not found.

mod schedules;

use std::sync::Arc;
use std::time::Duration;

use entra_client::graph::{Listed, RoleDefinition};
use entra_client::permissions::DIRECTORY_ROLES;
use entra_client::{Class, Error, Fence, Graph};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use parking_lot::Mutex;
use pim_core::ids::{GroupId, PrincipalId, RequestId, RoleAssignmentId, RoleDefinitionId};
use pim_core::knowledge::Pending;
use pim_core::observed::{PlainRole, RoleSchedule};
use pim_core::role::{
    BoundRole, EVERYWHERE, KeptAs, RoleId, RoleReference, RoleScope, RoleSystem, RoleTarget,
};
use pim_core::schedule::Kind;
use tokio::time::Instant;

use super::effect::{of_grant, of_removal, of_revocation};
use super::kept::{AGAIN, KEEP};
use super::role_provider::{
    Asked, Bind, Catalogue, HeldRoles, Registration, RoleProvider, WriteAnswer,
};
use super::scope_fault;
use schedules::DirectorySchedules;

use crate::reader::coalesce::{Coalescer, Found};
use crate::reader::lookup::{asking, grouped, unknown};

/// Directory roles (learn.microsoft.com: permissions of unifiedRoleAssignmentScheduleRequest,
/// unifiedRoleEligibilityScheduleRequest and unifiedRoleDefinition).
pub const REGISTRATION: Registration = Registration {
    system: RoleSystem::DIRECTORY,
    permissions: DIRECTORY_ROLES,
    connect: |services| Some(Arc::new(DirectoryRoleProvider::new(&services.graph))),
};

/// The directory roles of one tenant.
struct DirectoryRoleProvider {
    graph: Graph,
    kept: Mutex<KeptDirectory>,
    schedules: DirectorySchedules,
    plain: Coalescer<PrincipalId, Vec<PlainRole>>,
}

/// What was read last, and the read that is under way. Everybody who waits shares its answer, also when it failed:
/// otherwise each would wait for a silent tenant after the other.
#[derive(Default)]
struct KeptDirectory {
    directory: Option<(Arc<RoleDirectory>, Instant)>,
    underway: Option<Underway>,
}

type Underway = Shared<BoxFuture<'static, Result<Arc<RoleDirectory>, Error>>>;

/// All role definitions of a tenant at one moment.
struct RoleDirectory(Vec<RoleDefinition>);

impl DirectoryRoleProvider {
    fn new(graph: &Graph) -> Self {
        Self {
            schedules: DirectorySchedules::new(graph),
            plain: asking(graph, held),
            graph: graph.clone(),
            kept: Mutex::default(),
        }
    }

    async fn read(&self, younger_than: Duration) -> Result<Arc<RoleDirectory>, Error> {
        let underway = {
            let mut kept = self.kept.lock();
            if let Some((directory, read)) = &kept.directory
                && read.elapsed() < younger_than
            {
                return Ok(Arc::clone(directory));
            }
            kept.underway
                .get_or_insert_with(|| ask(self.graph.clone()))
                .clone()
        };
        let answer = underway.clone().await;
        let mut kept = self.kept.lock();
        if kept
            .underway
            .as_ref()
            .is_some_and(|known| known.ptr_eq(&underway))
        {
            kept.underway = None;
            if let Ok(directory) = &answer {
                kept.directory = Some((Arc::clone(directory), Instant::now()));
            }
        }
        answer
    }

    /// Lists are told by the ids under which roles are declared.
    async fn declared(
        &self,
        list: impl Future<Output = Result<Listed<RoleSchedule>, Error>>,
    ) -> Result<HeldRoles<RoleSchedule>, Error> {
        let directory = self.read(KEEP).await?;
        let listed = list.await?.map(|row| RoleSchedule {
            target: directory.declared(row.target),
            ..row
        });
        Ok(listed.into())
    }
}

/// Nothing is known of the roles of a group at all, where the tenant has answered and may answer another read.
fn refused<R>(error: Error, scopes: &[RoleScope]) -> Result<HeldRoles<R>, Error> {
    if !matches!(
        error.class,
        Class::PermissionDenied { .. } | Class::ReadRefused | Class::LicenseMissing
    ) {
        return Err(error);
    }
    let everywhere = RoleScope::new(EVERYWHERE);
    let scopes = scopes.iter().chain([&everywhere]);
    let fault = scope_fault::of(&error);
    Ok(HeldRoles::unread(RoleSystem::DIRECTORY, scopes, &fault))
}

fn ask(graph: Graph) -> Underway {
    let read = async move {
        let listed = graph.role_definitions().await?;
        Ok(Arc::new(RoleDirectory(listed.rows)))
    };
    read.boxed().shared()
}

async fn held(
    graph: Graph,
    ids: Vec<PrincipalId>,
) -> Result<Found<PrincipalId, Vec<PlainRole>>, Error> {
    let listed = graph.role_assignments(&ids).await?;
    let unknown = unknown(&ids, &listed, |_, _| true);
    Ok(grouped(listed.rows, unknown))
}

impl RoleDirectory {
    /// The same role under the id that it is declared by: custom roles are listed under their own id or under their
    /// template's.
    fn declared(&self, target: RoleTarget) -> RoleTarget {
        let bears = |role: &&RoleDefinition| {
            RoleId::from(role.id) == target.role
                || role.template_id.map(RoleId::from).as_ref() == Some(&target.role)
        };
        match self.0.iter().find(bears) {
            Some(role) => RoleTarget {
                role: role.id.into(),
                ..target
            },
            None => target,
        }
    }
}

impl RoleDirectory {
    fn name(&self, target: &RoleTarget) -> Option<String> {
        let mut roles = self.0.iter();
        roles
            .find(|role| RoleId::from(role.id) == target.role)
            .map(|role| role.display_name.clone())
    }
}

impl Catalogue for RoleDirectory {
    /// Names are compared without regard to case: the service finds only the exact case, people do not write it.
    fn all(&self, name: &str, _: &str) -> Vec<RoleId> {
        let id = name.parse::<RoleDefinitionId>().ok();
        let bears = |role: &&RoleDefinition| match id {
            Some(id) => role.id == id || role.template_id == Some(id),
            None => role.display_name.eq_ignore_ascii_case(name),
        };
        let found = self.0.iter().filter(bears);
        found.map(|role| role.id.into()).collect()
    }
}

impl RoleProvider for DirectoryRoleProvider {
    fn system(&self) -> RoleSystem {
        RoleSystem::DIRECTORY
    }

    fn catalogue<'a>(&'a self, wanted: &'a [RoleReference<'a>]) -> Asked<'a, Arc<dyn Catalogue>> {
        let read = async move {
            let known = self.read(KEEP).await?;
            let directory: Arc<dyn Catalogue> = if wanted.iter().all(|role| known.has(role)) {
                known
            } else {
                self.read(AGAIN).await?
            };
            Ok(directory)
        };
        read.boxed()
    }

    fn schedules<'a>(
        &'a self,
        kind: Kind,
        group: GroupId,
        scopes: &'a [RoleScope],
    ) -> Asked<'a, HeldRoles<RoleSchedule>> {
        let read = async move {
            if kind == Kind::Eligible && scopes.is_empty() {
                return Ok(HeldRoles::default());
            }
            let listed = self.schedules.of_group(kind, group);
            match self.declared(listed).await {
                // Who may not read that needs it for nothing but such bindings.
                Err(error) if kind == Kind::Eligible => refused(error, scopes),
                read => read,
            }
        };
        read.boxed()
    }

    fn plain<'a>(
        &'a self,
        group: GroupId,
        scopes: &'a [RoleScope],
    ) -> Asked<'a, HeldRoles<PlainRole>> {
        let read = async move {
            let directory = self.read(KEEP).await?;
            let rows = match self.plain.get(&group.into()).await {
                Ok(rows) => rows.unwrap_or_default(),
                Err(error) => return refused(error, scopes),
            };
            let declared = rows.into_iter().map(|row| PlainRole {
                target: directory.declared(row.target),
                ..row
            });
            let listed = Listed {
                rows: declared.collect(),
                unreadable: Vec::new(),
            };
            Ok(listed.into())
        };
        read.boxed()
    }

    fn bind<'a>(
        &'a self,
        fence: Option<&Fence>,
        group: GroupId,
        bind: Bind<'a>,
    ) -> WriteAnswer<'a> {
        let graph = self.graph.fenced(fence);
        let write = async move {
            of_grant(
                graph
                    .grant_role(group.into(), bind.key, &bind.grant())
                    .await,
            )
        };
        write.boxed()
    }

    fn unbind<'a>(
        &'a self,
        fence: Option<&Fence>,
        group: GroupId,
        key: &'a BoundRole,
        _: KeptAs,
    ) -> WriteAnswer<'a> {
        let graph = self.graph.fenced(fence);
        let write = async move { of_revocation(graph.revoke_role(group.into(), key).await) };
        write.boxed()
    }

    fn name(&self, role: &RoleTarget) -> Option<String> {
        let kept = self.kept.lock();
        let (directory, _) = kept.directory.as_ref()?;
        directory.name(role)
    }

    fn delete_plain<'a>(
        &'a self,
        fence: Option<&Fence>,
        _: GroupId,
        assignment: &'a RoleAssignmentId,
    ) -> WriteAnswer<'a> {
        let graph = self.graph.fenced(fence);
        let write = async move { of_removal(graph.delete_role_assignment(assignment).await) };
        write.boxed()
    }

    fn request<'a>(&'a self, key: &'a BoundRole, id: &'a RequestId) -> Asked<'a, Pending> {
        self.graph.role_request(key.kind, id).boxed()
    }
}
