//! Switches of the Resource Manager.

use jiff::SignedDuration;

use super::switches;

switches! { SWITCHES;
    /// Azure roles can be given to a new group only when it is older than this.
    AZURE_PRINCIPAL_DELAY "azurePrincipalDelay": SignedDuration = SignedDuration::from_secs(60),
        ideal SignedDuration::ZERO;
        from "learn.microsoft.com: Troubleshoot Azure RBAC, new principals: a few minutes";
}
