//! One turn of a controller: counted, timed, and guarded against panics. The only place where a panic is caught.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use kube::runtime::controller::Action;

use super::context::Context;
use crate::telemetry::metrics::{Controller, ReconcileResult};

/// How long a controller leaves an object alone that made it panic.
const AFTER_PANIC: Duration = Duration::from_mins(1);

/// Runs one turn of a controller. A panic in it is counted and never stops the controller.
pub async fn guarded(
    context: &Context,
    controller: Controller,
    turn: impl Future<Output = (Action, ReconcileResult)>,
) -> Action {
    let timer = context.metrics.reconcile(controller);
    if let Some((action, result)) = unless_it_panics(turn).await {
        timer.finish(result);
        return action;
    }
    timer.panicked();
    Action::requeue(AFTER_PANIC)
}

/// What something comes to; nothing if it panics.
pub async fn unless_it_panics<T>(work: impl Future<Output = T>) -> Option<T> {
    AssertUnwindSafe(work).catch_unwind().await.ok()
}
