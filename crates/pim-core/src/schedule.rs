//! When: windows of assignments, what manifests say about them and what stands in the tenant. No planning here.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::Days;
use crate::ids::PrincipalId;

/// How far ahead of the clock that tells us another clock of the service may be.
pub const SKEW: SignedDuration = SignedDuration::from_mins(1);

/// The two relations between a principal and a group.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[schemars(inline)]
pub enum Access {
    /// Membership: what the group holds, the principal holds.
    #[default]
    Member,
    /// Ownership: the principal may change the group and its members.
    Owner,
}

impl Access {
    /// Both kinds of access.
    pub const ALL: [Self; 2] = [Self::Member, Self::Owner];
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Member => "member",
            Self::Owner => "owner",
        })
    }
}

/// One value for each kind of access.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ByAccess<T> {
    /// The value for members.
    pub member: T,
    /// The value for owners.
    pub owner: T,
}

impl<T> ByAccess<T> {
    /// The value of one kind.
    pub fn get(&self, access: Access) -> &T {
        match access {
            Access::Member => &self.member,
            Access::Owner => &self.owner,
        }
    }
}

/// Whether something must be activated before it can be used: access to a group, or a role that a group holds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[schemars(inline)]
pub enum Kind {
    /// It must be activated first.
    Eligible,
    /// It can be used all the time.
    Active,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Eligible => "eligible",
            Self::Active => "active",
        })
    }
}

/// What makes an assignment the same assignment, inside a group. Request and schedule ids are not part of it: they
/// change with every update and are purged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Whether it is membership or ownership.
    pub access: Access,
    /// The principal that has access.
    pub principal: PrincipalId,
    /// Whether access is eligible or active.
    pub kind: Kind,
}

impl Key {
    /// The key of an active owner.
    pub fn owner(principal: PrincipalId) -> Self {
        Self {
            access: Access::Owner,
            principal,
            kind: Kind::Active,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as {} {}", self.principal, self.kind, self.access)
    }
}

/// The end of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// At a point in time.
    At(Timestamp),
    /// It never ends.
    Never,
}

impl End {
    /// Whether the end has come.
    pub fn is_over(self, now: Timestamp) -> bool {
        matches!(self, Self::At(end) if end <= now)
    }

    /// Whether two ends mean the same second. The service keeps fractions that manifests do not have.
    pub fn same_second(self, other: Self) -> bool {
        match (self, other) {
            (Self::Never, Self::Never) => true,
            (Self::At(a), Self::At(b)) => a.as_second() == b.as_second(),
            _ => false,
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(end) => end.fmt(f),
            Self::Never => f.write_str("never"),
        }
    }
}

/// A window in absolute time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When the window begins; none means at once.
    pub start: Option<Timestamp>,
    /// When the window ends, if ever.
    pub end: End,
}

impl Window {
    /// At once and for ever. What was not given by a schedule is listed so.
    pub const ALWAYS: Self = Self {
        start: None,
        end: End::Never,
    };

    /// Whether the window lies in the future. The service tells its time to the second and stores starts finer than
    /// that, so what begins in this second has begun.
    pub fn is_future(&self, now: Timestamp) -> bool {
        self.start
            .is_some_and(|start| start.as_second() > now.as_second())
    }

    /// Whether what stands is what is wanted. A beginning counts only while it lies ahead: the service replaces one
    /// that has passed with the time of processing, by a clock that may be seconds ahead of the one that tells us.
    pub fn matches(&self, wanted: &Self, now: Timestamp) -> bool {
        let starts = if wanted.is_future(now) {
            self.start.map(Timestamp::as_second) == wanted.start.map(Timestamp::as_second)
        } else {
            self.start
                .is_none_or(|start| start.duration_since(now) <= SKEW)
        };
        starts && self.end.same_second(wanted.end)
    }

    /// Whether this window gives nothing that the other one does not give.
    pub fn is_within(&self, other: &Self, now: Timestamp) -> bool {
        let begins = |window: &Self| window.start.map_or(now, |start| start.max(now));
        begins(self) >= begins(other) && self.end <= other.end
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.start {
            Some(start) => write!(f, "from {start} until {}", self.end),
            None => write!(f, "until {}", self.end),
        }
    }
}

/// How a manifest says when an assignment ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleExpiration {
    /// So long after the first grant.
    AfterDuration(Days),
    /// At a point in time.
    EndTime(Timestamp),
    /// The assignment is permanent.
    Never,
}

/// How a manifest says when an assignment begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// When it begins; none means at once.
    pub start: Option<Timestamp>,
    /// How the manifest says when access ends.
    pub expiration: ScheduleExpiration,
}

impl Schedule {
    /// At once and without end.
    pub const LASTING: Self = Self {
        start: None,
        expiration: ScheduleExpiration::Never,
    };

    /// The window in absolute time, given when the assignment was first granted.
    pub fn window(&self, first_granted: Timestamp) -> Window {
        let end = match self.expiration {
            ScheduleExpiration::Never => End::Never,
            ScheduleExpiration::EndTime(end) => End::At(end),
            ScheduleExpiration::AfterDuration(days) => {
                let from = self
                    .start
                    .map_or(first_granted, |start| start.max(first_granted));
                // Beyond the end of time is the end of time, never for ever.
                End::At(
                    from.checked_add(days.length().to_signed())
                        .unwrap_or(Timestamp::MAX),
                )
            }
        };
        Window {
            start: self.start,
            end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_duration_counts_from_the_first_grant() {
        let half_year = Days::try_from("P180D".to_owned()).unwrap();
        let schedule = Schedule {
            start: None,
            expiration: ScheduleExpiration::AfterDuration(half_year),
        };
        let window = schedule.window(at(1000));
        assert_eq!(window.end, End::At(at(1000 + 180 * 86_400)));
    }

    #[test]
    fn a_start_that_has_passed_means_nothing() {
        let standing = Window {
            start: Some(at(500)),
            end: End::Never,
        };
        let wanted = Window {
            start: Some(at(100)),
            end: End::Never,
        };
        assert!(standing.matches(&wanted, at(600)));
        assert!(
            !standing.matches(&wanted, at(400)),
            "what stands begins later than it should"
        );
    }

    #[test]
    fn what_begins_in_this_second_has_begun() {
        let processed = at(500).checked_add(SignedDuration::from_millis(730));
        let standing = Window {
            start: processed.ok(),
            end: End::Never,
        };
        let wanted = Window {
            start: None,
            end: End::Never,
        };
        assert!(standing.matches(&wanted, at(500)));
        assert!(standing.is_future(at(499)));
    }

    proptest! {
        #[test]
        fn a_window_matches_itself(start in proptest::option::of(0i64..1_000_000), end in 0i64..1_000_000, now in 0i64..1_000_000) {
            let window = Window { start: start.map(at), end: End::At(at(end)) };
            prop_assert!(window.matches(&window, at(now)));
        }

        #[test]
        fn a_fraction_of_a_second_makes_no_difference(end in 0i64..1_000_000, millis in 0i64..1000) {
            let exact = End::At(at(end));
            let stored = End::At(at(end).checked_add(SignedDuration::from_millis(millis)).unwrap());
            prop_assert!(exact.same_second(stored));
        }
    }
}
