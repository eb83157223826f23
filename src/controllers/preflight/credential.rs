//! Which credential of a tenant ends first, and when, as far as that can be known.

use jiff::Timestamp;
use pim_api::{EntraTenant, TenantCredential};
use pim_core::ids::ClientId;

use crate::controllers::connections::Tenant;
use crate::reader::{ApplicationSecret, CredentialEnd, SecretHint};

/// The end of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Where the manifest of the tenant names it.
    pub field: &'static str,
    /// When it ends.
    pub at: Timestamp,
}

/// The credential that ends first, of the one for Microsoft Graph and the one for the Resource Manager.
pub async fn first(tenant: &EntraTenant, connected: &Tenant) -> Option<Ending> {
    let (usual, apart) = connected.credentials_end();
    let declared = &tenant.spec.resource_manager_credential;
    let declared = declared.as_ref().and_then(TenantCredential::client_id);
    let all = [
        (
            "spec.credential",
            tenant.spec.credential.client_id(),
            Some(usual),
        ),
        ("spec.resourceManagerCredential", declared, apart),
    ];
    let all = all.map(|(field, application, end)| (field, application.zip(end)));
    let of_secrets = all.iter().filter_map(|(_, known)| match known {
        Some((application, CredentialEnd::Registered(_))) => Some(*application),
        _ => None,
    });
    let of_secrets: Vec<ClientId> = of_secrets.collect();
    let secrets = connected.reader.application_secrets(&of_secrets).await;
    let ends = all.into_iter().filter_map(|(field, known)| {
        let at = match known? {
            (_, CredentialEnd::At(at)) => Some(at),
            (application, CredentialEnd::Registered(hint)) => end(&secrets, application, &hint),
            (_, CredentialEnd::Unknown) => None,
        };
        at.map(|at| Ending { field, at })
    });
    ends.min_by_key(|ending| ending.at)
}

/// When the secret of an application ends that begins like this. Of two that begin alike nobody can say which is meant.
fn end(
    secrets: &[ApplicationSecret],
    application: ClientId,
    hint: &SecretHint,
) -> Option<Timestamp> {
    let mut meant = secrets
        .iter()
        .filter(|one| one.application == application && one.hint == *hint);
    let first = meant.next()?;
    first.end.filter(|_| meant.next().is_none())
}
