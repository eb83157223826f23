//! The owner who stays although they have to go. The service never takes the last active owner of a group away
//! (learn.microsoft.com: groups-deactivation-include).

use std::collections::BTreeSet;

use super::pending_revocation::PendingRevocation;
use super::retention::{self, Retention};
use crate::desired::{self, Lifecycle};
use crate::ids::PrincipalId;
use crate::observed::{self, Schedule};
use crate::principal::PrincipalKind;
use crate::schedule::{End, Key};

/// The owner who stays although they have to go: until there is a new one, or until the group goes with them.
pub fn retained_last_owner(
    desired: &desired::Unit,
    observed: &observed::Unit,
    pending_revocations: &[PendingRevocation<'_>],
) -> Option<PrincipalId> {
    let leaving: BTreeSet<PrincipalId> = pending_revocations
        .iter()
        .filter(|one| one.key == Key::owner(one.key.principal))
        .map(|one| one.key.principal)
        .collect();
    // Only with a group that goes does everybody go.
    let all_go = desired.group.lifecycle == Lifecycle::Deleting
        && retention::of_group(desired) == Retention::Taken
        && desired.referrers().next().is_none();
    let rules = &desired.rules;
    let goes = |owner: &Schedule| {
        let is_leaving = all_go || leaving.contains(&owner.principal);
        rules.denies(owner.principal) || is_leaving && !rules.protects(owner.principal)
    };
    // One whose window has ended stays only as long as the service needs to take them out.
    let counted = observed
        .owners()
        .filter(|owner| goes(owner) || !owner.window.end.is_over(observed.now));
    let (going, staying): (Vec<&Schedule>, Vec<&Schedule>) = counted.partition(|owner| goes(owner));
    let sort = |owner: &Schedule| sort(desired, pending_revocations, owner.principal);
    let is_application = |owner: &Schedule| sort(owner) == Sort::Application;
    let mut spare: Vec<&Schedule> = if staying.is_empty() {
        going
    } else if staying.iter().all(|owner| is_application(owner)) {
        going
            .into_iter()
            .filter(|owner| !is_application(owner))
            .collect()
    } else {
        return None;
    };
    spare.sort_by_key(|owner| (sort(owner), owner.window.end != End::Never, owner.principal));
    spare.first().map(|owner| owner.principal)
}

/// What is known of an owner, the best first: whom nobody names may be anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Person,
    Unknown,
    Application,
}

fn sort(
    desired: &desired::Unit,
    pending_revocations: &[PendingRevocation<'_>],
    principal: PrincipalId,
) -> Sort {
    // What the tenant says of an id counts before what a manifest once called it.
    let known = desired.names.kind_of(principal);
    let named = || {
        pending_revocations
            .iter()
            .find(|one| one.key.principal == principal)
            .map(|one| one.subject.kind)
    };
    match known.or_else(named) {
        Some(PrincipalKind::User) => Sort::Person,
        Some(PrincipalKind::Group | PrincipalKind::PrivilegedGroup) | None => Sort::Unknown,
        Some(PrincipalKind::ServicePrincipal) => Sort::Application,
    }
}
