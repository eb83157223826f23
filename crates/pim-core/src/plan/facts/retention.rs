//! What stays in the tenant when an object goes. An adopted group is always left as it is; anything else only where the
//! boundary says so.

use crate::desired::{self, DeletionPolicy, Lifecycle};
use crate::reason::Reason;
use crate::verdict::State;

/// What becomes of what an object declared when the object goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retention {
    /// It is taken away.
    Taken,
    /// It stays as it is, and the object goes at once.
    Left,
    /// It was to stay, and nobody admits that: the object waits.
    Refused(State),
}

/// What becomes of a group. What was adopted was there before its object, and outlives it.
pub fn of_group(desired: &desired::Unit) -> Retention {
    match (desired.group.adopt, desired.group.deletion_policy) {
        (Some(_), _) => Retention::Left,
        (None, DeletionPolicy::Delete) => Retention::Taken,
        (None, DeletionPolicy::Retain) => admitted(desired),
    }
}

/// What becomes of a role or of access. Nothing can stay in a group that goes; and a group that is left is left with
/// whatever is not to be taken away.
pub fn of_member(desired: &desired::Unit, policy: DeletionPolicy) -> Retention {
    if policy == DeletionPolicy::Delete {
        return Retention::Taken;
    }
    match desired.group.lifecycle {
        Lifecycle::Living => admitted(desired),
        Lifecycle::Deleting => of_group(desired),
    }
}

fn admitted(desired: &desired::Unit) -> Retention {
    let refusal = match &desired.boundary {
        Some(boundary) => match boundary.judge_leaving(&desired.group) {
            Ok(()) => return Retention::Left,
            Err(denial) => denial.message,
        },
        None => format!(
            "AccessBoundary {} admits nothing now, not even that something stays",
            desired.group.boundary
        ),
    };
    let message = format!("{refusal}; allow it there, or set spec.deletionPolicy to Delete");
    Retention::Refused(State::stuck(Reason::BoundaryDenied, message))
}
