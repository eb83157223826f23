//! Schedules: what they give to whom, how they came to be and where they stand. Data; what happens to them stands
//! above.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::ids::ObjectId;
use crate::journal::Target;
use crate::pim::window::{ScheduleInfo, ScheduleWindow};

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
    pub(crate) window: ScheduleWindow,
    /// The window as it was asked for.
    pub(crate) requested: ScheduleInfo,
    pub(crate) created: Timestamp,
    pub(crate) modified: Option<Timestamp>,
    pub(crate) phase: Phase,
    /// From when on lists show it.
    pub(crate) visible_from: Timestamp,
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

/// A schedule that a decided request makes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct NewSchedule {
    pub(super) window: ScheduleWindow,
    pub(super) replaces: Option<Uuid>,
    pub(super) origin: Origin,
}

/// The eligibility that a schedule of this origin uses.
pub(super) fn used(origin: Origin) -> Option<(Uuid, Via)> {
    match origin {
        Origin::Assigned => None,
        Origin::Activated { eligibility, via } => Some((eligibility, via)),
    }
}
