//! Asking PIM for a role at a scope, and withdrawing what was asked. A request has the name that the caller chooses: it is
//! an entry of the record, not what it asks for.

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::privilege::{AzureRoleAt, ScopePath};
use super::rows;
use crate::behaviours::azure::AZURE_PRINCIPAL_DELAY;
use crate::call::Caller;
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::pim::area::Area;
use crate::pim::engine::{Fresh, Holding, Kind, Mode, Request, RequestRecord};
use crate::pim::operations::mirror::carry_out;
use crate::pim::operations::submit::submit_as;
use crate::pim::refusal::Refusal;
use crate::pim::session::{creator_of, fresh, require_licence};
use crate::resource_manager::assignments::{at_scope, existing};
use crate::resource_manager::authorize::{Attempt, permit};
use crate::resource_manager::definitions;
use crate::resource_manager::scope::Scope;
use crate::resource_manager::wanted::readable;
use crate::state::Tenant;

/// A request by where it is asked and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestName {
    pub(crate) kind: Kind,
    pub(crate) scope: Scope,
    pub(crate) name: String,
}

/// The action of writing a request. Who only assigns roles does not have it (learn.microsoft.com: pim-apis, Azure resource
/// roles).
fn writing(kind: Kind) -> &'static str {
    match kind {
        Kind::Eligible => "Microsoft.Authorization/roleEligibilityScheduleRequests/write",
        Kind::Active => "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
    }
}

fn reading(kind: Kind) -> &'static str {
    match kind {
        Kind::Eligible => "Microsoft.Authorization/roleEligibilityScheduleRequests/read",
        Kind::Active => "Microsoft.Authorization/roleAssignmentScheduleRequests/read",
    }
}

fn cancelling(kind: Kind) -> &'static str {
    match kind {
        Kind::Eligible => "Microsoft.Authorization/roleEligibilityScheduleRequests/cancel/action",
        Kind::Active => "Microsoft.Authorization/roleAssignmentScheduleRequests/cancel/action",
    }
}

/// What requests of a kind are called in a path.
fn collection(kind: Kind) -> &'static str {
    match kind {
        Kind::Eligible => "roleEligibilityScheduleRequests",
        Kind::Active => "roleAssignmentScheduleRequests",
    }
}

/// Judges a request, and makes it and carries it out where that is meant.
pub(crate) fn ask(
    tenant: &mut Tenant,
    caller: &Caller,
    headers: &HeaderMap,
    at: &RequestName,
    body: Option<&Value>,
    (mode, now): (Mode, Timestamp),
) -> Result<(StatusCode, Value), GraphError> {
    let asked = submit(tenant, caller, headers, at, body, (mode, now))?;
    let status = match mode {
        Mode::Real => StatusCode::CREATED,
        Mode::ValidationOnly => StatusCode::OK,
    };
    Ok((status, rows::request(tenant, &asked)))
}

fn submit(
    tenant: &mut Tenant,
    caller: &Caller,
    headers: &HeaderMap,
    at: &RequestName,
    body: Option<&Value>,
    (mode, now): (Mode, Timestamp),
) -> Result<RequestRecord<AzureRoleAt>, GraphError> {
    require_licence(tenant)?;
    let id = Uuid::try_parse(&at.name)
        .map_err(|_| Refusal::request(format!("'{}' is not a GUID.", at.name)))?;
    let properties = body.and_then(|body| body["properties"].as_object());
    let properties = properties.ok_or_else(|| Refusal::request("'properties' is missing."))?;
    let asked = read(tenant, caller, headers, at, properties)?;
    if asked.action.is_own() {
        if caller.signed_in_user != Some(asked.holding.principal) {
            return Err(Refusal::Unauthorized.into());
        }
    } else {
        let attempt = Attempt::at(writing(at.kind), &at.scope);
        permit(tenant, caller, &attempt.on(collection(at.kind), &at.name))?;
        existing(tenant, &at.scope)?;
    }
    if AzureRoleAt::store(tenant).request(id).is_some() {
        return Err(Refusal::Exists.into());
    }
    known(tenant, asked.holding.principal, now)?;
    let (holding, condition) = (asked.holding, text(properties, "condition"));
    condition.as_deref().map(readable).transpose()?;
    let fresh = Fresh {
        request: id,
        ..fresh(tenant)
    };
    let before = tenant.azure.conditions.get(&holding).cloned();
    if mode == Mode::Real && !asked.action.ends() {
        tenant.azure.condition(holding, condition);
    }
    let asked = Request { mode, ..asked };
    let submitted = submit_as(tenant, asked, fresh, now, None);
    if submitted.is_err() {
        tenant.azure.condition(holding, before);
    }
    Ok(submitted?)
}

