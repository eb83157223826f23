//! How a boundary judges what comes into its groups and what stays when an object goes: existing groups that are taken
//! over, and what is left behind.

use super::{Boundary, Denial, LeaveBehind};
use crate::desired::Group;

/// The rule that lists existing groups.
pub const ADOPTABLE: &str = "spec.groups.adoptable";

impl Boundary {
    /// Judges whether the group that an object names by its id may be taken over by it. This list is what makes such a
    /// group the object's own: it bears no key.
    pub fn judge_adoption(&self, group: &Group) -> Result<(), Denial> {
        let Some(id) = group.adopt else {
            return Ok(());
        };
        self.judge_place(group)?;
        if self.rules.groups.adoptable.contains(&id) {
            return Ok(());
        }
        let what = format!("group {id} is not listed, so it is not taken over; list it there");
        Err(self.deny(ADOPTABLE, &what))
    }

    /// Judges whether something may stay in the tenant when its object goes.
    pub fn judge_leaving(&self, group: &Group) -> Result<(), Denial> {
        self.judge_place(group)?;
        match self.rules.groups.leave_behind {
            LeaveBehind::Allowed => Ok(()),
            LeaveBehind::Forbidden => Err(self.deny(
                "spec.groups.leaveBehind",
                "spec.deletionPolicy Retain is not admitted for what was not adopted",
            )),
        }
    }
}
