//! What the role service knows.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::definition::{self, RoleDefinition};
use super::privilege::RoleAt;
use crate::ids::{ObjectId, RoleId};
use crate::pim::engine::Store;

/// The plain assignments of groups that PIM warns of.
pub(super) type Alerts = BTreeMap<(RoleAt, ObjectId), Alert>;

/// What PIM knows of one such assignment.
#[derive(Clone, Debug)]
pub(super) struct Alert {
    /// When the assignment was made, or PIM last warned of it.
    pub(super) last: Timestamp,
    /// Who made it, as the audit log names them.
    pub(super) creator: Value,
}

#[derive(Clone, Debug)]
pub(crate) struct RoleState {
    definitions: BTreeMap<RoleId, RoleDefinition>,
    pub(crate) store: Store<RoleAt>,
    /// Assignments made without PIM, and since when.
    pub(super) plain: BTreeMap<(RoleAt, ObjectId), Timestamp>,
    pub(super) alerts: Alerts,
}

impl Default for RoleState {
    fn default() -> Self {
        Self {
            definitions: definition::built_in()
                .map(|definition| (definition.id, definition))
                .collect(),
            store: Store::default(),
            plain: BTreeMap::new(),
            alerts: BTreeMap::new(),
        }
    }
}

impl RoleState {
    pub(crate) fn definition(&self, id: RoleId) -> Option<&RoleDefinition> {
        self.definitions.get(&id)
    }

    /// A role by its id or by its template id; requests may name either.
    pub(crate) fn resolve(&self, id: RoleId) -> Option<&RoleDefinition> {
        self.definition(id)
            .or_else(|| self.definitions.values().find(|one| one.template_id == id))
    }

    pub(crate) fn definitions(&self) -> impl Iterator<Item = &RoleDefinition> {
        self.definitions.values()
    }

    /// Adds a custom role, for seeds.
    pub(crate) fn add_definition(&mut self, definition: RoleDefinition) {
        self.definitions.insert(definition.id, definition);
    }
}
