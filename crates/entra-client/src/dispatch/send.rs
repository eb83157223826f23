//! One HTTP request with everything around it: permit, token, time-out, and what is recorded of it. What its answer says
//! is in `answers`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use tokio::time::Instant;

use super::answers::{self, Results};
use super::batch;
use super::exchange::{self, ExchangeAnswer, Response};
use super::job::Job;
use super::limiter::Feedback;
use super::shared::Shared;
use crate::error::{Class, Error};
use crate::operation::OperationEffect;
use crate::recorder::{OperationEvent, RequestEvent};
use crate::token::AccessToken;
use crate::transport::TransportError;

/// A job that came back.
pub(super) struct AnsweredJob {
    pub(super) job: Job,
    pub(super) result: Result<Response, Error>,
    /// Another token has been asked for: the same operation may succeed now.
    pub(super) reauthenticate: bool,
}

/// A request that came back.
pub(super) struct Completed {
    pub(super) feedback: Feedback,
    pub(super) answered: Vec<AnsweredJob>,
}

/// Sends the jobs (of one lane and effect) in one request.
pub(super) async fn send(shared: Arc<Shared>, jobs: Vec<Job>) -> Completed {
    // The semaphore is never closed; without a permit the cap would be missed, not the request.
    let _permit = shared.in_flight.acquire().await.ok();
    let mut feedback = Feedback {
        sent: Instant::now(),
        operations: jobs.len(),
        throttled: 0,
        answered: 0,
        retry_after: None,
        load: None,
    };
    let token = match shared.token().await {
        Ok(token) => token,
        Err(error) => {
            let answered = jobs
                .into_iter()
                .map(|job| AnsweredJob {
                    result: Err(job.operation.not_sent(error.clone())),
                    job,
                    reauthenticate: false,
                })
                .collect();
            return Completed { feedback, answered };
        }
    };
    feedback.sent = Instant::now();
    let (mut answered, jobs) = in_time(jobs, feedback.sent);
    if !jobs.is_empty() {
        let results = carry_out(&shared, &jobs, &token, &mut feedback).await;
        let refused = |result: &Result<Response, Error>| matches!(result, Err(error) if error.status == Some(StatusCode::UNAUTHORIZED));
        let another = results.iter().any(refused) && shared.reauthenticate(feedback.sent);
        answered.extend(
            jobs.into_iter()
                .zip(results)
                .map(|(job, result)| AnsweredJob {
                    reauthenticate: another && refused(&result),
                    job,
                    result,
                }),
        );
    }
    Completed { feedback, answered }
}

/// Drops jobs whose deadline passed while waiting for a permit or token, and those that nobody wants any more.
fn in_time(jobs: Vec<Job>, now: Instant) -> (Vec<AnsweredJob>, Vec<Job>) {
    let (mut refused, mut stay) = (Vec::new(), Vec::new());
    for job in jobs {
        let error = if job.latest_start <= now {
            job.late(None)
        } else if job.operation.is_withdrawn() {
            job.operation.failure(Class::Withdrawn)
        } else {
            stay.push(job);
            continue;
        };
        refused.push(AnsweredJob {
            result: Err(error),
            job,
            reauthenticate: false,
        });
    }
    (refused, stay)
}

async fn carry_out(
    shared: &Shared,
    jobs: &[Job],
    token: &AccessToken,
    feedback: &mut Feedback,
) -> Results {
    let ids: Vec<String> = jobs.iter().map(|_| exchange::fresh_id()).collect();
    let request = match (jobs, ids.as_slice()) {
        ([job], [id]) => exchange::alone(shared, &job.operation, token, id),
        _ => pack(shared, jobs, &ids, token),
    };
    let results = match request {
        Ok(request) => {
            let answer = exchange_bytes(shared, request, jobs).await;
            answers::sort_out(shared, answer, jobs, feedback)
        }
        Err(error) => jobs
            .iter()
            .map(|job| Err(job.operation.not_sent(error.clone())))
            .collect(),
    };
    record(shared, jobs, &ids, &results, feedback.sent);
    results
}

fn pack(
    shared: &Shared,
    jobs: &[Job],
    ids: &[String],
    token: &AccessToken,
) -> Result<Request<Bytes>, Error> {
    let items: Vec<_> = jobs
        .iter()
        .zip(ids)
        .map(|(job, id)| (&job.operation, id.as_str()))
        .collect();
    let body = batch::encode(&items)
        .map_err(|reason| Error::of_sign_in(Class::Bug, format!("no batch: {reason}")))?;
    exchange::together(shared, body, token, &exchange::fresh_id())
}

/// The answer to the request, or why there is none.
async fn exchange_bytes(
    shared: &Shared,
    mut request: Request<Bytes>,
    jobs: &[Job],
) -> Result<ExchangeAnswer, TransportError> {
    let method = request.method().clone();
    let sent = Instant::now();
    let effect = effect(jobs);
    request.extensions_mut().insert(effect);
    let left = time_left(shared, jobs, effect, sent);
    let answer = tokio::time::timeout(left, shared.transport.send(request))
        .await
        .unwrap_or_else(|_| {
            let text = format!("no answer within {:.1} s", left.as_secs_f64());
            Err(TransportError::Interrupted(text))
        });
    shared.recorder.request(&RequestEvent {
        api: shared.api(),
        method,
        status: answer.as_ref().ok().map(http::Response::status),
        duration: sent.elapsed(),
    });
    let (parts, body) = answer?.into_parts();
    shared.clock.note(parts.headers.get(http::header::DATE));
    Ok(ExchangeAnswer {
        status: parts.status,
        headers: parts.headers,
        body,
    })
}

/// A request writes if one of its jobs does.
fn effect(jobs: &[Job]) -> OperationEffect {
    let mut effects = jobs.iter().map(|job| job.operation.effect());
    if effects.any(|effect| effect == OperationEffect::Write) {
        OperationEffect::Write
    } else {
        OperationEffect::Read
    }
}

/// A read may use what the youngest has left. A write has its time from now on, however long it waited: the lease is asked
/// whether it outlasts that when the request leaves.
fn time_left(shared: &Shared, jobs: &[Job], effect: OperationEffect, now: Instant) -> Duration {
    match effect {
        OperationEffect::Write => shared.settings.write_deadline,
        OperationEffect::Read => {
            let youngest = jobs.iter().map(|job| job.latest_start).max();
            youngest.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
        }
    }
}

fn record(shared: &Shared, jobs: &[Job], ids: &[String], results: &Results, sent: Instant) {
    for ((job, id), result) in jobs.iter().zip(ids).zip(results) {
        let (status, failure) = match result {
            Ok(response) => (Some(response.status()), None),
            Err(error) => (error.status, Some(&error.class)),
        };
        let method: &Method = &job.operation.method;
        let duration = sent.elapsed();
        shared.recorder.operation(&OperationEvent {
            api: shared.api(),
            operation: job.operation.name,
            method,
            status,
            failure,
            duration,
        });
        tracing::debug!(
            api = shared.api().as_str(),
            operation = job.operation.name.as_str(),
            http.request.method = method.as_str(),
            http.response.status_code = status.map(|status| status.as_u16()),
            service.request_id = result
                .as_ref()
                .err()
                .and_then(|error| error.request_id.as_deref()),
            client_request_id = id.as_str(),
            attempt = job.attempt,
            duration_s = duration.as_secs_f64(),
            "operation"
        );
    }
}
