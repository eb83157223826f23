//! What several kinds of objects say in the same words.

use jiff::Timestamp;
use kube::Resource;
use pim_api::{AssignmentSchedule, TicketReference};
use pim_core::desired::{Lifecycle, Ticket};
use pim_core::schedule::{Schedule, ScheduleExpiration};

/// When an object was made.
pub fn created<K: Resource>(object: &K) -> Timestamp {
    object
        .meta()
        .creation_timestamp
        .as_ref()
        .map_or(Timestamp::UNIX_EPOCH, |time| time.0)
}

/// Whether an object is wanted.
pub fn lifecycle<K: Resource>(object: &K) -> Lifecycle {
    if object.meta().deletion_timestamp.is_some() {
        Lifecycle::Deleting
    } else {
        Lifecycle::Living
    }
}

/// When something begins and ends. The API server has made sure that exactly one member is given; none at all would be the
/// shortest window.
pub fn schedule(written: &AssignmentSchedule) -> Schedule {
    let expiration = &written.expiration;
    let start = written.start_time.as_ref().map(|time| time.0);
    let expiration = match (
        expiration.after_duration,
        &expiration.end_time,
        &expiration.never,
    ) {
        (Some(days), ..) => ScheduleExpiration::AfterDuration(days),
        (_, _, Some(_)) => ScheduleExpiration::Never,
        (_, Some(end), _) => ScheduleExpiration::EndTime(end.0),
        _ => ScheduleExpiration::EndTime(jiff::Timestamp::UNIX_EPOCH),
    };
    Schedule { start, expiration }
}

/// A ticket as a manifest names it.
pub fn ticket(written: &TicketReference) -> Ticket {
    Ticket {
        number: written.number.clone(),
        system: written.system.clone(),
    }
}
