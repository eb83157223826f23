//! What the operator asks of a system whose roles a group can hold, and all systems of a tenant together. Nothing of one
//! system.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use entra_client::graph::{Grant, Listed};
use entra_client::permissions::Permission;
use entra_client::{Class, Error, Fence, Services};
use futures::FutureExt;
use futures::future::{BoxFuture, ready, try_join_all};
use pim_core::action::GrantVerb;
use pim_core::desired::{Assignability, Role, Ticket};
use pim_core::ids::{GroupId, RequestId, RoleAssignmentId};
use pim_core::knowledge::Pending;
use pim_core::observed::{PlainRole, RoleSchedule, ScopeFault};
use pim_core::role::{BoundRole, KeptAs, RoleId, RoleReference, RoleScope, RoleSystem, RoleTarget};
use pim_core::schedule::{Kind, Window};

use super::effect::{Effect, Refused};

/// What a question comes to.
pub type Asked<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// What a write comes to.
pub type WriteAnswer<'a> = BoxFuture<'a, Result<Effect, Refused>>;

/// A system whose roles a group can hold, in one tenant. Reads never write, and every write may be repeated: what is there
/// already, or is gone already, is told and is no error. What only schedules need has an answer already, for systems that keep
/// none.
pub trait RoleProvider: Send + Sync {
    /// The system whose roles this provider reads and writes.
    fn system(&self) -> RoleSystem;

    /// The roles of the tenant, as far as these lead to some, read recently; anew where one of the names is not among those
    /// that are known.
    fn catalogue<'a>(&'a self, wanted: &'a [RoleReference<'a>]) -> Asked<'a, Arc<dyn Catalogue>>;

    /// The roles that a group holds by schedules of a kind: at these scopes at least.
    fn schedules<'a>(
        &'a self,
        _kind: Kind,
        _group: GroupId,
        _scopes: &'a [RoleScope],
    ) -> Asked<'a, HeldRoles<RoleSchedule>> {
        ready(Ok(HeldRoles::default())).boxed()
    }

    /// The roles that a group holds, whatever made them: at these scopes at least.
    fn plain<'a>(
        &'a self,
        group: GroupId,
        scopes: &'a [RoleScope],
    ) -> Asked<'a, HeldRoles<PlainRole>>;

    /// Gives a group a role, or changes how it holds one.
    fn bind<'a>(&'a self, fence: Option<&Fence>, group: GroupId, bind: Bind<'a>)
    -> WriteAnswer<'a>;

    /// Takes a role away from a group.
    fn unbind<'a>(
        &'a self,
        fence: Option<&Fence>,
        group: GroupId,
        key: &'a BoundRole,
        by: KeptAs,
    ) -> WriteAnswer<'a>;

    /// Takes a role away that a group holds by a plain assignment. Others who hold it by the same one go on holding it.
    fn delete_plain<'a>(
        &'a self,
        fence: Option<&Fence>,
        group: GroupId,
        assignment: &'a RoleAssignmentId,
    ) -> WriteAnswer<'a>;

    /// What people call a role, as far as that was read before.
    fn name(&self, _role: &RoleTarget) -> Option<String> {
        None
    }

    /// How far a request has come that was taken and not carried out at once.
    fn request<'a>(&'a self, _key: &'a BoundRole, _id: &'a RequestId) -> Asked<'a, Pending> {
        ready(Ok(Pending::Purged)).boxed()
    }
}

/// The roles that a group holds, as some lists show them.
pub struct HeldRoles<R> {
    /// The roles, and what of the lists cannot be read.
    pub listed: Listed<R>,
    /// The scopes of which nothing is known, and why. It says nothing of the others.
    pub faults: BTreeMap<(RoleSystem, RoleScope), ScopeFault>,
}

impl<R> Default for HeldRoles<R> {
    fn default() -> Self {
        Self {
            listed: Listed::default(),
            faults: BTreeMap::new(),
        }
    }
}

