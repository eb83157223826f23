//! Roles of enterprise applications. Their scope is the application, by its client id; an assignment bears no sign of who made
//! it, so it goes with the object that declares it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use entra_client::graph::{AppRoleAssignment, EnterpriseApplication, Listed};
use entra_client::{Class, Error, Fence, Graph};
use futures::FutureExt;
use futures::future::{join_all, ready};
use parking_lot::Mutex;
use pim_core::ids::{AppId, GroupId, PrincipalId, RequestId, RoleAssignmentId};
use pim_core::knowledge::Pending;
use pim_core::observed::{PlainOrigin, PlainRole, RoleSchedule, ScopeFault};
use pim_core::reason::Reason;
use pim_core::role::{RoleId, RoleReference, RoleScope, RoleSystem, RoleTarget};
use tokio::time::Instant;
use uuid::Uuid;

use super::effect::{Effect, of_removal};
use super::role_provider::{
    Asked, Bind, Catalogue, HeldRoles, Registration, RoleProvider, WriteAnswer,
};
use crate::reader::coalesce::{Coalescer, Found};
use crate::reader::lookup::{asking, single, unknown};

/// How long the roles of an application are believed.
const KEEP: Duration = Duration::from_hours(1);

/// How soon they are read again for a name that they do not hold: a role may just have been declared.
const AGAIN: Duration = Duration::from_mins(1);

/// App roles (learn.microsoft.com: serviceprincipal-post-approleassignedto). Applications are read with what everything needs.
pub const REGISTRATION: Registration = Registration {
    permissions: &[],
    connect: |services| Some(Arc::new(AppRoleProvider::new(&services.graph))),
};

/// The app roles of one tenant.
struct AppRoleProvider {
    graph: Graph,
    kept: Mutex<HashMap<AppId, (Option<EnterpriseApplication>, Instant)>>,
    reads: Coalescer<AppId, EnterpriseApplication>,
}

/// What is known of some applications at one moment, by client id: nothing of those that the tenant does not have, and why
/// nothing is known of the others. Trouble with one of them is trouble of its roles alone.
#[derive(Default)]
struct Applications(BTreeMap<AppId, Result<Option<EnterpriseApplication>, ScopeFault>>);

impl AppRoleProvider {
    fn new(graph: &Graph) -> Self {
        Self {
            graph: graph.clone(),
            kept: Mutex::default(),
            reads: asking(graph, found),
        }
    }

    async fn read(&self, wanted: &BTreeSet<AppId>, younger_than: Duration) -> Applications {
        let reads = wanted.iter().map(|id| async move {
            let kept = self.kept.lock().get(id).cloned();
            if let Some((one, read)) = kept
                && read.elapsed() < younger_than
            {
                return (*id, Ok(one));
            }
            let read = self.reads.get(id).await;
            if let Ok(one) = &read {
                let mut kept = self.kept.lock();
                kept.retain(|_, (_, read)| read.elapsed() < KEEP);
                kept.insert(*id, (one.clone(), Instant::now()));
            }
            (*id, read.map_err(|error| fault(&error)))
        });
        Applications(join_all(reads).await.into_iter().collect())
    }

    async fn held(&self, group: GroupId, scopes: &[RoleScope]) -> HeldRoles {
        if scopes.is_empty() {
            return HeldRoles::default();
        }
        let wanted = applications(scopes.iter().map(RoleScope::as_str));
        let (listed, mut known) = futures::join!(
            self.graph.app_role_assignments(group),
            self.read(&wanted, KEEP)
        );
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => return unread(scopes, &wanted, &fault(&error)),
        };
        // An application that was deleted and added again has another service principal.
        if listed.rows.iter().any(|row| known.owner(row).is_none()) {
            known = self.read(&wanted, AGAIN).await;
        }
        let mut held = HeldRoles {
            listed: listed.map(|row| plain(row, &known)),
            faults: BTreeMap::new(),
        };
        for scope in scopes {
            if let Some(fault) = known.fault_of(scope.as_str()) {
                held.faults.insert((RoleSystem::APP, scope.clone()), fault);
            }
        }
        held
    }

    async fn service_principal(&self, target: &RoleTarget) -> Result<PrincipalId, Error> {
        let wanted = applications([target.scope.as_str()]);
        let known = self.read(&wanted, KEEP).await;
        let found = known.of(target.scope.as_str()).map(|one| one.id);
        found.ok_or_else(|| {
            let message = format!("the tenant has no application {}", target.scope);
            Error::of_sign_in(Class::ScopeNotFound, message)
        })
    }
}

