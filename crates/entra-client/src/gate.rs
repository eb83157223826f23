//! The last question before a write leaves the process.
//!
//! A write can wait in its lane for a moment; whoever decided it may have lost the right to it meanwhile (the lease is
//! running out, the object it was decided on has changed). So the question is put when the request is sent, not when
//! it is handed in.

/// Says whether a write may still be sent.
pub trait WriteGate: Send + Sync {
    /// Asked once for each write, right before it is sent. It must not block.
    fn check(&self) -> Result<(), Withheld>;
}

/// Why a write was not sent, in words for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Withheld(pub String);
