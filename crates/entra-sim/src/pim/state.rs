//! What the PIM service knows of groups, and the policies of groups and directory roles.

use std::collections::BTreeSet;

use super::access::GroupAccess;
use super::engine::Store;
use super::policies::stored::Policies;
use crate::ids::ObjectId;

#[derive(Clone, Debug, Default)]
pub(crate) struct PimState {
    pub(crate) store: Store<GroupAccess>,
    /// Policies of groups and of directory roles.
    pub(crate) policies: Policies,
    /// Groups that PIM manages. There is no way back (learn.microsoft.com: groups-discover-groups).
    pub(crate) onboarded: BTreeSet<ObjectId>,
}
