//! What a request is judged by, and what it comes to. Data; the judgement itself stands above.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::options::EngineOptions;
use super::record::Status;
use super::schedule::{NewSchedule, Via};
use crate::pim::policy::Policy;

/// The ids that a request and what it makes will have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fresh {
    pub(crate) request: Uuid,
    pub(crate) instance: Uuid,
    pub(crate) approval: Uuid,
    pub(crate) stage: Uuid,
}

/// Whether the principal holds the privilege by other means than PIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    None,
    Held,
}

/// Whether the access may be taken away now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removal {
    Possible,
    /// They are the last owner.
    Impossible,
}

/// What a request is judged by.
#[derive(Debug)]
pub(crate) struct Terms<'a> {
    pub(crate) now: Timestamp,
    pub(crate) fresh: Fresh,
    pub(crate) policy: &'a Policy,
    pub(crate) options: &'a EngineOptions,
    pub(crate) standing: Standing,
    pub(crate) removal: Removal,
    /// The eligibility in force that an activation may use.
    pub(crate) eligibility: Option<(Uuid, Via)>,
    /// Whether the request is put off.
    pub(crate) deferral: Option<Deferral>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Decision {
    Schedule(NewSchedule),
    /// An approver has to answer first.
    Await {
        uses: (Uuid, Via),
        start: Timestamp,
    },
    /// An extension said no.
    Deny {
        start: Timestamp,
    },
    End(Uuid),
    /// Ends what is held outside of PIM.
    EndStanding,
}

/// How a request is put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deferral {
    /// The status that the request shows until then.
    pub(crate) status: Status,
    /// When it is carried out; never, when there is none.
    pub(crate) after: Option<SignedDuration>,
}

/// What a request that was put off will come to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deferred {
    pub(super) decision: Decision,
    /// The id of the instance that it makes.
    pub(super) instance: Uuid,
}

impl Decision {
    /// Whether it can be put off: what a person has to answer waits anyway.
    pub(super) fn can_wait(&self) -> bool {
        matches!(self, Self::Schedule(_) | Self::End(_) | Self::EndStanding)
    }
}
