//! PIM for groups: the schedules of a group, and requests to change them.
//!
//! Only schedules are read. Requests age out, instances hide what lies ahead; schedules show everything that stands,
//! plain members included (without dates).

use http::Method;
use jiff::Timestamp;
use pim_core::ids::{GroupId, PrincipalId, RequestId};
use pim_core::knowledge::Pending;
use pim_core::observed::Schedule;
use pim_core::schedule::{Key, Kind, Window};
use serde::{Deserialize, Serialize};

use super::change::{Grant, WireChange};
use super::schedule;
use super::{Graph, Listed};
use crate::error::Error;
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, Query, segment};
use crate::receipt::Receipt;

const ROOT: &str = "/identityGovernance/privilegedAccess/group";

/// A schedule as it is listed. Its id is left out on purpose: it changes with every update.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccessRow {
    principal_id: PrincipalId,
    access_id: String,
    member_type: Option<String>,
    assignment_type: Option<String>,
    #[serde(
        rename = "scheduleInfo",
        default = "schedule::always",
        deserialize_with = "schedule::window"
    )]
    window: Window,
    #[serde(default, deserialize_with = "crate::tolerant::moment")]
    created_date_time: Option<Timestamp>,
}

impl AccessRow {
    /// Nothing for a schedule through a nested group, which is that group's business, and for access of an unknown kind.
    fn direct(self) -> Option<Schedule> {
        if !schedule::is_direct(self.member_type.as_deref()) {
            return None;
        }
        Some(Schedule {
            access: schedule::access(&self.access_id)?,
            principal: self.principal_id,
            window: self.window,
            nature: schedule::nature(self.assignment_type.as_deref()),
            created: self.created_date_time,
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccessRequestBody<'a> {
    access_id: String,
    group_id: GroupId,
    principal_id: PrincipalId,
    #[serde(flatten)]
    change: WireChange<'a>,
}

impl Graph {
    /// The direct eligibilities of a group, those of the future included.
    pub async fn group_eligibility(&self, group: GroupId) -> Result<Listed<Schedule>, Error> {
        self.schedules(
            OperationName::ListGroupEligibility,
            "eligibilitySchedules",
            group,
        )
        .await
    }

    /// What is directly active in a group: assignments, running activations, plain members and owners.
    pub async fn group_assignments(&self, group: GroupId) -> Result<Listed<Schedule>, Error> {
        self.schedules(
            OperationName::ListGroupAssignments,
            "assignmentSchedules",
            group,
        )
        .await
    }

    async fn schedules(
        &self,
        name: OperationName,
        collection: &str,
        group: GroupId,
    ) -> Result<Listed<Schedule>, Error> {
        // Without a filter on group or principal the service answers `MissingParameters`.
        let query = Query::new().filter(Filter::eq("groupId", &group));
        let operation = Operation::get(name, format!("{ROOT}/{collection}")).query(&query);
        Ok(self
            .session
            .list::<AccessRow>(operation)
            .await?
            .filter_map(AccessRow::direct))
    }

    /// Asks that somebody is given access to a group, or another window for what they have.
    pub async fn grant(
        &self,
        group: GroupId,
        key: Key,
        grant: &Grant<'_>,
    ) -> Result<Receipt, Error> {
        self.request_access(group, key, WireChange::grant(grant))
            .await
    }

    /// Asks that somebody's access to a group ends. Where it is active, a running activation ends with it.
    pub async fn revoke(&self, group: GroupId, key: Key) -> Result<Receipt, Error> {
        self.request_access(group, key, WireChange::removal()).await
    }

    async fn request_access(
        &self,
        group: GroupId,
        key: Key,
        change: WireChange<'_>,
    ) -> Result<Receipt, Error> {
        let name = match key.kind {
            Kind::Eligible => OperationName::RequestGroupEligibility,
            Kind::Active => OperationName::RequestGroupAssignment,
        };
        let is_removal = change.is_removal();
        let body = AccessRequestBody {
            access_id: key.access.to_string(),
            group_id: group,
            principal_id: key.principal,
            change,
        };
        let operation = Operation::new(name, Method::POST, requests(key.kind)).json(&body)?;
        self.request(if is_removal {
            operation.reducing()
        } else {
            operation
        })
        .await
    }

    /// How far a request for access of this kind has come.
    pub async fn group_request(&self, kind: Kind, id: &RequestId) -> Result<Pending, Error> {
        let name = match kind {
            Kind::Eligible => OperationName::GetEligibilityRequest,
            Kind::Active => OperationName::GetAssignmentRequest,
        };
        let path = format!("{}/{}", requests(kind), segment(id.as_str()));
        self.pending(Operation::get(name, path)).await
    }
}

fn requests(kind: Kind) -> String {
    let collection = match kind {
        Kind::Eligible => "eligibilityScheduleRequests",
        Kind::Active => "assignmentScheduleRequests",
    };
    format!("{ROOT}/{collection}")
}
