//! Whom to ask for hints, about which groups, and what becomes of a hint.

use std::collections::HashMap;

use pim_core::ids::{GroupId, ObjectName, PrincipalId};

use crate::adapters::wish::object_name;
use crate::controllers::connections::Tenant;
use crate::controllers::context::Context;
use crate::controllers::watches::is_of;
use crate::providers::is_any_granted;
use crate::reader::{Error, OperationName};
use crate::telemetry::metrics::HintSource;

/// One tenant that is asked.
pub(super) struct AskedTenant<'a> {
    pub(super) context: &'a Context,
    /// The name of the tenant's object.
    pub(super) tenant: &'a str,
    pub(super) connected: &'a Tenant,
    /// The permissions that the operator has.
    pub(super) granted: &'a [String],
    /// Whom the log calls the operator.
    pub(super) ourselves: Option<PrincipalId>,
    /// The groups that objects were last seen to have.
    pub(super) groups: HashMap<GroupId, Vec<ObjectName>>,
}

impl AskedTenant<'_> {
    /// Whether the operator may ask a question.
    pub(super) fn may(&self, question: OperationName) -> bool {
        is_any_granted(question.permissions(), self.granted)
    }

    /// The objects that have a group.
    pub(super) fn names(&self, group: GroupId) -> impl Iterator<Item = &ObjectName> {
        self.groups.get(&group).into_iter().flatten()
    }

    /// Has a group looked at before its time.
    pub(super) fn look(&self, group: GroupId, source: HintSource) {
        for name in self.names(group) {
            tracing::debug!(group = %name, hint = source.as_str(), "looking at a group before its time");
            self.context.notes.look_anew(name);
            self.context.waker.group(name);
            self.context.metrics.hint_look(self.tenant, source);
        }
    }

    /// Counts a source of hints that does not answer, and tells of it in the log when that is new.
    pub(super) fn tell(&self, source: HintSource, failure: Option<&Error>) {
        let topic = format!("EntraTenant {}/hints/{}", self.tenant, source.as_str());
        let state = if failure.is_some() { "fails" } else { "" };
        let is_news = self.context.notes.is_news(&topic, state);
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
pub(super) fn groups(context: &Context, tenant: &str) -> HashMap<GroupId, Vec<ObjectName>> {
    let mut groups: HashMap<GroupId, Vec<ObjectName>> = HashMap::new();
    for group in context.stores.groups.state() {
        let status = context.statuses.latest(&*group);
        if let Some(id) = status.external_id.filter(|_| is_of(&group, tenant)) {
            groups.entry(id).or_default().push(object_name(&*group));
        }
    }
    groups
}
