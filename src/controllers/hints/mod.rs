//! Asks each tenant once a minute what has changed in its groups, and has those looked at sooner of which something is told
//! that the last look did not see. A hint proves nothing and spares no look: what it leaves out is found when all groups
//! are looked at, as it is where nothing can be asked. What fails here is told of no object.

mod changes;
mod pending;

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use kube::ResourceExt;
use pim_api::EntraTenant;
use pim_core::ids::{GroupId, ObjectName};
use tokio::sync::Mutex;

use super::connections::Tenant;
use super::context::Context;
use super::turn::unless_it_panics;
use super::watches::is_of;
use crate::adapters::wish::object_name;
use crate::telemetry::metrics::HintSource;
use changes::Changes;

/// How often a tenant is asked.
pub const EVERY: Duration = Duration::from_mins(1);

/// The longest that one round of questions may take.
const LONGEST: Duration = Duration::from_mins(3);

/// What is known of a tenant's changes, over one connection.
#[derive(Default)]
struct Hints {
    over: Weak<Tenant>,
    changes: Changes,
}

/// Asks all tenants again and again until the context's `stop` is cancelled. Who is still waiting for an answer is not asked
/// again, and keeps nobody else waiting.
pub async fn run(context: Arc<Context>) {
    let mut known: HashMap<String, Arc<Mutex<Hints>>> = HashMap::new();
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

async fn ask(context: Arc<Context>, tenant: Arc<EntraTenant>, hints: Arc<Mutex<Hints>>) {
    let Ok(mut hints) = hints.try_lock() else {
        return;
    };
    let asking = tokio::time::timeout(LONGEST, hints.ask(&context, &tenant));
    let asking = unless_it_panics(asking);
    if let Some(None) = context.stop.run_until_cancelled(asking).await {
        tracing::error!(
            tenant = tenant.name_any(),
            "asking what has changed stopped on a fault of the operator; looks go on as before"
        );
    }
}

impl Hints {
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
        let groups = groups(context, &name);
        let asked = Asked {
            context,
            tenant: &name,
            connected: &connected,
            granted: &claims.roles,
            groups: &groups,
        };
        self.changes.ask(&asked).await;
    }
}

/// Whom to ask, and about which groups.
struct Asked<'a> {
    context: &'a Context,
    tenant: &'a str,
    connected: &'a Tenant,
    /// The permissions that the operator has.
    granted: &'a [String],
    groups: &'a HashMap<GroupId, Vec<ObjectName>>,
}

impl Asked<'_> {
    /// Whether the operator has one of these permissions.
    fn may(&self, any_of: &[&str]) -> bool {
        let mut granted = self.granted.iter();
        granted.any(|name| any_of.contains(&name.as_str()))
    }

    /// Has a group looked at before its time.
    fn look(&self, group: GroupId, source: HintSource) {
        for name in self.groups.get(&group).into_iter().flatten() {
            tracing::debug!(group = %name, hint = source.as_str(), "looking at a group before its time");
            self.context.notes.look_anew(name);
            self.context.waker.group(name);
            self.context.metrics.hint_look(self.tenant, source);
        }
    }

    /// Tells in the log and in the metrics whether a source of hints answers, in the log where that is new.
    fn tell(&self, source: HintSource, failure: Option<&entra_client::Error>) {
        let topic = format!("EntraTenant {}/hints/{}", self.tenant, source.as_str());
        let is_news = self
            .context
            .notes
            .is_news(&topic, if failure.is_some() { "fails" } else { "" });
        let Some(error) = failure else {
            return;
        };
        self.context.metrics.hint_failed(self.tenant, source);
        if is_news {
            tracing::warn!(
                tenant = self.tenant, hint = source.as_str(), error = %error,
                "what has changed cannot be asked; changes by hand are found when groups are looked at"
            );
        }
    }
}

/// The groups of a tenant that its objects were last seen to have.
fn groups(context: &Context, tenant: &str) -> HashMap<GroupId, Vec<ObjectName>> {
    let mut groups: HashMap<GroupId, Vec<ObjectName>> = HashMap::new();
    for group in context.stores.groups.state() {
        let status = context.statuses.latest(&*group);
        if let Some(id) = status.external_id.filter(|_| is_of(&group, tenant)) {
            groups.entry(id).or_default().push(object_name(&*group));
        }
    }
    groups
}
