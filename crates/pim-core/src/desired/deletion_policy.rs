//! What becomes of the tenant when an object goes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happens in the tenant when an object is deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum DeletionPolicy {
    /// What it declared is taken away.
    #[default]
    Delete,
    /// What it declared stays, and nobody looks after it any more.
    Retain,
}
