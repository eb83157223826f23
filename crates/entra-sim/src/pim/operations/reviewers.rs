//! Who may answer an approval.

use crate::ids::ObjectId;
use crate::pim::area::Area;
use crate::pim::engine::{RequestRecord, Status};
use crate::pim::policy::rule::Approver;
use crate::state::Tenant;

/// Whether a user is one of those who may answer. Nobody answers their own request.
pub(crate) fn may_review<P: Area>(
    tenant: &Tenant,
    request: &RequestRecord<P>,
    user: ObjectId,
) -> bool {
    let holding = request.asked.holding;
    if request.status != Status::PendingApproval || holding.principal == user {
        return false;
    }
    let policy = tenant.pim.policies.get(holding.privilege.policy());
    let approval = policy.and_then(|policy| policy.approval());
    approval.is_some_and(|approval| {
        approval.approvers.iter().any(|approver| match approver {
            Approver::User(id) => *id == user,
            Approver::GroupMembers(group) => tenant.directory.all_groups_of(user).contains(group),
        })
    })
}
