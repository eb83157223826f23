//! What the operator asks of a system whose roles a group can hold. Nothing of one system.

/// A system whose roles a group can hold.
pub trait RoleProvider: Sync {
    /// The application permissions that it needs; for each one, any of the names will do.
    fn permissions(&self) -> &'static [&'static [&'static str]];
}
