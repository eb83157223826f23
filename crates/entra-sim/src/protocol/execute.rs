//! One operation from the matched path to the rendered answer.

use std::collections::BTreeMap;

use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use crate::behaviours::pim::{SCOPE_DENIAL, ScopeDenial};
use crate::behaviours::protocol::PAGE_TOKEN_LIFETIME;
use crate::behaviours::roles::ROLE_SCOPE_DENIAL;
use crate::call::{Body, Call, Caller, Reply};
use crate::directory::delegation;
use crate::error::GraphError;
use crate::faults::{FaultDecision, Traffic};
use crate::journal::{Answer, Entry};
use crate::odata::Query;
use crate::route::{Denial, Route, Shape, Verb};
use crate::state::Tenant;
use crate::version::Version;

use super::bodies;
use super::context::{context, with_context};
use super::envelope::{self, Identity, JSON};
use super::message::{Incoming, Outgoing};
use super::paging::Cursor;
use super::router::{Found, Matched, Router};
use super::{authenticate, throttle};

/// An operation whose route and scripted fault are known.
#[derive(Debug)]
pub(crate) struct Prepared {
    incoming: Incoming,
    found: Found,
    pub(crate) fault: Option<FaultDecision>,
}

impl Prepared {
    pub(crate) fn operation(&self) -> &'static str {
        match &self.found {
            Found::Route(found) => found.route.operation,
            Found::WrongMethod | Found::Nothing => "unknown",
        }
    }
}

pub(crate) fn prepare(tenant: &mut Tenant, router: &Router, incoming: Incoming) -> Prepared {
    let path = incoming.target.split('?').next().unwrap_or_default();
    let found = router.find(incoming.version, Verb::of(&incoming.method), path);
    let (operation, traffic) = match &found {
        Found::Route(found) => (found.route.operation, traffic(found.route)),
        Found::WrongMethod | Found::Nothing => ("unknown", Traffic::Reads),
    };
    let fault = tenant.faults.decide(
        operation,
        traffic,
        incoming.method.as_str(),
        &incoming.target,
    );
    Prepared {
        incoming,
        found,
        fault,
    }
}

fn traffic(route: &Route) -> Traffic {
    if route.reads {
        Traffic::Reads
    } else {
        Traffic::Writes
    }
}

/// Runs an operation and notes it.
pub(crate) fn execute(tenant: &mut Tenant, prepared: Prepared) -> Outgoing {
    tenant.catch_up();
    let operation = prepared.operation();
    let Prepared {
        incoming,
        found,
        fault,
    } = prepared;
    let identity = Identity::new(tenant.new_request_id(), &incoming.headers, tenant.now());
    let mut caller = None;
    let denial = found.denial();
    let result = run(tenant, &incoming, found, fault.as_ref(), &mut caller)
        .map_err(|error| spoken(tenant, denial, error));
    tenant.audit.idle();
    let lost = fault.as_ref().is_some_and(FaultDecision::drops);
    let (mut outgoing, code) = match result {
        Ok(done) => (done.render(&identity), None),
        Err(error) => (envelope::refusal(&error, &identity), Some(error.code)),
    };
    outgoing.lost = lost;
    let entry = Entry {
        sequence: 0,
        at: identity.at,
        operation: operation.to_owned(),
        method: incoming.method.to_string(),
        path: incoming.target,
        status: outgoing.status.as_u16(),
        code,
        app_id: caller.as_ref().map(|caller: &Caller| caller.app_id),
        user_id: caller.as_ref().and_then(|caller| caller.signed_in_user),
        request_id: identity.request_id,
        batch: incoming.batch,
        fault: fault.map(|fault| fault.rule),
        answer: if lost { Answer::Lost } else { Answer::Sent },
        body: incoming.body.unwrap_or(None),
        effects: Vec::new(),
    };
    tenant.journal.close(entry);
    outgoing
}

struct Done {
    reply: Reply,
    body: Option<Value>,
}

impl Done {
    fn render(self, identity: &Identity) -> Outgoing {
        let mut headers = identity.headers();
        headers.extend(
            self.reply
                .headers
                .into_iter()
                .map(|(name, value)| (Some(name), value)),
        );
        headers.insert("odata-version", HeaderValue::from_static("4.0"));
        if self.body.is_some() && !headers.contains_key(header::CONTENT_TYPE) {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
        }
        Outgoing {
            status: self.reply.status,
            headers,
            body: self.body,
            text: None,
            lost: false,
        }
    }
}

