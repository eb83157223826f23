//! What is known of a tenant and how well: a fact is fresh, read in an earlier pass, or unread; what was sent is not
//! seen yet; what is not shown is not yet gone. One rule says when an absence counts, and nothing else in the planner
//! decides that.

mod sent;
mod time;

use std::collections::BTreeSet;
use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::role::{BoundRole, Keeping};
use crate::schedule::{Access, Key, Kind};

pub use sent::{NOT_FOUND, Pending, Progress, Request, Sent};
pub use time::{APART, DWELLS, GROUP_GONE, REPLICATION, later, next_whole_second, whole_second};

/// How soon the service is asked again for what it does not show yet; later the waits grow with the time that passed.
const SOON: SignedDuration = SignedDuration::from_secs(2);

/// The longest wait between two reads for what is not shown.
const SELDOM: SignedDuration = SignedDuration::from_mins(5);

/// One part of a tenant, with how well it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read<T> {
    /// Read in this pass, and nothing was written to it since.
    Fresh {
        /// What the tenant holds.
        value: T,
        /// When it was read, by the service's clock.
        at: Timestamp,
    },
    /// Read before that: good enough to see that something must go, never to give anything.
    Earlier {
        /// What the tenant held at that time.
        value: T,
        /// When it was read, by the service's clock.
        at: Timestamp,
    },
    /// Never read: nothing is known, not even an absence.
    Unread,
}

impl<T> Read<T> {
    /// When it was last read.
    pub fn last_at(&self) -> Option<Timestamp> {
        match self {
            Self::Fresh { at, .. } | Self::Earlier { at, .. } => Some(*at),
            Self::Unread => None,
        }
    }

    /// What stands, if it was read in this pass.
    pub fn fresh(&self) -> Option<&T> {
        match self {
            Self::Fresh { value, .. } => Some(value),
            Self::Earlier { .. } | Self::Unread => None,
        }
    }

    /// When it was read, if that was in this pass.
    pub fn fresh_at(&self) -> Option<Timestamp> {
        match self {
            Self::Fresh { at, .. } => Some(*at),
            Self::Earlier { .. } | Self::Unread => None,
        }
    }

    /// What stood when it was last read.
    pub fn last(&self) -> Option<&T> {
        match self {
            Self::Fresh { value, .. } | Self::Earlier { value, .. } => Some(value),
            Self::Unread => None,
        }
    }

    /// The same, as if an earlier pass had read it.
    #[must_use]
    pub fn demoted(self) -> Self {
        match self {
            Self::Fresh { value, at } => Self::Earlier { value, at },
            other => other,
        }
    }
}

#[cfg(test)]
impl<T> Read<T> {
    /// Read now, for tests that change what stands.
    pub fn now(value: T, at: Timestamp) -> Self {
        Self::Fresh { value, at }
    }

    /// What stands, to be changed by a test.
    ///
    /// # Panics
    /// If it was never read.
    pub fn known(&mut self) -> &mut T {
        match self {
            Self::Fresh { value, .. } | Self::Earlier { value, .. } => value,
            Self::Unread => panic!("nothing was read"),
        }
    }
}

impl<T> Read<Vec<T>> {
    /// The rows that were last read; none if nothing was.
    pub fn rows(&self) -> &[T] {
        self.last().map_or(&[], Vec::as_slice)
    }

    /// Whether nothing stands, as read in this pass.
    pub fn is_known_empty(&self) -> bool {
        self.fresh().is_some_and(Vec::is_empty)
    }
}

/// A part of what can be read about a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Whom the names mean, with their accounts.
    Names,
    /// The policies for members and for owners.
    Policies,
    /// Eligible assignments to the group.
    Eligible,
    /// Active assignments and activations.
    Active,
    /// Roles that the group holds by an active schedule.
    Roles,
    /// Roles that the group is eligible for.
    EligibleRoles,
    /// Roles that it holds, whatever made them.
    PlainRoles,
    /// Members and owners but for service principals, as the directory lists them.
    People,
    /// Service principals among members and owners: only a list of their own shows them.
    Applications,
    /// The administrative units that the group is in.
    Units,
}

impl Part {
    /// All that is read of a tenant about one group.
    pub const LISTS: [Self; 9] = [
        Self::Policies,
        Self::Eligible,
        Self::Active,
        Self::Roles,
        Self::EligibleRoles,
        Self::PlainRoles,
        Self::People,
        Self::Applications,
        Self::Units,
    ];

    /// The lists that the directory has of members and owners, of which neither is whole without the other.
    pub const DIRECTORY: [Self; 2] = [Self::People, Self::Applications];

