//! The tenant itself: proof that the credential leads where it was declared to.

use pim_core::ids::TenantId;
use serde::Deserialize;

use super::Graph;
use crate::error::{Class, Error};
use crate::operation::{Operation, OperationName};
use crate::query::Query;

/// The tenant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// Its id.
    pub id: TenantId,
    /// Its name.
    pub display_name: Option<String>,
    /// Its domains.
    #[serde(default)]
    pub verified_domains: Vec<Domain>,
}

/// A domain of the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// Whether new names are made in it.
    pub is_default: Option<bool>,
}

impl Graph {
    /// The tenant that the token belongs to.
    pub async fn organization(&self) -> Result<Organization, Error> {
        let operation = Operation::get(OperationName::GetOrganization, "/organization")
            .query(&Query::new().select(&["id", "displayName", "verifiedDomains"]));
        let none = Error::of_operation(&operation, Class::Bug).saying("the tenant is not listed");
        self.list(operation).await?.into_iter().next().ok_or(none)
    }
}
