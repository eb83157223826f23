//! Application permissions: sets of names, one of which suffices. Which operation needs which is the business of the
//! areas.

/// Sets of application permissions, any of which suffices when it is held in full.
pub(crate) type Permissions = &'static [&'static [&'static str]];

/// Declares permission sets: `|` between sets of which one suffices, `&` between permissions that must be held
/// together.
macro_rules! permissions {
    ($($(#[$doc:meta])* $visibility:vis $name:ident = $($($permission:literal)&+)|+;)+) => {
        $($(#[$doc])* $visibility const $name: $crate::permission::Permissions = &[$(&[$($permission),+]),+];)+
    };
}
pub(crate) use permissions;

/// Every application with a valid token.
pub(crate) const ANYONE: Permissions = &[&[]];

/// No application at all: only signed-in users may call the operation.
pub(crate) const NO_APPLICATION: Permissions = &[];
