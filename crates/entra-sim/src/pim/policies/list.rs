//! Reading policies.

use jiff::SignedDuration;
use serde_json::Value;

use super::body;
use super::find::{ensure, scope_of};
use super::stored::{GROUP_READERS, PolicyScope, ROLE_READERS};
use crate::behaviours::pim::{FirstAccess, PIM_PHASE_1, POLICY_LISTED_FIRST, POLICY_LISTING_DELAY};
use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::{Access, RoleId};
use crate::odata::{self, Capabilities, EQ, Paging, Property};
use crate::pim::access::GroupAccess;
use crate::pim::groups::subject;
use crate::pim::policy::PolicyRefusal;
use crate::pim::policy::rule::RuleId;
use crate::pim::session::{require_licence, require_scope};
use crate::state::Tenant;

const PAGING: Paging = Paging {
    default: 200,
    maximum: 999,
};

const ASSIGNMENTS: Capabilities = Capabilities {
    filter: &[
        Property::plain("scopeId", EQ),
        Property::plain("scopeType", EQ),
        Property::plain("roleDefinitionId", EQ),
        Property::plain("policyId", EQ),
    ],
    expand: &["policy", "policy/rules", "policy/effectiveRules"],
    paging: PAGING,
    ..Capabilities::SERVICE
};

const POLICIES: Capabilities = Capabilities {
    filter: &[
        Property::plain("scopeId", EQ),
        Property::plain("scopeType", EQ),
    ],
    expand: &["rules", "effectiveRules"],
    ..ASSIGNMENTS
};

const RULES: Capabilities = Capabilities {
    filter: &[Property::plain("id", EQ)],
    expand: &[],
    ..ASSIGNMENTS
};

struct Asked {
    scopes: Vec<PolicyScope>,
    scope_type: String,
}

/// Both parameters are mandatory; without them the service answers nothing.
fn asked(tenant: &mut Tenant, call: &Call) -> Result<Asked, GraphError> {
    let (Some(id), Some(scope_type)) = (
        call.query.required("scopeId"),
        call.query.required("scopeType"),
    ) else {
        return Err(GraphError::bad_request(
            "MissingParameters",
            "The required parameters ScopeId or ScopeType is missing.",
        ));
    };
    let role = call.query.required("roleDefinitionId");
    let scopes = match scope_type.to_ascii_lowercase().as_str() {
        "group" => group_scopes(tenant, call, &id)?,
        "directoryrole" | "directory" => role_scopes(tenant, call, &id, role.as_deref())?,
        _ => {
            return Err(GraphError::bad_request(
                "InvalidFilter",
                format!("The scope type '{scope_type}' is invalid."),
            ));
        }
    };
    Ok(Asked { scopes, scope_type })
}

/// The policies of a group: none while PIM does not know it, one of the two for a while, then both.
fn group_scopes(tenant: &Tenant, call: &Call, id: &str) -> Result<Vec<PolicyScope>, GraphError> {
    require_scope(call, GROUP_READERS)?;
    require_licence(tenant)?;
    let group = id
        .parse()
        .map_err(|_| GraphError::bad_request("InvalidScope", "The scope is invalid."))?;
    let group = subject::manageable(tenant, group)?;
    let age = call.now.duration_since(group.fresh_since);
    let first_phase = tenant.behaviours.get(&PIM_PHASE_1);
    if age < first_phase {
        return Ok(Vec::new());
    }
    let listed_first = match tenant.behaviours.get(&POLICY_LISTED_FIRST) {
        FirstAccess::Member => Access::Member,
        FirstAccess::Owner => Access::Owner,
    };
    let both_after: SignedDuration =
        first_phase.saturating_add(tenant.behaviours.get(&POLICY_LISTING_DELAY));
    Ok([Access::Owner, Access::Member]
        .into_iter()
        .filter(|access| *access == listed_first || age >= both_after)
        .map(|access| {
            PolicyScope::Group(GroupAccess {
                group: group.id,
                access,
            })
        })
        .collect())
}

fn role_scopes(
    tenant: &Tenant,
    call: &Call,
    id: &str,
    role: Option<&str>,
) -> Result<Vec<PolicyScope>, GraphError> {
    require_scope(call, ROLE_READERS)?;
    require_licence(tenant)?;
    if id != "/" {
        return Ok(Vec::new());
    }
    let roles: Vec<RoleId> = match role {
        Some(role) => role
            .parse()
            .ok()
            .filter(|role| tenant.roles.definition(*role).is_some())
            .into_iter()
            .collect(),
        None => tenant
            .roles
            .definitions()
            .map(|definition| definition.id)
            .collect(),
    };
    Ok(roles.into_iter().map(PolicyScope::DirectoryRole).collect())
}

