//! What the last report of an object said, as far as the next plan asks for it.

/// Whether the boundary admitted an object when it was last reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PreviousAdmission {
    /// The boundary did not admit it, or nothing was reported yet.
    #[default]
    None,
    /// The boundary admitted it.
    Admitted,
    /// The boundary admitted it, and does not any more; what the object had was taken away because of that.
    Revoked,
}

/// Whether the last report said that the tenant matched this very manifest. Then a difference is somebody else's doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LastReport {
    /// The tenant matched this very manifest.
    Matched,
    /// The tenant did not match, or the manifest changed since.
    #[default]
    Differed,
}
