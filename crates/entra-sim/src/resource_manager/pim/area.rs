//! What PIM for Azure resources does in its own way. What it gives actively is a role assignment like any other.

use jiff::{SignedDuration, Timestamp};

use super::privilege::AzureRoleAt;
use crate::behaviours::Behaviours;
use crate::behaviours::azure as switches;
use crate::behaviours::pim::REQUEST_RETENTION;
use crate::directory::model::PrincipalKind;
use crate::pim::area::Area;
use crate::pim::engine::{
    EngineOptions, FiveMinutes, Holding, Quirk, Removal, Schedule, Standing, Store,
};
use crate::pim::operations::mirror;
use crate::pim::options::{SHARED, extension_answer, switched};
use crate::pim::policies::stored::PolicyScope;
use crate::pim::refusal::Refusal;
use crate::resource_manager::state::AzureAssignment;
use crate::state::{Event, Tenant};

/// Does the part of Azure resources when the tenant tells something.
pub(crate) fn react(tenant: &mut Tenant, event: &Event<'_>) {
    mirror::react::<AzureRoleAt>(tenant, event);
}

/// What gives a principal a role at a scope now, if anything does.
fn standing<'a>(tenant: &'a Tenant, holding: &Holding<AzureRoleAt>) -> Option<&'a AzureAssignment> {
    let AzureRoleAt { role, scope } = holding.privilege;
    tenant.azure.same(&scope.scope(), holding.principal, role)
}

impl Area for AzureRoleAt {
    fn store(tenant: &Tenant) -> &Store<Self> {
        &tenant.azure.store
    }

    fn store_mut(tenant: &mut Tenant) -> &mut Store<Self> {
        &mut tenant.azure.store
    }

    fn options(behaviours: &Behaviours) -> EngineOptions {
        EngineOptions {
            grant_lag: behaviours.get(&switches::AZURE_GRANT_LAG),
            removal_lag: behaviours.get(&switches::AZURE_REMOVAL_LAG),
            five_minutes: FiveMinutes::Schedule,
            applying: [Quirk::ChangeStanding]
                .into_iter()
                .chain(switched(behaviours, SHARED))
                .collect(),
            retention: behaviours.get(&REQUEST_RETENTION),
            extension: extension_answer(behaviours),
        }
    }

    /// An assignment of a deleted principal stays (learn.microsoft.com: Troubleshoot Azure RBAC, identity not found).
    fn orphans_shown_for(_: &Behaviours) -> SignedDuration {
        SignedDuration::from_hours(30 * 24)
    }

    fn policy(self) -> PolicyScope {
        PolicyScope::AzureRole(self)
    }

    fn removal(_: &Tenant, _: &Holding<Self>) -> Removal {
        Removal::Possible
    }

    fn standing(tenant: &Tenant, holding: &Holding<Self>) -> Standing {
        let by_pim = Self::store(tenant)
            .of_holding(holding)
            .any(Schedule::in_force);
        match standing(tenant, holding) {
            Some(_) if !by_pim => Standing::Held,
            _ => Standing::None,
        }
    }

    fn end_standing(
        tenant: &mut Tenant,
        holding: &Holding<Self>,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        Self::cease(tenant, holding, at)
    }

    /// An assignment whose name is the id of the instance; one that stands already is taken over.
    fn begin(tenant: &mut Tenant, holding: &Holding<Self>, at: Timestamp) {
        if standing(tenant, holding).is_some() {
            return;
        }
        let in_force = Self::store(tenant)
            .of_holding(holding)
            .find(|one| one.in_force());
        let Some(name) = in_force.map(|one| one.instance) else {
            return;
        };
        let kind = tenant.directory.principal(holding.principal);
        let condition = tenant.azure.conditions.get(holding).cloned();
        let AzureRoleAt { role, scope } = holding.privilege;
        let made = AzureAssignment {
            name,
            scope: scope.scope(),
            role,
            principal: holding.principal,
            kind: kind.map_or(PrincipalKind::Group, |one| one.kind),
            condition_version: condition.as_ref().map(|_| "2.0".to_owned()),
            condition,
            description: None,
            created_at: at,
            updated_at: at,
            updated_by: None,
        };
        tenant.effect(at, made.assigned());
        tenant.azure.assignments.insert(name, made);
    }

    fn cease(tenant: &mut Tenant, holding: &Holding<Self>, at: Timestamp) -> Result<(), Refusal> {
        if let Some(gone) = standing(tenant, holding).cloned() {
            tenant.azure.assignments.remove(&gone.name);
            tenant.effect(at, gone.unassigned());
        }
        tenant.azure.conditions.remove(holding);
        Ok(())
    }

    fn stands(self, tenant: &Tenant) -> bool {
        tenant.azure.exists(&self.scope.scope())
    }
}