pub(super) fn assignments(tenant: &mut Tenant, call: &Call) -> Answered {
    let asked = asked(tenant, call)?;
    let mut rows = Vec::new();
    for scope in asked.scopes {
        let policy = ensure(tenant, scope);
        rows.push(body::assignment(
            tenant,
            scope,
            &policy,
            Some(&asked.scope_type),
        ));
    }
    let rows = odata::collection_with(call, rows, &ASSIGNMENTS, |row| {
        expand_policy(tenant, call, row);
    })?;
    Ok(Reply::rows(rows))
}

/// Adds the policy to a row when asked for. The row still holds all its properties here.
fn expand_policy(tenant: &Tenant, call: &Call, row: &mut Value) {
    let Some(expand) = call.query.expansion("policy") else {
        return;
    };
    let Some(scope) = row
        .get("policyId")
        .and_then(Value::as_str)
        .and_then(|id| scope_of(tenant, id).ok())
    else {
        return;
    };
    if let (Some(policy), Some(object)) = (tenant.pim.policies.get(scope), row.as_object_mut()) {
        let body = body::expanded(tenant, scope, policy, &expand.expand, &expand.select);
        object.insert("policy".to_owned(), body);
    }
}

pub(super) fn assignment(tenant: &mut Tenant, call: &Call) -> Answered {
    require_licence(tenant)?;
    let unknown = || GraphError::pim_not_found("The policy assignment is not found.");
    let id = call.param("assignment");
    let (policy_id, role) = id.rsplit_once('_').ok_or_else(unknown)?;
    let scope = scope_of(tenant, policy_id)
        .ok()
        .filter(|scope| scope.role().eq_ignore_ascii_case(role));
    let scope = scope.ok_or_else(unknown)?;
    require_scope(call, scope.readers())?;
    let policy = ensure(tenant, scope);
    let mut row = body::assignment(tenant, scope, &policy, None);
    expand_policy(tenant, call, &mut row);
    Ok(Reply::ok(odata::entity(call, row, &ASSIGNMENTS)?))
}

pub(super) fn policies(tenant: &mut Tenant, call: &Call) -> Answered {
    let asked = asked(tenant, call)?;
    let mut rows = Vec::new();
    for scope in asked.scopes {
        let policy = ensure(tenant, scope);
        let mut row = body::expanded(tenant, scope, &policy, &call.query.expand, &[]);
        row["scopeType"] = Value::String(asked.scope_type.clone());
        rows.push(row);
    }
    Ok(Reply::rows(odata::collection(call, rows, &POLICIES)?))
}

/// The policy that the path names, when the caller may read it.
fn named(tenant: &mut Tenant, call: &Call) -> Result<PolicyScope, GraphError> {
    require_licence(tenant)?;
    let scope = scope_of(tenant, call.param("policy"))?;
    require_scope(call, scope.readers())?;
    Ok(scope)
}

pub(super) fn policy(tenant: &mut Tenant, call: &Call) -> Answered {
    let scope = named(tenant, call)?;
    let policy = ensure(tenant, scope);
    let body = body::expanded(tenant, scope, &policy, &call.query.expand, &[]);
    Ok(Reply::ok(odata::entity(call, body, &POLICIES)?))
}

/// `GET roleManagementPolicies/{id}/rules` and `/effectiveRules`.
pub(super) fn rules(tenant: &mut Tenant, call: &Call) -> Answered {
    let scope = named(tenant, call)?;
    let policy = ensure(tenant, scope);
    let rows = body::rules_of(tenant, scope, &policy);
    Ok(Reply::rows(odata::collection(call, rows, &RULES)?))
}

pub(super) fn rule(tenant: &mut Tenant, call: &Call) -> Answered {
    let scope = named(tenant, call)?;
    let policy = ensure(tenant, scope);
    let wanted = call.param("rule");
    if let Some(id) = RuleId::parse(wanted).filter(|id| policy.has_lost(*id)) {
        return Err(PolicyRefusal::Lost(id).into());
    }
    body::rules_of(tenant, scope, &policy)
        .into_iter()
        .find(|rule| {
            rule["id"]
                .as_str()
                .is_some_and(|id| id.eq_ignore_ascii_case(wanted))
        })
        .ok_or_else(|| GraphError::pim_not_found("The policy rule is not found."))
        .and_then(|rule| odata::entity(call, rule, &RULES))
        .map(Reply::ok)
}