    /// The list in which assignments of a kind stand.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Eligible => Self::Eligible,
            Kind::Active => Self::Active,
        }
    }

    /// The list in which roles stand that are kept as schedules of a kind.
    pub fn of_role(kind: Kind) -> Self {
        match kind {
            Kind::Eligible => Self::EligibleRoles,
            Kind::Active => Self::Roles,
        }
    }

    /// The lists in which a role shows once it is bound.
    pub fn showing(role: &BoundRole) -> &'static [Self] {
        match (role.kind, role.target.system.keeping) {
            (Kind::Eligible, _) => &[Self::EligibleRoles],
            (Kind::Active, Keeping::Schedules) => &[Self::Roles],
            (Kind::Active, Keeping::Assignments) => &[Self::PlainRoles],
            (Kind::Active, Keeping::Both) => &[Self::Roles, Self::PlainRoles],
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Names => "names",
            Self::Policies => "policies",
            Self::Eligible => "eligible assignments",
            Self::Active => "active assignments",
            Self::Roles => "role schedules",
            Self::EligibleRoles => "eligible roles",
            Self::PlainRoles => "roles",
            Self::People => "members and owners",
            Self::Applications => "service principals among members and owners",
            Self::Units => "administrative units",
        })
    }
}

/// The parts that have to be read in this pass before a plan can go further.
pub type Needs = BTreeSet<Part>;

/// Something that a tenant can hold, and stop to hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Held {
    /// The existence of the group itself.
    Group,
    /// Access of one principal to the group.
    Access(Key),
    /// A role of the group.
    Role(BoundRole),
    /// A policy of the group.
    Policy(Access),
}

/// Whether something that is not shown is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// It counts as gone.
    Believed,
    /// Not before this moment, if it stays so.
    DoubtfulUntil(Timestamp),
}

/// What is known about something that a list of this pass does not show.
#[derive(Debug, Clone, Copy)]
pub struct Missing {
    /// When that list was read.
    pub looked: Timestamp,
    /// Since when reads do not show it.
    pub since: Timestamp,
    /// When it was last sent, as far as it was not seen since.
    pub sent: Option<Timestamp>,
    /// When we removed it and the service said so.
    pub removed: Option<Timestamp>,
}

impl Missing {
    /// The one rule for absences: what we removed ourselves is gone once one list after the answer no longer shows it;
    /// anything else after two reads that are a minute apart, both of them a minute or more after it was last sent.
    pub fn absence(&self) -> Absence {
        let removed_since = self
            .removed
            .is_some_and(|removed| self.sent.is_none_or(|sent| sent <= removed));
        if removed_since {
            return Absence::Believed;
        }
        let from = self.counts_from();
        let until = later(from, APART);
        if self.looked >= until {
            Absence::Believed
        } else {
            Absence::DoubtfulUntil(until)
        }
    }

    /// Since when reads do not show it, as it is to be remembered: reads shortly after a write prove nothing, so the
    /// first one after that begins the series anew.
    pub fn remembered(&self) -> Timestamp {
        let from = self.counts_from();
        if from <= self.looked {
            from
        } else {
            self.since
        }
    }

    fn counts_from(&self) -> Timestamp {
        let ripe = self.sent.map(|sent| later(sent, APART));
        match ripe {
            Some(ripe) if self.since < ripe && self.looked < ripe => ripe,
            Some(ripe) if self.since < ripe => self.looked,
            _ => self.since,
        }
    }
}

/// When to read again what is not shown since a moment: soon at first, then after half as long again as it took so far,
/// so that nothing is found much later than it shows.
pub fn next_look(since: Timestamp, now: Timestamp) -> Timestamp {
    later(now, (now.duration_since(since) / 2).clamp(SOON, SELDOM))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn missing(looked: i64, since: i64, sent: Option<i64>, removed: Option<i64>) -> Missing {
        Missing {
            looked: at(looked),
            since: at(since),
            sent: sent.map(at),
            removed: removed.map(at),
        }
    }

    #[test]
    fn what_we_removed_is_gone_at_the_next_look() {
        assert_eq!(
            missing(10, 10, Some(0), Some(5)).absence(),
            Absence::Believed
        );
        assert_ne!(
            missing(10, 10, Some(7), Some(5)).absence(),
            Absence::Believed,
            "it was sent again after that"
        );
    }

    #[test]
    fn one_look_is_never_enough_for_anything_else() {
        assert_eq!(
            missing(500, 500, None, None).absence(),
            Absence::DoubtfulUntil(at(560))
        );
        assert_eq!(missing(560, 500, None, None).absence(), Absence::Believed);
    }

    #[test]
    fn looks_in_the_first_minute_after_a_write_do_not_count() {
        assert_eq!(
            missing(59, 1, Some(0), None).absence(),
            Absence::DoubtfulUntil(at(120))
        );
        assert_eq!(
            missing(61, 1, Some(0), None).absence(),
            Absence::DoubtfulUntil(at(121))
        );
    }

    proptest! {
        #[test]
        fn an_absence_is_believed_only_two_minutes_after_the_last_write(
            looked in 0i64..1000, since in 0i64..1000, sent in 0i64..1000,
        ) {
            let missing = missing(looked, since.min(looked), Some(sent.min(looked)), None);
            if missing.absence() == Absence::Believed {
                prop_assert!(looked >= sent.min(looked) + 60 && looked >= since.min(looked) + 60);
            }
        }

        #[test]
        fn looks_for_what_is_not_shown_become_rare(passed in 0i64..100_000) {
            let wait = next_look(at(0), at(passed)).duration_since(at(passed));
            prop_assert!(wait >= SOON && wait <= SELDOM);
        }
    }
}
