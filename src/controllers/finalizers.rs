//! Holds on to objects while they may have something in the tenant, and lets them go once nothing is left.

use std::time::Duration;

use pim_core::plan::Plan;
use pim_core::verdict::State;

use super::connections::Tenant;
use super::context::Context;
use crate::adapters::finalizer;
use crate::adapters::kinds::{Manifest, each_manifest};
use crate::adapters::wish::object_name;
use crate::resolve::Manifests;

/// Adds the finalizer to every object that lacks it: before the first write to the tenant.
pub async fn add(context: &Context, manifests: &Manifests) -> Result<(), kube::Error> {
    let living = manifests.all().filter(|manifest| !manifest.is_deleting());
    let added = living.map(|manifest| async move {
        each_manifest!(&manifest, one => {
            if let Some(version) = finalizer::add(&context.client, &**one).await? {
                context.statuses.note_version(&**one, version);
            }
        });
        Ok(())
    });
    futures::future::try_join_all(added).await.map(drop)
}

/// Removes the finalizer of every object that is being deleted and has nothing left in the tenant. The group is the
/// last.
pub async fn remove(
    context: &Context,
    manifests: &Manifests,
    tenant: &Tenant,
    plan: &Plan,
) -> Result<(), kube::Error> {
    let gone = manifests.all().filter(|manifest| is_gone(manifest, plan));
    let (group, others): (Vec<_>, Vec<_>) =
        gone.partition(|manifest| matches!(manifest, Manifest::PrivilegedGroup(_)));
    let others = others.iter().map(|manifest| release(context, manifest));
    futures::future::try_join_all(others).await?;
    for manifest in &group {
        release(context, manifest).await?;
        let name = object_name(&*manifests.group);
        context.notes.forget(&name);
        tenant.reader.forget(&name);
    }
    Ok(())
}

/// Lets Kubernetes remove one object, and forgets it.
pub async fn release(context: &Context, manifest: &Manifest) -> Result<(), kube::Error> {
    each_manifest!(manifest, one => finalizer::remove(&context.client, &**one).await)?;
    context.statuses.forget(&manifest.uid());
    let object = manifest.object();
    context.notes.forget_said(&object.to_string());
    let took = manifest
        .deleting_since()
        .map(|since| context.clock.now().duration_since(since));
    if let Some(took) = took.and_then(|took| Duration::try_from(took).ok()) {
        context.metrics.deletion_duration(object.kind, took);
    }
    context.metrics.forget(&object);
    Ok(())
}

/// Whether an object is being deleted and has nothing left in the tenant.
pub fn is_gone(manifest: &Manifest, plan: &Plan) -> bool {
    if !manifest.is_deleting() {
        return false;
    }
    plan.state(&manifest.object()) == Some(&State::Gone)
}
