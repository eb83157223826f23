//! The report about one object of a group, whatever its kind. What only its kind has stands in the kind's own file.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use pim_api::{AssignmentStatus, DriftEntry, LastError, PrivilegedGroupStatus, RoleBindingStatus};
use pim_core::plan::Plan;
use pim_core::reason::ConditionType;
use pim_core::verdict::Verdict;

use super::common::{FoundState, Subject, drift, last_error, matched, standing};
use crate::adapters::kinds::CustomKind;
use crate::adapters::lenient;
use crate::adapters::manifest;
use crate::adapters::status::Error;
use crate::controllers::conditions::{Conditions, whole_second};
use crate::controllers::context::Context;
use crate::controllers::failure::Failure;
use crate::controllers::metrics;
use crate::resolve::Manifests;

/// One report about one group.
pub struct Report<'a> {
    /// What all controllers share.
    pub context: &'a Context,
    /// The group and its objects as Kubernetes has them.
    pub manifests: &'a Manifests,
    /// What was planned; nothing when the tenant could not be read.
    pub plan: Option<&'a Plan>,
    /// The identity of the group in the tenant.
    pub key: &'a str,
    /// The moment of the report.
    pub now: Timestamp,
    /// When the group was last compared, and with it all of its objects.
    pub last_sync: Option<Time>,
}

/// The parts of a status that every kind of a group has.
pub struct Common<'a> {
    observed_generation: &'a mut Option<i64>,
    matched_generation: &'a mut Option<i64>,
    conditions: &'a mut Vec<Condition>,
    last_error: &'a mut Option<LastError>,
    last_sync_time: &'a mut Option<Time>,
    drift: &'a mut Vec<DriftEntry>,
}

/// A status with the parts that [`Common`] names.
pub trait HasCommon {
    /// Borrows these parts, to change them.
    fn common(&mut self) -> Common<'_>;
}

macro_rules! has_common {
    ($($Status:ident),*) => {$(
        impl HasCommon for $Status {
            fn common(&mut self) -> Common<'_> {
                Common {
                    observed_generation: &mut self.observed_generation,
                    matched_generation: &mut self.matched_generation,
                    conditions: &mut self.conditions,
                    last_error: &mut self.last_error,
                    last_sync_time: &mut self.last_sync_time,
                    drift: &mut self.drift,
                }
            }
        }
    )*};
}

has_common!(PrivilegedGroupStatus, RoleBindingStatus, AssignmentStatus);

/// A kind whose objects belong to a group.
pub trait Reported: CustomKind<Status: HasCommon> {
    /// The condition that says in the kind's own word whether what is declared stands.
    const OWN: Option<ConditionType>;

    /// Fills in what is known without the tenant.
    fn identify(_: &Report<'_>, _: &mut Self::Status) {}

    /// How long a status stays as it is although nothing in it changes; without, for ever.
    fn renewed_after(_: &Report<'_>) -> Option<SignedDuration> {
        None
    }

    /// Fills in what only this kind has.
    fn fill(
        &self,
        report: &Report<'_>,
        verdict: &Verdict,
        status: &mut Self::Status,
        conditions: &mut Conditions<'_>,
    );
}

impl Report<'_> {
    /// Reports about one object: what was planned for it, or why nothing could be.
    pub async fn one<K: Reported>(
        &self,
        object: &K,
        failure: Option<&Failure>,
    ) -> Result<(), Error> {
        let mut known = self.context.statuses.latest(object);
        let mut status = known.clone();
        let generation = object.meta().generation;
        *status.common().observed_generation = generation;
        K::identify(self, &mut status);
        let previous = known.common().conditions.clone();
        let subject = self.subject(object, &previous);
        let of_object = manifest::object(object);
        let verdict = self.plan.and_then(|plan| plan.verdicts.get(&of_object));
        match (verdict, failure) {
            (Some(verdict), _) => {
                let state = failure.map_or_else(|| verdict.state.clone(), Failure::state);
                let mut conditions = subject.conditions(&FoundState {
                    state: &state,
                    authorization: &verdict.authorization,
                    drift: &verdict.drift,
                });
                if let Some(own) = K::OWN {
                    standing(&mut conditions, own, &state);
                }
                object.fill(self, verdict, &mut status, &mut conditions);
                let common = status.common();
                *common.conditions = conditions.finish();
                *common.matched_generation =
                    matched(&state, generation, *known.common().matched_generation);
                *common.drift = drift(&verdict.drift);
            }
            (None, Some(failure)) => *status.common().conditions = subject.unreachable(failure),
            (None, None) => return Ok(()),
        }
        let common = status.common();
        *common.last_error = last_error(
            failure,
            known.common().last_error.as_ref(),
            common.conditions,
            self.now,
        );
        if self.plan.is_some() && (status != known || self.is_old::<K>(&mut known)) {
            *status.common().last_sync_time = Some(whole_second(self.now));
        }
        self.write(object, status).await
    }

    /// Whether the time of the last comparison moves although nothing else does.
    fn is_old<K: Reported>(&self, known: &mut K::Status) -> bool {
        let Some(after) = K::renewed_after(self) else {
            return false;
        };
        let last = known.common().last_sync_time.as_ref();
        last.is_none_or(|last| self.now.duration_since(last.0) >= after)
    }

    /// What the conditions of an object are made from.
    fn subject<'a, K: CustomKind>(&'a self, object: &K, previous: &'a [Condition]) -> Subject<'a> {
        Subject {
            previous,
            generation: object.meta().generation,
            deleting: object.meta().deletion_timestamp.is_some(),
            last_sync: self.last_sync.as_ref(),
            resync: self.resync(),
            now: self.now,
        }
    }

    /// Writes the status of an object, and counts how it stands.
    async fn write<K: Reported>(&self, one: &K, status: K::Status) -> Result<(), Error> {
        let name = manifest::object(one);
        metrics::stands(&self.context.metrics, &name, K::conditions(&status));
        match self.context.statuses.apply(one, status).await {
            Err(error) if error.is_refusal() && asks_for_nothing(one) => {
                tracing::warn!(object = %name.name, error = %error, "the status of an object that cannot be read is refused");
                Ok(())
            }
            written => written.map(drop),
        }
    }

    /// How often a group is compared.
    pub fn resync(&self) -> SignedDuration {
        self.manifests
            .tenant
            .spec
            .resync_interval
            .length()
            .to_signed()
    }
}

/// Nothing is granted for an object that cannot be read, so nothing has to be remembered first, and whoever refuses its
/// status holds up no other.
fn asks_for_nothing<K: CustomKind>(object: &K) -> bool {
    lenient::fault(object).is_some() && object.meta().deletion_timestamp.is_none()
}
