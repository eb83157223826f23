//! The beginning of a pass: what manifests mean, and a first look at the tenant.

use std::collections::HashMap;

use pim_core::plan::Needs;

use super::Work;
use crate::adapters::kinds::object_name;
use crate::controllers::context::Context;
use crate::controllers::outcome::Failure;
use crate::controllers::reading;
use crate::controllers::tenants::Tenant;
use crate::reader::{Depth, Reading, Target};
use crate::resolve::{self, Manifests, identity};

impl<'a> Work<'a> {
    pub(super) async fn begin(
        context: &'a Context,
        manifests: &'a Manifests,
        tenant: &'a Tenant,
    ) -> Result<Self, Failure> {
        let name = object_name(&*manifests.group);
        let resync = manifests.asked_resync();
        let last = context.notes.take_last_look(&name);
        let (last, policies) = if context.notes.asks_for_resync(&name, &resync) {
            (None, Reading::Now)
        } else {
            (last, Reading::IfOld)
        };
        let start = last.and_then(|last| Some((last.start(manifests)?, last.seen())));
        let target = Target {
            key: identity::group_key(&manifests.tenant.spec.installation, &name),
            name,
            assignability: manifests.assignability(),
            last_seen: context.statuses.latest(&*manifests.group).external_id,
        };
        // Names and the group are looked up at the same time, so that what they ask travels together.
        let resolving =
            resolve::resolve(&tenant.reader, manifests, &context.statuses, Depth::Confirm);
        let looking = async {
            let roles = tenant.reader.roles(&[]).await?;
            reading::first_look(&tenant.reader, &target, &roles, start, policies).await
        };
        let (resolved, (observed, unread, seen)) =
            futures::try_join!(resolving, looking).map_err(|error| Failure::from(&error))?;
        let (served, failures) = (Needs::default(), HashMap::new());
        Ok(Self {
            context,
            manifests,
            tenant,
            target,
            resolved,
            observed,
            unread,
            seen,
            served,
            taken: Vec::new(),
            failures,
            resync,
        })
    }
}
