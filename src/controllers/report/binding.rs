//! What only the status of a `RoleBinding` has.

use pim_api::{RoleBinding, RoleBindingStatus};
use pim_core::reason::ConditionType;
use pim_core::schedule::End;
use pim_core::verdict::{Record, Verdict};

use super::common::request;
use super::one::{Report, Reported};
use crate::controllers::conditions::{Conditions, whole_second};

impl Reported for RoleBinding {
    const OWN: Option<ConditionType> = Some(ConditionType::Bound);

    fn fill(
        &self,
        _: &Report<'_>,
        verdict: &Verdict,
        status: &mut RoleBindingStatus,
        conditions: &mut Conditions<'_>,
    ) {
        if let Record::Binding(record) = &verdict.record {
            status.first_bound = record.first_bound.map(whole_second);
            status.end_time = match record.end {
                Some(End::At(end)) => Some(whole_second(end)),
                _ => None,
            };
            status.external_id = record.role.as_ref().map(|target| target.role.clone());
            status.last_write = record.sent.as_ref().map(|sent| whole_second(sent.at));
            status.request = request(record.sent.as_ref());
            if let Some(advice) = &record.advice {
                conditions.note(ConditionType::Ready, advice);
                conditions.note(ConditionType::Bound, advice);
            }
        }
    }
}
