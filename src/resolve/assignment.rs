//! Assignments of both kinds: the manifests and their memory. Names are looked up for the whole group at once.

use pim_api::{AssignmentSchedule, AssignmentStatus, SubjectRow, TicketReference};
use pim_core::desired::{Assignment, Memo, Seen, Ticket};
use pim_core::principal::Principal;
use pim_core::schedule::{Expiration, Kind, Schedule};

use super::binding::created;
use super::{Manifests, lifecycle, settlement, standing};
use crate::adapters::kinds::object_name;
use crate::adapters::status::Statuses;

macro_rules! assignment {
    ($object:expr, $statuses:expr, $kind:expr) => {{
        let object = $object;
        let status = $statuses.latest(object);
        Assignment {
            name: object_name(object),
            created: created(object),
            lifecycle: lifecycle(object),
            standing: standing(&status.conditions),
            settlement: settlement(object, &status.conditions),
            kind: $kind,
            access: object.spec.access,
            subjects: object.spec.subjects.clone(),
            schedule: schedule(&object.spec.schedule),
            justification: object.spec.justification.clone(),
            ticket: object.spec.ticket.as_ref().map(ticket),
            memory: memory(&status),
        }
    }};
}

/// All assignments of a group.
pub fn all(manifests: &Manifests, statuses: &Statuses) -> Vec<Assignment> {
    let eligible = manifests
        .eligible
        .iter()
        .map(|object| assignment!(&**object, statuses, Kind::Eligible));
    let active = manifests
        .active
        .iter()
        .map(|object| assignment!(&**object, statuses, Kind::Active));
    eligible.chain(active).collect()
}

/// The API server has made sure that exactly one member is given; none at all would be the shortest window.
fn schedule(written: &AssignmentSchedule) -> Schedule {
    let expiration = &written.expiration;
    let start = written.start_time.as_ref().map(|time| time.0);
    let expiration = match (
        expiration.after_duration,
        &expiration.end_time,
        &expiration.never,
    ) {
        (Some(days), ..) => Expiration::AfterDuration(days),
        (_, _, Some(_)) => Expiration::Never,
        (_, Some(end), _) => Expiration::EndTime(end.0),
        _ => Expiration::EndTime(jiff::Timestamp::UNIX_EPOCH),
    };
    Schedule { start, expiration }
}

fn ticket(written: &TicketReference) -> Ticket {
    Ticket {
        number: written.number.clone(),
        system: written.system.clone(),
    }
}

/// Only what was granted, or was about to be, is remembered.
fn memory(status: &AssignmentStatus) -> Vec<Memo> {
    status.subjects.iter().filter_map(memo).collect()
}

fn memo(row: &SubjectRow) -> Option<Memo> {
    let first_granted = row.first_granted.as_ref().map(|time| time.0)?;
    let stood = matches!(row.state.as_str(), "Eligible" | "Active" | "Scheduled");
    Some(Memo {
        subject: Principal {
            kind: row.kind,
            name: row.name.clone(),
        },
        principal: row.principal_id?,
        first_granted: Some(first_granted),
        seen: if stood { Seen::Standing } else { Seen::NotYet },
    })
}
