//! The controllers: each turns the wheel of one kind. The unit that matters is the group with all its objects; the
//! other kinds' changes only wake their group. Nothing here knows a client library: the outside is reached through
//! `adapters`, `reader` and `providers`.

mod apply;
mod boundary;
mod conditions;
pub mod context;
mod debounce;
mod dependents;
mod events;
mod fence;
mod group;
mod last_look;
mod measure;
mod missing_tenant;
mod news;
mod outage;
mod outcome;
mod reconcile;
mod release;
mod report;
mod sign_in;
mod stuck;
mod tenant;
pub mod tenants;
pub mod watches;
mod work;

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::telemetry::metrics::Controller as Label;
use context::Context;
use watches::Wakes;

/// Starts every controller. They end with the set that they are in.
pub fn start(context: &Arc<Context>, wakes: Wakes, tasks: &mut JoinSet<()>) {
    for controller in Label::ALL {
        context
            .metrics
            .max_concurrent_reconciles(*controller, context.concurrency);
    }
    let Wakes {
        groups,
        dependents,
        tenants,
        boundaries,
    } = wakes;
    tasks.spawn(group::run(Arc::clone(context), groups));
    tasks.spawn(dependents::run(Arc::clone(context), dependents));
    tasks.spawn(tenant::run(Arc::clone(context), tenants));
    tasks.spawn(boundary::run(Arc::clone(context), boundaries));
}
