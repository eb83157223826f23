//! What falls due, and what came of it.

use uuid::Uuid;

use super::change::Change;
use super::schedule::Holding;

/// Something that happens at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// The window of a schedule opens.
    Start(Uuid),
    /// The window of a schedule closes.
    End(Uuid),
    /// Nobody answered an approval.
    ApprovalOver(Uuid),
    /// A finished request is forgotten.
    Purge(Uuid),
    /// A request that was put off is carried out.
    Provision(Uuid),
}

/// What came of something that was due.
#[derive(Clone, Debug)]
pub(crate) struct Happened<P> {
    pub(crate) changes: Vec<Change<P>>,
    /// What is held outside of PIM ends; the area takes it away.
    pub(crate) ends_standing: Option<Holding<P>>,
}

impl<P> Default for Happened<P> {
    fn default() -> Self {
        Self {
            changes: Vec::new(),
            ends_standing: None,
        }
    }
}

impl<P> From<Vec<Change<P>>> for Happened<P> {
    fn from(changes: Vec<Change<P>>) -> Self {
        Self {
            changes,
            ends_standing: None,
        }
    }
}
