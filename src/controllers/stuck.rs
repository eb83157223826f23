//! Says of an object that something which it names does not exist or cannot be read. Nothing else of its status changes:
//! what was known of the tenant stays known.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use pim_api::{AssignmentStatus, PrivilegedGroupStatus, RoleBindingStatus};
use pim_core::reason::{ConditionType, Reason};
use pim_core::verdict::State;

use super::conditions::{Conditions, Truth};
use super::context::Context;
use crate::adapters::kinds::Kind;
use crate::adapters::status;

/// A status that has conditions.
pub trait HasConditions {
    /// The conditions.
    fn conditions(&self) -> &[Condition];
    /// The same status with other conditions, for a generation.
    #[must_use]
    fn with(self, generation: Option<i64>, conditions: Vec<Condition>) -> Self;
}

macro_rules! has_conditions {
    ($($Status:ident),*) => {$(
        impl HasConditions for $Status {
            fn conditions(&self) -> &[Condition] {
                &self.conditions
            }
            fn with(self, generation: Option<i64>, conditions: Vec<Condition>) -> Self {
                Self { observed_generation: generation, conditions, ..self }
            }
        }
    )*};
}

has_conditions!(PrivilegedGroupStatus, RoleBindingStatus, AssignmentStatus);

/// Writes into the status of an object why nothing can be done for it.
pub async fn say<K: Kind>(
    context: &Context,
    object: &K,
    reason: Reason,
    message: &str,
) -> Result<(), status::Error>
where
    K::Status: HasConditions,
{
    let status = context.statuses.latest(object);
    let generation = object.meta().generation;
    let mut conditions = Conditions::new(status.conditions(), generation, context.clock.now());
    conditions.state(&State::stuck(reason, message));
    if object.meta().deletion_timestamp.is_some() {
        conditions.set(ConditionType::Deleting, Truth::True, reason, message);
    }
    let conditions = conditions.finish_with_previous();
    let fresh = status.clone().with(generation, conditions);
    context.statuses.apply(object, fresh).await.map(drop)
}
