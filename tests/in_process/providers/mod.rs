//! What every system must do whose roles a group can hold, held against each of them by the same suite. A system registers
//! here with one line.

mod conformance;
mod simulated;
mod toy;

use conformance::conforms;

conforms! {
    directory_roles: simulated::directory().await;
    app_roles: simulated::app().await;
    intune_roles: simulated::intune().await;
    azure_roles: simulated::azure().await;
    toy_roles: toy::Toy::default();
}
