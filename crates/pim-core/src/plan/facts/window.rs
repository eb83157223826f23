//! Which window somebody or a role should have, and how what stands compares with it.

use jiff::{SignedDuration, Timestamp};

use super::remembered::is_memory;
use crate::action::GrantVerb;
use crate::desired::{Assignment, RenewalMode};
use crate::knowledge::{later, whole_second};
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
    let ahead = match assignment.renewal.mode {
        RenewalMode::Auto => assignment.lead(),
        RenewalMode::Manual => SignedDuration::ZERO,
    };
    let wanted = of(&assignment.schedule, noted, stands, observed.now, ahead);
    extended(assignment, &wanted, stands, observed.now).unwrap_or(wanted)
}

/// What stands, where it lasts longer than was granted and that is what a renewal comes to that was due: a request whose answer
/// nobody heard, or which shows late, is not taken back.
fn extended(
    assignment: &Assignment,
    wanted: &Wanted,
    stands: Option<&Window>,
    now: Timestamp,
) -> Option<Wanted> {
    let (End::At(end), End::At(shown)) = (wanted.window.end, stands?.end) else {
        return None;
    };
    let length = assignment.due_extension(end, now)?;
    let latest = end.checked_add(length).ok()?;
    let latest = assignment
        .renewal
        .until
        .map_or(latest, |until| latest.min(until));
    if shown <= end || shown > latest {
        return None;
    }
    Some(Wanted {
        first_granted: shown.checked_sub(length).ok()?,
        window: Window {
            end: End::At(shown),
            ..wanted.window
        },
    })
}

/// Works out the window that a schedule wants, which may have been granted before and of which something may stand. What is
/// renewed counts from so long `ahead` at most.
pub fn of(
    schedule: &Schedule,
    noted: Option<Timestamp>,
    stands: Option<&Window>,
    now: Timestamp,
    ahead: SignedDuration,
) -> Wanted {
    let first_granted = first_granted(schedule, noted, stands, (now, ahead));
    Wanted {
        first_granted,
        window: schedule.window(first_granted),
    }
}

/// Whether the end of a window that was first granted at a moment, if at all, is known. A duration that has not begun to
/// count ends later with every pass.
pub fn ends_at_a_fixed_time(
    schedule: &Schedule,
    noted: Option<Timestamp>,
    stands: Option<&Window>,
    now: Timestamp,
) -> bool {
    !matches!(schedule.expiration, ScheduleExpiration::AfterDuration(_))
        || recorded(schedule, noted, stands, now).is_some()
}

/// When it was first granted, as noted. What was renewed counts from the end that it had before: as long as that lies ahead, the
/// note counts where what stands agrees.
fn recorded(
    schedule: &Schedule,
    noted: Option<Timestamp>,
    stands: Option<&Window>,
    now: Timestamp,
) -> Option<Timestamp> {
    let noted = noted?;
    let agrees = |stands: &Window| stands.end.same_second(schedule.window(noted).end);
    (is_memory(noted, now) || stands.is_some_and(agrees)).then_some(noted)
}

/// When it was first granted: as noted; else worked out from what stands, which is taken as it is; else now.
fn first_granted(
    schedule: &Schedule,
    noted: Option<Timestamp>,
    stands: Option<&Window>,
    (now, ahead): (Timestamp, SignedDuration),
) -> Timestamp {
    if let Some(noted) = recorded(schedule, noted, stands, now) {
        return noted;
    }
    let ScheduleExpiration::AfterDuration(days) = schedule.expiration else {
        return whole_second(now);
    };
    let stood_since = stands.and_then(|window| match window.end {
        End::At(end) => end.checked_sub(days.length().to_signed()).ok(),
        End::Never => None,
    });
    let latest = later(now, ahead);
    whole_second(stood_since.map_or(now, |since| since.min(latest)))
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
