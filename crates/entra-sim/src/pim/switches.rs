//! Switches of PIM for Groups.

use crate::behaviours::switches;

switches! { SWITCHES;
    /// Removing a member or owner through the groups API ends his PIM assignment.
    MEMBERS_API_ENDS_PIM: bool {
        name: "membersApiEndsPim",
        source: "learn.microsoft.com: concept-pim-for-groups",
        service: true, ideal: true,
    }
}