fn text(properties: &Map<String, Value>, name: &str) -> Option<String> {
    let text = properties.get(name).and_then(Value::as_str)?;
    (!text.is_empty()).then(|| text.to_owned())
}

/// The same as Graph is asked, in the words of the Resource Manager.
fn read(
    tenant: &Tenant,
    caller: &Caller,
    headers: &HeaderMap,
    at: &RequestName,
    properties: &Map<String, Value>,
) -> Result<Request<AzureRoleAt>, GraphError> {
    let missing = |name: &str| Refusal::request(format!("'{name}' is missing."));
    let role = text(properties, "roleDefinitionId").ok_or_else(|| missing("roleDefinitionId"))?;
    let principal = text(properties, "principalId").ok_or_else(|| missing("principalId"))?;
    let definition = definitions::assignable(&tenant.azure, &role, &at.scope);
    let definition = definition.ok_or(Refusal::RoleNotFound)?;
    let holding = Holding {
        kind: at.kind,
        privilege: AzureRoleAt {
            role: definition.id,
            scope: ScopePath::from(&tenant.azure.spelled(&at.scope)),
        },
        principal: principal
            .parse()
            .map_err(|_| Refusal::request("'principalId' is not an id."))?,
    };
    let mut body = properties.clone();
    body.insert(
        "action".to_owned(),
        properties.get("requestType").cloned().unwrap_or_default(),
    );
    if at.kind == Kind::Eligible {
        without_an_end(&mut body);
    }
    Ok(Request::parse(&body, holding, creator_of(caller, headers))?)
}

/// Observed: an eligibility after a duration that is not given never ends (Azure/azure-rest-api-specs#24242).
fn without_an_end(body: &mut Map<String, Value>) {
    let expiration = body
        .get_mut("scheduleInfo")
        .and_then(|info| info.get_mut("expiration"));
    if let Some(Value::Object(expiration)) = expiration
        && expiration
            .get("type")
            .and_then(Value::as_str)
            .is_some_and(|kind| kind.eq_ignore_ascii_case("AfterDuration"))
        && expiration.get("duration").is_none_or(Value::is_null)
    {
        expiration.insert("type".to_owned(), json!("NoExpiration"));
    }
}

/// A principal that this part of the service has not heard of yet answers like one that does not exist.
fn known(tenant: &Tenant, principal: ObjectId, now: Timestamp) -> Result<(), Refusal> {
    let delay = tenant.behaviours.get(&AZURE_PRINCIPAL_DELAY);
    let found = tenant.directory.principal(principal);
    match found {
        Some(found) if now.duration_since(found.created_at) >= delay => Ok(()),
        _ => Err(Refusal::SubjectNotFound),
    }
}

pub(crate) fn get(tenant: &Tenant, caller: &Caller, at: &RequestName) -> Result<Value, GraphError> {
    at_scope(tenant, caller, reading(at.kind), &at.scope)?;
    Ok(rows::request(tenant, find(tenant, at)?))
}

fn find<'a>(
    tenant: &'a Tenant,
    at: &RequestName,
) -> Result<&'a RequestRecord<AzureRoleAt>, GraphError> {
    let id = Uuid::try_parse(&at.name).ok();
    let found = id.and_then(|id| AzureRoleAt::store(tenant).request(id));
    let of_kind = found.filter(|request| {
        let holding = &request.asked.holding;
        holding.kind == at.kind && holding.privilege.scope.scope() == at.scope
    });
    of_kind.ok_or_else(|| {
        let message = format!(
            "The role assignment schedule request '{}' is not found.",
            at.name
        );
        GraphError::new(
            StatusCode::NOT_FOUND,
            "RoleAssignmentScheduleRequestNotFound",
            message,
        )
    })
}

/// Withdraws what is not carried out yet.
pub(crate) fn cancel(
    tenant: &mut Tenant,
    caller: &Caller,
    at: &RequestName,
    now: Timestamp,
) -> Result<(), GraphError> {
    at_scope(tenant, caller, cancelling(at.kind), &at.scope)?;
    let id = find(tenant, at)?.id;
    let options = AzureRoleAt::options(&tenant.behaviours);
    let changes = AzureRoleAt::store_mut(tenant).cancel(id, now, &options)?;
    carry_out(tenant, changes);
    Ok(())
}
