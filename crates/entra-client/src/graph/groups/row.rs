//! A group as lists show it, and what is asked for of it.

use jiff::Timestamp;
use pim_core::desired::Assignability;
use pim_core::ids::{AppId, GroupId, GroupKey};
use pim_core::observed::{Group, Management};
use serde::Deserialize;

/// What lists are asked for of each group.
pub(super) const SELECT: &[&str] = &[
    "id",
    "displayName",
    "description",
    "mailNickname",
    "isAssignableToRole",
    "isManagementRestricted",
    "groupTypes",
    "mailEnabled",
    "onPremisesSyncEnabled",
    "deletedDateTime",
];

/// A group as lists show it: what is observed of it, and by what it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedGroup {
    /// What is observed of it. Its name is not unique.
    pub group: Group,
    /// The key that it bears as its mail nickname, in whatever case. It is unique among mail-enabled groups only.
    pub key: Option<GroupKey>,
    /// Whether roles can be bound to it. It can never be changed.
    pub assignability: Assignability,
    /// When it was soft-deleted; none for a group that exists.
    pub deleted: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupRow {
    pub(super) id: GroupId,
    display_name: Option<String>,
    description: Option<String>,
    mail_nickname: Option<GroupKey>,
    /// Null, not false, for ordinary groups.
    is_assignable_to_role: Option<bool>,
    /// In a restricted management unit: the service refuses every write.
    is_management_restricted: Option<bool>,
    /// `Unified` and `DynamicMembership` (learn.microsoft.com: group resource type). Unknown members say nothing.
    group_types: Option<Vec<String>>,
    mail_enabled: Option<bool>,
    /// True while it is synced, false once it was, null where it never was (learn.microsoft.com: group resource type).
    on_premises_sync_enabled: Option<bool>,
    #[serde(default, deserialize_with = "crate::tolerant::moment")]
    deleted_date_time: Option<Timestamp>,
    /// The metadata does not name it, so it comes only where a whole group is read.
    created_by_app_id: Option<AppId>,
}

impl GroupRow {
    fn is_of_type(&self, name: &str) -> bool {
        let mut types = self.group_types.iter().flatten();
        types.any(|one| one.eq_ignore_ascii_case(name))
    }

    /// What keeps anybody from managing the group, if anything does.
    fn management(&self) -> Management {
        if self.is_management_restricted == Some(true) {
            Management::Restricted
        } else if self.on_premises_sync_enabled == Some(true) {
            Management::Synced
        } else if self.is_of_type("DynamicMembership") {
            Management::Dynamic
        } else if self.mail_enabled == Some(true) && !self.is_of_type("Unified") {
            Management::Distribution
        } else {
            Management::Open
        }
    }

    fn assignability(&self) -> Assignability {
        match self.is_assignable_to_role {
            Some(true) => Assignability::RoleAssignable,
            Some(false) | None => Assignability::Ordinary,
        }
    }
}

impl From<GroupRow> for ListedGroup {
    fn from(row: GroupRow) -> Self {
        let (management, assignability) = (row.management(), row.assignability());
        Self {
            group: Group {
                id: row.id,
                display_name: row.display_name.unwrap_or_default(),
                description: row.description.filter(|text| !text.is_empty()),
                assignability,
                management,
                created_by: row.created_by_app_id,
            },
            key: row.mail_nickname,
            assignability,
            deleted: row.deleted_date_time,
        }
    }
}
