//! Switches of the Resource Manager.

use jiff::SignedDuration;

use super::switches;

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
}
