//! What the reports about all kinds of a group have in common.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use pim_api::{DriftEntry, LastError, RequestReference};
use pim_core::action::Difference;
use pim_core::knowledge::Sent;
use pim_core::reason::{ConditionType, Reason};
use pim_core::verdict::{Authorization, State};

use crate::controllers::conditions::{Conditions, Truth, cut, whole_second};
use crate::controllers::failure::Failure;
use crate::resolve::memory;

/// How long a status stays believable without a successful read, in resync intervals.
const BELIEVABLE: i32 = 2;

/// What an object's conditions are made from.
pub struct Subject<'a> {
    /// The conditions of the previous report; they date what has not changed.
    pub previous: &'a [Condition],
    /// The generation that is reported about.
    pub generation: Option<i64>,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// When it was last compared.
    pub last_sync: Option<&'a Time>,
    /// How often it is compared.
    pub resync: SignedDuration,
    /// The moment of the report.
    pub now: Timestamp,
}

/// What was found out about an object.
pub struct FoundState<'a> {
    /// Whether the tenant matches the object, or why not.
    pub state: &'a State,
    /// Whether the boundary admits the object.
    pub authorization: &'a Authorization,
    /// The differences between the object and the tenant.
    pub drift: &'a [Difference],
}

impl<'a> Subject<'a> {
    /// The conditions that every kind of a group has.
    pub fn conditions(&self, found: &FoundState<'_>) -> Conditions<'a> {
        let mut conditions = Conditions::new(self.previous, self.generation, self.now);
        conditions.state(found.state);
        authorized(&mut conditions, found);
        synced(&mut conditions, found);
        if self.deleting {
            let (reason, message) = match found.state {
                State::Waiting { reason, message } | State::Stuck { reason, message } => {
                    (*reason, message.as_str())
                }
                _ => (Reason::DeletionInProgress, "nothing is left in the tenant"),
            };
            conditions.set(ConditionType::Deleting, Truth::True, reason, message);
        }
        conditions
    }

    /// The conditions when the tenant could not be read: a read that failed says nothing about the tenant, so what was
    /// seen shortly before still holds.
    pub fn unreachable(&self, failure: &Failure) -> Vec<Condition> {
        let mut conditions = Conditions::new(self.previous, self.generation, self.now);
        if self.is_believable() && matches!(failure.state(), State::Waiting { .. }) {
            conditions.set(
                ConditionType::Ready,
                Truth::True,
                Reason::Succeeded,
                "the tenant matched at the last look",
            );
            conditions.set(
                ConditionType::Reconciling,
                Truth::True,
                failure.reason,
                &failure.message,
            );
            conditions.set(
                ConditionType::Stalled,
                Truth::False,
                failure.reason,
                &failure.message,
            );
        } else {
            conditions.state(&failure.state());
        }
        conditions.finish_with_previous()
    }

    fn is_believable(&self) -> bool {
        let ready = self.previous.iter().any(|condition| {
            condition.type_ == ConditionType::Ready.as_str()
                && condition.status == "True"
                && condition.observed_generation == self.generation
        });
        let since = self
            .last_sync
            .map(|synced| self.now.duration_since(synced.0));
        ready && since.is_some_and(|since| since < self.resync * BELIEVABLE)
    }
}

fn authorized(conditions: &mut Conditions<'_>, found: &FoundState<'_>) {
    let kind = ConditionType::Authorized;
    match found.authorization {
        Authorization::Admitted => conditions.set(
            kind,
            Truth::True,
            Reason::Succeeded,
            "the boundary admits it",
        ),
        Authorization::Unjudged => {
            conditions.set(kind, Truth::Unknown, Reason::Progressing, "not judged yet")
        }
        Authorization::Denied(denial) => {
            let reason = match found.state {
                State::Stuck {
                    reason: reason @ (Reason::BoundaryViolated | Reason::RevokedByBoundary),
                    ..
                } => *reason,
                _ => Reason::BoundaryDenied,
            };
            conditions.set(kind, Truth::False, reason, &denial.message)
        }
    };
}

fn synced(conditions: &mut Conditions<'_>, found: &FoundState<'_>) {
    let kind = ConditionType::Synced;
    match (found.drift, found.state) {
        ([], State::Ready | State::Expired | State::Gone) => conditions.set(
            kind,
            Truth::True,
            Reason::Succeeded,
            "no difference was found",
        ),
        ([], _) => conditions.set(
            kind,
            Truth::Unknown,
            Reason::Progressing,
            "not compared completely yet",
        ),
        (drift, _) => conditions.set(kind, Truth::False, Reason::DriftDetected, &listed(drift)),
    };
}

/// Formats differences as one line of text for a message.
pub fn listed(differences: &[Difference]) -> String {
    differences
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

/// Whether what is declared stands: the one condition that each kind names in its own word.
pub fn standing(conditions: &mut Conditions<'_>, kind: ConditionType, state: &State) {
    match state {
        State::Ready => conditions.set(kind, Truth::True, Reason::Succeeded, "stands as declared"),
        State::Expired => conditions.set(
            kind,
            Truth::False,
            Reason::Expired,
            "every window has ended",
        ),
        State::Gone => conditions.set(kind, Truth::False, Reason::Succeeded, "taken away"),
        State::Waiting { reason, message } => {
            conditions.set(kind, Truth::Unknown, *reason, message)
        }
        State::Stuck { reason, message } => conditions.set(kind, Truth::False, *reason, message),
    };
}

/// Turns differences into the entries of a status.
pub fn drift(differences: &[Difference]) -> Vec<DriftEntry> {
    let entry = |difference: &Difference| DriftEntry {
        path: cut(&difference.field, 256),
        desired: cut(&difference.declared, 512),
        actual: cut(&difference.stands, 512),
    };
    differences.iter().take(20).map(entry).collect()
}

/// What failed last, in the words of a status: kept until the object is ready and nothing fails, so that whoever comes
/// later can read why. The same failure again is no news; only its first time is kept, so that nothing is written for
/// time alone.
pub fn last_error(
    failure: Option<&Failure>,
    known: Option<&LastError>,
    conditions: &[Condition],
    now: Timestamp,
) -> Option<LastError> {
    let is_over = failure.is_none() && is_ready(conditions);
    let Some(failure) = failure.filter(|failure| !failure.operation.is_empty()) else {
        return known.filter(|_| !is_over).cloned();
    };
    let fresh = LastError {
        reason: failure.reason,
        operation: cut(&failure.operation, 64),
        path: failure.path.as_deref().map(|path| cut(path, 256)),
        code: failure.code.as_deref().map(|code| cut(code, 128)),
        request_id: failure.request_id.as_deref().map(|id| cut(id, 64)),
        time: whole_second(now),
    };
    let same = |known: &&LastError| {
        (known.reason, &known.operation, &known.path, &known.code)
            == (fresh.reason, &fresh.operation, &fresh.path, &fresh.code)
    };
    Some(known.filter(same).cloned().unwrap_or(fresh))
}

/// Whether conditions say that an object is ready.
fn is_ready(conditions: &[Condition]) -> bool {
    memory::condition(conditions, ConditionType::Ready)
        .is_some_and(|condition| condition.status == "True")
}

/// The generation that the tenant matched last.
pub fn matched(state: &State, generation: Option<i64>, known: Option<i64>) -> Option<i64> {
    match state {
        State::Ready | State::Expired => generation,
        _ => known,
    }
}

/// A request that was taken and is not carried out yet.
pub fn request(sent: Option<&Sent>) -> Option<RequestReference> {
    let request = sent?.request.as_ref()?;
    Some(RequestReference {
        id: cut(request.id.as_str(), 128),
        status: cut(&request.status, 64),
    })
}
