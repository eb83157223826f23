//! Switches of the directory: groups, users, service principals, licences.

use jiff::SignedDuration;

use super::{choice, switches};

choice! {
    /// What the service says to creating or updating a role-assignable group through its `uniqueName`.
    RoleAssignableUpsert {
        /// The service answers 400.
        Refused400 = "refused-400",
        /// 403, whatever the token holds.
        Refused403 = "refused-403",
        /// The group is treated as any other group.
        Allowed = "allowed",
    }
}

choice! {
    /// What the service says when the cap of role-assignable groups is reached.
    QuotaAnswer {
        /// The service answers 403 with `Directory_QuotaExceeded`.
        Forbidden = "403",
        /// The service answers 400 with `Request_BadRequest`.
        BadRequest = "400",
    }
}

choice! {
    /// The licences of the tenant.
    Licence {
        /// None of the premium plans.
        None = "none",
        /// Entra ID P1: role-assignable groups, no PIM.
        P1 = "p1",
        /// Entra ID P2, which contains PIM.
        P2 = "p2",
        /// Entra ID Governance with P1.
        Governance = "governance",
    }
}

switches! { SWITCHES;
    /// Creating or updating a role-assignable group by uniqueName is refused.
    ROLE_ASSIGNABLE_UPSERT "roleAssignableUpsert": RoleAssignableUpsert = RoleAssignableUpsert::Refused400;
        from "microsoftgraph/msgraph-bicep-types#140 and #54";
    /// A new or restored object answers 404 for up to this long, each kind of call after a delay of its own.
    REPLICATION_DELAY "replicationDelay": SignedDuration = SignedDuration::from_secs(10), ideal SignedDuration::ZERO;
        from "learn.microsoft.com: group resource; hashicorp/terraform-provider-azuread waits for five consecutive \
            reads";
    /// Lists show a new group or user, and filtered lists any change of it, only after up to this long.
    INDEX_DELAY "indexDelay": SignedDuration = SignedDuration::from_secs(15), ideal SignedDuration::ZERO;
        from "learn.microsoft.com: aad-advanced-queries, an eventually consistent index";
    /// Deleted security groups go to the deleted items and can be restored.
    SOFT_DELETE_SECURITY_GROUPS "softDeleteSecurityGroups": bool = true; from "learn.microsoft.com: group-delete";
    /// A soft-deleted security group reads securityEnabled false.
    DELETED_SECURITY_FLAG "deletedGroupReadsNotSecurityEnabled": bool = true;
        from "learn.microsoft.com: known issue of deleted security groups";
    /// How long deleted items are kept.
    DELETED_ITEMS_RETENTION "deletedItemsRetention": SignedDuration = SignedDuration::from_hours(720);
        from "learn.microsoft.com: directory-deleteditems-restore, 30 days";
    /// A uniqueName that a soft-deleted group holds can not be taken again.
    DELETED_GROUP_HOLDS_UNIQUE_NAME "deletedGroupHoldsUniqueName": bool = true;
        from "assumption of the simulator; learn.microsoft.com: group-upsert is silent";
    /// Restoring a group brings its members and owners back.
    RESTORE_BRINGS_MEMBERS_BACK "restoreBringsMembersBack": bool = true;
        from "learn.microsoft.com: directory-deleteditems-restore";
    /// The application that creates a group becomes its owner.
    APP_CREATE_ADDS_OWNER "appCreateAddsOwner": bool = false;
        from "microsoftgraph/msgraph-bicep-types#233: an application-only create leaves the group without owner";
    /// Untyped member and owner lists of v1.0 show service principals.
    SERVICE_PRINCIPALS_IN_LISTS "servicePrincipalsInLists": bool = false;
        from "learn.microsoft.com: group-list-owners note; hashicorp/terraform-provider-azuread#1023";
    /// The group delta shows service principals among members and owners.
    SERVICE_PRINCIPALS_IN_DELTA "servicePrincipalsInDelta": bool = false;
        from "assumption of the simulator, after the v1.0 member lists";
    /// Delta answers show a change only after this long.
    DELTA_DELAY "deltaDelay": SignedDuration = SignedDuration::from_mins(2), ideal SignedDuration::ZERO;
        from "microsoftgraph/microsoft-graph-docs-contrib#6376: a quarter of an hour seen in a small tenant";
    /// Delta takes $deltatoken=latest together with a filter on ids.
    DELTA_LATEST_WITH_FILTER "deltaLatestWithFilter": bool = true;
        from "assumption of the simulator; learn.microsoft.com: delta-query-overview is silent";
    /// A round of a delta tells once more what the round before it told.
    DELTA_REPLAYS "deltaReplays": bool = true, ideal false;
        from "learn.microsoft.com: delta-query-overview, replays: applications must be prepared for them";
    /// How many members or owners one row of a delta holds; a group with more comes in several rows.
    DELTA_SLICE "deltaSlice": u32 = 200;
        from "learn.microsoft.com: delta-query-groups, a group may return several times with different members";
    /// The service creates no more role-assignable groups than this.
    ROLE_ASSIGNABLE_LIMIT "roleAssignableLimit": u32 = 500;
        from "learn.microsoft.com: directory-service-limits-restrictions, 500";
    /// The answer at the limit of role-assignable groups.
    ROLE_ASSIGNABLE_LIMIT_ANSWER "roleAssignableLimitAnswer": QuotaAnswer = QuotaAnswer::Forbidden;
        from "assumption of the simulator; error code Directory_QuotaExceeded";
    /// The premium licences of the tenant.
    LICENCE "licence": Licence = Licence::P2;
        from "learn.microsoft.com: licensing-fundamentals; AadPremiumLicenseRequired";
    /// The last owner of a group who is a user can not be removed, even when a service principal owns it too.
    LAST_USER_OWNER_STAYS "lastUserOwnerStays": bool = true;
        from "learn.microsoft.com: group-delete-owners, hashicorp/terraform-provider-azuread group documentation";
    /// A group answers that it was created by its application (createdByAppId).
    SHOWS_CREATED_BY_APP "showsCreatedByApp": bool = true;
        from "learn.microsoft.com: group-post-groups sample; absent from the published metadata";
}
