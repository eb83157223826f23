//! How Graph is asked about PIM for directory roles.
//!
//! learn.microsoft.com: rbacapplication-post-roleassignmentschedulerequests, rbacapplication-list-role*schedule* and
//! their kind. What live tenants refuse beyond the documentation are switches.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::assignments::{self, Unfit, check_principal, check_scope};
use super::offer::{
    READ_ASSIGNMENT, READ_ELIGIBILITY, REMOVE_ASSIGNMENT, REMOVE_ELIGIBILITY, REQUESTS,
    REQUESTS_AS_DOCUMENTED, SCHEDULES, WRITE_ASSIGNMENT, WRITE_ELIGIBILITY,
};
use super::privilege::{RoleAt, RoleScope};
use crate::behaviours::roles::{
    PLAIN_ASSIGNMENT_IN_SCHEDULES, PlainGroupAnswer, ROLE_ASSIGNMENT_READ_DELAY,
    ROLE_REQUEST_FOR_PLAIN_GROUP, ROLE_REQUEST_READ_NEEDS_WRITE,
    ROLE_REQUEST_STATUS_FILTER_REFUSED, SCHEDULE_ROLE_ID, ScheduleRoleId, UNKNOWN_ROLE_STATUS,
    UnknownStatus,
};
use crate::call::Call;
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::odata::Capabilities;
use crate::permission::Permissions;
use crate::pim::area::{GraphArea, Inherited, Listing, Readiness, RowForm};
use crate::pim::engine::{
    Deferral, Kind, Lookup, Privilege, Request, Schedule, Status, needed, needed_id,
};
use crate::pim::operations::rows::rows;
use crate::pim::refusal::Refusal;
use crate::pim::session::{may_manage_roles, require_scope};
use crate::state::Tenant;

/// What the service takes although nothing will ever come of it.
const LOST: Deferral = Deferral {
    status: Status::Granted,
    after: None,
};

const fn readers(kind: Kind) -> Permissions {
    match kind {
        Kind::Eligible => READ_ELIGIBILITY,
        Kind::Active => READ_ASSIGNMENT,
    }
}

/// A role or principal that is not replicated yet answers the same as one that does not exist.
fn unknown(tenant: &Tenant, refusal: Refusal) -> GraphError {
    let mut error = GraphError::from(refusal);
    if tenant.behaviours.get(&UNKNOWN_ROLE_STATUS) == UnknownStatus::NotFound {
        error.status = StatusCode::NOT_FOUND;
    }
    error
}

