//! Rows of schedules and instances, as lists show them.
//!
//! learn.microsoft.com: privilegedaccessgroup-list-assignmentschedules; plain members are listed with null dates, as in its sample.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::subject;
use crate::directory::PrincipalKind;
use crate::ids::{Access, ObjectId};
use crate::pim::access::GroupAccess;
use crate::pim::engine::{self, Kind, Lookup, Privilege, Schedule, Standing};
use crate::pim::mirror;
use crate::pim::stable_guid;
use crate::pim::switches::{DURATION_READBACK, PLAIN_SERVICE_PRINCIPALS_IN_PIM};
use crate::state::Tenant;

/// Whether rows show schedules or what they come to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Schedule,
    Instance,
}

/// Rows of one kind and form, as lists show them.
pub(super) fn rows(
    tenant: &Tenant,
    kind: Kind,
    form: Form,
    lookup: &Lookup<GroupAccess>,
    now: Timestamp,
) -> Vec<Value> {
    let shown =
        |schedule: &&Schedule<GroupAccess>| form == Form::Schedule || schedule.window.start <= now;
    let mut rows: Vec<Value> = tenant
        .pim
        .store
        .shown(lookup, kind, now)
        .into_iter()
        .filter(shown)
        .map(|schedule| row(tenant, schedule, form))
        .collect();
    match (kind, lookup) {
        (Kind::Active, _) => rows.extend(plain_rows(tenant, lookup)),
        (Kind::Eligible, Lookup::Principal(principal)) => {
            rows.extend(rows_through_groups(tenant, form, *principal, now));
        }
        (Kind::Eligible, _) => {}
    }
    for row in &mut rows {
        trim(row, form);
    }
    rows
}

fn reference(kind: Kind) -> &'static str {
    match kind {
        Kind::Eligible => "eligibilityScheduleId",
        Kind::Active => "assignmentScheduleId",
    }
}

fn row(tenant: &Tenant, schedule: &Schedule<GroupAccess>, form: Form) -> Value {
    Value::Object(match form {
        Form::Schedule => engine::schedule(schedule, tenant.behaviours.get(&DURATION_READBACK)),
        Form::Instance => {
            let mut body = engine::instance(schedule);
            let key = schedule.holding.privilege.key(schedule.id);
            body.insert(reference(schedule.holding.kind).to_owned(), json!(key));
            body
        }
    })
}

/// Eligibilities that a principal has because a group he is in is eligible.
fn rows_through_groups(
    tenant: &Tenant,
    form: Form,
    principal: ObjectId,
    now: Timestamp,
) -> Vec<Value> {
    let mut rows = Vec::new();
    for group in subject::groups_of(tenant, principal) {
        for schedule in tenant
            .pim
            .store
            .shown(&Lookup::Principal(group), Kind::Eligible, now)
        {
            if form == Form::Instance && schedule.window.start > now {
                continue;
            }
            let mut row = row(tenant, schedule, form);
            row["principalId"] = json!(principal.to_string());
            row["memberType"] = json!("Group");
            rows.push(row);
        }
    }
    rows
}

/// Members and owners that PIM did not make: instance and schedule have one id and no dates.
fn plain_rows(tenant: &Tenant, lookup: &Lookup<GroupAccess>) -> Vec<Value> {
    let with_service_principals = tenant.behaviours.get(&PLAIN_SERVICE_PRINCIPALS_IN_PIM);
    let is_listed = |principal: ObjectId| {
        let kind = tenant
            .directory
            .principal(principal)
            .map(|principal| principal.kind);
        with_service_principals || kind != Some(PrincipalKind::ServicePrincipal)
    };
    holders(tenant, lookup)
        .into_iter()
        .filter(|(privilege, principal)| {
            mirror::standing(tenant, *privilege, *principal) == Standing::Held
        })
        .filter(|(_, principal)| is_listed(*principal))
        .map(|(privilege, principal)| plain_row(privilege, principal))
        .collect()
}

/// Who is a member or owner, of a group or anywhere.
fn holders(tenant: &Tenant, lookup: &Lookup<GroupAccess>) -> Vec<(GroupAccess, ObjectId)> {
    let mut found = Vec::new();
    for access in [Access::Member, Access::Owner] {
        match lookup {
            Lookup::Place(group) => {
                let privilege = GroupAccess {
                    group: *group,
                    access,
                };
                let record = tenant.directory.group(*group);
                let holders = record
                    .into_iter()
                    .flat_map(|record| record.holders(access).keys());
                found.extend(holders.map(|principal| (privilege, *principal)));
            }
            Lookup::Principal(principal) => {
                let groups = tenant.directory.groups.values();
                let groups = groups.filter(|group| group.holders(access).contains_key(principal));
                found.extend(groups.map(|group| {
                    (
                        GroupAccess {
                            group: group.id,
                            access,
                        },
                        *principal,
                    )
                }));
            }
            Lookup::Everything => {}
        }
    }
    found
}

/// Holds the properties of a schedule and of an instance; what does not belong is taken out by [`trim`].
fn plain_row(privilege: GroupAccess, principal: ObjectId) -> Value {
    // The same membership has the same id at every look.
    let guid = stable_guid(&format!(
        "{}/{}/{principal}",
        privilege.group, privilege.access
    ));
    let key = privilege.key(guid);
    let mut body = privilege.fields();
    let rest = json!({
        "id": key,
        "principalId": principal.to_string(),
        "memberType": "Direct",
        "assignmentType": "Assigned",
        "assignmentScheduleId": key,
        "startDateTime": null,
        "endDateTime": null,
        "createdDateTime": null,
        "modifiedDateTime": null,
        "createdUsing": null,
        "status": "Provisioned",
        "scheduleInfo": {
            "startDateTime": null,
            "recurrence": null,
            "expiration": { "type": "noExpiration", "endDateTime": null, "duration": null },
        },
    });
    if let Value::Object(rest) = rest {
        body.extend(rest);
    }
    Value::Object(body)
}

/// Takes out what a row of this form does not have.
fn trim(row: &mut Value, form: Form) {
    let foreign: &[&str] = match form {
        Form::Schedule => &["assignmentScheduleId", "startDateTime", "endDateTime"],
        Form::Instance => &[
            "createdDateTime",
            "modifiedDateTime",
            "createdUsing",
            "status",
            "scheduleInfo",
        ],
    };
    if let Some(object) = row.as_object_mut() {
        object.retain(|name, _| !foreign.contains(&name.as_str()));
    }
}
