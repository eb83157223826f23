//! Switches of the Resource Manager.

use jiff::SignedDuration;

use super::{choice, switches};

choice! {
    /// What is said when somebody holds a role under a condition that is not fulfilled.
    ConditionWords {
        /// That they lack a role, or that a condition is not fulfilled.
        Either = "either",
        /// That they hold a role whose condition is not fulfilled.
        Named = "named",
    }
}

choice! {
    /// In which versions what the caller may do is told with the condition under which they hold it.
    ConditionsTold {
        /// In none.
        Never = "never",
        /// In those whose published types have it: not before `2022-05-01-preview`.
        Preview = "preview",
        /// In all.
        Always = "always",
    }
}

switches! { SWITCHES;
    /// Azure roles can be given to a new group only when it is older than this.
    AZURE_PRINCIPAL_DELAY "azurePrincipalDelay": SignedDuration = SignedDuration::from_secs(60),
        ideal SignedDuration::ZERO;
        from "learn.microsoft.com: Troubleshoot Azure RBAC, new principals: a few minutes";
    /// Lists of PIM for Azure resources show a grant only after this long.
    AZURE_GRANT_LAG "azureGrantLag": SignedDuration = SignedDuration::from_secs(15), ideal SignedDuration::ZERO;
        from "hashicorp/terraform-provider-azurerm polls every 10 seconds until the schedule appears";
    /// Lists of PIM for Azure resources show what was removed for this long.
    AZURE_REMOVAL_LAG "azureRemovalLag": SignedDuration = SignedDuration::from_secs(200), ideal SignedDuration::ZERO;
        from "Omnicit/Omnicit.EntraRBAC live-verification: listed for more than 180 seconds, not after four minutes";
    /// PIM lists assignments of Azure roles that it did not make as schedules without an end.
    AZURE_PLAIN_SCHEDULES "azurePlainSchedules": bool = false;
        from "not published; humanascode/azure-rbac-controller#2 tells assignments of PIM from others by these lists";
    /// What the caller may do is told at management groups and at the tenant as well.
    AZURE_PERMISSIONS_ABOVE "azurePermissionsAbove": bool = true;
        from "learn.microsoft.com: Permissions documents resource groups and resources; the provider serves every scope";
    /// Where what the caller may do is told with the condition under which they hold a role.
    AZURE_CONDITIONS_TOLD "azureConditionsTold": ConditionsTold = ConditionsTold::Preview;
        from "Azure/azure-rest-api-specs: Permission has a condition from 2022-05-01-preview on; whose it is, is not published";
    /// The words for a condition that is not fulfilled.
    AZURE_CONDITION_WORDS "azureConditionWords": ConditionWords = ConditionWords::Either;
        from "learn.microsoft.com: Troubleshoot Azure RBAC, unable to assign a role; named: microsoft/AzureTRE#4278";
    /// Reads of the Resource Manager that somebody may do at once in a subscription.
    AZURE_READS "azureReads": u32 = 250;
        from "learn.microsoft.com: Understand how Azure Resource Manager throttles requests, token buckets";
    /// Reads of the Resource Manager a second on average.
    AZURE_READ_RATE "azureReadRate": u32 = 25;
        from "learn.microsoft.com: Understand how Azure Resource Manager throttles requests, token buckets";
    /// Writes of the Resource Manager that somebody may do at once in a subscription.
    AZURE_WRITES "azureWrites": u32 = 200;
        from "learn.microsoft.com: Understand how Azure Resource Manager throttles requests, token buckets";
    /// Writes of the Resource Manager a second on average.
    AZURE_WRITE_RATE "azureWriteRate": u32 = 10;
        from "learn.microsoft.com: Understand how Azure Resource Manager throttles requests, token buckets";
    /// Deletions at the Resource Manager that somebody may do at once in a subscription.
    AZURE_DELETES "azureDeletes": u32 = 200;
        from "learn.microsoft.com: Understand how Azure Resource Manager throttles requests, token buckets";
    /// Deletions at the Resource Manager a second on average.
    AZURE_DELETE_RATE "azureDeleteRate": u32 = 10;
        from "learn.microsoft.com: Understand how Azure Resource Manager throttles requests, token buckets";
    /// Requests a minute that the provider of roles takes from somebody in a subscription.
    AZURE_PROVIDER_REQUESTS "azureProviderRequests": u32 = 120;
        from "Azure/alzlib#168: the limit of '120' for time interval '00:01:00'";
    /// The shortest wait that a 429 of the Resource Manager names.
    AZURE_RETRY_AFTER "azureRetryAfter": SignedDuration = SignedDuration::from_secs(5);
        from "Azure/alzlib#168: 5 seconds; hashicorp/terraform-provider-azurerm#31893: 10 seconds";
}
