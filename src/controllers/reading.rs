//! What has to be read in a pass: at first, before a plan can go on, and after a stage was carried out.

use pim_core::action::Write;
use pim_core::ids::GroupId;
use pim_core::observed::{Presence, Unit};
use pim_core::plan::{Need, Needs, StageKind};
use pim_core::schedule::Kind;
use tokio::time::Instant;

use super::apply::{Applied, Done};
use crate::reader::{self, Previous, Reader, Reading, RoleDirectory, Target};

/// The lists that a pass took over from an earlier one and has not read itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread {
    eligible: Need,
    active: Need,
    roles: Need,
}

impl Unread {
    /// Everything was read.
    pub const NOTHING: Self = Self::each(Need::Not);

    /// Nothing was read.
    pub const EVERYTHING: Self = Self::each(Need::Now);

    const fn each(need: Need) -> Self {
        Self {
            eligible: need,
            active: need,
            roles: need,
        }
    }

    /// What a look leaves unread.
    #[must_use]
    pub fn after(self, look: &Previous) -> Self {
        let left = |need, reading| {
            if reading == Reading::Now {
                Need::Not
            } else {
                need
            }
        };
        Self {
            eligible: left(self.eligible, look.eligible),
            active: left(self.active, look.active),
            roles: left(self.roles, look.roles),
        }
    }

    /// Has a look read what is unread.
    pub fn ask(self, look: &mut Previous) {
        let ask = |need, reading: &mut Reading| {
            if need == Need::Now {
                *reading = Reading::Now;
            }
        };
        ask(self.eligible, &mut look.eligible);
        ask(self.active, &mut look.active);
        ask(self.roles, &mut look.roles);
    }
}

/// The first look of a pass, which of its lists are an earlier pass's, and when they were read.
pub async fn first_look(
    reader: &Reader,
    target: &Target,
    roles: &RoleDirectory,
    start: Option<(Unit, Instant)>,
    policies: Reading,
) -> Result<(Unit, Unread, Instant), reader::Error> {
    if let Some((unit, seen)) = start {
        let known = id(&unit.group);
        let previous = Previous::resting_on(unit, policies);
        let unit = reader::observe(reader, target, roles, previous).await?;
        // Another group, or none, has nothing in common with what was seen.
        if known.is_some() && id(&unit.group) == known {
            return Ok((unit, Unread::EVERYTHING, seen));
        }
    }
    let unit = reader::observe(reader, target, roles, Previous::first(policies)).await?;
    Ok((unit, Unread::NOTHING, Instant::now()))
}

/// The id of a group that stands.
pub fn id(group: &Presence) -> Option<GroupId> {
    match group {
        Presence::Living(group) => Some(group.id),
        _ => None,
    }
}

/// Whether a stage may rest on lists of an earlier pass: it only takes access away that is not declared any more, where
/// taking away what is gone does no harm, or it touches nobody's access.
pub fn may_rest_on_earlier_lists(stage: StageKind) -> bool {
    match stage {
        StageKind::Revoke | StageKind::Unbind | StageKind::Policy | StageKind::Rename => true,
        StageKind::Delete | StageKind::Group | StageKind::Grant => false,
    }
}

/// What a plan needs and was not read for it since the last write.
pub fn unserved(needs: Needs, served: Needs) -> Needs {
    let open = |need, served| {
        if need == Need::Now && served == Need::Not {
            Need::Now
        } else {
            Need::Not
        }
    };
    Needs {
        policies: open(needs.policies, served.policies),
        plain_roles: open(needs.plain_roles, served.plain_roles),
    }
}

/// What either of them needs.
pub fn merged(a: Needs, b: Needs) -> Needs {
    let either = |a, b| {
        if a == Need::Now || b == Need::Now {
            Need::Now
        } else {
            Need::Not
        }
    };
    Needs {
        policies: either(a.policies, b.policies),
        plain_roles: either(a.plain_roles, b.plain_roles),
    }
}

/// Has a look read what a plan needs.
pub fn read_what_is_needed(previous: &mut Previous, needs: Needs) {
    if needs.policies == Need::Now {
        previous.policies = Reading::Now;
    }
    if needs.plain_roles == Need::Now {
        previous.plain_roles = Reading::Now;
    }
}

/// Has a look read what a stage has changed.
pub fn read_what_was_written(previous: &mut Previous, applied: &[Applied]) {
    for outcome in applied {
        match &outcome.action.write {
            // The service has just made it, and without owners: nobody is in it, and it holds nothing.
            Write::CreateGroup(_) if matches!(outcome.result, Ok(Done::Created(_))) => {
                previous.made_now();
            }
            Write::CreateGroup(_) | Write::RestoreGroup(_) => {
                *previous = Previous::first(Reading::Now);
            }
            Write::UpdateGroup { .. } | Write::DeleteGroup(_) => previous.group = Reading::Now,
            Write::UpdatePolicy { .. } => previous.policies = Reading::Now,
            Write::Grant { key, .. } if key.kind == Kind::Eligible => {
                previous.eligible = Reading::Now;
            }
            Write::Grant { .. } => previous.active = Reading::Now,
            // Ending an eligibility may end an activation.
            Write::Revoke { .. } => {
                previous.eligible = Reading::Now;
                previous.active = Reading::Now;
            }
            Write::BindRole { .. } => previous.roles = Reading::Now,
            // A plain row may stand beside the schedule.
            Write::UnbindRole { .. } | Write::DeletePlainRole { .. } => {
                previous.roles = Reading::Now;
                previous.plain_roles = Reading::Now;
            }
        }
    }
}
