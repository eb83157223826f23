//! Switches of directory roles.

use crate::behaviours::switches;

switches! { SWITCHES;
    /// A role assigned without PIM is listed among the PIM schedules.
    PLAIN_ASSIGNMENT_IN_SCHEDULES: bool {
        name: "plainAssignmentInSchedules",
        source: "assumption of the simulator; learn.microsoft.com: unifiedRoleAssignmentSchedule is silent",
        service: true, ideal: true,
    }
}
