//! Which window somebody or a role should have, and how what stands compares with it.

use jiff::{SignedDuration, Timestamp};

use super::remembered::is_memory;
use crate::action::GrantVerb;
use crate::desired::Assignment;
use crate::knowledge::whole_second;
use crate::observed;
use crate::principal::Principal;
use crate::schedule::{End, Key, Schedule, ScheduleExpiration, Window};

/// The shortest window that the service makes (learn.microsoft.com: groups-assign-member-owner).
const SHORTEST: SignedDuration = SignedDuration::from_mins(5);

/// What a manifest wants for one subject or role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// When it was first granted, or would be if it were granted now.
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
    let stands = observed.standing(key).map(|schedule| &schedule.window);
    of(&assignment.schedule, noted, stands, observed.now)
}

/// Works out the window that a schedule wants, which may have been granted before and of which something may stand.
pub fn of(
    schedule: &Schedule,
    noted: Option<Timestamp>,
    stands: Option<&Window>,
    now: Timestamp,
) -> Wanted {
    let first_granted = first_granted(schedule, noted, stands, now);
    Wanted {
        first_granted,
        window: schedule.window(first_granted),
    }
}

/// Whether the end of a window that was first granted at a moment, if at all, is known. A duration that has not begun to
/// count ends later with every pass.
pub fn ends_at_a_fixed_time(schedule: &Schedule, noted: Option<Timestamp>, now: Timestamp) -> bool {
    !matches!(schedule.expiration, ScheduleExpiration::AfterDuration(_))
        || noted.is_some_and(|noted| is_memory(noted, now))
}

/// When it was first granted: as noted; else worked out from what stands, which is taken as it is; else now.
fn first_granted(
    schedule: &Schedule,
    noted: Option<Timestamp>,
    stands: Option<&Window>,
    now: Timestamp,
) -> Timestamp {
    if let Some(noted) = noted.filter(|noted| is_memory(*noted, now)) {
        return noted;
    }
    let ScheduleExpiration::AfterDuration(days) = schedule.expiration else {
        return whole_second(now);
    };
    let stood_since = stands.and_then(|window| match window.end {
        End::At(end) => end.checked_sub(days.length().to_signed()).ok(),
        End::Never => None,
    });
    whole_second(stood_since.map_or(now, |since| since.min(now)))
}

/// How what stands compares with what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// What stands is what is wanted.
    Equal,
    /// The window has ended, or would end too soon to be made.
    Over,
    /// More stands than is wanted, and the service cannot make a window that ends so soon.
    EndsSoon,
    /// More stands than is wanted.
    TooMuch,
    /// Less, or something else, stands than is wanted.
    Differs(GrantVerb),
}

/// Compares what stands with what is wanted.
pub fn compare(stands: Option<&Window>, wanted: &Window, now: Timestamp) -> Comparison {
    if wanted.end.is_over(now) {
        return Comparison::Over;
    }
    match stands {
        Some(window) if window.matches(wanted, now) => Comparison::Equal,
        Some(_) if is_too_short(wanted, now) => Comparison::EndsSoon,
        None if is_too_short(wanted, now) => Comparison::Over,
        Some(window) if wanted.is_within(window, now) => Comparison::TooMuch,
        Some(_) => Comparison::Differs(GrantVerb::Update),
        None => Comparison::Differs(GrantVerb::Assign),
    }
}

/// Whether what would be made ends too soon to be made at all.
fn is_too_short(window: &Window, now: Timestamp) -> bool {
    matches!(window.end, End::At(end) if end.duration_since(begin(window, now)) < SHORTEST)
}

/// When a window begins for somebody who is granted now.
pub fn begin(window: &Window, now: Timestamp) -> Timestamp {
    window.start.map_or(now, |start| start.max(now))
}
