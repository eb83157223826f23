//! Which window a subject should have.

use jiff::{SignedDuration, Timestamp};

use super::remembered::is_memory;
use crate::desired::Assignment;
use crate::knowledge::whole_second;
use crate::observed::{self, Schedule};
use crate::principal::Principal;
use crate::schedule::{End, Key, ScheduleExpiration, Window};

/// The shortest window that the service makes (learn.microsoft.com: groups-assign-member-owner).
const SHORTEST: SignedDuration = SignedDuration::from_mins(5);

/// What a manifest wants for one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// When the subject was first granted, or would be if it were granted now.
    pub first_granted: Timestamp,
    /// From when until when it should stand.
    pub window: Window,
}

/// Works out the window of a subject.
pub fn wanted(
    assignment: &Assignment,
    subject: &Principal,
    observed: &observed::Unit,
    key: Key,
) -> Wanted {
    let noted = assignment
        .record(subject)
        .map(|record| record.first_granted);
    let first_granted = first_granted(assignment, noted, observed.standing(key), observed.now);
    Wanted {
        first_granted,
        window: assignment.schedule.window(first_granted),
    }
}

/// When a subject was first granted: as noted; else worked out from what stands, which is taken as it is; else now.
fn first_granted(
    assignment: &Assignment,
    noted: Option<Timestamp>,
    standing: Option<&Schedule>,
    now: Timestamp,
) -> Timestamp {
    if let Some(noted) = noted.filter(|noted| is_memory(*noted, now)) {
        return noted;
    }
    let ScheduleExpiration::AfterDuration(days) = assignment.schedule.expiration else {
        return whole_second(now);
    };
    let stood_since = standing.and_then(|schedule| match schedule.window.end {
        End::At(end) => end.checked_sub(days.length().to_signed()).ok(),
        End::Never => None,
    });
    whole_second(stood_since.map_or(now, |since| since.min(now)))
}

/// Whether what would be made ends too soon to be made at all.
pub fn is_too_short(window: &Window, now: Timestamp) -> bool {
    matches!(window.end, End::At(end) if end.duration_since(begin(window, now)) < SHORTEST)
}

/// When a window begins for somebody who is granted now.
pub fn begin(window: &Window, now: Timestamp) -> Timestamp {
    window.start.map_or(now, |start| start.max(now))
}
