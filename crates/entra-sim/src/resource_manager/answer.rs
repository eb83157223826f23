//! From a request to its answer: who calls, in which version, what it comes to, and what is noted of it.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request};
use serde_json::{Value, json};

use super::address::Address;
use super::pim::{lists, policies, policy_assignments, requests};
use super::{assignments, caller_permissions, containers, definitions, throttle, versions};
use crate::call::Caller;
use crate::error::GraphError;
use crate::faults::{FaultDecision, Traffic};
use crate::journal::{Answer, Entry};
use crate::pim::engine::Mode;
use crate::protocol::Outgoing;
use crate::protocol::authenticate;
use crate::protocol::envelope::{self, Identity, http_date, text};
use crate::state::Tenant;

/// A request whose operation and scripted fault are known.
#[derive(Debug)]
pub(crate) struct PreparedRequest {
    address: Address,
    operation: &'static str,
    method: Method,
    target: String,
    headers: HeaderMap,
    host: String,
    body: Option<Value>,
    pub(crate) fault: Option<FaultDecision>,
}

/// Takes a request apart.
pub(crate) fn prepare(
    tenant: &mut Tenant,
    address: Address,
    parts: &request::Parts,
    host: String,
    body: &Bytes,
) -> PreparedRequest {
    let operation = address.operation(&parts.method);
    let target = parts.uri.path_and_query();
    let target = target.map_or("/", |target| target.as_str()).to_owned();
    let traffic = traffic(&parts.method);
    let fault = tenant
        .faults
        .decide(operation, traffic, parts.method.as_str(), &target);
    PreparedRequest {
        address,
        operation,
        method: parts.method.clone(),
        target,
        headers: parts.headers.clone(),
        host,
        body: serde_json::from_slice(body).ok(),
        fault,
    }
}

fn traffic(method: &Method) -> Traffic {
    if *method == Method::GET {
        Traffic::Reads
    } else {
        Traffic::Writes
    }
}

/// Answers a request and notes it.
pub(crate) fn execute(tenant: &mut Tenant, prepared: PreparedRequest) -> Outgoing {
    tenant.catch_up();
    let identity = Identity::new(tenant.new_request_id(), &prepared.headers, tenant.now());
    tenant.journal.counters.operations += 1;
    let mut noted = Noted::default();
    let result = judged(tenant, &prepared, &mut noted);
    let Noted { caller, left } = noted;
    let lost = prepared.fault.as_ref().is_some_and(FaultDecision::drops);
    let code = result.as_ref().err().map(|error| error.code.clone());
    let mut outgoing = match result {
        Ok((status, body)) => rendered(status, body, &identity),
        Err(error) => refusal(&error, &identity),
    };
    outgoing.lost = lost;
    outgoing.headers.extend(left);
    tenant.journal.close(Entry {
        method: prepared.method.to_string(),
        path: prepared.target,
        status: outgoing.status.as_u16(),
        code,
        app_id: caller.as_ref().map(|caller| caller.app_id),
        user_id: caller.as_ref().and_then(|caller| caller.signed_in_user),
        request_id: identity.request_id,
        fault: prepared.fault.map(|fault| fault.rule),
        answer: if lost { Answer::Lost } else { Answer::Sent },
        body: prepared.body,
        ..Entry::unasked(prepared.operation, identity.at)
    });
    outgoing
}

/// What is known of a request whatever it comes to.
#[derive(Default)]
struct Noted {
    caller: Option<Caller>,
    /// What is left of the budget that it draws on.
    left: Option<(HeaderName, HeaderValue)>,
}

