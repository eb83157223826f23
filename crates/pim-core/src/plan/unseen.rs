//! What was sent and is not seen in the tenant yet: how long it may still appear, and what is said while the service is
//! at it. Decides no write.

use jiff::Timestamp;

use super::draft::Draft;
use super::facts::remembered::remains;
use crate::action::WriteKey;
use crate::knowledge::{
    Held, Progress, REPLICATION, Request, Sent, later, next_look, whole_second,
};
use crate::memory::{Answer, Attempt};
use crate::reason::Reason;
use crate::verdict::State;

/// What remains so, and is read again soon: that the service is at it ends by itself.
pub fn remaining<'a>(noted: Option<&'a Sent>, draft: &mut Draft) -> Option<&'a Sent> {
    let sent = remains(noted, draft.now)?;
    draft.wake(Some(next_look(sent.at, draft.now)));
    Some(sent)
}

/// How an object stands while the service has taken a request and is still at it; `whom` begins the sentence.
pub fn underway(sent: &Sent, whom: &str, now: Timestamp) -> Option<State> {
    let since = sent.at;
    let is_underway = |request: &&Request| request.progress == Progress::Underway;
    let request = sent.request.as_ref().filter(is_underway)?;
    let message = format!(
        "{whom}the tenant accepted request {} at {} and has not carried it out (status {}); it is not sent again",
        request.id,
        whole_second(since),
        request.status
    );
    Some(if later(since, REPLICATION) <= now {
        State::stuck(Reason::RequestUnfinished, message)
    } else {
        State::waiting(Reason::WaitingForReplication, message)
    })
}

/// Access or a role that was sent and that its list does not show.
pub struct Unseen<'a> {
    /// What is remembered of the request.
    pub sent: &'a Sent,
    /// The write by which it was sent.
    pub write: WriteKey,
    /// The access or role that the write gives.
    pub held: Held,
    /// When its list was read, in this pass.
    pub looked: Timestamp,
    /// Text with which each message begins.
    pub whom: &'a str,
    /// What the write did, in the past tense.
    pub done: &'a str,
}

impl Unseen<'_> {
    /// How the object stands because the service took the write, as long as it is not to be sent again.
    pub fn awaited(&self, draft: &mut Draft) -> Option<State> {
        let attempt = draft.memory.attempts.get(&self.write);
        if self.sent.request.is_none() && !attempt.is_some_and(was_taken) {
            return None;
        }
        let overdue = attempt
            .and_then(|attempt| overdue(attempt, self.sent.request.as_ref(), self.whom, draft.now));
        let doubtful = draft.absence(&self.held, self.looked, Some(self.sent.at));
        let underway = underway(self.sent, self.whom, draft.now);
        if doubtful.is_none() && underway.is_none() {
            return None;
        }
        draft.wake(Some(next_look(self.sent.at, draft.now)));
        Some(underway.or(overdue).unwrap_or_else(|| {
            let message = format!(
                "{}{} at {}, and the tenant does not show it yet",
                self.whom,
                self.done,
                whole_second(self.sent.at)
            );
            State::waiting(Reason::WaitingForReplication, message)
        }))
    }
}

fn was_taken(attempt: &Attempt) -> bool {
    matches!(attempt.answer, Answer::Taken | Answer::Accepted)
}

/// How an object stands while the service takes a write again and again, for longer than replication takes, and never
/// shows it; `whom` begins the sentence.
pub fn overdue(
    attempt: &Attempt,
    request: Option<&Request>,
    whom: &str,
    now: Timestamp,
) -> Option<State> {
    let is_overdue = attempt.times > 1 && later(attempt.since, REPLICATION) <= now;
    let request = request.map_or_else(String::new, |request| {
        format!(" as request {} (status {})", request.id, request.status)
    });
    let message = format!(
        "{whom}the tenant has taken this {} times since {}, the last time at {}{request}, and does not show it; \
         it is sent ever more seldom",
        attempt.times,
        whole_second(attempt.since),
        whole_second(attempt.last)
    );
    (was_taken(attempt) && is_overdue).then(|| State::stuck(Reason::RequestUnfinished, message))
}

/// Until when something that was sent and never seen may still appear. Lists that do not show it settle nothing before
/// that: the service was asked to take it away and has answered, or replication cannot be the reason any more. That
/// counts from the first read that proves something, because a request may have been carried out long after it was
/// sent.
pub fn may_appear_until(
    sent: &Sent,
    held: &Held,
    removal: &WriteKey,
    draft: &mut Draft,
) -> Option<Timestamp> {
    let removed = draft.memory.removed.get(held);
    let was_removed = removed.is_some_and(|removed| *removed >= sent.at);
    if was_removed || was_gone(removal, sent.at, draft) {
        return None;
    }
    let looked = draft.memory.absent.get(held).copied();
    Some(later(
        looked.map_or(sent.at, |looked| looked.max(sent.at)),
        REPLICATION,
    ))
    .filter(|until| *until > draft.now)
}

/// Whether the service said of the last try that there was nothing to take away, after it was sent. That stays known as
/// long as somebody asks: forgotten, it would be tried again at once.
pub fn was_gone(removal: &WriteKey, sent: Timestamp, draft: &mut Draft) -> bool {
    let attempt = draft.memory.attempts.get(removal);
    let was_gone =
        attempt.is_some_and(|attempt| attempt.answer == Answer::WasGone && attempt.last >= sent);
    if was_gone {
        draft.wanted.insert(removal.clone());
    }
    was_gone
}
