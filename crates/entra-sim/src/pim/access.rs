//! Membership or ownership of a group, as the schedule engine sees it.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::engine::Privilege;
use crate::ids::{Access, ObjectId};
use crate::journal::Target;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GroupAccess {
    pub(crate) group: ObjectId,
    pub(crate) access: Access,
}

impl Privilege for GroupAccess {
    type ScopeKey = ObjectId;

    fn scope_key(&self) -> ObjectId {
        self.group
    }

    fn key(&self, guid: Uuid) -> String {
        format!("{}_{}_{guid}", self.group, self.access)
    }

    fn fields(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("accessId".to_owned(), json!(self.access.as_str()));
        fields.insert("groupId".to_owned(), json!(self.group.to_string()));
        fields
    }

    fn target(&self) -> Target {
        Target::Group {
            group: self.group,
            access: self.access,
        }
    }
}
