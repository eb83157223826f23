//! Signing in, and what the token and the tenant say.

use std::collections::BTreeSet;

use pim_api::{EntraTenant, PermissionStatus};
use pim_core::reason::Reason;
use pim_core::verdict::State;

use super::context::Context;
use super::outcome::{Failure, Pace};
use super::tenants::Check;
use crate::providers;

/// What was found in a tenant.
pub struct Found {
    /// What may be done there.
    pub permissions: PermissionStatus,
    /// The tenant that the credential belongs to, if it is another one than declared.
    foreign: Option<String>,
}

impl Found {
    /// How the tenant stands.
    pub fn state(&self) -> State {
        if let Some(foreign) = &self.foreign {
            return State::stuck(
                Reason::InvalidSpec,
                format!("the credential belongs to tenant {foreign}, not to spec.tenantId"),
            );
        }
        if self.permissions.missing.is_empty() {
            return State::Ready;
        }
        let missing = self.permissions.missing.join(", ");
        State::stuck(
            Reason::PermissionDenied,
            format!("grant these application permissions to the operator's application: {missing}"),
        )
    }
}

/// Signs in with the secret as it stands now.
pub async fn sign_in(context: &Context, tenant: &EntraTenant) -> Result<Found, Failure> {
    let connected = context.tenants.get(tenant, Check::Secret).await;
    let connected = connected.map_err(|error| {
        Failure::local(Reason::CredentialInvalid, error.to_string(), Pace::Backoff)
    })?;
    let graph = connected.reader.graph();
    let claims = graph
        .claims()
        .await
        .map_err(|error| Failure::from(&error))?;
    let granted: BTreeSet<String> = claims.roles.into_iter().collect();
    let granted = providers::used_permissions(&granted.into_iter().collect::<Vec<_>>());
    let foreign = claims
        .tenant
        .filter(|id| *id != tenant.spec.tenant_id)
        .map(|id| id.to_string());
    let missing = providers::missing_permissions(&granted);
    Ok(Found {
        permissions: PermissionStatus { granted, missing },
        foreign,
    })
}