fn judged(
    tenant: &mut Tenant,
    prepared: &PreparedRequest,
    noted: &mut Noted,
) -> Result<(StatusCode, Option<Value>), GraphError> {
    let caller =
        authenticate::caller_of_resource_manager(tenant, &prepared.headers, &prepared.host)?;
    noted.caller = Some(caller.clone());
    versions::check(&prepared.address, query(prepared, "api-version").as_deref())?;
    if let Some(fault) = &prepared.fault {
        fault.refusal()?;
    }
    let now = tenant.now();
    let metered = throttle::meter(tenant, &caller, &prepared.address, &prepared.method, now);
    noted.left = Some(metered.left);
    if let Some(refusal) = metered.refusal {
        tenant.journal.counters.throttled += 1;
        return Err(refusal);
    }
    let traffic = traffic(&prepared.method);
    let fault = prepared.fault.as_ref();
    let done = tenant.under_lag(traffic, prepared.operation, fault, |tenant| {
        run(tenant, &caller, prepared)
    })?;
    if traffic == Traffic::Writes {
        tenant.journal.counters.writes += 1;
    }
    Ok(done)
}

fn query(prepared: &PreparedRequest, name: &str) -> Option<String> {
    let (_, query) = prepared.target.split_once('?')?;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let found = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.into_owned())
}

fn run(
    tenant: &mut Tenant,
    caller: &Caller,
    prepared: &PreparedRequest,
) -> Result<(StatusCode, Option<Value>), GraphError> {
    let found = match (&prepared.address, prepared.method.as_str()) {
        (Address::Tenants, "GET") => containers::tenants(tenant),
        (Address::Subscriptions, "GET") => containers::subscriptions(tenant, caller),
        (Address::Subscription(id), "GET") => containers::subscription(tenant, caller, id)?,
        (Address::ResourceGroups(id), "GET") => containers::resource_groups(tenant, caller, id)?,
        (Address::ResourceGroup { subscription, name }, "GET") => {
            containers::resource_group(tenant, caller, subscription, name)?
        }
        (Address::ManagementGroups, "GET") => containers::management_groups(tenant, caller),
        (address, _) if address.is_of_pim() => return of_pim(tenant, caller, prepared),
        _ => return of_roles(tenant, caller, prepared),
    };
    Ok((StatusCode::OK, Some(found)))
}

/// What is asked of roles and of who holds them.
fn of_roles(
    tenant: &mut Tenant,
    caller: &Caller,
    prepared: &PreparedRequest,
) -> Result<(StatusCode, Option<Value>), GraphError> {
    let (now, body) = (tenant.now(), prepared.body.as_ref());
    let filter = query(prepared, "$filter").unwrap_or_default();
    let found = match (&prepared.address, prepared.method.as_str()) {
        (Address::RoleDefinitions(scope), "GET") => {
            definitions::list(tenant, caller, scope, &filter)?
        }
        (Address::RoleDefinition { scope, name }, "GET") => {
            definitions::get(tenant, caller, scope, name)?
        }
        (Address::RoleDefinition { scope, name }, "PUT") => {
            let at = (scope, name.as_str());
            let made = definitions::write::put(tenant, caller, at, body, now)?;
            return Ok((StatusCode::CREATED, Some(made)));
        }
        (Address::RoleDefinition { scope, name }, "DELETE") => {
            let gone = definitions::write::delete(tenant, caller, (scope, name), now)?;
            return Ok(deleted(gone));
        }
        (Address::Permissions(scope), "GET") => {
            let version = query(prepared, "api-version").unwrap_or_default();
            caller_permissions::list(tenant, caller, scope, &version)?
        }
        (Address::RoleAssignments(scope), "GET") => {
            assignments::list(tenant, caller, scope, &filter)?
        }
        (Address::RoleAssignment { scope, name }, "GET") => {
            assignments::get(tenant, caller, scope, name)?
        }
        (Address::RoleAssignment { scope, name }, "PUT") => {
            let (status, made) = assignments::put(tenant, caller, (scope, name), body, now)?;
            return Ok((status, Some(made)));
        }
        (Address::RoleAssignment { scope, name }, "DELETE") => {
            let gone = assignments::delete(tenant, caller, (scope, name), now)?;
            return Ok(deleted(gone));
        }
        _ => return Err(unknown(prepared)),
    };
    Ok((StatusCode::OK, Some(found)))
}

