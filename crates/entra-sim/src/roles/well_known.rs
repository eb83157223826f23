//! Ids of the built-in roles that the rules of the service name, the same in every tenant.

use uuid::Uuid;

use crate::ids::RoleId;

const fn role(id: u128) -> RoleId {
    RoleId::new(Uuid::from_u128(id))
}

pub(crate) const GLOBAL_ADMINISTRATOR: RoleId = role(0x62e9_0394_69f5_4237_9190_0121_7714_5e10);
pub(crate) const PRIVILEGED_ROLE_ADMINISTRATOR: RoleId =
    role(0xe861_1ab8_c189_46e8_94e1_6021_3ab1_f814);
pub(crate) const GROUPS_ADMINISTRATOR: RoleId = role(0xfdd7_a751_b60b_444a_984c_0265_2fe8_fa1c);
pub(crate) const USER_ADMINISTRATOR: RoleId = role(0xfe93_0be7_5e62_47db_91af_98c3_a49a_38b1);
pub(crate) const IDENTITY_GOVERNANCE_ADMINISTRATOR: RoleId =
    role(0x45d8_d3c5_c802_45c6_b32a_1d70_b5e1_e86e);
pub(crate) const DIRECTORY_WRITERS: RoleId = role(0x9360_feb5_f418_4baa_8175_e2a0_0bac_4301);
pub(crate) const PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: RoleId =
    role(0x7be4_4c8a_adaf_4e2a_84d6_ab26_49e0_8a13);
pub(crate) const APPLICATION_ADMINISTRATOR: RoleId =
    role(0x9b89_5d92_2cd3_44c7_9d02_a6ac_2d5e_a5c3);
pub(crate) const CLOUD_APPLICATION_ADMINISTRATOR: RoleId =
    role(0x158c_047a_c907_4556_b7ef_4465_51a6_b5f7);
pub(crate) const CONDITIONAL_ACCESS_ADMINISTRATOR: RoleId =
    role(0xb1be_1c3e_b65d_4f19_8427_f6fa_0d97_feb9);
pub(crate) const SECURITY_ADMINISTRATOR: RoleId = role(0x194a_e4cb_b126_40b2_bd5b_6091_b380_977d);

/// Roles whose holders may manage everything in PIM, and who approve where nobody is named.
pub(crate) const ROLE_MANAGERS: [RoleId; 2] = [GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR];
