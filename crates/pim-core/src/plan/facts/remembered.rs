//! Which notes of the status count as memory. One that lies in the future is none of ours.

use jiff::Timestamp;

use crate::knowledge::Sent;
use crate::schedule::SKEW;

/// Whether a note of the status counts as memory.
pub fn is_memory(noted: Timestamp, now: Timestamp) -> bool {
    noted.duration_since(now) <= SKEW
}

/// What the status remembers as sent.
pub fn sent(noted: Option<&Sent>, now: Timestamp) -> Option<&Sent> {
    noted.filter(|sent| is_memory(sent.at, now))
}

/// What stays remembered as sent of what is shown: only a request that the service is still at. What is shown then was
/// given by somebody else, and the request may give it again after it was taken away.
pub fn remains(noted: Option<&Sent>, now: Timestamp) -> Option<&Sent> {
    sent(noted, now).filter(|sent| sent.is_underway())
}
