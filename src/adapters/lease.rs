//! The Lease of a release: read, made and written back on exactly the version that was read. What follows from it is decided in
//! `election`.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{Patch, PatchParams, PostParams};
use kube::{Api, Client, ResourceExt};
use serde_json::json;

/// What a Lease says of who holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseRecord {
    /// Who holds it; nobody once it was released.
    pub holder: Option<String>,
    /// How long it holds without a renewal, as its holder wants it.
    pub duration: Duration,
    /// Since when, by the clock of the holder. For people.
    pub acquired: Option<Timestamp>,
    /// When it was last renewed, by the clock of the holder. Only that it changes counts.
    pub renewed: Option<Timestamp>,
    /// How often it went from one holder to another.
    pub transitions: i32,
}

/// A record as it is stored, and the version that a write must name.
#[derive(Debug, Clone)]
pub struct Stored {
    /// What it says.
    pub record: LeaseRecord,
    resource_version: String,
}

/// One Lease.
pub struct LeaseStore {
    api: Api<Lease>,
    name: String,
}

impl LeaseStore {
    /// The Lease of this name.
    pub fn new(client: Client, namespace: &str, name: &str) -> Self {
        Self {
            api: Api::namespaced(client, namespace),
            name: name.to_owned(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads it; nothing if it does not exist.
    pub async fn read(&self) -> Result<Option<Stored>, kube::Error> {
        let found = self.api.get_opt(&self.name).await?;
        Ok(found.map(|lease| stored(&lease)))
    }

    /// Makes it; nothing if somebody else was faster.
    pub async fn create(&self, record: &LeaseRecord) -> Result<Option<Stored>, kube::Error> {
        let mut lease = Lease::default();
        lease.metadata.name = Some(self.name.clone());
        lease.spec = Some(spec(record));
        let made = self.api.create(&PostParams::default(), &lease).await;
        unless_outdated(made)
    }

    /// Writes it over what was read; nothing if that has changed or is gone.
    pub async fn write(
        &self,
        over: &Stored,
        record: &LeaseRecord,
    ) -> Result<Option<Stored>, kube::Error> {
        let body = json!({
            "metadata": {"resourceVersion": over.resource_version},
            "spec": spec(record),
        });
        let (parameters, patch) = (PatchParams::default(), Patch::Merge(body));
        let written = self.api.patch(&self.name, &parameters, &patch).await;
        unless_outdated(written)
    }
}

fn unless_outdated(answer: Result<Lease, kube::Error>) -> Result<Option<Stored>, kube::Error> {
    match answer {
        Ok(lease) => Ok(Some(stored(&lease))),
        Err(kube::Error::Api(refused)) if refused.is_conflict() || refused.is_not_found() => {
            Ok(None)
        }
        Err(kube::Error::Api(refused)) if refused.is_already_exists() => Ok(None),
        Err(error) => Err(error),
    }
}

fn stored(lease: &Lease) -> Stored {
    let spec = lease.spec.clone().unwrap_or_default();
    let seconds = spec.lease_duration_seconds.unwrap_or_default();
    Stored {
        record: LeaseRecord {
            // Who releases writes an empty name, as client-go does.
            holder: spec.holder_identity.filter(|holder| !holder.is_empty()),
            duration: Duration::from_secs(u64::try_from(seconds).unwrap_or_default()),
            acquired: spec.acquire_time.map(|time| time.0),
            renewed: spec.renew_time.map(|time| time.0),
            transitions: spec.lease_transitions.unwrap_or_default(),
        },
        resource_version: lease.resource_version().unwrap_or_default(),
    }
}

fn spec(record: &LeaseRecord) -> LeaseSpec {
    LeaseSpec {
        holder_identity: Some(record.holder.clone().unwrap_or_default()),
        lease_duration_seconds: i32::try_from(record.duration.as_secs()).ok(),
        acquire_time: record.acquired.map(MicroTime),
        renew_time: record.renewed.map(MicroTime),
        lease_transitions: Some(record.transitions),
        ..LeaseSpec::default()
    }
}
