//! The audit log: who changed groups and access to them (learn.microsoft.com: directoryAudit, directoryaudit-list,
//! reference-audit-activities). Which target of a record is what is told by its type, never by its place.

use jiff::Timestamp;
use pim_core::audit_log::{AccessChange, Author, AuthorKind, Deed, Matter};
use pim_core::ids::{GroupId, PrincipalId};
use pim_core::schedule::Access;
use serde::Deserialize;

use super::Graph;
use crate::error::{Class, Error};
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, Query};

/// As whom the service of access reviews logs.
const REVIEWS: &str = "Access Reviews";

/// The alert about roles that groups hold without PIM. It comes again every two hours, and nothing has happened.
const ALERT: &str = "RoleElevatedOutsidePimAlert";

/// More pages than the changes of some hours have: the rest is given up.
const MOST_PAGES: usize = 20;

/// The longest name of an author that is told.
const LONGEST_NAME: usize = 120;

/// Which records are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoggedBy {
    /// What PIM did in groups.
    Pim,
    /// What access reviews did.
    AccessReviews,
    /// Whatever was done to one group.
    Anybody(GroupId),
}

/// What the log tells of a change of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// What makes it the same record.
    pub id: String,
    /// The groups that it names.
    pub groups: Vec<GroupId>,
    /// What was done, and by whom.
    pub deed: Deed,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogEntry {
    id: String,
    activity_date_time: Timestamp,
    activity_display_name: String,
    logged_by_service: Option<String>,
    operation_type: Option<String>,
    result: Option<String>,
    initiated_by: Option<InitiatedBy>,
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    target_resources: Vec<LogTarget>,
}

#[derive(Deserialize)]
struct InitiatedBy {
    user: Option<LogUser>,
    app: Option<LogApp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogUser {
    id: Option<PrincipalId>,
    display_name: Option<String>,
    #[serde(rename = "userPrincipalName")]
    sign_in_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogApp {
    service_principal_id: Option<PrincipalId>,
    display_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogTarget {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    display_name: Option<String>,
}

impl LogTarget {
    fn is(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }
}

impl LogEntry {
    fn author(&self) -> Author {
        let by = self.initiated_by.as_ref();
        let user = by.and_then(|by| by.user.as_ref());
        let app = by.and_then(|by| by.app.as_ref());
        let name = user
            .and_then(|user| user.sign_in_name.as_ref().or(user.display_name.as_ref()))
            .or(app.and_then(|app| app.display_name.as_ref()));
        let name = name.map(|name| {
            name.chars()
                .filter(|one| !one.is_control())
                .take(LONGEST_NAME)
                .collect()
        });
        let is_review = self.logged_by_service.as_deref() == Some(REVIEWS);
        Author {
            id: user
                .and_then(|user| user.id)
                .or(app.and_then(|app| app.service_principal_id)),
            name: name.filter(|name: &String| !name.is_empty()),
            kind: if is_review {
                AuthorKind::AccessReview
            } else {
                AuthorKind::Principal
            },
        }
    }

    /// Whether membership or ownership was changed, as far as the record says.
    fn access(&self) -> Option<Access> {
        let activity = self.activity_display_name.to_ascii_lowercase();
        let role = self.target_resources.iter().find(|one| one.is("Role"));
        let role = role.and_then(|role| role.display_name.as_deref());
        if role.is_some_and(|role| role.eq_ignore_ascii_case("owner"))
            || activity.contains("owner ")
        {
            Some(Access::Owner)
        } else if role.is_none_or(|role| role.eq_ignore_ascii_case("member"))
            && activity.contains("member ")
        {
            Some(Access::Member)
        } else {
            None
        }
    }

    /// What was changed, if it is access or settings. Activations are none: they come and go as people work.
    fn about(&self) -> Option<Matter> {
        let activity = self.activity_display_name.to_ascii_lowercase();
        if activity.contains("activat") || self.operation_type.as_deref() == Some(ALERT) {
            return None;
        }
        if activity.starts_with("update role setting") {
            let role = self.target_resources.iter().find(|one| one.is("Role"));
            let role = role.and_then(|role| role.display_name.as_deref());
            let is = |word: &str| role.is_some_and(|role| role.eq_ignore_ascii_case(word));
            let access = if is("owner") {
                Some(Access::Owner)
            } else {
                is("member").then_some(Access::Member)
            };
            return Some(Matter::Settings(access));
        }
        let change = if activity.starts_with("remove ") {
            AccessChange::Taken
        } else if activity.starts_with("add ") || activity.starts_with("update ") {
            AccessChange::Given
        } else {
            return None;
        };
        let mut people = self.target_resources.iter();
        let person = people.find(|one| one.is("User") || one.is("ServicePrincipal"))?;
        Some(Matter::Access {
            principal: person.id.as_deref()?.parse().ok()?,
            access: self.access(),
            change,
        })
    }

    fn read(self) -> Option<AuditRecord> {
        let failed = self
            .result
            .as_deref()
            .is_some_and(|result| result != "success");
        let about = self.about().filter(|_| !failed)?;
        let groups = self.target_resources.iter().filter(|one| !one.is("User"));
        Some(AuditRecord {
            groups: groups
                .filter_map(|one| one.id.as_deref()?.parse().ok())
                .collect(),
            deed: Deed {
                at: self.activity_date_time,
                author: self.author(),
                about,
            },
            id: self.id,
        })
    }
}

impl Graph {
    /// Who changed groups, access to them or their PIM settings since a moment. Records that cannot be read, that tell of a
    /// failure, of an activation or of nothing but an alert are left out.
    pub async fn audit_records(
        &self,
        by: LoggedBy,
        since: Timestamp,
    ) -> Result<Vec<AuditRecord>, Error> {
        let since = Filter::since("activityDateTime", since);
        let filter = match by {
            LoggedBy::Pim => Filter::eq("loggedByService", &"PIM")
                .and(&Filter::eq("category", &"GroupManagement")),
            LoggedBy::AccessReviews => Filter::eq("loggedByService", &REVIEWS),
            LoggedBy::Anybody(group) => Filter::about_target(&group),
        };
        let query = Query::new().filter(filter.and(&since));
        let operation = Operation::get(
            OperationName::ListAuditRecords,
            "/auditLogs/directoryAudits",
        );
        let operation = operation.query(&query);
        let listed = self
            .session
            .list_within::<LogEntry>(&operation, MOST_PAGES)
            .await?;
        let listed = listed.ok_or_else(|| {
            let error = operation.failure(Class::ReadRefused);
            error.saying("the audit log has more records than are read")
        })?;
        Ok(listed.rows.into_iter().filter_map(LogEntry::read).collect())
    }
}
