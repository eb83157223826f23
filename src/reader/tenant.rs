//! The reader of one tenant: its look-ups, and what is remembered between two passes. How a group or a name is found, and
//! what is read of it, is in the files beside this one.

use std::sync::Arc;

use entra_client::graph::ApplicationSecret;
use entra_client::permissions::profile;
use entra_client::{Error, Graph};
use jiff::Timestamp;
use pim_core::context::Contexts;
use pim_core::ids::{ClientId, GroupId, ObjectName, PrincipalId};
use pim_core::permission::PermissionProfile;

use super::contexts::KnownContexts;
use super::deeds::Deeds;
use super::groups::Groups;
use super::licence::Licences;
use super::notes::Notebook;
use super::principals::Principals;
use super::seldom::{MaximumAge, Seldom, soon};
use crate::providers::RoleProviders;

/// Reads one tenant, and remembers what later passes can use.
pub struct Reader {
    graph: Graph,
    pub(super) groups: Groups,
    pub(super) principals: Principals,
    roles: RoleProviders,
    pub(super) notes: Notebook,
    licences: Seldom<Licences>,
    contexts: Seldom<KnownContexts>,
    role_assignable_groups: Seldom<Option<u32>>,
    secrets: Seldom<Vec<ApplicationSecret>>,
    deeds: Deeds,
}

impl Reader {
    /// A reader on top of a client and of the systems of roles.
    pub fn new(graph: Graph, roles: RoleProviders) -> Arc<Self> {
        Arc::new(Self {
            groups: Groups::new(&graph),
            principals: Principals::new(&graph),
            roles,
            notes: Notebook::default(),
            licences: Seldom::default(),
            contexts: Seldom::default(),
            role_assignable_groups: Seldom::default(),
            secrets: Seldom::default(),
            deeds: Deeds::default(),
            graph,
        })
    }

    /// The client of the tenant's services.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The service principal that the operator signs in as, where it may leave the owners of a group; nothing while there
    /// is no token, or it does not say so.
    pub async fn own_principal(&self) -> Option<PrincipalId> {
        let claims = self.graph.claims().await.ok()?;
        let may_leave = profile(&claims.roles) == Some(PermissionProfile::Own);
        claims.holder.filter(|_| may_leave)
    }

    /// What is known of the tenant's licences, read anew if that is older.
    pub async fn licences(&self, oldest: MaximumAge) -> Licences {
        self.licences.licences(&self.graph, oldest).await
    }

    /// What is known of the tenant's authentication contexts.
    pub async fn contexts(&self) -> Contexts {
        self.contexts.contexts(&self.graph).await
    }

    /// How many role-assignable groups the tenant has, whoever made them; nothing if that was never told.
    pub async fn role_assignable_groups(&self, oldest: MaximumAge) -> Option<u32> {
        let read = |before: Option<Option<u32>>| async move {
            let counted = soon(self.graph.role_assignable_groups()).await;
            counted.ok().or(before.flatten())
        };
        self.role_assignable_groups.get(oldest, read).await
    }

    /// The secrets of the applications that sign in to the tenant, which are the same as long as the connection stands; none that
    /// nobody could read.
    pub async fn application_secrets(&self, applications: &[ClientId]) -> Vec<ApplicationSecret> {
        if applications.is_empty() {
            return Vec::new();
        }
        let read = |before: Option<Vec<ApplicationSecret>>| async move {
            let listed = soon(self.graph.application_secrets(applications)).await;
            listed.unwrap_or_else(|_| before.unwrap_or_default())
        };
        self.secrets.get(MaximumAge::HOUR, read).await
    }

    /// What time the service says it is; nothing before its first answer.
    pub fn service_time(&self) -> Option<Timestamp> {
        self.graph.service_time()
    }

    /// What time the service says it is.
    pub fn now(&self) -> Timestamp {
        self.service_time().unwrap_or_else(Timestamp::now)
    }

    /// A group was made or found: that it was not before says nothing any more.
    pub fn found(&self, name: &ObjectName) {
        self.notes.with(name, |notes| {
            notes.missing_since = None;
            notes.deleted_since = None;
        });
    }

    /// What the audit log told of the tenant's groups.
    pub fn deeds(&self) -> &Deeds {
        &self.deeds
    }

    /// Somebody may have changed the PIM settings of a group: they are read again in the next pass.
    pub fn doubt_policies(&self, name: &ObjectName) {
        self.notes
            .with(name, |notes| notes.are_policies_in_doubt = true);
    }

    /// Forgets a group that is gone.
    pub fn forget(&self, name: &ObjectName) {
        self.notes.forget(name);
    }

    /// Other living groups with a display name: names are not unique, and two of one name are told apart by nobody.
    pub async fn namesakes(&self, name: &str, of: GroupId) -> Result<Vec<GroupId>, Error> {
        let found = self.groups.by_name.get(&name.to_owned()).await?;
        let ids = found.iter().flatten().map(|row| row.group.id);
        Ok(ids.filter(|id| *id != of).collect())
    }

    /// The systems whose roles groups of the tenant can hold.
    pub fn roles(&self) -> &RoleProviders {
        &self.roles
    }
}
