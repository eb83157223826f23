//! What every system must do whose roles a group can hold, held against each of them by the same suite. A system registers
//! here with one line.

mod app;
mod azure;
mod conformance;
mod directory;
mod toy;

use conformance::conforms;

conforms! {
    directory_roles: directory::Directory::start().await;
    app_roles: app::App::start().await;
    azure_roles: azure::Azure::start().await;
    toy_roles: toy::Toy::default();
}
