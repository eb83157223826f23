//! What works as declared, and makes people wonder nevertheless. Decides no write.

use crate::desired::{Lifecycle, Unit};
use crate::role::BoundRole;
use crate::schedule::{Access, Kind};

/// Roles of services that are slow to see what a group has just given: their ids, which are the same in every tenant, and the
/// service (learn.microsoft.com: "Privileged Identity Management (PIM) for Groups", relationship between role-assignable groups
/// and PIM; "Microsoft Entra built-in roles").
const SLOW: &[(&str, &str)] = &[
    ("29232cdf-9323-42fd-ade2-1d097af3e4de", "Exchange"),
    ("31392ffb-586c-42d1-9346-e59415a2cc4e", "Exchange"),
    ("f28a1f50-f6e7-4571-818b-6a12f2af6b6c", "SharePoint"),
    ("1a7d78b6-429f-476b-b8eb-35fb715fffd4", "SharePoint"),
    ("17315797-102d-40b4-93e0-432062caca18", "Purview"),
    ("e6d1a23a-da11-4be4-9570-befc86d067a7", "Purview"),
];

/// What people should know of a role that the group holds as declared.
pub fn of(unit: &Unit, key: &BoundRole) -> Option<String> {
    if key.kind != Kind::Active {
        return None;
    }
    let role = key.target.role.as_str();
    let (_, service) = SLOW.iter().find(|(id, _)| role.eq_ignore_ascii_case(id))?;
    let mut assignments = unit.assignments.iter();
    let is_activated = assignments.any(|one| {
        let is_eligible = one.kind == Kind::Eligible && one.access == Access::Member;
        is_eligible && one.lifecycle == Lifecycle::Living
    });
    is_activated.then(|| {
        format!(
            "{service} takes long to see the role after somebody has activated the group; where that matters, bind it with \
             assignment: Eligible, and let people be active in the group by an ActiveAssignment"
        )
    })
}