impl GraphArea for RoleAt {
    const MY_REQUESTS: &'static [&'static str] = &["principal"];
    const OUTSIDE_REFERENCES: &'static [&'static str] =
        &["roleAssignmentOriginId", "roleAssignmentScheduleId"];

    fn request_type(kind: Kind) -> &'static str {
        match kind {
            Kind::Eligible => "unifiedRoleEligibilityScheduleRequest",
            Kind::Active => "unifiedRoleAssignmentScheduleRequest",
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

    /// Observed: reading requests wants a permission that writes.
    fn require_read(
        tenant: &Tenant,
        call: &Call,
        kind: Kind,
        list: Listing,
    ) -> Result<(), GraphError> {
        let needs_write = tenant.behaviours.get(&ROLE_REQUEST_READ_NEEDS_WRITE);
        if list == Listing::Requests && needs_write {
            require_scope(call, Self::removers(kind))
        } else {
            require_scope(call, readers(kind))
        }
    }

    fn read(tenant: &Tenant, body: &Map<String, Value>) -> Result<Self, GraphError> {
        if body.get("appScopeId").is_some_and(|scope| !scope.is_null()) {
            return Err(GraphError::not_simulated("appScopeId"));
        }
        let scope = RoleScope::parse(needed(body, "directoryScopeId")?).ok_or(Refusal::Scope)?;
        let definition = tenant
            .roles
            .resolve(needed_id(body, "roleDefinitionId")?)
            .ok_or_else(|| unknown(tenant, Refusal::RoleNotFound))?;
        Ok(Self {
            role: definition.id,
            scope,
        })
    }

    fn require_writable(self, _: &Tenant) -> Result<(), GraphError> {
        Ok(())
    }

    fn admit(self, _: &Tenant, _: &Call) -> Result<Readiness, GraphError> {
        Ok(Readiness::Ready)
    }

    fn may_manage(self, tenant: &Tenant, call: &Call) -> Result<(), GraphError> {
        Ok(may_manage_roles(tenant, call)?)
    }

    /// Role, scope and principal must fit. A request for a group that can not hold roles may be taken and lost.
    fn fits(
        tenant: &Tenant,
        call: &Call,
        asked: &Request<Self>,
    ) -> Result<Option<Deferral>, GraphError> {
        let holding = &asked.holding;
        let definition = tenant
            .roles
            .definition(holding.privilege.role)
            .ok_or_else(|| unknown(tenant, Refusal::RoleNotFound))?;
        let principal = assignments::principal(tenant, holding.principal, call.now)
            .ok_or_else(|| unknown(tenant, Refusal::SubjectNotFound))?;
        let answer = tenant.behaviours.get(&ROLE_REQUEST_FOR_PLAIN_GROUP);
        let fit = check_scope(tenant, definition, holding.privilege.scope)
            .and_then(|()| check_principal(tenant, &principal));
        match fit {
            Ok(()) => Ok(None),
            Err(Unfit::NotAtThisScope | Unfit::ScopeUnknown) => Err(Refusal::Scope.into()),
            Err(Unfit::GroupNotAssignable) if answer == PlainGroupAnswer::Granted => Ok(Some(LOST)),
            Err(Unfit::GroupNotAssignable) => Err(Refusal::request(
                "Groups without IsAssignableToRole property set cannot be assigned to roles.",
            )
            .into()),
        }
    }

    fn guid(named: &str) -> Option<Uuid> {
        named.parse().ok()
    }

    fn lookup_of_key(_: &str) -> Option<Lookup<Self>> {
        Some(Lookup::Everything)
    }

    fn is_key(own: &str, asked: &str) -> bool {
        own == asked
    }

    /// The narrowest index that the filter allows.
    fn lookup(tenant: &Tenant, call: &Call) -> Result<Lookup<Self>, GraphError> {
        let named = |name: &str| call.query.required(name);
        if let Some(principal) = named("principalId").and_then(|id| id.parse().ok()) {
            return Ok(Lookup::Principal(principal));
        }
        let role = named("roleDefinitionId").and_then(|id| id.parse().ok());
        let definition = role.and_then(|role| tenant.roles.resolve(role));
        Ok(definition.map_or(Lookup::Everything, |one| Lookup::Scope(one.id)))
    }

    fn capabilities(tenant: &Tenant, list: Listing) -> &'static Capabilities {
        let refused = tenant.behaviours.get(&ROLE_REQUEST_STATUS_FILTER_REFUSED);
        match list {
            Listing::Schedules => &SCHEDULES,
            Listing::Requests if refused => &REQUESTS,
            Listing::Requests | Listing::MyRequests => &REQUESTS_AS_DOCUMENTED,
        }
    }

    fn expand(tenant: &Tenant, call: &Call, row: &mut Value) {
        assignments::expand(tenant, call, row);
    }

    /// Schedules of custom roles may show the template id where the definition's own was asked for.
    fn finish(tenant: &Tenant, row: &mut Map<String, Value>) {
        if tenant.behaviours.get(&SCHEDULE_ROLE_ID) == ScheduleRoleId::Definition {
            return;
        }
        let shown = row.get("roleDefinitionId").and_then(Value::as_str);
        let role = shown.and_then(|id| id.parse().ok());
        if let Some(definition) = role.and_then(|role| tenant.roles.definition(role)) {
            let template = json!(definition.template_id.to_string());
            row.insert("roleDefinitionId".to_owned(), template);
        }
    }

    fn instance(schedule: &Schedule<Self>, row: &mut Map<String, Value>) {
        let privilege = schedule.holding.privilege;
        let key = json!(privilege.key(schedule.id));
        match schedule.holding.kind {
            Kind::Eligible => {
                row.insert("roleEligibilityScheduleId".to_owned(), key);
            }
            Kind::Active => {
                let id = json!(privilege.assignment_id(schedule.holding.principal));
                row.insert("id".to_owned(), id.clone());
                row.insert("roleAssignmentOriginId".to_owned(), id);
                row.insert("roleAssignmentScheduleId".to_owned(), key);
            }
        }
    }

    /// Plain assignments, where PIM lists them.
    fn outside(tenant: &Tenant, lookup: &Lookup<Self>, now: Timestamp) -> Vec<(Self, ObjectId)> {
        if !tenant.behaviours.get(&PLAIN_ASSIGNMENT_IN_SCHEDULES) {
            return Vec::new();
        }
        let delay = tenant.behaviours.get(&ROLE_ASSIGNMENT_READ_DELAY);
        let meets = |grant: &Self, holder: &ObjectId| match lookup {
            Lookup::Scope(role) => grant.role == *role,
            Lookup::Principal(principal) => holder == principal,
            Lookup::Everything => true,
        };
        let plain = tenant.roles.plain.iter();
        plain
            .filter(|((grant, holder), since)| {
                meets(grant, holder)
                    && now.duration_since(**since) >= delay
                    && tenant.directory.principal(*holder).is_some()
            })
            .map(|(key, _)| *key)
            .collect()
    }

    fn outside_id(self, principal: ObjectId) -> String {
        self.assignment_id(principal)
    }

    /// What the groups of the signed-in user hold, under the id of the group.
    fn inherited(
        tenant: &Tenant,
        (kind, form, wanted): (Kind, RowForm, Inherited),
        principal: ObjectId,
        now: Timestamp,
    ) -> Vec<Value> {
        if wanted == Inherited::Listed {
            return Vec::new();
        }
        let groups = tenant.directory.all_groups_of(principal).into_iter();
        groups
            .flat_map(|group| rows::<Self>(tenant, kind, form, &Lookup::Principal(group), now))
            .map(|mut row| {
                row["memberType"] = json!("Group");
                row
            })
            .collect()
    }
}