async fn found(
    graph: Graph,
    ids: Vec<AppId>,
) -> Result<Found<AppId, EnterpriseApplication>, Error> {
    let listed = graph.enterprise_applications(&ids).await?;
    let missing: Vec<AppId> = ids
        .into_iter()
        .filter(|id| !listed.rows.iter().any(|one| one.app_id == *id))
        .collect();
    // Which of those that were asked for a row is that cannot be read is not known; it is none of those that can.
    let unknown = unknown(&missing, &listed, |_, _| true);
    let rows = listed.rows.into_iter();
    Ok(single(rows.map(|one| (one.app_id, one)), unknown))
}

fn applications<'a>(scopes: impl IntoIterator<Item = &'a str>) -> BTreeSet<AppId> {
    let scopes = scopes.into_iter();
    scopes.filter_map(|scope| scope.parse().ok()).collect()
}

/// Where no application is named, a group is only looked at to see what else it holds, as far as that may be read.
fn unread(scopes: &[RoleScope], wanted: &BTreeSet<AppId>, fault: &ScopeFault) -> HeldRoles {
    let mut held = HeldRoles::default();
    if !wanted.is_empty() {
        let faults = scopes.iter().cloned();
        held.faults = faults
            .map(|scope| ((RoleSystem::APP, scope), fault.clone()))
            .collect();
    }
    held
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

fn fault(error: &Error) -> ScopeFault {
    let why = error.text();
    match error.class {
        Class::PermissionDenied { .. } => ScopeFault::Forbidden(why),
        Class::Throttled => ScopeFault::Unread(Reason::Throttled, why),
        Class::CredentialInvalid => ScopeFault::Unread(Reason::CredentialInvalid, why),
        Class::Unreachable => ScopeFault::Unread(Reason::TenantUnreachable, why),
        _ => ScopeFault::Unread(Reason::ReadRefused, why),
    }
}

impl Applications {
    fn of(&self, scope: &str) -> Option<&EnterpriseApplication> {
        let id: AppId = scope.parse().ok()?;
        self.0.get(&id)?.as_ref().ok()?.as_ref()
    }

    fn owner(&self, row: &AppRoleAssignment) -> Option<&EnterpriseApplication> {
        let mut all = self.0.values().flatten().flatten();
        all.find(|one| one.id == row.resource_id)
    }

    fn fault_of(&self, scope: &str) -> Option<ScopeFault> {
        let id: AppId = scope.parse().ok()?;
        match self.0.get(&id)? {
            Ok(Some(_)) => None,
            Ok(None) => Some(ScopeFault::Missing(format!(
                "the tenant has no enterprise application with the client id {id}; add it, or correct spec.appRole.application"
            ))),
            Err(fault) => Some(fault.clone()),
        }
    }
}

impl Catalogue for Applications {
    /// A role without a value is found by its id; an application without roles has the one of zeros.
    fn all(&self, name: &str, scope: &str) -> Vec<RoleId> {
        let Some(application) = self.of(scope) else {
            return Vec::new();
        };
        let zeros = RoleId::new(Uuid::nil().to_string());
        if application.app_roles.is_empty() {
            return Vec::from_iter((name == zeros.as_str()).then_some(zeros));
        }
        let bears = |role: &RoleId, value: Option<&str>| {
            role.as_str().eq_ignore_ascii_case(name)
                || value.is_some_and(|value| value.eq_ignore_ascii_case(name))
        };
        let roles = application.app_roles.iter();
        roles
            .filter(|role| role.takes_groups() && bears(&role.id, role.value.as_deref()))
            .map(|role| role.id.clone())
            .collect()
    }

    fn fault(&self, scope: &str) -> Option<ScopeFault> {
        self.fault_of(scope)
    }
}

impl RoleProvider for AppRoleProvider {
    fn system(&self) -> RoleSystem {
        RoleSystem::APP
    }

    fn catalogue<'a>(&'a self, wanted: &'a [RoleReference<'a>]) -> Asked<'a, Arc<dyn Catalogue>> {
        let read = async move {
            let ids = applications(wanted.iter().map(|role| role.scope));
            let mut all = self.read(&ids, KEEP).await;
            let leads_nowhere =
                |role: &&RoleReference<'_>| all.all(role.role, role.scope).is_empty();
            let doubtful = wanted.iter().filter(leads_nowhere).map(|role| role.scope);
            let again = self.read(&applications(doubtful), AGAIN).await;
            all.0.extend(again.0);
            let all: Arc<dyn Catalogue> = Arc::new(all);
            Ok(all)
        };
        read.boxed()
    }

    /// There are no schedules of app roles.
    fn schedules(&self, _: GroupId) -> Asked<'_, Listed<RoleSchedule>> {
        ready(Ok(Listed::default())).boxed()
    }

    fn eligible(&self, _: GroupId) -> Asked<'_, Listed<RoleSchedule>> {
        ready(Ok(Listed::default())).boxed()
    }

    fn plain<'a>(&'a self, group: GroupId, scopes: &'a [RoleScope]) -> Asked<'a, HeldRoles> {
        self.held(group, scopes).map(Ok).boxed()
    }

    fn bind<'a>(
        &'a self,
        fence: Option<&Fence>,
        group: GroupId,
        bind: Bind<'a>,
    ) -> WriteAnswer<'a> {
        let graph = match fence {
            Some(fence) => self.graph.fenced(fence.clone()),
            None => self.graph.clone(),
        };
        let write = async move {
            let application = self.service_principal(bind.target).await?;
            let role = &bind.target.role;
            match graph.assign_app_role(group, application, role).await {
                Err(error) if error.class == Class::AlreadyExists => Ok(Effect::Existed),
                Err(error) => {
                    // It may have been deleted and added again.
                    let known = applications([bind.target.scope.as_str()]);
                    self.kept.lock().retain(|id, _| !known.contains(id));
                    Err(error.into())
                }
                Ok(()) => Ok(Effect::Done(None)),
            }
        };
        write.boxed()
    }

    /// An assignment is deleted by its id, so it is looked for first.
    fn unbind<'a>(&'a self, group: GroupId, target: &'a RoleTarget) -> WriteAnswer<'a> {
        let write = async move {
            let listed = self.graph.app_role_assignments(group).await?;
            let wanted = applications([target.scope.as_str()]);
            let known = self.read(&wanted, AGAIN).await;
            let mut rows = listed.rows.into_iter().map(|row| plain(row, &known));
            match rows.find(|row| row.target == *target) {
                Some(row) => self.delete_plain(&row.id).await,
                None => Ok(Effect::WasGone),
            }
        };
        write.boxed()
    }

    fn unbind_eligible<'a>(&'a self, _: GroupId, _: &'a RoleTarget) -> WriteAnswer<'a> {
        ready(Ok(Effect::WasGone)).boxed()
    }

    fn delete_plain<'a>(&'a self, assignment: &'a RoleAssignmentId) -> WriteAnswer<'a> {
        let (application, id) = assignment.as_str().split_once('/').unwrap_or_default();
        let write = self.graph.remove_app_role(application, id);
        write.map(of_removal).boxed()
    }

    fn request<'a>(&'a self, _: &'a RequestId) -> Asked<'a, Pending> {
        ready(Ok(Pending::Purged)).boxed()
    }
}
