//! What came of a write, for all that write to a tenant: what an answer means, and never what to do about it.

use entra_client::graph::Receipt;
use entra_client::{Class, Error};
use pim_core::ids::GroupId;
use pim_core::knowledge::{Progress, Request};

/// Why a write was not done.
#[derive(Debug)]
pub enum Refused {
    /// The call failed, with the error of the client.
    Call(Error),
    /// The call was taken, and somebody must decide.
    Undecided(Request),
    /// The call was taken, and nothing came of it. PIM answers so for a group that it has just learned of.
    Nothing(Request),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

/// What came of a write that was not refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A group was created; this is its object id.
    Created(GroupId),
    /// The write was carried out. PIM names the request; other services name none.
    Done(Option<Request>),
    /// It was taken, and the service is still at it: nothing is done yet.
    Accepted(Request),
    /// What was to be made exists already.
    Existed,
    /// What was to be taken away was not there.
    WasGone,
}

/// What came of a request to PIM that gives something. What is there already was given before.
pub(super) fn of_grant(answer: Result<Receipt, Error>) -> Result<Effect, Refused> {
    match answer {
        Err(error) if error.class == Class::AlreadyExists => Ok(Effect::Existed),
        receipt => taken(receipt?),
    }
}

/// What came of a request to PIM that takes something away. What is not there was taken away.
pub(super) fn of_revocation(answer: Result<Receipt, Error>) -> Result<Effect, Refused> {
    match answer {
        Err(error) if error.class == Class::AlreadyGone => Ok(Effect::WasGone),
        receipt => taken(receipt?),
    }
}

fn taken(receipt: Receipt) -> Result<Effect, Refused> {
    match receipt {
        Receipt::Taken(request) if request.progress == Progress::Underway => {
            Ok(Effect::Accepted(request))
        }
        Receipt::Taken(request) => Ok(Effect::Done(Some(request))),
        Receipt::Undecided(request) => Err(Refused::Undecided(request)),
        Receipt::Failed(request) => Err(Refused::Nothing(request)),
    }
}

/// What came of a plain removal. What is to be taken away and is not there was taken away; by whom is not known.
pub(super) fn of_removal(answer: Result<(), Error>) -> Result<Effect, Refused> {
    match answer {
        Err(error) if matches!(error.class, Class::NotFound | Class::AlreadyGone) => {
            Ok(Effect::WasGone)
        }
        done => Ok(done.map(|()| Effect::Done(None))?),
    }
}
