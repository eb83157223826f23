//! Switches of the directory: groups, users, service principals, licences.

use jiff::SignedDuration;

use super::{choice, switches};

choice! {
    /// What the service says to creating or updating a role-assignable group through its `uniqueName`.
    RoleAssignableUpsert {
        /// 400.
        Refused400 = "refused-400",
        /// 403, whatever the token holds.
        Refused403 = "refused-403",
        /// As any other group.
        Allowed = "allowed",
    }
}

choice! {
    /// What the service says when the cap of role-assignable groups is reached.
    QuotaAnswer {
        /// 403 `Directory_QuotaExceeded`.
        Forbidden = "403",
        /// 400 `Request_BadRequest`.
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
        /// Entra ID P2.
        P2 = "p2",
        /// Entra ID Governance with P1.
        Governance = "governance",
    }
}

switches! { SWITCHES;
    /// Creating or updating a role-assignable group by uniqueName is refused.
    ROLE_ASSIGNABLE_UPSERT: RoleAssignableUpsert {
        name: "roleAssignableUpsert",
        source: "microsoftgraph/msgraph-bicep-types#140 and #54",
        service: RoleAssignableUpsert::Refused400, ideal: RoleAssignableUpsert::Refused400,
    }
    /// A new or restored object answers 404 for up to this long, each kind of call after a delay of its own.
    REPLICATION_DELAY: SignedDuration {
        name: "replicationDelay",
        source: "learn.microsoft.com: group resource; hashicorp/terraform-provider-azuread waits for five consecutive reads",
        service: SignedDuration::from_secs(10), ideal: SignedDuration::ZERO,
    }
    /// Lists show a new group or user, and filtered lists any change of it, only after up to this long.
    INDEX_DELAY: SignedDuration {
        name: "indexDelay",
        source: "learn.microsoft.com: aad-advanced-queries, an eventually consistent index",
        service: SignedDuration::from_secs(15), ideal: SignedDuration::ZERO,
    }
    /// Deleted security groups go to the deleted items and can be restored.
    SOFT_DELETE_SECURITY_GROUPS: bool {
        name: "softDeleteSecurityGroups",
        source: "learn.microsoft.com: group-delete",
        service: true, ideal: true,
    }
    /// A soft-deleted security group reads securityEnabled false.
    DELETED_SECURITY_FLAG: bool {
        name: "deletedGroupReadsNotSecurityEnabled",
        source: "learn.microsoft.com: known issue of deleted security groups",
        service: true, ideal: true,
    }
    /// How long deleted items are kept.
    DELETED_ITEMS_RETENTION: SignedDuration {
        name: "deletedItemsRetention",
        source: "learn.microsoft.com: directory-deleteditems-restore, 30 days",
        service: SignedDuration::from_hours(720), ideal: SignedDuration::from_hours(720),
    }
    /// A uniqueName that a soft-deleted group holds can not be taken again.
    DELETED_GROUP_HOLDS_UNIQUE_NAME: bool {
        name: "deletedGroupHoldsUniqueName",
        source: "assumption of the simulator; learn.microsoft.com: group-upsert is silent",
        service: true, ideal: true,
    }
    /// Restoring a group brings its members and owners back.
    RESTORE_BRINGS_MEMBERS_BACK: bool {
        name: "restoreBringsMembersBack",
        source: "learn.microsoft.com: directory-deleteditems-restore",
        service: true, ideal: true,
    }
    /// The application that creates a group becomes its owner.
    APP_CREATE_ADDS_OWNER: bool {
        name: "appCreateAddsOwner",
        source: "microsoftgraph/msgraph-bicep-types#233: an application-only create leaves the group without owner",
        service: false, ideal: false,
    }
    /// Untyped member and owner lists show service principals.
    SERVICE_PRINCIPALS_IN_LISTS: bool {
        name: "servicePrincipalsInLists",
        source: "learn.microsoft.com: group-list-owners note; hashicorp/terraform-provider-azuread#1023",
        service: false, ideal: false,
    }
    /// The group delta shows service principals among members and owners.
    SERVICE_PRINCIPALS_IN_DELTA: bool {
        name: "servicePrincipalsInDelta",
        source: "assumption of the simulator, after the v1.0 member lists",
        service: false, ideal: false,
    }
    /// Delta answers show a change only after this long.
    DELTA_DELAY: SignedDuration {
        name: "deltaDelay",
        source: "microsoftgraph/microsoft-graph-docs-contrib#6376: a quarter of an hour seen in a small tenant",
        service: SignedDuration::from_mins(2), ideal: SignedDuration::ZERO,
    }
    /// Delta takes $deltatoken=latest together with a filter on ids.
    DELTA_LATEST_WITH_FILTER: bool {
        name: "deltaLatestWithFilter",
        source: "assumption of the simulator; learn.microsoft.com: delta-query-overview is silent",
        service: true, ideal: true,
    }
    /// The service creates no more role-assignable groups than this.
    ROLE_ASSIGNABLE_LIMIT: u32 {
        name: "roleAssignableLimit",
        source: "learn.microsoft.com: directory-service-limits-restrictions, 500",
        service: 500, ideal: 500,
    }
    /// The answer at the limit of role-assignable groups.
    ROLE_ASSIGNABLE_LIMIT_ANSWER: QuotaAnswer {
        name: "roleAssignableLimitAnswer",
        source: "assumption of the simulator; error code Directory_QuotaExceeded",
        service: QuotaAnswer::Forbidden, ideal: QuotaAnswer::Forbidden,
    }
    /// The premium licences of the tenant.
    LICENCE: Licence {
        name: "licence",
        source: "learn.microsoft.com: licensing-fundamentals; AadPremiumLicenseRequired",
        service: Licence::P2, ideal: Licence::P2,
    }
    /// The last owner of a group who is a user can not be removed, even when a service principal owns it too.
    LAST_USER_OWNER_STAYS: bool {
        name: "lastUserOwnerStays",
        source: "learn.microsoft.com: group-delete-owners, hashicorp/terraform-provider-azuread group documentation",
        service: true, ideal: true,
    }
    /// A group answers that it was created by its application (createdByAppId).
    SHOWS_CREATED_BY_APP: bool {
        name: "showsCreatedByApp",
        source: "learn.microsoft.com: group-post-groups sample; absent from the published metadata",
        service: true, ideal: true,
    }
}
