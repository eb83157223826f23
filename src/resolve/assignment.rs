//! Assignments of both kinds: the manifests and their memory. Names are looked up for the whole group at once.

use pim_api::AssignmentRenewal;
use pim_core::desired::{Assignment, Renewal};
use pim_core::schedule::Kind;

use super::common::{created, lifecycle, schedule, ticket};
use super::manifests::Manifests;
use super::memory;
use crate::adapters::kinds::Manifest;
use crate::adapters::lenient;
use crate::adapters::status::Statuses;
use crate::adapters::wish::object_name;

macro_rules! assignment {
    ($manifests:expr, $object:expr, $statuses:expr, $kind:expr) => {{
        let object = $object;
        let status = $statuses.latest(object);
        Assignment {
            name: object_name(object),
            created: created(object),
            generation: object.metadata.generation.unwrap_or_default(),
            lifecycle: lifecycle(object),
            deletion_policy: object.spec.deletion_policy,
            previous_admission: memory::previous_admission(&status.conditions),
            last_report: memory::last_report(object, status.matched_generation),
            kind: $kind,
            access: object.spec.access,
            subjects: object.spec.subjects.clone(),
            schedule: schedule(&object.spec.schedule),
            renewal: object
                .spec
                .renewal
                .as_ref()
                .map(renewal)
                .unwrap_or_default(),
            justification: object.spec.justification.clone(),
            ticket: object.spec.ticket.as_ref().map(ticket),
            memory: memory::records(&status),
            revoked: memory::revoked(&status),
            pause: $manifests.pause(object),
            readability: lenient::readability(object),
        }
    }};
}

fn renewal(written: &AssignmentRenewal) -> Renewal {
    Renewal {
        mode: written.mode,
        before: written.before,
        until: written.until.as_ref().map(|time| time.0),
    }
}

/// All assignments of a group.
pub fn all(manifests: &Manifests, statuses: &Statuses) -> Vec<Assignment> {
    let members = manifests.members.iter();
    members
        .filter_map(|member| match member {
            Manifest::EligibleAssignment(object) => {
                Some(assignment!(manifests, &**object, statuses, Kind::Eligible))
            }
            Manifest::ActiveAssignment(object) => {
                Some(assignment!(manifests, &**object, statuses, Kind::Active))
            }
            _ => None,
        })
        .collect()
}
