//! Switches of PIM: those of groups, and those that directory roles share with them.

use jiff::SignedDuration;

use super::{choice, switches};

choice! {
    /// The rules of custom extensions in the policies of the tenant.
    CustomExtensionRules {
        /// No policy has these rules.
        Absent = "absent",
        /// Every policy was saved in the portal: both rules, empty.
        Empty = "empty",
        /// An extension is asked before approval.
        Enabled = "enabled",
    }
}

choice! {
    /// What the custom extension answers to an activation.
    CustomExtensionAnswer {
        /// The normal flow goes on.
        Approved = "approved",
        /// The activation is denied, whatever the approval rule says.
        Denied = "denied",
        /// The activation is granted, whatever the approval rule says.
        AutoApproved = "auto-approved",
    }
}

choice! {
    /// How a schedule shows a window that was asked for as a duration.
    Readback {
        /// As the end that was computed.
        DateTime = "date-time",
        /// As it was asked for.
        AsAsked = "as-asked",
    }
}

choice! {
    /// Under which name createdBy shows an application.
    CreatedBy {
        /// The application stands under `user`.
        User = "user",
        /// The application stands under `application`.
        Application = "application",
    }
}

choice! {
    /// An access of a group.
    FirstAccess {
        /// The access of members.
        Member = "member",
        /// The access of owners.
        Owner = "owner",
    }
}

choice! {
    /// What becomes of a notification rule that is written with a target of nothing but its type.
    BareRuleTarget {
        /// The write is refused.
        Refused = "refused",
        /// It is taken, and the service loses the notification rules for requestors and approvers for good.
        LosesRules = "loses-rules",
    }
}

choice! {
    /// Where the code stands when an application lacks a permission.
    ScopeDenial {
        /// The code stands in `error.code`.
        Plain = "plain",
        /// Inside a JSON text under `UnknownError`.
        Wrapped = "wrapped",
    }
}

