//! Policies of Conditional Access, as far as a client of their list can tell (learn.microsoft.com: conditionalAccessPolicy).
//! They are kept and listed; nothing here signs anybody in.

use serde_json::{Map, Value, json};

use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::journal::Effect;
use crate::odata::{self, Capabilities, Paging};
use crate::route::{Service, routes};
use crate::state::Tenant;

use super::delegation::CONTEXT_WRITERS;
use super::permissions::{READ_ACCESS_POLICIES, WRITE_ACCESS_POLICIES};

const POLICY: &str = "microsoft.graph.conditionalAccessPolicy";

/// How many a tenant can have (learn.microsoft.com: concept-conditional-access-policies).
const MOST: usize = 195;

routes! { pub(super) ROUTES, Service::ACCESS;
    get "/identity/conditionalAccess/policies", READ_ACCESS_POLICIES, list,
        "conditionalAccessPolicies.list" => collection(POLICY, "identity/conditionalAccess/policies");
    post "/identity/conditionalAccess/policies", WRITE_ACCESS_POLICIES, create,
        "conditionalAccessPolicies.create" => roles(CONTEXT_WRITERS), takes(POLICY), entity(POLICY, "identity/conditionalAccess/policies");
    get "/identity/conditionalAccess/policies/{policy}", READ_ACCESS_POLICIES, get,
        "conditionalAccessPolicies.get" => entity(POLICY, "identity/conditionalAccess/policies");
    patch "/identity/conditionalAccess/policies/{policy}", WRITE_ACCESS_POLICIES, update,
        "conditionalAccessPolicies.update" => roles(CONTEXT_WRITERS), takes(POLICY);
    delete "/identity/conditionalAccess/policies/{policy}", WRITE_ACCESS_POLICIES, delete,
        "conditionalAccessPolicies.delete" => roles(CONTEXT_WRITERS);
}

const CAPABILITIES: Capabilities = Capabilities {
    paging: Paging {
        default: 100,
        maximum: 100,
    },
    refusal: "BadRequest",
    ..Capabilities::SERVICE
};

fn unknown(id: &str) -> GraphError {
    GraphError::new(
        http::StatusCode::NOT_FOUND,
        "NotFound",
        format!("The policy '{id}' does not exist."),
    )
}

/// The conditions of a policy with everything that was left out.
fn conditions(given: &Value) -> Value {
    let mut whole = json!({
        "clientAppTypes": ["all"],
        "signInRiskLevels": [],
        "userRiskLevels": [],
        "servicePrincipalRiskLevels": [],
        "applications": {
            "includeApplications": [], "excludeApplications": [], "includeUserActions": [],
            "includeAuthenticationContextClassReferences": [],
        },
        "users": {
            "includeUsers": [], "excludeUsers": [], "includeGroups": [], "excludeGroups": [], "includeRoles": [],
            "excludeRoles": [],
        },
    });
    merge(&mut whole, given);
    whole
}

fn merge(whole: &mut Value, given: &Value) {
    match (whole, given) {
        (Value::Object(whole), Value::Object(given)) => {
            for (name, value) in given {
                merge(whole.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (whole, given) => *whole = given.clone(),
    }
}

/// A policy of a seed: who signs in to one of these contexts must satisfy it.
pub(crate) fn targeting(
    id: &str,
    name: &str,
    state: &str,
    contexts: &[String],
) -> Map<String, Value> {
    let given = json!({
        "users": {"includeUsers": ["All"]},
        "applications": {"includeAuthenticationContextClassReferences": contexts},
    });
    let row = json!({
        "id": id, "displayName": name, "state": state, "conditions": conditions(&given),
        "grantControls": {
            "operator": "OR", "builtInControls": ["mfa"], "customAuthenticationFactors": [], "termsOfUse": [],
        },
    });
    row.as_object().cloned().unwrap_or_default()
}

fn list(tenant: &mut Tenant, call: &Call) -> Answered {
    let rows = tenant.directory.access_policies.values();
    let rows = rows.cloned().map(Value::Object).collect();
    odata::collection(call, rows, &CAPABILITIES).map(Reply::rows)
}

fn get(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = call.param("policy");
    let found = tenant.directory.access_policies.get(id);
    let row = found.cloned().ok_or_else(|| unknown(id))?;
    odata::entity(call, Value::Object(row), &CAPABILITIES).map(Reply::ok)
}

fn create(tenant: &mut Tenant, call: &Call) -> Answered {
    let mut row = call.body_object()?.clone();
    for name in ["displayName", "state", "conditions"] {
        if row.get(name).is_none_or(Value::is_null) {
            return Err(GraphError::bad_request(
                "BadRequest",
                format!("1011: {name} is required."),
            ));
        }
    }
    if tenant.directory.access_policies.len() >= MOST {
        return Err(GraphError::bad_request(
            "BadRequest",
            "1080: The number of policies exceeds the limit.",
        ));
    }
    let id = tenant.new_object_id().to_string();
    row.insert("id".to_owned(), json!(id));
    row.insert("createdDateTime".to_owned(), json!(call.now.to_string()));
    let whole = conditions(&row["conditions"]);
    row.insert("conditions".to_owned(), whole);
    tenant
        .directory
        .access_policies
        .insert(id.clone(), row.clone());
    let effect = Effect::ConditionalAccessPolicyChanged { policy: id };
    tenant.effect(call.now, effect);
    Ok(Reply::created(Value::Object(row)))
}

/// What is given takes the place of what stood, property by property.
fn update(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = call.param("policy").to_owned();
    let body = call.body_object()?.clone();
    let policies = &mut tenant.directory.access_policies;
    let row = policies.get_mut(&id).ok_or_else(|| unknown(&id))?;
    let before = row.clone();
    for (name, value) in body {
        let value = if name == "conditions" {
            conditions(&value)
        } else {
            value
        };
        row.insert(name, value);
    }
    if *row != before {
        let effect = Effect::ConditionalAccessPolicyChanged { policy: id };
        tenant.effect(call.now, effect);
    }
    Ok(Reply::no_content())
}

fn delete(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = call.param("policy").to_owned();
    let removed = tenant.directory.access_policies.remove(&id);
    removed.ok_or_else(|| unknown(&id))?;
    let effect = Effect::ConditionalAccessPolicyDeleted { policy: id };
    tenant.effect(call.now, effect);
    Ok(Reply::no_content())
}
