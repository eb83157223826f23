//! What became of the writes of a stage.

use pim_core::action::Action;
use pim_core::ids::GroupId;

use crate::controllers::failure::Failure;
use crate::providers::Effect;

/// What became of one write.
pub struct Applied {
    /// The write that was sent.
    pub action: Action,
    /// What the tenant answered.
    pub result: Result<Effect, Failure>,
}

/// The group that was made, if one was.
pub fn made(applied: &[Applied]) -> Option<GroupId> {
    applied.iter().find_map(|one| match &one.result {
        Ok(Effect::Created(id)) => Some(*id),
        _ => None,
    })
}
