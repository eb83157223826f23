//! What the answer to one HTTP request says about each operation that it carried, and about the limits of the lane.

use super::batch;
use super::exchange::{ExchangeAnswer, Response};
use super::job::Job;
use super::limiter::Feedback;
use super::shared::Shared;
use crate::error::{Class, Error, decode};
use crate::transport::TransportError;

/// What the answers to one request were: one for each job, in order.
pub(super) type Results = Vec<Result<Response, Error>>;

/// Sorts out what the answer to a request, or its lack, says about each job.
pub(super) fn sort_out(
    shared: &Shared,
    answer: Result<ExchangeAnswer, TransportError>,
    jobs: &[Job],
    feedback: &mut Feedback,
) -> Results {
    let answer = match answer {
        Ok(answer) => answer,
        Err(reason) => return unanswered(&reason, jobs),
    };
    feedback.load = answer.load();
    match jobs {
        [job] => {
            note(feedback, &answer);
            vec![answer.judge(&job.operation)]
        }
        _ if answer.status.is_success() => items(shared, &answer, jobs, feedback),
        _ => whole(&answer, jobs, feedback),
    }
}

/// The batch was refused as a whole.
fn whole(answer: &ExchangeAnswer, jobs: &[Job], feedback: &mut Feedback) -> Results {
    jobs.iter()
        .map(|job| {
            note(feedback, answer);
            Err(decode::error(
                &job.operation,
                answer.status,
                &answer.headers,
                &answer.body,
            ))
        })
        .collect()
}

fn items(
    shared: &Shared,
    answer: &ExchangeAnswer,
    jobs: &[Job],
    feedback: &mut Feedback,
) -> Results {
    let mut found = batch::decode(&answer.body).unwrap_or_default();
    let results = jobs.iter().enumerate().map(|(place, job)| {
        let Some(item) = found.remove(&place) else {
            let error = job
                .operation
                .failure(Class::Unreachable)
                .saying("the batch came back without an answer for it");
            return Err(error.maybe_executed());
        };
        note(feedback, &item);
        shared.clock.note(item.headers.get(http::header::DATE));
        item.judge(&job.operation)
    });
    results.collect()
}

/// Adds one answer to what is told to the limiter.
fn note(feedback: &mut Feedback, answer: &ExchangeAnswer) {
    if answer.is_throttle() {
        feedback.throttled += 1;
        feedback.retry_after = feedback
            .retry_after
            .max(decode::retry_after(&answer.headers));
    } else {
        feedback.answered += 1;
    }
    feedback.load = match (feedback.load, answer.load()) {
        (Some(known), Some(new)) => Some(known.max(new)),
        (known, new) => known.or(new),
    };
}

fn unanswered(reason: &TransportError, jobs: &[Job]) -> Results {
    jobs.iter()
        .map(|job| {
            let failed = |class| job.operation.failure(class).saying(reason.to_string());
            Err(match reason {
                TransportError::Withheld(_) => failed(Class::Withdrawn).not_executed(),
                TransportError::Connect(_) => failed(Class::Unreachable).not_executed(),
                TransportError::Interrupted(_) | TransportError::TooLarge { .. } => {
                    failed(Class::Unreachable).maybe_executed()
                }
            })
        })
        .collect()
}
