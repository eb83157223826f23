//! What the boundary says of one line of an assignment. Who holds the claim to it is decided elsewhere.

use jiff::Timestamp;

use crate::boundary::{Boundary, Denial};
use crate::desired::{self, Assignment, Readability};
use crate::principal::{Principal, Resolution};
use crate::schedule::ScheduleExpiration;
use crate::verdict::Authorization;

/// What the boundary says of one assignment as a whole.
pub fn judge_window(
    unit: &desired::Unit,
    assignment: &Assignment,
    now: Timestamp,
) -> Result<(), Denial> {
    unit.boundary
        .as_ref()
        .map_or(Ok(()), |boundary| window_within(boundary, assignment, now))
}

/// What a boundary says of the window of an assignment.
pub fn window_within(
    boundary: &Boundary,
    assignment: &Assignment,
    now: Timestamp,
) -> Result<(), Denial> {
    let remaining = match assignment.schedule.expiration {
        ScheduleExpiration::EndTime(end) => Some(
            end.duration_since(
                assignment
                    .schedule
                    .start
                    .map_or(now, |start| start.max(now)),
            ),
        ),
        _ => None,
    };
    boundary.judge_window(assignment, remaining)
}

/// What the boundary says of one subject; a name that leads nowhere is not judged.
pub fn judge_subject(unit: &desired::Unit, subject: &Principal) -> Result<(), Denial> {
    let nested = unit.nesting.subjects.get(subject);
    if let Some(denial) = nested.and_then(|nested| nested.denial.as_ref()) {
        return Err(denial.clone());
    }
    match (&unit.boundary, unit.names.resolution(subject)) {
        (Some(boundary), Resolution::Found(identity)) => {
            boundary.judge_subject(subject, identity, unit.group.assignability)
        }
        _ => Ok(()),
    }
}

/// Whether everything that the boundary says admits one line.
pub fn is_admitted(
    unit: &desired::Unit,
    assignment: &Assignment,
    subject: &Principal,
    group: &Authorization,
    now: Timestamp,
) -> bool {
    // Nobody can judge what cannot be read; it keeps what it has.
    assignment.readability == Readability::Readable
        && *group == Authorization::Admitted
        && judge_window(unit, assignment, now).is_ok()
        && judge_subject(unit, subject).is_ok()
}
