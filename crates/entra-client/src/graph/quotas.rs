//! How much of the tenant's limits is used (learn.microsoft.com: directory-service-limits-restrictions).

use http::{HeaderName, HeaderValue};
use serde::Deserialize;

use super::Graph;
use crate::error::Error;
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, Query};

/// How many role-assignable groups a tenant can have (learn.microsoft.com: directory-service-limits-restrictions).
pub const MOST_ROLE_ASSIGNABLE_GROUPS: u32 = 500;

#[derive(Deserialize)]
struct CountedGroups {
    #[serde(rename = "@odata.count")]
    count: u32,
}

impl Graph {
    /// How many role-assignable groups there are, whoever made them. The index that counts may lag behind (learn.microsoft.com:
    /// aad-advanced-queries).
    pub async fn role_assignable_groups(&self) -> Result<u32, Error> {
        let query = Query::new()
            .filter(Filter::is("isAssignableToRole"))
            .select(&["id"])
            .counted();
        let operation = Operation::get(OperationName::CountRoleAssignableGroups, "/groups")
            .query(&query)
            .header(
                HeaderName::from_static("consistencylevel"),
                HeaderValue::from_static("eventual"),
            );
        let response = self.session.submit(operation).await?;
        Ok(response.json::<CountedGroups>()?.count)
    }
}
