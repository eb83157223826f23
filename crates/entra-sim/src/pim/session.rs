//! Who calls PIM and what they may ask.
//!
//! Delegated calls are made under the header that signs a user in; the header [`AUTHENTICATION`] says what their
//! session has proved, for instance `mfa` or `mfa, c1`. learn.microsoft.com:
//! privilegedaccessgroup-post-eligibilityschedulerequests names the roles that let a user manage a group.

use http::{HeaderMap, StatusCode};

use super::engine::{Creator, Fresh, Session};
use super::refusal::Refusal;
use crate::behaviours::directory::{LICENCE, Licence};
use crate::call::{Call, Caller};
use crate::directory::membership;
use crate::directory::model::Group;
use crate::error::GraphError;
use crate::ids::{Access, ObjectId, RoleId};
use crate::permission::Permissions;
use crate::roles::well_known::{
    DIRECTORY_WRITERS, GROUPS_ADMINISTRATOR, IDENTITY_GOVERNANCE_ADMINISTRATOR, ROLE_MANAGERS,
    USER_ADMINISTRATOR,
};
use crate::state::Tenant;

/// Header of a delegated call: what the session of the signed-in user has proved.
pub(crate) const AUTHENTICATION: &str = "x-entra-sim-authentication";

const GROUP_MANAGERS: [RoleId; 4] = [
    GROUPS_ADMINISTRATOR,
    USER_ADMINISTRATOR,
    IDENTITY_GOVERNANCE_ADMINISTRATOR,
    DIRECTORY_WRITERS,
];

/// The word for a second factor.
const MULTI_FACTOR: &str = "mfa";

/// What the session has proved, in small letters.
fn proofs(headers: &HeaderMap) -> Vec<String> {
    let value = headers.get(AUTHENTICATION);
    let text = value.and_then(|value| value.to_str().ok());
    text.unwrap_or_default()
        .split(',')
        .map(|one| one.trim().to_ascii_lowercase())
        .filter(|one| !one.is_empty())
        .collect()
}

/// Refuses a proof that there is not: a typing error must not look like a policy that asks for more.
pub(crate) fn check_proofs(headers: &HeaderMap) -> Result<(), GraphError> {
    let is_context = |word: &str| {
        let number = word
            .strip_prefix('c')
            .and_then(|digits| digits.parse().ok());
        number.is_some_and(|number: u8| (1..=99).contains(&number))
    };
    let wrong = proofs(headers)
        .into_iter()
        .find(|word| word != MULTI_FACTOR && !is_context(word));
    match wrong {
        None => Ok(()),
        Some(word) => Err(GraphError::unauthorized(format!(
            "The header {AUTHENTICATION} holds mfa and authentication contexts such as c1, not '{word}'."
        ))),
    }
}

/// The caller as the creator of a request.
pub(crate) fn creator(call: &Call) -> Creator {
    creator_of(&call.caller, &call.headers)
}

/// Whoever calls any service as the creator of a request.
pub(crate) fn creator_of(caller: &Caller, headers: &HeaderMap) -> Creator {
    let session = if caller.signed_in_user.is_none() {
        Session::Application
    } else {
        let proved = proofs(headers);
        Session::User {
            multi_factor: proved.iter().any(|one| one == MULTI_FACTOR),
            contexts: proved,
        }
    };
    Creator {
        id: caller.principal(),
        session,
    }
}

pub(crate) fn fresh(tenant: &mut Tenant) -> Fresh {
    Fresh {
        request: tenant.new_guid(),
        instance: tenant.new_guid(),
        approval: tenant.new_guid(),
        stage: tenant.new_guid(),
    }
}

/// PIM answers without its licence to nobody, not even to readers.
pub(crate) fn require_licence(tenant: &Tenant) -> Result<(), GraphError> {
    match tenant.behaviours.get(&LICENCE) {
        Licence::P2 | Licence::Governance => Ok(()),
        Licence::None | Licence::P1 => Err(GraphError::new(
            StatusCode::BAD_REQUEST,
            "AadPremiumLicenseRequired",
            "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
        )),
    }
}

/// Refuses an application without one of these permissions as PIM and the policies do.
pub(crate) fn require_scope(call: &Call, any_of: Permissions) -> Result<(), GraphError> {
    if call.caller.signed_in_user.is_some() || call.caller.has_any(any_of) {
        Ok(())
    } else {
        Err(GraphError::permission_scope_not_granted(any_of))
    }
}

/// Whether a signed-in user may manage a group in PIM. Applications are judged by their permissions alone.
pub(crate) fn may_manage_group(tenant: &Tenant, call: &Call, group: &Group) -> Result<(), Refusal> {
    let Some(user) = call.caller.signed_in_user else {
        return Ok(());
    };
    require_enabled(tenant, user)?;
    let owner = membership::holds(tenant, group.id, Access::Owner, user);
    let by_role = crate::roles::held::holds_any(tenant, user, &ROLE_MANAGERS);
    let by_lesser = !group.is_role_assignable()
        && (crate::roles::held::holds_any(tenant, user, &GROUP_MANAGERS)
            || membership::holds(tenant, group.id, Access::Member, user));
    if owner || by_role || by_lesser {
        Ok(())
    } else {
        Err(Refusal::Unauthorized)
    }
}

/// Whether a signed-in user may manage directory roles in PIM.
pub(crate) fn may_manage_roles(tenant: &Tenant, call: &Call) -> Result<(), Refusal> {
    let Some(user) = call.caller.signed_in_user else {
        return Ok(());
    };
    require_enabled(tenant, user)?;
    if crate::roles::held::holds_any(tenant, user, &ROLE_MANAGERS) {
        Ok(())
    } else {
        Err(Refusal::Unauthorized)
    }
}

/// A disabled account signs nobody in.
pub(crate) fn require_enabled(tenant: &Tenant, user: ObjectId) -> Result<(), Refusal> {
    let enabled = tenant
        .directory
        .users
        .get(&user)
        .is_some_and(|user| user.account_enabled);
    if enabled {
        Ok(())
    } else {
        Err(Refusal::Unauthorized)
    }
}

/// Self actions are for the signed-in user themselves; an application can not take them.
pub(crate) fn require_self(
    tenant: &Tenant,
    call: &Call,
    principal: ObjectId,
) -> Result<(), Refusal> {
    match call.caller.signed_in_user {
        Some(user) if user == principal => require_enabled(tenant, user),
        _ => Err(Refusal::Unauthorized),
    }
}
