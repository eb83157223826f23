//! The connections to all tenants: made when first needed, made anew when manifest, secret or certificates change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use kube::ResourceExt;
use pim_api::EntraTenant;

use crate::adapters::Cluster;
use crate::adapters::entra::{self, Connector, Fingerprint};
use crate::reader::Reader;
use crate::telemetry::metrics::Metrics;

/// One connected tenant.
pub struct Tenant {
    /// Reads it.
    pub reader: Arc<Reader>,
    /// Whether it makes role-assignable groups by upsert; not known before the first try, which holds the lock.
    pub upserts: tokio::sync::Mutex<Option<Upserts>>,
    made_from: Fingerprint,
}

/// Whether a tenant makes role-assignable groups by upsert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upserts {
    /// It does.
    Taken,
    /// It refuses; then groups are made by a plain request.
    Refused,
}

/// A connection, and the generation of the manifest that it was made from.
type Connected = (Option<i64>, Arc<Tenant>);

/// Whether the secret is read again to see if it changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Yes.
    Secret,
    /// Only the manifest.
    Manifest,
}

/// All connections.
pub struct Tenants {
    client: Cluster,
    namespace: String,
    connector: Arc<dyn Connector>,
    metrics: Metrics,
    connected: Mutex<HashMap<String, Connected>>,
}

impl Tenants {
    /// None connected yet.
    pub fn new(
        client: Cluster,
        namespace: String,
        connector: Arc<dyn Connector>,
        metrics: Metrics,
    ) -> Self {
        Self {
            client,
            namespace,
            connector,
            metrics,
            connected: Mutex::default(),
        }
    }

    /// The connection to a tenant.
    pub async fn get(
        &self,
        tenant: &EntraTenant,
        check: Check,
    ) -> Result<Arc<Tenant>, entra::Error> {
        let name = tenant.name_any();
        let known = self.known(&name);
        if let (Check::Manifest, Some((generation, tenant_known))) = (check, &known)
            && *generation == tenant.metadata.generation
        {
            return Ok(Arc::clone(tenant_known));
        }
        let made_from = entra::fingerprint(&self.client, &self.namespace, tenant).await?;
        // Another pass may have connected while the secret was read; one connection is enough.
        if let Some((_, tenant_known)) = self
            .known(&name)
            .filter(|(_, known)| known.made_from == made_from)
        {
            return Ok(tenant_known);
        }
        let recorder = Arc::new(self.metrics.tenant(&name));
        let graph = entra::connect(tenant, &made_from, &*self.connector, recorder)?;
        let fresh = Arc::new(Tenant {
            reader: Reader::new(graph),
            upserts: tokio::sync::Mutex::default(),
            made_from,
        });
        let entry = (tenant.metadata.generation, Arc::clone(&fresh));
        self.connected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, entry);
        Ok(fresh)
    }

    fn known(&self, name: &str) -> Option<Connected> {
        self.connected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned()
    }

    /// Forgets the connection to a tenant that is gone, or whose credential was refused.
    pub fn forget(&self, name: &str) {
        self.connected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(name);
    }
}
