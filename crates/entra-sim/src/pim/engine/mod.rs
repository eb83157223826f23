//! The schedule engine: requests make schedules, schedules come into force and end.
//!
//! One engine serves every area that PIM manages; an area says through [`Privilege`] what is held there and what its ids look
//! like. The engine is pure: it knows neither tenant nor HTTP, time and fresh ids are handed in, and what it did is told in
//! [`Change`]s that the area carries out (memberships, role assignments, journal).
//! Facts: learn.microsoft.com, privilegedidentitymanagement-for-groups-api-overview and the pages of the request types.

mod approval;
mod clock;
mod decide;
mod deferral;
mod json;
mod request;
mod store;
mod submit;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::refusal::Refusal;
use super::window::{ScheduleInfo, Window};
use crate::ids::ObjectId;
use crate::journal::{Effect, Grant, Target};

pub(crate) use approval::{ApprovalRecord, Review, Verdict};
pub(crate) use clock::Due;
pub(crate) use decide::{Removal, Standing, Terms};
pub(crate) use deferral::Deferral;
pub(crate) use json::{instance, request, schedule};
pub(crate) use request::{Action, Creator, Mode, Request, Session, needed, needed_id};
pub(crate) use store::{Lookup, Store};

/// What a schedule gives: an access to a group, a role at a scope.
pub(crate) trait Privilege: Clone + Ord + fmt::Debug {
    /// Where lists are asked for: the group, the role.
    type ScopeKey: Clone + Ord + fmt::Debug;

    fn scope_key(&self) -> Self::ScopeKey;

    /// The key of a schedule or instance of this privilege.
    fn key(&self, guid: Uuid) -> String;

    /// The properties that name the privilege in bodies.
    fn fields(&self) -> Map<String, Value>;

    /// The privilege as the journal names it.
    fn target(&self) -> Target;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Eligible,
    Active,
}

/// Who holds or may hold what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Holding<P> {
    pub(crate) kind: Kind,
    pub(crate) privilege: P,
    pub(crate) principal: ObjectId,
}

impl<P> Holding<P> {
    /// What a principal holds actively.
    pub(crate) fn active(privilege: P, principal: ObjectId) -> Self {
        Self {
            kind: Kind::Active,
            privilege,
            principal,
        }
    }
}

/// Whether an eligibility is a principal's own or came through a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Via {
    Direct,
    Group,
}

/// How an active schedule came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// By an administrator. Eligible schedules are always of this origin.
    Assigned,
    /// By the eligible principal.
    Activated { eligibility: Uuid, via: Via },
}

/// Where a schedule stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Its start lies ahead.
    Waiting,
    InForce,
    /// Its window is over but the service could not take the access away yet.
    Overdue {
        since: Timestamp,
    },
    /// Its principal was deleted; lists still show it for a while.
    Orphaned {
        shown_until: Timestamp,
        /// Until when a restored principal gets it back.
        until: Timestamp,
    },
}

/// The rule that the last request produced.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Schedule<P> {
    /// Also the id of the request that made it.
    pub(crate) id: Uuid,
    pub(crate) instance: Uuid,
    pub(crate) holding: Holding<P>,
    pub(crate) origin: Origin,
    pub(crate) window: Window,
    /// The window as it was asked for.
    pub(crate) requested: ScheduleInfo,
    pub(crate) created: Timestamp,
    pub(crate) modified: Option<Timestamp>,
    pub(crate) phase: Phase,
    /// From when on lists show it.
    pub(crate) visible_from: Timestamp,
}

/// `status` of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Status {
    Provisioned,
    /// Accepted; the start lies ahead, or it is not carried out yet.
    Granted,
    /// Accepted and not carried out yet.
    PendingProvisioning,
    Revoked,
    Canceled,
    Denied,
    Failed,
    PendingApproval,
}

/// One operation that was asked for: history, not truth.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RequestRecord<P> {
    pub(crate) id: Uuid,
    pub(crate) asked: Request<P>,
    pub(crate) status: Status,
    pub(crate) created: Timestamp,
    /// The start that the service took.
    pub(crate) start: Timestamp,
    pub(crate) completed: Option<Timestamp>,
    pub(crate) target: Option<Uuid>,
    pub(crate) approval: Option<Uuid>,
    /// The eligibility that an activation uses.
    pub(crate) uses: Option<(Uuid, Via)>,
}

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

/// Whom the rule of five minutes protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FiveMinutes {
    /// The schedule itself.
    Schedule,
    /// Everything of the principal that gives the same privilege.
    Privilege,
    /// Every schedule of the principal.
    Principal,
}

/// What an extension that is asked before approval says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExtensionAnswer {
    Approved,
    Denied,
    AutoApproved,
}

/// A quirk of the service that applies or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Quirk {
    /// A young assignment can not be changed either, not only not be ended.
    YoungCanNotChange,
    /// The rule of five minutes protects eligibilities as well.
    YoungEligibilityStays,
    /// An administrator may assign what is held outside of PIM.
    AssignOverStanding,
    /// What is held outside of PIM can be changed and removed through PIM.
    ChangeStanding,
    /// An administrator may assign while an activation runs.
    AssignOverActivation,
    /// The end of an eligibility ends the activation that used it.
    RemovalEndsActivation,
    /// Where assignments demand a second factor, applications are refused.
    MfaForApplications,
}

/// The options of one area where the service's behaviour is open or differs: switches as values.
#[derive(Clone, Debug)]
pub(crate) struct EngineOptions {
    /// How long lists lag behind a grant.
    pub(crate) grant_lag: SignedDuration,
    /// How long lists lag behind a removal.
    pub(crate) removal_lag: SignedDuration,
    pub(crate) five_minutes: FiveMinutes,
    /// What applies of the rest.
    pub(crate) applying: BTreeSet<Quirk>,
    /// How long finished requests are kept.
    pub(crate) retention: SignedDuration,
    pub(crate) extension: ExtensionAnswer,
}

impl EngineOptions {
    pub(crate) fn has(&self, quirk: Quirk) -> bool {
        self.applying.contains(&quirk)
    }
}

impl<P> Schedule<P> {
    /// Whether the access is given now.
    pub(crate) fn in_force(&self) -> bool {
        matches!(self.phase, Phase::InForce | Phase::Overdue { .. })
    }

    pub(crate) fn is_orphaned(&self) -> bool {
        matches!(self.phase, Phase::Orphaned { .. })
    }

    pub(crate) fn is_assigned(&self) -> bool {
        self.origin == Origin::Assigned
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Fresh {
    pub(crate) request: Uuid,
    pub(crate) instance: Uuid,
    pub(crate) approval: Uuid,
    pub(crate) stage: Uuid,
}
