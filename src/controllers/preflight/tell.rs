//! What is said of what was found: status, conditions, events and metrics of the tenant.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{Resource, ResourceExt};
use pim_api::{
    CredentialStatus, EntraTenant, EntraTenantStatus, LicenceStatus, QuotaStatus, TenantQuotas,
};
use pim_core::desired::Licence;
use pim_core::event::EventReason;
use pim_core::reason::{ConditionType, Reason};

use super::Preflight;
use super::credential::Ending;
use crate::controllers::conditions::{Conditions, Truth, whole_second};
use crate::controllers::context::Context;
use crate::reader::{MOST_ROLE_ASSIGNABLE_GROUPS, ServicePlan};
use crate::resolve::memory;
use crate::telemetry::metrics::TenantFacts;

/// What the conditions here are, for a tenant that cannot be looked at now.
const CONDITIONS: [ConditionType; 4] = [
    ConditionType::Licensed,
    ConditionType::NearLimit,
    ConditionType::ClockSkewed,
    ConditionType::Expiring,
];

/// Something that somebody should know.
struct Finding {
    kind: ConditionType,
    truth: Truth,
    reason: Reason,
    message: String,
    /// The event that tells it when it begins.
    event: Option<EventReason>,
}

impl Finding {
    fn warning(
        kind: ConditionType,
        (reason, event): (Reason, EventReason),
        message: String,
    ) -> Self {
        Self {
            kind,
            truth: Truth::True,
            reason,
            message,
            event: Some(event),
        }
    }
}

/// Leaves standing what was said of a tenant that cannot be looked at now.
pub fn keep(conditions: &mut Conditions<'_>) {
    for kind in CONDITIONS {
        conditions.keep(kind);
    }
}

impl Preflight {
    /// Sets the conditions, and tells by an event what has begun since.
    pub async fn tell(
        &self,
        context: &Context,
        tenant: &EntraTenant,
        known: &[Condition],
        conditions: &mut Conditions<'_>,
    ) {
        for found in self.findings() {
            conditions.set(found.kind, found.truth, found.reason, &found.message);
            let before = memory::condition(known, found.kind);
            let is_new = before.is_none_or(|before| before.reason != found.reason.as_str());
            if let Some(event) = found.event.filter(|_| is_new) {
                let about = tenant.object_ref(&());
                context.events.publish(about, event, &found.message).await;
            }
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let warnings = [self.limit(), self.clocks(), self.credential()];
        let warnings = warnings.into_iter().flatten();
        [self.licence()].into_iter().chain(warnings).collect()
    }

    fn licence(&self) -> Finding {
        let (truth, reason, event, message) = match self.licences.pim {
            Licence::Available => (
                Truth::True,
                Reason::Succeeded,
                None,
                "the tenant has a licence for PIM",
            ),
            Licence::Missing => (
                Truth::False,
                Reason::LicenseMissing,
                Some(EventReason::LicenseMissing),
                "no usable subscription of the tenant has PIM, and PIM refuses to answer: buy or assign Entra ID P2 or Entra ID \
                 Governance. Until then no group is made and no access is changed; nothing is taken away",
            ),
            Licence::Unknown => (
                Truth::Unknown,
                Reason::ReadRefused,
                None,
                "the tenant's subscriptions may not or cannot be read, so nobody is told ahead of a missing licence; grant \
                 LicenseAssignment.Read.All to be told",
            ),
        };
        Finding {
            kind: ConditionType::Licensed,
            truth,
            reason,
            message: message.to_owned(),
            event,
        }
    }

    fn limit(&self) -> Option<Finding> {
        let used = self.near_limit()?;
        let limit = MOST_ROLE_ASSIGNABLE_GROUPS;
        let (reason, what) = if used >= limit {
            (Reason::QuotaExceeded, "no more can be made")
        } else {
            (Reason::LimitNear, "few more can be made")
        };
        let message = format!(
            "the tenant has {used} of {limit} role-assignable groups, so {what}; delete some that nobody needs, or set \
             spec.roleAssignable: false where a group holds no directory role"
        );
        let told = (reason, EventReason::LimitNear);
        Some(Finding::warning(ConditionType::NearLimit, told, message))
    }

    fn clocks(&self) -> Option<Finding> {
        let apart = self.clock_difference()?;
        let seconds = apart.abs().as_secs();
        let side = if apart.is_negative() {
            "behind"
        } else {
            "ahead of"
        };
        let message = format!(
            "the operator's clock is {seconds} seconds {side} the tenant's; set the clock of the node: a sign-in fails when they \
             are five minutes apart. Windows and ages are judged by the tenant's clock"
        );
        let told = (Reason::ClockDiffers, EventReason::ClockDiffers);
        Some(Finding::warning(ConditionType::ClockSkewed, told, message))
    }

    fn credential(&self) -> Option<Finding> {
        let Ending { field, at } = self.credential_ends_soon()?;
        let day = at.strftime("%Y-%m-%d %H:%M UTC");
        let (reason, ends) = if at <= self.now {
            (Reason::Expired, "ended")
        } else {
            (Reason::EndsSoon, "ends")
        };
        let message = format!(
            "the credential of {field} {ends} on {day}; add a new one to the application, and put it into the Secret"
        );
        let told = (reason, EventReason::CredentialEndsSoon);
        Some(Finding::warning(ConditionType::Expiring, told, message))
    }

    /// Fills what the status says beside the conditions.
    pub fn fill(&self, status: &mut EntraTenantStatus) {
        let plans = self.licences.plans.iter().copied();
        status.licences = Some(LicenceStatus {
            privileged_identity_management: self.licences.pim,
            plans: plans.map(ServicePlan::name).map(str::to_owned).collect(),
        });
        status.quotas = self.role_assignable_groups.map(|used| TenantQuotas {
            role_assignable_groups: Some(QuotaStatus {
                used: used.into(),
                limit: MOST_ROLE_ASSIGNABLE_GROUPS.into(),
            }),
        });
        status.credential = self.credential.map(|ending| CredentialStatus {
            expires: Some(whole_second(ending.at)),
        });
        status.clock_difference_seconds = self.clock_difference().map(|apart| apart.as_secs());
    }

    /// Measures what can be measured.
    pub fn measure(&self, context: &Context, tenant: &EntraTenant) {
        let facts = TenantFacts {
            clock_difference: self.clock,
            credential_end: self.credential.map(|ending| ending.at),
            role_assignable_groups: self.role_assignable_groups,
        };
        context.metrics.tenant_facts(&tenant.name_any(), facts);
    }
}
