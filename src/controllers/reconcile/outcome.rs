//! What a reconcile came to, whichever step ended it.

use std::time::Duration;

use crate::adapters::{confirmed, status};
use crate::controllers::failure::Failure;

/// What a reconcile of a group came to.
#[derive(Debug)]
pub enum Outcome {
    /// Everything stands, or waits for a change; reconcile again after this time, if time alone changes something.
    Settled(Option<Duration>),
    /// Something failed for the whole group, and nothing of it has been reported.
    Failed(Failure),
    /// The tenant failed in the middle, and was reported with the objects concerned.
    Incomplete(Failure),
    /// Some writes failed, each for itself, and were reported there; reconcile again after this time.
    Partial(Failure, Option<Duration>),
    /// An object changed during the reconcile; another one begins soon, with the object as it is now.
    Outdated,
}

impl Outcome {
    /// What failed for the tenant as a whole, if anything did.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) | Self::Incomplete(failure) => Some(failure),
            Self::Settled(_) | Self::Partial(..) | Self::Outdated => None,
        }
    }
}

/// Why a reconcile ends before its last step.
#[derive(Debug)]
pub struct Ended(Box<Outcome>);

impl Ended {
    /// What the reconcile came to.
    pub fn outcome(self) -> Outcome {
        *self.0
    }
}

impl From<Outcome> for Ended {
    fn from(outcome: Outcome) -> Self {
        Self(Box::new(outcome))
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Outcome::Failed(failure).into()
    }
}

impl From<status::Error> for Ended {
    fn from(error: status::Error) -> Self {
        match error {
            status::Error::Outdated => Outcome::Outdated.into(),
            status::Error::Write(error) => Failure::kubernetes(&error).into(),
        }
    }
}

impl From<confirmed::Error> for Ended {
    fn from(error: confirmed::Error) -> Self {
        match error {
            confirmed::Error::Behind(_) => {
                tracing::info!(error = %error, "nothing is written until the caches have caught up");
                Outcome::Outdated.into()
            }
            confirmed::Error::Kubernetes(error) => Failure::kubernetes(&error).into(),
        }
    }
}

/// A patch of a finalizer says on what it rests, so a refused one usually means that somebody was faster.
impl From<kube::Error> for Ended {
    fn from(error: kube::Error) -> Self {
        match error {
            kube::Error::Api(refused)
                if refused.is_conflict() || refused.is_not_found() || refused.is_invalid() =>
            {
                Outcome::Outdated.into()
            }
            error => Failure::kubernetes(&error).into(),
        }
    }
}
