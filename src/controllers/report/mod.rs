//! Writes the truth into the status of the objects of a group: on every path, from one place, and only what changed.
//! Never calls the tenant.

mod assignment;
mod binding;
mod group;
mod shared;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use pim_core::desired::{Object, ObjectKind};
use pim_core::plan::{Plan, Stage};
use pim_core::schedule::Kind;

use super::context::Context;
use super::outcome::Failure;
use super::stuck::HasConditions;
use super::{measure, release};
use crate::adapters::kinds::{Kind as ApiKind, object_name};
use crate::adapters::lenient;
use crate::adapters::status::Error;
use crate::each_manifest;
use crate::resolve::{Manifest, Manifests};
use crate::telemetry::metrics::ObjectKey;
use shared::Subject;

/// What there is to report about a group.
pub struct Findings<'a> {
    /// What was planned; nothing when the tenant could not be read.
    pub plan: Option<&'a Plan>,
    /// What failed, by object.
    pub failures: HashMap<Object, Failure>,
    /// What failed for all of them.
    pub failure: Option<Failure>,
    /// Of which objects.
    pub scope: Scope<'a>,
    /// The identity of the group in the tenant.
    pub key: String,
}

/// One report about one group.
struct Report<'a> {
    context: &'a Context,
    manifests: &'a Manifests,
    findings: &'a Findings<'a>,
    now: Timestamp,
    /// When the group was last compared, and with it all of its objects.
    last_sync: Option<Time>,
}

/// Of which objects a report speaks.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// Of all that stay: what is let go next needs no last word.
    All,
    /// Of what has to be known before a stage: the group, every object on whose behalf the stage does something, because a
    /// grant that nobody remembers is lost with the process, and every object whose manifest nothing was said of yet.
    Before(&'a Stage),
}

/// Reports about the objects of a group, the group first.
pub async fn report(
    context: &Context,
    manifests: &Manifests,
    findings: &Findings<'_>,
) -> Result<(), Error> {
    let report = Report {
        context,
        manifests,
        findings,
        now: context.clock.now(),
        last_sync: context.statuses.latest(&*manifests.group).last_sync_time,
    };
    let due = manifests.all().filter(|manifest| report.is_due(manifest));
    let (group, others): (Vec<_>, Vec<_>) =
        due.partition(|manifest| matches!(manifest, Manifest::Group(_)));
    for manifest in &group {
        report.object(manifest).await?;
    }
    let others = others.iter().map(|manifest| report.object(manifest));
    futures::future::try_join_all(others).await.map(drop)
}

/// Nothing is granted for an object that cannot be read, so nothing has to be remembered first, and whoever refuses its
/// status holds up no other.
fn asks_for_nothing<K: ApiKind>(object: &K) -> bool {
    lenient::fault(object).is_some() && object.meta().deletion_timestamp.is_none()
}

impl Report<'_> {
    fn is_due(&self, manifest: &Manifest) -> bool {
        match (self.findings.scope, manifest) {
            (Scope::All, _) => {
                let plan = self.findings.plan;
                !plan.is_some_and(|plan| release::is_gone(manifest, plan))
            }
            (Scope::Before(_), Manifest::Group(_)) => true,
            (Scope::Before(stage), _) => {
                let statuses = &self.context.statuses;
                let spoke_of = each_manifest!(manifest, object => statuses.latest(&**object).observed_generation);
                let object = manifest.object();
                spoke_of != manifest.generation()
                    || stage.actions.iter().any(|action| action.object == object)
            }
        }
    }

    async fn object(&self, manifest: &Manifest) -> Result<(), Error> {
        match manifest {
            Manifest::Group(_) => self.group().await,
            Manifest::Binding(object) => self.binding(object).await,
            Manifest::Eligible(object) => {
                let desired = object.spec.subjects.len();
                self.assignment(&**object, Kind::Eligible, desired).await
            }
            Manifest::Active(object) => {
                let desired = object.spec.subjects.len();
                self.assignment(&**object, Kind::Active, desired).await
            }
        }
    }

    /// What failed for an object.
    fn failure_of<K: ApiKind>(&self, kind: ObjectKind, object: &K) -> Option<&Failure> {
        let object = Object {
            kind,
            name: object_name(object),
        };
        self.findings
            .failures
            .get(&object)
            .or(self.findings.failure.as_ref())
    }

    /// What the conditions of an object are made from.
    fn subject<'a, K: ApiKind>(&'a self, object: &K, previous: &'a [Condition]) -> Subject<'a> {
        Subject {
            previous,
            generation: object.meta().generation,
            deleting: object.meta().deletion_timestamp.is_some(),
            last_sync: self.last_sync.as_ref(),
            resync: self.resync(),
            now: self.now,
        }
    }

    /// Writes the status of an object, and counts how it stands.
    async fn write<K: ApiKind>(
        &self,
        kind: ObjectKind,
        object: &K,
        status: K::Status,
    ) -> Result<(), Error>
    where
        K::Status: HasConditions,
    {
        let name = Object {
            kind,
            name: object_name(object),
        };
        measure::stands(
            &self.context.metrics,
            &ObjectKey::from(&name),
            status.conditions(),
        );
        match self.context.statuses.apply(object, status).await {
            Err(error) if error.is_refusal() && asks_for_nothing(object) => {
                tracing::warn!(object = %name.name, error = %error, "the status of an object that cannot be read is refused");
                Ok(())
            }
            written => written.map(drop),
        }
    }

    fn resync(&self) -> SignedDuration {
        self.manifests
            .tenant
            .spec
            .resync_interval
            .length()
            .to_signed()
    }
}
