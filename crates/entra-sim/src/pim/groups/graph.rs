//! How Graph is asked about PIM for Groups.
//!
//! learn.microsoft.com: privilegedidentitymanagement-for-groups-api-overview, privilegedaccessgroup-list-*.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::offer::{
    LISTS, MANAGE_ROLES, REMOVE_ASSIGNMENT, REMOVE_ELIGIBILITY, REQUESTS, WRITE_ASSIGNMENT,
    WRITE_ELIGIBILITY,
};
use super::subject;
use crate::behaviours::pim::{
    EXPAND_GROUP_BROKEN, PLAIN_SERVICE_PRINCIPALS_IN_PIM, ROLE_ASSIGNABLE_NEEDS_ROLE_MANAGEMENT,
};
use crate::call::Call;
use crate::directory::model::PrincipalKind;
use crate::error::GraphError;
use crate::ids::stable_guid;
use crate::ids::{Access, ObjectId};
use crate::odata::Capabilities;
use crate::permission::Permissions;
use crate::pim::access::GroupAccess;
use crate::pim::area::{Area, GraphArea, Inherited, Listing, Readiness, RowForm};
use crate::pim::engine::{
    Deferral, Holding, Kind, Lookup, Privilege, Request, Schedule, Standing, needed, needed_id,
};
use crate::pim::operations::rows::scheduled;
use crate::pim::refusal::Refusal;
use crate::pim::session::{may_manage_group, require_scope};
use crate::state::Tenant;

