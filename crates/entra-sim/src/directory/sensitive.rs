//! Sensitive actions on users: who may disable, rename, delete and restore whom.
//!
//! learn.microsoft.com: "Working with users in Microsoft Graph" (who can update sensitive attributes), user-update,
//! user-delete: the permission of an application is not enough against administrators; it needs a directory role, like
//! a signed-in user.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::call::Call;
use crate::error::GraphError;
use crate::ids::{Access, ObjectId, RoleId};
use crate::roles::held::{held_roles, holds_any};
use crate::roles::well_known::{
    GLOBAL_ADMINISTRATOR, GROUPS_ADMINISTRATOR, PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    USER_ADMINISTRATOR,
};
use crate::state::Tenant;

/// Properties of a user whose change is sensitive, as far as they can be written here.
const PROPERTIES: [&str; 3] = ["accountEnabled", "passwordProfile", "userPrincipalName"];

const AGAINST_ADMINISTRATORS: &[RoleId] = &[
    GLOBAL_ADMINISTRATOR,
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
];
/// Who may act on holders of the lesser roles, too.
const AGAINST_LESSER: &[RoleId] = &[
    GLOBAL_ADMINISTRATOR,
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    USER_ADMINISTRATOR,
];

const fn role(id: u128) -> RoleId {
    RoleId::new(Uuid::from_u128(id))
}

/// Roles whose holders a User Administrator may disable: the rows of the table with a mark in that column. The test
/// below has their names.
const LESSER: [RoleId; 9] = [
    role(0x88d8_e3e3_8f55_4a1e_953a_9b98_98b8_876b),
    GROUPS_ADMINISTRATOR,
    role(0x95e7_9109_95c0_4d8e_aee3_d01a_ccf2_d47b),
    role(0x7298_27e3_9c14_49f7_bb1b_9608_f156_bbb8),
    role(0x790c_1fb9_7f7d_4f88_86a1_ef1f_95c0_5c1b),
    role(0x9667_07d0_3269_4727_9be2_8c3a_10f1_9b9d),
    role(0x4a5d_8f65_41da_4de4_8968_e035_b653_39cf),
    role(0x7593_4031_6c7e_415a_99d7_48db_d49e_875e),
    USER_ADMINISTRATOR,
];

/// What a user is, as far as sensitive actions on them go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rank {
    Ordinary,
    Lesser,
    Administrator,
}

fn rank(tenant: &Tenant, user: ObjectId) -> Rank {
    let roles = held_roles(tenant, user);
    let privileged = tenant.directory.groups.values().any(|group| {
        let holds = |access| group.holders(access).contains_key(&user);
        group.is_role_assignable() && (holds(Access::Member) || holds(Access::Owner))
    });
    if privileged || roles.iter().any(|role| !LESSER.contains(role)) {
        Rank::Administrator
    } else if roles.is_empty() {
        Rank::Ordinary
    } else {
        Rank::Lesser
    }
}

/// Refuses a sensitive action on a user, unless who calls has a role that reaches that far.
pub(super) fn permit(tenant: &Tenant, call: &Call, user: ObjectId) -> Result<(), GraphError> {
    let reach = match rank(tenant, user) {
        // Against ordinary users the permission of an application is enough.
        Rank::Ordinary if call.caller.signed_in_user.is_none() => return Ok(()),
        Rank::Ordinary | Rank::Lesser => AGAINST_LESSER,
        Rank::Administrator => AGAINST_ADMINISTRATORS,
    };
    if holds_any(tenant, call.caller.principal(), reach) {
        Ok(())
    } else {
        Err(GraphError::denied())
    }
}

/// Whether a change of a user is sensitive.
pub(super) fn is_sensitive(body: &Map<String, Value>) -> bool {
    PROPERTIES.iter().any(|name| body.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lesser_roles_are_those_of_the_published_table() {
        let state = crate::roles::state::RoleState::default();
        let names = LESSER.map(|role| {
            let definition = state.definition(role).unwrap();
            definition.display_name.clone()
        });
        assert_eq!(
            names,
            [
                "Directory Readers",
                "Groups Administrator",
                "Guest Inviter",
                "Helpdesk Administrator",
                "Message Center Reader",
                "Password Administrator",
                "Reports Reader",
                "Usage Summary Reports Reader",
                "User Administrator",
            ]
        );
    }
}
