//! The connections to all tenants: made when first needed, made anew when manifest, secret or certificates change.

use std::collections::HashMap;
use std::sync::Arc;

use kube::ResourceExt;
use parking_lot::{Mutex, MutexGuard};
use pim_api::EntraTenant;

use super::outage::Outage;
use crate::adapters::Cluster;
use crate::adapters::credentials::Home;
use crate::adapters::entra::{self, Connector, Fingerprint};
use crate::adapters::recorder::{Contact, Noted};
use crate::adapters::wish::{Uid, uid};
use crate::providers;
use crate::reader::{CredentialEnd, Reader};
use crate::telemetry::metrics::Metrics;

/// The connection to one tenant, with what was learned over it.
pub struct Tenant {
    /// Reads this tenant, and holds the client for writes.
    pub reader: Arc<Reader>,
    /// When the tenant last answered.
    pub contact: Arc<Contact>,
    /// Whether the tenant answers at present.
    pub outage: Outage,
    /// Whether it makes role-assignable groups by upsert; not known before the first try, which holds the lock.
    pub upserts: tokio::sync::Mutex<Option<Upserts>>,
    made_from: Fingerprint,
}

impl Tenant {
    /// When the credential for Microsoft Graph ends, and the one for the Resource Manager, if that is another.
    pub fn credentials_end(&self) -> (CredentialEnd, Option<CredentialEnd>) {
        self.made_from.ends()
    }
}

/// Whether a tenant makes role-assignable groups by upsert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upserts {
    /// The tenant makes the groups by upsert.
    Taken,
    /// It refuses; then groups are made by a plain request.
    Refused,
}

/// A connection, and the manifest that it was last found to be right for.
type Connected = (Manifest, Arc<Tenant>);

/// A state of a manifest. Another object under the same name begins at the same generation.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Manifest {
    uid: Uid,
    generation: Option<i64>,
}

/// Whether the secret is read again to see if it changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// The secret is read again, even if the manifest has not changed.
    Secret,
    /// Only the manifest is compared.
    Manifest,
}

/// The connections to all tenants.
pub struct Connections {
    client: Cluster,
    home: Home,
    connector: Arc<dyn Connector>,
    metrics: Metrics,
    connected: Mutex<HashMap<String, Connected>>,
}

impl Connections {
    /// Creates the collection; a connection is made when it is first asked for.
    pub fn new(
        client: Cluster,
        home: Home,
        connector: Arc<dyn Connector>,
        metrics: Metrics,
    ) -> Self {
        Self {
            client,
            home,
            connector,
            metrics,
            connected: Mutex::default(),
        }
    }

    /// The connection to a tenant. One whose credential was taken away is forgotten: whoever takes it away wants
    /// nothing to go on.
    pub async fn get(
        &self,
        tenant: &EntraTenant,
        check: Check,
    ) -> Result<Arc<Tenant>, entra::Error> {
        let found = self.find(tenant, check).await;
        if found.as_ref().is_err_and(entra::Error::is_settled) {
            self.forget(&tenant.name_any());
        }
        found
    }

    async fn find(&self, tenant: &EntraTenant, check: Check) -> Result<Arc<Tenant>, entra::Error> {
        let name = tenant.name_any();
        let manifest = Manifest {
            uid: uid(tenant),
            generation: tenant.metadata.generation,
        };
        if let (Check::Manifest, Some((known, tenant_known))) = (check, self.known(&name))
            && known == manifest
        {
            return Ok(tenant_known);
        }
        let made_from = entra::fingerprint(&self.client, &self.home, tenant).await?;
        // Another pass may have connected while the secret was read; one connection is enough.
        if let Some((_, tenant_known)) = self
            .known(&name)
            .filter(|(_, known)| known.made_from == made_from)
        {
            let connected = (manifest, Arc::clone(&tenant_known));
            self.lock().insert(name, connected);
            return Ok(tenant_known);
        }
        let contact = Arc::new(Contact::default());
        let recorder = Noted::new(self.metrics.tenant(&name), Arc::clone(&contact));
        let services = entra::connect(tenant, &made_from, &*self.connector, Arc::new(recorder))?;
        let fresh = Arc::new(Tenant {
            reader: Reader::new(services.graph.clone(), providers::connect(&services)),
            contact,
            outage: Outage::default(),
            upserts: tokio::sync::Mutex::default(),
            made_from,
        });
        self.lock().insert(name, (manifest, Arc::clone(&fresh)));
        Ok(fresh)
    }

    fn known(&self, name: &str) -> Option<Connected> {
        self.lock().get(name).cloned()
    }

    /// What the connection to a tenant was made from, if there is one: whoever knows it sees whether it changed.
    pub fn connection(&self, name: &str) -> Option<Fingerprint> {
        self.known(name).map(|(_, tenant)| tenant.made_from.clone())
    }

    /// The connection to a tenant, if there is one.
    pub fn connected(&self, name: &str) -> Option<Arc<Tenant>> {
        self.known(name).map(|(_, tenant)| tenant)
    }

    /// Forgets the connection to a tenant that is gone, or whose credential was taken away.
    pub fn forget(&self, name: &str) {
        self.lock().remove(name);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Connected>> {
        self.connected.lock()
    }
}
