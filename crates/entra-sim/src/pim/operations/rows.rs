//! Rows of schedules and instances, as lists show them.
//!
//! learn.microsoft.com: privilegedaccessgroup-list-assignmentschedules, rbacapplication-list-role*schedule*. What is
//! held outside of PIM has the same id in every read and no dates.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::behaviours::pim::DURATION_READBACK;
use crate::ids::ObjectId;
use crate::pim::area::{GraphArea, Inherited, RowForm};
use crate::pim::engine::{self, Kind, Lookup, Schedule};
use crate::state::Tenant;

/// Rows of one kind and form, as lists show them.
pub(crate) fn rows<P: GraphArea>(
    tenant: &Tenant,
    kind: Kind,
    form: RowForm,
    lookup: &Lookup<P>,
    now: Timestamp,
) -> Vec<Value> {
    let mut rows = scheduled(tenant, kind, form, lookup, now);
    if kind == Kind::Active {
        let outside = P::outside(tenant, lookup, now).into_iter();
        rows.extend(outside.map(|(privilege, holder)| plain(tenant, privilege, holder, form)));
    }
    if let Lookup::Principal(principal) = lookup {
        let asked = (kind, form, Inherited::Listed);
        rows.extend(P::inherited(tenant, asked, *principal, now));
    }
    rows
}

pub(crate) fn scheduled<P: GraphArea>(
    tenant: &Tenant,
    kind: Kind,
    form: RowForm,
    lookup: &Lookup<P>,
    now: Timestamp,
) -> Vec<Value> {
    P::store(tenant)
        .shown(lookup, kind, now)
        .into_iter()
        .filter(|schedule| form == RowForm::Schedule || schedule.window.start <= now)
        .map(|schedule| row(tenant, schedule, form))
        .collect()
}

fn row<P: GraphArea>(tenant: &Tenant, schedule: &Schedule<P>, form: RowForm) -> Value {
    let mut row = match form {
        RowForm::Schedule => engine::schedule(schedule, tenant.behaviours.get(&DURATION_READBACK)),
        RowForm::Instance => engine::instance(schedule),
    };
    if form == RowForm::Instance {
        P::instance(schedule, &mut row);
    }
    P::finish(tenant, &mut row);
    Value::Object(row)
}

/// A row of what is held outside of PIM.
fn plain<P: GraphArea>(tenant: &Tenant, privilege: P, holder: ObjectId, form: RowForm) -> Value {
    let id = privilege.outside_id(holder);
    let mut row = privilege.fields();
    let common = json!({
        "id": id, "principalId": holder.to_string(), "memberType": "Direct", "assignmentType": "Assigned",
    });
    let rest = match form {
        RowForm::Schedule => json!({
            "createdDateTime": null, "modifiedDateTime": null, "createdUsing": null, "status": "Provisioned",
            "scheduleInfo": {
                "startDateTime": null,
                "recurrence": null,
                "expiration": { "type": "noExpiration", "endDateTime": null, "duration": null },
            },
        }),
        RowForm::Instance => {
            let references = P::OUTSIDE_REFERENCES.iter();
            let references = references.map(|name| ((*name).to_owned(), json!(id)));
            let mut rest: Map<String, Value> = references.collect();
            rest.extend(
                ["startDateTime", "endDateTime"].map(|name| (name.to_owned(), Value::Null)),
            );
            Value::Object(rest)
        }
    };
    for part in [common, rest] {
        if let Value::Object(part) = part {
            row.extend(part);
        }
    }
    P::finish(tenant, &mut row);
    Value::Object(row)
}
