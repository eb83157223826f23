//! What a read that failed means for the scopes that it was about. It says nothing of others, and nothing of the tenant.

use entra_client::{Class, Error};
use pim_core::observed::ScopeFault;
use pim_core::reason::Reason;

/// Why nothing is known of a scope.
pub(super) fn of(error: &Error) -> ScopeFault {
    let why = error.text();
    match error.class {
        Class::ScopeNotFound => ScopeFault::Missing(why),
        Class::PermissionDenied { .. } => ScopeFault::Forbidden(why),
        Class::Throttled => ScopeFault::Unread(Reason::Throttled, why),
        Class::CredentialInvalid => ScopeFault::Unread(Reason::CredentialInvalid, why),
        Class::LicenseMissing => ScopeFault::Unread(Reason::LicenseMissing, why),
        Class::Unreachable => ScopeFault::Unread(Reason::TenantUnreachable, why),
        _ => ScopeFault::Unread(Reason::ReadRefused, why),
    }
}