switches! { SWITCHES;
    /// Where PIM for Groups and the policies put the code of a missing permission.
    SCOPE_DENIAL "scopeDenial": ScopeDenial = ScopeDenial::Plain;
        from "clients of PIM for Groups match the code itself; the JSON text was observed on endpoints of directory \
            roles";
    /// Removing a member or owner through the groups API ends their PIM assignment.
    MEMBERS_API_ENDS_PIM "membersApiEndsPim": bool = true; from "learn.microsoft.com: concept-pim-for-groups";
    /// PIM answers 404 for a group that is younger than this.
    PIM_PHASE_1 "pimPhase1": SignedDuration = SignedDuration::from_secs(4), ideal SignedDuration::ZERO;
        from "Omnicit/Omnicit.EntraRBAC live-verification: two 404 within six seconds of a new group";
    /// For this long after the first phase PIM accepts a request for a new group with 201 and status Failed.
    PIM_PHASE_2 "pimPhase2": SignedDuration = SignedDuration::from_secs(6), ideal SignedDuration::ZERO;
        from "Omnicit/Omnicit.EntraRBAC live-verification: 201 with status Failed, then success";
    /// PIM does not find a principal that is younger than this.
    YOUNG_PRINCIPAL_DELAY "youngPrincipalDelay": SignedDuration = SignedDuration::from_secs(8),
        ideal SignedDuration::ZERO;
        from "kayasax/EasyPIM#22: 5 to over 30 seconds";
    /// The policy of the second access of a new group is listed this much later than the first.
    POLICY_LISTING_DELAY "policyListingDelay": SignedDuration = SignedDuration::from_secs(5),
        ideal SignedDuration::ZERO;
        from "Omnicit/Omnicit.EntraRBAC live-verification; hashicorp/terraform-provider-azuread#1491 and #1769";
    /// The access whose policy a new group lists first.
    POLICY_LISTED_FIRST "policyListedFirst": FirstAccess = FirstAccess::Owner;
        from "hashicorp/terraform-provider-azuread#1836: settings of owners were written into the policy of members";
    /// The id of a group policy changes with every PATCH, not only when the group is onboarded.
    ROTATE_ON_EVERY_PATCH "rotateOnEveryPatch": bool = true;
        from "hashicorp/terraform-provider-azuread policies/group_role_management_policy_resource.go";
    /// A group policy may require approval although no approver is named.
    APPROVAL_WITHOUT_APPROVER "approvalWithoutApprover": bool = false;
        from "assumption of the simulator; learn.microsoft.com: groups-role-settings, groups have no default approvers";
    /// The notification rule for approvers of activations takes additional recipients.
    APPROVER_RECIPIENTS "approverRecipients": bool = false;
        from "kayasax/EasyPIM Set-Notification functions always send an empty list";
    /// Null as the longest duration of a rule that demands an end is taken, and the duration that stands stays.
    NULL_MAXIMUM_DURATION "nullMaximumDuration": bool = false;
        from "assumption of the simulator; hashicorp/terraform-provider-azuread#1537 is about an empty text";
    /// A notification rule written with a target of nothing but its type: refused, or taken to the damage of the other
    /// rules.
    BARE_RULE_TARGET "bareRuleTarget": BareRuleTarget = BareRuleTarget::LosesRules, ideal BareRuleTarget::Refused;
        from "microsoftgraph/microsoft-graph-docs#16689: 204, then six of the nine notification rules can neither be \
            read nor written";
    /// The rules of custom extensions that a policy holds from the start.
    CUSTOM_EXTENSION_RULES "customExtensionRules": CustomExtensionRules = CustomExtensionRules::Absent;
        from "learn.microsoft.com: privileged-identity-management-custom-extensions";
    /// The answer of the custom extension that is asked before approval.
    CUSTOM_EXTENSION_ANSWER "customExtensionAnswer": CustomExtensionAnswer = CustomExtensionAnswer::Approved;
        from "learn.microsoft.com: privileged-identity-management-custom-extensions";
    /// Where assignments demand multi-factor authentication, an application fails that rule.
    ADMIN_MFA_FOR_APPS "adminMfaForApps": bool = true;
        from "assumption of the simulator; learn.microsoft.com: identity-governance-pim-rules-overview is silent \
            about applications";
    /// How long a finished request can be read.
    REQUEST_RETENTION "requestRetention": SignedDuration = SignedDuration::from_hours(45 * 24),
        ideal SignedDuration::from_hours(3650 * 24);
        from "microsoftgraph/microsoft-graph-docs-contrib#115, Azure/AzOps#901: 30 to 45 days";
    /// How a schedule shows a window that was asked for as a duration.
    DURATION_READBACK "durationReadback": Readback = Readback::DateTime;
        from "Omnicit/Omnicit.EntraRBAC live-verification: afterDuration reads back as afterDateTime";
    /// Under which name createdBy shows an application.
    CREATED_BY "createdByShape": CreatedBy = CreatedBy::User;
        from "learn.microsoft.com: privilegedaccessgroup-post-eligibilityschedulerequests sample; otherwise open";
    /// Lists of group schedules show a grant only after this long.
    PIM_GRANT_LAG "pimGrantLag": SignedDuration = SignedDuration::from_secs(3), ideal SignedDuration::ZERO;
        from "hashicorp/terraform-provider-azuread privileged_access_group resources poll a new schedule through 404";
    /// Lists of group schedules show a removed schedule for this long.
    PIM_REMOVAL_LAG "pimRemovalLag": SignedDuration = SignedDuration::from_secs(1), ideal SignedDuration::ZERO;
        from "Omnicit/Omnicit.EntraRBAC live-verification: a removal is gone from lists after a second";
    /// The end of an eligibility ends the activation that used it.
    REMOVE_ENDS_ACTIVATION "removeEndsActivation": bool = true;
        from "assumption of the simulator; learn.microsoft.com: pim-apis only says that an activation has its own \
            schedule";
    /// An administrator may assign actively what a principal already holds as a plain member or owner.
    ASSIGN_OVER_PLAIN_MEMBER "assignOverPlainMember": bool = false;
        from "assumption of the simulator: RoleAssignmentExists; learn.microsoft.com is silent";
    /// A plain member or owner can be changed and removed through PIM.
    CHANGE_PLAIN_MEMBER "changePlainMember": bool = true;
        from "assumption of the simulator; learn.microsoft.com: the sample of \
            privilegedaccessgroup-list-assignmentschedules lists plain members";
    /// An administrator may assign actively while an activation of the same principal runs.
    ASSIGN_OVER_ACTIVATION "assignOverActivation": bool = false;
        from "assumption of the simulator: RoleAssignmentExists; each kind of schedule is unique per principal";
    /// An eligibility can not be removed within five minutes either.
    ELIGIBLE_FIVE_MINUTES "eligibleFiveMinutes": bool = false;
        from "learn.microsoft.com: groups-assign-member-owner, whose wording covers both kinds";
    /// Service principals can be made eligible, although they can not activate.
    ELIGIBLE_SERVICE_PRINCIPALS "eligibleServicePrincipals": bool = true;
        from "assumption of the simulator; learn.microsoft.com: concept-pim-for-groups is silent";
    /// Plain members that are service principals are listed among the PIM assignments.
    PLAIN_SERVICE_PRINCIPALS_IN_PIM "plainServicePrincipalsInPim": bool = false;
        from "assumption of the simulator, after the v1.0 member lists";
    /// PIM requests for a role-assignable group need RoleManagement.ReadWrite.Directory as well.
    ROLE_ASSIGNABLE_NEEDS_ROLE_MANAGEMENT "roleAssignableNeedsRoleManagement": bool = false;
        from "assumption of the simulator; hashicorp/terraform-provider-azuread documents the PIM permission alone";
    /// $expand=group answers null.
    EXPAND_GROUP_BROKEN "expandGroupBroken": bool = true; from "kayasax/EasyPIM looks group names up separately";
    /// Eligibilities of a deleted principal are listed for this long.
    ORPHANS_SHOWN_FOR "phantomHours": SignedDuration = SignedDuration::from_hours(4), ideal SignedDuration::ZERO;
        from "cisagov/ScubaGear#1305: several hours";
    /// How often the service tries again to take an ownership away from the last owner.
    LAST_OWNER_RETRY "lastOwnerRetry": SignedDuration = SignedDuration::from_hours(1);
        from "learn.microsoft.com: groups-activate-roles says 30 days and no interval";
}
