//! PIM for groups: the schedules of a group, and requests to change them.
//!
//! Only schedules are read. Requests age out, instances hide what lies ahead; schedules show everything that stands,
//! plain members included (without dates).

use http::Method;
use jiff::Timestamp;
use pim_core::ids::{GroupId, PrincipalId, RequestId};
use pim_core::schedule::Kind;
use serde::{Deserialize, Serialize};

use super::schedule::{
    AssignmentType, Change, MemberType, Receipt, Ticket, Window, WireChange, window_or_none,
};
use super::{Graph, Listed};
use crate::error::Error;
use crate::open_enum::open_enum;
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, Query, segment};

const ROOT: &str = "/identityGovernance/privilegedAccess/group";

open_enum! {
    /// Member or owner.
    Access {
        /// Membership.
        Member = "member",
        /// Ownership.
        Owner = "owner",
    }
}

/// A schedule of a group. Its id is left out on purpose: it changes with every update.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupSchedule {
    /// For whom.
    pub principal_id: PrincipalId,
    /// Member or owner.
    #[serde(rename = "accessId")]
    pub access: Access,
    /// Direct, or through a nested group.
    pub member_type: Option<MemberType>,
    /// Assigned or activated; nothing in a list of eligibilities.
    pub assignment_type: Option<AssignmentType>,
    /// When.
    #[serde(rename = "scheduleInfo", default, deserialize_with = "window_or_none")]
    pub window: Window,
    /// When it was made, as far as the service tells.
    #[serde(default, deserialize_with = "crate::tolerant::moment")]
    pub created_date_time: Option<Timestamp>,
}

/// A request to change one schedule of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRequest {
    /// Of which group.
    pub group: GroupId,
    /// For whom.
    pub principal: PrincipalId,
    /// Member or owner.
    pub access: Access,
    /// What.
    pub change: Change,
    /// Why. Policies may demand it.
    pub justification: Option<String>,
    /// A ticket. Policies may demand it.
    pub ticket: Option<Ticket>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    access_id: &'a Access,
    group_id: GroupId,
    principal_id: PrincipalId,
    #[serde(flatten)]
    change: WireChange<'a>,
}

impl Graph {
    /// All eligibility schedules of a group, those of the future included.
    pub async fn group_eligibility(&self, group: GroupId) -> Result<Listed<GroupSchedule>, Error> {
        self.list(schedules(
            OperationName::ListGroupEligibility,
            "eligibilitySchedules",
            group,
        ))
        .await
    }

    /// All active schedules of a group: assigned ones, running activations, plain members and owners.
    pub async fn group_assignments(&self, group: GroupId) -> Result<Listed<GroupSchedule>, Error> {
        self.list(schedules(
            OperationName::ListGroupAssignments,
            "assignmentSchedules",
            group,
        ))
        .await
    }

    /// Asks for a change of an eligibility.
    pub async fn request_group_eligibility(
        &self,
        request: &GroupRequest,
    ) -> Result<Receipt, Error> {
        self.request(
            OperationName::RequestGroupEligibility,
            "eligibilityScheduleRequests",
            request,
        )
        .await
    }

    /// Asks for a change of an active assignment. `Remove` also ends a running activation.
    pub async fn request_group_assignment(&self, request: &GroupRequest) -> Result<Receipt, Error> {
        self.request(
            OperationName::RequestGroupAssignment,
            "assignmentScheduleRequests",
            request,
        )
        .await
    }

    /// How far a request of this kind has come; nothing if it was purged.
    pub async fn group_request(
        &self,
        kind: Kind,
        id: &RequestId,
    ) -> Result<Option<Receipt>, Error> {
        let (name, collection) = match kind {
            Kind::Eligible => (
                OperationName::GetEligibilityRequest,
                "eligibilityScheduleRequests",
            ),
            Kind::Active => (
                OperationName::GetAssignmentRequest,
                "assignmentScheduleRequests",
            ),
        };
        let path = format!("{ROOT}/{collection}/{}", segment(id.as_str()));
        self.receipt(Operation::get(name, path)).await
    }

    async fn request(
        &self,
        name: OperationName,
        collection: &str,
        request: &GroupRequest,
    ) -> Result<Receipt, Error> {
        let body = Body {
            access_id: &request.access,
            group_id: request.group,
            principal_id: request.principal,
            change: WireChange::new(
                request.change,
                request.justification.as_deref(),
                request.ticket.as_ref(),
            ),
        };
        let operation =
            Operation::new(name, Method::POST, format!("{ROOT}/{collection}")).json(&body)?;
        self.submit(operation).await?.json()
    }
}

fn schedules(name: OperationName, collection: &str, group: GroupId) -> Operation {
    // Without a filter on group or principal the service answers `MissingParameters`.
    Operation::get(name, format!("{ROOT}/{collection}"))
        .query(&Query::new().filter(Filter::eq("groupId", &group)))
}