/// What was deleted; 204 when there was nothing.
fn deleted(gone: Option<Value>) -> (StatusCode, Option<Value>) {
    let status = match gone {
        Some(_) => StatusCode::OK,
        None => StatusCode::NO_CONTENT,
    };
    (status, gone)
}

/// What is asked of PIM for Azure resources.
fn of_pim(
    tenant: &mut Tenant,
    caller: &Caller,
    prepared: &PreparedRequest,
) -> Result<(StatusCode, Option<Value>), GraphError> {
    let (now, body, headers) = (tenant.now(), prepared.body.as_ref(), &prepared.headers);
    let filter = query(prepared, "$filter").unwrap_or_default();
    let found = match (&prepared.address, prepared.method.as_str()) {
        (Address::Schedules { kind, form, scope }, "GET") => {
            lists::list(tenant, caller, (*kind, *form, scope), &filter, now)?
        }
        (
            Address::Schedule {
                kind,
                form,
                scope,
                name,
            },
            "GET",
        ) => lists::one(tenant, caller, (*kind, *form, scope), name, now)?,
        (Address::Request(at), "GET") => requests::get(tenant, caller, at)?,
        (Address::Request(at), "PUT") => {
            let real = (Mode::Real, now);
            let (status, made) = requests::ask(tenant, caller, headers, at, body, real)?;
            return Ok((status, Some(made)));
        }
        (Address::ValidateRequest(at), "POST") => {
            let judging = (Mode::ValidationOnly, now);
            let (status, judged) = requests::ask(tenant, caller, headers, at, body, judging)?;
            return Ok((status, Some(judged)));
        }
        (Address::CancelRequest(at), "POST") => {
            requests::cancel(tenant, caller, at, now)?;
            return Ok((StatusCode::OK, None));
        }
        (Address::Policies(scope), "GET") => policies::list(tenant, caller, scope, &filter)?,
        (Address::Policy { scope, name }, "GET") => policies::get(tenant, caller, scope, name)?,
        (Address::Policy { scope, name }, "PATCH") => {
            policies::patch(tenant, caller, (scope, name), body, now)?
        }
        (Address::PolicyAssignments(scope), "GET") => {
            policy_assignments::list(tenant, caller, scope, &filter)?
        }
        (Address::PolicyAssignment { scope, name }, "GET") => {
            policy_assignments::get(tenant, caller, scope, name)?
        }
        _ => return Err(unknown(prepared)),
    };
    Ok((StatusCode::OK, Some(found)))
}

fn unknown(prepared: &PreparedRequest) -> GraphError {
    let path = prepared.target.split('?').next().unwrap_or_default();
    GraphError::not_simulated(format_args!(
        "{} {path} of the Resource Manager",
        prepared.method
    ))
}

/// The headers of every answer.
fn headers(identity: &Identity) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for name in ["x-ms-request-id", "x-ms-correlation-request-id"] {
        headers.insert(HeaderName::from_static(name), text(&identity.request_id));
    }
    let routing = format!(
        "WESTEUROPE:{}:{}",
        identity.at.strftime("%Y%m%dT%H%M%SZ"),
        identity.request_id
    );
    headers.insert("x-ms-routing-request-id", text(&routing));
    headers.insert(header::DATE, text(&http_date(identity.at)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers
}

fn rendered(status: StatusCode, body: Option<Value>, identity: &Identity) -> Outgoing {
    let mut headers = headers(identity);
    if body.is_some() {
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, json);
    }
    Outgoing {
        status,
        headers,
        body,
        text: None,
        lost: false,
    }
}

/// A refusal, without the inner error that Graph has.
fn refusal(error: &GraphError, identity: &Identity) -> Outgoing {
    if error.raw.is_some() {
        return envelope::refusal(error, identity);
    }
    let body = json!({"error": {"code": error.code, "message": error.message}});
    let mut outgoing = rendered(error.status, Some(body), identity);
    let failure = HeaderValue::from_static("gateway");
    outgoing.headers.insert("x-ms-failure-cause", failure);
    outgoing.headers.extend(envelope::retry(error, identity));
    outgoing
}
