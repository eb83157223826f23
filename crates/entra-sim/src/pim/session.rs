//! Who calls PIM and what they may ask.
//!
//! Delegated calls are made under the header that signs a user in; the header [`AUTHENTICATION`] says what their session has
//! proved, for instance `mfa` or `mfa, c1`. learn.microsoft.com: privilegedaccessgroup-post-eligibilityschedulerequests names the roles
//! that let a user manage a group.

use http::{HeaderMap, StatusCode};
use uuid::Uuid;

use super::engine::{Creator, Fresh, Session};
use super::refusal::Refusal;
use crate::behaviours::directory::{LICENCE, Licence};
use crate::call::Call;
use crate::directory::{Group, membership};
use crate::error::GraphError;
use crate::ids::{Access, ObjectId, RoleId};
use crate::state::Tenant;

/// Header of a delegated call: what the session of the signed-in user has proved.
pub(crate) const AUTHENTICATION: &str = "x-entra-sim-authentication";

/// The role that may do everything.
pub(crate) const GLOBAL_ADMINISTRATOR: RoleId =
    RoleId::new(Uuid::from_u128(0x62e9_0394_69f5_4237_9190_0121_7714_5e10));
/// The role that may manage role-assignable groups.
pub(crate) const PRIVILEGED_ROLE_ADMINISTRATOR: RoleId =
    RoleId::new(Uuid::from_u128(0xe861_1ab8_c189_46e8_94e1_6021_3ab1_f814));
/// The role that may manage groups.
pub(crate) const GROUPS_ADMINISTRATOR: RoleId =
    RoleId::new(Uuid::from_u128(0xfdd7_a751_b60b_444a_984c_0265_2fe8_fa1c));
/// The role that may manage users and groups.
pub(crate) const USER_ADMINISTRATOR: RoleId =
    RoleId::new(Uuid::from_u128(0xfe93_0be7_5e62_47db_91af_98c3_a49a_38b1));
const IDENTITY_GOVERNANCE_ADMINISTRATOR: RoleId =
    RoleId::new(Uuid::from_u128(0x45d8_d3c5_c802_45c6_b32a_1d70_b5e1_e86e));
/// The role that may write basic facts.
pub(crate) const DIRECTORY_WRITERS: RoleId =
    RoleId::new(Uuid::from_u128(0x9360_feb5_f418_4baa_8175_e2a0_0bac_4301));

/// Roles whose holders may manage everything in PIM, and who approve where nobody is named.
pub(crate) const ROLE_MANAGERS: [RoleId; 2] = [GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR];

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
    let session = if call.caller.signed_in_user.is_none() {
        Session::Application
    } else {
        let proved = proofs(&call.headers);
        Session::User {
            multi_factor: proved.iter().any(|one| one == MULTI_FACTOR),
            contexts: proved,
        }
    };
    Creator {
        id: call.caller.principal(),
        session,
    }
}

/// Fresh ids for one request.
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
pub(crate) fn require_scope(call: &Call, any_of: &[&str]) -> Result<(), GraphError> {
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
    let by_role = crate::roles::holds_any(tenant, user, &ROLE_MANAGERS);
    let by_lesser = !group.is_role_assignable()
        && (crate::roles::holds_any(tenant, user, &GROUP_MANAGERS)
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
    if crate::roles::holds_any(tenant, user, &ROLE_MANAGERS) {
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
