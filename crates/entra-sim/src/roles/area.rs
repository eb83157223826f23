//! What PIM for directory roles does in its own way.
//!
//! learn.microsoft.com: rbacapplication-post-roleassignmentschedulerequests, rbacapplication-list-role*schedule* and
//! their kind. What live tenants refuse beyond the documentation are switches.

use jiff::{SignedDuration, Timestamp};

use super::assignments::{self};
use super::effects::{assigned, unassigned};
use super::held::{holds, plain_of};
use super::privilege::RoleAt;
use crate::behaviours::Behaviours;
use crate::behaviours::pim::REQUEST_RETENTION;
use crate::behaviours::roles::{self as switches, FiveMinuteScope, PLAIN_ASSIGNMENT_IN_SCHEDULES};
use crate::ids::ObjectId;
use crate::pim::area::Area;
use crate::pim::engine::{EngineOptions, FiveMinutes, Holding, Quirk, Removal, Standing, Store};
use crate::pim::options::{SHARED, extension_answer, switched};
use crate::pim::policies::stored as policies;
use crate::pim::refusal::Refusal;
use crate::state::Tenant;

impl Area for RoleAt {
    fn store(tenant: &Tenant) -> &Store<Self> {
        &tenant.roles.store
    }

    fn store_mut(tenant: &mut Tenant) -> &mut Store<Self> {
        &mut tenant.roles.store
    }

    fn options(behaviours: &Behaviours) -> EngineOptions {
        let own = [(Quirk::AssignOverStanding, &switches::ASSIGN_OVER_PLAIN_ROLE)];
        EngineOptions {
            grant_lag: behaviours.get(&switches::ROLE_GRANT_LAG),
            removal_lag: behaviours.get(&switches::ROLE_REMOVAL_LAG),
            five_minutes: match behaviours.get(&switches::ROLE_FIVE_MINUTES) {
                FiveMinuteScope::Grant => FiveMinutes::Privilege,
                FiveMinuteScope::Principal => FiveMinutes::Principal,
            },
            applying: [Quirk::YoungCanNotChange, Quirk::ChangeStanding]
                .into_iter()
                .chain(switched(behaviours, &own))
                .chain(switched(behaviours, SHARED))
                .collect(),
            retention: behaviours.get(&REQUEST_RETENTION),
            extension: extension_answer(behaviours),
        }
    }

    fn orphans_shown_for(behaviours: &Behaviours) -> SignedDuration {
        behaviours.get(&switches::ROLE_ORPHANS_SHOWN_FOR)
    }

    fn policy(self) -> policies::PolicyScope {
        policies::PolicyScope::DirectoryRole(self.role)
    }

    fn removal(_: &Tenant, _: &Holding<Self>) -> Removal {
        Removal::Possible
    }

    fn standing(tenant: &Tenant, holding: &Holding<Self>) -> Standing {
        let listed = tenant.behaviours.get(&PLAIN_ASSIGNMENT_IN_SCHEDULES);
        let key = (holding.privilege, holding.principal);
        if listed && tenant.roles.plain.contains_key(&key) {
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
        assignments::unassign(tenant, holding.privilege, holding.principal, at);
        Ok(())
    }

    /// A schedule that PIM lists in the place of a plain assignment takes it over.
    fn begin(tenant: &mut Tenant, holding: &Holding<Self>, at: Timestamp) {
        let key = (holding.privilege, holding.principal);
        if !tenant.roles.plain.contains_key(&key) {
            tenant.effect(at, assigned(holding.privilege, holding.principal));
        } else if tenant.behaviours.get(&PLAIN_ASSIGNMENT_IN_SCHEDULES) {
            tenant.roles.plain.remove(&key);
        }
    }

    fn cease(tenant: &mut Tenant, holding: &Holding<Self>, at: Timestamp) -> Result<(), Refusal> {
        if !holds(tenant, holding.privilege, holding.principal) {
            tenant.effect(at, unassigned(holding.privilege, holding.principal));
        }
        Ok(())
    }

    fn outside_lost(tenant: &mut Tenant, principal: ObjectId, at: Timestamp) {
        for grant in plain_of(tenant, principal) {
            tenant.effect(at, unassigned(grant, principal));
        }
    }

    fn outside_restored(tenant: &mut Tenant, principal: ObjectId, at: Timestamp) {
        for grant in plain_of(tenant, principal) {
            tenant.effect(at, assigned(grant, principal));
        }
    }
}
