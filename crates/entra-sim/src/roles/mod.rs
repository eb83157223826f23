//! Directory roles: definitions, plain assignments, and what PIM adds to them.
//!
//! | Module | What |
//! | --- | --- |
//! | [`definitions`] | built-in and custom roles |
//! | [`privilege`] | a role at a scope; ids of assignments |
//! | [`alert`] | the warning about plain assignments of groups |
//! | [`assignments`] | plain assignments and the rows of all that are in force |
//! | [`area`] | what PIM for directory roles does differently from PIM for Groups |
//! | [`held`] | who holds which role, by whatever way |

mod alert;
mod area;
mod assignments;
mod definitions;
mod effects;
mod held;
pub(crate) mod privilege;
mod routes;
pub(crate) mod switches;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::ids::{ObjectId, RoleId};
use crate::pim::engine::Store;
use crate::pim::operations::mirror;
use crate::state::Tenant;

pub(crate) use definitions::{Definition, RoleOrigin};
#[cfg(test)]
pub(crate) use held::holds;
pub(crate) use held::{held_roles, holds_any};
pub(crate) use privilege::{RoleAt, Scope};
pub(crate) use routes::AREAS;

/// What the role service knows.
#[derive(Clone, Debug)]
pub(crate) struct State {
    definitions: BTreeMap<RoleId, Definition>,
    pub(crate) store: Store<RoleAt>,
    /// Assignments made without PIM, and since when.
    plain: BTreeMap<(RoleAt, ObjectId), Timestamp>,
    alerts: alert::Alerts,
}

impl Default for State {
    fn default() -> Self {
        Self {
            definitions: definitions::built_in()
                .map(|definition| (definition.id, definition))
                .collect(),
            store: Store::default(),
            plain: BTreeMap::new(),
            alerts: BTreeMap::new(),
        }
    }
}

impl State {
    /// A role by its id.
    pub(crate) fn definition(&self, id: RoleId) -> Option<&Definition> {
        self.definitions.get(&id)
    }

    /// A role by its id or by its template id; requests may name either.
    pub(crate) fn resolve(&self, id: RoleId) -> Option<&Definition> {
        self.definition(id)
            .or_else(|| self.definitions.values().find(|one| one.template_id == id))
    }

    /// All roles.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = &Definition> {
        self.definitions.values()
    }

    /// Adds a custom role, for seeds.
    pub(crate) fn add_definition(&mut self, definition: Definition) {
        self.definitions.insert(definition.id, definition);
    }
}

/// Lets time pass: starts, ends and purges what is due until `now`, and warns.
pub(crate) fn advance(tenant: &mut Tenant, now: Timestamp) {
    alert::advance(tenant, now);
    mirror::advance::<RoleAt>(tenant, now);
}

/// A user, group or service principal was deleted.
pub(crate) fn on_principal_deleted(tenant: &mut Tenant, principal: ObjectId) {
    mirror::principal_deleted::<RoleAt>(tenant, principal);
}

/// A user or group came back from the deleted items.
pub(crate) fn on_principal_restored(tenant: &mut Tenant, principal: ObjectId) {
    mirror::principal_restored::<RoleAt>(tenant, principal);
}
