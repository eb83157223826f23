//! The reader of one tenant: its look-ups, and what is remembered between two passes. How a group or a name is found, and
//! what is read of it, is in the files beside this one.

use std::sync::Arc;

use entra_client::{Error, Graph};
use jiff::Timestamp;
use pim_core::ids::{GroupId, ObjectName};

use super::deeds::Deeds;
use super::groups::Groups;
use super::notes::Notebook;
use super::principals::Principals;
use crate::providers::RoleProviders;

/// Reads one tenant, and remembers what later passes can use.
pub struct Reader {
    graph: Graph,
    pub(super) groups: Groups,
    pub(super) principals: Principals,
    roles: RoleProviders,
    pub(super) notes: Notebook,
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
            deeds: Deeds::default(),
            graph,
        })
    }

    /// The client of the tenant's services.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// What time the service says it is.
    pub fn now(&self) -> Timestamp {
        self.graph.service_time().unwrap_or_else(Timestamp::now)
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
