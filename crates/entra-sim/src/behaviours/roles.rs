//! Switches of directory roles.

use jiff::SignedDuration;

use super::pim::ScopeDenial;
use super::{choice, switches};

choice! {
    /// What a change within five minutes of an active assignment is held against.
    FiveMinuteScope {
        /// The role at the scope that the assignment gives.
        Grant = "grant",
        /// Everything that the principal holds.
        Principal = "principal",
    }
}

choice! {
    /// The code for a plain assignment that exists already.
    DuplicateAnswer {
        /// The directory's general code for a conflict.
        Conflict = "conflict",
        /// The code that PIM uses for an existing assignment.
        Exists = "exists",
    }
}

choice! {
    /// The status for a role or principal that PIM has not heard of.
    UnknownStatus {
        /// The service answers 404.
        NotFound = "404",
        /// The service answers 400.
        BadRequest = "400",
    }
}

choice! {
    /// The answer to a role request for a group that roles can not be assigned to.
    PlainGroupAnswer {
        /// The service answers 400 at once.
        Refused = "refused",
        /// 201 with status Granted, and nothing ever comes of it.
        Granted = "granted",
    }
}

choice! {
    /// The id of a custom role that schedules show.
    ScheduleRoleId {
        /// The id of the definition.
        Definition = "definition",
        /// The template id of the definition.
        Template = "template",
    }
}

switches! { SWITCHES;
    /// Where PIM for directory roles puts the code of a missing permission.
    ROLE_SCOPE_DENIAL "roleScopeDenial": ScopeDenial = ScopeDenial::Wrapped;
        from "observed in a live tenant: 403 UnknownError with the code inside a JSON text";
    /// A role assigned without PIM is listed among the PIM schedules.
    PLAIN_ASSIGNMENT_IN_SCHEDULES "plainAssignmentInSchedules": bool = true;
        from "assumption of the simulator; learn.microsoft.com: unifiedRoleAssignmentSchedule is silent";
    /// PIM and the role service know a principal only when it is older than this.
    ROLE_PRINCIPAL_DELAY "rolePrincipalDelay": SignedDuration = SignedDuration::from_secs(8),
        ideal SignedDuration::ZERO;
        from "Omnicit/Omnicit.EntraRBAC live-verification: 404 until one or two retries of five seconds";
    /// A new plain assignment is read only after this long.
    ROLE_ASSIGNMENT_READ_DELAY "roleAssignmentReadDelay": SignedDuration = SignedDuration::from_secs(3),
        ideal SignedDuration::ZERO;
        from "hashicorp/terraform-provider-azuread directory_role_assignment polls until three consecutive reads";
    /// Lists of role schedules show a grant only after this long.
    ROLE_GRANT_LAG "roleGrantLag": SignedDuration = SignedDuration::from_secs(25), ideal SignedDuration::ZERO;
        from "Omnicit/Omnicit.EntraRBAC live-verification: not listed after 10 seconds, listed after 20 to 30";
    /// Lists of role schedules show a removed schedule for this long.
    ROLE_REMOVAL_LAG "roleRemovalLag": SignedDuration = SignedDuration::from_secs(1), ideal SignedDuration::ZERO;
        from "Omnicit/Omnicit.EntraRBAC live-verification: gone from the list after a second";
    /// What is refused within five minutes of an active role assignment.
    ROLE_FIVE_MINUTES "roleFiveMinutes": FiveMinuteScope = FiveMinuteScope::Grant;
        from "Omnicit/Omnicit.EntraRBAC changelog 1.1.0: changes to the assignments of the principal; \
            learn.microsoft.com: pim-how-to-add-role-to-user";
    /// DELETE of an assignment that PIM made is accepted and ends its schedule.
    DELETE_PIM_OWNED_ROW "deletePimOwnedRow": bool = true;
        from "assumption of the simulator; learn.microsoft.com: unifiedroleassignment-delete is silent";
    /// The answer to a plain assignment that exists already.
    DUPLICATE_ROLE_ASSIGNMENT "duplicateRoleAssignment": DuplicateAnswer = DuplicateAnswer::Conflict;
        from "assumption of the simulator: the generic text of the directory; some clients match RoleAssignmentExists";
    /// PIM repeats its alert about a role that a group holds without PIM in the audit log after each such time; never,
    /// when zero.
    OUTSIDE_PIM_ALERT "outsidePimAlert": SignedDuration = SignedDuration::from_hours(2), ideal SignedDuration::ZERO;
        from "observed in a live tenant, 2026-09: about every two hours; learn.microsoft.com: \
            pim-how-to-configure-security-alerts";
    /// An administrator may assign through PIM what a principal already holds by a plain assignment.
    ASSIGN_OVER_PLAIN_ROLE "assignOverPlainRole": bool = false;
        from "assumption of the simulator: RoleAssignmentExists where PIM lists the plain assignment";
    /// Role schedules of a deleted principal are listed for this long.
    ROLE_ORPHANS_SHOWN_FOR "rolePhantom": SignedDuration = SignedDuration::from_hours(7 * 24),
        ideal SignedDuration::ZERO;
        from "microsoft/Microsoft365DSC#5445: about seven days";
    /// The status for a role or principal that PIM has not heard of.
    UNKNOWN_ROLE_STATUS "unknownRoleStatus": UnknownStatus = UnknownStatus::NotFound;
        from "hashicorp/terraform-provider-azuread retries 404; learn.microsoft.com: \
            governanceroleassignmentrequest-post says 400";
    /// The answer to a role request for a group that roles can not be assigned to.
    ROLE_REQUEST_FOR_PLAIN_GROUP "roleRequestForPlainGroup": PlainGroupAnswer = PlainGroupAnswer::Refused;
        from "microsoft/Microsoft365DSC#879: 400 at once; kayasax/EasyPIM#39: 201 with Granted and no assignment";
    /// Reading role schedule requests needs a permission that writes.
    ROLE_REQUEST_READ_NEEDS_WRITE "roleRequestReadNeedsWrite": bool = true;
        from "observed in a live tenant, 2026-05: 403 with RoleAssignmentSchedule.Read.Directory";
    /// Role schedule requests can neither be filtered by status nor sorted.
    ROLE_REQUEST_STATUS_FILTER_REFUSED "roleRequestStatusFilterRefused": bool = true;
        from "observed in a live tenant, 2026-05: 400 InvalidFilter";
    /// The id of a custom role that schedules and their requests show.
    SCHEDULE_ROLE_ID "scheduleRoleId": ScheduleRoleId = ScheduleRoleId::Definition;
        from "microsoft/Microsoft365DSC#5532: the id of a custom role in schedules is not the one that was asked for";
}