fn run(
    tenant: &mut Tenant,
    incoming: &Incoming,
    found: Found,
    fault: Option<&FaultDecision>,
    seen: &mut Option<Caller>,
) -> Result<Done, GraphError> {
    tenant.journal.counters.operations += 1;
    let caller = authenticate::caller(tenant, &incoming.headers, &incoming.host)?;
    *seen = Some(caller.clone());
    let Matched { route, params } = matched(incoming, found)?;
    permit(tenant, route, &params, &caller)?;
    if let Some(fault) = fault {
        fault.refusal()?;
    }
    let (path, query) = incoming
        .target
        .split_once('?')
        .unwrap_or((&incoming.target, ""));
    let mut call = Call {
        version: incoming.version,
        path: path.to_owned(),
        params,
        query: Query::parse(query)?,
        headers: incoming.headers.clone(),
        body: None,
        caller,
        operation: route.operation,
        kind: String::new(),
        mixed: route.mixed,
        now: tenant.now(),
        deferral: fault.and_then(FaultDecision::deferral),
        base_url: incoming.base_url.clone(),
    };
    call.kind = bodies::answered(route, &call);
    if route.verb == Verb::Get && matches!(route.response, Shape::Entity { .. }) {
        call.query.refuse_on_entity()?;
    }
    let budget = throttle::meter(tenant, route, &call)
        .inspect_err(|_| tenant.journal.counters.throttled += 1)?;
    call.body = bodies::checked(route, incoming.body.as_ref())?;
    tenant.audit.acting(&call);
    let mut done = answer(tenant, route, &call, fault, query)?;
    done.reply.headers.extend(budget);
    if !route.reads {
        tenant.journal.counters.writes += 1;
    }
    Ok(done)
}

fn matched(incoming: &Incoming, found: Found) -> Result<Matched, GraphError> {
    match found {
        Found::Route(found) => Ok(found),
        Found::WrongMethod => Err(GraphError::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        )),
        Found::Nothing => Err(GraphError::not_simulated(format_args!(
            "{} {}{}",
            incoming.method,
            match incoming.version {
                Version::V1 => "",
                Version::Beta => "/beta",
            },
            incoming.target.split('?').next().unwrap_or_default()
        ))),
    }
}

/// A refusal in the form that the service of the route has for a missing permission.
fn spoken(tenant: &Tenant, denial: Denial, error: GraphError) -> GraphError {
    let form = match denial {
        Denial::Scope => tenant.behaviours.get(&SCOPE_DENIAL),
        Denial::RoleScope => tenant.behaviours.get(&ROLE_SCOPE_DENIAL),
        Denial::Directory | Denial::Gateway => ScopeDenial::Plain,
    };
    match form {
        ScopeDenial::Plain => error,
        ScopeDenial::Wrapped => error.wrapped_if_scope_not_granted(),
    }
}

/// An application needs permissions; a signed-in user may read everything, and change what their roles let them.
fn permit(
    tenant: &Tenant,
    route: &Route,
    params: &BTreeMap<&'static str, String>,
    caller: &Caller,
) -> Result<(), GraphError> {
    let permitted = match caller.signed_in_user {
        Some(user) => delegation::permits(tenant, route.delegated, params, user),
        None => caller.has_any(route.permissions),
    };
    if permitted {
        return Ok(());
    }
    Err(match route.denial {
        Denial::Directory => GraphError::denied(),
        Denial::Scope | Denial::RoleScope => {
            GraphError::permission_scope_not_granted(route.permissions)
        }
        Denial::Gateway => GraphError::access_denied(
            "You cannot perform the requested operation, required scopes are missing in the token.",
        ),
    })
}

/// Runs the handler, under a replication lag if one is scripted, and pages its rows.
fn answer(
    tenant: &mut Tenant,
    route: &Route,
    call: &Call,
    fault: Option<&FaultDecision>,
    query: &str,
) -> Result<Done, GraphError> {
    let mut address = format!("{}{}", call.base_url, call.path);
    if let Some(token) = &call.query.skip_token {
        return next_page(tenant, call, token, &address);
    }
    let mut reply = tenant.under_lag(traffic(route), call.operation, fault, |tenant| {
        (route.handler)(tenant, call)
    })?;
    let body = match std::mem::replace(&mut reply.body, Body::Empty) {
        Body::Empty => None,
        Body::Raw(body) => Some(body),
        Body::Entity(entity) => Some(match route.response {
            Shape::Entity { set, .. } => {
                with_context(&context(call, &format!("{set}/$entity")), entity)
            }
            Shape::Collection { .. } | Shape::Untyped => entity,
        }),
        Body::Rows(rows) => {
            if !query.is_empty() {
                address = format!("{address}?{query}");
            }
            let count = rows.count;
            let set = match route.response {
                Shape::Entity { set, .. } | Shape::Collection { set, .. } => set,
                Shape::Untyped => "",
            };
            let context = context(call, set);
            let cursor = Cursor::first(rows, context, address, call.caller.app_id, call.now);
            let next = tenant.new_token();
            Some(tenant.cursors.page(cursor, count, next))
        }
    };
    if let Some(body) = &body {
        bodies::hold_against_schema(tenant, route, call, body);
    }
    Ok(Done { reply, body })
}

fn next_page(
    tenant: &mut Tenant,
    call: &Call,
    token: &str,
    address: &str,
) -> Result<Done, GraphError> {
    let lifetime = tenant.behaviours.get(&PAGE_TOKEN_LIFETIME);
    let cursor = tenant
        .cursors
        .open(token, call.caller.app_id, call.now, lifetime)?;
    if !cursor.belongs_to(address) {
        return Err(GraphError::invalid(
            "The skip token belongs to another address.",
        ));
    }
    let next = tenant.new_token();
    let body = tenant.cursors.page(cursor, None, next);
    Ok(Done {
        reply: Reply::raw(Value::Null),
        body: Some(body),
    })
}
