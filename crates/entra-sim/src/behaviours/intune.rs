//! Switches of Intune.

use super::switches;

switches! { SWITCHES;
    /// The tenant has Intune.
    INTUNE_LICENCE "intuneLicence": bool = true;
        from "learn.microsoft.com: the Intune interface of Graph requires an active Intune license for the tenant";
    /// A second administrator must agree to every change of Intune's roles.
    INTUNE_APPROVAL "intuneMaa": bool = false;
        from "learn.microsoft.com: Use Access policies to implement multi admin approval; answers as clients see them";
}
