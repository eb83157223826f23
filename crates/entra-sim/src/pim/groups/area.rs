//! What PIM for Groups does in its own way.
//!
//! learn.microsoft.com: privilegedidentitymanagement-for-groups-api-overview, concept-pim-for-groups.
//! groups-activate-roles: the last owner stays beyond the end of their window.

use jiff::{SignedDuration, Timestamp};

use crate::behaviours::Behaviours;
use crate::behaviours::pim::{self as switches, LAST_OWNER_RETRY};
use crate::directory::membership;
use crate::ids::Access;
use crate::pim::access::GroupAccess;
use crate::pim::area::{Area, Withheld};
use crate::pim::engine::{
    Change, EngineOptions, FiveMinutes, Holding, Kind, Quirk, Removal, Standing, Store,
};
use crate::pim::operations::mirror::in_force;
use crate::pim::options::{SHARED, extension_answer, switched};
use crate::pim::policies::find::onboard;
use crate::pim::policies::stored::PolicyScope;
use crate::pim::refusal::Refusal;
use crate::state::Tenant;

impl Area for GroupAccess {
    fn store(tenant: &Tenant) -> &Store<Self> {
        &tenant.pim.store
    }

    fn store_mut(tenant: &mut Tenant) -> &mut Store<Self> {
        &mut tenant.pim.store
    }

    fn options(behaviours: &Behaviours) -> EngineOptions {
        let own = [
            (
                Quirk::AssignOverStanding,
                &switches::ASSIGN_OVER_PLAIN_MEMBER,
            ),
            (Quirk::ChangeStanding, &switches::CHANGE_PLAIN_MEMBER),
        ];
        EngineOptions {
            grant_lag: behaviours.get(&switches::PIM_GRANT_LAG),
            removal_lag: behaviours.get(&switches::PIM_REMOVAL_LAG),
            five_minutes: FiveMinutes::Schedule,
            applying: switched(behaviours, &own)
                .chain(switched(behaviours, SHARED))
                .collect(),
            retention: behaviours.get(&switches::REQUEST_RETENTION),
            extension: extension_answer(behaviours),
        }
    }

    fn orphans_shown_for(behaviours: &Behaviours) -> SignedDuration {
        behaviours.get(&switches::ORPHANS_SHOWN_FOR)
    }

    fn policy(self) -> PolicyScope {
        PolicyScope::Group(self)
    }

    /// Only who owns the group now is protected; an eligibility goes like any other.
    fn removal(tenant: &Tenant, holding: &Holding<Self>) -> Removal {
        let Self { group, access } = holding.privilege;
        let last_owner = holding.kind == Kind::Active
            && access == Access::Owner
            && membership::is_last_owner(tenant, group, holding.principal);
        if last_owner {
            Removal::Impossible
        } else {
            Removal::Possible
        }
    }

    /// Whether a principal is a member or owner by other means than PIM.
    fn standing(tenant: &Tenant, holding: &Holding<Self>) -> Standing {
        let Self { group, access } = holding.privilege;
        let plain = membership::holds(tenant, group, access, holding.principal);
        if plain && !in_force(tenant, holding) {
            Standing::Held
        } else {
            Standing::None
        }
    }

    fn end_standing(
        tenant: &mut Tenant,
        holding: &Holding<Self>,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        Self::cease(tenant, holding, at)
    }

    fn onboard(self, tenant: &mut Tenant) {
        onboard(tenant, self.group);
    }

    fn begin(tenant: &mut Tenant, holding: &Holding<Self>, at: Timestamp) {
        let Self { group, access } = holding.privilege;
        membership::add(tenant, group, access, holding.principal, at);
    }

    fn cease(tenant: &mut Tenant, holding: &Holding<Self>, at: Timestamp) -> Result<(), Refusal> {
        let Self { group, access } = holding.privilege;
        membership::remove(tenant, group, access, holding.principal, at)
            .map(|_| ())
            .map_err(|membership::LastOwner| Refusal::LastOwner)
    }

    fn withhold(tenant: &mut Tenant, change: &Change<Self>) -> Withheld {
        let holding = &change.schedule.holding;
        if Self::removal(tenant, holding) == Removal::Possible {
            return Withheld::No;
        }
        let retry = tenant.behaviours.get(&LAST_OWNER_RETRY);
        let retry = retry.max(SignedDuration::from_mins(1));
        let schedule = change.schedule.clone();
        if tenant.pim.store.hold_over(schedule, change.at, retry) {
            Withheld::Retried
        } else {
            Withheld::GivenUp
        }
    }

    fn stands(self, tenant: &Tenant) -> bool {
        tenant.directory.group(self.group).is_some()
    }
}
