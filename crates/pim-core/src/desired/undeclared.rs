//! What happens to what stands in the tenant and is not declared.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happens to settings that nobody declares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Mode {
    /// They go back to the service's defaults.
    #[default]
    Exclusive,
    /// They are left alone.
    Merge,
}

/// What happens to access that stands in the tenant and that no object declares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Undeclared {
    /// Nobody looks for it.
    Ignore,
    /// It is told, and left alone.
    #[default]
    Report,
    /// It is told and taken away.
    Remove,
}
