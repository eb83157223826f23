//! Writes the truth into the status of the objects of a group: on every path, from one place, and only what changed.
//! Never calls the tenant.

mod assignment;
mod binding;
mod common;
mod group;
mod one;
mod settings;
mod warnings;

use std::collections::HashMap;

use pim_core::desired::Object;
use pim_core::plan::{Plan, Stage};

use super::context::Context;
use super::failure::Failure;
use super::finalizers;
use crate::adapters::kinds::{Manifest, each_manifest};
use crate::adapters::status::Error;
use crate::resolve::Manifests;
use one::Report;

pub use assignment::ends_soon;
pub use group::found_undeclared;
pub use warnings::warnings;

/// What there is to report about a group.
pub struct Findings<'a> {
    /// What was planned; nothing when the tenant could not be read.
    pub plan: Option<&'a Plan>,
    /// The failures that concern single objects.
    pub failures: HashMap<Object, Failure>,
    /// The failure that concerns the whole group.
    pub failure: Option<Failure>,
    /// Which objects are reported about.
    pub scope: Scope<'a>,
    /// The identity of the group in the tenant.
    pub key: String,
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
        plan: findings.plan,
        key: &findings.key,
        now: context.clock.now(),
        last_sync: context.statuses.latest(&*manifests.group).last_sync_time,
    };
    let due = manifests
        .all()
        .filter(|manifest| is_due(context, findings, manifest));
    let (group, others): (Vec<_>, Vec<_>) =
        due.partition(|manifest| matches!(manifest, Manifest::PrivilegedGroup(_)));
    for manifest in &group {
        object(&report, findings, manifest).await?;
    }
    let others = others
        .iter()
        .map(|manifest| object(&report, findings, manifest));
    futures::future::try_join_all(others).await.map(drop)
}

fn is_due(context: &Context, findings: &Findings<'_>, manifest: &Manifest) -> bool {
    match (findings.scope, manifest) {
        (Scope::All, _) => {
            let plan = findings.plan;
            !plan.is_some_and(|plan| finalizers::is_gone(manifest, plan))
        }
        (Scope::Before(_), Manifest::PrivilegedGroup(_)) => true,
        (Scope::Before(stage), _) => {
            let statuses = &context.statuses;
            let spoke_of =
                each_manifest!(manifest, one => statuses.latest(&**one).observed_generation);
            let object = manifest.object();
            spoke_of != manifest.generation()
                || stage.actions.iter().any(|action| action.object == object)
        }
    }
}

async fn object(
    report: &Report<'_>,
    findings: &Findings<'_>,
    manifest: &Manifest,
) -> Result<(), Error> {
    let failure = findings
        .failures
        .get(&manifest.object())
        .or(findings.failure.as_ref());
    match manifest {
        Manifest::PrivilegedGroup(one) => report.one(&**one, failure).await,
        Manifest::RoleBinding(one) => report.one(&**one, failure).await,
        Manifest::EligibleAssignment(one) => report.one(&**one, failure).await,
        Manifest::ActiveAssignment(one) => report.one(&**one, failure).await,
        // What a group names has a life of its own.
        _ => Ok(()),
    }
}
