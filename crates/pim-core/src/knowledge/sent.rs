//! What was sent to the service and may still show: what is remembered of it, and what an answer to a later question says.

use jiff::Timestamp;

use super::time::{GROUP_GONE, later, next_whole_second};
use crate::ids::RequestId;

/// The status of a request that the service does not know any more, which is no word of the service's.
pub const NOT_FOUND: &str = "NotFound";

/// A write that was sent and may still show in the tenant, as the status keeps it: it is not seen, or the service is still
/// at it and somebody else gave the same, or it goes and something may be left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// When, or when it was about to be.
    pub at: Timestamp,
    /// The request that the service made of it, once it has answered.
    pub request: Option<Request>,
}

impl Sent {
    /// Whether the service took it and has not carried it out.
    pub fn is_underway(&self) -> bool {
        let request = self.request.as_ref();
        request.is_some_and(|request| request.progress == Progress::Underway)
    }

    /// Notes what the service says of the request when it is asked. What is carried out counts as sent now: what was
    /// taken away before that, and lists that were read before, say nothing of it. So does what the service knows
    /// nothing of any more: it may have been carried out. That counts once replication cannot be why it is not found:
    /// requests are kept for weeks. What came to nothing is not to be waited for: nobody has anything of it.
    pub fn heard(&mut self, found: Pending, now: Timestamp) {
        let (status, progress) = match found {
            Pending::Purged if later(self.at, GROUP_GONE) > now => return,
            Pending::Known { status, progress } => (status, progress),
            Pending::Failed => return self.request = None,
            Pending::Purged => (NOT_FOUND.to_owned(), Progress::Forgotten),
        };
        if let Some(request) = &mut self.request {
            request.status = status;
            request.progress = progress;
        }
        if progress != Progress::Underway {
            // Status keeps whole seconds, and a removal of the same second came before it.
            self.at = next_whole_second(now);
        }
    }
}

/// A request of PIM that was taken and is not carried out yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its id, for a support case and to ask for its status.
    pub id: RequestId,
    /// Its status in the service's words.
    pub status: String,
    /// Whether the service is still at it.
    pub progress: Progress,
}

/// How far a request has come that the service took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It is carried out; lists show it in a moment.
    Finished,
    /// The service does not know it any more; it may have been carried out.
    Forgotten,
    /// The service is still at it, and asking again would only make a second request.
    Underway,
}

/// What the service says of a request that it was still at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pending {
    /// The service still knows the request.
    Known {
        /// Its status in the service's words.
        status: String,
        /// What that status means for the request.
        progress: Progress,
    },
    /// The request has ended without an effect.
    Failed,
    /// The service does not know the request any more: requests are kept for a time only.
    Purged,
}