impl<R> From<Listed<R>> for HeldRoles<R> {
    fn from(listed: Listed<R>) -> Self {
        Self {
            listed,
            faults: BTreeMap::new(),
        }
    }
}

impl<R> HeldRoles<R> {
    /// Nothing is known of a system at these scopes.
    pub fn unread<'a>(
        system: RoleSystem,
        scopes: impl IntoIterator<Item = &'a RoleScope>,
        fault: &ScopeFault,
    ) -> Self {
        let scopes = scopes.into_iter().cloned();
        Self {
            listed: Listed::default(),
            faults: scopes
                .map(|scope| ((system, scope), fault.clone()))
                .collect(),
        }
    }

    /// Adds what other lists show.
    pub fn extend(&mut self, more: Self) {
        self.listed.extend(more.listed);
        self.faults.extend(more.faults);
    }
}

/// A role that is to be bound.
#[derive(Debug, Clone, Copy)]
pub struct Bind<'a> {
    /// Which role, eligible or active.
    pub key: &'a BoundRole,
    /// Whether a schedule or an assignment is written.
    pub by: KeptAs,
    /// Whether it is new or changes an existing one.
    pub verb: GrantVerb,
    /// When the group holds it.
    pub window: Window,
    /// What narrows it, where the system knows conditions.
    pub condition: Option<&'a str>,
    /// Why, in words for the tenant's record.
    pub justification: &'a str,
    /// The ticket, for the tenant's record.
    pub ticket: Option<&'a Ticket>,
}

impl<'a> Bind<'a> {
    /// What PIM is asked for, where it is bound by a schedule.
    pub fn grant(&self) -> Grant<'a> {
        Grant {
            verb: self.verb,
            window: self.window,
            justification: self.justification,
            ticket: self.ticket,
        }
    }
}

/// The roles of a system in one tenant at one moment.
pub trait Catalogue: Send + Sync {
    /// Every role at a scope that bears a name or id.
    fn all(&self, name: &str, scope: &str) -> Vec<RoleId>;

    /// Whether some role bears the name or id of a reference, at its scope.
    fn has(&self, role: &RoleReference<'_>) -> bool {
        !self.all(role.role, &role.scope).is_empty()
    }

    /// Why a name that leads to no role at a scope may lead to one nevertheless.
    fn fault(&self, _scope: &str) -> Option<ScopeFault> {
        None
    }
}

/// How a system is registered.
pub struct Registration {
    /// Which system that is.
    pub system: RoleSystem,
    /// The application permissions that groups need to hold its roles.
    pub permissions: &'static [Permission],
    /// Begins to serve a tenant; nothing where its cloud has no such service.
    pub connect: fn(&Services) -> Option<Arc<dyn RoleProvider>>,
}

/// All systems of one tenant.
pub struct RoleProviders(Vec<Arc<dyn RoleProvider>>);

impl RoleProviders {
    /// Collects the providers, one for each system.
    pub fn new(providers: Vec<Arc<dyn RoleProvider>>) -> Self {
        Self(providers)
    }

    /// Returns the provider of a system.
    pub fn of(&self, system: RoleSystem) -> Result<&dyn RoleProvider, Error> {
        let found = self.0.iter().find(|one| one.system() == system);
        found.map(|one| &**one).ok_or_else(|| {
            let message = format!("nothing serves a {} in this tenant", system.title);
            Error::of_sign_in(Class::Unsupported, message)
        })
    }