impl GraphArea for GroupAccess {
    const MY_REQUESTS: &'static [&'static str] = &["principal", "createdBy", "approver"];
    const OUTSIDE_REFERENCES: &'static [&'static str] = &["assignmentScheduleId"];

    fn request_type(kind: Kind) -> &'static str {
        match kind {
            Kind::Eligible => "privilegedAccessGroupEligibilityScheduleRequest",
            Kind::Active => "privilegedAccessGroupAssignmentScheduleRequest",
        }
    }

    fn writers(kind: Kind) -> Permissions {
        match kind {
            Kind::Eligible => WRITE_ELIGIBILITY,
            Kind::Active => WRITE_ASSIGNMENT,
        }
    }

    fn removers(kind: Kind) -> Permissions {
        match kind {
            Kind::Eligible => REMOVE_ELIGIBILITY,
            Kind::Active => REMOVE_ASSIGNMENT,
        }
    }

    /// The routes name the permissions.
    fn require_read(_: &Tenant, _: &Call, _: Kind, _: Listing) -> Result<(), GraphError> {
        Ok(())
    }

    fn read(_: &Tenant, body: &Map<String, Value>) -> Result<Self, GraphError> {
        let access = Access::parse(needed(body, "accessId")?)
            .ok_or_else(|| Refusal::request("'accessId' is member or owner."))?;
        let group = needed_id(body, "groupId")?;
        Ok(Self { group, access })
    }

    fn require_writable(self, tenant: &Tenant) -> Result<(), GraphError> {
        subject::refuse_restricted(tenant, self.group)
    }

    fn admit(self, tenant: &Tenant, call: &Call) -> Result<Readiness, GraphError> {
        let group = subject::manageable(tenant, self.group)?;
        let readiness = subject::readiness(tenant, group, call.now);
        if readiness == Readiness::Unknown {
            return Err(Refusal::ResourceNotFound.into());
        }
        self.require_writable(tenant)?;
        let needs_more = tenant
            .behaviours
            .get(&ROLE_ASSIGNABLE_NEEDS_ROLE_MANAGEMENT);
        if group.is_role_assignable() && needs_more {
            require_scope(call, MANAGE_ROLES)?;
        }
        Ok(readiness)
    }

    fn may_manage(self, tenant: &Tenant, call: &Call) -> Result<(), GraphError> {
        let group = subject::manageable(tenant, self.group)?;
        Ok(may_manage_group(tenant, call, group)?)
    }

    fn fits(
        tenant: &Tenant,
        call: &Call,
        asked: &Request<Self>,
    ) -> Result<Option<Deferral>, GraphError> {
        let holding = &asked.holding;
        let principal = subject::principal(tenant, holding.principal, call.now)?;
        if !asked.action.ends() {
            let group = subject::manageable(tenant, holding.privilege.group)?;
            subject::admissible(tenant, group, holding, &principal)?;
        }
        Ok(None)
    }

    /// Clients pass the id of the request or the key of its schedule, which ends with it.
    fn guid(named: &str) -> Option<Uuid> {
        named.rsplit('_').next()?.parse().ok()
    }

    /// A key starts with the group.
    fn lookup_of_key(key: &str) -> Option<Lookup<Self>> {
        key.split('_').next()?.parse().ok().map(Lookup::Scope)
    }

    fn is_key(own: &str, asked: &str) -> bool {
        own.eq_ignore_ascii_case(asked)
    }

    /// The group or the principal that a filter names, and everything when it names none.
    fn lookup(tenant: &Tenant, call: &Call) -> Result<Lookup<Self>, GraphError> {
        let id = |name: &str| -> Result<Option<ObjectId>, GraphError> {
            let text = call.query.required(name);
            text.map(|text| {
                text.parse()
                    .map_err(|_| Refusal::request(format!("'{text}' is not an id.")).into())
            })
            .transpose()
        };
        if let Some(group) = id("groupId")? {
            let known = subject::manageable(tenant, group)?;
            if subject::readiness(tenant, known, call.now) == Readiness::Unknown {
                return Err(Refusal::ResourceNotFound.into());
            }
            return Ok(Lookup::Scope(group));
        }
        let principal = id("principalId")?;
        Ok(principal.map_or(Lookup::Everything, Lookup::Principal))
    }

    /// The pages say this of requests, too, but those are listed without
    /// (microsoftgraph/microsoft-graph-docs-contrib#8885, microsoftgraph/msgraph-sdk-powershell#2777).
    fn require_narrow(lookup: &Lookup<Self>) -> Result<(), GraphError> {
        match lookup {
            Lookup::Everything => Err(GraphError::bad_request(
                "MissingParameters",
                "The required parameters GroupId or PrincipalId is missing",
            )),
            Lookup::Scope(_) | Lookup::Principal(_) => Ok(()),
        }
    }

    fn capabilities(_: &Tenant, list: Listing) -> &'static Capabilities {
        match list {
            Listing::Schedules => &LISTS,
            Listing::Requests | Listing::MyRequests => &REQUESTS,
        }
    }

    /// Of a principal its id only, of the group what the switch allows.
    fn expand(tenant: &Tenant, call: &Call, row: &mut Value) {
        let id = |name: &str| {
            row[name]
                .as_str()
                .and_then(|text| text.parse::<ObjectId>().ok())
        };
        let (group, principal) = (id("groupId"), id("principalId"));
        if call.query.expansion("principal").is_some() {
            let found = principal.and_then(|id| tenant.directory.principal(id));
            row["principal"] = found.map_or(
                Value::Null,
                |one| json!({"@odata.type": one.kind.odata_type(), "id": one.id.to_string()}),
            );
        }
        if call.query.expansion("group").is_some() {
            let broken = tenant.behaviours.get(&EXPAND_GROUP_BROKEN);
            let record = group.and_then(|id| tenant.directory.group(id));
            row["group"] = record.filter(|_| !broken).map_or(Value::Null, |group| {
                json!({"id": group.id.to_string(), "displayName": group.display_name, "mail": null})
            });
        }
    }

    fn instance(schedule: &Schedule<Self>, row: &mut Map<String, Value>) {
        let name = match schedule.holding.kind {
            Kind::Eligible => "eligibilityScheduleId",
            Kind::Active => "assignmentScheduleId",
        };
        let key = schedule.holding.privilege.key(schedule.id);
        row.insert(name.to_owned(), json!(key));
    }

    /// Plain members are listed with null dates, as in the sample of privilegedaccessgroup-list-assignmentschedules.
    fn outside(tenant: &Tenant, lookup: &Lookup<Self>, _: Timestamp) -> Vec<(Self, ObjectId)> {
        let service_principals = tenant.behaviours.get(&PLAIN_SERVICE_PRINCIPALS_IN_PIM);
        let is_listed = |principal: ObjectId| {
            let kind = tenant.directory.principal(principal).map(|one| one.kind);
            service_principals || kind != Some(PrincipalKind::ServicePrincipal)
        };
        let mut found = holders(tenant, lookup);
        found.retain(|(privilege, principal)| {
            let holding = Holding::active(*privilege, *principal);
            Self::standing(tenant, &holding) == Standing::Held && is_listed(*principal)
        });
        found
    }

    /// The same membership has the same id in every read.
    fn outside_id(self, principal: ObjectId) -> String {
        let Self { group, access } = self;
        self.key(stable_guid(&format!("{group}/{access}/{principal}")))
    }

    /// Eligibilities that a principal has because a group they are in is eligible; every list of the principal shows
    /// them.
    fn inherited(
        tenant: &Tenant,
        (kind, form, wanted): (Kind, RowForm, Inherited),
        principal: ObjectId,
        now: Timestamp,
    ) -> Vec<Value> {
        if kind == Kind::Active || wanted == Inherited::Mine {
            return Vec::new();
        }
        let groups = tenant.directory.all_groups_of(principal).into_iter();
        groups
            .flat_map(|group| scheduled::<Self>(tenant, kind, form, &Lookup::Principal(group), now))
            .map(|mut row| {
                row["principalId"] = json!(principal.to_string());
                row["memberType"] = json!("Group");
                row
            })
            .collect()
    }
}

/// Who is a member or owner, of a group or anywhere.
fn holders(tenant: &Tenant, lookup: &Lookup<GroupAccess>) -> Vec<(GroupAccess, ObjectId)> {
    let mut found = Vec::new();
    for access in [Access::Member, Access::Owner] {
        let of = |group: ObjectId| GroupAccess { group, access };
        match lookup {
            Lookup::Scope(group) => {
                let record = tenant.directory.group(*group).into_iter();
                let holders = record.flat_map(|record| record.holders(access).keys());
                found.extend(holders.map(|principal| (of(*group), *principal)));
            }
            Lookup::Principal(principal) => {
                let groups = tenant.directory.groups.values();
                let groups = groups.filter(|group| group.holders(access).contains_key(principal));
                found.extend(groups.map(|group| (of(group.id), *principal)));
            }
            Lookup::Everything => {}
        }
    }
    found
}
