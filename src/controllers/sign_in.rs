//! Signing in, and what the token and the tenant say. A token says nothing of the tenant's being there: it lasts for an
//! hour, whatever becomes of the network.

use std::collections::BTreeSet;
use std::time::Duration;

use kube::ResourceExt;
use pim_api::{EntraTenant, PermissionStatus};
use pim_core::ids::ObjectName;
use pim_core::reason::Reason;
use pim_core::verdict::State;
use tokio::time::Instant;

use super::connections::{Check, Tenant};
use super::context::Context;
use super::failure::{Failure, Retry};
use super::preflight::in_use::in_use;
use super::preflight::{self, Preflight};
use crate::providers;
use crate::reader::Class;
use crate::resolve::identity;

/// How young an answer is, of any call, after which asking once more would only cost a call.
const FRESH: Duration = Duration::from_mins(5);

/// What was found in a tenant.
pub struct SignedIn {
    /// What may be done there.
    pub permissions: PermissionStatus,
    /// What else can be known before anything is written.
    pub preflight: Preflight,
    /// When the tenant last answered.
    pub answered: Instant,
    /// The tenant that the credential belongs to, if it is another one than declared.
    foreign: Option<String>,
}

impl SignedIn {
    /// Whether the tenant can be used; if not, what a person must do.
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
pub async fn sign_in(context: &Context, tenant: &EntraTenant) -> Result<SignedIn, Failure> {
    let connected = context.connections.get(tenant, Check::Secret).await;
    let connected = connected.map_err(|error| {
        Failure::local(Reason::CredentialInvalid, error.to_string(), Retry::Backoff)
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
    let missing = providers::missing_permissions(&granted, &in_use(context, tenant));
    // Both at once, so that what they ask travels together.
    let (answered, preflight) = futures::join!(
        answered(&connected, tenant),
        preflight::look(context, tenant, &connected)
    );
    Ok(SignedIn {
        permissions: PermissionStatus {
            profile: providers::profile(&granted),
            add_ons: providers::add_ons(&granted),
            granted,
            missing,
        },
        answered: answered?,
        preflight,
        foreign,
    })
}

/// When the tenant last answered; if that was long ago, or its last call came to nothing, it is asked now.
async fn answered(connected: &Tenant, tenant: &EntraTenant) -> Result<Instant, Failure> {
    let last = connected.contact.answered();
    if let Some(last) = last.filter(|last| last.elapsed() < FRESH) {
        return Ok(last);
    }
    // No group bears the key of an object without a namespace, so the answer is small.
    let nobody = ObjectName::new("", tenant.name_any());
    let key = identity::group_key(&tenant.spec.installation, &nobody);
    let asked = connected.reader.graph().groups_by_nickname(&[key]).await;
    match asked {
        Err(error) if matches!(error.class, Class::Unreachable | Class::CredentialInvalid) => {
            Err(Failure::from(&error))
        }
        // Whatever else it refuses, it is there.
        _ => Ok(Instant::now()),
    }
}
