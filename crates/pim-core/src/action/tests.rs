//! What is known of a write from its key alone holds together: where it shows, what is read again, what undoes it.

use uuid::Uuid;

use super::*;
use crate::ids::RoleDefinitionId;
use crate::role::{RoleScope, RoleSystem};

const SOMEBODY: PrincipalId = PrincipalId(Uuid::from_u128(1));
const GROUP: GroupId = GroupId(Uuid::from_u128(2));

/// Every write of access and roles, once for each way to hold them.
fn keys() -> Vec<WriteKey> {
    let target = RoleTarget {
        system: RoleSystem::DIRECTORY,
        role: RoleDefinitionId(Uuid::from_u128(3)).into(),
        scope: RoleScope::new("/"),
    };
    let mut keys = vec![WriteKey::UnbindPlain(target.clone())];
    for kind in [Kind::Eligible, Kind::Active] {
        let role = BoundRole {
            target: target.clone(),
            kind,
        };
        keys.extend([WriteKey::Bind(role.clone()), WriteKey::Unbind(role)]);
        for access in [Access::Member, Access::Owner] {
            let key = Key {
                access,
                principal: SOMEBODY,
                kind,
            };
            keys.extend([WriteKey::Grant(key), WriteKey::Revoke(key)]);
        }
    }
    keys.extend([Access::Member, Access::Owner].map(|access| WriteKey::Remove(access, SOMEBODY)));
    keys
}

#[test]
fn wherever_a_write_shows_is_read_again_after_it() {
    let others = [
        WriteKey::Policy(Access::Member),
        WriteKey::Join(AdministrativeUnitId(Uuid::from_u128(4))),
    ];
    for key in keys().into_iter().chain(others) {
        let read = key.touches();
        for part in key.shows_in() {
            assert!(read.contains(part), "{key:?} shows in {part:?}");
        }
    }
}

#[test]
fn whatever_undoes_a_write_is_undone_by_it_and_takes_what_it_gave() {
    for key in keys() {
        let opposites = key.opposites();
        assert!(!opposites.is_empty(), "{key:?}");
        for other in opposites {
            assert!(other.opposites().contains(&key), "{key:?} and {other:?}");
            assert_eq!(key.gives(), other.removes(), "{key:?} and {other:?}");
            assert_eq!(key.removes(), other.gives(), "{key:?} and {other:?}");
        }
    }
}

#[test]
fn whoever_is_taken_out_by_reference_is_somebody_whose_access_others_may_have_touched() {
    for access in [Access::Member, Access::Owner] {
        let revoke = Write::Revoke {
            group: GROUP,
            key: plain(access, SOMEBODY),
        };
        let remove = Write::RemoveDirect {
            group: GROUP,
            access,
            principal: SOMEBODY,
        };
        assert_eq!(remove.touched(), Some(Touched::Access(access, SOMEBODY)));
        assert_eq!(remove.touched(), revoke.touched());
    }
}
