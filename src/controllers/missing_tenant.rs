//! A group whose tenant is declared nowhere: all of its objects say so. Nothing can be taken away from a tenant that
//! nobody knows, so only what never stood in one is let go.

use std::sync::Arc;

use kube::runtime::controller::Action;
use pim_api::{ActiveAssignment, EligibleAssignment, PrivilegedGroup, RoleBinding};
use pim_core::reason::Reason;

use super::context::Context;
use super::group::SOON;
use super::stuck::{self, HasConditions};
use crate::adapters::finalizer;
use crate::adapters::kinds::{Kind, uid};
use crate::telemetry::metrics::ReconcileResult;

/// A group, its objects, and the tenant that is missing.
pub struct MissingTenant {
    /// The name of the tenant.
    pub name: String,
    /// The group.
    pub group: Arc<PrivilegedGroup>,
    /// Its role bindings.
    pub bindings: Vec<Arc<RoleBinding>>,
    /// Its eligible assignments.
    pub eligible: Vec<Arc<EligibleAssignment>>,
    /// Its active assignments.
    pub active: Vec<Arc<ActiveAssignment>>,
}

impl MissingTenant {
    /// Says in the status of every object that the tenant is missing, and lets go what may go.
    pub async fn report(&self, context: &Context) -> (Action, ReconcileResult) {
        let status = context.statuses.latest(&*self.group);
        let never_stood = status.external_id.is_none() && status.pending_write.is_none();
        let each = Each {
            context,
            never_stood,
        };
        let name = &self.name;
        let message = format!(
            "EntraTenant {name}, in which PrivilegedGroup {} is declared, does not exist; create it",
            self.group.metadata.name.as_deref().unwrap_or_default()
        );
        let mut done = true;
        for object in &self.bindings {
            done &= each.one(&**object, &message).await;
        }
        for object in &self.eligible {
            done &= each.one(&**object, &message).await;
        }
        for object in &self.active {
            done &= each.one(&**object, &message).await;
        }
        // The group goes last: while it is there, its objects are part of it.
        if done {
            let message = match self.group.metadata.deletion_timestamp {
                Some(_) => format!("EntraTenant {name} does not exist; create it"),
                None => format!(
                    "EntraTenant {name} does not exist; create it, or delete this object and recreate it with another spec.tenantRef"
                ),
            };
            done = each.one(&*self.group, &message).await;
        }
        if done {
            (Action::await_change(), ReconcileResult::Success)
        } else {
            (Action::requeue(SOON), ReconcileResult::Error)
        }
    }
}

/// What all objects of one group have in common.
struct Each<'a> {
    context: &'a Context,
    never_stood: bool,
}

impl Each<'_> {
    /// Whether it was done.
    async fn one<K: Kind>(&self, object: &K, message: &str) -> bool
    where
        K::Status: HasConditions,
    {
        let is_deleting = object.meta().deletion_timestamp.is_some();
        let done = if is_deleting && self.never_stood {
            self.context.statuses.forget(&uid(object));
            finalizer::remove(&self.context.client, object)
                .await
                .map_err(|error| error.to_string())
        } else {
            let what_may_be_left = if is_deleting {
                "; until then nothing can be taken away there, so this object stays"
            } else {
                ""
            };
            let message = format!("{message}{what_may_be_left}");
            stuck::say(self.context, object, Reason::ReferenceNotFound, &message)
                .await
                .map_err(|error| error.to_string())
        };
        if let Err(error) = &done {
            tracing::warn!(error = %error, "Kubernetes has refused a write");
        }
        done.is_ok()
    }
}
