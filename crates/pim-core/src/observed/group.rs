//! The group itself, as the directory shows it.

use crate::assignability::Assignability;
use crate::ids::{AppId, GroupId};

/// What is known of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The object id of the group.
    pub id: GroupId,
    /// The display name in the tenant.
    pub display_name: String,
    /// The description in the tenant; none when it is empty.
    pub description: Option<String>,
    /// Whether it can hold directory roles.
    pub assignability: Assignability,
    /// Whether it can be changed at all.
    pub management: Management,
    /// The application that made it, where the service says so. The v1.0 metadata does not name the property, so that
    /// nothing is said means nothing (learn.microsoft.com: group-post-groups, example 3).
    pub created_by: Option<AppId>,
}

/// Whether a group can be changed at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Management {
    /// The group can be changed.
    Open,
    /// A restricted management unit locks it.
    Restricted,
    /// A rule decides who is in it, and PIM does not manage it (learn.microsoft.com: concept-pim-for-groups).
    Dynamic,
    /// A directory on premises masters it, and PIM does not manage it (learn.microsoft.com: concept-pim-for-groups).
    Synced,
    /// It is mail-enabled and no Microsoft 365 group, which Microsoft Graph does not write (learn.microsoft.com:
    /// groups-overview).
    Distribution,
}

impl Management {
    /// Whether PIM lists what is in such a group: it refuses to for those that it does not manage.
    pub fn is_known_to_pim(self) -> bool {
        matches!(self, Self::Open | Self::Restricted)
    }
}
