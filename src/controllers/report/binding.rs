//! The status of a `RoleBinding`.

use pim_api::{RoleBinding, RoleBindingStatus};
use pim_core::desired::ObjectKind;
use pim_core::reason::ConditionType;

use super::Report;
use super::shared::{Found, drift, last_error, matched, request, standing};
use crate::adapters::kinds::object_name;
use crate::adapters::status::Error;
use crate::controllers::conditions::whole_second;
use crate::controllers::outcome::Failure;

impl Report<'_> {
    pub(super) async fn binding(&self, object: &RoleBinding) -> Result<(), Error> {
        let known = self.context.statuses.latest(object);
        let failure = self.failure_of(ObjectKind::RoleBinding, object);
        let subject = self.subject(object, &known.conditions);
        let mut status = RoleBindingStatus {
            observed_generation: object.metadata.generation,
            ..known.clone()
        };
        let verdict = self
            .findings
            .plan
            .and_then(|plan| plan.bindings.get(&object_name(object)));
        match (verdict, failure) {
            (Some(verdict), _) => {
                let state = failure.map_or_else(|| verdict.state.clone(), Failure::state);
                let found = Found {
                    state: &state,
                    authorization: &verdict.authorization,
                    drift: &verdict.drift,
                };
                let mut conditions = subject.conditions(&found);
                standing(&mut conditions, ConditionType::Bound, &state);
                status.conditions = conditions.finish();
                status.external_id = verdict.role;
                status.last_write = verdict.sent.as_ref().map(|sent| whole_second(sent.at));
                status.request = request(verdict.sent.as_ref());
                status.matched_generation =
                    matched(&state, object.metadata.generation, known.matched_generation);
                status.drift = drift(&verdict.drift);
            }
            (None, Some(failure)) => status.conditions = subject.unreachable(failure),
            (None, None) => return Ok(()),
        }
        status.last_error = last_error(
            failure,
            known.last_error.as_ref(),
            &status.conditions,
            self.now,
        );
        if self.findings.plan.is_some() && status != known {
            status.last_sync_time = Some(whole_second(self.now));
        }
        self.write(ObjectKind::RoleBinding, object, status).await
    }
}
