//! The controllers, one for each kind that has a life of its own. Only the group controller writes to Entra: its unit
//! is the group with all its objects, and changes of the others wake it. Nothing here knows a client library: the
//! outside is reached through `adapters`, `reader` and `providers`.

mod audit;
mod boundary;
mod conditions;
pub mod connections;
pub mod context;
mod debounce;
mod events;
mod failure;
mod finalizers;
mod group;
pub mod hints;
mod metrics;
mod missing_reference;
mod nesting;
mod news;
pub mod notes;
mod outage;
mod pass;
mod preflight;
mod reconcile;
mod report;
mod role_policy;
mod sign_in;
pub mod slots;
mod snapshot;
mod summary;
mod template;
mod tenant;
mod turn;
pub mod watches;

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
        members,
        tenants,
        boundaries,
        templates,
    } = wakes;
    tasks.spawn(group::run(Arc::clone(context), groups));
    tasks.spawn(missing_reference::run(Arc::clone(context), members));
    tasks.spawn(tenant::run(Arc::clone(context), tenants));
    tasks.spawn(summary::run(Arc::clone(context), boundaries));
    tasks.spawn(summary::run(Arc::clone(context), templates));
    tasks.spawn(hints::run(Arc::clone(context)));
}
