//! What the tenant has subscribed to, and whether PIM answers (learn.microsoft.com: subscribedSku, servicePlanInfo).

use serde::Deserialize;
use uuid::Uuid;

use super::Graph;
use crate::error::{Class, Error};
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, Query};

/// A service plan that the operator needs, by the id that it has in every tenant (learn.microsoft.com:
/// licensing-service-plan-reference).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServicePlan {
    /// Entra ID P1: role-assignable groups and Conditional Access.
    EntraIdP1,
    /// Entra ID P2, with PIM.
    EntraIdP2,
    /// Entra ID Governance, with PIM.
    Governance,
}

impl ServicePlan {
    const ALL: [Self; 3] = [Self::EntraIdP1, Self::EntraIdP2, Self::Governance];

    const fn id(self) -> Uuid {
        Uuid::from_u128(match self {
            Self::EntraIdP1 => 0x4178_1fb2_bc02_4b7c_bd55_b576_c07b_b09d,
            Self::EntraIdP2 => 0xeec0_eb4f_6444_4f95_aba0_50c2_4d67_f998,
            Self::Governance => 0xe866_a266_3cff_43a3_acca_0c90_a7e0_0c8b,
        })
    }

    /// The name of the plan, as the service writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EntraIdP1 => "AAD_PREMIUM",
            Self::EntraIdP2 => "AAD_PREMIUM_P2",
            Self::Governance => "Entra_Identity_Governance",
        }
    }

    /// Whether PIM is part of it.
    pub const fn has_pim(self) -> bool {
        matches!(self, Self::EntraIdP2 | Self::Governance)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SkuRow {
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    capability_status: String,
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    service_plans: Vec<PlanRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlanRow {
    service_plan_id: Uuid,
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    provisioning_status: String,
}

impl SkuRow {
    /// A subscription that has run out goes on for a while with a warning.
    fn is_usable(&self) -> bool {
        matches!(self.capability_status.as_str(), "Enabled" | "Warning")
    }

    fn usable_plans(self) -> impl Iterator<Item = ServicePlan> {
        let is_usable = self.is_usable();
        let plans = self.service_plans.into_iter();
        plans
            .filter(move |row| is_usable && row.provisioning_status == "Success")
            .filter_map(|row| {
                let mut all = ServicePlan::ALL.into_iter();
                all.find(|plan| plan.id() == row.service_plan_id)
            })
    }
}

impl Graph {
    /// The service plans that the tenant can use, as far as they matter here. A trial may be hidden from this list. A row that
    /// cannot be read fails the read: the plan that matters may be just in it.
    pub async fn service_plans(&self) -> Result<Vec<ServicePlan>, Error> {
        let query = Query::new().select(&["capabilityStatus", "servicePlans"]);
        let operation =
            Operation::get(OperationName::ListSubscribedSkus, "/subscribedSkus").query(&query);
        let listed = self.session.list::<SkuRow>(operation).await?;
        if let Some(row) = listed.unreadable.first() {
            return Err(Error::unreadable(&row.reason));
        }
        let rows = listed.rows.into_iter();
        let mut plans: Vec<ServicePlan> = rows.flat_map(SkuRow::usable_plans).collect();
        plans.sort();
        plans.dedup();
        Ok(plans)
    }

    /// Whether PIM answers, asked by a list of what the operator itself is eligible for: without a licence PIM refuses reads,
    /// too (learn.microsoft.com: pim-apis, errors).
    pub async fn is_pim_licensed(&self) -> Result<bool, Error> {
        let Some(own) = self.claims().await?.holder else {
            return Err(Error::unreadable("the token does not say whose it is"));
        };
        let query = Query::new().filter(Filter::eq("principalId", &own));
        let path = "/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances";
        let operation = Operation::get(OperationName::ListOwnEligibility, path).query(&query);
        match self.session.submit(operation).await {
            Ok(_) => Ok(true),
            Err(error) if error.class == Class::LicenseMissing => Ok(false),
            Err(error) => Err(error),
        }
    }
}
