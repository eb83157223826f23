//! What can be known of a tenant before anything is written to it: licence, limits, clock, the end of the credential. Read
//! seldom, for the whole tenant at once; what cannot be read is unknown and stops nothing.

mod credential;
pub mod in_use;
mod tell;

pub use tell::keep;

use jiff::{SignedDuration, Timestamp};
use kube::ResourceExt;
use pim_api::EntraTenant;
use pim_core::desired::Licence;
use pim_core::reason::{ConditionType, Reason};

use super::connections::Tenant;
use super::context::Context;
use super::watches::is_of;
use crate::reader::{Licences, MOST_ROLE_ASSIGNABLE_GROUPS, MaximumAge};
use crate::resolve::memory;
use credential::Ending;

/// How far the clocks may be apart before somebody is told. An answer is late by seconds, and a sign-in fails at five minutes.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(1);

/// How long before its end a credential is told of: time to ask somebody else for a new one.
const CREDENTIAL_AHEAD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// From how many role-assignable groups on somebody is told: nine tenths of what can be.
const NEAR_LIMIT: u32 = MOST_ROLE_ASSIGNABLE_GROUPS / 10 * 9;

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Preflight {
    licences: Licences,
    role_assignable_groups: Option<u32>,
    /// How far the operator's clock is ahead of the tenant's.
    clock: Option<SignedDuration>,
    credential: Option<Ending>,
    /// What time it is.
    now: Timestamp,
}

/// Looks at a tenant. What was read within an hour counts, unless a group fails for what may have changed since.
pub async fn look(context: &Context, tenant: &EntraTenant, connected: &Tenant) -> Preflight {
    let reader = &connected.reader;
    let known = context.statuses.latest(tenant);
    let before = known.licences.unwrap_or_default();
    let was_missing = before.privileged_identity_management == Licence::Missing;
    let was_available = before.privileged_identity_management == Licence::Available;
    let of_licence = age(!was_available || any_fails(context, tenant, Reason::LicenseMissing));
    let was_near = memory::condition(&known.conditions, ConditionType::NearLimit).is_some();
    let of_limit = age(was_near || any_fails(context, tenant, Reason::QuotaExceeded));
    let (licences, role_assignable_groups, credential) = futures::join!(
        reader.licences(of_licence),
        reader.role_assignable_groups(of_limit),
        credential::first(tenant, connected)
    );
    let now = context.clock.now();
    let found = Preflight {
        licences,
        role_assignable_groups,
        clock: reader.service_time().map(|time| now.duration_since(time)),
        credential,
        now,
    };
    if was_missing && found.licences.pim != Licence::Missing {
        // What was held back for it need not wait for its next look.
        let name = tenant.name_any();
        context
            .waker
            .groups_where(&context.stores, |group| is_of(group, &name));
    }
    found
}

/// Something that may have changed is not read at every wake-up, but soon.
fn age(is_in_doubt: bool) -> MaximumAge {
    if is_in_doubt {
        MaximumAge::MINUTE
    } else {
        MaximumAge::HOUR
    }
}

/// Whether a group of the tenant says that it cannot go on for a reason.
fn any_fails(context: &Context, tenant: &EntraTenant, reason: Reason) -> bool {
    let name = tenant.name_any();
    let groups = context.stores.groups.state();
    let mut groups = groups.iter().filter(|group| is_of(group, &name));
    groups.any(|group| {
        context.statuses.read(&**group, |status| {
            let ready = memory::condition(&status.conditions, ConditionType::Ready);
            ready.is_some_and(|ready| ready.reason == reason.as_str())
        })
    })
}

impl Preflight {
    /// How far the clocks are apart, if that is too far.
    fn clock_difference(&self) -> Option<SignedDuration> {
        self.clock.filter(|apart| apart.abs() > CLOCK_TOLERANCE)
    }

    /// The credential that ends soon, if one does.
    fn credential_ends_soon(&self) -> Option<Ending> {
        let is_soon = |ending: &Ending| ending.at.duration_since(self.now) <= CREDENTIAL_AHEAD;
        self.credential.filter(is_soon)
    }

    /// How many role-assignable groups there are, if hardly any more can be made.
    fn near_limit(&self) -> Option<u32> {
        self.role_assignable_groups
            .filter(|used| *used >= NEAR_LIMIT)
    }
}