    /// What people call some roles, as far as that was read before.
    pub fn names<'a>(
        &self,
        roles: impl IntoIterator<Item = &'a RoleTarget>,
    ) -> BTreeMap<(RoleSystem, RoleId), String> {
        let named = |role: &RoleTarget| {
            let name = self.of(role.system).ok()?.name(role)?;
            Some(((role.system, role.role.clone()), name))
        };
        roles.into_iter().filter_map(named).collect()
    }

    /// The catalogues in which some roles are looked up; of systems that none of them names, nothing is read.
    pub async fn catalogues(&self, wanted: &[RoleReference<'_>]) -> Result<Catalogues, Error> {
        let read = self.0.iter().map(|provider| async move {
            let of_system = wanted.iter().filter(|one| one.system == provider.system());
            let of_system: Vec<RoleReference<'_>> = of_system.cloned().collect();
            if of_system.is_empty() {
                return Ok(None);
            }
            let catalogue = provider.catalogue(&of_system).await?;
            Ok(Some((provider.system(), catalogue)))
        });
        let read: Vec<_> = try_join_all(read).await?;
        Ok(Catalogues(read.into_iter().flatten().collect()))
    }

    /// Reads the catalogues ahead of lists that are told by them.
    pub async fn warm(&self) -> Result<(), Error> {
        let reads = self.0.iter().map(|provider| provider.catalogue(&[]));
        try_join_all(reads).await.map(drop)
    }

    /// The systems whose roles a group can hold at all.
    fn open_to(&self, assignability: Assignability) -> impl Iterator<Item = &dyn RoleProvider> {
        let open = move |one: &&Arc<dyn RoleProvider>| assignability.admits(one.system());
        self.0.iter().filter(open).map(|one| &**one)
    }

    /// The roles that a group holds by schedules of a kind, in every system: at these scopes at least.
    pub async fn schedules(
        &self,
        kind: Kind,
        (group, assignability): (GroupId, Assignability),
        scopes: &BTreeSet<(RoleSystem, RoleScope)>,
    ) -> Result<HeldRoles<RoleSchedule>, Error> {
        let lists = self.open_to(assignability).map(|provider| async move {
            let scopes = of_system(provider.system(), scopes);
            provider.schedules(kind, group, &scopes).await
        });
        Ok(joined(try_join_all(lists).await?))
    }

    /// The roles that a group holds, whatever made them, in every system: at these scopes at least.
    pub async fn plain(
        &self,
        (group, assignability): (GroupId, Assignability),
        scopes: &BTreeSet<(RoleSystem, RoleScope)>,
    ) -> Result<HeldRoles<PlainRole>, Error> {
        let lists = self.open_to(assignability).map(|provider| async move {
            let scopes = of_system(provider.system(), scopes);
            provider.plain(group, &scopes).await
        });
        Ok(joined(try_join_all(lists).await?))
    }
}

fn of_system(system: RoleSystem, scopes: &BTreeSet<(RoleSystem, RoleScope)>) -> Vec<RoleScope> {
    let of_system = scopes.iter().filter(|(of, _)| *of == system);
    of_system.map(|(_, scope)| scope.clone()).collect()
}

fn joined<R>(lists: Vec<HeldRoles<R>>) -> HeldRoles<R> {
    let mut all = HeldRoles::default();
    for held in lists {
        all.extend(held);
    }
    all
}

/// The catalogues of some systems.
#[derive(Default)]
pub struct Catalogues(BTreeMap<RoleSystem, Arc<dyn Catalogue>>);

impl Catalogues {
    /// Every role that bears the name or id of a reference, at its scope.
    pub fn all(&self, role: &RoleReference<'_>) -> Vec<RoleId> {
        let catalogue = self.0.get(&role.system);
        catalogue.map_or_else(Vec::new, |catalogue| catalogue.all(role.role, &role.scope))
    }

    fn fault(&self, role: &RoleReference<'_>) -> Option<ScopeFault> {
        self.0.get(&role.system)?.fault(&role.scope)
    }

    /// The one role that a manifest names.
    pub fn find(&self, role: &RoleReference<'_>) -> Role {
        let found = self.all(role);
        match found.as_slice() {
            [] => self.fault(role).map_or(Role::NotFound, Role::Unread),
            [id] => Role::Found(RoleTarget {
                system: role.system,
                role: id.clone(),
                scope: RoleScope::of(role.system, &role.scope),
            }),
            _ => Role::Ambiguous(found),
        }
    }
}
