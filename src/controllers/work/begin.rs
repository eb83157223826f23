//! The beginning of a pass: what manifests mean, and a first look at the tenant.

use std::collections::HashMap;

use tokio::time::Instant;

use super::{Needs, Work, requests};
use crate::adapters::kinds::object_name;
use crate::controllers::context::Context;
use crate::controllers::last_look::Versions;
use crate::controllers::outcome::Failure;
use crate::controllers::tenants::Tenant;
use crate::reader::{Depth, Refresh, Target, observe};
use crate::resolve::{self, Manifests, identity};

impl<'a> Work<'a> {
    pub(super) async fn begin(
        context: &'a Context,
        manifests: &'a Manifests,
        tenant: &'a Tenant,
    ) -> Result<Self, Failure> {
        let name = object_name(&*manifests.group);
        let resync = manifests.asked_resync();
        let mut memory = context.notes.memory(&name, &Versions::of(manifests));
        let last = context.notes.take_last_look(&name);
        let (last, policies) = if context.notes.asks_for_resync(&name, &resync) {
            memory.forget_refusals();
            (None, Refresh::Always)
        } else {
            (last, Refresh::IfStale)
        };
        let start = last.and_then(|last| Some((last.start(manifests)?, last.seen())));
        let status = context.statuses.latest(&*manifests.group);
        let made = status.pending_write.and_then(|pending| pending.id);
        let target = Target {
            key: identity::group_key(&manifests.tenant.spec.installation, &name),
            name,
            assignability: manifests.assignability(),
            known: status.external_id.or(made),
        };
        // Names and the group are looked up at the same time, so that what they ask travels together.
        let resolving = resolve::resolve(
            &tenant.reader,
            manifests,
            &context.statuses,
            &memory,
            Depth::Confirm,
        );
        let seen = start.as_ref().map_or_else(Instant::now, |(_, seen)| *seen);
        let is_stranger = resolve::is_stranger(manifests, &context.statuses);
        let looking = async {
            if is_stranger {
                return Ok((observe::nothing(&tenant.reader), None));
            }
            let roles = tenant.reader.roles(&[]).await?;
            let start = start.map(|(unit, _)| unit);
            Box::pin(observe::first(
                &tenant.reader,
                &target,
                &roles,
                start,
                policies,
            ))
            .await
        };
        let (resolved, (observed, refused)) =
            futures::try_join!(resolving, looking).map_err(|error| Failure::from(&error))?;
        let mut work = Self {
            context,
            manifests,
            tenant,
            target,
            resolved,
            observed,
            memory,
            seen,
            served: Needs::new(),
            failures: HashMap::new(),
            stopped: None,
            refused: refused.map(|error| Failure::from(&error)),
            withdrawn: false,
            resync,
        };
        requests::ask(&mut work).await;
        Ok(work)
    }
}
