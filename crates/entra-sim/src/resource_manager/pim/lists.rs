//! Requests, schedules and instances at a scope: what stands there, above it and below it.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::privilege::AzureRoleAt;
use super::rows;
use crate::behaviours::azure::AZURE_PLAIN_SCHEDULES;
use crate::call::Caller;
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::pim::area::Area;
use crate::pim::engine::{Holding, Kind, Lookup};
use crate::pim::operations::mirror::in_force;
use crate::pim::session::require_licence;
use crate::resource_manager::assignments::{at_scope, everybody_of};
use crate::resource_manager::filter::{Part, parse, unsupported};
use crate::resource_manager::scope::{Scope, ScopeLevel};
use crate::resource_manager::state::AzureAssignment;
use crate::state::Tenant;

/// The action of reading a collection.
fn reading(kind: Kind, form: ScheduleForm) -> &'static str {
    match (kind, form) {
        (Kind::Eligible, ScheduleForm::Request) => {
            "Microsoft.Authorization/roleEligibilityScheduleRequests/read"
        }
        (Kind::Eligible, ScheduleForm::Schedule) => {
            "Microsoft.Authorization/roleEligibilitySchedules/read"
        }
        (Kind::Eligible, ScheduleForm::Instance) => {
            "Microsoft.Authorization/roleEligibilityScheduleInstances/read"
        }
        (Kind::Active, ScheduleForm::Request) => {
            "Microsoft.Authorization/roleAssignmentScheduleRequests/read"
        }
        (Kind::Active, ScheduleForm::Schedule) => {
            "Microsoft.Authorization/roleAssignmentSchedules/read"
        }
        (Kind::Active, ScheduleForm::Instance) => {
            "Microsoft.Authorization/roleAssignmentScheduleInstances/read"
        }
    }
}

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScheduleForm {
    Request,
    Schedule,
    Instance,
}

/// What a list is narrowed to.
struct Narrow {
    scope: Scope,
    /// Whether what lies below the scope is listed, too.
    with_below: bool,
    principals: Option<Vec<ObjectId>>,
}

impl Narrow {
    fn new(
        tenant: &Tenant,
        caller: &Caller,
        scope: &Scope,
        filter: &str,
    ) -> Result<Self, GraphError> {
        let below_is_told = !matches!(
            scope.level(),
            Some(ScopeLevel::ManagementGroup(_) | ScopeLevel::Tenant)
        );
        let mut narrow = Self {
            scope: scope.clone(),
            with_below: below_is_told,
            principals: None,
        };
        for part in parse(filter)? {
            match part {
                Part::Equals(name, id) if name == "principalid" => {
                    narrow.principals = Some(id.parse().into_iter().collect());
                }
                Part::Function(name, id) if name == "assignedto" => {
                    narrow.principals = Some(everybody_of(tenant, &id)?);
                }
                Part::Function(name, none) if name == "astarget" && none.is_empty() => {
                    narrow.principals = Some(vec![caller.principal()]);
                }
                Part::Function(name, none) if name == "atscope" && none.is_empty() => {
                    narrow.with_below = false;
                }
                _ => return Err(unsupported(filter)),
            }
        }
        Ok(narrow)
    }

    fn admits(&self, tenant: &Tenant, holding: &Holding<AzureRoleAt>) -> bool {
        let scope = holding.privilege.scope.scope();
        let azure = &tenant.azure;
        let stands = azure.covers(&scope, &self.scope)
            || self.with_below && azure.covers(&self.scope, &scope);
        stands
            && self
                .principals
                .as_ref()
                .is_none_or(|all| all.contains(&holding.principal))
    }
}

pub(crate) fn list(
    tenant: &Tenant,
    caller: &Caller,
    (kind, form, scope): (Kind, ScheduleForm, &Scope),
    filter: &str,
    now: Timestamp,
) -> Result<Value, GraphError> {
    at_scope(tenant, caller, reading(kind, form), scope)?;
    require_licence(tenant)?;
    let narrow = Narrow::new(tenant, caller, scope, filter)?;
    let store = AzureRoleAt::store(tenant);
    let rows: Vec<Value> = match form {
        ScheduleForm::Request => {
            let requests = store.requests(&Lookup::Everything).into_iter();
            let found = requests.filter(|one| {
                let holding = &one.asked.holding;
                holding.kind == kind && narrow.admits(tenant, holding)
            });
            found.map(|one| rows::request(tenant, one)).collect()
        }
        ScheduleForm::Schedule | ScheduleForm::Instance => {
            let shown = store.shown(&Lookup::Everything, kind, now).into_iter();
            let found = shown.filter(|one| {
                (form == ScheduleForm::Schedule || one.window.start <= now)
                    && narrow.admits(tenant, &one.holding)
            });
            let of_pim = found.map(|one| match form {
                ScheduleForm::Instance => rows::instance(tenant, one, scope),
                _ => rows::schedule(tenant, one, scope),
            });
            let plain = plain(tenant, kind).filter(|one| narrow.admits(tenant, &one.holding()));
            let plain = plain.map(|one| match form {
                ScheduleForm::Instance => rows::plain_instance(tenant, one, scope),
                _ => rows::plain_schedule(tenant, one, scope),
            });
            of_pim.chain(plain).collect()
        }
    };
    Ok(json!({"value": rows}))
}

/// The assignments that PIM lists although it has not made them.
fn plain(tenant: &Tenant, kind: Kind) -> impl Iterator<Item = &AzureAssignment> {
    let listed = kind == Kind::Active && tenant.behaviours.get(&AZURE_PLAIN_SCHEDULES);
    let all = tenant.azure.assignments.values();
    all.filter(move |one| {
        let of_pim = || in_force(tenant, &one.holding());
        listed && !of_pim()
    })
}

/// One schedule or instance by its name.
pub(crate) fn one(
    tenant: &Tenant,
    caller: &Caller,
    (kind, form, scope): (Kind, ScheduleForm, &Scope),
    name: &str,
    now: Timestamp,
) -> Result<Value, GraphError> {
    let listed = list(tenant, caller, (kind, form, scope), "", now)?;
    let mut rows = listed["value"].as_array().into_iter().flatten();
    let is_meant = |row: &&Value| {
        let own = row["name"].as_str();
        own.is_some_and(|own| own.eq_ignore_ascii_case(name))
    };
    rows.find(is_meant).cloned().ok_or_else(|| {
        GraphError::new(
            StatusCode::NOT_FOUND,
            "RoleAssignmentScheduleNotFound",
            format!("The role assignment schedule '{name}' is not found."),
        )
    })
}
