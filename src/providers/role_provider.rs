//! What the operator asks of a system whose roles a group can hold, and all systems of a tenant together. Nothing of one
//! system.

use std::collections::BTreeMap;
use std::sync::Arc;

use entra_client::graph::Listed;
use entra_client::{Class, Error, Fence, Graph};
use futures::future::{BoxFuture, try_join_all};
use pim_core::action::GrantVerb;
use pim_core::desired::Role;
use pim_core::ids::{GroupId, RequestId, RoleAssignmentId};
use pim_core::knowledge::Pending;
use pim_core::observed::{PlainRole, RoleSchedule};
use pim_core::role::{RoleId, RoleReference, RoleScope, RoleSystem, RoleTarget};

use super::effect::{Effect, Refused};

/// What a question comes to.
pub type Asked<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// What a write comes to.
pub type WriteAnswer<'a> = BoxFuture<'a, Result<Effect, Refused>>;

/// A system whose roles a group can hold, in one tenant. Reads never write, and every write may be repeated: what is there
/// already, or is gone already, is told and is no error.
pub trait RoleProvider: Send + Sync {
    /// The system whose roles this provider reads and writes.
    fn system(&self) -> RoleSystem;

    /// The roles of the tenant, read recently; anew where one of the names is not among those that are known.
    fn catalogue<'a>(&'a self, names: &'a [&'a str]) -> Asked<'a, Arc<dyn Catalogue>>;

    /// The roles that a group holds by schedules, active ones.
    fn schedules(&self, group: GroupId) -> Asked<'_, Listed<RoleSchedule>>;

    /// The roles that a group is eligible for.
    fn eligible(&self, group: GroupId) -> Asked<'_, Listed<RoleSchedule>>;

    /// The roles that a group holds, whatever made them.
    fn plain(&self, group: GroupId) -> Asked<'_, Listed<PlainRole>>;

    /// Gives a group a role for as long as nobody takes it away, or takes the end from one that it holds.
    fn bind<'a>(&'a self, fence: Option<&Fence>, group: GroupId, bind: Bind<'a>)
    -> WriteAnswer<'a>;

    /// Takes a role away from a group.
    fn unbind<'a>(&'a self, group: GroupId, target: &'a RoleTarget) -> WriteAnswer<'a>;

    /// Takes the eligibility for a role away from a group.
    fn unbind_eligible<'a>(&'a self, group: GroupId, target: &'a RoleTarget) -> WriteAnswer<'a>;

    /// Takes a role away that a group holds by a plain assignment.
    fn delete_plain<'a>(&'a self, assignment: &'a RoleAssignmentId) -> WriteAnswer<'a>;

    /// How far a request has come that was taken and not carried out at once.
    fn request<'a>(&'a self, id: &'a RequestId) -> Asked<'a, Pending>;
}

/// A role that is to be bound.
#[derive(Debug, Clone, Copy)]
pub struct Bind<'a> {
    /// Which role, and at which scope.
    pub target: &'a RoleTarget,
    /// Whether the assignment is new or changes an existing one.
    pub verb: GrantVerb,
    /// Why, in words for the tenant's record.
    pub justification: &'a str,
}

/// The roles of a system in one tenant at one moment.
pub trait Catalogue: Send + Sync {
    /// Every role that bears a name or id.
    fn all(&self, name: &str) -> Vec<RoleId>;
}

/// How a system is registered.
pub struct Registration {
    /// The application permissions that it needs; for each one, any of the names will do.
    pub permissions: &'static [&'static [&'static str]],
    /// Begins to serve a tenant.
    pub connect: fn(&Graph) -> Arc<dyn RoleProvider>,
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

    /// The catalogues in which some roles are looked up; of systems that none of them names, nothing is read.
    pub async fn catalogues(&self, wanted: &[RoleReference<'_>]) -> Result<Catalogues, Error> {
        let read = self.0.iter().map(|provider| async move {
            let of_system = wanted.iter().filter(|one| one.system == provider.system());
            let names: Vec<&str> = of_system.map(|one| one.role).collect();
            if names.is_empty() {
                return Ok(None);
            }
            let catalogue = provider.catalogue(&names).await?;
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

    /// The roles that a group holds by active schedules, in every system.
    pub async fn schedules(&self, group: GroupId) -> Result<Listed<RoleSchedule>, Error> {
        let lists = self.0.iter().map(|provider| provider.schedules(group));
        Ok(joined(try_join_all(lists).await?))
    }

    /// The roles that a group is eligible for, in every system.
    pub async fn eligible(&self, group: GroupId) -> Result<Listed<RoleSchedule>, Error> {
        let lists = self.0.iter().map(|provider| provider.eligible(group));
        Ok(joined(try_join_all(lists).await?))
    }

    /// The roles that a group holds, whatever made them, in every system.
    pub async fn plain(&self, group: GroupId) -> Result<Listed<PlainRole>, Error> {
        let lists = self.0.iter().map(|provider| provider.plain(group));
        Ok(joined(try_join_all(lists).await?))
    }
}

fn joined<T>(lists: Vec<Listed<T>>) -> Listed<T> {
    let mut all = Listed {
        rows: Vec::new(),
        unreadable: Vec::new(),
    };
    for list in lists {
        all.extend(list);
    }
    all
}

/// The catalogues of some systems.
#[derive(Default)]
pub struct Catalogues(BTreeMap<RoleSystem, Arc<dyn Catalogue>>);

impl Catalogues {
    /// Every role that bears a name or id in a system.
    pub fn all(&self, system: RoleSystem, name: &str) -> Vec<RoleId> {
        let catalogue = self.0.get(&system);
        catalogue.map_or_else(Vec::new, |catalogue| catalogue.all(name))
    }

    /// The one role that a manifest names.
    pub fn find(&self, role: RoleReference<'_>) -> Role {
        let found = self.all(role.system, role.role);
        match found.as_slice() {
            [] => Role::NotFound,
            [id] => Role::Found(RoleTarget {
                system: role.system,
                role: id.clone(),
                scope: RoleScope::new(role.scope),
            }),
            _ => Role::Ambiguous(found),
        }
    }
}
