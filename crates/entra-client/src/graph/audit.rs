//! Audit records of PIM for groups: a hint that something changed, never proof that nothing did (they come minutes late).

use jiff::Timestamp;
use serde::Deserialize;

use super::Graph;
use crate::error::Error;
use crate::open_enum::open_enum;
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, Query};

open_enum! {
    /// How what was tried ended.
    AuditResult {
        /// Done.
        Success = "success",
        /// Refused.
        Failure = "failure",
        /// Unknown.
        Timeout = "timeout",
    }
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// Its id; the same record may be listed twice.
    pub id: String,
    /// When it happened.
    pub activity_date_time: Timestamp,
    /// What, in the service's words.
    pub activity_display_name: String,
    /// How it ended.
    pub result: Option<AuditResult>,
    /// Why, or the justification.
    pub result_reason: Option<String>,
    /// Who did it.
    pub initiated_by: Option<Initiator>,
    /// Whom and what it concerned. Their order differs; go by type.
    #[serde(default)]
    pub target_resources: Vec<AuditTarget>,
}

/// Who did it: one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Initiator {
    /// A person.
    pub user: Option<InitiatingUser>,
    /// An application, or the service itself.
    pub app: Option<InitiatingApp>,
}

/// The person who did it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct InitiatingUser {
    /// The object id.
    pub id: Option<String>,
}

/// The application that did it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InitiatingApp {
    /// Its name; the service's own records say `Azure AD PIM` or name the access reviews.
    pub display_name: Option<String>,
    /// Its object id.
    pub service_principal_id: Option<String>,
}

/// Something a record is about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditTarget {
    /// Its id.
    pub id: Option<String>,
    /// `User`, `Group`, `Role`, `Request`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Its name.
    pub display_name: Option<String>,
}

impl Graph {
    /// PIM's records about groups since then, newest first.
    pub async fn pim_audits_since(&self, since: Timestamp) -> Result<Vec<AuditRecord>, Error> {
        let filter = Filter::eq("loggedByService", &"PIM")
            .and(&Filter::eq("category", &"GroupManagement"))
            .and(&Filter::since("activityDateTime", since));
        let query = Query::new()
            .filter(filter)
            .order_by("activityDateTime desc")
            .top(100);
        self.list(
            Operation::get(OperationName::ListPimAudits, "/auditLogs/directoryAudits")
                .query(&query),
        )
        .await
    }
}
