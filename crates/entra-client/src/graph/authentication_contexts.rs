//! Authentication contexts of Conditional Access, and which of them its policies enforce (learn.microsoft.com:
//! authenticationContextClassReference, conditionalAccessPolicy).

use std::collections::BTreeSet;

use pim_core::context::{Availability, TenantContext};
use pim_core::ids::AuthenticationContextId;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Graph;
use crate::error::Error;
use crate::operation::{Operation, OperationName};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContextRow {
    id: String,
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    display_name: String,
    #[serde(default, deserialize_with = "crate::tolerant::boolean")]
    is_available: bool,
}

impl From<ContextRow> for TenantContext {
    fn from(row: ContextRow) -> Self {
        Self {
            id: AuthenticationContextId::new(row.id),
            display_name: row.display_name,
            availability: if row.is_available {
                Availability::Published
            } else {
                Availability::Hidden
            },
        }
    }
}

#[derive(Deserialize)]
struct AccessPolicyRow {
    state: String,
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    conditions: AccessConditions,
}

#[derive(Default, Deserialize)]
struct AccessConditions {
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    applications: TargetedApplications,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TargetedApplications {
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    include_authentication_context_class_references: Vec<String>,
}

impl Graph {
    /// The authentication contexts of the tenant. A row that cannot be read fails the read: the context that is looked for may
    /// be just in it.
    pub async fn authentication_contexts(&self) -> Result<Vec<TenantContext>, Error> {
        let rows: Vec<ContextRow> = self
            .whole(
                OperationName::ListAuthenticationContexts,
                "/identity/conditionalAccess/authenticationContextClassReferences",
            )
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The contexts that at least one policy targets that is switched on. Whom a policy leaves out is not told.
    pub async fn enforced_contexts(&self) -> Result<BTreeSet<AuthenticationContextId>, Error> {
        let rows: Vec<AccessPolicyRow> = self
            .whole(
                OperationName::ListConditionalAccessPolicies,
                "/identity/conditionalAccess/policies",
            )
            .await?;
        let enabled = rows.into_iter().filter(|row| row.state == "enabled");
        let contexts = enabled.flat_map(|row| {
            let applications = row.conditions.applications;
            applications.include_authentication_context_class_references
        });
        Ok(contexts.map(AuthenticationContextId::new).collect())
    }

    async fn whole<T: DeserializeOwned>(
        &self,
        name: OperationName,
        path: &str,
    ) -> Result<Vec<T>, Error> {
        let listed = self.session.list::<T>(Operation::get(name, path)).await?;
        match listed.unreadable.first() {
            Some(row) => Err(Error::unreadable(&row.reason)),
            None => Ok(listed.rows),
        }
    }
}
