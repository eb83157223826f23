//! What the engine did, told to the area and to the journal.

use jiff::Timestamp;

use super::schedule::{Kind, Privilege, Schedule};
use crate::journal::{Effect, Grant};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    Created,
    Changed,
    /// Its start has come.
    Started,
    Ended,
}

/// What happened to the access that a schedule gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Force {
    Same,
    Begins,
    Ceases,
}

/// Something the engine did, for the area to carry out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change<P> {
    pub(crate) at: Timestamp,
    pub(crate) schedule: Schedule<P>,
    pub(crate) note: Note,
    pub(crate) force: Force,
}

impl<P: Privilege> Change<P> {
    /// A schedule has ended, and with it the access that it gave.
    pub(super) fn ended(schedule: Schedule<P>, at: Timestamp) -> Self {
        let force = if schedule.in_force() {
            Force::Ceases
        } else {
            Force::Same
        };
        Self {
            at,
            schedule,
            note: Note::Ended,
            force,
        }
    }

    /// The change as the journal notes it; none for an activation that never came into force.
    pub(crate) fn effect(&self) -> Option<Effect> {
        let schedule = &self.schedule;
        let grant = Grant {
            target: schedule.holding.privilege.target(),
            principal: schedule.holding.principal,
            start: schedule.window.start,
            end: schedule.window.end,
        };
        match (schedule.holding.kind, schedule.is_assigned(), self.note) {
            (Kind::Eligible, _, Note::Created) => Some(Effect::EligibilityCreated(grant)),
            (Kind::Eligible, _, Note::Changed) => Some(Effect::EligibilityChanged(grant)),
            (Kind::Eligible, _, Note::Ended) => Some(Effect::EligibilityEnded(grant)),
            (Kind::Active, true, Note::Created) => Some(Effect::ActiveCreated(grant)),
            (Kind::Active, true, Note::Changed) => Some(Effect::ActiveChanged(grant)),
            (Kind::Active, true, Note::Ended) => Some(Effect::ActiveEnded(grant)),
            (Kind::Active, false, Note::Created | Note::Started) if self.force == Force::Begins => {
                Some(Effect::ActivationStarted(grant))
            }
            (Kind::Active, false, Note::Ended) if self.force == Force::Ceases => {
                Some(Effect::ActivationEnded(grant))
            }
            _ => None,
        }
    }
}
