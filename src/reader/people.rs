//! Members and owners of a group as the directory lists them. Service principals come only by lists of their own
//! (learn.microsoft.com: group-list-members, known issue).

use entra_client::Error;
use entra_client::graph::Listed;
use entra_client::graph::principals::{Principal, PrincipalKind as Kind};
use pim_core::ids::GroupId;
use pim_core::observed::Direct;
use pim_core::principal::PrincipalKind;
use pim_core::schedule::Access;

use super::Reader;

/// Reads users and groups among members and owners, both lists or none.
pub async fn listed(reader: &Reader, group: GroupId) -> Result<Listed<Direct>, Error> {
    let (members, owners) = futures::try_join!(
        reader.graph().group_members(group),
        reader.graph().group_owners(group)
    )?;
    Ok(joined(members, owners))
}

/// Reads service principals among members and owners, both lists or none.
pub async fn applications(reader: &Reader, group: GroupId) -> Result<Listed<Direct>, Error> {
    let (members, owners) = futures::try_join!(
        reader.graph().applications_in(group),
        reader.graph().applications_owning(group)
    )?;
    Ok(joined(members, owners))
}

fn joined(members: Listed<Principal>, owners: Listed<Principal>) -> Listed<Direct> {
    let mut all = Listed {
        rows: Vec::new(),
        unreadable: Vec::new(),
    };
    for (access, listed) in [(Access::Member, members), (Access::Owner, owners)] {
        all.unreadable.extend(listed.unreadable);
        all.rows
            .extend(listed.rows.iter().filter_map(|row| direct(access, row)));
    }
    all
}

/// Devices and the like hold no roles by being members.
fn direct(access: Access, row: &Principal) -> Option<Direct> {
    let kind = match row.kind {
        Kind::User => PrincipalKind::User,
        Kind::Group => PrincipalKind::Group,
        Kind::ServicePrincipal => PrincipalKind::ServicePrincipal,
        Kind::Other(_) => return None,
    };
    Some(Direct {
        access,
        principal: row.id,
        kind,
    })
}
