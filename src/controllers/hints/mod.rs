//! Asks each tenant once a minute what has changed in its groups, and has those looked at sooner of which something is told
//! that the last look did not see. A hint proves nothing and spares no look: what it leaves out is found when all groups
//! are looked at, as it is where nothing can be asked. What fails here is told of no object.

mod asked;
mod changes;
mod log;
mod unseen;

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use kube::ResourceExt;
use pim_api::EntraTenant;
use tokio::sync::Mutex;

use super::connections::Tenant;
use super::context::Context;
use super::turn::unless_it_panics;
use asked::AskedTenant;
use changes::Changes;
use log::Log;

/// How often a tenant is asked.
pub const EVERY: Duration = Duration::from_mins(1);

/// The longest that one round of questions may take.
const LONGEST: Duration = Duration::from_mins(3);

/// What is known of a tenant's changes, over one connection.
#[derive(Default)]
struct TenantHints {
    over: Weak<Tenant>,
    changes: Changes,
    log: Log,
}

/// Asks all tenants again and again until the context's `stop` is cancelled. Who is still waiting for an answer is not asked
/// again, and keeps nobody else waiting.
pub async fn run(context: Arc<Context>) {
    let mut known: HashMap<String, Arc<Mutex<TenantHints>>> = HashMap::new();
    let mut wait = context.hints_every.mul_f64((context.jitter)());
    while let Some(()) = context
        .stop
        .run_until_cancelled(tokio::time::sleep(wait))
        .await
    {
        wait = context.hints_every;
        let tenants = context.stores.tenants.state();
        known.retain(|name, _| tenants.iter().any(|tenant| tenant.name_any() == *name));
        for tenant in tenants {
            let hints = Arc::clone(known.entry(tenant.name_any()).or_default());
            tokio::spawn(ask(Arc::clone(&context), tenant, hints));
        }
    }
}

async fn ask(context: Arc<Context>, tenant: Arc<EntraTenant>, hints: Arc<Mutex<TenantHints>>) {
    let Ok(mut hints) = hints.try_lock() else {
        return;
    };
    let asking = tokio::time::timeout(LONGEST, hints.ask(&context, &tenant));
    let asking = Box::pin(unless_it_panics(asking));
    if let Some(None) = context.stop.run_until_cancelled(asking).await {
        tracing::error!(
            tenant = tenant.name_any(),
            "asking what has changed stopped on a fault of the operator; looks go on as before"
        );
    }
}

impl TenantHints {
    async fn ask(&mut self, context: &Context, tenant: &EntraTenant) {
        let name = tenant.name_any();
        if !context.claims.acts_for(&name) {
            return;
        }
        let Some(connected) = context.connections.connected(&name) else {
            return;
        };
        if connected.outage.is_silent() {
            return;
        }
        if !std::ptr::eq(self.over.as_ptr(), Arc::as_ptr(&connected)) {
            *self = Self {
                over: Arc::downgrade(&connected),
                ..Self::default()
            };
        }
        let Ok(claims) = connected.reader.graph().claims().await else {
            return;
        };
        let asked = AskedTenant {
            context,
            tenant: &name,
            connected: &connected,
            granted: &claims.roles,
            ourselves: claims.holder,
            groups: asked::groups(context, &name),
        };
        // Each has a budget of its own.
        futures::join!(self.changes.ask(&asked), self.log.ask(&asked));
    }
}
