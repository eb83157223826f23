//! Writes the truth into the status of every object of a group: on every path, from one place, and only what changed.
//! Never calls the tenant.

mod assignment;
mod binding;
mod group;
mod shared;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use pim_api::PendingWrite;
use pim_core::desired::{Object, ObjectKind};
use pim_core::plan::Plan;
use pim_core::schedule::Kind;

use super::context::Context;
use super::outcome::Failure;
use crate::adapters::kinds::{Kind as ApiKind, object_name};
use crate::adapters::status::Error;
use crate::resolve::Manifests;

/// What there is to report about a group.
pub struct Findings<'a> {
    /// What was planned; nothing when the tenant could not be read.
    pub plan: Option<&'a Plan>,
    /// What failed, by object.
    pub failures: HashMap<Object, Failure>,
    /// What failed for all of them.
    pub failure: Option<Failure>,
    /// A creation that is about to be sent.
    pub pending: Option<PendingWrite>,
    /// The identity of the group in the tenant.
    pub key: String,
}

/// One report about one group.
struct Report<'a> {
    context: &'a Context,
    manifests: &'a Manifests,
    findings: &'a Findings<'a>,
    now: Timestamp,
}

/// Reports about every object of a group.
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
    };
    report.group().await?;
    futures::future::try_join_all(
        manifests
            .bindings
            .iter()
            .map(|object| report.binding(object)),
    )
    .await?;
    let eligible = manifests.eligible.iter();
    let eligible = eligible
        .map(|object| report.assignment(&**object, Kind::Eligible, object.spec.subjects.len()));
    futures::future::try_join_all(eligible).await?;
    let active = manifests.active.iter();
    let active =
        active.map(|object| report.assignment(&**object, Kind::Active, object.spec.subjects.len()));
    futures::future::try_join_all(active).await?;
    Ok(())
}

impl Report<'_> {
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

    fn resync(&self) -> SignedDuration {
        self.manifests
            .tenant
            .spec
            .resync_interval
            .length()
            .to_signed()
    }
}
